//! Global Dependency Attention, the dependency half of the method (GSD): AUs look at one another.
//!
//! ```text
//! A   = softmax( Q Kᵀ/√d_h + b_h · C )
//! f_k = u_k + g · GDA(u)_k                                                                // method §4
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | u | `tokens` | [B, K, D] | AU tokens of PTA |
//! | C | `dependency` | [K, K] | signed prior of AU pairs, from the training fold ([`Prior`](crate::prior::Prior)) |
//! | b_h | `bias` | `[H]` | how far each head believes the prior |
//! | g | `gate` | 1 | how much of the dependency enters |
//! | f | | [B, K, D] | AU features |
//!
//! GDA(u) is what one pre-norm transformer block adds to u: with g = 0 LSI stands alone.
//!
//! Paper silent: the abstract names GDA and its purpose. That the prior is signed, the gate and their start (b = 1,
//! g = 0.1) are ours.

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::attention::Block;
use crate::config::MicroAuClipConfig;
use crate::init::Init;

/// Attention among AUs under a signed prior, behind a gate.
#[derive(Module, Debug)]
pub struct GlobalDependencyAttention {
    block: Block,
    bias: Param<Tensor<1>>,
    gate: Param<Tensor<1>>,
}

impl GlobalDependencyAttention {
    pub(crate) fn new(config: &MicroAuClipConfig, init: &mut Init) -> GlobalDependencyAttention {
        GlobalDependencyAttention {
            block: Block::new(config.width, config.heads, init),
            bias: init.constant([config.heads], 1.0),
            gate: init.constant([1], 0.1),
        }
    }

    /// # Shapes
    /// - tokens: `[B, K, D]`
    /// - dependency: `[K, K]`
    /// - returns: `[B, K, D]`
    pub fn forward(&self, tokens: Tensor<3>, dependency: Tensor<2>) -> Tensor<3> {
        let bias = self.bias.val().reshape([1, -1, 1, 1]) * dependency.unsqueeze(); // b_h · C: [1, H, K, K], method §4
        let added = self.block.forward(tokens.clone(), Some(bias)) - tokens.clone();
        tokens + self.gate.val().unsqueeze() * added // method §4
    }
}
