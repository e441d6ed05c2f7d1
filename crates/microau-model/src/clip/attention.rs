//! Self-attention of a CLIP block, with query, key and value in one product.
//!
//! ```text
//! q, k, v = x W_qkv + b_qkv        (+ low-rank adapters on q and v, see lora.rs)
//! out     = softmax(q kᵀ / √(D/H)) v W_o + b_o
//! ```

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::module::attention;
use burn::tensor::ops::AttentionModuleOptions;

use super::lora::QueryValueLora;

/// Multi-head self-attention.
#[derive(Module, Debug)]
pub struct SelfAttention {
    /// Query, key and value side by side: [D, 3D].
    pub(super) qkv: Linear,
    /// [D, D].
    pub(super) out: Linear,
    /// Low-rank adapters while tuning with `lora:r`.
    pub(super) lora: Option<QueryValueLora>,
    #[module(skip)]
    pub(super) heads: usize,
    /// Whether a token sees only itself and those before it (text).
    #[module(skip)]
    pub(super) causal: bool,
}

impl SelfAttention {
    /// Every token gathers from the others.
    ///
    /// # Shapes
    /// - x: [B, T, D]
    /// - returns: [B, T, D]
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, tokens, width] = x.dims();
        let qkv = self.qkv.forward(x.clone()); // [B, T, 3D]
        let part = |index: usize| qkv.clone().narrow(2, index * width, width);
        let (mut query, key, mut value) = (part(0), part(1), part(2));
        if let Some(lora) = &self.lora {
            query = query + lora.query_delta(x.clone());
            value = value + lora.value_delta(x);
        }
        let options = AttentionModuleOptions { is_causal: self.causal, ..Default::default() };
        let [query, key, value] = [query, key, value].map(|x| self.split_heads(x));
        let seen = attention(query, key, value, None, None, options); // [B, H, T, D/H]
        let merged = seen.swap_dims(1, 2).reshape([batch, tokens, width]); // [B, T, D]
        self.out.forward(merged)
    }

    /// [B, T, D] → [B, H, T, D/H]
    fn split_heads(&self, x: Tensor<3>) -> Tensor<4> {
        let [batch, tokens, width] = x.dims();
        x.reshape([batch, tokens, self.heads, width / self.heads]).swap_dims(1, 2)
    }
}
