//! The baselines on the folds of a run that is there: the same clips, the same sides, the same seeds.

use std::path::Path;

use burn::tensor::Device;
use microau_core::sample::Sample;
use microau_eval::scores::{self, SampleScores};
use microau_model::clip::PatchBlock;
use microau_model::config::Input;
use microau_model::{MicroAuClipConfig, ModelError};

use super::clip_linear::ClipLinear;
use super::flow_cnn::FlowCnn;
use super::flow_landmarks::FlowLandmarks;
use super::flow_svm::FlowSvm;
use super::trivial::{AllOnes, PriorRandom};
use super::{Baseline, Fold};
use crate::files;
use crate::train::beginning;
use crate::train::claim::SETTINGS_NAME;
use crate::train::clips::TrainingSet;
use crate::train::plan::Plan;
use crate::train::{Event, TrainError, TrainSettings, Watch};

/// Scores of one baseline on every fold and seed of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineScores {
    /// Name of the baseline.
    pub name: &'static str,
    /// A line a tested sample and seed.
    pub scores: Vec<SampleScores>,
}

/// Fits every baseline to each fold of a run and writes `baselines/NAME/scores.jsonl` into its folder. What is there is
/// kept.
///
/// CLIP's embedding needs pixels in the run's store and the weights that its settings name; without them it is left out and
/// a note says so.
///
/// # Errors
/// When the run has no folds or its clips cannot be read.
pub fn run(out: &Path, watch: Watch<'_>) -> Result<Vec<BaselineScores>, TrainError> {
    let path = out.join(SETTINGS_NAME);
    if !path.is_file() {
        return Err(TrainError::NoRun { path: out.to_owned() });
    }
    let settings = TrainSettings::read(&path, &[])?;
    let data = settings.data.as_ref().filter(|data| data.protocol.judged().is_some());
    let data = data.ok_or_else(|| TrainError::NoFolds { path: out.to_owned() })?;
    let plan = Plan::open(&settings, data, out, watch)?;
    let baselines = baselines(&settings, &plan, watch)?;
    let fits = plan.seeds().len() * plan.splits.len();
    let mut all = Vec::new();
    for baseline in &baselines {
        let name = baseline.name();
        watch(Event::Preparing(name, fits));
        let path = out.join("baselines").join(name).join("scores.jsonl");
        let known = std::fs::read_to_string(&path).ok().and_then(|text| scores::from_jsonl(&text).ok());
        let scores = known.unwrap_or_else(|| on_every_fold(baseline.as_ref(), &plan, watch));
        files::write(&path, scores::to_jsonl(&scores)?.as_bytes())?;
        all.push(BaselineScores { name, scores });
    }
    Ok(all)
}

fn baselines(
    settings: &TrainSettings,
    plan: &Plan<'_>,
    watch: Watch<'_>,
) -> Result<Vec<Box<dyn Baseline>>, TrainError> {
    let mut all: Vec<Box<dyn Baseline>> =
        vec![Box::new(AllOnes), Box::new(PriorRandom), Box::new(FlowSvm), Box::new(FlowLandmarks), Box::new(FlowCnn)];
    let keeps_pixels = plan.clips.iter().all(|clip| !clip.sample.apex_rgb.is_empty());
    match settings.weights.as_deref().filter(|&name| name != beginning::RANDOM && keeps_pixels) {
        Some(name) => all.push(Box::new(clip_linear(name, &settings.model)?)),
        None => watch(Event::Note("whole-face CLIP is left out: it needs a run with pixels and CLIP's weights")),
    }
    Ok(all)
}

fn clip_linear(name: &str, model: &MicroAuClipConfig) -> Result<ClipLinear, TrainError> {
    let config = MicroAuClipConfig { input: Input::Apex, context: 0, ..model.clone() };
    let tower = beginning::clip(name, &config, &Device::flex())?.visual;
    let tower = tower.with_patch_block(PatchBlock::LastBut(0)).map_err(ModelError::from)?;
    Ok(ClipLinear { tower, config })
}

fn on_every_fold(baseline: &dyn Baseline, plan: &Plan<'_>, watch: Watch<'_>) -> Vec<SampleScores> {
    let aus = &plan.settings.model.aus;
    let mut scores = Vec::new();
    for seed in plan.seeds() {
        for split in &plan.splits {
            let training = TrainingSet::of_side(&plan.clips, None, split.training());
            let test: Vec<&Sample> = split.test().iter().map(|&place| &plan.clips[place].sample).collect();
            let rows = baseline.probs(&Fold { aus, training, test, seed });
            let line = |(&place, row): (&usize, Vec<f64>)| {
                plan.line(split, seed, place, aus.iter().copied().zip(row).collect())
            };
            scores.extend(split.test().iter().zip(rows).map(line));
            watch(Event::Prepared(1));
        }
    }
    scores
}
