//! Whether the scores of a run are all that it has to give: a run that was stopped is no run yet.

use std::collections::BTreeMap;
use std::path::Path;

use microau_eval::scores::SampleScores;

use super::RunError;
use crate::train::TrainSettings;
use crate::train::claim::SETTINGS_NAME;
use crate::train::folds::{self, FoldSides};

/// Most folds that the error names.
const NAMED: usize = 5;

/// Holds scores against `folds.json` and the seeds of the settings; a folder without these is taken as it is.
///
/// # Errors
/// [`RunError::Unfinished`].
pub(super) fn check(folder: &Path, settings: Option<&TrainSettings>, lines: &[SampleScores]) -> Result<(), RunError> {
    let Some(folds) = folds::read(folder) else { return Ok(()) };
    let mut found: BTreeMap<u64, BTreeMap<&str, usize>> = BTreeMap::new();
    for line in lines {
        *found.entry(line.seed).or_default().entry(&line.fold).or_default() += 1;
    }
    let of_settings = settings.map(TrainSettings::seeds);
    let seeds = of_settings.unwrap_or_else(|| found.keys().copied().collect());
    let count = |seed: u64, fold: &FoldSides| found.get(&seed).and_then(|folds| folds.get(fold.fold.as_str()));
    let is_missing = |seed: u64, fold: &FoldSides| count(seed, fold) != Some(&fold.test_samples);
    let missing: Vec<String> = seeds
        .iter()
        .flat_map(|&seed| folds.iter().filter(move |fold| is_missing(seed, fold)).map(move |fold| (seed, fold)))
        .map(|(seed, fold)| format!("{} (seed {seed})", fold.fold))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let rest = if missing.len() > NAMED { ", ..." } else { "" };
    let named = missing[..missing.len().min(NAMED)].join(", ") + rest;
    let (missing, of) = (missing.len(), folds.len() * seeds.len());
    Err(RunError::Unfinished { missing, of, named, folder: folder.to_owned() })
}

/// The settings by which a folder was trained, where it was.
pub(super) fn settings(folder: &Path) -> Option<TrainSettings> {
    TrainSettings::read(&folder.join(SETTINGS_NAME), &[]).ok()
}
