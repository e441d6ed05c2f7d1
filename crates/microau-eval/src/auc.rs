//! Threshold-free figures of one action unit.
//!
//! ```text
//! ROC-AUC = P(score of an active > score of an inactive) + 1/2 P(equal)
//! AP      = sum over thresholds of (recall_n - recall_{n-1}) precision_n
//! ```
//!
//! Equal scores are taken together: their order in memory must not decide a figure.

use crate::Scored;

/// Area under the ROC curve, from 0 to 1; `None` unless both classes have samples.
pub fn roc_auc(scored: &Scored) -> Option<f64> {
    let (positives, negatives) = (scored.positives(), scored.negatives());
    if positives == 0 || negatives == 0 {
        return None;
    }
    let mut actives_above = 0usize;
    // doubled, so that half a pair for each tie stays a whole number
    let mut doubled_pairs_won = 0u128;
    for tie in scored.descending_ties() {
        let (active, inactive) = split(scored, &tie);
        doubled_pairs_won += (inactive as u128) * (2 * actives_above + active) as u128;
        actives_above += active;
    }
    Some(doubled_pairs_won as f64 / (2.0 * positives as f64 * negatives as f64))
}

/// Average precision: the step-wise area under the precision-recall curve, without interpolation; `None` with 0 positives.
pub fn average_precision(scored: &Scored) -> Option<f64> {
    let positives = scored.positives();
    if positives == 0 {
        return None;
    }
    let (mut hits, mut seen, mut area) = (0usize, 0usize, 0.0f64);
    for tie in scored.descending_ties() {
        let (active, _) = split(scored, &tie);
        hits += active;
        seen += tie.len();
        area += active as f64 / positives as f64 * (hits as f64 / seen as f64);
    }
    Some(area)
}

/// How many of `members` are active and how many inactive.
fn split(scored: &Scored, members: &[usize]) -> (usize, usize) {
    let active = members.iter().filter(|&&sample| scored.labels()[sample]).count();
    (active, members.len() - active)
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
