//! Scores of all folds in one pool, filed under the index of the sample.
//!
//! Folds come back in any order; a pool that appended them would pair scores with the labels of other samples. Here a
//! sample is scored once, by its index in the one list that also holds the labels, and every sample has to be scored.

use microau_core::au::Au;

use crate::{EvalError, Scored};

/// Labels of one sample: per action unit true, false, or `None` where it was not annotated.
pub type SampleLabels = Vec<Option<bool>>;

/// Scores of a list of samples, filled fold by fold.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    aus: Vec<Au>,
    labels: Vec<SampleLabels>,
    scores: Vec<Option<Vec<f64>>>,
}

impl Pool {
    /// An empty pool over the sample list; `labels[sample][k]` belongs to `aus[k]`.
    ///
    /// # Errors
    /// [`EvalError::LengthMismatch`] when a row of labels is not as long as `aus`.
    pub fn new(aus: Vec<Au>, labels: Vec<SampleLabels>) -> Result<Self, EvalError> {
        for row in &labels {
            same_length(row.len(), aus.len())?;
        }
        let scores = vec![None; labels.len()];
        Ok(Self { aus, labels, scores })
    }

    /// Files the scores of one sample, one per action unit.
    ///
    /// # Errors
    /// [`EvalError::UnknownSample`], [`EvalError::ScoredTwice`], [`EvalError::LengthMismatch`] and
    /// [`EvalError::NotFinite`] with the index of the sample.
    pub fn file(&mut self, sample: usize, scores: Vec<f64>) -> Result<(), EvalError> {
        let samples = self.scores.len();
        same_length(self.aus.len(), scores.len())?;
        if let Some(&score) = scores.iter().find(|score| !score.is_finite()) {
            return Err(EvalError::NotFinite { sample, score });
        }
        match self.scores.get_mut(sample) {
            None => Err(EvalError::UnknownSample { sample, samples }),
            Some(Some(_)) => Err(EvalError::ScoredTwice { sample }),
            Some(empty) => {
                *empty = Some(scores);
                Ok(())
            }
        }
    }

    /// Labels and scores per action unit over all samples annotated for it, in the order of the sample list.
    ///
    /// # Errors
    /// [`EvalError::Unscored`] while samples are missing.
    pub fn columns(&self) -> Result<Vec<(Au, Scored)>, EvalError> {
        let missing: Vec<usize> = (0..self.scores.len()).filter(|&sample| self.scores[sample].is_none()).collect();
        if let Some(&first) = missing.first() {
            return Err(EvalError::Unscored { missing: missing.len(), first });
        }
        self.aus.iter().enumerate().map(|(k, &au)| Ok((au, self.column(k)?))).collect()
    }

    fn column(&self, k: usize) -> Result<Scored, EvalError> {
        let annotated = self.labels.iter().zip(&self.scores).filter_map(|(labels, scores)| {
            let (label, scores) = (labels[k]?, scores.as_ref()?);
            Some((label, scores[k]))
        });
        let (labels, scores) = annotated.unzip();
        Scored::new(labels, scores)
    }
}

fn same_length(labels: usize, scores: usize) -> Result<(), EvalError> {
    if labels == scores { Ok(()) } else { Err(EvalError::LengthMismatch { labels, scores }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> Pool {
        let labels = vec![vec![Some(true), None], vec![Some(false), Some(true)]];
        Pool::new(vec![Au::Au4, Au::Au12], labels).unwrap()
    }

    #[test]
    fn scores_meet_their_labels_in_whatever_order_the_folds_come() {
        let mut pool = pool();
        pool.file(1, vec![0.1, 0.8]).unwrap();
        pool.file(0, vec![0.9, 0.3]).unwrap();
        let columns = pool.columns().unwrap();
        assert_eq!(columns[0].1.labels(), [true, false]);
        assert_eq!(columns[0].1.scores(), [0.9, 0.1]);
    }

    #[test]
    fn a_unit_that_was_not_annotated_is_left_out_of_its_column() {
        let mut pool = pool();
        pool.file(0, vec![0.9, 0.3]).unwrap();
        pool.file(1, vec![0.1, 0.8]).unwrap();
        assert_eq!(pool.columns().unwrap()[1].1.scores(), [0.8]);
    }

    #[test]
    fn a_sample_in_two_folds_is_refused() {
        let mut pool = pool();
        pool.file(0, vec![0.9, 0.3]).unwrap();
        assert_eq!(pool.file(0, vec![0.9, 0.3]), Err(EvalError::ScoredTwice { sample: 0 }));
    }

    #[test]
    fn a_sample_in_no_fold_is_reported() {
        let mut pool = pool();
        pool.file(0, vec![0.9, 0.3]).unwrap();
        assert_eq!(pool.columns().unwrap_err(), EvalError::Unscored { missing: 1, first: 1 });
    }

    #[test]
    fn a_sample_beyond_the_list_is_refused() {
        assert_eq!(pool().file(2, vec![0.0, 0.0]), Err(EvalError::UnknownSample { sample: 2, samples: 2 }));
    }
}
