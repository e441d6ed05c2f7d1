//! Self-attention over a few tokens with an optional bias on its scores, and the pre-norm block around it.
//!
//! ```text
//! MHA(x) = W_O softmax( (x W_Q)(x W_K)ᵀ/√d_h + bias ) (x W_V)
//! block:  x ← x + MHA(LN x);   x ← x + MLP(LN x)
//! ```

use burn::module::Module;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;
use burn::tensor::activation::{gelu, softmax};

use crate::init::Init;

/// How much wider than a token the hidden layer of a perceptron is.
const MLP_RATIO: usize = 2;

/// Multi-head self-attention.
#[derive(Module, Debug)]
pub struct SelfAttention {
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
    #[module(skip)]
    heads: usize,
}

impl SelfAttention {
    fn new(width: usize, heads: usize, init: &mut Init) -> SelfAttention {
        let mut square = || init.linear(width, width, true);
        SelfAttention { query: square(), key: square(), value: square(), out: square(), heads }
    }

    /// Every token gathers from all.
    ///
    /// # Shapes
    /// - x: `[B, N, D]`
    /// - bias: `[1 or B, H, N, N]`, added to the scores before the softmax
    /// - returns: `[B, N, D]`
    pub fn forward(&self, x: Tensor<3>, bias: Option<Tensor<4>>) -> Tensor<3> {
        let [batch, tokens, width] = x.dims();
        let [query, key, value] = [&self.query, &self.key, &self.value].map(|map| self.split(map.forward(x.clone())));
        let scale = ((width / self.heads) as f32).sqrt();
        let mut scores = query.matmul(key.swap_dims(2, 3)).div_scalar(scale); // [B, H, N, N]
        if let Some(bias) = bias {
            scores = scores + bias;
        }
        let gathered = softmax(scores, 3).matmul(value); // [B, H, N, d_h]
        self.out.forward(gathered.swap_dims(1, 2).reshape([batch, tokens, width]))
    }

    /// `[B, N, D]` → `[B, H, N, d_h]`
    fn split(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, tokens, width] = x.dims();
        x.reshape([batch, tokens, self.heads, width / self.heads]).swap_dims(1, 2)
    }
}

/// Two layers with GELU between them.
#[derive(Module, Debug)]
pub struct Mlp {
    up: Linear,
    down: Linear,
}

impl Mlp {
    /// A perceptron on tokens of `width`.
    pub(crate) fn new(width: usize, init: &mut Init) -> Mlp {
        Mlp { up: init.linear(width, MLP_RATIO * width, true), down: init.linear(MLP_RATIO * width, width, true) }
    }

    /// `[..., D]` → `[..., D]`
    pub fn forward<const N: usize>(&self, x: Tensor<N>) -> Tensor<N> {
        self.down.forward(gelu(self.up.forward(x)))
    }
}

/// Attention and perceptron, each behind its norm and around a residual.
#[derive(Module, Debug)]
pub struct Block {
    norm_attention: LayerNorm,
    attention: SelfAttention,
    norm_mlp: LayerNorm,
    mlp: Mlp,
}

impl Block {
    /// A block on tokens of `width`.
    pub(crate) fn new(width: usize, heads: usize, init: &mut Init) -> Block {
        Block {
            norm_attention: init.norm(width),
            attention: SelfAttention::new(width, heads, init),
            norm_mlp: init.norm(width),
            mlp: Mlp::new(width, init),
        }
    }

    /// # Shapes
    /// - x: `[B, N, D]`
    /// - bias: `[1 or B, H, N, N]`
    /// - returns: `[B, N, D]`
    pub fn forward(&self, x: Tensor<3>, bias: Option<Tensor<4>>) -> Tensor<3> {
        let x = x.clone() + self.attention.forward(self.norm_attention.forward(x), bias);
        x.clone() + self.mlp.forward(self.norm_mlp.forward(x))
    }
}
