//! Scores: how much nearer an AU's feature lies to the text "active" than to the text "inactive".
//!
//! ```text
//! v_k = normalise(W_p f_k)
//! z_k = ( v_k·t_k^act − v_k·t_k^inact ) / τ + β_k                                         // method §6
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | f | `features` | [B, K, D] | AU features |
//! | v | `joint` | [B, K, d] | AU features in the joint space, unit length |
//! | t^act, t^inact | `text.active`, `text.inactive` | [K, d] | text vectors, unit length |
//! | ln 1/τ | `log_scale` | 1 | learned; 1/τ never above 100, as in CLIP |
//! | β | `bias` | `[K]` | how rare an AU is |
//! | z | `logits` | [B, K] | p = σ(z) |

use burn::module::{Module, Param};
use burn::tensor::Tensor;

use crate::config::MicroAuClipConfig;
use crate::init::Init;
use crate::prompt::TextTensors;

/// 1/τ at the start, as in CLIP.
const INITIAL_SCALE: f32 = 1.0 / 0.07;
/// The largest 1/τ, as in CLIP.
pub(crate) const MAX_SCALE: f32 = 100.0;

/// Likeness of AU features to text vectors, divided by the temperature.
#[derive(Clone, Debug)]
pub struct Alignment {
    /// `v_k·t_l^act / τ`: `[B, K, L]`, L = K.
    pub to_active: Tensor<3>,
    /// `v_k·t_k^inact / τ`: `[B, K]`.
    pub to_inactive: Tensor<2>,
}

/// Maps AU features into the joint space and compares them with text.
#[derive(Module, Debug)]
pub struct ScoreHead {
    projection: Param<Tensor<2>>,
    log_scale: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
}

impl ScoreHead {
    pub(crate) fn new(config: &MicroAuClipConfig, init: &mut Init) -> ScoreHead {
        ScoreHead {
            projection: init.normal([config.width, config.text_width], (config.width as f32).powf(-0.5)),
            log_scale: init.constant([1], INITIAL_SCALE.ln()),
            bias: init.constant([config.au_count()], 0.0),
        }
    }

    /// `v = normalise(W_p f)`: `[B, K, D]` → `[B, K, d]`.
    pub fn joint(&self, features: Tensor<3>) -> Tensor<3> {
        normalised(features.matmul(self.projection.val().unsqueeze())) // method §6
    }

    /// Likeness of each AU's feature to the texts, over τ.
    ///
    /// # Shapes
    /// - joint: `[B, K, d]`
    pub fn alignment(&self, joint: &Tensor<3>, text: &TextTensors) -> Alignment {
        let scale = self.log_scale.val().clamp_max(MAX_SCALE.ln()).exp(); // 1/τ, method §6
        let [batch, aus, width] = joint.dims();
        let to_active = joint.clone().reshape([batch * aus, width]).matmul(text.active.clone().transpose());
        let to_inactive = (joint.clone() * text.inactive.clone().unsqueeze()).sum_dim(2).squeeze_dim::<2>(2);
        Alignment {
            to_active: to_active.reshape([batch, aus, aus]) * scale.clone().unsqueeze(),
            to_inactive: to_inactive * scale.unsqueeze(),
        }
    }

    /// `z`: `[B, K]`.
    pub fn logits(&self, alignment: &Alignment) -> Tensor<2> {
        alignment.to_own() - alignment.to_inactive.clone() + self.bias.val().unsqueeze() // method §6
    }
}

impl Alignment {
    /// `v_k·t_k^act / τ`, each AU against its own text: `[B, K]`.
    pub fn to_own(&self) -> Tensor<2> {
        let [_, aus, _] = self.to_active.dims();
        let own = Tensor::<2>::eye(aus, &self.to_active.device());
        (self.to_active.clone() * own.unsqueeze()).sum_dim(2).squeeze_dim(2)
    }
}

/// Rows of unit length: `x / √(|x|² + 1e-12)` over the last axis.
pub(crate) fn normalised<const N: usize>(x: Tensor<N>) -> Tensor<N> {
    let square = x.clone().powi_scalar(2).sum_dim(N - 1);
    x / (square + 1e-12).sqrt()
}
