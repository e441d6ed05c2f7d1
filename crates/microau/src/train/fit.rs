//! Fitting the model: the loop itself, with a state that a killed run goes on from to the same weights.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsAccumulator, GradientsParams, ModuleOptimizer};
use burn::tensor::Device;
use microau_core::region::RegionOutside;
use microau_data::LabelledSample;
use microau_data::augment::{Augmented, mixed_with};
use microau_model::MicroAuClip;
use microau_model::clip::VisualTower;
use microau_model::labels::TrainingLabels;
use microau_model::loss::ClassWeights;
use microau_model::prior::Prior;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::beginning::Beginning;
use super::clips::{TrainingClip, TrainingSet};
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
    set: TrainingSet<'a>,
    steps: usize,
    model: MicroAuClip,
    /// The frozen pixel tower, laid aside while patch tokens take its place.
    tower: Option<VisualTower>,
    optimizer: ModuleOptimizer,
    class_weights: ClassWeights,
    step: usize,
    device: Device,
    /// Inputs of the coming step, where they were made beside the last one.
    ahead: Option<Vec<Vec<ModelInput>>>,
}

impl<'a> Fit<'a> {
    /// A model at its beginning; class weights and the dependency prior are counted on the training set alone.
    ///
    /// # Errors
    /// When the settings of the model do not fit together, or there is nothing to learn from.
    pub fn new(
        settings: &'a TrainSettings,
        beginning: &Beginning,
        set: TrainingSet<'a>,
    ) -> Result<Fit<'a>, TrainError> {
        if set.is_empty() {
            return Err(TrainError::NothingToLearn { clips: 0 });
        }
        let device = settings.device.open()?.autodiff();
        let aus = &settings.model.aus;
        let rows: Vec<Vec<Option<bool>>> = set.clips().iter().map(|it| label_row(aus, &it.clip.labels)).collect();
        if rows.iter().flatten().all(Option::is_none) {
            return Err(TrainError::NothingToLearn { clips: set.len() });
        }
        let labels = TrainingLabels::new(aus, rows.iter().map(Vec::as_slice))?;
        let prior = Prior::from_labels(&labels, settings.model.kappa);
        let mut model = beginning.model(settings, prior, settings.seed, &device)?;
        let mut tower = None;
        if settings.keeps_tokens() && set.clips().iter().all(|it| it.tokens.is_some()) {
            (model, tower) = model.without_tower();
        }
        let optimizer = AdamWConfig::new().with_weight_decay(settings.weight_decay).init();
        let class_weights =
            if settings.balance_classes { ClassWeights::from_labels(&labels) } else { ClassWeights::equal(aus.len()) };
        let steps = settings.steps_over(set.len());
        Ok(Fit { settings, set, steps, model, tower, optimizer, class_weights, step: 0, device, ahead: None })
    }

    /// The next step, or `None` when all are done.
    ///
    /// # Errors
    /// [`TrainError::Diverged`].
    pub fn advance(&mut self) -> Result<Option<StepReport>, TrainError> {
        if self.step >= self.steps {
            return Ok(None);
        }
        let (settings, set, step, steps) = (self.settings, self.set.clone(), self.step, self.steps);
        let passes = self.ahead.take().unwrap_or_else(|| passes(settings, &set, step));
        // the next inputs are made on another core meanwhile: they depend on seed and step alone
        let next = || (step + 1 < steps).then(|| self::passes(settings, &set, step + 1));
        let (report, ahead) = rayon::join(|| self.step_on(&passes), next);
        self.ahead = ahead;
        report.map(Some)
    }

    /// One step of the optimiser on the given inputs, a batch a forward pass.
    fn step_on(&mut self, passes: &[Vec<ModelInput>]) -> Result<StepReport, TrainError> {
        let mut sum = GradientsAccumulator::new();
        let mut losses: Vec<(&'static str, f32)> = Vec::new();
        let share = 1.0 / passes.len() as f32;
        for inputs in passes {
            let batch = model_input::batch(inputs, &self.settings.model, &self.device)?;
            let labels = batch.labels.clone().expect("training batches have labels");
            let loss = self.model.loss(&self.model.forward(&batch), &labels, &self.class_weights);
            add_shares(&mut losses, &loss.values(), share);
            if let Some(&(_, total)) = losses.first().filter(|(_, total)| !total.is_finite()) {
                return Err(TrainError::Diverged { what: "the loss", value: total, step: self.step });
            }
            let gradients = loss.total.mul_scalar(share).backward();
            sum.accumulate(&self.model, GradientsParams::from_grads(gradients, &self.model));
        }
        let mut gradients = sum.grads();
        let gradient_norm = clip_global_norm(&self.model, &mut gradients, self.settings.clip_norm);
        if !gradient_norm.is_finite() {
            return Err(TrainError::Diverged { what: "the gradient", value: gradient_norm, step: self.step });
        }
        let rate = self.settings.schedule.rate(self.step, self.steps);
        self.model = self.optimizer.step(rate, self.model.clone(), gradients);
        self.step += 1;
        Ok(StepReport { step: self.step - 1, rate, gradient_norm, losses })
    }

    /// Steps in which every clip is seen about once.
    pub fn steps_of_epoch(&self) -> usize {
        self.set.len().div_ceil(self.settings.batch * self.settings.accumulate)
    }

    /// Steps of the whole fit.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Steps done.
    pub fn step(&self) -> usize {
        self.step
    }

    /// The model as it is, for inference; its pixel tower stays apart while patch tokens take its place.
    pub fn model(&self) -> MicroAuClip {
        self.model.valid()
    }

    /// The model as it is, whole and as it is stored.
    ///
    /// # Errors
    /// Never for a tower that was this model's.
    pub fn whole_model(&self) -> Result<MicroAuClip, TrainError> {
        let model = match &self.tower {
            Some(tower) => self.model.clone().with_tower(tower.clone())?,
            None => self.model.clone(),
        };
        Ok(model.valid().merged())
    }

    /// Writes the state, so that [`Fit::resume`] goes on from here.
    ///
    /// # Errors
    /// [`TrainError::Save`]; the state before is still there then.
    pub fn save(&self, folder: &Path) -> Result<(), TrainError> {
        let state = |path: &Path, reason: String| TrainError::Save { path: path.to_owned(), reason };
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

/// What the model is told at a step, one list a forward pass: it depends on the seed and the step alone, so that a resumed
/// run sees what it would have seen.
fn passes(settings: &TrainSettings, set: &TrainingSet<'_>, step: usize) -> Vec<Vec<ModelInput>> {
    let chosen = clips_of(settings, set.len(), step);
    let first = step * settings.batch * settings.accumulate;
    let input = |(place, clip): (usize, usize)| {
        let mut rng = stream(settings.seed, 1 + (first + place) as u64);
        // a crop shifted so far that a region is lost teaches nothing
        varied(settings, set, clip, &mut rng).ok()
    };
    let inputs: Vec<Option<ModelInput>> = chosen.into_par_iter().enumerate().map(input).collect();
    let passes = inputs.chunks(settings.batch).map(|pass| pass.iter().flatten().cloned().collect());
    passes.filter(|pass: &Vec<ModelInput>| !pass.is_empty()).collect()
}

/// A clip varied at random. Where patch tokens stand for pixels, a mirror is all that can be done to these.
fn varied(
    settings: &TrainSettings,
    set: &TrainingSet<'_>,
    place: usize,
    rng: &mut ChaCha8Rng,
) -> Result<ModelInput, RegionOutside> {
    let TrainSettings { model: config, augment, .. } = settings;
    let TrainingClip { clip: LabelledSample { sample, labels, .. }, tokens } = set.clips()[place];
    let Some(tokens) = tokens else {
        let mixed = (augment.identity_mix > 0.0 && rng.random_bool(f64::from(augment.identity_mix))).then(|| {
            let other = rng.random_range(0..set.len());
            mixed_with(sample, &set.clips()[other].clip.sample, rng)
        });
        let Augmented { sample, labels, .. } = augment.apply(mixed.as_ref().unwrap_or(sample), labels, rng);
        return Ok(ModelInput::new(&sample, config)?.with_labels(&config.aus, &labels));
    };
    let Augmented { sample, labels, is_mirrored } = augment.mirror_and_flow().apply(sample, labels, rng);
    let tokens = if is_mirrored { &tokens.mirrored } else { &tokens.plain };
    Ok(ModelInput::new(&sample, config)?.with_tokens(Arc::clone(tokens)).with_labels(&config.aus, &labels))
}

/// The clips of a step: a stretch of the endless row of epochs, each epoch a shuffle of all clips.
fn clips_of(settings: &TrainSettings, count: usize, step: usize) -> Vec<usize> {
    let mut epoch = usize::MAX;
    let mut order: Vec<usize> = (0..count).collect();
    let each = settings.batch * settings.accumulate;
    let clip_at = |place: usize| {
        if place / count != epoch {
            epoch = place / count;
            order = (0..count).collect();
            order.shuffle(&mut stream(settings.seed ^ EPOCHS, epoch as u64));
        }
        order[place % count]
    };
    (step * each..(step + 1) * each).map(clip_at).collect()
}

/// Adds a share of the losses of one pass.
fn add_shares(sum: &mut Vec<(&'static str, f32)>, losses: &[(&'static str, f32)], share: f32) {
    if sum.is_empty() {
        sum.extend(losses.iter().map(|&(name, _)| (name, 0.0)));
    }
    sum.iter_mut().zip(losses).for_each(|((_, sum), (_, loss))| *sum += share * loss);
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
