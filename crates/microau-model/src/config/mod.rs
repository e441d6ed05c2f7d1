//! Settings of the model: which parts run, and how large they are.
//!
//! Every switch of the method's ablations is a setting here (method §10). A configuration is read from TOML or JSON as a
//! `preset` and whatever is to differ from it:
//!
//! ```
//! # use microau_model::config::{Input, MicroAuClipConfig};
//! let config: MicroAuClipConfig = serde_json::from_str(r#"{"preset": "nano", "input": "flow"}"#).unwrap();
//! assert_eq!(config.input, Input::Flow);
//! assert!(serde_json::from_str::<MicroAuClipConfig>(r#"{"inptu": "flow"}"#).is_err());
//! ```

mod options;
mod switches;

use microau_core::au::{Au, AuSet};
use microau_core::region::PatchGrid;
use serde::{Deserialize, Serialize};

use self::options::Options;
pub use self::switches::{FlowEmbed, Frames, Input, LossWeights, Lsi, Miaucl, Preset, VisualDims};
use crate::clip::{Activation, PatchBlock, VisualConfig};
use crate::error::ModelError;

/// All settings of a [`MicroAuClip`](crate::micro_au_clip::MicroAuClip).
///
/// Letters as in docs/method.md: D width of the AU tokens, d joint width, H heads, T frames after the onset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Options")]
pub struct MicroAuClipConfig {
    /// The preset these settings started from.
    pub preset: Preset,
    /// AUs in the order of all columns.
    pub aus: Vec<Au>,
    /// What the model looks at.
    pub input: Input,
    /// Which frames it looks at.
    pub frames: Frames,
    /// How patches become the feature of one AU.
    pub lsi: Lsi,
    /// Global Dependency Attention on or off.
    pub gda: bool,
    /// Global Dependency Loss on or off.
    pub gdloss: bool,
    /// Couplings on or off: whether the other AUs of a clip have a say in each score.
    pub coupling: bool,
    /// Terms of MiAUCL.
    pub miaucl: Miaucl,
    /// Weights of the losses.
    pub lambda: LossWeights,
    /// κ: pairs of labels seen at which the dependency prior is half believed.
    pub kappa: f32,
    /// Side of the square face crop, px.
    pub crop_px: usize,
    /// Side of a patch, px of the crop.
    pub patch_px: usize,
    /// The pixel tower; unused when `input` is flow.
    pub visual: VisualDims,
    /// Block from which patch tokens are taken, counted from the end: 1 the last, 2 the last but one.
    pub token_block: usize,
    /// D: width of motion and AU tokens.
    pub width: usize,
    /// H: attention heads over patches and over AUs.
    pub heads: usize,
    /// d: width of the text vectors.
    pub text_width: usize,
    /// Transformer blocks over motion tokens before PTA; 0 keeps every AU to its own patches.
    pub motion_blocks: usize,
    /// Patch embedding of the flow.
    pub flow_embed: FlowEmbed,
    /// Side of the square of crop px over which flow is averaged into one sample.
    pub flow_stride_px: usize,
    /// M: learned context vectors before the phrase of every prompt; 0 leaves the prompts as they are written. They are
    /// learned through CLIP's text tower, which `nano` does not have.
    #[serde(skip_serializing_if = "is_zero")]
    pub context: usize,
}

impl Default for MicroAuClipConfig {
    fn default() -> MicroAuClipConfig {
        MicroAuClipConfig::preset(Preset::Nano)
    }
}

impl MicroAuClipConfig {
    /// The settings of a preset.
    pub fn preset(preset: Preset) -> MicroAuClipConfig {
        let (patch_px, [width, depth, heads], text_width) = match preset {
            Preset::Nano => (16, [128, 4, 4], 384),
            Preset::VitB16 => (16, [768, 12, 12], 512),
            Preset::VitB32 => (32, [768, 12, 12], 512),
            Preset::VitL14 => (14, [1024, 24, 16], 768),
        };
        let nano = preset == Preset::Nano;
        let activation = if nano { Activation::Gelu } else { Activation::QuickGelu };
        MicroAuClipConfig {
            preset,
            aus: Au::CD6ME.to_vec(),
            input: if nano { Input::Flow } else { Input::PairFlow },
            frames: Frames::Pair,
            lsi: Lsi::Pta,
            gda: true,
            gdloss: true,
            coupling: true,
            miaucl: Miaucl::Full,
            lambda: LossWeights::default(),
            kappa: 20.0,
            crop_px: 224,
            patch_px,
            visual: VisualDims { width, depth, heads, activation },
            token_block: if nano { 1 } else { 2 },
            // what a few hundred clips can teach; at 512 a step costs 2.8 times as much
            width: if nano { 128 } else { 256 },
            heads: if nano { 4 } else { 8 },
            text_width,
            motion_blocks: 0,
            // convolutions cost most of a step, and half an hour has to do for all folds
            flow_embed: if nano { FlowEmbed::Conv } else { FlowEmbed::Mlp },
            flow_stride_px: 2,
            context: 0,
        }
    }

    /// K: number of AUs.
    pub fn au_count(&self) -> usize {
        self.aus.len()
    }

    /// The grid of patches over the crop; patch p = row * cols + col.
    pub fn grid(&self) -> PatchGrid {
        let side = self.crop_px / self.patch_px;
        PatchGrid { cols: side, rows: side, patch_px: self.patch_px as f32 }
    }

    /// P: number of patches.
    pub fn patch_count(&self) -> usize {
        self.grid().len()
    }

    /// Flow samples along one side of the crop: width and height of the flow planes.
    pub fn flow_side(&self) -> usize {
        self.crop_px / self.flow_stride_px
    }

    /// Flow samples along one side of a patch.
    pub fn flow_patch_side(&self) -> usize {
        self.patch_px / self.flow_stride_px
    }

    /// The pixel tower of these settings. That of `nano` has neither class token nor pooled embedding.
    pub fn visual_tower(&self) -> VisualConfig {
        let is_clip = self.preset != Preset::Nano;
        VisualConfig {
            image_px: self.crop_px,
            patch_px: self.patch_px,
            width: self.visual.width,
            layers: self.visual.depth,
            heads: self.visual.heads,
            mlp_width: 4 * self.visual.width,
            embed_width: is_clip.then_some(self.text_width),
            class_token: is_clip,
            activation: self.visual.activation,
            patch_block: PatchBlock::LastBut(self.token_block - 1),
        }
    }

    /// Says whether the settings fit together.
    ///
    /// # Errors
    /// [`ModelError::Setting`] naming the first setting that cannot work.
    pub fn check(&self) -> Result<(), ModelError> {
        self.check_counts()?;
        multiple("crop_px", self.crop_px, "patch_px", self.patch_px)?;
        multiple("patch_px", self.patch_px, "flow_stride_px", self.flow_stride_px)?;
        multiple("width", self.width, "heads", self.heads)?;
        multiple("visual.width", self.visual.width, "visual.heads", self.visual.heads)?;
        let block = self.token_block;
        ensure((1..=self.visual.depth).contains(&block), "token_block", format!("1 to {}", self.visual.depth), block)?;
        let side = self.flow_patch_side();
        let halved = side > 1 && side.is_power_of_two();
        let expected = "patch_px over a power of two above 1, for flow_embed = conv";
        ensure(self.flow_embed != FlowEmbed::Conv || halved, "flow_stride_px", expected, self.flow_stride_px)?;
        let learns_text = self.context == 0 || self.preset != Preset::Nano;
        ensure(learns_text, "context", "0 with preset nano, which has no text tower", self.context)?;
        let weights = [
            ("kappa", self.kappa),
            ("lambda.v2t", self.lambda.v2t),
            ("lambda.t2v", self.lambda.t2v),
            ("lambda.gdloss", self.lambda.gdloss),
        ];
        weights.into_iter().try_for_each(|(name, weight)| {
            ensure(weight.is_finite() && weight >= 0.0, name, "a finite number, 0 or more", weight)
        })
    }

    fn check_counts(&self) -> Result<(), ModelError> {
        let unique: AuSet = self.aus.iter().copied().collect();
        ensure(unique.len() == self.aus.len(), "aus", "each AU once", format!("{:?}", self.aus))?;
        let counts = [
            ("aus", self.aus.len()),
            ("crop_px", self.crop_px),
            ("patch_px", self.patch_px),
            ("flow_stride_px", self.flow_stride_px),
            ("visual.width", self.visual.width),
            ("visual.heads", self.visual.heads),
            ("width", self.width),
            ("heads", self.heads),
            ("text_width", self.text_width),
        ];
        counts.into_iter().try_for_each(|(name, count)| ensure(count > 0, name, "at least 1", count))
    }
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn ensure(holds: bool, setting: &'static str, expected: impl ToString, got: impl ToString) -> Result<(), ModelError> {
    if holds { Ok(()) } else { Err(self::setting(setting, expected, got)) }
}

fn multiple(name: &'static str, value: usize, of: &str, unit: usize) -> Result<(), ModelError> {
    ensure(value.is_multiple_of(unit), name, format!("a multiple of {of} {unit}"), value)
}

fn setting(setting: &'static str, expected: impl ToString, got: impl ToString) -> ModelError {
    ModelError::Setting { setting, expected: expected.to_string(), got: got.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_fits_together_and_survives_json() {
        for preset in [Preset::Nano, Preset::VitB16, Preset::VitB32, Preset::VitL14] {
            let config = MicroAuClipConfig::preset(preset);
            config.check().unwrap();
            let json = serde_json::to_string(&config).unwrap();
            assert_eq!(serde_json::from_str::<MicroAuClipConfig>(&json).unwrap(), config);
        }
    }

    #[test]
    fn settings_that_cannot_work_are_refused_by_name() {
        let cases = [
            (r#"{"frames": "uniform:0"}"#, "frames"),
            (r#"{"patch_px": 17}"#, "crop_px"),
            (r#"{"heads": 3}"#, "width"),
            (r#"{"token_block": 5}"#, "token_block"),
            (r#"{"aus": ["AU01", "AU01"]}"#, "aus"),
            (r#"{"flow_stride_px": 3}"#, "patch_px: expected a multiple of flow_stride_px 3, got 16"),
            (r#"{"flow_stride_px": 16}"#, "flow_stride_px"),
            (r#"{"kappa": -1}"#, "kappa"),
            (r#"{"heads": 0}"#, "heads"),
            (r#"{"lsi": "pat"}"#, "pat"),
            (r#"{"nonsense": 1}"#, "nonsense"),
            (r#"{"context": 4}"#, "context: expected 0 with preset nano, which has no text tower, got 4"),
        ];
        for (json, name) in cases {
            let error = serde_json::from_str::<MicroAuClipConfig>(json).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn nano_has_fourteen_patches_a_side() {
        assert_eq!(MicroAuClipConfig::default().patch_count(), 14 * 14);
    }
}
