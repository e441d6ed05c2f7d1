//! What can go wrong in training.

use std::path::PathBuf;

use microau_data::StoreError;
use microau_model::ModelError;

use crate::evaluate::EvaluateError;
use crate::generated::GenerateError;

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
    #[error("settings: {reason}: {}", path.display())]
    Settings {
        /// The file of settings.
        path: PathBuf,
        /// What is wrong, with its key.
        reason: String,
    },
    /// The folder holds a run of other settings.
    #[error("expected a new folder or a run of the same settings, found another run: {}\n  hint: choose another --out, or delete that folder", path.display())]
    OtherRun {
        /// The folder.
        path: PathBuf,
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
    Generate(#[from] GenerateError),
    /// Prepared clips cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model cannot be judged.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// The model refuses.
    #[error(transparent)]
    Model(#[from] ModelError),
}
