//! Who is trained on and who is tested: the protocols of the field as splits of one list of samples.
//!
//! * [`loso`]: leave one subject out, and the action units that are judged on each data set.
//! * [`cross_dataset`]: CD6ME, leave one data set out.
//! * [`composite`]: MEGC2019, three data sets and three classes, leave one subject out.
//! * [`holdout`]: a seeded share of the subjects; also the validation side inside a training side.
//! * [`check_folds`]: whether the folds in which samples were tested are those of a protocol.
//!
//! Samples are named by their index in the list of [`Member`]s, never by their place in a fold. A [`Split`] cannot hold a
//! subject on two sides: [`Split::new`] is the only way to one and refuses it. Training receives a [`TrainingSide`], which
//! has no way to the test side.

mod check;
pub mod composite;
pub mod cross_dataset;
pub mod holdout;
pub mod loso;
mod shortfall;

use std::collections::BTreeMap;

pub use check::{FoldMember, check_folds};

/// One sample as a protocol sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Name of the sample, unique within its data set.
    pub sample: String,
    /// Whose face it shows; unique across data sets (`casme2-sub01`). Equal names are one person.
    pub subject: String,
    /// Key of the data set, e.g. `casme2`.
    pub dataset: String,
    /// The emotion as annotated. Only [`composite`] reads it, to tell which samples belong to it; nothing is fitted to it.
    pub emotion: Option<String>,
}

/// The protocols by their names on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `loso`: leave one subject out.
    Loso,
    /// `cd6me`: leave one data set out over six.
    Cd6me,
    /// `composite`: MEGC2019.
    Composite,
    /// `holdout`: one seeded share of the subjects.
    Holdout,
}

impl Protocol {
    /// All protocols.
    pub const ALL: [Protocol; 4] = [Protocol::Loso, Protocol::Cd6me, Protocol::Composite, Protocol::Holdout];

    /// Name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Loso => "loso",
            Protocol::Cd6me => "cd6me",
            Protocol::Composite => "composite",
            Protocol::Holdout => "holdout",
        }
    }

    /// Splits of the members; `holdout` says what share of the subjects is tested where the protocol is a hold-out.
    ///
    /// # Errors
    /// [`ProtocolError`] when the members are too few for the protocol.
    pub fn folds(self, members: &[Member], holdout: holdout::Holdout) -> Result<Folds, ProtocolError> {
        match self {
            Protocol::Loso => loso::folds(members),
            Protocol::Cd6me => cross_dataset::folds(members),
            Protocol::Composite => composite::folds(members),
            Protocol::Holdout => holdout::folds(members, holdout),
        }
    }
}

impl std::str::FromStr for Protocol {
    type Err = ProtocolError;

    fn from_str(text: &str) -> Result<Protocol, ProtocolError> {
        let named = Protocol::ALL.into_iter().find(|protocol| protocol.name() == text);
        named.ok_or_else(|| ProtocolError::Unknown { got: text.to_owned() })
    }
}

/// The splits of a protocol, and the members that it has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    /// The splits, ordered by name.
    pub splits: Vec<Split>,
    /// Members that are neither trained on nor tested, with the reason.
    pub left_out: Vec<LeftOut>,
}

/// A member for which a protocol has no place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Index of the member.
    pub member: usize,
    /// Why it is left out.
    pub reason: String,
}

/// What training receives: indices of samples. It has no test side.
///
/// ```
/// fn learn(side: &microau_eval::protocol::TrainingSide) -> usize {
///     side.train().len() + side.validation().len()
/// }
/// ```
///
/// An attempt to reach what is tested does not compile:
///
/// ```compile_fail,E0599
/// fn learn(side: &microau_eval::protocol::TrainingSide) -> usize {
///     side.train().len() + side.test().len()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingSide {
    train: Vec<usize>,
    validation: Vec<usize>,
}

impl TrainingSide {
    /// Indices to learn from, rising, never empty.
    pub fn train(&self) -> &[usize] {
        &self.train
    }

    /// Indices of other subjects on which training may be watched, rising; empty unless asked for.
    pub fn validation(&self) -> &[usize] {
        &self.validation
    }
}

/// One fold: a training side and the samples that are tested, of other subjects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    name: String,
    training: TrainingSide,
    test: Vec<usize>,
}

impl Split {
    /// A split whose sides share no subject.
    ///
    /// # Errors
    /// [`ProtocolError::SharedSubject`] when a subject stands on two sides, [`ProtocolError::NoSuchMember`],
    /// [`ProtocolError::EmptySide`] when there is nothing to train on or to test.
    pub fn new(
        name: impl Into<String>,
        members: &[Member],
        [mut train, mut validation, mut test]: [Vec<usize>; 3],
    ) -> Result<Split, ProtocolError> {
        let name = name.into();
        let mut side_of: BTreeMap<&str, &str> = BTreeMap::new();
        for (side, indices) in [("train", &mut train), ("validation", &mut validation), ("test", &mut test)] {
            if indices.is_empty() && side != "validation" {
                return Err(ProtocolError::EmptySide { fold: name, side });
            }
            indices.sort_unstable();
            indices.dedup();
            for &index in indices.iter() {
                let no_such = || ProtocolError::NoSuchMember { index, members: members.len() };
                let subject = members.get(index).ok_or_else(no_such)?.subject.as_str();
                let other = *side_of.entry(subject).or_insert(side);
                if other != side {
                    let subject = subject.to_owned();
                    return Err(ProtocolError::SharedSubject { fold: name, subject, sides: [other, side] });
                }
            }
        }
        Ok(Split { name, training: TrainingSide { train, validation }, test })
    }

    /// Name of the fold: the subject or data set that is tested.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What training receives.
    pub fn training(&self) -> &TrainingSide {
        &self.training
    }

    /// Indices of the samples that are tested, rising, never empty.
    pub fn test(&self) -> &[usize] {
        &self.test
    }

    /// The same split with a seeded share of the subjects of its training side set apart for validation.
    ///
    /// # Errors
    /// [`ProtocolError::TooFew`] unless both parts keep a subject.
    pub fn with_validation(self, members: &[Member], part: holdout::Holdout) -> Result<Split, ProtocolError> {
        let pool: Vec<usize> = [self.training.train, self.training.validation].concat();
        let (train, validation) = part.divide(members, &pool)?;
        Split::new(self.name, members, [train, validation, self.test])
    }
}

/// Why members cannot be split, or folds are not those of a protocol.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// No protocol of that name.
    #[error("expected a protocol of loso, cd6me, composite, holdout, got {got:?}")]
    Unknown {
        /// What was given.
        got: String,
    },
    /// One subject on two sides: what is tested was trained on.
    #[error("expected each subject on one side, got {subject} in {} and {}: fold {fold}", sides[0], sides[1])]
    SharedSubject {
        /// Name of the fold.
        fold: String,
        /// The subject.
        subject: String,
        /// The two sides.
        sides: [&'static str; 2],
    },
    /// A side that must hold a sample holds none.
    #[error("expected samples to {side} on, got none: fold {fold}")]
    EmptySide {
        /// Name of the fold.
        fold: String,
        /// The side.
        side: &'static str,
    },
    /// An index beyond the list.
    #[error("expected the index of one of {members} samples, got {index}")]
    NoSuchMember {
        /// The index.
        index: usize,
        /// How many members there are.
        members: usize,
    },
    /// Too few subjects or data sets to leave one out.
    #[error("expected at least {expected} {what} for {protocol}, got {got}")]
    TooFew {
        /// Name of the protocol.
        protocol: &'static str,
        /// What is counted.
        what: &'static str,
        /// How many are needed.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// A share that leaves nothing on one side.
    #[error("expected a share of the subjects above 0 and below 1, got {got}")]
    BadShare {
        /// The share as text.
        got: String,
    },
    /// A subject was tested in one fold and may have been trained on in it by another.
    #[error("expected each subject in one fold, got {subject} in {} and {}", folds[0], folds[1])]
    SubjectInTwoFolds {
        /// The subject.
        subject: String,
        /// The two folds.
        folds: [String; 2],
    },
    /// A fold that holds more than the one subject or data set that the protocol leaves out.
    #[error("expected one {what} in each fold of {protocol}, got {} and {} in fold {fold}", got[0], got[1])]
    MixedFold {
        /// Name of the protocol.
        protocol: &'static str,
        /// What is left out by the protocol: `subject` or `data set`.
        what: &'static str,
        /// Name of the fold.
        fold: String,
        /// Two of what it holds.
        got: [String; 2],
    },
    /// A data set in two folds of a protocol that leaves a data set out.
    #[error("expected each data set in one fold of cd6me, got {dataset} in {} and {}", folds[0], folds[1])]
    DatasetInTwoFolds {
        /// The data set.
        dataset: String,
        /// The two folds.
        folds: [String; 2],
    },
}

/// One fold for each group of `among`: the group is tested, all others are trained on.
fn leave_one_out<'a>(
    protocol: &'static str,
    what: &'static str,
    members: &'a [Member],
    among: &[usize],
    group: impl Fn(&'a Member) -> &'a str,
) -> Result<Vec<Split>, ProtocolError> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for &index in among {
        groups.entry(group(&members[index])).or_default().push(index);
    }
    if groups.len() < 2 {
        return Err(ProtocolError::TooFew { protocol, what, expected: 2, got: groups.len() });
    }
    let fold = |(&name, test): (&&'a str, &Vec<usize>)| {
        let train = among.iter().copied().filter(|&index| group(&members[index]) != name).collect();
        Split::new(name, members, [train, Vec::new(), test.clone()])
    };
    groups.iter().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(subject: &str) -> Member {
        Member { sample: "a".to_owned(), subject: subject.to_owned(), dataset: "own".to_owned(), emotion: None }
    }

    #[test]
    fn a_subject_on_both_sides_is_refused_by_name() {
        let members = ["s1", "s2", "s1"].map(member);
        let error = Split::new("x", &members, [vec![0, 1], vec![], vec![2]]).unwrap_err();
        assert_eq!(error.to_string(), "expected each subject on one side, got s1 in train and test: fold x");
        assert!(Split::new("x", &members, [vec![1], vec![2], vec![0]]).is_err());
    }

    #[test]
    fn empty_sides_and_unknown_members_are_refused() {
        let members = ["s1", "s2"].map(member);
        assert!(matches!(
            Split::new("x", &members, [vec![], vec![], vec![1]]),
            Err(ProtocolError::EmptySide { side: "train", .. })
        ));
        assert!(matches!(
            Split::new("x", &members, [vec![0], vec![], vec![]]),
            Err(ProtocolError::EmptySide { side: "test", .. })
        ));
        assert_eq!(
            Split::new("x", &members, [vec![0], vec![], vec![7]]),
            Err(ProtocolError::NoSuchMember { index: 7, members: 2 })
        );
    }

    #[test]
    fn protocols_are_found_by_name() {
        for protocol in Protocol::ALL {
            assert_eq!(protocol.name().parse(), Ok(protocol));
        }
        assert!("LOVO".parse::<Protocol>().unwrap_err().to_string().contains("LOVO"));
    }
}
