//! Published CLIP weights → our towers.

use std::path::Path;

use burn::module::Param;
use burn::nn::{LayerNorm, Linear};
use burn::tensor::{Device, Tensor};

use super::attention::SelfAttention;
use super::block::{Block, Mlp};
use super::config::{Activation, BlockShape, EndOfText, HEAD_WIDTH, PatchBlock, TextConfig, VisualConfig};
use super::error::ClipError;
use super::layout::{Layout, Tower, TowerNames};
use super::parts::{linear, matrix, norm_with, vector};
use super::position::ImageSize;
use super::side_config::{SideConfig, TowerSide};
use super::text::TextTower;
use super::visual::{PooledHead, VisualTower};
use super::weights::{WeightFile, transpose_into};

/// What the weights do not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadSettings {
    /// Side of the images that the visual tower will see.
    pub image_size: ImageSize,
    /// Where the visual tower's patch tokens are taken.
    pub patch_block: PatchBlock,
    /// Non-linearity; `None` takes it from the configuration file beside the weights.
    pub activation: Option<Activation>,
}

/// An open model file with its names and its configuration.
pub(super) struct Model<'a> {
    file: WeightFile,
    layout: Layout,
    side: SideConfig,
    settings: &'a LoadSettings,
    device: &'a Device,
}

impl<'a> Model<'a> {
    pub(super) fn open(path: &Path, settings: &'a LoadSettings, device: &'a Device) -> Result<Self, ClipError> {
        let file = WeightFile::open(path)?;
        let layout = Layout::of(&file)?;
        let side = SideConfig::beside(path, layout)?;
        Ok(Self { file, layout, side, settings, device })
    }

    /// The visual tower, its positions resized when the settings ask for it.
    pub(super) fn visual(&mut self) -> Result<VisualTower, ClipError> {
        let names = self.layout.tower(Tower::Visual);
        let config = self.visual_config(&names)?;
        let width = config.width;
        let class_token = match config.class_token {
            true => Some(self.vector(names.class_token, width)?),
            false => None,
        };
        let VisualConfig { patch_px, .. } = config;
        let patches = self.patch_embedding(&names, width, patch_px)?;
        let positions = self.matrix(names.positions, [config.token_count(), width])?;
        let norm_in = self.norm(names.norm_in, width)?;
        let blocks = self.blocks(&names, config.layers, &config.block_shape())?;
        let head = match config.embed_width {
            Some(embed) => Some(PooledHead {
                norm: self.norm(names.norm_out, width)?,
                projection: self.projection(names.projection, [width, embed])?,
            }),
            None => None,
        };
        let tower = VisualTower { class_token, patch_embedding: patches, positions, norm_in, blocks, head, config };
        tower.with_image_size(self.settings.image_size)
    }

    /// The text tower.
    pub(super) fn text(&mut self) -> Result<TextTower, ClipError> {
        let names = self.layout.tower(Tower::Text);
        let config = self.text_config(&names)?;
        let width = config.width;
        Ok(TextTower {
            token_embedding: self.matrix(names.embedding, [config.vocabulary, width])?,
            positions: self.matrix(names.positions, [config.context, width])?,
            blocks: self.blocks(&names, config.layers, &config.block_shape())?,
            norm_out: self.norm(names.norm_out, width)?,
            projection: self.projection(names.projection, [width, config.embed_width])?,
            config,
        })
    }

    /// ln 1/τ, the same name in both layouts. OpenCLIP files may hold [1] for a scalar.
    pub(super) fn logit_scale(&mut self) -> Result<f32, ClipError> {
        let name = "logit_scale";
        let expected: &[usize] = match self.file.shape::<1>(name) {
            Ok([1]) => &[1],
            _ => &[],
        };
        Ok(self.file.read(name, expected)?[0])
    }

    fn visual_config(&self, names: &TowerNames) -> Result<VisualConfig, ClipError> {
        let [width, channels, patch_px, patch_width] = self.file.shape(names.embedding)?;
        if (channels, patch_width) != (3, patch_px) {
            let got = [width, channels, patch_px, patch_width];
            let expected = [width, 3, patch_px, patch_px];
            return Err(self.file.shape_error(names.embedding, &expected, &got));
        }
        let class_token = self.file.contains(names.class_token);
        let [tokens, _] = self.file.shape(names.positions)?;
        let side = tokens.saturating_sub(usize::from(class_token)).isqrt();
        let side_config = &self.side.visual;
        let config = VisualConfig {
            image_px: side * patch_px,
            patch_px,
            width,
            layers: self.count_blocks(names)?,
            heads: side_config.heads.unwrap_or(width / HEAD_WIDTH),
            mlp_width: self.mlp_width(names)?,
            embed_width: Some(self.projection_width(names)?),
            class_token,
            activation: self.activation(side_config)?,
            patch_block: self.settings.patch_block,
        };
        if config.token_count() != tokens {
            let expected = [config.token_count(), width];
            return Err(self.file.shape_error(names.positions, &expected, &[tokens, width]));
        }
        config.validate()?;
        Ok(config)
    }

    fn text_config(&self, names: &TowerNames) -> Result<TextConfig, ClipError> {
        let [vocabulary, width] = self.file.shape(names.embedding)?;
        let [context, _] = self.file.shape(names.positions)?;
        let side_config = &self.side.text;
        let config = TextConfig {
            vocabulary,
            context,
            width,
            layers: self.count_blocks(names)?,
            heads: side_config.heads.unwrap_or(width / HEAD_WIDTH),
            mlp_width: self.mlp_width(names)?,
            embed_width: self.projection_width(names)?,
            activation: self.activation(side_config)?,
            end_of_text: self.side.end_of_text.unwrap_or(EndOfText::LargestId),
        };
        config.validate()?;
        Ok(config)
    }

    fn activation(&self, side: &TowerSide) -> Result<Activation, ClipError> {
        self.settings
            .activation
            .or(side.activation)
            .ok_or_else(|| ClipError::ActivationUnknown { path: self.file.path().into() })
    }

    /// Blocks are numbered from 0; the first one missing ends them.
    fn count_blocks(&self, names: &TowerNames) -> Result<usize, ClipError> {
        let first_norm = self.layout.block().norm_attention;
        let name = |index| format!("{}{first_norm}.weight", names.block_prefix(index));
        let count = (0..).take_while(|&index| self.file.contains(&name(index)));
        match count.count() {
            0 => Err(ClipError::MissingTensor { name: name(0), path: self.file.path().into() }),
            count => Ok(count),
        }
    }

    fn mlp_width(&self, names: &TowerNames) -> Result<usize, ClipError> {
        let name = format!("{}{}.weight", names.block_prefix(0), self.layout.block().up);
        let [mlp_width, _] = self.file.shape(&name)?;
        Ok(mlp_width)
    }

    fn projection_width(&self, names: &TowerNames) -> Result<usize, ClipError> {
        let [first, second] = self.file.shape(names.projection)?;
        Ok(match self.layout {
            Layout::HuggingFace => first,
            Layout::OpenClip => second,
        })
    }

    /// The convolution [D, 3, p, p] as one product [3·p·p, D].
    fn patch_embedding(&mut self, names: &TowerNames, width: usize, patch_px: usize) -> Result<Linear, ClipError> {
        let patch_values = 3 * patch_px * patch_px;
        let shape = [width, 3, patch_px, patch_px];
        let values = self.file.read(names.embedding, &shape)?;
        let mut turned = vec![0.0; values.len()];
        transpose_into(&values, [width, patch_values], &mut turned, width, 0);
        Ok(linear(turned, [patch_values, width], None, self.device))
    }

    fn blocks(&mut self, names: &TowerNames, count: usize, shape: &BlockShape) -> Result<Vec<Block>, ClipError> {
        (0..count).map(|index| self.block(&names.block_prefix(index), shape)).collect()
    }

    fn block(&mut self, prefix: &str, shape: &BlockShape) -> Result<Block, ClipError> {
        let names = self.layout.block();
        let BlockShape { width, mlp_width, .. } = *shape;
        let name = |part: &str| format!("{prefix}{part}");
        Ok(Block {
            norm_attention: self.norm(&name(names.norm_attention), width)?,
            attention: SelfAttention {
                qkv: self.qkv(prefix, width)?,
                out: self.linear(&name(names.out), [width, width])?,
                lora: None,
                heads: shape.heads,
                causal: shape.causal,
            },
            norm_mlp: self.norm(&name(names.norm_mlp), width)?,
            mlp: Mlp {
                up: self.linear(&name(names.up), [width, mlp_width])?,
                down: self.linear(&name(names.down), [mlp_width, width])?,
                activation: shape.activation,
            },
        })
    }

    /// Query, key and value side by side, [D, 3D].
    fn qkv(&mut self, prefix: &str, width: usize) -> Result<Linear, ClipError> {
        let (weight, bias) = match self.layout {
            Layout::OpenClip => {
                let name = |part: &str| format!("{prefix}attn.in_proj_{part}");
                let shape = [3 * width, width];
                let weight = self.file.read_transposed(&name("weight"), shape)?;
                (weight, self.file.read(&name("bias"), &[3 * width])?)
            }
            Layout::HuggingFace => self.joined_qkv(prefix, width)?,
        };
        Ok(linear(weight, [width, 3 * width], Some(bias), self.device))
    }

    fn joined_qkv(&mut self, prefix: &str, width: usize) -> Result<(Vec<f32>, Vec<f32>), ClipError> {
        let mut weight = vec![0.0; 3 * width * width];
        let mut bias = Vec::with_capacity(3 * width);
        for (index, part) in ["q", "k", "v"].into_iter().enumerate() {
            let name = format!("{prefix}self_attn.{part}_proj");
            let values = self.file.read(&format!("{name}.weight"), &[width, width])?;
            transpose_into(&values, [width, width], &mut weight, 3 * width, index * width);
            bias.extend(self.file.read(&format!("{name}.bias"), &[width])?);
        }
        Ok((weight, bias))
    }

    fn linear(&mut self, name: &str, [d_in, d_out]: [usize; 2]) -> Result<Linear, ClipError> {
        let weight = format!("{name}.weight");
        let weight = self.file.read_transposed(&weight, [d_out, d_in])?;
        let bias = self.file.read(&format!("{name}.bias"), &[d_out])?;
        Ok(linear(weight, [d_in, d_out], Some(bias), self.device))
    }

    fn norm(&mut self, name: &str, width: usize) -> Result<LayerNorm, ClipError> {
        let scale = self.file.read(&format!("{name}.weight"), &[width])?;
        let shift = self.file.read(&format!("{name}.bias"), &[width])?;
        Ok(norm_with(scale, shift, self.device))
    }

    fn vector(&mut self, name: &str, width: usize) -> Result<Param<Tensor<1>>, ClipError> {
        Ok(vector(self.file.read(name, &[width])?, self.device))
    }

    fn matrix(&mut self, name: &str, shape: [usize; 2]) -> Result<Param<Tensor<2>>, ClipError> {
        Ok(matrix(self.file.read(name, &shape)?, shape, self.device))
    }

    /// [D, d]; Hugging Face has it the other way round.
    fn projection(&mut self, name: &str, [width, embed]: [usize; 2]) -> Result<Param<Tensor<2>>, ClipError> {
        let values = match self.layout {
            Layout::HuggingFace => self.file.read_transposed(name, [embed, width])?,
            Layout::OpenClip => self.file.read(name, &[width, embed])?,
        };
        Ok(matrix(values, [width, embed], self.device))
    }
}
