//! CLIP's visual tower on the engine: the same tokens as [`VisualTower::patch_tokens`].
//!
//! ```text
//! x ← LN([class; patches W_p] + positions)
//! x ← x + Attention(LN₁(x)) ;   x ← x + MLP(LN₂(x))                      for each block up to the patch tokens
//! ```
//!
//! Norms are taken while rows are packed; bias, GELU and the sum with x are part of the products. A few pictures go through
//! all blocks at a time: their activations then stay in the caches, whatever the size of the batch.

use microau_kernels::{Activations, Attention, Finish, LayerNorm, Level, Matrix, Precision, Weights, multiply};

use super::named::Named;
use crate::clip::{Activation, VisualConfig, VisualTower};

/// The narrowest head that attention takes; narrower ones get columns of zeros.
const NARROWEST_HEAD: usize = 32;

/// A visual tower that only looks.
pub struct FastTower {
    config: VisualConfig,
    level: Level,
    /// What stands in x before the patches are added: positions, and the class token above them `[T, D]`.
    start: Matrix,
    patch_embedding: Weights,
    norm_in: LayerNorm,
    blocks: Vec<Block>,
    attention: Attention,
    desk: Desk,
}

/// One block, packed.
struct Block {
    norm_attention: LayerNorm,
    qkv: Weights,
    out: Weights,
    norm_mlp: LayerNorm,
    up: Weights,
    down: Weights,
}

/// Memory that is kept from call to call.
struct Desk {
    /// Left operand of each product.
    rows: Activations,
    /// Patches, queries with keys and values, hidden units: what leaves one product and enters the next step.
    wide: Matrix,
    /// What attention gathered.
    seen: Matrix,
    /// The tokens.
    x: Matrix,
    /// One patch.
    patch: Vec<f32>,
}

impl FastTower {
    /// Reads the weights of a tower as far as its patch tokens need them; adapters are folded in.
    pub fn new(tower: &VisualTower, precision: Precision) -> FastTower {
        FastTower::at_level(tower, precision, Level::best())
    }

    /// The same with the vectors of a level; one that the processor lacks is computed with scalars.
    pub fn at_level(tower: &VisualTower, precision: Precision, level: Level) -> FastTower {
        let config = tower.config().clone();
        let named = Named::of(&tower.clone().merge_lora());
        let head_width = config.width / config.heads;
        let padded = head_width.next_power_of_two().max(NARROWEST_HEAD);
        let depth = config.patch_depth().expect("a tower is built from a validated config");
        let block = |place| Block::new(&named, &format!("blocks.{place}"), precision, [head_width, padded]);
        let scale = (head_width as f32).powf(-0.5);
        FastTower {
            start: start(&named, &config),
            patch_embedding: named.linear("patch_embedding").pack(precision),
            norm_in: named.norm("norm_in"),
            blocks: (0..depth).map(block).collect(),
            attention: Attention::new(level, precision, config.heads, padded, scale),
            desk: Desk {
                rows: Activations::new(precision),
                wide: Matrix::default(),
                seen: Matrix::default(),
                x: Matrix::default(),
                patch: Vec::new(),
            },
            config,
            level,
        }
    }

    /// The sizes of this tower.
    pub fn config(&self) -> &VisualConfig {
        &self.config
    }

    /// Patch tokens of pictures, work split over the threads of the current pool.
    ///
    /// # Shapes
    /// - pixels: `[B, 3, S, S]`, normalised as in [`preprocess`](crate::clip::preprocess)
    /// - tokens: becomes `[B, P, D]`
    ///
    /// # Panics
    /// When the pixels are no whole number of pictures.
    pub fn patch_tokens(&mut self, pixels: &[f32], tokens: &mut Vec<f32>) {
        let all: Vec<usize> = (0..self.config.patch_count()).collect();
        self.patch_tokens_of(pixels, &all, None, tokens);
    }

    /// Those of some patches alone. With `prune` the others go no further than so many blocks: what follows is computed for
    /// the patches that are left, which then see the others no more.
    ///
    /// # Shapes
    /// - pixels: `[B, 3, S, S]`
    /// - patches: `[P']`
    /// - tokens: becomes `[B, P', D]`
    ///
    /// # Panics
    /// When the pixels are no whole number of pictures, or there is no such patch.
    pub fn patch_tokens_of(&mut self, pixels: &[f32], patches: &[usize], prune: Option<usize>, tokens: &mut Vec<f32>) {
        let picture = 3 * self.config.image_px * self.config.image_px;
        assert!(pixels.len().is_multiple_of(picture), "expected pictures of {picture} values, got {}", pixels.len());
        let count = patches.len() * self.config.width;
        tokens.resize(pixels.len() / picture * count, 0.0);
        rayon::scope(|_| {
            let at_a_time = rayon::current_num_threads();
            let parts = pixels.chunks(picture * at_a_time).zip(tokens.chunks_mut((count * at_a_time).max(1)));
            parts.for_each(|(pixels, tokens)| self.forward(pixels, patches, prune, tokens));
        });
    }

    /// A few pictures through all blocks.
    fn forward(&mut self, pixels: &[f32], patches: &[usize], prune: Option<usize>, tokens: &mut [f32]) {
        let FastTower { config, level, desk, .. } = self;
        let level = *level;
        cut_patches(pixels, config, &mut desk.patch, &mut desk.wide);
        desk.rows.pack(level, &desk.wide, None);
        desk.x.repeat(&self.start, desk.wide.rows() / config.token_count());
        multiply(level, &desk.rows, &self.patch_embedding, Finish::Add, &mut desk.x);
        self.norm_in.normalise(level, &mut desk.x);

        let (before, after) = self.blocks.split_at(prune.unwrap_or(usize::MAX).min(self.blocks.len()));
        let above = usize::from(config.class_token);
        for block in before {
            block.forward(level, config.token_count(), config.activation, &mut self.attention, desk);
        }
        desk.keep(config.token_count(), above, patches);
        for block in after {
            block.forward(level, above + patches.len(), config.activation, &mut self.attention, desk);
        }
        let places = (0..desk.x.rows()).filter(|row| row % (above + patches.len()) >= above);
        for (row, token) in places.zip(tokens.chunks_exact_mut(config.width)) {
            desk.x.read_row(row, token);
        }
    }
}

impl Desk {
    /// Of all tokens, those above the patches and those of some patches, picture by picture.
    fn keep(&mut self, tokens: usize, above: usize, patches: &[usize]) {
        let kept = above + patches.len();
        let place = |at: usize| if at < above { at } else { above + patches[at - above] };
        let rows = self.x.rows() / tokens * kept;
        self.wide.gather(&self.x, (0..rows).map(|row| row / kept * tokens + place(row % kept)));
        std::mem::swap(&mut self.x, &mut self.wide);
    }
}

impl Block {
    fn new(named: &Named, name: &str, precision: Precision, [head_width, padded]: [usize; 2]) -> Block {
        let linear = |part: &str| named.linear(&format!("{name}.{part}"));
        Block {
            norm_attention: named.norm(&format!("{name}.norm_attention")),
            qkv: linear("attention.qkv").with_padded_outputs(head_width, padded).pack(precision),
            out: linear("attention.out").with_padded_inputs(head_width, padded).pack(precision),
            norm_mlp: named.norm(&format!("{name}.norm_mlp")),
            up: linear("mlp.up").pack(precision),
            down: linear("mlp.down").pack(precision),
        }
    }

    /// `x ← x + Attention(LN₁(x)); x ← x + MLP(LN₂(x))`
    fn forward(&self, level: Level, tokens: usize, activation: Activation, attention: &mut Attention, desk: &mut Desk) {
        let Desk { rows, wide, seen, x, .. } = desk;
        rows.pack(level, x, Some(&self.norm_attention));
        multiply(level, rows, &self.qkv, Finish::Store, wide);
        attention.forward(level, wide, tokens, seen);
        rows.pack(level, seen, None);
        multiply(level, rows, &self.out, Finish::Add, x);

        rows.pack(level, x, Some(&self.norm_mlp));
        multiply(level, rows, &self.up, finish_of(activation), wide);
        rows.pack(level, wide, None);
        multiply(level, rows, &self.down, Finish::Add, x);
    }
}

fn finish_of(activation: Activation) -> Finish {
    match activation {
        Activation::Gelu => Finish::Gelu,
        Activation::QuickGelu => Finish::QuickGelu,
    }
}

/// Positions, the class token added to the first.
fn start(named: &Named, config: &VisualConfig) -> Matrix {
    let mut start = named.get("positions").to_vec();
    if config.class_token {
        start.iter_mut().zip(named.get("class_token")).for_each(|(start, class)| *start += class);
    }
    Matrix::from_rows(&start, config.width)
}

/// Pictures `[B, 3, S, S]` → `[B · T, 3·p·p]`, channel, row, column; zeros for the class token.
fn cut_patches(pixels: &[f32], config: &VisualConfig, patch: &mut Vec<f32>, patches: &mut Matrix) {
    let VisualConfig { image_px, patch_px, .. } = *config;
    let (side, above) = (config.grid_side(), usize::from(config.class_token));
    let pictures = pixels.chunks_exact(3 * image_px * image_px);
    let columns = 3 * patch_px * patch_px;
    patches.resize(pictures.len() * config.token_count(), columns);
    patch.resize(columns, 0.0);
    for (picture, pixels) in pictures.enumerate() {
        let first = picture * config.token_count();
        if above == 1 {
            patch.fill(0.0);
            patches.set_row(first, patch);
        }
        for place in 0..side * side {
            let corner = place / side * patch_px * image_px + place % side * patch_px;
            for (at, run) in patch.chunks_exact_mut(patch_px).enumerate() {
                let (channel, row) = (at / patch_px, at % patch_px);
                run.copy_from_slice(&pixels[channel * image_px * image_px + corner + row * image_px..][..patch_px]);
            }
            patches.set_row(first + above + place, patch);
        }
    }
}
