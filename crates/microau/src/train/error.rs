//! What can go wrong in training.

use std::path::PathBuf;

use microau_data::StoreError;
use microau_eval::protocol::ProtocolError;
use microau_model::ModelError;
use microau_model::config::Preset;

use crate::detect::DetectError;
use crate::evaluate::{EvaluateError, RunError};
use crate::generated::GenerateError;
use crate::prepared::PrepareError;

/// An error of a training run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A file of the run cannot be read or written.
    #[error("cannot read or write: {source}: {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The settings cannot work.
    #[error("settings in {}: {reason}", path.display())]
    Settings {
        /// The file of settings.
        path: PathBuf,
        /// What is wrong, with its key.
        reason: String,
    },
    /// The folder holds a run of other settings.
    #[error(
        "expected a new folder or a run of the same settings and data, found another run ({} differs): {}\n  hint: choose another --out, or delete that folder",
        file.file_name().unwrap_or_default().to_string_lossy(), path.display()
    )]
    OtherRun {
        /// The folder.
        path: PathBuf,
        /// The file that tells.
        file: PathBuf,
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
    #[error("{told}")]
    Problems {
        /// Every problem.
        told: String,
    },
    /// A clip in two indices.
    #[error("expected each clip once, got {clip} twice")]
    ClipTwice {
        /// Its subject and name.
        clip: String,
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
    /// No clip to learn from.
    #[error("expected clips to learn from, got none")]
    NothingToLearn,
    /// Some folds could not be finished; the others are kept.
    #[error("{} of {of} folds could not be finished:\n  {}\n  hint: the others are kept; the same command goes on with these", failed.len(), failed.join("\n  "))]
    Folds {
        /// Fold and reason.
        failed: Vec<String>,
        /// Number of all folds.
        of: usize,
    },
    /// The clips do not make the folds of the protocol.
    #[error(transparent)]
    Protocol(Box<ProtocolError>),
    /// A file cannot be written, or a checkpoint not be read.
    #[error(transparent)]
    Detect(#[from] DetectError),
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
    /// The loss is no number.
    #[error("the loss became {loss} at step {step}\n  hint: lower schedule.peak")]
    Diverged {
        /// Step from 0.
        step: usize,
        /// The loss.
        loss: f32,
    },
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
