//! The scorer that is a trained model: the clip is prepared as in training, batched, scored on both sides and on each.

use std::path::Path;

use burn::tensor::{Device, Tensor};
use image::RgbImage;
use microau_core::plane::FlowField;
use microau_core::report::ModelInfo;
use microau_core::score::TextEmotion;
use microau_model::checkpoint::{Checkpoint, Provenance};
use microau_model::engine::{FastModel, Precision};
use microau_model::{Batch, DeviceChoice, MicroAuClip, MicroAuClipConfig, ModelError, Output};
use microau_vision::face::align;

use super::error::DetectError;
use super::scorer::{Attention, ClipScores, FaceClip, Scorer};
use crate::model_input::{ModelInput, batch};
use crate::prepare::{Prepared, Preparer};

/// The model that is built into the program.
pub const NANO: &str = "nano";

/// Weights of the built-in model; empty in a build without.
const NANO_BYTES: &[u8] = include_bytes!("../../assets/nano.safetensors");

/// Scores clips with a trained model.
pub struct ModelScorer {
    model: MicroAuClip,
    /// The same on the engine, once there was something to score.
    fast: Option<FastModel>,
    info: ModelInfo,
    story: Provenance,
    preparer: Preparer,
    device: Device,
}

impl ModelScorer {
    /// The built-in model for the name `nano`, else the checkpoint at that path.
    ///
    /// # Errors
    /// [`DetectError::Model`] when there is no such file, it is damaged or of another program, or there is no such device.
    pub fn open(name: &str, device: DeviceChoice) -> Result<Self, DetectError> {
        let device = device.open().map_err(|error| DetectError::of_device(&error))?;
        let checkpoint = Self::checkpoint(name, &device)?;
        let file_name = Path::new(name).file_name().map_or(name.into(), |file_name| file_name.to_string_lossy());
        Ok(Self::new(&file_name, checkpoint, device))
    }

    /// The built-in model for the name `nano`, else the checkpoint at that path; on an autodiff device it goes on learning.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn checkpoint(name: &str, device: &Device) -> Result<Checkpoint, DetectError> {
        if name == NANO {
            return Checkpoint::load_from_bytes(NANO_BYTES, device).map_err(not_built_in);
        }
        let path = Path::new(name);
        Checkpoint::load(path, device).map_err(|error| unreadable(&error, path))
    }

    /// A scorer with a model that is in memory already.
    pub fn new(name: &str, checkpoint: Checkpoint, device: Device) -> Self {
        let Checkpoint { model, provenance: story } = checkpoint;
        let config = model.config();
        let info = ModelInfo { name: name.to_owned(), preset: preset_name(config), aus: config.aus.clone() };
        let preparer = Preparer::new(config.crop_px, config.input.sees_pixels());
        Self { model, fast: None, info, story, preparer, device }
    }

    /// What its checkpoint tells of its training, by key.
    pub fn story(&self) -> Vec<(String, String)> {
        self.story.0.clone().into_iter().collect()
    }

    /// The model itself.
    pub fn model(&self) -> &MicroAuClip {
        &self.model
    }

    /// What the model says of a batch, and of each side: by the engine on the processor, by burn on a graphics card.
    fn look(&mut self, batch: &Batch) -> (Output, Option<[Output; 2]>) {
        match self.fast() {
            Some(fast) => fast.forward_with_sides(batch),
            None => (self.model.forward(batch), self.model.forward_sides(batch)),
        }
    }

    fn fast(&mut self) -> Option<&mut FastModel> {
        let is_here = self.device == Device::flex();
        is_here.then(|| self.fast.get_or_insert_with(|| FastModel::new(&self.model, Precision::F32)))
    }
}

impl Scorer for ModelScorer {
    fn info(&self) -> ModelInfo {
        self.info.clone()
    }

    fn score(&mut self, clip: &FaceClip) -> Result<ClipScores, DetectError> {
        let prepared =
            self.preparer.sample(&clip.onset, &clip.apex, &clip.placing).map_err(|error| model_error(&error))?;
        let config = self.model.config();
        let input = ModelInput::new(&prepared.sample, config)
            .map_err(|source| DetectError::FaceCutOff { source, input: None })?;
        let batch = batch(&[input], config, &self.device).map_err(|error| model_error(&error))?;
        let (whole, sides) = self.look(&batch);
        Ok(read(&self.model, whole, sides, Shown::new(clip, prepared)))
    }

    fn probabilities(&mut self, clip: &FaceClip) -> Option<Vec<f32>> {
        let prepared = self.preparer.sample(&clip.onset, &clip.apex, &clip.placing).ok()?;
        let input = ModelInput::new(&prepared.sample, self.model.config()).ok()?;
        let batch = batch(&[input], self.model.config(), &self.device).ok()?;
        let logits = match self.fast() {
            Some(fast) => fast.forward(&batch).logits,
            None => self.model.forward(&batch).logits,
        };
        Some(numbers(self.model.probabilities(logits)))
    }
}

/// The pictures of a clip that the model sees something of.
struct Shown {
    onset: RgbImage,
    apex: RgbImage,
    flow: FlowField,
}

impl Shown {
    /// Both crops as the model has them before it: the face at the apex is where the head was at the onset.
    fn new(clip: &FaceClip, prepared: Prepared) -> Shown {
        let Prepared { sample, crop_from_frame, head_motion } = prepared;
        let steady = head_motion.inverse().map_or(crop_from_frame, |back| crop_from_frame.then(&back));
        let crop = |frame, placed| align::warp(frame, placed, sample.crop_px as u32);
        Shown { onset: crop(&clip.onset, &crop_from_frame), apex: crop(&clip.apex, &steady), flow: sample.flow }
    }
}

/// What the model said of one clip, of both sides and of each.
fn read(
    model: &MicroAuClip,
    output: Output,
    sides: Option<[Output; 2]>,
    Shown { onset, apex, flow }: Shown,
) -> ClipScores {
    let probs = |logits| numbers(model.probabilities(logits));
    let sides = sides.map(|sides| sides.map(|side| probs(side.logits)));
    let similarities = numbers(model.emotions(&output));
    let text = model.text();
    let emotions = text.emotions().iter().zip(similarities);
    let text = emotions.map(|(it, similarity)| TextEmotion { emotion: it.name.clone(), similarity }).collect();
    let (grid, weights) = (model.config().grid(), numbers(output.attention));
    let attention = Attention { onset, crop: apex, flow, grid, weights };
    ClipScores { both: probs(output.logits), sides, text, attention: Some(attention) }
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_into_vec().expect("converted to f32 just before")
}

fn preset_name(config: &MicroAuClipConfig) -> String {
    let json = serde_json::to_value(config.preset).expect("a preset is a word");
    json.as_str().unwrap_or_default().to_owned()
}

fn not_built_in(error: ModelError) -> DetectError {
    let message = format!("this build has no model {NANO} inside ({error})");
    DetectError::Model { message, hint: Some("give a checkpoint: --model PATH".to_owned()) }
}

fn unreadable(error: &ModelError, path: &Path) -> DetectError {
    let message = if path.is_dir() {
        format!("expected a checkpoint, got a folder: {}", path.display())
    } else if !path.exists() {
        format!("no such checkpoint: {}", path.display())
    } else {
        error.to_string()
    };
    let hint = "give a checkpoint that `microau train` wrote, or leave --model out for the built-in nano";
    DetectError::Model { message, hint: Some(hint.to_owned()) }
}

fn model_error(error: &dyn std::error::Error) -> DetectError {
    DetectError::Model { message: error.to_string(), hint: None }
}
