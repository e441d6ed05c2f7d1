//! CLIP: the visual tower and the text tower, with the weights that others have published.
//!
//! Read `visual.rs`, then `text.rs`; both are made of `block.rs`. `load.rs` turns Hugging Face and OpenCLIP safetensors
//! into towers, [`find_weights`] finds them on this machine, [`Tune`] says what of the visual tower is trained.
//! [`preprocess`] and [`ClipTokenizer`] make what the towers eat.

mod attention;
mod block;
mod config;
mod error;
mod hub;
mod init;
mod layout;
mod load;
mod lora;
mod parts;
mod position;
pub mod preprocess;
mod resample;
mod side_config;
mod text;
mod tokenizer;
mod tune;
mod visual;
mod weights;

use std::path::Path;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};

pub use config::{Activation, EndOfText, PatchBlock, Preset, TextConfig, VisualConfig};
pub use error::ClipError;
pub use hub::find_weights;
pub use load::LoadSettings;
pub use lora::LORA_SCALE;
pub use position::{ImageSize, Interpolation};
pub use text::TextTower;
pub use tokenizer::ClipTokenizer;
pub use tune::Tune;
pub use visual::{VisualOutput, VisualTower};

use load::Model;
use parts::vector;

/// Both towers of one CLIP model.
#[derive(Module, Debug)]
pub struct Clip {
    /// Pictures → patch tokens and embeddings.
    pub visual: VisualTower,
    /// Texts → embeddings.
    pub text: TextTower,
    /// ln 1/τ: [1].
    logit_scale: Param<Tensor<1>>,
}

impl Clip {
    /// Reads both towers from a safetensors file in Hugging Face's or OpenCLIP's layout; sizes come from the tensors,
    /// the rest from the configuration file beside it.
    ///
    /// # Errors
    /// [`ClipError`] naming the file, and the tensor or field at fault.
    pub fn load(path: &Path, settings: &LoadSettings, device: &Device) -> Result<Self, ClipError> {
        let mut model = Model::open(path, settings, device)?;
        Ok(Self {
            visual: model.visual()?,
            text: model.text()?,
            logit_scale: vector(vec![model.logit_scale()?], device),
        })
    }

    /// CLIP's score of every picture for every text: cosine over temperature.
    ///
    /// # Shapes
    /// - pictures: [B, d], as the visual tower gives them
    /// - texts: [N, d], as the text tower gives them
    /// - returns: [B, N]
    pub fn logits(&self, pictures: Tensor<2>, texts: Tensor<2>) -> Tensor<2> {
        let cosine = unit(pictures).matmul(unit(texts).transpose()); // [B, N]
        cosine * self.logit_scale.val().exp().unsqueeze()
    }
}

impl VisualTower {
    /// Reads the visual tower alone; see [`Clip::load`].
    ///
    /// # Errors
    /// [`ClipError`] naming the file, and the tensor or field at fault.
    pub fn load(path: &Path, settings: &LoadSettings, device: &Device) -> Result<Self, ClipError> {
        Model::open(path, settings, device)?.visual()
    }
}

impl TextTower {
    /// Reads the text tower alone; see [`Clip::load`].
    ///
    /// # Errors
    /// [`ClipError`] naming the file, and the tensor or field at fault.
    pub fn load(path: &Path, settings: &LoadSettings, device: &Device) -> Result<Self, ClipError> {
        Model::open(path, settings, device)?.text()
    }
}

/// Every row scaled to length 1: [B, d] → [B, d].
fn unit(x: Tensor<2>) -> Tensor<2> {
    let length = x.clone().powi_scalar(2).sum_dim(1).sqrt(); // [B, 1]
    x / length
}
