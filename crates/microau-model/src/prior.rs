//! The dependency prior: how AUs go together, or exclude each other, in the training fold.
//!
//! ```text
//! φ_kl = (n₁₁ n₀₀ − n₁₀ n₀₁) / √(n₁• n₀• n•₁ n•₀)      phi coefficient of the pair k ≠ l
//! C_kl = φ_kl · n_kl / (n_kl + κ)                      shrunk by the pairs seen      // method §4
//! ω_kl = n_kl / (n_kl + κ)                             how far a pair is believed    // method §7
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | n_ab | `counts` | 2x2 | clips with label a of AU k and label b of AU l, both known |
//! | n_kl | `seen` | 1 | clips in which both labels are known *and at least one of the two AUs is active* |
//! | κ | `kappa` | 1 | pairs at which the prior is half believed |
//!
//! Paper silent: the whole form. The coefficient is signed, because real annotations show exclusions as strong as
//! co-occurrences. Clips in which both AUs are absent tell nothing of how they go together, so they do not count as
//! "seen"; they do enter the coefficient. A pair of which one AU never varies has no coefficient: C = ω = 0.

use burn::tensor::{Device, Tensor, TensorData};
use microau_core::au::Au;
use serde::{Deserialize, Serialize};

use crate::coupling::Couplings;
use crate::labels::TrainingLabels;

/// Signed dependency of AU pairs, learnt from labels of the training fold only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prior {
    aus: Vec<Au>,
    /// C, row-major `[K, K]`, in [-1, 1], symmetric, diagonal 0.
    dependency: Vec<f32>,
    /// ω, row-major `[K, K]`, in [0, 1], symmetric, diagonal 0.
    trust: Vec<f32>,
    /// What an AU adds when all others are known.
    #[serde(default, skip_serializing_if = "Couplings::is_none")]
    couplings: Couplings,
}

impl Prior {
    /// The prior that knows nothing: C = 0, ω = 0 and J = 0.
    pub fn none(aus: &[Au]) -> Prior {
        let zeros = vec![0.0; aus.len() * aus.len()];
        Prior { aus: aus.to_vec(), dependency: zeros.clone(), trust: zeros, couplings: Couplings::none() }
    }

    /// The prior of a training fold; unknown labels take no part.
    pub fn from_labels(labels: &TrainingLabels, kappa: f32) -> Prior {
        let mut prior = Prior::none(labels.aus());
        let count = labels.aus().len();
        for k in 0..count {
            for l in 0..k {
                let pair = PairCounts::of(labels, k, l);
                let trust = pair.trust(f64::from(kappa));
                for cell in [k * count + l, l * count + k] {
                    prior.dependency[cell] = (pair.phi().unwrap_or(0.0) * trust) as f32; // method §4
                    prior.trust[cell] = trust as f32; // method §7
                }
            }
        }
        Prior { couplings: Couplings::from_labels(labels), ..prior }
    }

    /// AUs in row and column order.
    pub fn aus(&self) -> &[Au] {
        &self.aus
    }

    /// C of two AUs by place, in [-1, 1].
    pub fn dependency_of(&self, k: usize, l: usize) -> f32 {
        self.dependency[k * self.aus.len() + l]
    }

    /// ω of two AUs by place, in [0, 1].
    pub fn trust_of(&self, k: usize, l: usize) -> f32 {
        self.trust[k * self.aus.len() + l]
    }

    /// J and π.
    pub fn couplings(&self) -> &Couplings {
        &self.couplings
    }

    /// C as a tensor `[K, K]`.
    pub fn dependency(&self, device: &Device) -> Tensor<2> {
        square(&self.dependency, self.aus.len(), device)
    }

    /// ω as a tensor `[K, K]`.
    pub fn trust(&self, device: &Device) -> Tensor<2> {
        square(&self.trust, self.aus.len(), device)
    }
}

/// Clips by the labels of two AUs: `counts[label of k][label of l]`.
struct PairCounts([[f64; 2]; 2]);

impl PairCounts {
    fn of(labels: &TrainingLabels, k: usize, l: usize) -> PairCounts {
        let mut counts = [[0.0; 2]; 2];
        for row in labels.rows() {
            if let (Some(of_k), Some(of_l)) = (row[k], row[l]) {
                counts[usize::from(of_k)][usize::from(of_l)] += 1.0;
            }
        }
        PairCounts(counts)
    }

    fn phi(&self) -> Option<f64> {
        let [[n00, n01], [n10, n11]] = self.0;
        let spread = (n10 + n11) * (n00 + n01) * (n01 + n11) * (n00 + n10);
        (spread > 0.0).then(|| (n11 * n00 - n10 * n01) / spread.sqrt())
    }

    fn trust(&self, kappa: f64) -> f64 {
        let [[_, n01], [n10, n11]] = self.0;
        let seen = n01 + n10 + n11;
        if self.phi().is_some() { seen / (seen + kappa) } else { 0.0 }
    }
}

fn square(values: &[f32], side: usize, device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values.to_vec(), [side, side]), device)
}
