//! Random weights for towers that are trained from the start, as CLIP drew them.
//!
//! | weight | drawn from |
//! |---|---|
//! | class token | N(0, 1/D) |
//! | patch embedding, positions | N(0, 0.02²) |
//! | qkv | N(0, 1/D · 1/(2L)) |
//! | attention out | N(0, 1/D) |
//! | MLP up, down | N(0, 1/(2D)), N(0, 1/D · 1/(2L)) |
//! | projection | N(0, 1/D) |
//! | biases, norms | 0; scale 1 |

use burn::tensor::Device;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::attention::SelfAttention;
use super::block::{Block, Mlp};
use super::config::{BlockShape, VisualConfig};
use super::error::ClipError;
use super::parts::{linear, matrix, norm, vector};
use super::visual::{PooledHead, VisualTower};

/// A seeded source of weights; the same seed gives the same weights on every machine.
pub(super) struct WeightRng(ChaCha8Rng);

impl WeightRng {
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Draws from (0, 1].
    fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// `count` draws from N(0, std²), by Box and Muller.
    pub(super) fn normal(&mut self, count: usize, std: f64) -> Vec<f32> {
        let draw = |_| {
            let radius = (-2.0 * self.unit().ln()).sqrt();
            let angle = std::f64::consts::TAU * self.unit();
            (std * radius * angle.cos()) as f32
        };
        (0..count).map(draw).collect()
    }

    /// `count` draws, even between −limit and limit.
    pub(super) fn uniform(&mut self, count: usize, limit: f32) -> Vec<f32> {
        let draw = |_| limit * (2.0 * self.unit() - 1.0) as f32;
        (0..count).map(draw).collect()
    }
}

impl VisualTower {
    /// A tower with random weights.
    ///
    /// # Errors
    /// [`ClipError::Size`] when the sizes do not fit together.
    pub fn init(config: &VisualConfig, seed: u64, device: &Device) -> Result<Self, ClipError> {
        config.validate()?;
        let rng = &mut WeightRng::new(seed);
        let width = config.width;
        let patch_values = 3 * config.patch_px * config.patch_px;
        let own_scale = (width as f64).powf(-0.5);
        let class_token = config.class_token.then(|| vector(rng.normal(width, own_scale), device));
        let patches = rng.normal(patch_values * width, 0.02);
        let positions = rng.normal(config.token_count() * width, 0.02);
        let head = config.embed_width.map(|embed| PooledHead {
            norm: norm(width, device),
            projection: matrix(rng.normal(width * embed, own_scale), [width, embed], device),
        });
        Ok(Self {
            class_token,
            patch_embedding: linear(patches, [patch_values, width], None, device),
            positions: matrix(positions, [config.token_count(), width], device),
            norm_in: norm(width, device),
            blocks: (0..config.layers)
                .map(|_| random_block(&config.block_shape(), config.layers, rng, device))
                .collect(),
            head,
            config: config.clone(),
        })
    }
}

fn random_block(shape: &BlockShape, layers: usize, rng: &mut WeightRng, device: &Device) -> Block {
    let BlockShape { width, mlp_width, .. } = *shape;
    let own_scale = (width as f64).powf(-0.5);
    let deep_scale = own_scale * (2.0 * layers as f64).powf(-0.5);
    let mlp_scale = (2.0 * width as f64).powf(-0.5);
    let mut dense = |[d_in, d_out]: [usize; 2], std: f64| {
        let weight = rng.normal(d_in * d_out, std);
        linear(weight, [d_in, d_out], Some(vec![0.0; d_out]), device)
    };
    Block {
        norm_attention: norm(width, device),
        attention: SelfAttention {
            qkv: dense([width, 3 * width], deep_scale),
            out: dense([width, width], own_scale),
            lora: None,
            heads: shape.heads,
            causal: shape.causal,
        },
        norm_mlp: norm(width, device),
        mlp: Mlp {
            up: dense([width, mlp_width], mlp_scale),
            down: dense([mlp_width, width], deep_scale),
            activation: shape.activation,
        },
    }
}
