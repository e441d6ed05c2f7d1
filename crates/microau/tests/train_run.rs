//! Training from settings to a judged model, on a few small generated clips.

use std::path::Path;

use burn::tensor::Device;
use microau::generated::{SampleForm, Studio};
use microau::model_input::{self, ModelInput};
use microau::train::beginning::Beginning;
use microau::train::clips::TrainingSet;
use microau::train::fit::Fit;
use microau::train::generated_run::run;
use microau::train::{Event, TrainError, TrainSettings};
use microau_data::LabelledSample;
use microau_model::checkpoint::{Checkpoint, Precision, Provenance};

const SETTINGS: &str = r#"
seed = 3
steps = 4
batch = 4
save_every = 3

[model]
preset = "nano"
input = "flow"
flow_embed = "linear"

[[train]]
name = "heads"
subjects = 3
clips = 6
seed = 1

[[calibrate]]
name = "other-heads"
subjects = 2
clips = 4
seed = 2

[[test]]
name = "strangers"
subjects = 2
clips = 4
seed = 3
"#;

fn settings(folder: &Path, overrides: &[&str]) -> TrainSettings {
    let path = folder.join("settings.toml");
    std::fs::write(&path, SETTINGS).unwrap();
    TrainSettings::read(&path, &overrides.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
}

fn samples(settings: &TrainSettings) -> Vec<LabelledSample> {
    let form = SampleForm { crop_px: settings.model.crop_px, keep_pixels: false };
    let set = &settings.train[0];
    Studio::new(set).unwrap().samples(form, 0..set.clips, &|_| ()).unwrap()
}

fn fit<'a>(settings: &'a TrainSettings, samples: &'a [LabelledSample]) -> Fit<'a> {
    let beginning = Beginning::read(settings, &Device::flex().autodiff()).unwrap();
    Fit::new(settings, &beginning, TrainingSet::all(samples, None)).unwrap()
}

/// Every weight of a model in full precision, as it lies on disk.
fn weights(fit: &Fit<'_>, path: &Path) -> Vec<u8> {
    let checkpoint = Checkpoint { model: fit.model(), provenance: Provenance::default() };
    checkpoint.save(path, Precision::F32).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn a_run_that_was_killed_ends_where_an_uninterrupted_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &["steps=5"]);
    let samples = samples(&settings);
    let losses = |fit: &mut Fit<'_>, steps: usize| -> Vec<f32> {
        (0..steps).map(|_| fit.advance().unwrap().unwrap().losses[0].1).collect()
    };

    let mut whole = fit(&settings, &samples);
    let expected = losses(&mut whole, 5);

    let saved = folder.path().join("state");
    let mut killed = fit(&settings, &samples);
    assert_eq!(losses(&mut killed, 2), expected[..2]);
    killed.save(&saved).unwrap();
    // two more steps are lost with the process
    losses(&mut killed, 2);
    drop(killed);
    let mut resumed = fit(&settings, &samples).resume(&saved).unwrap();
    assert_eq!(resumed.step(), 2);
    assert_eq!(losses(&mut resumed, 3), expected[2..]);
    assert!(resumed.advance().unwrap().is_none());

    let path = folder.path().join("checkpoint.safetensors");
    assert!(weights(&whole, &path) == weights(&resumed, &path), "the weights differ");
}

#[test]
fn samples_of_one_seed_are_the_same_and_show_what_the_labels_say() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path(), &[]);
    let (first, again) = (samples(&settings), samples(&settings));
    assert_eq!(first, again);
    assert_eq!(first.len(), 6);
    let subjects: Vec<&str> = first.iter().map(|sample| sample.subject.as_str()).collect();
    assert_eq!(subjects, ["heads/00000", "heads/00000", "heads/00001", "heads/00001", "heads/00002", "heads/00002"]);
    for sample in first {
        let largest = sample.sample.flow.u.data.iter().fold(0.0_f32, |most, u| most.max(u.abs()));
        assert!(sample.labels.present().is_empty() || largest > 0.3, "{} stands still", sample.clip);
    }
}

#[test]
fn a_finished_run_is_read_back_and_another_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let settings = settings(folder.path(), &[]);
    let results = run(&settings, &out, &|_| ()).unwrap();
    assert_eq!(results.len(), 1);
    assert_eq!((results[0].set.as_str(), results[0].model.clips, results[0].floor.clips), ("strangers", 4, 4));
    let checkpoint = std::fs::read(out.join("checkpoint.safetensors")).unwrap();

    let log = std::fs::read_to_string(out.join("log.jsonl")).unwrap();
    assert_eq!(log.lines().count(), 4);

    // as if the process had been killed after step 6, the last state being that of step 4
    std::fs::write(out.join("log.jsonl"), format!("{log}{log}").lines().take(6).collect::<Vec<_>>().join("\n"))
        .unwrap();
    let steps = std::sync::atomic::AtomicUsize::new(0);
    let count = |event: Event<'_>| {
        if let Event::Step(..) = event {
            steps.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    };
    let again = run(&settings, &out, &count).unwrap();
    assert_eq!(steps.into_inner(), 0, "all steps were done before");
    assert_eq!(again[0].model, results[0].model);
    assert_eq!(std::fs::read_to_string(out.join("log.jsonl")).unwrap(), log);
    assert!(std::fs::read(out.join("checkpoint.safetensors")).unwrap() == checkpoint);

    let other = TrainSettings { seed: 4, ..settings };
    assert!(matches!(run(&other, &out, &|_| ()), Err(TrainError::OtherRun { .. })));
}

#[test]
fn kept_patch_tokens_teach_what_the_frozen_tower_shows() {
    let folder = tempfile::tempdir().unwrap();
    let still = ["shift", "scale", "rotation_deg", "residual", "smooth_noise", "noise", "light", "pixel_noise"];
    let still: Vec<String> = still.iter().map(|name| format!("augment.{name}=0.0")).collect();
    let mut overrides = vec!["model.input=pair", "tune=heads", "augment.mirror=false", "augment.gain=[1.0, 1.0]"];
    overrides.extend(still.iter().map(String::as_str));
    let settings = settings(folder.path(), &overrides);
    let form = SampleForm { crop_px: settings.model.crop_px, keep_pixels: true };
    let samples = Studio::new(&settings.train[0]).unwrap().samples(form, 0..4, &|_| ()).unwrap();
    let beginning = Beginning::read(&settings, &Device::flex().autodiff()).unwrap();
    let fill = || beginning.tokens(&settings, &samples, folder.path(), &|_| ()).unwrap().unwrap();
    let tokens = fill();
    let files = || std::fs::read_dir(folder.path().join("tokens")).unwrap().count();
    assert_eq!(files(), 1);

    let losses = |set| -> Vec<f32> {
        let mut fit = Fit::new(&settings, &beginning, set).unwrap();
        (0..3).map(|_| fit.advance().unwrap().unwrap().losses[0].1).collect()
    };
    let (kept, seen) = (losses(TrainingSet::all(&samples, Some(&tokens))), losses(TrainingSet::all(&samples, None)));
    // tokens are kept with eleven bits
    assert!(kept.iter().zip(&seen).all(|(kept, seen)| (kept - seen).abs() < 5e-3 * seen), "{kept:?} {seen:?}");

    // what is on disk is taken as it is, what was damaged is made again
    assert_eq!(fill().of(2), tokens.of(2));
    let file = std::fs::read_dir(folder.path().join("tokens")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, b"cut off").unwrap();
    assert_eq!(fill().of(2), tokens.of(2));

    let whole = Fit::new(&settings, &beginning, TrainingSet::all(&samples, Some(&tokens))).unwrap();
    assert!(whole.model().visual.is_none() && whole.whole_model().unwrap().visual.is_some());

    // another seed stands on the same tower: its tokens are those that were kept
    let other = TrainSettings { seed: settings.seed + 1, ..settings.clone() };
    let pixels = |settings: &TrainSettings| {
        let fit = Fit::new(settings, &beginning, TrainingSet::all(&samples, Some(&tokens))).unwrap();
        let inputs =
            samples.iter().map(|clip| ModelInput::of_pixels(&clip.sample, &settings.model)).collect::<Vec<_>>();
        let batch = model_input::batch(&inputs, &settings.model, &Device::flex()).unwrap();
        fit.whole_model().unwrap().visual_tokens(&batch).unwrap().later.try_into_vec_as::<f32>().unwrap()
    };
    assert_eq!(pixels(&settings), pixels(&other));
}
