//! Spotting judged: reports of long films against a table of what is in them.
//!
//! The table has a row a movement: `film,face,kind,onset,offset` and, if there is one, `subject`; other columns are ignored.
//! Frames are counted from 0, both ends among them. `micro` and `macro` are to be found, any other kind is a distractor. A
//! row with an empty kind says that a film exists, so that one in which nothing moves can be judged too. Without subjects
//! each film is its own.
//!
//! The input of a report is the film whose name is the last part of its path, with or without the ending. A film whose
//! table names one face at most has one: whatever was spotted in it counts to that face.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use microau_core::report::{FaceReport, InputReport, Report, ReportError};
use microau_core::score::{AuInterval, ExpressionKind};
use microau_eval::spotting::{Film, Movement, Span, TrueKind};

/// Columns without which a table is none.
const NEEDED: [&str; 4] = ["film", "kind", "onset", "offset"];

/// Why spotting cannot be judged. `Display` is one line; [`SpottingError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpottingError {
    /// A file or folder cannot be read.
    #[error("could not read ({source}): {}", path.display())]
    Read {
        /// What the system says.
        source: std::io::Error,
        /// The file or folder.
        path: PathBuf,
    },
    /// A place in the table of the truth is no good.
    #[error("expected {expected}, got {got}{}: {}", line.map_or(String::new(), |line| format!(" in line {line}")), path.display())]
    Truth {
        /// What a good table has there.
        expected: &'static str,
        /// What this one has.
        got: String,
        /// Line of the file, from 1, where it is about one.
        line: Option<u64>,
        /// The table.
        path: PathBuf,
    },
    /// A file is no report.
    #[error("expected a report as JSON, got {got}: {}", path.display())]
    NoReport {
        /// What was wrong with it.
        got: String,
        /// The file.
        path: PathBuf,
    },
    /// A report holds movements that were not spotted.
    #[error("expected spotted movements, got one without a kind at frame {onset}: {input}")]
    NotSpotted {
        /// Its onset.
        onset: u64,
        /// The input.
        input: String,
    },
    /// Two inputs are one film.
    #[error("expected one result of the film {film}, got two: {}, {}", inputs[0], inputs[1])]
    Twice {
        /// The film.
        film: String,
        /// The inputs.
        inputs: [String; 2],
    },
    /// Films without a result.
    #[error("expected a result of every film, got none of {} of {films}: {}", missing.len(), missing.join(", "))]
    Missing {
        /// Their names.
        missing: Vec<String>,
        /// Number of films in the table.
        films: usize,
    },
}

impl SpottingError {
    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Truth { .. } => "the table needs the columns film,face,kind,onset,offset; frames count from 0",
            Self::NoReport { .. } | Self::NotSpotted { .. } => "make it with microau spot … --format json",
            Self::Twice { .. } => "give each film of the table a name of its own",
            Self::Missing { .. } => "give the reports of all films, or a table of those that were run",
            Self::Read { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

/// Films with what is in them and what was spotted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpottedFilms {
    /// The films, in the order of the table.
    pub films: Vec<Film>,
    /// Inputs that the table does not name; not judged.
    pub unknown: Vec<String>,
    /// Inputs that could not be read as asked, with the reason; what was spotted in them counts.
    pub faulty: Vec<(String, String)>,
}

impl SpottedFilms {
    /// Reads the table and the reports; a folder stands for the reports in it.
    ///
    /// # Errors
    /// [`SpottingError`].
    pub fn read(truth: &Path, found: &[PathBuf]) -> Result<SpottedFilms, SpottingError> {
        let mut inputs = Vec::new();
        for path in found {
            inputs.extend(if path.is_dir() { reports_in(path)? } else { report(path)?.inputs });
        }
        joined(read_truth(truth)?, inputs)
    }
}

/// What the table says of one film.
#[derive(Debug, Default)]
struct Truth {
    name: String,
    subjects: BTreeSet<String>,
    movements: Vec<Movement<TrueKind>>,
}

impl Truth {
    fn is_of(&self, input: &str) -> bool {
        let path = Path::new(input);
        [path.file_name(), path.file_stem()].into_iter().flatten().any(|part| part.to_string_lossy() == self.name)
    }

    fn has_one_face(&self) -> bool {
        self.movements.iter().map(|movement| movement.face).collect::<BTreeSet<_>>().len() <= 1
    }

    fn film(self, input: &InputReport) -> Result<Film, SpottingError> {
        let only_face = self.has_one_face().then(|| self.movements.first().map_or(0, |movement| movement.face));
        let mut found = Vec::new();
        for FaceReport { face_id, intervals } in &input.faces {
            for interval in intervals {
                let (span, kind) = spotted(interval, input)?;
                found.push(Movement { face: only_face.unwrap_or(*face_id), span, kind });
            }
        }
        let subjects: Vec<String> = self.subjects.into_iter().collect();
        let subject = if subjects.is_empty() { self.name.clone() } else { subjects.join("+") };
        Ok(Film { name: self.name, subject, minutes: minutes(input), truth: self.movements, found })
    }
}

fn spotted(interval: &AuInterval, input: &InputReport) -> Result<(Span, ExpressionKind), SpottingError> {
    let onset = interval.onset.frame.0;
    let not_spotted = || SpottingError::NotSpotted { onset, input: input.input.clone() };
    let kind = interval.spotted.ok_or_else(not_spotted)?.kind;
    // a movement that stays to the end ends with the film
    let last = || frames(input).map_or(interval.apex.frame.0, |frames| frames.saturating_sub(1));
    let offset = interval.offset.map_or_else(last, |offset| offset.frame.0);
    Span::new(onset, offset).map(|span| (span, kind)).ok_or_else(not_spotted)
}

fn frames(input: &InputReport) -> Option<u64> {
    input.video.as_ref()?.frame_count
}

fn minutes(input: &InputReport) -> Option<f64> {
    Some(frames(input)? as f64 / input.video.as_ref()?.frame_rate.as_f64() / 60.0)
}

fn joined(truth: Vec<Truth>, inputs: Vec<InputReport>) -> Result<SpottedFilms, SpottingError> {
    let (mut result, mut of_film) = (SpottedFilms::default(), BTreeMap::<usize, InputReport>::new());
    for input in inputs {
        let faults = input.errors.iter().map(|error| (input.input.clone(), error.message.clone()));
        result.faulty.extend(faults);
        match truth.iter().position(|film| film.is_of(&input.input)) {
            None => result.unknown.push(input.input),
            Some(place) => {
                if let Some(other) = of_film.get(&place) {
                    let inputs = [other.input.clone(), input.input];
                    return Err(SpottingError::Twice { film: truth[place].name.clone(), inputs });
                }
                of_film.insert(place, input);
            }
        }
    }
    let films = truth.len();
    let lacking = truth.iter().enumerate().filter(|(place, _)| !of_film.contains_key(place));
    let missing: Vec<String> = lacking.map(|(_, film)| film.name.clone()).collect();
    if !missing.is_empty() {
        return Err(SpottingError::Missing { missing, films });
    }
    for (film, input) in truth.into_iter().zip(of_film.into_values()) {
        result.films.push(film.film(&input)?);
    }
    Ok(result)
}

fn read_truth(path: &Path) -> Result<Vec<Truth>, SpottingError> {
    let bad = |expected, got: String, line| SpottingError::Truth { expected, got, line, path: path.to_owned() };
    let bytes = std::fs::read(path).map_err(|source| SpottingError::Read { source, path: path.to_owned() })?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|error| bad("a header row", error.to_string(), Some(1)))?.clone();
    let column = |name: &str| header.iter().position(|it| it.trim_start_matches('\u{feff}') == name);
    if let Some(missing) = NEEDED.into_iter().find(|name| column(name).is_none()) {
        return Err(bad("the columns film,kind,onset,offset", format!("no {missing}"), Some(1)));
    }
    let mut films: Vec<Truth> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad("as many fields as the header", error.to_string(), None))?;
        let line = record.position().map(csv::Position::line);
        let field = |name: &str| column(name).and_then(|at| record.get(at)).unwrap_or("");
        let name = field("film");
        if name.is_empty() {
            return Err(bad("the name of a film", "nothing".to_owned(), line));
        }
        let place = films.iter().position(|film| film.name == name).unwrap_or_else(|| {
            films.push(Truth { name: name.to_owned(), ..Truth::default() });
            films.len() - 1
        });
        let subject = field("subject");
        films[place].subjects.extend((!subject.is_empty()).then(|| subject.to_owned()));
        if field("kind").is_empty() {
            continue;
        }
        let number =
            |name| field(name).parse::<u64>().map_err(|_| bad("a frame number", format!("{:?}", field(name)), line));
        let (onset, offset) = (number("onset")?, number("offset")?);
        let order = || bad("onset <= offset", format!("onset {onset}, offset {offset}"), line);
        let span = Span::new(onset, offset).ok_or_else(order)?;
        let face = match field("face") {
            "" => 0,
            text => text.parse().map_err(|_| bad("the number of a face", format!("{text:?}"), line))?,
        };
        films[place].movements.push(Movement { face, span, kind: TrueKind::of_name(field("kind")) });
    }
    if films.is_empty() {
        return Err(bad("at least one row", "only a header".to_owned(), None));
    }
    Ok(films)
}

fn report(path: &Path) -> Result<Report, SpottingError> {
    let text = std::fs::read_to_string(path).map_err(|source| SpottingError::Read { source, path: path.to_owned() })?;
    let no_report = |got: String| SpottingError::NoReport { got, path: path.to_owned() };
    let report: Report = serde_json::from_str(&text).map_err(|error| no_report(error.to_string()))?;
    report.check().map_err(|error: ReportError| no_report(error.to_string()))?;
    Ok(report)
}

/// The inputs of all reports in a folder; other files are passed over.
fn reports_in(folder: &Path) -> Result<Vec<InputReport>, SpottingError> {
    let unreadable = |source| SpottingError::Read { source, path: folder.to_owned() };
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(unreadable)?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    let mut inputs = Vec::new();
    for path in paths {
        match report(&path) {
            Ok(report) => inputs.extend(report.inputs),
            Err(SpottingError::NoReport { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::output::tests::{film_report, interval_at};

    fn truth(rows: &str) -> Result<Vec<Truth>, SpottingError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("truth.csv");
        std::fs::write(&path, rows).unwrap();
        read_truth(&path)
    }

    #[test]
    fn a_film_is_known_by_its_name_with_and_without_the_ending() {
        let films = truth("film,face,kind,onset,apex,offset\na.mp4,0,micro,1,2,3\nb,0,,,,\n").unwrap();
        assert!(films[0].is_of("/data/a.mp4") && !films[0].is_of("a.avi"));
        assert!(films[1].is_of("b.avi") && films[1].is_of("x/b/") && films[1].movements.is_empty());
    }

    #[test]
    fn what_was_spotted_is_put_beside_what_is_there() {
        let films = truth("film,subject,kind,onset,offset\na,s1,micro,3,9\na,s1,blink,20,25\n").unwrap();
        let input = film_report("a.mp4", vec![interval_at(4, 9)]);
        let joined = joined(films, vec![input, film_report("c.mp4", Vec::new())]).unwrap();
        let film = &joined.films[0];
        assert_eq!((film.subject.as_str(), film.truth.len()), ("s1", 2));
        assert_eq!(film.found, [Movement { face: 0, span: Span::new(4, 9).unwrap(), kind: ExpressionKind::Micro }]);
        assert_eq!(film.minutes, Some(900.0 / 30.0 / 60.0));
        assert_eq!(joined.unknown, ["c.mp4"]);
    }

    #[test]
    fn a_film_without_a_result_and_one_with_two_are_refused() {
        let films = || truth("film,kind,onset,offset\na,micro,3,9\nb,micro,3,9\n").unwrap();
        let result = |name| film_report(name, Vec::new());
        let error = joined(films(), vec![result("a.mp4")]).unwrap_err();
        assert_eq!(error.to_string(), "expected a result of every film, got none of 1 of 2: b");
        let error = joined(films(), vec![result("a.mp4"), result("x/a.avi")]).unwrap_err();
        assert_eq!(error.to_string(), "expected one result of the film a, got two: a.mp4, x/a.avi");
    }

    #[test]
    fn a_row_that_is_wrong_is_named_by_its_line() {
        let error = |rows| truth(rows).unwrap_err().to_string();
        assert!(
            error("film,kind,onset\n")
                .starts_with("expected the columns film,kind,onset,offset, got no offset in line 1")
        );
        assert!(error("film,kind,onset,offset\na,micro,9,3\n").contains("got onset 9, offset 3 in line 2"));
        assert!(
            error("film,kind,onset,offset\na,micro,x,3\n").contains("expected a frame number, got \"x\" in line 2")
        );
        assert!(error("film,kind,onset,offset\n").contains("only a header"));
    }
}
