//! From samples to the batch of a model: flow with strain, region weights and labels as plain numbers.

use microau_core::au::{Au, Side};
use microau_core::region::{self, RegionOutside};
use microau_core::sample::{AuLabels, Sample};
use microau_model::batch::{Batch, ClipInput};
use microau_model::{MicroAuClipConfig, ModelError};
use microau_vision::flow;

use burn::tensor::Device;

/// Everything a model is told of one clip, as plain numbers.
#[derive(Clone, Debug)]
pub struct ModelInput {
    onset: Vec<u8>,
    apex: Vec<u8>,
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
            planes: if config.input.sees_flow() { flow_planes(sample) } else { Vec::new() },
            region: weights(None)?,
            // a side turned out of sight has no score of its own
            region_of_side: side(Side::Left).and_then(|left| Ok([left, side(Side::Right)?])).ok(),
            labels: None,
        })
    }

    /// The same with what is annotated.
    pub fn with_labels(self, aus: &[Au], labels: &AuLabels) -> ModelInput {
        ModelInput { labels: Some(label_row(aus, labels)), ..self }
    }

    fn borrowed<'a>(&'a self, config: &MicroAuClipConfig) -> ClipInput<'a> {
        ClipInput {
            onset: config.input.sees_onset().then_some(self.onset.as_slice()),
            later: if config.input.sees_pixels() { vec![&self.apex] } else { Vec::new() },
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
