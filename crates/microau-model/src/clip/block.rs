//! One pre-norm transformer block, the same in both towers.
//!
//! ```text
//! x ← x + Attention(LN₁(x))
//! x ← x + MLP(LN₂(x)),   MLP(x) = act(x W₁ + b₁) W₂ + b₂
//! ```

use burn::module::Module;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;
use burn::tensor::activation::{gelu, sigmoid};

use super::attention::SelfAttention;
use super::config::Activation;

/// The two-layer perceptron of a block.
#[derive(Module, Debug)]
pub struct Mlp {
    /// [D, mlp]
    pub(super) up: Linear,
    /// [mlp, D]
    pub(super) down: Linear,
    #[module(skip)]
    pub(super) activation: Activation,
}

impl Mlp {
    /// [B, T, D] → [B, T, D]
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let hidden = self.up.forward(x); // [B, T, mlp]
        let hidden = match self.activation {
            Activation::Gelu => gelu(hidden),
            Activation::QuickGelu => quick_gelu(hidden),
        };
        self.down.forward(hidden)
    }
}

/// Attention and perceptron, each behind its norm and around a residual.
#[derive(Module, Debug)]
pub struct Block {
    pub(super) norm_attention: LayerNorm,
    pub(super) attention: SelfAttention,
    pub(super) norm_mlp: LayerNorm,
    pub(super) mlp: Mlp,
}

impl Block {
    /// [B, T, D] → [B, T, D]
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let x = x.clone() + self.attention.forward(self.norm_attention.forward(x));
        x.clone() + self.mlp.forward(self.norm_mlp.forward(x))
    }
}

/// `x · σ(1.702 x)`, OpenAI's stand-in for GELU.
fn quick_gelu(x: Tensor<3>) -> Tensor<3> {
    x.clone() * sigmoid(x.mul_scalar(1.702))
}
