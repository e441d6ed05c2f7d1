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

use std::fmt;
use std::str::FromStr;

use microau_core::au::{Au, AuSet};
use microau_core::region::PatchGrid;
use serde::{Deserialize, Serialize};

use crate::clip::{Activation, PatchBlock, VisualConfig};
use crate::error::ModelError;

/// Named sets of sizes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// This project's own small model, with sentence vectors of a small language model as text.
    #[default]
    Nano,
    /// CLIP ViT-B/16.
    #[serde(rename = "vit-b-16")]
    VitB16,
    /// CLIP ViT-B/32.
    #[serde(rename = "vit-b-32")]
    VitB32,
    /// CLIP ViT-L/14.
    #[serde(rename = "vit-l-14")]
    VitL14,
}

/// What the model looks at (method §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// The later crop alone, no motion.
    #[serde(rename = "apex")]
    Apex,
    /// The later crop and its difference to the onset crop.
    #[serde(rename = "pair")]
    Pair,
    /// Optical flow alone: no pixel tower runs at all.
    #[serde(rename = "flow")]
    Flow,
    /// Both crops and the flow between them.
    #[serde(rename = "pair+flow")]
    PairFlow,
}

impl Input {
    /// All modes, in the order of the ablation table.
    pub const ALL: [Input; 4] = [Input::Apex, Input::Pair, Input::Flow, Input::PairFlow];

    /// Whether crops after the onset are looked at, and so a pixel tower is needed.
    pub const fn sees_pixels(self) -> bool {
        !matches!(self, Input::Flow)
    }

    /// Whether the onset crop is looked at.
    pub const fn sees_onset(self) -> bool {
        matches!(self, Input::Pair | Input::PairFlow)
    }

    /// Whether flow is looked at.
    pub const fn sees_flow(self) -> bool {
        matches!(self, Input::Flow | Input::PairFlow)
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Input::Apex => "apex",
            Input::Pair => "pair",
            Input::Flow => "flow",
            Input::PairFlow => "pair+flow",
        })
    }
}

/// Which frames of a clip are looked at. Written `pair` or `uniform:8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Frames {
    /// The onset and the apex.
    Pair,
    /// The onset and this many frames spread evenly after it: no apex needed.
    Uniform(usize),
}

impl Frames {
    /// Number of frames after the onset, `T`.
    pub const fn later(self) -> usize {
        match self {
            Frames::Pair => 1,
            Frames::Uniform(count) => count,
        }
    }
}

impl fmt::Display for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Frames::Pair => f.write_str("pair"),
            Frames::Uniform(count) => write!(f, "uniform:{count}"),
        }
    }
}

impl FromStr for Frames {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Frames, ModelError> {
        let count = text.strip_prefix("uniform:").and_then(|count| count.parse().ok()).filter(|&count| count > 0);
        match (text, count) {
            ("pair", _) => Ok(Frames::Pair),
            (_, Some(count)) => Ok(Frames::Uniform(count)),
            _ => Err(setting("frames", "pair or uniform:T with T > 0", text)),
        }
    }
}

impl TryFrom<String> for Frames {
    type Error = ModelError;

    fn try_from(text: String) -> Result<Frames, ModelError> {
        text.parse()
    }
}

impl From<Frames> for String {
    fn from(frames: Frames) -> String {
        frames.to_string()
    }
}

/// How the features of one AU are read from the patches (method §3 and its ablations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lsi {
    /// Patch Token Attention inside the AU's region.
    Pta,
    /// Plain mean over the AU's region, weighted by coverage.
    Mean,
    /// Attention over the whole face: locality switched off.
    WholeFace,
}

/// Which terms of MiAUCL are used (method §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Miaucl {
    /// State loss and both contrastive terms.
    Full,
    /// State loss alone.
    State,
}

/// The patch embedding of the flow, φ (method §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlowEmbed {
    /// One linear map of each patch.
    Linear,
    /// Two layers on each patch: nothing outside a patch enters its token.
    Mlp,
    /// 3x3 convolutions of stride 2 down to the patch grid: tokens see about half a patch beyond their own.
    Conv,
}

/// Sizes of the pixel tower, a vision transformer as in CLIP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisualDims {
    /// Width of its tokens.
    pub width: usize,
    /// Number of blocks.
    pub depth: usize,
    /// Attention heads of each block.
    pub heads: usize,
    /// Non-linearity of its blocks: that with which the weights were trained.
    #[serde(default = "quick_gelu")]
    pub activation: Activation,
}

fn quick_gelu() -> Activation {
    Activation::QuickGelu
}

/// Weights of the losses (method §6, §7).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LossWeights {
    /// λ₁ of the visual-to-text term.
    pub v2t: f32,
    /// λ₂ of the text-to-visual term.
    pub t2v: f32,
    /// λ_G of the Global Dependency Loss.
    pub gdloss: f32,
}

impl Default for LossWeights {
    /// Paper silent: small enough that the state loss leads.
    fn default() -> LossWeights {
        LossWeights { v2t: 0.2, t2v: 0.2, gdloss: 0.1 }
    }
}

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
            miaucl: Miaucl::Full,
            lambda: LossWeights::default(),
            kappa: 20.0,
            crop_px: 224,
            patch_px,
            visual: VisualDims { width, depth, heads, activation },
            token_block: if nano { 1 } else { 2 },
            width: if nano { 128 } else { 512 },
            heads: if nano { 4 } else { 8 },
            text_width,
            motion_blocks: 0,
            // seven samples a side cannot be halved
            flow_embed: if preset == Preset::VitL14 { FlowEmbed::Mlp } else { FlowEmbed::Conv },
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

/// Settings as written by a user: a preset and what differs from it.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Options {
    preset: Preset,
    aus: Option<Vec<Au>>,
    input: Option<Input>,
    frames: Option<Frames>,
    lsi: Option<Lsi>,
    gda: Option<bool>,
    gdloss: Option<bool>,
    miaucl: Option<Miaucl>,
    lambda: Option<LossWeights>,
    kappa: Option<f32>,
    crop_px: Option<usize>,
    patch_px: Option<usize>,
    visual: Option<VisualDims>,
    token_block: Option<usize>,
    width: Option<usize>,
    heads: Option<usize>,
    text_width: Option<usize>,
    motion_blocks: Option<usize>,
    flow_embed: Option<FlowEmbed>,
    flow_stride_px: Option<usize>,
    context: Option<usize>,
}

impl TryFrom<Options> for MicroAuClipConfig {
    type Error = ModelError;

    fn try_from(options: Options) -> Result<MicroAuClipConfig, ModelError> {
        let preset = MicroAuClipConfig::preset(options.preset);
        let config = MicroAuClipConfig {
            preset: options.preset,
            aus: options.aus.unwrap_or(preset.aus),
            input: options.input.unwrap_or(preset.input),
            frames: options.frames.unwrap_or(preset.frames),
            lsi: options.lsi.unwrap_or(preset.lsi),
            gda: options.gda.unwrap_or(preset.gda),
            gdloss: options.gdloss.unwrap_or(preset.gdloss),
            miaucl: options.miaucl.unwrap_or(preset.miaucl),
            lambda: options.lambda.unwrap_or(preset.lambda),
            kappa: options.kappa.unwrap_or(preset.kappa),
            crop_px: options.crop_px.unwrap_or(preset.crop_px),
            patch_px: options.patch_px.unwrap_or(preset.patch_px),
            visual: options.visual.unwrap_or(preset.visual),
            token_block: options.token_block.unwrap_or(preset.token_block),
            width: options.width.unwrap_or(preset.width),
            heads: options.heads.unwrap_or(preset.heads),
            text_width: options.text_width.unwrap_or(preset.text_width),
            motion_blocks: options.motion_blocks.unwrap_or(preset.motion_blocks),
            flow_embed: options.flow_embed.unwrap_or(preset.flow_embed),
            flow_stride_px: options.flow_stride_px.unwrap_or(preset.flow_stride_px),
            context: options.context.unwrap_or(preset.context),
        };
        config.check()?;
        Ok(config)
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
