//! Fitting the calibration of a model's logits on generators that it was not trained on.
//!
//! Platt scaling: per AU the slope a and shift b that make `σ(a z + b)` most likely, by Newton's method on the convex
//! two-parameter logistic loss. A light pull towards a = 1, b = 0 keeps an AU with few positives where it was.

use microau_model::calibration::Calibration;

/// Weight of the pull towards leaving logits as they are, in samples.
const PULL: f64 = 2.0;
/// Steps of Newton's method; it converges in under ten.
const STEPS: usize = 50;
/// The least slope: ranks stay.
const LEAST_SLOPE: f64 = 0.05;

/// The calibration of `logits[i][k]` to `labels[i][k]`.
pub fn calibrate(logits: &[Vec<f32>], labels: &[Vec<bool>]) -> Calibration {
    let aus = logits.first().map_or(0, Vec::len);
    let fitted: Vec<(f64, f64)> = (0..aus)
        .map(|k| {
            let pairs: Vec<(f64, bool)> =
                logits.iter().zip(labels).map(|(row, label)| (f64::from(row[k]), label[k])).collect();
            platt(&pairs)
        })
        .collect();
    Calibration {
        slope: fitted.iter().map(|&(slope, _)| slope as f32).collect(),
        shift: fitted.iter().map(|&(_, shift)| shift as f32).collect(),
    }
}

/// Slope and shift for one AU.
fn platt(pairs: &[(f64, bool)]) -> (f64, f64) {
    let (mut a, mut b) = (1.0, 0.0);
    for _ in 0..STEPS {
        let (mut ga, mut gb) = (PULL * (a - 1.0), PULL * b);
        let (mut haa, mut hab, mut hbb) = (PULL, 0.0, PULL);
        for &(z, label) in pairs {
            let p = 1.0 / (1.0 + (-(a * z + b)).exp());
            let (error, weight) = (p - f64::from(u8::from(label)), p * (1.0 - p));
            ga += error * z;
            gb += error;
            haa += weight * z * z;
            hab += weight * z;
            hbb += weight;
        }
        let determinant = haa * hbb - hab * hab;
        let (da, db) = ((hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant);
        // a step of at most 1 keeps Newton's method stable far from the optimum
        let shrink = 1.0 / da.abs().max(db.abs()).max(1.0);
        a = (a - shrink * da).max(LEAST_SLOPE);
        b -= shrink * db;
    }
    (a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Many logits whose labels are drawn in proportion: at logit z, the share `σ(2 z - 1)` is positive.
    fn pairs() -> Vec<(f64, bool)> {
        let mut pairs = Vec::new();
        for step in -20..=20 {
            let z = f64::from(step) / 8.0;
            let share = 1.0 / (1.0 + (-(2.0 * z - 1.0)).exp());
            pairs.extend((0..1000).map(|i| (z, f64::from(i) + 0.5 < 1000.0 * share)));
        }
        pairs
    }

    #[test]
    fn the_map_that_made_the_labels_is_found_again() {
        let (a, b) = platt(&pairs());
        // labels are whole thousandths, and the pull counts for two samples of 41,000
        assert!((a - 2.0).abs() < 0.01 && (b + 1.0).abs() < 0.01, "{a} {b}");
    }

    #[test]
    fn without_samples_nothing_changes() {
        assert_eq!(platt(&[]), (1.0, 0.0));
    }

    #[test]
    fn one_class_alone_gives_a_finite_map() {
        let (a, b) = platt(&[(0.3, false), (-2.0, false), (50.0, false)]);
        assert!(a.is_finite() && b.is_finite() && a >= LEAST_SLOPE);
    }
}
