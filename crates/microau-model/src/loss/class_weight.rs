//! Weights against the rarity of AUs.
//!
//! ```text
//! w_k = min( negatives_k / positives_k , 10 )        weight of an active label; an inactive one weighs 1   // method §6
//! ```
//!
//! Paper silent. The cap, because weights of very rare AUs are known to make training diverge. An AU without a positive
//! label has weight 1: there is nothing to weigh.

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::labels::TrainingLabels;

/// The largest weight of an active label.
pub const WEIGHT_CAP: f32 = 10.0;

/// Weight of an active label of each AU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassWeights(Vec<f32>);

impl ClassWeights {
    /// Every label weighs the same.
    pub fn equal(aus: usize) -> ClassWeights {
        ClassWeights(vec![1.0; aus])
    }

    /// Weights from the training fold; unknown labels do not count.
    pub fn from_labels(labels: &TrainingLabels) -> ClassWeights {
        let count = |k: usize, label: bool| labels.rows().filter(|row| row[k] == Some(label)).count() as f32;
        let weight = |k: usize| {
            let (positives, negatives) = (count(k, true), count(k, false));
            if positives > 0.0 { (negatives / positives).min(WEIGHT_CAP) } else { 1.0 } // method §6
        };
        ClassWeights((0..labels.aus().len()).map(weight).collect())
    }

    /// One weight an AU.
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    /// The weights as a tensor `[K]`.
    pub fn tensor(&self, device: &Device) -> Tensor<1> {
        Tensor::from_data(TensorData::new(self.0.clone(), [self.0.len()]), device)
    }
}
