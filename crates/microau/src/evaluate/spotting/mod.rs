//! Spotting judged: reports of long films against a table of what is in them (`truth.csv`).
//!
//! The input of a report is the film whose name is the last part of its path, with or without the ending. A film whose
//! table names one face at most has one: whatever was spotted in it counts to that face.

mod truth;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use microau_core::report::{InputReport, Report, ReportError};
use microau_core::score::{AuInterval, ExpressionKind};
use microau_eval::spotting::{Film, Movement, Span};

use truth::Truth;

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
            Self::Truth { .. } => "the table needs the columns film,kind,onset,offset; frames count from 0",
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
        joined(Truth::read(truth)?, inputs)
    }
}

fn film_of(truth: Truth, input: &InputReport) -> Result<Film, SpottingError> {
    let only_face = truth.only_face();
    let mut found = Vec::new();
    for face in &input.faces {
        for interval in &face.intervals {
            let (span, kind) = spotted(interval, input)?;
            found.push(Movement { face: only_face.unwrap_or(face.face_id), span, kind });
        }
    }
    let subject = truth.subject();
    Ok(Film { name: truth.name, subject, minutes: minutes(input), truth: truth.movements, found })
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
        result.films.push(film_of(film, &input)?);
    }
    Ok(result)
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
    use super::truth::tests::truth;
    use super::*;
    use crate::detect::output::tests::{film_report, interval_at};

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
}
