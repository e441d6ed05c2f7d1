//! Training: from settings to a calibrated model in a run folder.
//!
//! [`generated_run`] learns from generated clips, as `nano` did; [`protocol_run`] from a dataset, fold by fold. Both begin with
//! a [`beginning`], take a [`fit`] to its end in a [`folder`], and tell it nothing but its [`clips`]. [`calibrate`] makes
//! probabilities mean what they say.

pub mod beginning;
pub mod calibrate;
pub mod clips;
pub mod data_settings;
pub mod dataset;
pub mod error;
pub mod fit;
pub mod folder;
pub mod generated_run;
pub mod gradients;
pub mod overrides;
pub mod plan;
pub mod protocol_run;
pub mod run_page;
pub mod schedule;
pub mod sets;
pub mod settings;
pub mod tensorboard;
pub mod tokens;

use std::path::Path;

pub use error::TrainError;
pub use folder::{Event, Watch};
pub use generated_run::TestResult;
pub use protocol_run::ProtocolRun;
pub use settings::TrainSettings;

/// What a training has made.
#[derive(Clone, Debug, PartialEq)]
pub enum Trained {
    /// A model of generated clips, judged on others.
    OnGenerated(Vec<TestResult>),
    /// Models of a dataset by a protocol.
    OnData(ProtocolRun),
}

/// Runs a training, or goes on with it where it was stopped, and writes everything into `out`.
///
/// # Errors
/// [`TrainError`]; what was finished before is kept.
pub fn run(settings: &TrainSettings, out: &Path, watch: Watch<'_>) -> Result<Trained, TrainError> {
    let settings = beginning::resolved(settings)?;
    match &settings.data {
        None => generated_run::run(&settings, out, watch).map(Trained::OnGenerated),
        Some(data) => protocol_run::run(&settings, data, out, watch).map(Trained::OnData),
    }
}
