//! The figures and the page of a finished run, from its `scores.jsonl` alone.

use std::path::{Path, PathBuf};

use microau_eval::bootstrap::Bootstrap;
use microau_eval::run_figures::RunFigures;

use super::error::TrainError;
use super::run_page;
use super::settings::TrainSettings;
use crate::evaluate::{JudgeOptions, Run};

/// Writes `metrics.json`, `table.md` and `page.html` of a run; returns its name and figures.
///
/// # Errors
/// When the scores cannot be read or something not be written.
pub fn write(settings: &TrainSettings, out: &Path, notes: &[String]) -> Result<(String, RunFigures), TrainError> {
    let run = Run::read(out, None)?;
    let figures = run.judge(&JudgeOptions { bootstrap: Some(Bootstrap::default()), ..JudgeOptions::default() })?;
    run.write(&figures)?;
    run_page::write(out, &run, &figures, &fits(out), &settings.to_toml(), notes)?;
    Ok((run.name, figures))
}

/// Every folder of a fold, below the seeds too, by name.
fn fits(out: &Path) -> Vec<PathBuf> {
    let folders = |parent: &Path, prefix: &str| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
        named.map(|entry| entry.path()).collect()
    };
    let of_seeds = folders(out, "seed-").into_iter().flat_map(|seed| folders(&seed, "fold-"));
    let mut all: Vec<PathBuf> = folders(out, "fold-").into_iter().chain(of_seeds).collect();
    all.sort();
    all
}
