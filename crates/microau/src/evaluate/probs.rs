//! Scores of a model for prepared samples, many at a time.

use burn::tensor::Device;
use microau_data::LabelledSample;
use microau_model::{MicroAuClip, ModelError};
use rayon::prelude::*;

use crate::model_input::{self, ModelInput};

/// Probabilities of a model for samples, `[samples, K]` row by row in [0, 1]; `None` for a sample in which the region of
/// an AU lies outside the crop.
///
/// # Errors
/// When the samples do not fit the model.
pub fn probs(model: &MicroAuClip, samples: &[LabelledSample]) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
    let scored = logits(model, samples)?;
    let aus = model.config().aus.len();
    let calibration = model.calibration();
    let prob = |row: Vec<f32>| -> Vec<f32> {
        (0..aus).map(|k| sigmoid(calibration.slope[k] * row[k] + calibration.shift[k])).collect()
    };
    Ok(scored.into_iter().map(|row| row.map(prob)).collect())
}

/// Logits of a model before calibration, likewise.
///
/// # Errors
/// When the samples do not fit the model.
pub fn logits(model: &MicroAuClip, samples: &[LabelledSample]) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
    const CHUNK: usize = 64;
    let config = model.config();
    let mut rows = Vec::with_capacity(samples.len());
    for chunk in samples.chunks(CHUNK) {
        let inputs: Vec<Option<ModelInput>> =
            chunk.par_iter().map(|labelled| ModelInput::new(&labelled.sample, config).ok()).collect();
        let seen: Vec<ModelInput> = inputs.iter().flatten().cloned().collect();
        let mut scores = Vec::new();
        if !seen.is_empty() {
            let batch = model_input::batch(&seen, config, &Device::flex())?;
            scores = model.forward(&batch).logits.into_data().try_to_vec::<f32>().expect("logits are f32");
        }
        let mut scores = scores.chunks_exact(config.aus.len()).map(<[f32]>::to_vec);
        rows.extend(inputs.iter().map(|input| input.as_ref().and_then(|_| scores.next())));
    }
    Ok(rows)
}

fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
