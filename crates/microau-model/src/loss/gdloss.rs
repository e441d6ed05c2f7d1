//! GDLoss, the Global Dependency Loss: AU features resemble one another as far as their AUs go together.
//!
//! ```text
//! ẑ_ik = normalise(W_z f_ik − its mean over AUs and batch)
//! R_kl = mean_i ẑ_ik·ẑ_il
//! GDLoss = Σ_{k<l} ω_kl (R_kl − C_kl)²                                                     // method §7
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | f | `features` | [B, K, D] | AU features |
//! | W_z | `projection` | D → D | the space in which AUs are compared |
//! | R | `likeness` | [K, K] | mean likeness of two AUs' features, in [-1, 1] |
//! | C | `dependency` | [K, K] | signed prior from the training fold |
//! | ω | `trust` | [K, K] | how far each pair is believed, in [0, 1) |
//!
//! Without the mean taken away, what all features share would make every pair alike and no exclusion could be learnt.
//!
//! Paper silent: the abstract names GDLoss and its purpose, not its form.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;

use crate::config::MicroAuClipConfig;
use crate::head::normalised;
use crate::init::Init;

/// GDLoss with the projection it learns.
#[derive(Module, Debug)]
pub struct GlobalDependencyLoss {
    projection: Linear,
}

impl GlobalDependencyLoss {
    pub(crate) fn new(config: &MicroAuClipConfig, init: &mut Init) -> GlobalDependencyLoss {
        GlobalDependencyLoss { projection: init.linear(config.width, config.width, false) }
    }

    /// # Shapes
    /// - features: `[B, K, D]`
    /// - dependency, trust: `[K, K]`, symmetric, trust 0 on its diagonal
    /// - returns: scalar `[1]`
    pub fn forward(&self, features: Tensor<3>, dependency: Tensor<2>, trust: Tensor<2>) -> Tensor<1> {
        let likeness = self.likeness(features);
        let misfit = (likeness - dependency).powi_scalar(2) * trust;
        misfit.sum().mul_scalar(0.5) // each pair stands twice in the matrix, method §7
    }

    /// R: `[B, K, D]` → `[K, K]`.
    fn likeness(&self, features: Tensor<3>) -> Tensor<2> {
        let [batch, aus, width] = features.dims();
        let z = self.projection.forward(features); // [B, K, D]
        let mean = z.clone().mean_dim(0).mean_dim(1); // [1, 1, D]
        let z = normalised(z - mean); // method §7
        let rows = z.swap_dims(0, 1).reshape([aus, batch * width]);
        rows.clone().matmul(rows.transpose()).div_scalar(batch as f32) // method §7
    }
}
