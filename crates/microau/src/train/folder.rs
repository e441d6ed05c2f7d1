//! The folder of a run while it goes on: what is told and logged, and how a stopped run is gone on from.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use microau_model::MicroAuClip;

use super::error::TrainError;
use super::fit::{Fit, StepReport};
use super::settings::TrainSettings;
use super::tensorboard::EventWriter;
use crate::files;

/// What a run tells while it goes on.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// Work on clips begins: what is done to them, their number.
    Preparing(&'a str, usize),
    /// So many more clips are dealt with.
    Prepared(usize),
    /// Models are being fitted: how many, and how many steps they take together.
    Fitting(usize, usize),
    /// So many of these steps were taken before this run was stopped.
    Resumed(usize),
    /// A step was taken.
    Step(&'a StepReport),
    /// Something that is worth knowing and stops nothing.
    Note(&'a str),
}

/// Hears what a run tells.
pub type Watch<'a> = &'a (dyn Fn(Event<'_>) + Sync);

/// Takes a fit to its end in a folder, from its last state if it has one: `state/`, `log.jsonl` and an event
/// file for TensorBoard; after each epoch a line in `validation.jsonl` where clips are set apart for it.
///
/// # Errors
/// [`TrainError`]; the last state is kept.
pub fn fit_to_end<'a>(
    fit: Fit<'a>,
    settings: &TrainSettings,
    out: &Path,
    validation: Validation<'_>,
    watch: Watch<'_>,
) -> Result<Fit<'a>, TrainError> {
    let state = out.join("state");
    let log_path = out.join("log.jsonl");
    let io = |source| TrainError::Io { path: log_path.clone(), source };
    let mut fit = fit.resume(&state)?;
    watch(Event::Resumed(fit.step()));
    files::make_folder(out)?;
    forget_lost_steps(&log_path, fit.step())?;
    let mut watched = Watched::open(&out.join("validation.jsonl"), validation, &fit)?;
    let mut log = std::fs::File::options().create(true).append(true).open(&log_path).map_err(io)?;
    let mut events = EventWriter::open(out, fit.step())?;
    while let Some(report) = fit.advance()? {
        events.step(&report)?;
        writeln!(log, "{}", log_line(&report)).map_err(io)?;
        watch(Event::Step(&report));
        watched.after(&fit)?;
        if fit.step() % settings.save_every == 0 || fit.step() == fit.steps() {
            fit.save(&state)?;
        }
    }
    Ok(fit)
}

/// What a model in training says of clips that are set apart to watch it, as a JSON object; `None` without such clips.
pub type Validation<'a> = Option<&'a dyn Fn(&MicroAuClip) -> Result<serde_json::Value, TrainError>>;

/// The watch over a fit: a line in `validation.jsonl` after each epoch.
struct Watched<'a> {
    validation: Validation<'a>,
    epoch: usize,
    path: PathBuf,
}

impl<'a> Watched<'a> {
    /// Lines of steps that were lost with a killed run are taken out.
    fn open(path: &Path, validation: Validation<'a>, fit: &Fit<'_>) -> Result<Watched<'a>, TrainError> {
        if let Ok(text) = std::fs::read_to_string(path) {
            let step =
                |line: &&str| Some(serde_json::from_str::<serde_json::Value>(line).ok()?["step"].as_u64()? as usize);
            let kept: String = text
                .lines()
                .filter(|line| step(line).is_some_and(|step| step < fit.step()))
                .map(|line| format!("{line}\n"))
                .collect();
            files::write(path, kept.as_bytes())?;
        }
        Ok(Watched { validation, epoch: fit.steps_of_epoch(), path: path.to_owned() })
    }

    fn after(&mut self, fit: &Fit<'_>) -> Result<(), TrainError> {
        let Some(judge) = self.validation.filter(|_| fit.step().is_multiple_of(self.epoch)) else { return Ok(()) };
        let mut line = judge(&fit.model())?;
        line["step"] = (fit.step() - 1).into();
        let io = |source| TrainError::Io { path: self.path.clone(), source };
        let mut file = std::fs::File::options().create(true).append(true).open(&self.path).map_err(io)?;
        writeln!(file, "{line}").map_err(io)
    }
}

/// Removes the state of a fit whose result is stored; what cannot be removed only takes room.
pub fn forget_state(out: &Path) {
    let _ = std::fs::remove_dir_all(out.join("state"));
}

/// Takes the steps that were lost with a killed run out of its log: they are about to be taken again.
fn forget_lost_steps(log: &Path, done: usize) -> Result<(), TrainError> {
    let Ok(text) = std::fs::read_to_string(log) else { return Ok(()) };
    let kept: String = text.lines().take(done).map(|line| format!("{line}\n")).collect();
    Ok(files::write(log, kept.as_bytes())?)
}

fn log_line(report: &StepReport) -> serde_json::Value {
    let losses: serde_json::Map<String, serde_json::Value> =
        report.losses.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect();
    serde_json::json!({
        "step": report.step, "rate": report.rate, "gradient_norm": report.gradient_norm, "losses": losses,
    })
}

/// Where the parts of a run lie.
pub fn checkpoint_path(out: &Path) -> PathBuf {
    out.join("checkpoint.safetensors")
}
