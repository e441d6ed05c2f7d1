//! What can be wrong with the numbers handed to a metric.

/// Everything that can be wrong with labels and scores.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// Labels and scores do not pair up.
    #[error("expected one score per label, got {labels} labels and {scores} scores")]
    LengthMismatch {
        /// How many labels were given.
        labels: usize,
        /// How many scores were given.
        scores: usize,
    },
    /// A score is NaN or infinite, so it has no rank.
    #[error("expected finite scores, got {score} for sample {sample}")]
    NotFinite {
        /// Position of the bad score.
        sample: usize,
        /// The bad score.
        score: f64,
    },
    /// A probability outside [0, 1].
    #[error("expected a probability from 0 to 1, got {prob} for sample {sample}")]
    NotAProbability {
        /// Position of the bad value.
        sample: usize,
        /// The bad value.
        prob: f64,
    },
    /// A reliability curve needs at least one bin.
    #[error("expected at least 1 bin, got 0")]
    NoBins,
}
