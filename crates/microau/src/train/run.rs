//! One training run from end to end, in a folder that describes itself:
//! `settings.toml`, `prepared/` (samples), `state/` (to go on from), `log.jsonl`, `checkpoint.safetensors`, `table.md`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use burn::tensor::Device;
use microau_core::sample::{AuLabels, Sample};
use microau_data::LabelledSample;
use microau_model::MicroAuClip;
use microau_model::checkpoint::{Checkpoint, Precision, Provenance};

use super::calibrate::calibrate;
use super::error::TrainError;
use super::fit::{Fit, StepReport};
use super::floor::FlowLinear;
use super::sets::samples;
use super::settings::TrainSettings;
use crate::evaluate::{EvaluateError, Evaluation, evaluate, logits, probs};
use crate::generated::{SampleForm, SetSettings};

/// What a run tells while it goes on.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// Clips are being made: set, number of clips.
    Preparing(&'a str, usize),
    /// So many more clips of that set are there.
    Prepared(usize),
    /// A step was taken, of so many.
    Step(&'a StepReport, usize),
}

/// How a trained model and the linear floor score on one test set.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// Name of the set.
    pub set: String,
    /// The model.
    pub model: Evaluation,
    /// The linear classifier on dense flow, fitted to the same training samples.
    pub floor: Evaluation,
}

/// Runs a training, or goes on with it where it was stopped, and writes everything into `out`.
///
/// # Errors
/// [`TrainError`]; what was finished before is kept.
pub fn run(
    settings: &TrainSettings,
    out: &Path,
    watch: &(dyn Fn(Event<'_>) + Sync),
) -> Result<Vec<TestResult>, TrainError> {
    claim(settings, out)?;
    let train = gather(&settings.train, settings, out, watch)?;
    let held_out = gather(&settings.calibrate, settings, out, watch)?;

    let model = fit_to(&train, settings, out, watch)?;
    let model = calibrated(model, &held_out)?;
    let checkpoint = Checkpoint { model: model.clone(), provenance: provenance(settings, train.len()) };
    checkpoint.save(&out.join("checkpoint.safetensors"), Precision::F16)?;
    // judged as it will be used: with the weights as they were written
    let model = Checkpoint::load(&out.join("checkpoint.safetensors"), &Device::flex())?.model;

    let pairs: Vec<(&Sample, AuLabels)> = train.iter().map(|s| (&s.sample, s.labels)).collect();
    let floor = FlowLinear::fit(&settings.model.aus, &pairs);
    let mut results = Vec::new();
    for set in &settings.test {
        let clips = gather(std::slice::from_ref(set), settings, out, watch)?;
        results.push(judge(&set.name, &model, &floor, &clips)?);
    }
    write(&out.join("table.md"), &table(&results))?;
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

/// Makes the folder this run's own: a run of other settings is not written over.
fn claim(settings: &TrainSettings, out: &Path) -> Result<(), TrainError> {
    let text = toml::to_string(settings)
        .map_err(|error| TrainError::Settings { path: out.to_owned(), reason: error.to_string() })?;
    let path = out.join("settings.toml");
    match std::fs::read_to_string(&path) {
        Ok(found) if found == text => Ok(()),
        Ok(_) => Err(TrainError::OtherRun { path: out.to_owned() }),
        Err(_) => {
            std::fs::create_dir_all(out).map_err(|source| TrainError::Io { path: out.to_owned(), source })?;
            write(&path, &text)
        }
    }
}

fn write(path: &Path, text: &str) -> Result<(), TrainError> {
    crate::files::write(path, text.as_bytes())
        .map_err(|error| TrainError::Io { path: path.to_owned(), source: std::io::Error::other(error.to_string()) })
}

fn gather(
    sets: &[SetSettings],
    settings: &TrainSettings,
    out: &Path,
    watch: &(dyn Fn(Event<'_>) + Sync),
) -> Result<Vec<LabelledSample>, TrainError> {
    let form = SampleForm { crop_px: settings.model.crop_px, keep_pixels: settings.model.input.sees_pixels() };
    let mut all = Vec::new();
    for set in sets {
        watch(Event::Preparing(&set.name, set.clips));
        all.extend(samples(set, form, &out.join("prepared"), &|clips| watch(Event::Prepared(clips)))?);
    }
    Ok(all)
}

fn fit_to(
    samples: &[LabelledSample],
    settings: &TrainSettings,
    out: &Path,
    watch: &(dyn Fn(Event<'_>) + Sync),
) -> Result<MicroAuClip, TrainError> {
    let state = out.join("state");
    let log_path = out.join("log.jsonl");
    let io = |source| TrainError::Io { path: log_path.clone(), source };
    let mut fit = Fit::new(settings, samples)?.resume(&state)?;
    forget_lost_steps(&log_path, fit.step())?;
    let mut log = std::fs::File::options().create(true).append(true).open(&log_path).map_err(io)?;
    while let Some(report) = fit.advance()? {
        writeln!(log, "{}", log_line(&report)).map_err(io)?;
        watch(Event::Step(&report, settings.steps));
        if fit.step() % settings.save_every == 0 || fit.step() == settings.steps {
            fit.save(&state)?;
        }
    }
    Ok(fit.model())
}

/// Takes the steps that were lost with a killed run out of its log: they are about to be taken again.
fn forget_lost_steps(log: &Path, done: usize) -> Result<(), TrainError> {
    let Ok(text) = std::fs::read_to_string(log) else { return Ok(()) };
    let kept: Vec<&str> = text.lines().take(done).collect();
    write(log, &kept.iter().map(|line| format!("{line}\n")).collect::<String>())
}

fn log_line(report: &StepReport) -> serde_json::Value {
    let losses: serde_json::Map<String, serde_json::Value> =
        report.losses.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
    serde_json::json!({
        "step": report.step, "rate": report.rate, "gradient_norm": report.gradient_norm, "losses": losses,
    })
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

fn provenance(settings: &TrainSettings, samples: usize) -> Provenance {
    let sets: Vec<String> = settings.train.iter().map(|set| format!("{} ({} clips)", set.name, set.clips)).collect();
    Provenance(std::collections::BTreeMap::from([
        ("program".to_owned(), format!("microau {}", env!("CARGO_PKG_VERSION"))),
        ("data".to_owned(), format!("generated: {}; {samples} samples", sets.join(", "))),
        ("steps".to_owned(), settings.steps.to_string()),
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
