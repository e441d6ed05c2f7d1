//! GDLoss, the Global Dependency Loss: AU features resemble one another as far as their AUs go together.
//!
//! ```text
//! c_ik = W_z f_ik − its mean over the batch
//! R_kl = Σ_i c_ik·c_il / √( Σ_i |c_ik|² · Σ_i |c_il|² )
//! GDLoss = Σ_{k<l} ω_kl (R_kl − C_kl)²                                                     // method §7
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | f | `features` | [B, K, D] | AU features |
//! | W_z | `projection` | D → D | the space in which AUs are compared |
//! | R | `likeness` | [K, K] | how far two AUs' features change together from clip to clip, in [-1, 1] |
//! | C | `dependency` | [K, K] | signed prior from the training fold |
//! | ω | `trust` | [K, K] | how far each pair is believed, in [0, 1) |
//!
//! The mean of each AU is taken away, since it says which AU this is and nothing of a clip: with it, the loss is made small by
//! moving AUs that never change (docs/results.md).
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
        let changes = z.clone() - z.mean_dim(0); // c, method §7
        let rows = normalised(changes.swap_dims(0, 1).reshape([aus, batch * width]));
        rows.clone().matmul(rows.transpose()) // method §7
    }
}
