//! What is wrong with a dataset: collected and shown at once, never the first only.

use std::fmt;
use std::path::PathBuf;

/// One thing wrong in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Row of the table from 1, the header being row 1; `None` for the table as a whole.
    pub row: Option<u64>,
    /// Name of the column.
    pub field: String,
    /// What stands there.
    pub got: String,
    /// What should stand there.
    pub expected: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(row) = self.row {
            write!(f, "row {row}, ")?;
        }
        write!(f, "column {}: expected {}, got {:?}", self.field, self.expected, self.got)
    }
}

/// Everything wrong with one table, in the order of its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// The table.
    pub path: PathBuf,
    /// What is wrong with it.
    pub list: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} problem(s) in {}", self.list.len(), self.path.display())?;
        self.list.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for Problems {}
