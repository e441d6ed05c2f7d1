//! The switches of the method and the weights of its losses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::setting;
use crate::clip::Activation;
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
