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

use super::attention::SelfAttention;
use super::block::{Block, Mlp};
use super::config::{BlockShape, VisualConfig};
use super::error::ClipError;
use super::parts::{linear, matrix, norm, vector};
use super::visual::{PooledHead, VisualTower};
use crate::draw::Draw;

impl VisualTower {
    /// A tower with random weights.
    ///
    /// # Errors
    /// [`ClipError::Size`] when the sizes do not fit together.
    pub fn init(config: &VisualConfig, seed: u64, device: &Device) -> Result<Self, ClipError> {
        config.validate()?;
        let draw = &mut Draw::new(seed);
        let width = config.width;
        let patch_values = 3 * config.patch_px * config.patch_px;
        let own_scale = (width as f64).powf(-0.5);
        let class_token = config.class_token.then(|| vector(draw.normal(width, own_scale), device));
        let patches = draw.normal(patch_values * width, 0.02);
        let positions = draw.normal(config.token_count() * width, 0.02);
        let head = config.embed_width.map(|embed| PooledHead {
            norm: norm(width, device),
            projection: matrix(draw.normal(width * embed, own_scale), [width, embed], device),
        });
        Ok(Self {
            class_token,
            patch_embedding: linear(patches, [patch_values, width], None, device),
            positions: matrix(positions, [config.token_count(), width], device),
            norm_in: norm(width, device),
            blocks: (0..config.layers)
                .map(|_| random_block(&config.block_shape(), config.layers, draw, device))
                .collect(),
            head,
            config: config.clone(),
        })
    }
}

fn random_block(shape: &BlockShape, layers: usize, draw: &mut Draw, device: &Device) -> Block {
    let BlockShape { width, mlp_width, .. } = *shape;
    let own_scale = (width as f64).powf(-0.5);
    let deep_scale = own_scale * (2.0 * layers as f64).powf(-0.5);
    let mlp_scale = (2.0 * width as f64).powf(-0.5);
    let mut dense = |[d_in, d_out]: [usize; 2], std: f64| {
        let weight = draw.normal(d_in * d_out, std);
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
