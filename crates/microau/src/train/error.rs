//! What can go wrong in training.

use std::path::PathBuf;

use microau_data::{Problems, StoreError};
use microau_eval::protocol::ProtocolError;
use microau_eval::scores::BadLine;
use microau_model::ModelError;
use microau_model::config::Preset;

use super::claim::SETTINGS_NAME;
use crate::detect::DetectError;
use crate::evaluate::{EvaluateError, RunError};
use crate::generated::GenerateError;
use crate::prepared::PrepareError;

/// An error of a training run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A file of the run cannot be read or written.
    #[error("cannot read or write: {source}: {}\n  hint: make it possible, then the same command goes on", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The settings cannot work.
    #[error("settings {place}: {reason}")]
    Settings {
        /// The file of settings, or what changed them on the way.
        place: String,
        /// What is wrong, with its key.
        reason: String,
    },
    /// The folder holds a run of other settings.
    #[error(
        "expected a new folder or a run of the same settings and data, found another run ({what}): {}\n  hint: choose another --out, or delete that folder",
        path.display()
    )]
    OtherRun {
        /// The folder.
        path: PathBuf,
        /// The file that tells, with the first setting that differs.
        what: String,
    },
    /// A CLIP preset without CLIP's weights.
    #[error(
        "preset {preset:?}: expected the weights of a CLIP model, got none\n  hint: weights = a .safetensors file, a folder, a preset or a repository in the hub cache; or random, to measure speed"
    )]
    NoWeights {
        /// The preset.
        preset: Preset,
    },
    /// The settings ask for another model than the checkpoint that they begin with is.
    #[error(
        "start: expected a checkpoint of the model that [model] describes, found another: {start}\n  hint: leave [model] out; it is taken from the checkpoint"
    )]
    OtherModel {
        /// The checkpoint.
        start: String,
    },
    /// A dataset with something wrong.
    #[error("{0}")]
    Problems(#[from] Problems),
    /// A clip in two indices.
    #[error("expected each clip once, got {clip} twice")]
    ClipTwice {
        /// Its subject and name.
        clip: String,
    },
    /// One name for people of two datasets.
    #[error(
        "expected subjects to be named by their dataset, got {subject} in {} and {}\n  hint: equal names are one person; put the dataset before the name", datasets[0], datasets[1]
    )]
    SubjectInTwoDatasets {
        /// The name.
        subject: String,
        /// The datasets.
        datasets: [String; 2],
    },
    /// Clips cannot be prepared.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// A run without folds.
    #[error("expected a run with folds, found one that tests nothing: {}\n  hint: train with --data INDEX --protocol loso", path.display())]
    NoFolds {
        /// The run's folder.
        path: PathBuf,
    },
    /// A folder without settings.
    #[error("expected the folder of a run (with {SETTINGS_NAME}), found none: {}\n  hint: name the folder that `microau train --out` wrote", path.display())]
    NoRun {
        /// The folder.
        path: PathBuf,
    },
    /// No clip to learn from.
    #[error(
        "expected clips with action units of the model to learn from, got none among {clips} clips\n  hint: SMIC, for one, is annotated with emotions alone"
    )]
    NothingToLearn {
        /// Number of clips at hand.
        clips: usize,
    },
    /// Some folds could not be finished; the others are kept.
    #[error("{} of {of} folds could not be finished:\n  {}\n  hint: {}", failed.len(), lines(failed), Self::hint_of_folds(failed, *of))]
    Folds {
        /// Fold and reason.
        failed: Vec<(String, TrainError)>,
        /// Number of all folds.
        of: usize,
    },
    /// The clips do not make the folds of the protocol.
    #[error(transparent)]
    Protocol(Box<ProtocolError>),
    /// A file cannot be written, or a checkpoint not be read.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The state of a fit cannot be written.
    #[error("cannot save the state of the fit: {reason}: {}\n  hint: make room, then the same command goes on", path.display())]
    Save {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The state of an earlier run cannot be read.
    #[error("cannot go on from the saved state: {reason}: {}\n  hint: delete the file to begin again", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Too few generated clips show a face.
    #[error("set {set}: expected clips with a face, found {found} among {tried}")]
    NoFaces {
        /// Name of the set.
        set: String,
        /// Clips with a face.
        found: usize,
        /// Clips generated.
        tried: usize,
    },
    /// The fit runs away: what should be a number is none.
    #[error("{what} became {value} at step {step}\n  hint: lower schedule.peak")]
    Diverged {
        /// What is no number.
        what: &'static str,
        /// What it is.
        value: f32,
        /// Step from 0.
        step: usize,
    },
    /// Scores that cannot be.
    #[error(transparent)]
    Scores(#[from] BadLine),
    /// The clips cannot be generated.
    #[error(transparent)]
    Generate(Box<GenerateError>),
    /// Prepared clips cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model cannot be judged.
    #[error(transparent)]
    Evaluate(Box<EvaluateError>),
    /// The run cannot be judged.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The model refuses.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl TrainError {
    /// What helps folds that failed: another attempt, unless it can only end the same way.
    fn hint_of_folds(failed: &[(String, TrainError)], of: usize) -> &'static str {
        let diverged = failed.iter().any(|(_, error)| matches!(error, TrainError::Diverged { .. }));
        match (diverged, failed.len() == of) {
            (true, _) => "lower schedule.peak, in a new --out: the same settings end the same way",
            (false, true) => "mend the cause, then the same command begins them again",
            (false, false) => "the others are kept; mend the cause, then the same command goes on with these",
        }
    }
}

/// One line a fold, without what can be done about each.
fn lines(failed: &[(String, TrainError)]) -> String {
    let line = |(fold, error): &(String, TrainError)| {
        let text = error.to_string();
        format!("{fold}: {}", text.split("\n  hint:").next().unwrap_or_default())
    };
    failed.iter().map(line).collect::<Vec<_>>().join("\n  ")
}

impl From<ProtocolError> for TrainError {
    fn from(error: ProtocolError) -> TrainError {
        TrainError::Protocol(Box::new(error))
    }
}

impl From<GenerateError> for TrainError {
    fn from(error: GenerateError) -> TrainError {
        TrainError::Generate(Box::new(error))
    }
}

impl From<EvaluateError> for TrainError {
    fn from(error: EvaluateError) -> TrainError {
        TrainError::Evaluate(Box::new(error))
    }
}
