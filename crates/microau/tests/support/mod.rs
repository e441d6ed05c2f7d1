//! A small dataset of generated clips and the settings of a run over it.

// every test binary uses a part of it
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use microau::train::{TrainError, TrainSettings, Trained, run};
use microau_data::datasets::{Layout, ReadSettings, read};
use microau_synth::stand_in::{StandInSettings, write_stand_in};

const SETTINGS: &str = r#"
seed = 3
epochs = 2
batch = 4
save_every = 2

[model]
preset = "nano"
input = "flow"
flow_embed = "linear"

[data]
protocol = "loso"
"#;

/// An index of a dozen clips of three subjects, in CSV, with its frames beside it.
pub fn index(folder: &Path) -> PathBuf {
    let settings = StandInSettings {
        clips: Some(12),
        subjects: Some(3),
        margin: 0,
        ..StandInSettings::new(microau_synth::stand_in::Layout::Casme2, 5)
    };
    let dataset = folder.join("casme2");
    write_stand_in(&settings.plan().unwrap(), &dataset, &|_| ()).unwrap();
    let (index, problems) = read(Layout::Casme2, &dataset, &ReadSettings::default());
    assert!(!problems.has_errors(), "{problems}");
    let path = folder.join("index.csv");
    index.write(&path).unwrap();
    path
}

pub fn settings(folder: &Path, index: &Path, overrides: &[&str]) -> TrainSettings {
    let path = folder.join("run.toml");
    std::fs::write(&path, SETTINGS).unwrap();
    let index = format!("data.index=[{:?}]", index.display().to_string());
    let store = format!("data.store={:?}", folder.join("store").display().to_string());
    let all = [index, store].into_iter().chain(overrides.iter().map(|&text| text.to_owned()));
    TrainSettings::read(&path, &all.collect::<Vec<_>>()).unwrap()
}

pub fn train(settings: &TrainSettings, out: &Path) -> Result<Trained, TrainError> {
    run(settings, out, &|_| ())
}
