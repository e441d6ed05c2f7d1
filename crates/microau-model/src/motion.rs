//! Motion tokens: what each patch shows and how it moved since the onset.
//!
//! ```text
//! m_p = LN( W_a T(I_t)_p + W_δ (T(I_t)_p − T(I_o)_p) + φ(flow)_p )                        // method §2
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | T(I_t) | `later` | [B, T, P, V] | patch tokens of the crops after the onset |
//! | T(I_o) | `onset` | [B, P, V] | patch tokens of the onset crop |
//! | W_a | `appearance` | V → D | what is seen |
//! | W_δ | `change` | V → D | what has changed |
//! | φ | `flow` | [B, T, 3, h, w] → [B, T, P, D] | [`FlowEmbedding`] |
//! | m | | [B, T, P, D] | motion tokens |
//!
//! The input mode says which terms there are: `apex` W_a · `pair` W_a, W_δ · `flow` φ · `pair+flow` all three.
//!
//! Paper silent: the input and this sum. Published results say that motion decides, and a pixel tower alone cannot see a
//! movement of one to three px.

use burn::module::Module;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Int, Tensor};

use crate::attention::Block;
use crate::config::MicroAuClipConfig;
use crate::flow_embedding::FlowEmbedding;
use crate::init::Init;

/// Patch tokens of the pixel tower for the crops of a batch: they may be kept on disk while the tower is frozen.
#[derive(Clone, Debug)]
pub struct VisualTokens {
    /// Tokens of the onset crops `[B, P, V]`; `None` in input mode `apex`.
    pub onset: Option<Tensor<3>>,
    /// Tokens of the crops after the onset `[B, T, P, V]`.
    pub later: Tensor<4>,
}

/// Sums what is seen, what has changed and what flows into one token a patch.
#[derive(Module, Debug)]
pub struct MotionTokens {
    appearance: Option<Linear>,
    change: Option<Linear>,
    flow: Option<FlowEmbedding>,
    norm: LayerNorm,
    blocks: Vec<Block>,
}

impl VisualTokens {
    /// The tokens of some patches alone: `patches` `[P']`.
    pub(crate) fn of(self, patches: &Tensor<1, Int>) -> VisualTokens {
        VisualTokens {
            onset: self.onset.map(|onset| onset.select(1, patches.clone())),
            later: self.later.select(2, patches.clone()),
        }
    }
}

impl MotionTokens {
    pub(crate) fn new(config: &MicroAuClipConfig, init: &mut Init) -> MotionTokens {
        let (width, visual) = (config.width, config.visual.width);
        MotionTokens {
            appearance: config.input.sees_pixels().then(|| init.linear(visual, width, true)),
            change: config.input.sees_onset().then(|| init.linear(visual, width, false)),
            flow: config.input.sees_flow().then(|| FlowEmbedding::new(config, init)),
            norm: init.norm(width),
            blocks: (0..config.motion_blocks).map(|_| Block::new(width, config.heads, init)).collect(),
        }
    }

    /// One motion token for each patch and frame after the onset, or for some patches alone.
    ///
    /// # Shapes
    /// - flow: `[B, T, 3, h, w]`
    /// - patches: `[P']`; tokens that are given are of these patches already
    /// - returns: `[B, T, P, D]`, or `[B, T, P', D]`
    ///
    /// # Panics
    /// When tokens or flow are missing that the input mode needs: [`Batch::new`](crate::batch::Batch::new) lets no such
    /// batch through.
    pub fn forward(
        &self,
        tokens: Option<VisualTokens>,
        flow: Option<Tensor<5>>,
        patches: Option<&Tensor<1, Int>>,
    ) -> Tensor<4> {
        let later = || tokens.as_ref().expect("the input mode needs crops").later.clone();
        let since_onset = || {
            let onset = tokens.as_ref().and_then(|tokens| tokens.onset.clone());
            later() - onset.expect("the input mode needs the onset crop").unsqueeze_dim(1)
        };
        let seen = self.appearance.as_ref().map(|w_a| w_a.forward(later()));
        let changed = self.change.as_ref().map(|w_delta| w_delta.forward(since_onset()));
        let flows = self.flow.as_ref().map(|phi| phi.forward(flow.expect("the input mode needs flow"), patches));

        let sum = [seen, changed, flows].into_iter().flatten().reduce(|sum, term| sum + term);
        let motion = self.norm.forward(sum.expect("every input mode has a term")); // method §2
        self.mixed(motion)
    }

    /// Lets patches see one another, when asked to: `[B, T, P, D]` → `[B, T, P, D]`.
    pub(crate) fn mixed(&self, motion: Tensor<4>) -> Tensor<4> {
        if self.blocks.is_empty() {
            return motion;
        }
        let [batch, frames, patches, width] = motion.dims();
        let tokens = motion.reshape([batch * frames, patches, width]);
        let tokens = self.blocks.iter().fold(tokens, |x, block| block.forward(x, None));
        tokens.reshape([batch, frames, patches, width])
    }
}
