//! CLIP's visual tower: an image → patch tokens and one pooled embedding.
//!
//! ```text
//! x₀ = LN([class; patches W_p] + positions)
//! x_n = Block_n(x_{n−1})
//! patch tokens = x_n without the class token, n = patch depth        method §2
//! embedding    = LN(class token of x_L) W_proj
//! ```

use burn::module::{Module, Param};
use burn::nn::{LayerNorm, Linear};
use burn::tensor::Tensor;

use super::block::Block;
use super::config::{PatchBlock, VisualConfig};
use super::error::ClipError;

/// The norm and projection behind the pooled embedding.
#[derive(Module, Debug)]
pub struct PooledHead {
    pub(super) norm: LayerNorm,
    /// [D, d]
    pub(super) projection: Param<Tensor<2>>,
}

/// A vision transformer as CLIP has it.
#[derive(Module, Debug)]
pub struct VisualTower {
    /// [D]
    pub(super) class_token: Option<Param<Tensor<1>>>,
    /// [3·p·p, D], a patch laid out channel, row, column.
    pub(super) patch_embedding: Linear,
    /// [T, D]
    pub(super) positions: Param<Tensor<2>>,
    pub(super) norm_in: LayerNorm,
    pub(super) blocks: Vec<Block>,
    pub(super) head: Option<PooledHead>,
    #[module(skip)]
    pub(super) config: VisualConfig,
}

/// What one pass through the visual tower gives.
#[derive(Clone, Debug)]
pub struct VisualOutput {
    /// Tokens of the configured block, without its class token, not normalised: [B, P, D];
    /// patch p = row · columns + column, rows from the top.
    pub patch_tokens: Tensor<3>,
    /// The pooled and projected embedding, not normalised: [B, d]; `None` for a tower without a pooled head.
    pub embedding: Option<Tensor<2>>,
}

impl VisualTower {
    /// The sizes of this tower.
    pub fn config(&self) -> &VisualConfig {
        &self.config
    }

    /// The same tower with patch tokens taken elsewhere.
    ///
    /// # Errors
    /// [`ClipError::Size`] when the tower has fewer blocks than that.
    pub fn with_patch_block(self, patch_block: PatchBlock) -> Result<Self, ClipError> {
        let config = VisualConfig { patch_block, ..self.config };
        config.patch_depth()?;
        Ok(Self { config, ..self })
    }

    /// Patch tokens of the configured block. Blocks behind it do not run.
    ///
    /// # Shapes
    /// - pixels: [B, 3, S, S], normalised as in [`preprocess`](super::preprocess), S = `image_px`
    /// - returns: [B, P, D], patch p = row · columns + column
    ///
    /// # Panics
    /// When the pixels are not [B, 3, S, S].
    pub fn patch_tokens(&self, pixels: Tensor<4>) -> Tensor<3> {
        let x = self.embed_patches(pixels);
        let x = self.run_blocks(x, 0..self.patch_depth());
        self.without_class_token(x)
    }

    /// Patch tokens and the pooled embedding in one pass.
    ///
    /// # Shapes
    /// - pixels: [B, 3, S, S], normalised as in [`preprocess`](super::preprocess), S = `image_px`
    ///
    /// # Panics
    /// When the pixels are not [B, 3, S, S].
    pub fn forward(&self, pixels: Tensor<4>) -> VisualOutput {
        let depth = self.patch_depth();
        let at_depth = self.run_blocks(self.embed_patches(pixels), 0..depth);
        let embedding = self.head.as_ref().map(|head| {
            let last = self.run_blocks(at_depth.clone(), depth..self.blocks.len());
            self.pool(head, last)
        });
        VisualOutput { patch_tokens: self.without_class_token(at_depth), embedding }
    }

    /// The tokens that enter the first block: [B, 3, S, S] → [B, T, D].
    fn embed_patches(&self, pixels: Tensor<4>) -> Tensor<3> {
        let patches = self.patch_embedding.forward(self.cut_patches(pixels)); // [B, P, D]
        let [batch, _, width] = patches.dims();
        let tokens = match &self.class_token {
            Some(class) => {
                let class = class.val().reshape([1, 1, width]).expand([batch, 1, width]);
                Tensor::cat(vec![class, patches], 1) // [B, 1 + P, D]
            }
            None => patches,
        };
        self.norm_in.forward(tokens + self.positions.val().unsqueeze())
    }

    /// [B, 3, S, S] → [B, P, 3·p·p]. A convolution with stride p is one product over these.
    fn cut_patches(&self, pixels: Tensor<4>) -> Tensor<3> {
        let VisualConfig { image_px, patch_px, .. } = self.config;
        let [batch, channels, height, width] = pixels.dims();
        assert!(
            [channels, height, width] == [3, image_px, image_px],
            "expected pixels [B, 3, {image_px}, {image_px}], got [{batch}, {channels}, {height}, {width}]",
        );
        let side = self.config.grid_side();
        pixels
            .reshape([batch, 3, side, patch_px, side, patch_px])
            .permute([0, 2, 4, 1, 3, 5]) // [B, rows, columns, 3, p, p]
            .reshape([batch, side * side, 3 * patch_px * patch_px])
    }

    fn run_blocks(&self, x: Tensor<3>, blocks: std::ops::Range<usize>) -> Tensor<3> {
        self.blocks[blocks].iter().fold(x, |x, block| block.forward(x))
    }

    /// [B, T, D] → [B, P, D]
    fn without_class_token(&self, x: Tensor<3>) -> Tensor<3> {
        let patches = self.config.patch_count();
        x.narrow(1, usize::from(self.config.class_token), patches)
    }

    /// [B, T, D] → [B, d]
    fn pool(&self, head: &PooledHead, x: Tensor<3>) -> Tensor<2> {
        let pooled = if self.config.class_token { x.narrow(1, 0, 1) } else { x.mean_dim(1) };
        let pooled = head.norm.forward(pooled.squeeze_dim::<2>(1)); // [B, D]
        pooled.matmul(head.projection.val())
    }

    pub(super) fn patch_depth(&self) -> usize {
        self.config.patch_depth().expect("a tower is built from a validated config")
    }
}
