//! Threshold-free figures of one action unit.
//!
//! ```text
//! ROC-AUC = P(score of an active > score of an inactive) + 1/2 P(equal)
//! AP      = sum over thresholds of (recall_n - recall_{n-1}) precision_n
//! ```
//!
//! Both are read from the [`Ranking`] of the samples, where equal scores are taken together.

use crate::Scored;
use crate::ranking::{Ranking, Tie};

/// Area under the ROC curve, from 0 to 1; `None` unless both classes have samples.
pub fn roc_auc(scored: &Scored) -> Option<f64> {
    roc_auc_of(&Ranking::from(scored).ties(|_| 1))
}

/// Average precision: the step-wise area under the precision-recall curve, without interpolation; `None` with 0 positives.
pub fn average_precision(scored: &Scored) -> Option<f64> {
    average_precision_of(&Ranking::from(scored).ties(|_| 1))
}

/// [`roc_auc`] of counts per score, highest first.
pub fn roc_auc_of(ties: &[Tie]) -> Option<f64> {
    let (mut positives, mut negatives) = (0u64, 0u64);
    // doubled, so that half a pair for each tie stays a whole number
    let mut doubled_pairs_won = 0u128;
    for tie in ties {
        doubled_pairs_won += u128::from(tie.inactive) * u128::from(2 * positives + tie.active);
        positives += tie.active;
        negatives += tie.inactive;
    }
    let both = positives > 0 && negatives > 0;
    both.then(|| doubled_pairs_won as f64 / (2.0 * positives as f64 * negatives as f64))
}

/// [`average_precision`] of counts per score, highest first.
pub fn average_precision_of(ties: &[Tie]) -> Option<f64> {
    let positives: u64 = ties.iter().map(|tie| tie.active).sum();
    if positives == 0 {
        return None;
    }
    let (mut hits, mut seen, mut area) = (0u64, 0u64, 0.0f64);
    for tie in ties.iter().filter(|tie| tie.active + tie.inactive > 0) {
        hits += tie.active;
        seen += tie.active + tie.inactive;
        area += tie.active as f64 / positives as f64 * (hits as f64 / seen as f64);
    }
    // shares of positives add up to 1 but for the last place
    Some(area.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(pairs: &[(bool, f64)]) -> Scored {
        let (labels, scores) = pairs.iter().copied().unzip();
        Scored::new(labels, scores).unwrap()
    }

    #[test]
    fn auc_counts_the_pairs_won() {
        // pairs (active, inactive): .9>.6, .9>.1, .4<.6, .4>.1: 3 of 4
        let scored = scored(&[(true, 0.9), (false, 0.6), (true, 0.4), (false, 0.1)]);
        assert_eq!(roc_auc(&scored), Some(3.0 / 4.0));
    }

    #[test]
    fn constant_scores_have_auc_one_half() {
        let scored = scored(&[(true, 0.3), (false, 0.3), (false, 0.3)]);
        assert_eq!(roc_auc(&scored), Some(0.5));
    }

    #[test]
    fn auc_is_undefined_with_one_class_only() {
        assert_eq!(roc_auc(&scored(&[(true, 0.3)])), None);
        assert_eq!(roc_auc(&scored(&[(false, 0.3)])), None);
    }

    #[test]
    fn average_precision_is_the_fraction_written_out() {
        let scored = scored(&[(true, 0.9), (false, 0.6), (true, 0.4), (false, 0.1)]);
        assert_eq!(average_precision(&scored), Some(0.5 * 1.0 + 0.5 * (2.0 / 3.0)));
    }

    #[test]
    fn average_precision_is_undefined_without_positives() {
        assert_eq!(average_precision(&scored(&[(false, 0.3)])), None);
    }
}
