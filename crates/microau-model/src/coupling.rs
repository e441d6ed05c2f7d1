//! Couplings: what the other AUs of a clip say of one AU, as far as the labels of the training fold know.
//!
//! ```text
//! x_il = y_il − π_l, 0 where unknown
//! J_k, c_k = argmin  Σ_i softplus(−y'_ik (c_k + Σ_l J_kl x_il)) + ½ Σ_l J_kl²     over clips with y_ik known, l ≠ k
//! z''_k = z'_k + Σ_l J_kl (σ(z'_l) − π_l)                                                  // method §4
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | J | `weights` | [K, K] | how far AU l speaks for AU k (or against it), in logits; diagonal 0, not symmetric |
//! | π | `rates` | `[K]` | share of clips in which an AU is active, of those in which it is known |
//! | z' | `logits` | [B, K] | calibrated scores |
//!
//! C of the prior (phi) says how two AUs go together, whatever the reason; J says what one adds when all the others are known:
//! each row is a logistic regression of one AU's labels on those of the others, under a standard normal prior. The sum is
//! one step of mean-field inference. It is not learnt from pictures and does not enter training: on the clips of the training
//! fold the labels are known, and there is nothing that other AUs could add.
//!
//! Paper silent: the whole form. Found by asking why the Global Dependency Loss does not help (docs/results.md).

use burn::tensor::activation::sigmoid;
use burn::tensor::{Tensor, TensorData};
use linfa::prelude::{Dataset, Fit};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

use crate::labels::TrainingLabels;

/// Price of a weight: that of a standard normal prior.
const RIDGE: f64 = 1.0;
/// Length of the gradient at which the fit ends.
const CONVERGED: f64 = 1e-7;
/// Steps of the fit; it converges in a few dozen.
const MOST_STEPS: u64 = 1000;

/// How AUs speak for and against one another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Couplings {
    /// J, row-major `[K, K]`; empty where no AU says anything of another.
    weights: Vec<f32>,
    /// π: one an AU, in [0, 1]; empty likewise.
    rates: Vec<f32>,
}

impl Couplings {
    /// Couplings with which no AU says anything of another.
    pub fn none() -> Couplings {
        Couplings::default()
    }

    /// Whether no AU says anything of another.
    pub fn is_none(&self) -> bool {
        self.weights.is_empty()
    }

    /// The couplings of a training fold. An AU that never varies says nothing and nothing is said of it.
    pub fn from_labels(labels: &TrainingLabels) -> Couplings {
        let count = labels.aus().len();
        let rows: Vec<&[Option<bool>]> = labels.rows().collect();
        let rates: Vec<f64> = (0..count).map(|au| rate(rows.iter().filter_map(|row| row[au]))).collect();
        let beside = |row: &[Option<bool>]| -> Vec<f64> {
            row.iter().zip(&rates).map(|(label, rate)| label.map_or(0.0, |label| f64::from(label) - rate)).collect()
        };
        let beside: Vec<Vec<f64>> = rows.iter().map(|row| beside(row)).collect();
        let mut weights = Vec::with_capacity(count * count);
        for au in 0..count {
            let known = rows.iter().zip(&beside).filter_map(|(row, beside)| Some((row[au]?, beside.as_slice())));
            let fitted = regression(au, &known.collect::<Vec<_>>(), count);
            weights.extend(fitted.iter().map(|&weight| weight as f32));
        }
        Couplings { weights, rates: rates.iter().map(|&rate| rate as f32).collect() }
    }

    /// J of two AUs by place: what AU `l` says of AU `k`.
    pub fn weight_of(&self, k: usize, l: usize) -> f32 {
        self.weights.get(k * self.rates.len() + l).copied().unwrap_or(0.0)
    }

    /// Logits with what the other AUs say: `[B, K]` → `[B, K]`.
    pub fn apply(&self, logits: Tensor<2>) -> Tensor<2> {
        if self.is_none() {
            return logits;
        }
        let (count, device) = (self.rates.len(), &logits.device());
        let weights = Tensor::<2>::from_data(TensorData::new(self.weights.clone(), [count, count]), device);
        let rates = Tensor::<2>::from_data(TensorData::new(self.rates.clone(), [1, count]), device);
        let unusual = sigmoid(logits.clone()) - rates; // [B, K]
        logits + unusual.matmul(weights.transpose()) // method §4
    }

    /// Whether they are of so many AUs, and finite.
    pub(crate) fn fit(&self, aus: usize) -> bool {
        let sizes = [self.weights.len(), self.rates.len()];
        (sizes == [aus * aus, aus] || sizes == [0, 0])
            && self.weights.iter().chain(&self.rates).all(|it| it.is_finite())
    }
}

/// Share of labels that are active; 0 of none.
fn rate(labels: impl Iterator<Item = bool>) -> f64 {
    let (active, all) = labels.fold((0.0, 0.0), |(active, all), label| (active + f64::from(label), all + 1.0));
    if all > 0.0 { active / all } else { 0.0 }
}

/// Logistic regression of an AU's labels on the others, its own weight 0; all 0 where the labels do not vary.
fn regression(au: usize, clips: &[(bool, &[f64])], count: usize) -> Vec<f64> {
    let active = clips.iter().filter(|(label, _)| *label).count();
    if active == 0 || active == clips.len() {
        return vec![0.0; count];
    }
    let others = |row: usize, other: usize| if other == au { 0.0 } else { clips[row].1[other] };
    let others = Array2::from_shape_fn((clips.len(), count), |(row, other)| others(row, other));
    let labels = Array1::from_iter(clips.iter().map(|(label, _)| *label));
    let fitted = LogisticRegression::default().alpha(RIDGE).gradient_tolerance(CONVERGED).max_iterations(MOST_STEPS);
    match fitted.fit(&Dataset::new(others, labels)) {
        Ok(fitted) => {
            let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
            fitted.params().iter().map(|weight| sign * weight).collect()
        }
        Err(error) => {
            tracing::warn!("the other action units are not heard for one of them: {error}");
            vec![0.0; count]
        }
    }
}
