//! Labels and scores of one action unit, paired and checked once.

use crate::EvalError;

/// Labels and scores of one action unit: same length, all scores finite.
///
/// A score is any number that is larger where the unit is more likely: a probability or a logit.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    labels: Vec<bool>,
    scores: Vec<f64>,
}

impl Scored {
    /// Pairs `labels[i]` with `scores[i]`.
    ///
    /// # Errors
    /// [`EvalError::LengthMismatch`], and [`EvalError::NotFinite`] for a NaN or infinite score.
    pub fn new(labels: Vec<bool>, scores: Vec<f64>) -> Result<Self, EvalError> {
        if labels.len() != scores.len() {
            return Err(EvalError::LengthMismatch { labels: labels.len(), scores: scores.len() });
        }
        if let Some(sample) = scores.iter().position(|score| !score.is_finite()) {
            return Err(EvalError::NotFinite { sample, score: scores[sample] });
        }
        Ok(Self { labels, scores })
    }

    /// Ground truth, one per sample.
    pub fn labels(&self) -> &[bool] {
        &self.labels
    }

    /// Scores, one per sample, finite.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// True when there is no sample at all.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Number of samples whose label is true.
    pub fn positives(&self) -> usize {
        self.labels.iter().filter(|&&label| label).count()
    }

    /// Number of samples whose label is false.
    pub fn negatives(&self) -> usize {
        self.len() - self.positives()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_scores_of_different_length_are_refused() {
        let error = Scored::new(vec![true], vec![]).unwrap_err();
        assert_eq!(error.to_string(), "expected one score per label, got 1 labels and 0 scores");
    }

    #[test]
    fn a_nan_score_is_refused_with_its_position() {
        let error = Scored::new(vec![true, false], vec![0.1, f64::NAN]).unwrap_err();
        assert!(matches!(error, EvalError::NotFinite { sample: 1, .. }));
    }
}
