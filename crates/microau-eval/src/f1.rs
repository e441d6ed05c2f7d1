//! F1 of one action unit, from counts.
//!
//! ```text
//! precision = TP / (TP + FP)      recall = TP / (TP + FN)
//! F1        = 2 TP / (2 TP + FP + FN)
//! macro-F1  = (F1 of "active" + F1 of "inactive") / 2
//! ```
//!
//! The two kinds differ widely on rare units: a unit never predicted has F1 0 and macro-F1 near 0.49. Say which is meant.

use crate::ranking::Tie;
use crate::{EvalError, Scored};

/// Hits and misses of one action unit over a set of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    /// Active and predicted active.
    pub true_positives: u64,
    /// Inactive but predicted active.
    pub false_positives: u64,
    /// Active but predicted inactive.
    pub false_negatives: u64,
    /// Inactive and predicted inactive.
    pub true_negatives: u64,
}

impl Confusion {
    /// Counts `predicted[i]` against `labels[i]`.
    ///
    /// # Errors
    /// [`EvalError::LengthMismatch`].
    pub fn count(labels: &[bool], predicted: &[bool]) -> Result<Self, EvalError> {
        if labels.len() != predicted.len() {
            return Err(EvalError::LengthMismatch { labels: labels.len(), scores: predicted.len() });
        }
        let mut counts = Self::default();
        for (&label, &active) in labels.iter().zip(predicted) {
            counts.add(label, active);
        }
        Ok(counts)
    }

    /// Counts "active" where the score is at least `threshold`.
    pub fn at_threshold(scored: &Scored, threshold: f64) -> Self {
        let mut counts = Self::default();
        for (&label, &score) in scored.labels().iter().zip(scored.scores()) {
            counts.add(label, score >= threshold);
        }
        counts
    }

    /// Counts "active" where the score is at least `threshold`, from counts per score.
    pub fn of_ties(ties: &[Tie], threshold: f64) -> Self {
        let mut counts = Self::default();
        for tie in ties {
            let (active, inactive) = if tie.score >= threshold {
                (&mut counts.true_positives, &mut counts.false_positives)
            } else {
                (&mut counts.false_negatives, &mut counts.true_negatives)
            };
            *active += tie.active;
            *inactive += tie.inactive;
        }
        counts
    }

    /// Adds one sample.
    pub fn add(&mut self, label: bool, active: bool) {
        match (label, active) {
            (true, true) => self.true_positives += 1,
            (false, true) => self.false_positives += 1,
            (true, false) => self.false_negatives += 1,
            (false, false) => self.true_negatives += 1,
        }
    }

    /// Samples whose label is active.
    pub fn positives(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    /// Samples whose label is inactive.
    pub fn negatives(&self) -> u64 {
        self.true_negatives + self.false_positives
    }

    /// Share of the predicted that are active; `None` when nothing was predicted.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    /// Share of the active that were predicted; `None` with 0 positives.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.positives())
    }

    /// Share of the inactive that were predicted active; `None` with 0 negatives.
    pub fn false_positive_rate(&self) -> Option<f64> {
        ratio(self.false_positives, self.negatives())
    }

    /// Binary F1 of the active class; `None` with 0 positives, where a miss cannot be told from a success.
    pub fn f1(&self) -> Option<f64> {
        f1_of(self.true_positives, self.false_positives, self.false_negatives)
    }

    /// Mean of the F1 of both classes; `None` when either class has no sample.
    pub fn macro_f1(&self) -> Option<f64> {
        let inactive = f1_of(self.true_negatives, self.false_negatives, self.false_positives)?;
        Some((self.f1()? + inactive) / 2.0)
    }
}

fn f1_of(hits: u64, false_alarms: u64, misses: u64) -> Option<f64> {
    if hits + misses == 0 {
        return None;
    }
    ratio(2 * hits, 2 * hits + false_alarms + misses)
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTS: Confusion =
        Confusion { true_positives: 3, false_positives: 1, false_negatives: 2, true_negatives: 4 };

    #[test]
    fn f1_is_the_fraction_written_out() {
        assert_eq!(COUNTS.f1(), Some(6.0 / 9.0));
        assert_eq!(COUNTS.precision(), Some(3.0 / 4.0));
        assert_eq!(COUNTS.recall(), Some(3.0 / 5.0));
        assert_eq!(COUNTS.false_positive_rate(), Some(1.0 / 5.0));
    }

    #[test]
    fn macro_f1_is_the_mean_of_both_classes() {
        assert_eq!(COUNTS.macro_f1(), Some((6.0 / 9.0 + 8.0 / 11.0) / 2.0));
    }

    #[test]
    fn f1_without_positives_is_undefined_whatever_was_predicted() {
        let counts = Confusion::count(&[false, false], &[true, false]).unwrap();
        assert_eq!(counts.f1(), None);
        assert_eq!(counts.macro_f1(), None);
        assert_eq!(counts.recall(), None);
    }

    #[test]
    fn a_unit_never_predicted_scores_zero_and_not_nothing() {
        let counts = Confusion::count(&[true, false, false], &[false, false, false]).unwrap();
        assert_eq!(counts.f1(), Some(0.0));
        assert_eq!(counts.precision(), None);
    }

    #[test]
    fn a_score_on_the_threshold_counts_as_active() {
        let scored = Scored::new(vec![true, false], vec![0.5, 0.4999]).unwrap();
        assert_eq!(Confusion::at_threshold(&scored, 0.5).f1(), Some(1.0));
    }
}
