//! What is in films, as tables have it.
//!
//! `truth.csv` has a row a movement: `film,face,kind,onset,offset` and, if there is one, `subject`; other columns are ignored.
//! Frames are counted from 0, both ends among them. `micro` and `macro` are to be found, any other kind is a distractor. A
//! row with an empty kind says that a film exists, so that one in which nothing moves can be judged too. A table
//! `films.csv` beside it, which `microau synth long` writes, says so as well, and whose face a film shows: `film,subject`.
//! A film of no known subject is its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use microau_eval::spotting::{Movement, Span, TrueKind};

use super::SpottingError;

/// Columns without which a table of movements is none.
const OF_MOVEMENTS: [&str; 4] = ["film", "kind", "onset", "offset"];

/// Columns without which a table of films is none.
const OF_FILMS: [&str; 2] = ["film", "subject"];

/// Name of the table of films.
const FILMS: &str = "films.csv";

/// What the tables say of one film.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// Its name.
    pub name: String,
    subjects: BTreeSet<String>,
    /// Everything that moves in it.
    pub movements: Vec<Movement<TrueKind>>,
}

impl Truth {
    /// Reads a table of movements, and the table of films beside it.
    ///
    /// # Errors
    /// [`SpottingError::Read`], [`SpottingError::Truth`].
    pub fn read(path: &Path) -> Result<Vec<Truth>, SpottingError> {
        let mut films: Vec<Truth> = Vec::new();
        for row in Table::read(path, &OF_MOVEMENTS)?.rows()? {
            let movement = row.movement()?;
            row.film(&mut films)?.movements.extend(movement);
        }
        let beside = path.with_file_name(FILMS);
        if beside != path && beside.is_file() {
            for row in Table::read(&beside, &OF_FILMS)?.rows()? {
                row.film(&mut films)?;
            }
        }
        Ok(films)
    }

    /// Whether an input is this film: its name is the last part of the path, with or without the ending.
    pub fn is_of(&self, input: &str) -> bool {
        let (path, own) = (Path::new(input), Path::new(&self.name));
        let Some(name) = path.file_name() else { return false };
        [Some(name), path.file_stem()].contains(&own.file_name()) || Some(name) == own.file_stem()
    }

    /// The face of all its movements; `None` when they are of several.
    pub fn only_face(&self) -> Option<u32> {
        let first = self.movements.first().map_or(0, |movement| movement.face);
        self.movements.iter().all(|movement| movement.face == first).then_some(first)
    }

    /// Whose face it shows; its own name when that is not known.
    pub fn subject(&self) -> String {
        let subjects: Vec<&str> = self.subjects.iter().map(String::as_str).collect();
        if subjects.is_empty() { self.name.clone() } else { subjects.join("+") }
    }
}

/// A table and where it is.
struct Table {
    path: PathBuf,
    header: Vec<String>,
    records: Vec<StringRecord>,
}

impl Table {
    fn read(path: &Path, needed: &[&'static str]) -> Result<Table, SpottingError> {
        let bad = |expected, got, line| SpottingError::Truth { expected, got, line, path: path.to_owned() };
        let bytes = std::fs::read(path).map_err(|source| SpottingError::Read { source, path: path.to_owned() })?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
        let header = reader.headers().map_err(|error| bad("a header row", error.to_string(), Some(1)))?;
        let header: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        if let Some(missing) = needed.iter().find(|name| !header.iter().any(|column| column == *name)) {
            return Err(bad("all columns", format!("none named {missing}"), Some(1)));
        }
        let records = reader.records().collect::<Result<_, _>>();
        let records = records.map_err(|error| bad("as many fields as the header", error.to_string(), None))?;
        Ok(Table { path: path.to_owned(), header, records })
    }

    fn rows(&self) -> Result<Vec<Row<'_>>, SpottingError> {
        let rows: Vec<Row<'_>> = self.records.iter().map(|record| Row { table: self, record }).collect();
        if rows.is_empty() {
            let (expected, got) = ("at least one row", "only a header".to_owned());
            return Err(SpottingError::Truth { expected, got, line: None, path: self.path.clone() });
        }
        Ok(rows)
    }
}

/// One row of a table.
struct Row<'t> {
    table: &'t Table,
    record: &'t StringRecord,
}

impl Row<'_> {
    /// The film that the row names, added where it is new, and its subject noted.
    fn film<'f>(&self, films: &'f mut Vec<Truth>) -> Result<&'f mut Truth, SpottingError> {
        let (name, subject) = (self.field("film"), self.field("subject"));
        if name.is_empty() {
            return Err(self.bad("the name of a film", "nothing".to_owned()));
        }
        let place = films.iter().position(|film| film.name == name).unwrap_or_else(|| {
            films.push(Truth { name: name.to_owned(), ..Truth::default() });
            films.len() - 1
        });
        films[place].subjects.extend((!subject.is_empty()).then(|| subject.to_owned()));
        Ok(&mut films[place])
    }

    /// The movement that the row tells; `None` where it has no kind.
    fn movement(&self) -> Result<Option<Movement<TrueKind>>, SpottingError> {
        let kind = self.field("kind");
        if kind.is_empty() {
            return Ok(None);
        }
        let (onset, offset) = (self.number("onset")?, self.number("offset")?);
        let order = || self.bad("onset <= offset", format!("onset {onset}, offset {offset}"));
        let span = Span::new(onset, offset).ok_or_else(order)?;
        let face = match self.field("face") {
            "" => 0,
            text => text.parse().map_err(|_| self.bad("the number of a face", format!("{text:?}")))?,
        };
        Ok(Some(Movement { face, span, kind: TrueKind::of_name(kind) }))
    }

    fn number(&self, column: &str) -> Result<u64, SpottingError> {
        let text = self.field(column);
        text.parse().map_err(|_| self.bad("a frame number", format!("{text:?}")))
    }

    fn field(&self, column: &str) -> &str {
        let at = self.table.header.iter().position(|name| name == column);
        at.and_then(|at| self.record.get(at)).unwrap_or("")
    }

    fn bad(&self, expected: &'static str, got: String) -> SpottingError {
        let line = self.record.position().map(csv::Position::line);
        SpottingError::Truth { expected, got, line, path: self.table.path.clone() }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::evaluate::spotting) fn truth(rows: &str) -> Result<Vec<Truth>, SpottingError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("truth.csv");
        std::fs::write(&path, rows).unwrap();
        Truth::read(&path)
    }

    #[test]
    fn a_film_is_known_by_its_name_with_and_without_the_ending() {
        let films = truth("film,face,kind,onset,apex,offset\na.mp4,0,micro,1,2,3\nb,0,,,,\n").unwrap();
        assert!(films[0].is_of("/data/a.mp4") && films[0].is_of("frames/a") && !films[0].is_of("a.avi"));
        assert!(films[1].is_of("b.avi") && films[1].is_of("x/b/") && films[1].movements.is_empty());
    }

    #[test]
    fn the_table_of_films_adds_subjects_and_films_without_movements() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("truth.csv");
        std::fs::write(&path, "film,face,kind,onset,offset\na,0,micro,1,3\n").unwrap();
        std::fs::write(folder.path().join("films.csv"), "film,subject,fps\na,s1,30\nb,s2,30\n").unwrap();
        let films = Truth::read(&path).unwrap();
        let got: Vec<(String, usize)> = films.iter().map(|film| (film.subject(), film.movements.len())).collect();
        assert_eq!(got, [("s1".to_owned(), 1), ("s2".to_owned(), 0)]);
    }

    #[test]
    fn a_row_that_is_wrong_is_named_by_its_line() {
        let error = |rows| truth(rows).unwrap_err().to_string();
        assert!(error("film,kind,onset\n").starts_with("expected all columns, got none named offset in line 1"));
        assert!(error("film,kind,onset,offset\na,micro,9,3\n").contains("got onset 9, offset 3 in line 2"));
        assert!(
            error("film,kind,onset,offset\na,micro,x,3\n").contains("expected a frame number, got \"x\" in line 2")
        );
        assert!(error("film,kind,onset,offset\n").contains("only a header"));
    }
}
