//! What training makes small: MiAUCL and GDLoss.
//!
//! ```text
//! L = MiAUCL + λ_G · GDLoss                                                                // method §7
//! ```

pub mod class_weight;
pub mod gdloss;
pub mod miaucl;

use burn::tensor::Tensor;

pub use class_weight::ClassWeights;
pub use gdloss::GlobalDependencyLoss;

/// The loss of a batch and its parts, each a scalar `[1]` before its weight λ.
#[derive(Clone, Debug)]
pub struct LossParts {
    /// What is to be made small.
    pub total: Tensor<1>,
    /// `L_state`.
    pub state: Tensor<1>,
    /// `L_v2t`; `None` when MiAUCL is the state loss alone.
    pub v2t: Option<Tensor<1>>,
    /// `L_t2v`; likewise.
    pub t2v: Option<Tensor<1>>,
    /// GDLoss; `None` when it is off.
    pub gdloss: Option<Tensor<1>>,
}

impl LossParts {
    /// Names and values of the parts that are there, the total first; for logs.
    pub fn values(&self) -> Vec<(&'static str, f32)> {
        let parts = [
            ("loss", Some(&self.total)),
            ("state", Some(&self.state)),
            ("v2t", self.v2t.as_ref()),
            ("t2v", self.t2v.as_ref()),
            ("gdloss", self.gdloss.as_ref()),
        ];
        parts.into_iter().filter_map(|(name, part)| Some((name, part?.clone().into_scalar::<f32>()))).collect()
    }
}
