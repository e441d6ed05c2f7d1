//! The table of onset and apex frames: `input,onset,apex[,offset]`, one row a movement.
//!
//! Relative inputs are relative to the folder of the table, so that a table can lie beside its films and be moved with
//! them. Rows of one input are put together, in the order in which inputs first appear. Other columns are ignored.

use std::path::{Path, PathBuf};

use super::error::DetectError;
use super::input::Input;
use super::request::{EventNumbers, Moments, Numbering, Request};

/// Reads a table. With `only`, keeps the inputs that are one of these paths or lie inside one; none means all.
///
/// # Errors
/// [`DetectError::Pairs`] for a table that cannot be read, with the line where it is about one, and
/// [`DetectError::NotInPairs`] for a path in `only` that no row is about.
pub fn read(path: &Path, only: &[PathBuf], numbering: Numbering) -> Result<Vec<Request>, DetectError> {
    let rows = rows(path)?;
    for wanted in only {
        if !rows.iter().any(|row| lies_in(&row.path, wanted)) {
            return Err(DetectError::NotInPairs { input: wanted.display().to_string(), path: path.to_owned() });
        }
    }
    let kept = rows.into_iter().filter(|row| only.is_empty() || only.iter().any(|wanted| lies_in(&row.path, wanted)));
    Ok(requests(kept, numbering))
}

struct Row {
    name: String,
    path: PathBuf,
    numbers: EventNumbers,
}

fn requests(rows: impl Iterator<Item = Row>, numbering: Numbering) -> Vec<Request> {
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

fn rows(path: &Path) -> Result<Vec<Row>, DetectError> {
    let bad = |expected: &str, got: String, line| DetectError::Pairs {
        expected: expected.to_owned(),
        got,
        line,
        path: path.to_owned(),
    };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|error| bad("a table of pairs", one_line(&error), None))?;
    let header = reader.headers().map_err(|error| bad("a header row", one_line(&error), Some(1)))?.clone();
    let column = |name: &str| header.iter().position(|column| column.trim_start_matches('\u{feff}') == name);
    let required = |name: &str| {
        column(name)
            .ok_or_else(|| bad(&format!("a column {name}"), header.iter().collect::<Vec<_>>().join(","), Some(1)))
    };
    let (input, onset, apex) = (required("input")?, required("onset")?, required("apex")?);
    let offset = column("offset");
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad("a row as long as the header", one_line(&error), None))?;
        let line = record.position().map(csv::Position::line);
        let number = |name: &str, text: &str| {
            text.parse::<u64>().map_err(|_| bad(&format!("a frame number for {name}"), format!("{text:?}"), line))
        };
        let name = record[input].to_owned();
        if name.is_empty() {
            return Err(bad("an input", "nothing".to_owned(), line));
        }
        let offset = offset.map(|column| &record[column]).filter(|text| !text.is_empty());
        let numbers = EventNumbers {
            onset: number("onset", &record[onset])?,
            apex: number("apex", &record[apex])?,
            offset: offset.map(|text| number("offset", text)).transpose()?,
        };
        rows.push(Row { path: folder.join(&name), name, numbers });
    }
    Ok(rows)
}

/// Whether `path` is `outer` or lies inside it, links and `..` resolved where they exist.
fn lies_in(path: &Path, outer: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real(path).starts_with(real(outer))
}

fn one_line(error: &csv::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
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

    #[test]
    fn inputs_are_relative_to_the_table_and_keep_their_name() {
        let (folder, path) = table("input,onset,apex\nclips/a.mp4,3,9\n");
        let requests = read(&path, &[], Numbering::Position).unwrap();
        assert_eq!(
            requests[0].input,
            Input::Film { name: "clips/a.mp4".to_owned(), path: folder.path().join("clips/a.mp4") }
        );
    }

    #[test]
    fn rows_of_one_input_are_put_together() {
        let (_folder, path) = table("input,onset,apex,offset\na,1,2,3\nb,4,5,\na,6,7,8\n");
        let requests = read(&path, &[], Numbering::Position).unwrap();
        assert_eq!(requests.len(), 2);
        let event = |onset, apex, offset| EventNumbers { onset, apex, offset };
        let numbers = vec![event(1, 2, Some(3)), event(6, 7, Some(8))];
        assert_eq!(requests[0].moments, Moments::Given { numbers, numbering: Numbering::Position });
    }

    #[test]
    fn a_folder_given_beside_the_table_keeps_the_rows_inside_it() {
        let (folder, path) = table("input,onset,apex\nx/a,1,2\ny/b,1,2\n");
        for inner in ["x/a", "y/b"] {
            std::fs::create_dir_all(folder.path().join(inner)).unwrap();
        }
        let requests = read(&path, &[folder.path().join("y")], Numbering::Position).unwrap();
        assert_eq!(requests.iter().map(|request| request.input.to_string()).collect::<Vec<_>>(), ["y/b"]);
        let error = read(&path, &[folder.path().join("z")], Numbering::Position).unwrap_err();
        assert!(matches!(error, DetectError::NotInPairs { .. }));
    }

    #[test]
    fn a_bad_number_is_refused_with_its_line() {
        let (_folder, path) = table("input,onset,apex\na,1,2\nb,one,2\n");
        let error = read(&path, &[], Numbering::Position).unwrap_err().to_string();
        assert!(error.starts_with("expected a frame number for onset, got \"one\" in line 3"), "{error}");
    }

    #[test]
    fn a_missing_column_is_named() {
        let (_folder, path) = table("input,onset\na,1\n");
        let error = read(&path, &[], Numbering::Position).unwrap_err().to_string();
        assert!(error.starts_with("expected a column apex, got input,onset in line 1"), "{error}");
    }

    #[test]
    fn a_row_too_short_is_an_error_and_no_panic() {
        let (_folder, path) = table("input,onset,apex\na,1\n");
        assert!(matches!(read(&path, &[], Numbering::Position), Err(DetectError::Pairs { .. })));
    }
}
