//! Training on generated clips from end to end, in a folder that describes itself: `settings.toml`, `prepared/` (samples),
//! `tokens/` (patch tokens of a frozen tower), `state/` (to go on from), `log.jsonl`, `checkpoint.safetensors`, `table.md`.

use std::fmt::Write as _;
use std::path::Path;

use microau_core::sample::{AuLabels, Sample};
use microau_data::LabelledSample;
use microau_model::MicroAuClip;
use microau_model::checkpoint::{Checkpoint, Precision, Provenance};

use super::beginning::Beginning;
use super::calibrate::calibrate;
use super::claim::Claim;
use super::clips::TrainingSet;
use super::error::TrainError;
use super::fit::Fit;
use super::folder::{Event, Watch, checkpoint_path, fit_to_end};
use super::sets::samples;
use super::settings::TrainSettings;
use crate::baselines::flow_landmarks::FlowLinear;
use crate::evaluate::{EvaluateError, Evaluation, evaluate, logits, probs};
use crate::files;
use crate::generated::{SampleForm, SetSettings};

/// How a trained model and the linear floor score on one test set.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// Name of the set.
    pub set: String,
    /// The model.
    pub model: Evaluation,
    /// The linear classifier on dense flow, fitted to the same training samples.
    pub floor: Evaluation,
}

/// Trains on generated sets, or goes on with it where it was stopped, and writes everything into `out`.
///
/// # Errors
/// [`TrainError`]; what was finished before is kept.
pub fn run(settings: &TrainSettings, out: &Path, watch: Watch<'_>) -> Result<Vec<TestResult>, TrainError> {
    let beginning = Beginning::read(settings, &settings.device.open()?.autodiff())?;
    let claim = Claim::of(settings, out)?;
    let train = gather(&settings.train, settings, out, watch)?;
    claim.write()?;
    let held_out = gather(&settings.calibrate, settings, out, watch)?;

    let tokens = beginning.tokens(settings, &train, out, watch)?;
    let fit = Fit::new(settings, &beginning, TrainingSet::all(&train, tokens.as_ref()))?;
    watch(Event::Fitting(1, fit.steps()));
    let fit = fit_to_end(fit, settings, out, None, watch)?;
    let model = calibrated(fit.whole_model()?, &held_out)?;
    let checkpoint = Checkpoint { model: model.clone(), provenance: provenance(settings, train.len(), fit.steps()) };
    checkpoint.save(&checkpoint_path(out), Precision::F16)?;
    // judged as it will be used: with the weights as they were written
    let model = Checkpoint::load(&checkpoint_path(out), &settings.device.open()?)?.model;

    let pairs: Vec<(&Sample, AuLabels)> = train.iter().map(|s| (&s.sample, s.labels)).collect();
    let floor = FlowLinear::fit(&settings.model.aus, &pairs);
    let mut results = Vec::new();
    for set in &settings.test {
        let clips = gather(std::slice::from_ref(set), settings, out, watch)?;
        results.push(judge(&set.name, &model, &floor, &clips)?);
    }
    files::write(&out.join("table.md"), table(&results).as_bytes())?;
    Ok(results)
}

/// The results as Markdown: per set one table of the model and one of the floor.
pub fn table(results: &[TestResult]) -> String {
    let mut text = String::new();
    for result in results {
        for (who, evaluation) in [("model", &result.model), ("linear floor on dense flow", &result.floor)] {
            let table = evaluation.table().to_markdown();
            let _ = writeln!(text, "## {}: {who}\n\n{table}\n{}\n", result.set, evaluation.summary());
        }
    }
    text
}

fn gather(
    sets: &[SetSettings],
    settings: &TrainSettings,
    out: &Path,
    watch: Watch<'_>,
) -> Result<Vec<LabelledSample>, TrainError> {
    let form = SampleForm { crop_px: settings.model.crop_px, keep_pixels: settings.model.input.sees_pixels() };
    let mut all = Vec::new();
    for set in sets {
        watch(Event::Preparing(&format!("clips of {}", set.name), set.clips));
        all.extend(samples(set, form, &out.join("prepared"), &|clips| watch(Event::Prepared(clips)))?);
    }
    Ok(all)
}

fn calibrated(model: MicroAuClip, clips: &[LabelledSample]) -> Result<MicroAuClip, TrainError> {
    if clips.is_empty() {
        return Ok(model);
    }
    let aus = model.config().aus.clone();
    let rows = logits(&model, clips)?;
    let seen = clips.iter().zip(&rows).filter(|(_, row)| row.is_some());
    let present = |clip: &LabelledSample| aus.iter().map(|&au| clip.labels.present().contains(au)).collect();
    let labels: Vec<Vec<bool>> = seen.map(|(clip, _)| present(clip)).collect();
    let rows: Vec<Vec<f32>> = rows.into_iter().flatten().collect();
    Ok(model.with_calibration(calibrate(&rows, &labels))?)
}

fn provenance(settings: &TrainSettings, samples: usize, steps: usize) -> Provenance {
    let sets: Vec<String> = settings.train.iter().map(|set| format!("{} ({} clips)", set.name, set.clips)).collect();
    Provenance(std::collections::BTreeMap::from([
        ("program".to_owned(), format!("microau {}", env!("CARGO_PKG_VERSION"))),
        ("data".to_owned(), format!("generated: {}; {samples} samples", sets.join(", "))),
        ("steps".to_owned(), steps.to_string()),
        ("seed".to_owned(), settings.seed.to_string()),
    ]))
}

/// The model and the floor on the same clips: those that the model can score.
fn judge(
    set: &str,
    model: &MicroAuClip,
    floor: &FlowLinear,
    clips: &[LabelledSample],
) -> Result<TestResult, TrainError> {
    let aus = &model.config().aus;
    let rows = probs(model, clips)?;
    let seen: Vec<&LabelledSample> =
        clips.iter().zip(&rows).filter(|(_, row)| row.is_some()).map(|(it, _)| it).collect();
    let labels: Vec<AuLabels> = seen.iter().map(|clip| clip.labels).collect();
    let probs: Vec<Vec<f32>> = rows.into_iter().flatten().collect();
    let samples: Vec<&Sample> = seen.iter().map(|clip| &clip.sample).collect();
    let below: Vec<Vec<f32>> = floor.probs(&samples).chunks_exact(aus.len()).map(<[f32]>::to_vec).collect();
    let figures = |probs: &[Vec<f32>]| evaluate(aus, &labels, probs).map_err(EvaluateError::from);
    Ok(TestResult { set: set.to_owned(), model: figures(&probs)?, floor: figures(&below)? })
}
