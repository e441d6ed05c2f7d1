//! The clips of the indices that a run names.

use std::path::Path;

use microau_data::LabelledSample;

use super::data_settings::DataSettings;
use super::error::TrainError;
use super::folder::Watch;
use super::settings::TrainSettings;

/// Prepared clips, and what tells them from others.
pub struct Dataset {
    /// Every clip that the model can look at.
    pub clips: Vec<LabelledSample>,
    /// SHA-256 of the indices and of how their clips were prepared.
    pub sha256: String,
}

impl Dataset {
    /// The clips.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn open(_: &TrainSettings, _: &DataSettings, _: &Path, _: Watch<'_>) -> Result<Dataset, TrainError> {
        Err(TrainError::NothingToLearn)
    }
}
