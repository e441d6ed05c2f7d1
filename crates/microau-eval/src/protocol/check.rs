//! Whether the folds in which samples were tested can be those of a protocol.

use std::collections::BTreeMap;

use super::{Protocol, ProtocolError};

/// A tested sample as far as its fold goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldMember<'a> {
    /// Name of the fold in which it was tested.
    pub fold: &'a str,
    /// Whose face it shows.
    pub subject: &'a str,
    /// Key of its data set.
    pub dataset: &'a str,
}

/// Checks that no subject is tested in two folds, and with a protocol that each fold leaves out what it should: one
/// subject in `loso` and `composite`, one data set in `cd6me`, anything in `holdout`.
///
/// # Errors
/// [`ProtocolError::SubjectInTwoFolds`], [`ProtocolError::MixedFold`], [`ProtocolError::DatasetInTwoFolds`].
pub fn check_folds<'a>(
    tested: impl IntoIterator<Item = FoldMember<'a>>,
    protocol: Option<Protocol>,
) -> Result<(), ProtocolError> {
    let (mut fold_of_subject, mut fold_of_dataset, mut left_out) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for FoldMember { fold, subject, dataset } in tested {
        let before = *fold_of_subject.entry(subject).or_insert(fold);
        if before != fold {
            let folds = [before, fold].map(str::to_owned);
            return Err(ProtocolError::SubjectInTwoFolds { subject: subject.to_owned(), folds });
        }
        let (what, group) = match protocol {
            Some(Protocol::Loso | Protocol::Composite) => ("subject", subject),
            Some(Protocol::Cd6me) => ("data set", dataset),
            Some(Protocol::Holdout) | None => continue,
        };
        let protocol = protocol.map_or("", Protocol::name);
        let other: &str = left_out.entry(fold).or_insert(group);
        if other != group {
            let (fold, got) = (fold.to_owned(), [other, group].map(str::to_owned));
            return Err(ProtocolError::MixedFold { protocol, what, fold, got });
        }
        let before = *fold_of_dataset.entry(dataset).or_insert(fold);
        if what == "data set" && before != fold {
            let folds = [before, fold].map(str::to_owned);
            return Err(ProtocolError::DatasetInTwoFolds { dataset: dataset.to_owned(), folds });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[(&str, &str, &str)], protocol: Option<Protocol>) -> Result<(), String> {
        let tested = rows.iter().map(|&(fold, subject, dataset)| FoldMember { fold, subject, dataset });
        check_folds(tested, protocol).map_err(|error| error.to_string())
    }

    #[test]
    fn a_subject_in_two_folds_is_refused_under_any_protocol() {
        let error = check(&[("1", "s1", "samm"), ("2", "s1", "samm")], None).unwrap_err();
        assert_eq!(error, "expected each subject in one fold, got s1 in 1 and 2");
    }

    #[test]
    fn a_fold_of_two_subjects_is_not_of_loso() {
        let rows = [("1", "s1", "samm"), ("1", "s2", "samm")];
        assert!(check(&rows, Some(Protocol::Loso)).unwrap_err().contains("s1 and s2 in fold 1"));
        assert!(check(&rows, Some(Protocol::Holdout)).is_ok());
    }

    #[test]
    fn a_fold_of_cd6me_holds_one_whole_data_set() {
        let whole = [("a", "s1", "samm"), ("a", "s2", "samm"), ("b", "c1", "casme")];
        assert!(check(&whole, Some(Protocol::Cd6me)).is_ok());
        let mixed = [("a", "s1", "samm"), ("a", "c1", "casme")];
        assert!(check(&mixed, Some(Protocol::Cd6me)).unwrap_err().contains("samm and casme in fold a"));
        let parted = [("a", "s1", "samm"), ("b", "s2", "samm")];
        assert!(check(&parted, Some(Protocol::Cd6me)).unwrap_err().contains("samm in a and b"));
    }
}
