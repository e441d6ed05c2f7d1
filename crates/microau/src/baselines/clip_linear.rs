//! CLIP's embedding of the whole face at its apex and logistic regression: what CLIP sees without motion, regions or text.

use burn::tensor::Device;
use microau_core::sample::Sample;
use microau_model::MicroAuClipConfig;
use microau_model::clip::VisualTower;

use super::features::Standard;
use super::logistic::Logistic;
use super::{Baseline, Fold};
use crate::model_input::{self, ModelInput};

/// Faces that the tower sees at once.
const BATCH: usize = 16;
/// Penalty on the weights: that many samples' worth against one unit of weight.
const PENALTY_SAMPLES: f32 = 100.0;

/// The baseline, over the embeddings of one tower.
pub struct ClipLinear {
    /// The tower.
    pub tower: VisualTower,
    /// Settings of a model on this tower that looks at the apex.
    pub config: MicroAuClipConfig,
}

impl ClipLinear {
    /// Embedding of each face, `[d]` of unit length.
    fn embeddings(&self, samples: &[&Sample]) -> Vec<Vec<f32>> {
        let device = Device::flex();
        let mut rows = Vec::with_capacity(samples.len());
        for chunk in samples.chunks(BATCH) {
            let inputs: Vec<ModelInput> =
                chunk.iter().map(|sample| ModelInput::of_pixels(sample, &self.config)).collect();
            let batch = model_input::batch(&inputs, &self.config, &device).expect("inputs are made for these settings");
            let apex = batch.later.expect("the apex is looked at").squeeze_dim::<4>(1);
            let embedding = self.tower.forward(apex).embedding.expect("a tower of CLIP has an embedding");
            let width = embedding.dims()[1];
            let values: Vec<f32> = embedding.try_into_vec_as().expect("embeddings are floats");
            rows.extend(values.chunks_exact(width).map(unit));
        }
        rows
    }
}

fn unit(row: &[f32]) -> Vec<f32> {
    let length = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    row.iter().map(|value| value / length).collect()
}

impl Baseline for ClipLinear {
    fn name(&self) -> &'static str {
        "clip-linear"
    }

    fn probs(&self, fold: &Fold<'_>) -> Vec<Vec<f64>> {
        let train: Vec<&Sample> = fold.training.clips().iter().map(|it| &it.clip.sample).collect();
        let (train, test) = (self.embeddings(&train), self.embeddings(&fold.test));
        let (standard, device) = (Standard::of(&train), Device::flex());
        let penalty = PENALTY_SAMPLES / train.len() as f32;
        let classifiers = Logistic::fit(standard.tensor(&train, &device), &fold.labels(), penalty);
        let probs = classifiers.probs(standard.tensor(&test, &device));
        probs.chunks_exact(fold.aus.len()).map(|row| row.iter().map(|&prob| f64::from(prob)).collect()).collect()
    }
}
