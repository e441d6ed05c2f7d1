//! Training: from settings to a calibrated model in a run folder.
//!
//! [`generated_run`] learns from generated clips, as `nano` did; [`protocol_run`] from a dataset, fold by fold. Both begin with
//! a [`beginning`], take a [`fit`] to its end in a [`folder`], and tell it nothing but its [`clips`]. [`calibrate`] makes
//! probabilities mean what they say.

pub mod beginning;
pub mod calibrate;
pub mod claim;
pub mod clips;
pub mod data_settings;
pub mod dataset;
pub mod error;
pub mod fit;
pub mod folder;
pub mod folds;
pub mod generated_run;
pub mod gradients;
pub mod overrides;
pub mod plan;
pub mod policies;
pub mod protocol_run;
mod report;
mod run_page;
pub mod schedule;
pub mod sets;
pub mod settings;
pub mod tensorboard;
pub mod tokens;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use microau_eval::run_figures::RunFigures;

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
    /// A run over a dataset, judged by its protocol: its name and its figures.
    Judged(String, Box<RunFigures>),
    /// One model of all clips of a dataset, judged by nothing.
    Model(PathBuf),
}

/// Runs a training, or goes on with it where it was stopped, and writes everything into `out`.
///
/// # Errors
/// [`TrainError`]; what was finished before is kept.
pub fn run(settings: &TrainSettings, out: &Path, watch: Watch<'_>) -> Result<Trained, TrainError> {
    let settings = beginning::resolved(settings)?.with_absolute_paths();
    let Some(data) = &settings.data else {
        return generated_run::run(&settings, out, watch).map(Trained::OnGenerated);
    };
    let notes = Mutex::new(Vec::new());
    let noting = |event: Event<'_>| {
        if let Event::Note(note) = event {
            notes.lock().expect("nothing panics while it holds the notes").push(note.to_owned());
        }
        watch(event);
    };
    match protocol_run::run(&settings, data, out, &noting)? {
        ProtocolRun::Model(path) => Ok(Trained::Model(path)),
        ProtocolRun::Judged(_) => {
            let notes = notes.into_inner().expect("as above");
            let (name, figures) = report::write(&settings, out, &notes)?;
            Ok(Trained::Judged(name, Box::new(figures)))
        }
    }
}
