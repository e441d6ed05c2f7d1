//! The table of onset and apex frames: `input,onset,apex[,offset]`, one row a movement.
//!
//! Relative inputs are relative to the folder of the table, so that a table can lie beside its films and be moved with
//! them. Rows of one input are put together, in the order in which inputs first appear. Other columns are ignored. A row
//! that cannot be read is told and does not stop the others.

use std::path::{Path, PathBuf};

use csv::StringRecord;
use microau_core::report::{InputReport, Report};

use super::error::DetectError;
use super::input::Input;
use super::request::{EventNumbers, Moments, Numbering, Request};

/// What a table asks for.
#[derive(Debug, Default)]
pub struct Pairs {
    /// The inputs with their movements.
    pub requests: Vec<Request>,
    /// What could not be read, each with the name of its input, or of the table where it names none.
    pub refused: Vec<(String, DetectError)>,
}

impl Pairs {
    /// Adds what could not be read to the inputs of a report; an input of which nothing else is told gets an entry.
    pub fn add_refused(&self, report: &mut Report) {
        for (name, error) in &self.refused {
            match report.inputs.iter_mut().find(|input| input.input == *name) {
                Some(input) => input.errors.push(error.report()),
                None => report.inputs.push(InputReport::failed(name.clone(), error.report())),
            }
        }
    }
}

/// Reads a table. With `only`, keeps the inputs that are one of these paths or lie inside one; none means all.
///
/// A row that cannot be read, and a path in `only` that no row is about, are among the [`Pairs::refused`].
///
/// # Errors
/// [`DetectError::PairsFile`] when the file cannot be read, and [`DetectError::Pairs`] when a column or every row is
/// missing.
pub fn read(path: &Path, only: &[PathBuf], numbering: Numbering) -> Result<Pairs, DetectError> {
    let lies_in_one = |name: &str| only.is_empty() || only.iter().any(|wanted| lies_in(&beside(path, name), wanted));
    let mut pairs = Pairs::default();
    let mut rows = Vec::new();
    let mut is_about = vec![false; only.len()];
    for Read { name, numbers } in rows_of(path)? {
        for (wanted, is_about) in only.iter().zip(&mut is_about) {
            *is_about |= lies_in(&beside(path, &name), wanted);
        }
        match numbers {
            Ok(numbers) if lies_in_one(&name) => rows.push(Row { path: beside(path, &name), name, numbers }),
            Err(error) if name.is_empty() => pairs.refused.push((path.display().to_string(), error)),
            Err(error) if lies_in_one(&name) => pairs.refused.push((name, error)),
            _ => {}
        }
    }
    for (wanted, _) in only.iter().zip(is_about).filter(|(_, is_about)| !is_about) {
        let input = wanted.display().to_string();
        pairs.refused.push((input.clone(), DetectError::NotInPairs { input, path: path.to_owned() }));
    }
    pairs.requests = requests(rows, numbering);
    Ok(pairs)
}

/// What a row says.
struct Read {
    /// The input; empty where there is none.
    name: String,
    /// The movement, or what is wrong with the row.
    numbers: Result<EventNumbers, DetectError>,
}

/// A row that can be used.
struct Row {
    name: String,
    path: PathBuf,
    numbers: EventNumbers,
}

fn requests(rows: Vec<Row>, numbering: Numbering) -> Vec<Request> {
    let mut requests: Vec<(PathBuf, String, Vec<EventNumbers>)> = Vec::new();
    for row in rows {
        match requests.iter_mut().find(|(path, ..)| *path == row.path) {
            Some((_, _, numbers)) => numbers.push(row.numbers),
            None => requests.push((row.path, row.name, vec![row.numbers])),
        }
    }
    let request = |(path, name, numbers)| Request {
        input: Input::Film { name, path },
        moments: Moments::Given { numbers, numbering },
    };
    requests.into_iter().map(request).collect()
}

/// All rows of a table, at least one.
fn rows_of(path: &Path) -> Result<Vec<Read>, DetectError> {
    let unreadable = |source| DetectError::PairsFile { source, path: path.to_owned() };
    let bytes = std::fs::read(path).map_err(unreadable)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes.as_slice());
    let header = reader.headers().map_err(|_| bad("a header row", "bytes that are no text", Some(1), path))?;
    let columns = Columns::of(header, path)?;
    let line = |position: Option<&csv::Position>| position.map(|position| line_of(position, &bytes));
    let rows: Vec<_> = reader
        .records()
        .map(|record| match record {
            Ok(record) => columns.row(&record, line(record.position()), path),
            Err(error) => {
                let numbers = Err(bad("text in UTF-8", "other bytes", line(error.position()), path));
                Read { name: String::new(), numbers }
            }
        })
        .collect();
    if rows.is_empty() {
        return Err(bad("at least one row", "only a header", None, path));
    }
    Ok(rows)
}

/// Where the columns are.
struct Columns {
    count: usize,
    input: usize,
    onset: usize,
    apex: usize,
    offset: Option<usize>,
}

impl Columns {
    fn of(header: &StringRecord, path: &Path) -> Result<Self, DetectError> {
        let column = |name: &str| header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
        let got = header.iter().collect::<Vec<_>>().join(",");
        let got = if got.is_empty() { "nothing" } else { &got };
        let required = |name: &str| column(name).ok_or_else(|| bad(&format!("a column {name}"), got, Some(1), path));
        let (input, onset, apex) = (required("input")?, required("onset")?, required("apex")?);
        Ok(Self { count: header.len(), input, onset, apex, offset: column("offset") })
    }

    fn row(&self, row: &StringRecord, line: Option<u64>, path: &Path) -> Read {
        let numbers = self.numbers(row).map_err(|(expected, got)| bad(&expected, &got, line, path));
        Read { name: row.get(self.input).unwrap_or_default().to_owned(), numbers }
    }

    /// The numbers of a row, or what was expected and what was found.
    fn numbers(&self, record: &StringRecord) -> Result<EventNumbers, (String, String)> {
        let quoted = |text: &str| if text.is_empty() { "nothing".to_owned() } else { format!("{text:?}") };
        let number = |name: &str, column: usize| {
            let text = record.get(column).unwrap_or_default();
            text.parse::<u64>().map_err(|_| (format!("a frame number for {name}"), quoted(text)))
        };
        if record.len() > self.count {
            return Err((format!("{} fields as in the header", self.count), record.len().to_string()));
        }
        if record.get(self.input).is_none_or(str::is_empty) {
            return Err(("an input".to_owned(), "nothing".to_owned()));
        }
        let offset = self.offset.filter(|&column| record.get(column).is_some_and(|text| !text.is_empty()));
        Ok(EventNumbers {
            onset: number("onset", self.onset)?,
            apex: number("apex", self.apex)?,
            offset: offset.map(|column| number("offset", column)).transpose()?,
        })
    }
}

/// The line of a row. Its position is that of the empty lines before it.
fn line_of(position: &csv::Position, bytes: &[u8]) -> u64 {
    let rest = bytes.get(position.byte() as usize..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| b"\r\n".contains(byte)).filter(|&&byte| byte == b'\n').count();
    position.line() + empty as u64
}

fn bad(expected: &str, got: &str, line: Option<u64>, path: &Path) -> DetectError {
    DetectError::Pairs { expected: expected.to_owned(), got: got.to_owned(), line, path: path.to_owned() }
}

/// Where an input of a table is.
fn beside(table: &Path, name: &str) -> PathBuf {
    table.parent().unwrap_or(Path::new("")).join(name)
}

/// Whether `path` is `outer` or lies inside it, links and `..` resolved where they exist.
fn lies_in(path: &Path, outer: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(path).starts_with(real(outer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn requests_of(text: &str) -> (tempfile::TempDir, Vec<Request>) {
        let (folder, path) = table(text);
        let pairs = read(&path, &[], Numbering::Position).unwrap();
        assert!(pairs.refused.is_empty(), "{:?}", pairs.refused);
        (folder, pairs.requests)
    }

    /// What is told of the rows of a table, and the names of the inputs that are left.
    fn told(text: &str) -> (Vec<String>, Vec<String>) {
        let (_folder, path) = table(text);
        let pairs = read(&path, &[], Numbering::Position).unwrap();
        let told = pairs.refused.iter().map(|(name, error)| {
            let error = error.to_string();
            assert!(error.ends_with(path.to_str().unwrap()) && !error.contains('\n'), "{error}");
            format!("{name}: {}", error.split_once(": /").unwrap().0)
        });
        (told.collect(), pairs.requests.iter().map(|request| request.input.to_string()).collect())
    }

    fn refused(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        std::fs::write(&path, bytes).unwrap();
        read(&path, &[], Numbering::Position).unwrap_err().to_string()
    }

    #[test]
    fn inputs_are_relative_to_the_table_and_keep_their_name() {
        let (folder, requests) = requests_of("input,onset,apex\nclips/a.mp4,3,9\n");
        let path = folder.path().join("clips/a.mp4");
        assert_eq!(requests[0].input, Input::Film { name: "clips/a.mp4".to_owned(), path });
    }

    #[test]
    fn rows_of_one_input_are_put_together() {
        let (_folder, requests) = requests_of("input,onset,apex,offset\na,1,2,3\nb,4,5,\na,6,7,8\n");
        assert_eq!(requests.len(), 2);
        let event = |onset, apex, offset| EventNumbers { onset, apex, offset };
        let numbers = vec![event(1, 2, Some(3)), event(6, 7, Some(8))];
        assert_eq!(requests[0].moments, Moments::Given { numbers, numbering: Numbering::Position });
    }

    #[test]
    fn a_row_without_its_empty_last_field_is_whole() {
        let (_folder, requests) = requests_of("\u{feff}input,onset,apex,offset\n a , 1,2\n");
        let numbers = vec![EventNumbers { onset: 1, apex: 2, offset: None }];
        assert_eq!(requests[0].moments, Moments::Given { numbers, numbering: Numbering::Position });
    }

    #[test]
    fn a_folder_given_beside_the_table_keeps_the_rows_inside_it() {
        let (folder, path) = table("input,onset,apex\nx/a,1,2\ny/b,1,2\nx/a,one,2\n");
        for inner in ["x/a", "y/b"] {
            std::fs::create_dir_all(folder.path().join(inner)).unwrap();
        }
        let only = ["y", "z"].map(|inner| folder.path().join(inner));
        let pairs = read(&path, &only, Numbering::Position).unwrap();
        assert_eq!(pairs.requests.iter().map(|request| request.input.to_string()).collect::<Vec<_>>(), ["y/b"]);
        let [(name, DetectError::NotInPairs { .. })] = pairs.refused.as_slice() else { panic!("{:?}", pairs.refused) };
        assert_eq!(*name, only[1].display().to_string());
    }

    #[test]
    fn a_row_that_cannot_be_read_is_told_with_its_line_and_the_others_stay() {
        let rows = "a,1,2\n\nb,one,2\nc,3\n,1,2\nd,1,2,3\na,-1,2\ne,99999999999999999999,2\nf,3,4\n";
        let (told, left) = told(&format!("input,onset,apex\n{rows}"));
        assert_eq!(left, ["a", "f"]);
        let (table, told) = (told[2].split_once(": expected").unwrap().0.to_owned(), told);
        assert_eq!(
            told,
            [
                "b: expected a frame number for onset, got \"one\" in line 4".to_owned(),
                "c: expected a frame number for apex, got nothing in line 5".to_owned(),
                format!("{table}: expected an input, got nothing in line 6"),
                "d: expected 3 fields as in the header, got 4 in line 7".to_owned(),
                "a: expected a frame number for onset, got \"-1\" in line 8".to_owned(),
                "e: expected a frame number for onset, got \"99999999999999999999\" in line 9".to_owned(),
            ]
        );
        assert!(table.ends_with("pairs.csv"), "a row without an input stands under the table: {table}");
    }

    #[test]
    fn bytes_that_are_no_text_spoil_their_row_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        std::fs::write(&path, b"input,onset,apex\n\xff\xfe,1,2\nb,1,2\n").unwrap();
        let pairs = read(&path, &[], Numbering::Position).unwrap();
        assert_eq!((pairs.requests.len(), pairs.refused.len()), (1, 1));
        assert!(pairs.refused[0].1.to_string().starts_with("expected text in UTF-8, got other bytes in line 2"));
    }

    #[test]
    fn a_table_that_is_none_is_refused_whole() {
        assert!(refused(b"input,onset\na,1\n").starts_with("expected a column apex, got input,onset in line 1"));
        assert!(refused(b"").starts_with("expected a column input, got nothing in line 1"));
        assert!(refused(b"input,onset,apex\n").starts_with("expected at least one row, got only a header"));
        assert!(
            refused(b"\xff\xfe\0\0,\x81\n").starts_with("expected a header row, got bytes that are no text in line 1")
        );
        let missing = read(Path::new("/nowhere/pairs.csv"), &[], Numbering::Position).unwrap_err();
        assert!(missing.to_string().ends_with("/nowhere/pairs.csv"), "{missing}");
    }

    #[test]
    fn what_was_refused_stands_under_its_input_in_the_report() {
        use microau_core::report::{ModelInfo, Program, Settings};
        let program = Program { name: String::new(), version: String::new() };
        let model = ModelInfo { name: String::new(), preset: String::new(), aus: Vec::new() };
        let mut report = Report::new(program, model, Settings { threshold: 0.5, placing_frames: 5 });
        report.inputs.push(InputReport { input: "a".to_owned(), video: None, faces: Vec::new(), errors: Vec::new() });
        let (_folder, path) = table("input,onset,apex\na,1,x\nb,1,x\nb,y,2\n");
        read(&path, &[], Numbering::Position).unwrap().add_refused(&mut report);
        let counts: Vec<_> = report.inputs.iter().map(|input| (input.input.as_str(), input.errors.len())).collect();
        assert_eq!(counts, [("a", 1), ("b", 2)]);
    }
}
