//! Scores of a model for prepared samples, many at a time.

use burn::tensor::Tensor;
use microau_data::LabelledSample;
use microau_model::{MicroAuClip, ModelError};
use rayon::prelude::*;

use crate::model_input::{self, ModelInput};

/// Clips that a model sees at once.
const CHUNK: usize = 64;

/// Probabilities of a model for samples, `[samples, K]` row by row in [0, 1]; `None` for a sample in which the region of
/// an AU lies outside the crop.
///
/// # Errors
/// When the samples do not fit the model.
pub fn probs(model: &MicroAuClip, samples: &[LabelledSample]) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
    Ok(outputs_of_samples(model, samples)?.into_iter().map(|output| Some(output?.probs)).collect())
}

/// Logits of a model before calibration, likewise.
///
/// # Errors
/// When the samples do not fit the model.
pub fn logits(model: &MicroAuClip, samples: &[LabelledSample]) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
    Ok(outputs_of_samples(model, samples)?.into_iter().map(|output| Some(output?.logits)).collect())
}

fn outputs_of_samples(model: &MicroAuClip, samples: &[LabelledSample]) -> Result<Vec<Option<ClipOutput>>, ModelError> {
    outputs_of(model, samples.len(), |place| ModelInput::new(&samples[place].sample, model.config()).ok())
}

/// What a model says of one clip.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipOutput {
    /// Logits of the AUs before calibration, `[K]`.
    pub logits: Vec<f32>,
    /// Probabilities of the AUs, `[K]`, in [0, 1].
    pub probs: Vec<f32>,
    /// Likeness to the text of each emotion of the model, in [-1, 1].
    pub emotions: Vec<f32>,
}

/// What a model says of `count` clips, each made ready by `input` when its turn comes; `None` where that gives none.
///
/// # Errors
/// When an input does not fit the model.
pub fn outputs_of(
    model: &MicroAuClip,
    count: usize,
    input: impl Fn(usize) -> Option<ModelInput> + Sync,
) -> Result<Vec<Option<ClipOutput>>, ModelError> {
    let mut outputs = Vec::with_capacity(count);
    for first in (0..count).step_by(CHUNK) {
        let places = first..(first + CHUNK).min(count);
        let inputs: Vec<Option<ModelInput>> = places.into_par_iter().map(&input).collect();
        let seen: Vec<ModelInput> = inputs.iter().flatten().cloned().collect();
        let mut said = if seen.is_empty() { Vec::new() } else { outputs_of_batch(model, &seen)? }.into_iter();
        outputs.extend(inputs.iter().map(|input| input.as_ref().and_then(|_| said.next())));
    }
    Ok(outputs)
}

fn outputs_of_batch(model: &MicroAuClip, inputs: &[ModelInput]) -> Result<Vec<ClipOutput>, ModelError> {
    let output = model.forward(&model_input::batch(inputs, model.config(), &model.device())?);
    let rows = |tensor: Tensor<2>| -> Vec<Vec<f32>> {
        let width = tensor.dims()[1].max(1);
        let values: Vec<f32> = tensor.try_into_vec_as().expect("outputs are floats");
        values.chunks_exact(width).map(<[f32]>::to_vec).collect()
    };
    let emotions = rows(model.emotions(&output));
    let probs = rows(model.probabilities(output.logits.clone()));
    let scores = rows(output.logits).into_iter().zip(probs);
    Ok(scores.zip(emotions).map(|((logits, probs), emotions)| ClipOutput { logits, probs, emotions }).collect())
}
