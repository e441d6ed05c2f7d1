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

use std::path::{Path, PathBuf};

use microau_data::augment::Augment;
use microau_model::clip::Tune;
use microau_model::config::Preset;
use microau_model::{DeviceChoice, MicroAuClipConfig};
use serde::{Deserialize, Serialize};

use super::beginning::RANDOM;
use super::data_settings::DataSettings;
use super::error::TrainError;
use super::overrides;
use super::schedule::Schedule;
use crate::generated::SetSettings;

/// Everything that decides a training run; two runs of the same settings give the same weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainSettings {
    /// Seed of the weights, the order of samples and the augmentation.
    #[serde(default)]
    pub seed: u64,
    /// Optimiser steps; give these or `epochs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Times that every sample is seen; give these or `steps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,
    /// Samples a forward pass.
    #[serde(default = "default_batch")]
    pub batch: usize,
    /// Forward passes a step: their gradients are averaged.
    #[serde(default = "one")]
    pub accumulate: usize,
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
    /// What of the pixel tower learns: `heads` (nothing), `last:N` blocks, `lora:R` of that rank, or `all`. By default all
    /// of a tower of our own and nothing of CLIP's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tune: Option<Tune>,
    /// CLIP weights for the towers: a file, a folder, a preset such as `vit-b-16` or a repository in the hub cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// What the text vectors are made of.
    #[serde(default)]
    pub text: Text,
    /// Prompts for CLIP's text tower in place of the built-in ones, TOML of the form of `prompts.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts: Option<PathBuf>,
    /// Checkpoint to begin with: a path, or `nano`, the built-in model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// What it is trained on: `auto`, `cpu`, `cuda:0` and so on. Weights are the same bit by bit on one device alone.
    #[serde(default, skip_serializing_if = "is_auto")]
    pub device: DeviceChoice,
    /// The model.
    #[serde(default)]
    pub model: MicroAuClipConfig,
    /// How samples are varied.
    #[serde(default)]
    pub augment: Augment,
    /// A dataset and its protocol, in place of generated sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataSettings>,
    /// Generated sets that the weights are fitted to.
    #[serde(default)]
    pub train: Vec<SetSettings>,
    /// What the calibration is fitted to: generators other than those of `train`. Empty leaves logits as they are.
    #[serde(default)]
    pub calibrate: Vec<SetSettings>,
    /// What the run is judged by at its end. Nothing is fitted to it.
    #[serde(default)]
    pub test: Vec<SetSettings>,
}

/// What text vectors are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Text {
    /// The prompts of the AUs.
    #[default]
    Prompts,
    /// The prompts, the two states of each AU set at right angles.
    PromptsApart,
    /// Nothing: random directions, the ablation.
    Random,
}

impl TrainSettings {
    /// Reads settings, with `key=value` overrides in the order given; a key may go deeper with dots, `model.gda=false`, and
    /// without a value it is taken away. A file may extend another, `extends = "base.toml"`.
    ///
    /// # Errors
    /// A file that cannot be read, a key that does not exist, a value that cannot work.
    pub fn read(path: &Path, overrides: &[String]) -> Result<TrainSettings, TrainError> {
        let read = |overrides: &[String]| -> Result<TrainSettings, String> {
            let settings: TrainSettings = overrides::read(path, overrides)?;
            settings.check().map(|()| settings)
        };
        read(overrides).map_err(|reason| {
            let file = path.display();
            // what the file alone does not say came with the overrides
            let place = match read(&[]) {
                Err(alone) if alone == reason => format!("in {file}"),
                _ => format!("of {file} with {}", overrides.join(" ")),
            };
            TrainError::Settings { place, reason }
        })
    }

    /// The same with the places of data as they are called from any folder.
    pub fn with_absolute_paths(&self) -> TrainSettings {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let data = self.data.as_ref().map(|data| DataSettings {
            index: data.index.iter().map(absolute).collect(),
            store: data.store.as_ref().map(absolute),
            ..data.clone()
        });
        // a name of weights may be no path at all
        let if_there = |name: &String| {
            let path = PathBuf::from(name);
            if path.exists() { absolute(&path).display().to_string() } else { name.clone() }
        };
        let [start, weights] = [&self.start, &self.weights].map(|name| name.as_ref().map(if_there));
        TrainSettings { data, start, weights, prompts: self.prompts.as_ref().map(absolute), ..self.clone() }
    }

    /// The settings as TOML, every default written out.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("settings are plain data")
    }

    /// Seeds that every fold is run with.
    pub fn seeds(&self) -> Vec<u64> {
        let of_data = self.data.as_ref().map_or(&[][..], |data| &data.seeds);
        if of_data.is_empty() { vec![self.seed] } else { of_data.to_vec() }
    }

    /// What of the pixel tower learns.
    pub fn tune(&self) -> Tune {
        self.tune.unwrap_or(if self.model.preset == Preset::Nano { Tune::All } else { Tune::Heads })
    }

    /// Whether the pixel tower is frozen, so that its patch tokens are computed once and kept.
    pub fn keeps_tokens(&self) -> bool {
        self.model.input.sees_pixels() && self.tune() == Tune::Heads
    }

    /// Optimiser steps of a run over so many samples.
    pub fn steps_over(&self, samples: usize) -> usize {
        let epoch = samples.div_ceil(self.batch * self.accumulate).max(1);
        self.steps.unwrap_or_else(|| self.epochs.map_or(0, |epochs| epochs * epoch))
    }

    fn check(&self) -> Result<(), String> {
        if self.train.is_empty() == self.data.is_none() {
            return Err(
                "expected either [[train]] sets to generate or [data], a dataset (hint: --data INDEX)".to_owned()
            );
        }
        if self.steps.is_some() == self.epochs.is_some() {
            return Err("expected either steps or epochs".to_owned());
        }
        if [Some(self.batch), Some(self.accumulate), self.steps, self.epochs].contains(&Some(0)) {
            return Err("expected batch, accumulate, steps and epochs above 0".to_owned());
        }
        if self.start.is_some() && self.weights.is_some() {
            return Err("expected either start, a checkpoint, or weights, a CLIP model".to_owned());
        }
        let reads_prompts = matches!(&self.weights, Some(name) if name != RANDOM) && self.text != Text::Random;
        if self.prompts.is_some() && !reads_prompts {
            return Err(
                "prompts: expected CLIP's weights to read them with; nano's sentence vectors are fixed".to_owned()
            );
        }
        self.data.as_ref().map_or(Ok(()), DataSettings::check)?;
        for set in self.train.iter().chain(&self.calibrate).chain(&self.test) {
            if set.clips == 0 || set.subjects == 0 {
                return Err(format!("set {}: expected clips and subjects above 0", set.name));
            }
        }
        let names: std::collections::BTreeSet<&str> = self.sets().map(|set| set.name.as_str()).collect();
        if names.len() < self.sets().count() {
            return Err("expected each set under a name of its own".to_owned());
        }
        Ok(())
    }

    fn sets(&self) -> impl Iterator<Item = &SetSettings> {
        self.train.iter().chain(&self.calibrate).chain(&self.test)
    }
}

fn one() -> usize {
    1
}

fn is_auto(device: &DeviceChoice) -> bool {
    *device == DeviceChoice::Auto
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

    fn parse(text: &str, overrides: &[String]) -> Result<TrainSettings, TrainError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        TrainSettings::read(file.path(), overrides)
    }

    #[test]
    fn overrides_reach_into_tables() {
        let overrides = ["steps=9".to_owned(), "model.gda=false".to_owned(), "model.input=pair".to_owned()];
        let settings = parse(SMALL, &overrides).unwrap();
        assert_eq!((settings.steps, settings.model.gda), (Some(9), false));
        assert_eq!(settings.model.input.to_string(), "pair");
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        for (key, named) in [("stepz=3", "stepz"), ("model.gdaa=true", "gdaa"), ("train", "key=value")] {
            let error = parse(SMALL, &[key.to_owned()]).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_fault_is_told_of_the_file_or_of_what_changed_it() {
        let told = |text: &str, overrides: &[&str]| {
            let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
            parse(text, &overrides).unwrap_err().to_string()
        };
        let of_set = told(SMALL, &["batch=0"]);
        assert!(of_set.starts_with("settings of /") && of_set.contains("with batch=0: expected batch"), "{of_set}");
        let of_file = told(&format!("batch = 0\n{SMALL}"), &["seed=3"]);
        assert!(of_file.starts_with("settings in /") && !of_file.contains("seed=3"), "{of_file}");
    }

    #[test]
    fn shares_and_sources_of_clips_are_checked_by_name_before_any_work() {
        let data = "steps = 5\n[data]\nindex = [\"a.csv\"]\n";
        for share in ["0.0", "1.0", "1.5", "nan"] {
            let error = parse(data, &[format!("data.test_share={share}")]).unwrap_err().to_string();
            assert!(error.contains("data.test_share: expected above 0 and below 1"), "{error}");
        }
        let both = format!("{data}[data.stand_in]\nlayout = \"casme2\"\nseed = 1\n");
        assert!(parse(&both, &[]).unwrap_err().to_string().contains("data.index, data.stand_in: expected one"));
        let taken_away = parse(&both, &["data.stand_in=".to_owned()]).unwrap();
        assert_eq!(taken_away.data.unwrap().stand_in, None);
    }

    #[test]
    fn a_run_without_training_clips_is_refused() {
        assert!(parse("steps = 5\ntrain = []", &[]).is_err());
    }
}
