//! A seeded share of the subjects apart from the others.

use std::collections::BTreeSet;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{Folds, Member, ProtocolError, Split};

/// Which subjects are set apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Holdout {
    /// Share of the subjects that is set apart, above 0 and below 1; at least one is, and at least one is not.
    pub share: f64,
    /// Which of them: another seed draws others.
    pub seed: u64,
}

impl Holdout {
    /// Divides samples by subject into those that stay and those set apart. The draw depends on the names of the subjects
    /// and the seed, not on the order of the list.
    ///
    /// # Errors
    /// [`ProtocolError::BadShare`], and [`ProtocolError::TooFew`] below two subjects.
    pub fn divide(self, members: &[Member], among: &[usize]) -> Result<(Vec<usize>, Vec<usize>), ProtocolError> {
        if !(self.share > 0.0 && self.share < 1.0) {
            return Err(ProtocolError::BadShare { got: self.share.to_string() });
        }
        let subject = |&index: &usize| members[index].subject.as_str();
        let names: BTreeSet<&str> = among.iter().map(subject).collect();
        let mut subjects: Vec<&str> = names.into_iter().collect();
        let count = subjects.len();
        if count < 2 {
            return Err(ProtocolError::TooFew { protocol: "holdout", what: "subjects", expected: 2, got: count });
        }
        subjects.shuffle(&mut ChaCha8Rng::seed_from_u64(self.seed));
        let apart = ((self.share * count as f64).round() as usize).clamp(1, count - 1);
        let apart: BTreeSet<&str> = subjects.into_iter().take(apart).collect();
        Ok(among.iter().partition(|index| !apart.contains(subject(index))))
    }
}

/// One fold, named `holdout`: the subjects set apart are tested, all others are trained on.
///
/// # Errors
/// As [`Holdout::divide`].
pub fn folds(members: &[Member], holdout: Holdout) -> Result<Folds, ProtocolError> {
    let all: Vec<usize> = (0..members.len()).collect();
    let (train, test) = holdout.divide(members, &all)?;
    Ok(Folds { splits: vec![Split::new("holdout", members, [train, Vec::new(), test])?], left_out: Vec::new() })
}
