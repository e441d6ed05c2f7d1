//! Whether probabilities come true: reliability curve, expected calibration error, Brier score.
//!
//! ```text
//! ECE   = sum over bins of (n_b / n) |share active in b - mean probability in b|
//! Brier = mean (p - y)^2
//! ```
//!
//! Bins are of equal width: bin b of B holds `b/B < p <= (b+1)/B`, and the first one also p = 0.

use crate::{EvalError, Scored};

/// One bin of a reliability curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// Lower end of the bin, outside it except in the first bin.
    pub from_prob: f64,
    /// Highest probability that falls into the bin.
    pub to_prob: f64,
    /// Number of samples in the bin.
    pub count: usize,
    /// Mean of the predicted probabilities; `None` in an empty bin.
    pub mean_prob: Option<f64>,
    /// Share of samples that are active; `None` in an empty bin.
    pub share_active: Option<f64>,
}

/// Reliability of the probabilities of one action unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Reliability {
    /// The bins from low to high probability.
    pub bins: Vec<Bin>,
    /// Expected calibration error, 0 to 1; `None` without samples.
    pub expected_calibration_error: Option<f64>,
    /// Brier score, 0 (perfect) to 1; `None` without samples.
    pub brier: Option<f64>,
}

/// Cuts the probabilities into `bin_count` bins of equal width and compares each with what came true.
///
/// # Errors
/// [`EvalError::NoBins`], and [`EvalError::NotAProbability`] for a score outside [0, 1].
pub fn reliability(scored: &Scored, bin_count: usize) -> Result<Reliability, EvalError> {
    if bin_count == 0 {
        return Err(EvalError::NoBins);
    }
    if let Some(sample) = scored.scores().iter().position(|prob| !(0.0..=1.0).contains(prob)) {
        return Err(EvalError::NotAProbability { sample, prob: scored.scores()[sample] });
    }
    let bins: Vec<Bin> = (0..bin_count).map(|index| bin(scored, index, bin_count)).collect();
    let expected_calibration_error = mean_over(scored.len(), bins.iter().map(weighted_gap));
    let brier = mean_over(scored.len(), pairs(scored).map(|(label, prob)| (prob - f64::from(u8::from(label))).powi(2)));
    Ok(Reliability { bins, expected_calibration_error, brier })
}

fn bin(scored: &Scored, index: usize, bin_count: usize) -> Bin {
    let members: Vec<(bool, f64)> = pairs(scored).filter(|&(_, prob)| bin_of(prob, bin_count) == index).collect();
    let count = members.len();
    Bin {
        from_prob: index as f64 / bin_count as f64,
        to_prob: (index + 1) as f64 / bin_count as f64,
        count,
        mean_prob: mean_over(count, members.iter().map(|&(_, prob)| prob)),
        share_active: mean_over(count, members.iter().map(|&(label, _)| f64::from(u8::from(label)))),
    }
}

fn bin_of(prob: f64, bin_count: usize) -> usize {
    (1..bin_count).filter(|&edge| edge as f64 / (bin_count as f64) < prob).count()
}

fn weighted_gap(bin: &Bin) -> f64 {
    match (bin.share_active, bin.mean_prob) {
        (Some(share_active), Some(mean_prob)) => bin.count as f64 * (share_active - mean_prob).abs(),
        _ => 0.0,
    }
}

fn mean_over(count: usize, values: impl Iterator<Item = f64>) -> Option<f64> {
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

fn pairs(scored: &Scored) -> impl Iterator<Item = (bool, f64)> + '_ {
    scored.labels().iter().copied().zip(scored.scores().iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_holds_its_upper_end_and_the_first_also_zero() {
        let scored = Scored::new(vec![true, false, true], vec![0.5, 0.0, 1.0]).unwrap();
        let counts: Vec<usize> = reliability(&scored, 2).unwrap().bins.iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [2, 1]);
    }

    #[test]
    fn calibration_error_is_the_fraction_written_out() {
        // bin [0, .5): p .2 and .4, one active: |1/2 - .3| = .2; bin [.5, 1]: p .9, active: .1
        let scored = Scored::new(vec![true, false, true], vec![0.2, 0.4, 0.9]).unwrap();
        let got = reliability(&scored, 2).unwrap();
        let expected = 2.0 / 3.0 * 0.2 + 1.0 / 3.0 * 0.1;
        assert!((got.expected_calibration_error.unwrap() - expected).abs() < 1e-15, "rounding of one sum");
        assert!((got.brier.unwrap() - (0.64 + 0.16 + 0.01) / 3.0).abs() < 1e-15, "rounding of one sum");
    }

    #[test]
    fn a_logit_is_refused_as_a_probability() {
        let scored = Scored::new(vec![true], vec![2.0]).unwrap();
        assert_eq!(reliability(&scored, 10), Err(EvalError::NotAProbability { sample: 0, prob: 2.0 }));
    }

    #[test]
    fn no_samples_have_no_calibration_error() {
        let scored = Scored::new(vec![], vec![]).unwrap();
        let got = reliability(&scored, 3).unwrap();
        assert_eq!((got.expected_calibration_error, got.brier), (None, None));
    }
}
