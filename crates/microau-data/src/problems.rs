//! What is wrong with a dataset: collected and shown at once, never the first only.

use std::fmt;
use std::path::{Path, PathBuf};

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The clip, or all of the file, cannot be used and is left out.
    Error,
    /// It can be used, but somebody should look at it.
    Warning,
    /// Something was done or passed over, as it should be.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        })
    }
}

/// A place in a table: what a problem is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The table or folder.
    pub file: PathBuf,
    /// The sheet of a workbook that has several.
    pub sheet: Option<String>,
    /// Row from 1, as Excel counts; `None` for all of the file.
    pub row: Option<u64>,
}

impl Place {
    /// All of a file or folder.
    pub fn whole(file: &Path) -> Place {
        Place { file: file.to_owned(), ..Place::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.sheet.iter().try_for_each(|sheet| write!(f, ", sheet {sheet}"))?;
        self.row.iter().try_for_each(|row| write!(f, ", row {row}"))
    }
}

/// One thing to be told about one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// Name of the column, or what else it is about.
    pub field: String,
    /// What stands there.
    pub value: String,
    /// What was expected there; in a note, what was done.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { severity, place, field, value, message } = self;
        write!(f, "{severity}: {place}, {field} {value:?}: {message}")
    }
}

/// Everything to be told about a dataset, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// The problems.
    pub list: Vec<Problem>,
}

impl Problems {
    /// A single error about all of a file.
    pub fn one(file: &Path, field: &str, value: impl Into<String>, message: impl Into<String>) -> Problems {
        let mut problems = Problems::default();
        problems.add(Severity::Error, &Place::whole(file), field, value, message);
        problems
    }

    /// Adds a problem.
    pub fn add(
        &mut self,
        severity: Severity,
        place: &Place,
        field: &str,
        value: impl Into<String>,
        message: impl Into<String>,
    ) {
        let (value, message) = (value.into(), message.into());
        self.list.push(Problem { severity, place: place.clone(), field: field.to_owned(), value, message });
    }

    /// How many there are of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|problem| problem.severity == severity).count()
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// `3 errors, 1 warning, no notes`.
    pub fn summary(&self) -> String {
        let counted = |severity: Severity| match self.count(severity) {
            0 => format!("no {severity}s"),
            1 => format!("1 {severity}"),
            count => format!("{count} {severity}s"),
        };
        [Severity::Error, Severity::Warning, Severity::Note].map(counted).join(", ")
    }
}

/// One line a problem, errors first, and a line that counts them.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut sorted: Vec<&Problem> = self.list.iter().collect();
        sorted.sort_by_key(|problem| problem.severity);
        sorted.iter().try_for_each(|problem| writeln!(f, "{problem}"))?;
        f.write_str(&self.summary())
    }
}

impl std::error::Error for Problems {}

/// `1 row`, `343 rows`.
pub(crate) fn counted_rows(count: usize) -> String {
    format!("{count} row{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_sheet_row_field_and_value() {
        let place = Place { file: "a.xlsx".into(), sheet: Some("Sheet1".to_owned()), row: Some(7) };
        let mut problems = Problems::default();
        problems.add(Severity::Note, &place, "ApexFrame", "/", "read as 279");
        problems.add(Severity::Error, &place, "OnsetFrame", "x", "expected a frame number");
        assert_eq!(
            problems.to_string(),
            "error: a.xlsx, sheet Sheet1, row 7, OnsetFrame \"x\": expected a frame number\n\
             note: a.xlsx, sheet Sheet1, row 7, ApexFrame \"/\": read as 279\n\
             1 error, no warnings, 1 note"
        );
    }
}
