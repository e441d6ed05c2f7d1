//! Calibration: an affine map of each AU's logit, fitted on held-out generators after training.
//!
//! ```text
//! z'_k = a_k z_k + b_k                                                                     // method §6
//! ```
//!
//! Ranking carries over between kinds of data, calibration does not: fit it on data made otherwise than the training data.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::error::ModelError;

/// Slope and shift of each AU's logit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// a: one an AU, over 0.
    pub slope: Vec<f32>,
    /// b: one an AU.
    pub shift: Vec<f32>,
}

impl Calibration {
    /// The calibration that changes nothing.
    pub fn none(aus: usize) -> Calibration {
        Calibration { slope: vec![1.0; aus], shift: vec![0.0; aus] }
    }

    /// Calibrated logits: `[B, K]` → `[B, K]`.
    pub fn apply(&self, logits: Tensor<2>) -> Tensor<2> {
        let device = &logits.device();
        let row = |values: &[f32]| Tensor::<2>::from_data(TensorData::new(values.to_vec(), [1, values.len()]), device);
        logits * row(&self.slope) + row(&self.shift) // method §6
    }

    /// # Errors
    /// Unless there is one finite pair for each AU with a slope over 0, so that ranks stay.
    pub(crate) fn check(&self, aus: usize) -> Result<(), ModelError> {
        let sizes = [self.slope.len(), self.shift.len()];
        let sane = self.slope.iter().all(|a| a.is_finite() && *a > 0.0) && self.shift.iter().all(|b| b.is_finite());
        if sizes == [aus, aus] && sane {
            return Ok(());
        }
        let expected = format!("{aus} finite slopes over 0 and {aus} finite shifts");
        Err(ModelError::Setting { setting: "calibration", expected, got: format!("{self:?}") })
    }
}
