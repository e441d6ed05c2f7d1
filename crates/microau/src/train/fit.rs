//! Fitting the model: the loop itself, with a state that a killed run goes on from to the same weights.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::Device;
use microau_data::LabelledSample;
use microau_data::augment::augment;
use microau_model::MicroAuClip;
use microau_model::labels::TrainingLabels;
use microau_model::loss::ClassWeights;
use microau_model::prior::Prior;
use microau_model::prompt::TextFeatures;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::error::TrainError;
use super::gradients::clip_global_norm;
use super::settings::TrainSettings;
use crate::model_input::{self, ModelInput, label_row};

/// What a step has to tell.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Step from 0.
    pub step: usize,
    /// Learning rate.
    pub rate: f64,
    /// Norm of all gradients before clipping.
    pub gradient_norm: f32,
    /// Names and values of the losses, the total first.
    pub losses: Vec<(&'static str, f32)>,
}

/// A model on its way.
pub struct Fit<'a> {
    settings: &'a TrainSettings,
    samples: &'a [LabelledSample],
    model: MicroAuClip,
    optimizer: ModuleOptimizer,
    class_weights: ClassWeights,
    step: usize,
    device: Device,
    /// Inputs of the coming step, where they were made beside the last one.
    ahead: Option<Vec<ModelInput>>,
}

impl<'a> Fit<'a> {
    /// A fresh model for the training samples; class weights and the dependency prior are counted on them alone.
    ///
    /// # Errors
    /// When the settings of the model do not fit together.
    pub fn new(settings: &'a TrainSettings, samples: &'a [LabelledSample]) -> Result<Fit<'a>, TrainError> {
        let device = Device::flex().autodiff();
        let aus = &settings.model.aus;
        let rows: Vec<Vec<Option<bool>>> = samples.iter().map(|sample| label_row(aus, &sample.labels)).collect();
        let labels = TrainingLabels::new(aus, rows.iter().map(Vec::as_slice))?;
        let prior = Prior::from_labels(&labels, settings.model.kappa);
        let text = TextFeatures::built_in(aus)?;
        let model = MicroAuClip::new(&settings.model, text, settings.seed, &device)?.with_prior(prior)?;
        let optimizer = AdamWConfig::new().with_weight_decay(settings.weight_decay).init();
        let class_weights =
            if settings.balance_classes { ClassWeights::from_labels(&labels) } else { ClassWeights::equal(aus.len()) };
        Ok(Fit { settings, samples, model, optimizer, class_weights, step: 0, device, ahead: None })
    }

    /// The next step, or `None` when all are done.
    ///
    /// # Errors
    /// [`TrainError::Diverged`].
    pub fn advance(&mut self) -> Result<Option<StepReport>, TrainError> {
        if self.step >= self.settings.steps {
            return Ok(None);
        }
        let (settings, samples, step) = (self.settings, self.samples, self.step);
        let inputs = self.ahead.take().unwrap_or_else(|| inputs(settings, samples, step));
        // the next inputs are made on another core meanwhile: they depend on seed and step alone
        let next = || (step + 1 < settings.steps).then(|| self::inputs(settings, samples, step + 1));
        let (report, ahead) = rayon::join(|| self.step_on(&inputs), next);
        self.ahead = ahead;
        report.map(Some)
    }

    /// One step of the optimiser on the given inputs.
    fn step_on(&mut self, inputs: &[ModelInput]) -> Result<StepReport, TrainError> {
        let batch = model_input::batch(inputs, &self.settings.model, &self.device)?;
        let labels = batch.labels.clone().expect("training batches have labels");
        let loss = self.model.loss(&self.model.forward(&batch), &labels, &self.class_weights);
        let losses = loss.values();
        if let Some(&(_, total)) = losses.first().filter(|(_, total)| !total.is_finite()) {
            return Err(TrainError::Diverged { step: self.step, loss: total });
        }
        let mut gradients = GradientsParams::from_grads(loss.total.backward(), &self.model);
        let gradient_norm = clip_global_norm(&self.model, &mut gradients, self.settings.clip_norm);
        let rate = self.settings.schedule.rate(self.step, self.settings.steps);
        self.model = self.optimizer.step(rate, self.model.clone(), gradients);
        self.step += 1;
        Ok(StepReport { step: self.step - 1, rate, gradient_norm, losses })
    }

    /// Steps done.
    pub fn step(&self) -> usize {
        self.step
    }

    /// The model as it is, for inference.
    pub fn model(&self) -> MicroAuClip {
        self.model.valid()
    }

    /// Writes the state, so that [`Fit::resume`] goes on from here.
    ///
    /// # Errors
    /// [`TrainError::State`].
    pub fn save(&self, folder: &Path) -> Result<(), TrainError> {
        let state = |path: &Path, reason: String| TrainError::State { path: path.to_owned(), reason };
        let files = StateFiles::new(folder, self.step);
        std::fs::create_dir_all(&files.folder).map_err(|error| state(folder, error.to_string()))?;
        self.model.clone().save_file(&files.model).map_err(|error| state(&files.model, error.to_string()))?;
        self.optimizer.save(&files.optimizer).map_err(|error| state(&files.optimizer, error.to_string()))?;
        // the pointer is written last: a state that was cut off is never gone on from
        let pointer = folder.join(POINTER);
        let part = folder.join("latest.part");
        std::fs::write(&part, self.step.to_string())
            .and_then(|()| std::fs::rename(&part, &pointer))
            .map_err(|error| state(&pointer, error.to_string()))?;
        StateFiles::drop_others(folder, self.step);
        Ok(())
    }

    /// Goes on from a saved state; stays at the start when there is none.
    ///
    /// # Errors
    /// [`TrainError::State`] for a state that cannot be read.
    pub fn resume(mut self, folder: &Path) -> Result<Fit<'a>, TrainError> {
        let pointer = folder.join(POINTER);
        let Ok(text) = std::fs::read_to_string(&pointer) else { return Ok(self) };
        let state = |path: &Path, reason: String| TrainError::State { path: path.to_owned(), reason };
        self.ahead = None;
        self.step = text.trim().parse().map_err(|_| state(&pointer, format!("expected a step, got {text:?}")))?;
        let files = StateFiles::new(folder, self.step);
        self.model = self.model.try_load_file(&files.model).map_err(|error| state(&files.model, error.to_string()))?;
        self.optimizer =
            self.optimizer.load(&files.optimizer).map_err(|error| state(&files.optimizer, error.to_string()))?;
        Ok(self)
    }
}

/// What the model is told at a step: it depends on the seed and the step alone, so that a resumed run sees what it would
/// have seen.
fn inputs(settings: &TrainSettings, samples: &[LabelledSample], step: usize) -> Vec<ModelInput> {
    let config = &settings.model;
    let chosen = samples_of(settings, samples.len(), step);
    let inputs = chosen.par_iter().enumerate().filter_map(|(place, &sample)| {
        let LabelledSample { sample, labels, .. } = &samples[sample];
        let mut rng = stream(settings.seed, 1 + (step * settings.batch + place) as u64);
        let (sample, labels) = augment(sample, labels, &settings.augment, &mut rng);
        // a crop shifted so far that a region is lost teaches nothing
        Some(ModelInput::new(&sample, config).ok()?.with_labels(&config.aus, &labels))
    });
    inputs.collect()
}

/// The samples of a step: a stretch of the endless row of epochs, each epoch a shuffle of all samples.
fn samples_of(settings: &TrainSettings, count: usize, step: usize) -> Vec<usize> {
    let mut epoch = usize::MAX;
    let mut order: Vec<usize> = (0..count).collect();
    let places = step * settings.batch..(step + 1) * settings.batch;
    let sample_at = |place: usize| {
        if place / count != epoch {
            epoch = place / count;
            order = (0..count).collect();
            order.shuffle(&mut stream(settings.seed ^ EPOCHS, epoch as u64));
        }
        order[place % count]
    };
    places.map(sample_at).collect()
}

/// Sets the streams of epochs apart from those of augmentation.
const EPOCHS: u64 = 0x9e37_79b9_7f4a_7c15;
/// Names the step of the newest whole state.
const POINTER: &str = "latest";

fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

/// Where the state of a step lies.
struct StateFiles {
    folder: PathBuf,
    model: PathBuf,
    optimizer: PathBuf,
}

impl StateFiles {
    fn new(folder: &Path, step: usize) -> StateFiles {
        let folder = folder.join(format!("step-{step}"));
        StateFiles { model: folder.join("model.bpk"), optimizer: folder.join("optimizer.bpk"), folder }
    }

    /// Removes the states of other steps; what cannot be removed only takes room.
    fn drop_others(folder: &Path, step: usize) {
        let keep = StateFiles::new(folder, step).folder;
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        for old in entries.filter(|path| path.is_dir() && *path != keep) {
            let _ = std::fs::remove_dir_all(old);
        }
    }
}
