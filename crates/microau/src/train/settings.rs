//! Settings of a training run, read from TOML.
//!
//! ```toml
//! seed = 7
//! steps = 4000
//!
//! [model]
//! preset = "nano"
//! input = "flow"
//!
//! [[train]]
//! name = "rendered"
//! source = "rendered"
//! subjects = 2000
//! clips = 8000
//! seed = 1
//! ```

use std::path::Path;

use microau_data::augment::Augment;
use microau_model::MicroAuClipConfig;
use serde::{Deserialize, Serialize};

use super::error::TrainError;
use super::schedule::Schedule;
use crate::generated::SetSettings;

/// Everything that decides a training run; two runs of the same settings give the same weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Seed of the weights, the order of samples and the augmentation.
    #[serde(default)]
    pub seed: u64,
    /// Optimiser steps.
    pub steps: usize,
    /// Samples a step.
    #[serde(default = "default_batch")]
    pub batch: usize,
    /// Learning rate.
    #[serde(default = "default_schedule")]
    pub schedule: Schedule,
    /// Weight decay of AdamW.
    #[serde(default = "default_weight_decay")]
    pub weight_decay: f32,
    /// Bound on the global norm of the gradients.
    #[serde(default = "default_clip_norm")]
    pub clip_norm: f32,
    /// Steps between two states that a killed run can go on from.
    #[serde(default = "default_save_every")]
    pub save_every: usize,
    /// Whether active labels weigh more the rarer their AU is (at most 10 times), or all labels the same.
    #[serde(default)]
    pub balance_classes: bool,
    /// The model.
    #[serde(default)]
    pub model: MicroAuClipConfig,
    /// How samples are varied.
    #[serde(default)]
    pub augment: Augment,
    /// What the weights are fitted to.
    pub train: Vec<SetSettings>,
    /// What the calibration is fitted to: generators other than those of `train`. Empty leaves logits as they are.
    #[serde(default)]
    pub calibrate: Vec<SetSettings>,
    /// What the run is judged by at its end. Nothing is fitted to it.
    #[serde(default)]
    pub test: Vec<SetSettings>,
}

impl TrainSettings {
    /// Reads settings, with `key=value` overrides in the order given; a key may go deeper with dots, `model.gda=false`.
    ///
    /// # Errors
    /// A file that cannot be read, a key that does not exist, a value that cannot work.
    pub fn read(path: &Path, overrides: &[String]) -> Result<TrainSettings, TrainError> {
        let text = std::fs::read_to_string(path).map_err(|source| TrainError::Io { path: path.to_owned(), source })?;
        TrainSettings::parse(&text, overrides).map_err(|reason| TrainError::Settings { path: path.to_owned(), reason })
    }

    fn parse(text: &str, overrides: &[String]) -> Result<TrainSettings, String> {
        let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| error.to_string())?;
        for text in overrides {
            let (key, value) = text.split_once('=').ok_or_else(|| format!("expected key=value, got {text:?}"))?;
            set(&mut table, key.trim(), value.trim())?;
        }
        let settings: TrainSettings = table.try_into().map_err(|error: toml::de::Error| error.to_string())?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        if self.train.is_empty() {
            return Err("expected at least one [[train]] set, got none".to_owned());
        }
        for set in self.train.iter().chain(&self.calibrate).chain(&self.test) {
            if set.clips == 0 || set.subjects == 0 {
                return Err(format!("set {}: expected clips and subjects above 0", set.name));
            }
        }
        let names: std::collections::BTreeSet<&str> = self.sets().map(|set| set.name.as_str()).collect();
        if names.len() < self.sets().count() {
            return Err("expected each set under a name of its own".to_owned());
        }
        if self.batch == 0 || self.steps == 0 {
            return Err("expected batch and steps above 0".to_owned());
        }
        Ok(())
    }

    fn sets(&self) -> impl Iterator<Item = &SetSettings> {
        self.train.iter().chain(&self.calibrate).chain(&self.test)
    }
}

/// Sets a dotted key of a table to a value written as in TOML; a bare word is a string.
fn set(table: &mut toml::Table, key: &str, value: &str) -> Result<(), String> {
    let (path, last) = key.rsplit_once('.').map_or((None, key), |(path, last)| (Some(path), last));
    let mut table = table;
    for part in path.iter().flat_map(|path| path.split('.')) {
        let entry = table.entry(part).or_insert_with(|| toml::Value::Table(toml::Table::new()));
        table = entry.as_table_mut().ok_or_else(|| format!("expected a table at {part:?} of {key:?}"))?;
    }
    let parsed = format!("value = {value}").parse::<toml::Table>().ok().and_then(|mut parsed| parsed.remove("value"));
    table.insert(last.to_owned(), parsed.unwrap_or_else(|| toml::Value::String(value.to_owned())));
    Ok(())
}

fn default_batch() -> usize {
    32
}

fn default_schedule() -> Schedule {
    Schedule { peak: 1e-3, warmup_steps: 100, final_share: 0.01 }
}

fn default_weight_decay() -> f32 {
    0.05
}

fn default_clip_norm() -> f32 {
    1.0
}

fn default_save_every() -> usize {
    250
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "steps = 5\n[[train]]\nname = \"a\"\nsubjects = 2\nclips = 4\nseed = 1\n";

    #[test]
    fn overrides_reach_into_tables() {
        let overrides = ["steps=9".to_owned(), "model.gda=false".to_owned(), "model.input=pair".to_owned()];
        let settings = TrainSettings::parse(SMALL, &overrides).unwrap();
        assert_eq!((settings.steps, settings.model.gda), (9, false));
        assert_eq!(settings.model.input.to_string(), "pair");
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        for (key, named) in [("stepz=3", "stepz"), ("model.gdaa=true", "gdaa"), ("train", "key=value")] {
            let error = TrainSettings::parse(SMALL, &[key.to_owned()]).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_run_without_training_clips_is_refused() {
        assert!(TrainSettings::parse("steps = 5\ntrain = []", &[]).is_err());
    }
}
