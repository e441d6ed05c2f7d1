//! `folds.json` of a run: who was on which side of each fold.

use std::collections::BTreeSet;
use std::path::Path;

use microau_core::au::Au;
use serde::{Deserialize, Serialize};

/// Name of the file in a run's folder.
pub const FOLDS_NAME: &str = "folds.json";

/// The sides of one fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldSides {
    /// Name of the fold: the subject or data set that is tested.
    pub fold: String,
    /// Subjects that are trained on.
    pub train: BTreeSet<String>,
    /// Subjects by which training is watched.
    pub validation: BTreeSet<String>,
    /// Subjects that are tested.
    pub test: BTreeSet<String>,
    /// Number of clips that are trained on.
    pub train_samples: usize,
    /// Number of clips by which training is watched.
    pub validation_samples: usize,
    /// Number of clips that are tested.
    pub test_samples: usize,
    /// Units that no training clip shows.
    pub aus_without_positives: Vec<Au>,
}

/// The text of the file, its keys by name.
pub fn to_json(folds: &[FoldSides]) -> String {
    let folds = serde_json::to_value(folds).expect("folds are plain data");
    serde_json::to_string_pretty(&folds).expect("folds are plain data") + "\n"
}

/// The folds of a run's folder; `None` where nothing says what they should be.
pub fn read(run: &Path) -> Option<Vec<FoldSides>> {
    serde_json::from_str(&std::fs::read_to_string(run.join(FOLDS_NAME)).ok()?).ok()
}

/// The name of the folder of a fold: names of subjects are anyone's, so what is no letter, digit, `-`, `_` or `.` is
/// written as its bytes, `%2F`.
pub fn folder_name(fold: &str) -> String {
    let escaped = |letter: char| {
        if letter.is_alphanumeric() || "-_.".contains(letter) {
            return letter.to_string();
        }
        letter.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
    };
    format!("fold-{}", fold.chars().map(escaped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_fold_is_one_folder_whatever_the_subject_is_called() {
        assert_eq!(folder_name("casme2-01"), "fold-casme2-01");
        assert_eq!(folder_name("x/../../../ESCAPED"), "fold-x%2F..%2F..%2F..%2FESCAPED");
        assert_eq!(folder_name("a b:c*\\"), "fold-a%20b%3Ac%2A%5C");
        assert_ne!(folder_name("a%20b"), folder_name("a b"));
        assert_eq!(folder_name("спец微"), "fold-спец微");
    }
}
