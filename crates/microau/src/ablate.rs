//! One training after the other on the same clips and folds, and all of them in one table: what each part of the method does.

use std::path::{Path, PathBuf};

use microau_eval::bootstrap::Bootstrap;
use microau_eval::compare::Comparison;
use microau_eval::run_figures::RunFigures;
use microau_eval::sheets::Sheet;
use microau_eval::variants::{self, Variant};

use crate::evaluate::{JudgeOptions, Run, RunError};
use crate::train::{self, TrainError, TrainSettings, Trained, Watch};

/// Why runs cannot be put side by side.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AblateError {
    /// A run cannot be trained.
    #[error("{name}: {source}")]
    Train {
        /// Name of the variant.
        name: String,
        /// Why not.
        source: Box<TrainError>,
    },
    /// A run cannot be judged.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Two files of one name.
    #[error("expected files of different names, got {name} twice")]
    SameName {
        /// The name.
        name: String,
    },
    /// Settings that test nothing.
    #[error("{name}: expected settings with [data] and a protocol, got none")]
    NotJudged {
        /// Name of the variant.
        name: String,
    },
}

/// Trains every variant into a folder of its own below `out`, named as its file, and compares the first with each other one.
/// Clips are prepared once, into `prepared/` below `out`. A variant that is there already is taken as it is.
///
/// `begin` hears the name of each variant, its place from 1 and their number.
///
/// # Errors
/// [`AblateError`]; variants that were finished are kept.
pub fn run(
    files: &[PathBuf],
    overrides: &[String],
    out: &Path,
    begin: &dyn Fn(&str, usize, usize),
    watch: Watch<'_>,
) -> Result<Sheet, AblateError> {
    let mut runs: Vec<Run> = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let name = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        if runs.iter().any(|run| run.name == name) {
            return Err(AblateError::SameName { name });
        }
        begin(&name, place + 1, files.len());
        let of_train = |source| AblateError::Train { name: name.clone(), source: Box::new(source) };
        let store = format!("data.store={:?}", out.join("prepared").display().to_string());
        let overrides: Vec<String> = [store].into_iter().chain(overrides.iter().cloned()).collect();
        let settings = TrainSettings::read(file, &overrides).map_err(of_train)?;
        match train::run(&settings, &out.join(&name), watch).map_err(of_train)? {
            Trained::Judged(..) => runs.push(Run::read(&out.join(&name), None)?),
            _ => return Err(AblateError::NotJudged { name }),
        }
    }
    side_by_side("Ablations", &runs)
}

/// The first run beside the others, on the same samples.
///
/// # Errors
/// When the runs were not tested on the same samples.
pub fn side_by_side(title: &str, runs: &[Run]) -> Result<Sheet, AblateError> {
    let options = JudgeOptions { bootstrap: Some(Bootstrap::default()), ..JudgeOptions::default() };
    let mut judged: Vec<(&Run, RunFigures, Option<Comparison>)> = Vec::new();
    for run in runs {
        let against = if judged.is_empty() { None } else { Some(runs[0].compare(run, &options)?) };
        judged.push((run, run.judge(&options)?, against));
    }
    let variants: Vec<Variant<'_>> = judged
        .iter()
        .map(|(run, figures, against)| Variant { name: &run.name, figures, against_first: against.as_ref() })
        .collect();
    let mut sheet = variants::sheet(title, &variants);
    sheet.notes.extend(runs.first().map(|first| first.about.notes()).unwrap_or_default());
    Ok(sheet)
}
