//! Patch Token Attention, the independence half of the method (LSI): an AU sees the patches of its own region only.
//!
//! ```text
//! q_k  = learned_k + W_t · mean_text_k
//! s_kp = (W_Q q_k)·(W_K m_p)/√d_h + ln r[k,p]               (−∞ where r = 0), for each head
//! α_k  = softmax_p(s_kp)
//! u_k  = q_k + W_O Σ_p α_kp W_V m_p ;   u_k ← u_k + MLP(LN(u_k))                          // method §3
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | m | `motion` | [B, P, D] | motion tokens |
//! | r | `region` | [B, K, P] | share of patch p that the region of AU k covers, in [0, 1] |
//! | learned | `learned` | [K, D] | learned query of each AU |
//! | mean_text | `text` | [K, d] | mean of the AU's two text vectors |
//! | q | `queries` | [K, D] | queries: the same for every clip |
//! | α | `attention` | [B, H, K, P] | weights; their mean over heads is the heat map shown to users |
//! | u | | [B, K, D] | one token an AU |
//!
//! AUs never see one another here. W_V and W_O are shared by all AUs: the several local features of a region land in one
//! common space.
//!
//! **How it is computed.** Queries do not depend on the clip and W_K, W_V have no bias, so both maps move from the P
//! patches to the K AUs: `(W_Q q)·(W_K m) = (W_Kᵀ W_Q q)·m` and `Σ α W_V m = W_V Σ α m`. That is three times less work.
//!
//! Paper silent: the abstract names PTA and its purpose, not its form. Ablations: `mean` replaces α by r / Σ r,
//! `whole-face` leaves ln r out.

use burn::module::{Module, Param};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

use crate::attention::Mlp;
use crate::config::{Lsi, MicroAuClipConfig};
use crate::init::{Init, TOKEN_SPREAD};

/// Stands for −∞: far below any score, yet its differences stay finite.
const MINUS_INFINITY: f32 = -1e9;

/// Reads one token for each AU from the patches of its region.
#[derive(Module, Debug)]
pub struct PatchTokenAttention {
    learned: Param<Tensor<2>>,
    text: Linear,
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
    norm: LayerNorm,
    mlp: Mlp,
    #[module(skip)]
    heads: usize,
    #[module(skip)]
    lsi: Lsi,
}

impl PatchTokenAttention {
    pub(crate) fn new(config: &MicroAuClipConfig, init: &mut Init) -> PatchTokenAttention {
        let width = config.width;
        PatchTokenAttention {
            learned: init.normal([config.au_count(), width], TOKEN_SPREAD),
            text: init.linear(config.text_width, width, false),
            query: init.linear(width, width, false),
            key: init.linear(width, width, false),
            value: init.linear(width, width, false),
            out: init.linear(width, width, true),
            norm: init.norm(width),
            mlp: Mlp::new(width, init),
            heads: config.heads,
            lsi: config.lsi,
        }
    }

    /// One token for each AU, and the weights with which it looked.
    ///
    /// # Shapes
    /// - motion: `[B, P, D]`
    /// - region: `[B, K, P]`, each row with at least one patch over 0
    /// - mean_text: `[K, d]`
    /// - returns: u `[B, K, D]`, α `[B, H, K, P]`
    pub fn forward(&self, motion: Tensor<3>, region: Tensor<3>, mean_text: Tensor<2>) -> (Tensor<3>, Tensor<4>) {
        let queries = self.learned.val() + self.text.forward(mean_text); // [K, D], method §3
        let attention = match self.lsi {
            Lsi::Pta => softmax(self.scores(&queries, &motion) + log_coverage(region), 3), // method §3
            Lsi::WholeFace => softmax(self.scores(&queries, &motion), 3),
            Lsi::Mean => self.by_coverage(region),
        };
        let gathered = self.out.forward(self.gather(&attention, motion)); // [B, K, D]
        let u = queries.unsqueeze::<3>() + gathered; // method §3
        let u = u.clone() + self.mlp.forward(self.norm.forward(u)); // method §3
        (u, attention)
    }

    /// `(W_Q q_k)·(W_K m_p)/√d_h` for each head: `[B, H, K, P]`.
    fn scores(&self, queries: &Tensor<2>, motion: &Tensor<3>) -> Tensor<4> {
        let [batch, patches, width] = motion.dims();
        let [aus, _] = queries.dims();
        let (heads, head_width) = (self.heads, width / self.heads);
        let query = self.query.forward(queries.clone()).reshape([aus, heads, head_width]).permute([1, 2, 0]); // [H, d_h, K]
        let key = self.key.weight.val().reshape([width, heads, head_width]).swap_dims(0, 1); // [H, D, d_h]
        let folded = key.matmul(query).swap_dims(0, 1).reshape([width, heads * aus]); // W_K W_Q q: [D, H·K]
        let scores = motion.clone().reshape([batch * patches, width]).matmul(folded); // [B·P, H·K]
        let scores =
            scores.reshape([batch, patches, heads * aus]).swap_dims(1, 2).reshape([batch, heads, aus, patches]);
        scores.div_scalar((head_width as f32).sqrt())
    }

    /// The weights of ablation `mean`, the same for each head: `[B, K, P]` → `[B, H, K, P]`.
    fn by_coverage(&self, region: Tensor<3>) -> Tensor<4> {
        let [batch, aus, patches] = region.dims();
        let share = region.clone() / region.sum_dim(2);
        share.unsqueeze_dim::<4>(1).expand([batch, self.heads, aus, patches])
    }

    /// `Σ_p α_kp W_V m_p`, heads side by side: `[B, K, D]`.
    fn gather(&self, attention: &Tensor<4>, motion: Tensor<3>) -> Tensor<3> {
        let [batch, heads, aus, patches] = attention.dims();
        let [_, _, width] = motion.dims();
        let pooled = attention.clone().reshape([batch, heads * aus, patches]).matmul(motion); // Σ α m: [B, H·K, D]
        let by_head = pooled.reshape([batch, heads, aus, width]).swap_dims(0, 1).reshape([heads, batch * aus, width]);
        let value = self.value.weight.val().reshape([width, heads, width / heads]).swap_dims(0, 1); // [H, D, d_h]
        let gathered = by_head.matmul(value); // [H, B·K, d_h]
        gathered.swap_dims(0, 1).reshape([batch, aus, width])
    }
}

/// `ln r`, −∞ where no part of a patch is covered: `[B, K, P]` → `[B, 1, K, P]`.
fn log_coverage(region: Tensor<3>) -> Tensor<4> {
    let outside = region.clone().lower_equal_elem(0.0);
    region.clamp_min(f32::MIN_POSITIVE).log().mask_fill(outside, MINUS_INFINITY).unsqueeze_dim(1)
}
