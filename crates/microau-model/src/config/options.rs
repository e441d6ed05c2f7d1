//! Settings as written: a preset and whatever is to differ from it.

use microau_core::au::Au;
use serde::Deserialize;

use super::MicroAuClipConfig;
use super::switches::{FlowEmbed, Frames, Input, LossWeights, Lsi, Miaucl, Preset, VisualDims};
use crate::error::ModelError;

/// Settings as written by a user: a preset and what differs from it.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Options {
    preset: Preset,
    aus: Option<Vec<Au>>,
    input: Option<Input>,
    frames: Option<Frames>,
    lsi: Option<Lsi>,
    gda: Option<bool>,
    gdloss: Option<bool>,
    coupling: Option<bool>,
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
            coupling: options.coupling.unwrap_or(preset.coupling),
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
