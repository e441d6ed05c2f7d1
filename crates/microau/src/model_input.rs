//! From samples to the batch of a model: flow with strain, region weights and labels as plain numbers.

use std::sync::Arc;

use burn::tensor::Device;
use half::f16;
use microau_core::au::{Au, Side};
use microau_core::region::{self, RegionOutside};
use microau_core::sample::{AuLabels, Sample};
use microau_model::batch::{Batch, ClipInput, ClipTokens};
use microau_model::{MicroAuClipConfig, ModelError};
use microau_vision::flow;

/// Patch tokens of a clip's crops, as a frozen pixel tower gave them, `[P, V]` each.
#[derive(Clone, Debug, PartialEq)]
pub struct CropTokens {
    /// Of the onset; empty in input mode `apex`.
    pub onset: Vec<f16>,
    /// Of the apex.
    pub apex: Vec<f16>,
}

/// Everything a model is told of one clip, as plain numbers.
#[derive(Clone, Debug)]
pub struct ModelInput {
    onset: Vec<u8>,
    apex: Vec<u8>,
    tokens: Option<Arc<CropTokens>>,
    /// `[3, h, w]`: u, v in hundredths of the distance between the eyes, strain in percent.
    planes: Vec<f32>,
    /// `[K, P]` of both sides, of the left and of the right.
    region: Vec<f32>,
    region_of_side: Option<[Vec<f32>; 2]>,
    labels: Option<Vec<Option<bool>>>,
}

impl ModelInput {
    /// What a model with these settings is told of a sample.
    ///
    /// # Errors
    /// [`RegionOutside`] names an AU that cannot be seen in the crop.
    pub fn new(sample: &Sample, config: &MicroAuClipConfig) -> Result<ModelInput, RegionOutside> {
        let weights = |side| region::patch_weights(&config.aus, &sample.landmarks, config.grid(), side);
        let side = |side| weights(Some(side));
        Ok(ModelInput {
            onset: if config.input.sees_onset() { sample.onset_rgb.clone() } else { Vec::new() },
            apex: if config.input.sees_pixels() { sample.apex_rgb.clone() } else { Vec::new() },
            tokens: None,
            planes: if config.input.sees_flow() { flow_planes(sample) } else { Vec::new() },
            region: weights(None)?,
            // a side turned out of sight has no score of its own
            region_of_side: side(Side::Left).and_then(|left| Ok([left, side(Side::Right)?])).ok(),
            labels: None,
        })
    }

    /// The crops of a sample alone, for a model of which nothing but the pixel tower is asked: regions cover everything.
    pub fn of_pixels(sample: &Sample, config: &MicroAuClipConfig) -> ModelInput {
        let flow_len = 3 * config.flow_side() * config.flow_side();
        ModelInput {
            onset: if config.input.sees_onset() { sample.onset_rgb.clone() } else { Vec::new() },
            apex: sample.apex_rgb.clone(),
            tokens: None,
            planes: if config.input.sees_flow() { vec![0.0; flow_len] } else { Vec::new() },
            region: vec![1.0; config.au_count() * config.patch_count()],
            region_of_side: None,
            labels: None,
        }
    }

    /// The same with patch tokens in place of crops.
    pub fn with_tokens(self, tokens: Arc<CropTokens>) -> ModelInput {
        ModelInput { onset: Vec::new(), apex: Vec::new(), tokens: Some(tokens), ..self }
    }

    /// The same with what is annotated.
    pub fn with_labels(self, aus: &[Au], labels: &AuLabels) -> ModelInput {
        ModelInput { labels: Some(label_row(aus, labels)), ..self }
    }

    fn borrowed<'a>(&'a self, config: &MicroAuClipConfig) -> ClipInput<'a> {
        let tokens = self.tokens.as_ref().map(|tokens| ClipTokens {
            onset: config.input.sees_onset().then_some(tokens.onset.as_slice()),
            later: vec![&tokens.apex],
        });
        ClipInput {
            onset: (tokens.is_none() && config.input.sees_onset()).then_some(self.onset.as_slice()),
            later: if tokens.is_none() && config.input.sees_pixels() { vec![&self.apex] } else { Vec::new() },
            tokens,
            flow: if config.input.sees_flow() { vec![&self.planes] } else { Vec::new() },
            region: &self.region,
            region_of_side: self.region_of_side.as_ref().map(|[left, right]| [left.as_slice(), right.as_slice()]),
            labels: self.labels.as_deref(),
        }
    }
}

/// The batch of some clips.
///
/// # Errors
/// As [`Batch::new`].
pub fn batch(inputs: &[ModelInput], config: &MicroAuClipConfig, device: &Device) -> Result<Batch, ModelError> {
    let clips: Vec<ClipInput<'_>> = inputs.iter().map(|input| input.borrowed(config)).collect();
    Batch::new(&clips, config, device)
}

/// One label an AU; `None` where the coders left it open.
pub fn label_row(aus: &[Au], labels: &AuLabels) -> Vec<Option<bool>> {
    aus.iter().map(|&au| labels.state(au)).collect()
}

/// u, v and strain `[3, h, w]` of a sample.
fn flow_planes(sample: &Sample) -> Vec<f32> {
    let strain = flow::strain(&sample.flow);
    // from units of the flow a pixel of the flow to percent: px of movement a px of the crop
    let percent = 100.0 / (Sample::flow_units_per_px(sample.crop_px) * Sample::FLOW_STRIDE as f32);
    let strain = strain.data.iter().map(|value| value * percent);
    sample.flow.u.data.iter().chain(&sample.flow.v.data).copied().chain(strain).collect()
}
