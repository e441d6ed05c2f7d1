//! φ, the patch embedding of the flow: planes (u, v, strain) → one token a patch.
//!
//! ```text
//! φ(flow)_p = E(flow)_p + pos_p                                                            // method §2
//! linear  E = W flow_p + b                       flow_p: the samples inside patch p
//! mlp     E = W₂ GELU(W₁ flow_p + b₁) + b₂
//! conv    E = C_n ∘ ReLU ∘ … ∘ ReLU ∘ C₁         C_i: 3x3 convolution of stride 2, down to one sample a patch
//! ```
//!
//! `linear` and `mlp` keep to their patch; with `conv` a token also sees about half a patch around its own. The positions
//! stand here because flow, unlike the pixel tower, has none of its own.
//!
//! Paper silent: flow is our addition. ReLU in the convolutions, because GELU costs ten times as much on a CPU.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::{gelu, relu};
use burn::tensor::{Int, Tensor};

use crate::batch::FLOW_CHANNELS;
use crate::config::{FlowEmbed, MicroAuClipConfig};
use crate::init::{Init, TOKEN_SPREAD};

/// φ with its positions.
#[derive(Module, Debug)]
pub struct FlowEmbedding {
    /// `linear`, and the second layer of `mlp`: `[inputs, D]`.
    out: Option<Linear>,
    /// The first layer of `mlp`: `[3·s·s, 2D]`.
    hidden: Option<Linear>,
    /// `conv`: the halvings one after the other.
    halvings: Vec<Conv2d>,
    /// `[P, D]`
    positions: Param<Tensor<2>>,
    /// Flow samples along one side of a patch, s.
    #[module(skip)]
    patch_side: usize,
}

impl FlowEmbedding {
    pub(crate) fn new(config: &MicroAuClipConfig, init: &mut Init) -> FlowEmbedding {
        let (width, side) = (config.width, config.flow_patch_side());
        let samples = FLOW_CHANNELS * side * side;
        let (hidden, out, halvings) = match config.flow_embed {
            FlowEmbed::Linear => (None, Some(init.linear(samples, width, true)), vec![]),
            FlowEmbed::Mlp => {
                (Some(init.linear(samples, 2 * width, true)), Some(init.linear(2 * width, width, true)), vec![])
            }
            FlowEmbed::Conv => (None, None, halvings(side.ilog2() as usize, width, init)),
        };
        let positions = init.normal([config.patch_count(), width], TOKEN_SPREAD);
        FlowEmbedding { out, hidden, halvings, positions, patch_side: side }
    }

    /// # Shapes
    /// - flow: `[B, T, 3, h, w]`
    /// - patches: `[P']`, those that are wanted; all when `None`
    /// - returns: `[B, T, P, D]`, or `[B, T, P', D]`
    pub fn forward(&self, flow: Tensor<5>, patches: Option<&Tensor<1, Int>>) -> Tensor<4> {
        let [batch, frames, channels, height, width] = flow.dims();
        let planes = flow.reshape([batch * frames, channels, height, width]);
        let chosen = |x: Tensor<3>| match patches {
            Some(patches) => x.select(1, patches.clone()),
            None => x,
        };
        let embedded = match &self.out {
            Some(out) => self.by_patch(chosen(self.samples(planes)), out),
            None => chosen(self.by_convolution(planes)),
        };
        let placed = embedded + chosen(self.positions.val().unsqueeze()); // method §2
        let [_, patches, token_width] = placed.dims();
        placed.reshape([batch, frames, patches, token_width])
    }

    /// The flow inside each patch: `[N, 3, h, w]` → `[N, P, 3·s·s]`.
    fn samples(&self, planes: Tensor<4>) -> Tensor<3> {
        let [count, channels, height, width] = planes.dims();
        let side = self.patch_side;
        let (rows, cols) = (height / side, width / side);
        let by_patch = planes.reshape([count, channels, rows, side, cols, side]).permute([0, 2, 4, 1, 3, 5]);
        by_patch.reshape([count, rows * cols, channels * side * side])
    }

    /// `[N, P, 3·s·s]` → `[N, P, D]`, nothing crossing the border of a patch.
    fn by_patch(&self, samples: Tensor<3>, out: &Linear) -> Tensor<3> {
        match &self.hidden {
            Some(hidden) => out.forward(gelu(hidden.forward(samples))),
            None => out.forward(samples),
        }
    }

    /// `[N, 3, h, w]` → `[N, P, D]`, halving by halving.
    fn by_convolution(&self, planes: Tensor<4>) -> Tensor<3> {
        let (last, first) = self.halvings.split_last().expect("conv has at least one halving");
        let planes = first.iter().fold(planes, |x, conv| relu(conv.forward(x)));
        let planes = last.forward(planes); // [N, D, rows, cols]
        planes.flatten::<3>(2, 3).swap_dims(1, 2)
    }
}

/// `count` convolutions whose widths double up to `width`.
fn halvings(count: usize, width: usize, init: &mut Init) -> Vec<Conv2d> {
    let channels = |level: usize| if level == 0 { FLOW_CHANNELS } else { (width >> (count - level)).max(1) };
    (0..count).map(|level| init.halving_conv(channels(level), channels(level + 1))).collect()
}
