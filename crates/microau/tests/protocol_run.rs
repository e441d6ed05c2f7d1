//! Training by a protocol on a few generated clips: nothing leaks, nothing is lost, everything is the same again.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use microau::baselines;
use microau::evaluate::{Run, RunError};
use microau::train::{Event, TrainError, TrainSettings, Trained, run};
use microau_core::au::Au;
use microau_eval::scores::{SampleScores, from_jsonl};
use support::{index, settings, train};

fn scores(out: &Path) -> String {
    std::fs::read_to_string(out.join("scores.jsonl")).unwrap()
}

/// Probabilities of each tested sample.
type Probs = BTreeMap<String, BTreeMap<Au, f64>>;

fn probs(out: &Path) -> Probs {
    let lines = from_jsonl(&scores(out)).unwrap();
    lines.into_iter().map(|SampleScores { sample, probs, .. }| (sample, probs)).collect()
}

#[test]
fn a_run_over_a_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let here = |name: &str| folder.path().join(name);
    let index = index(folder.path());
    let settings_of = |overrides: &[&str]| settings(folder.path(), &index, overrides);
    let whole = settings_of(&[]);

    let trained = train(&whole, &here("whole")).unwrap();
    let Trained::Judged(name, figures) = trained else { panic!("expected a judged run") };
    assert_eq!((name.as_str(), figures.pool().samples, figures.pool().subjects), ("whole", 12, 3));
    for file in ["settings.toml", "index.sha256", "folds.json", "metrics.json", "table.md", "page.html"] {
        assert!(here("whole").join(file).is_file(), "{file}");
    }
    let folds: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(here("whole/folds.json")).unwrap()).unwrap();
    let subjects =
        |fold: &serde_json::Value, side: &str| -> Vec<String> { serde_json::from_value(fold[side].clone()).unwrap() };
    assert_eq!(folds.len(), 3);
    for fold in &folds {
        let (train, test) = (subjects(fold, "train"), subjects(fold, "test"));
        assert!(test.len() == 1 && train.len() == 2 && !train.contains(&test[0]), "{fold}");
    }

    let one_at_a_time = settings_of(&["data.jobs=1"]);
    one_fold_at_a_time_gives_the_same_bytes(&one_at_a_time, &here("one"), &here("whole"));
    a_killed_run_goes_on_to_the_same_bytes(&one_at_a_time, &here("killed"), &here("whole"));
    labels_of_the_test_side_do_not_reach_the_model(&index, &here("whole"), &|index| {
        let changed = settings(folder.path(), index, &[]);
        train(&changed, &here("changed")).unwrap();
        probs(&here("changed"))
    });
    other_clips_are_refused(&index, &here("whole"), &|index| settings(folder.path(), index, &[]));
    a_copy_of_the_index_elsewhere_is_the_same_run(&index, &here("whole"), &|index| settings(folder.path(), index, &[]));
    figures_say_how_the_run_came_about(&here("whole"), &index);
    baselines_stand_on_the_same_folds(&here("whole"));
    a_run_without_one_of_its_folds_is_not_judged(&here("whole"));
}

fn one_fold_at_a_time_gives_the_same_bytes(settings: &TrainSettings, out: &Path, whole: &Path) {
    train(settings, out).unwrap();
    assert_eq!(scores(out), scores(whole));
}

/// As if the process had died in the second fold: the first is done, of the second there is a state in the middle.
fn a_killed_run_goes_on_to_the_same_bytes(settings: &TrainSettings, out: &Path, whole: &Path) {
    let steps = AtomicUsize::new(0);
    let stop = |event: Event<'_>| {
        if let Event::Step(_) = event {
            assert!(steps.fetch_add(1, Ordering::SeqCst) < 7, "killed");
        }
    };
    let killed = std::panic::catch_unwind(|| run(settings, out, &stop).is_ok());
    assert!(killed.is_err(), "the run was stopped in its second fold");
    assert!(!out.join("scores.jsonl").exists());
    let resumed = AtomicUsize::new(0);
    let count = |event: Event<'_>| {
        if let Event::Resumed(steps) = event {
            resumed.fetch_add(steps, Ordering::SeqCst);
        }
    };
    run(settings, out, &count).unwrap();
    assert!(resumed.into_inner() >= 4, "the first fold was not fitted again");
    assert_eq!(scores(out), scores(whole));
}

/// The attempt to leak: other labels for the clips of one subject must not change what is said of them, since the model of
/// their fold has never seen them; it does change what is said of the others.
fn labels_of_the_test_side_do_not_reach_the_model(index: &Path, whole: &Path, probs_with: &dyn Fn(&Path) -> Probs) {
    let before = probs(whole);
    let subject = before.keys().next().unwrap().split('/').next().unwrap().to_owned();
    let text = std::fs::read_to_string(index).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers().unwrap().clone();
    let place = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (of_subject, of_aus) = (place("subject"), place("aus"));
    let mut changed = csv::Writer::from_writer(Vec::new());
    changed.write_record(&header).unwrap();
    for row in rows.records().map(Result::unwrap) {
        let is_changed = row[of_subject] == subject;
        let field = |(i, value): (usize, &str)| {
            if is_changed && i == of_aus { "5+9+15".to_owned() } else { value.to_owned() }
        };
        changed.write_record(row.iter().enumerate().map(field)).unwrap();
    }
    let path = index.with_file_name("changed.csv");
    std::fs::write(&path, changed.into_inner().unwrap()).unwrap();
    let after = probs_with(&path);
    let own = |sample: &&String| sample.starts_with(&format!("{subject}/"));
    assert!(before.keys().filter(own).count() > 0);
    for sample in before.keys().filter(own) {
        assert_eq!(before[sample], after[sample], "{sample}");
    }
    assert!(before.keys().filter(|sample| !own(sample)).all(|sample| before[sample] != after[sample]));
}

fn other_clips_are_refused(index: &Path, whole: &Path, settings_with: &dyn Fn(&Path) -> TrainSettings) {
    let text = std::fs::read_to_string(index).unwrap();
    let fewer: Vec<&str> = text.lines().take(text.lines().count() - 1).collect();
    // the same file name, so that the settings are the same and the clips are not
    std::fs::write(index, fewer.join("\n") + "\n").unwrap();
    let refused = train(&settings_with(index), whole);
    std::fs::write(index, text).unwrap();
    let error = refused.unwrap_err();
    assert!(matches!(error, TrainError::OtherRun { .. }), "{error}");
    assert!(error.to_string().contains("index.sha256"), "{error}");
}

fn a_copy_of_the_index_elsewhere_is_the_same_run(index: &Path, whole: &Path, with: &dyn Fn(&Path) -> TrainSettings) {
    let copy = index.with_file_name("copy.csv");
    std::fs::copy(index, &copy).unwrap();
    let before = scores(whole);
    train(&with(&copy), whole).unwrap();
    assert_eq!(scores(whole), before);
    train(&with(index), whole).unwrap();
    let other = TrainSettings { weight_decay: 0.25, ..with(index) };
    let refused = train(&other, whole).unwrap_err().to_string();
    assert!(refused.contains("settings.toml: weight_decay is 0.05") && refused.contains("and 0.25 here"), "{refused}");
}

fn figures_say_how_the_run_came_about(whole: &Path, index: &Path) {
    let metrics: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(whole.join("metrics.json")).unwrap()).unwrap();
    assert_eq!((&metrics["protocol"], &metrics["trained_by"]), (&serde_json::Value::Null, &"loso".into()));
    assert!(metrics["au_policy"]["casme2"].as_str().unwrap().contains("k=absent"), "{metrics}");
    assert!(std::fs::read_to_string(whole.join("table.md")).unwrap().contains("k=absent"));
    assert!(std::fs::read_to_string(whole.join("page.html")).unwrap().contains("<dt>protocol</dt><dd>loso</dd>"));
    // from wherever it is gone on with
    let settings = std::fs::read_to_string(whole.join("settings.toml")).unwrap();
    assert!(settings.contains(&format!("index = [{:?}]", std::path::absolute(index).unwrap().display().to_string())));
}

fn a_run_without_one_of_its_folds_is_not_judged(whole: &Path) {
    let fold = std::fs::read_dir(whole).unwrap().map(|entry| entry.unwrap().path());
    let fold = fold.filter(|path| path.is_dir()).find(|path| path.join("scores.jsonl").exists()).unwrap();
    let lines = scores(whole);
    std::fs::remove_file(whole.join("scores.jsonl")).unwrap();
    assert!(Run::read(whole, None).is_ok(), "all folds are there");
    std::fs::remove_dir_all(fold).unwrap();
    let error = Run::read(whole, None).unwrap_err();
    assert!(matches!(error, RunError::Unfinished { missing: 1, of: 3, .. }), "{error}");
    let part: Vec<&str> = lines.lines().skip(1).collect();
    std::fs::write(whole.join("scores.jsonl"), part.join("\n")).unwrap();
    assert!(matches!(Run::read(whole, None), Err(RunError::Unfinished { .. })), "a sample is missing");
}

fn baselines_stand_on_the_same_folds(whole: &Path) {
    let made = baselines::run::run(whole, &|_| ()).unwrap();
    let names: Vec<&str> = made.iter().map(|baseline| baseline.name).collect();
    assert_eq!(names, ["all-ones", "prior-random", "flow-svm", "flow-landmarks", "flow-cnn"]);
    let model = from_jsonl(&scores(whole)).unwrap();
    for baseline in made {
        let same = |(ours, theirs): (&SampleScores, &SampleScores)| {
            (&ours.sample, &ours.fold, &ours.labels) == (&theirs.sample, &theirs.fold, &theirs.labels)
        };
        assert!(model.len() == baseline.scores.len() && model.iter().zip(&baseline.scores).all(same));
        let in_range = |line: &SampleScores| line.probs.values().all(|prob| (0.0..=1.0).contains(prob));
        assert!(baseline.scores.iter().all(in_range), "{}", baseline.name);
    }
}

/// A CLIP model of three narrow blocks, made by transformers (see the tests of microau-model).
const TINY_CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../microau-model/tests/assets/clip/p16");

#[test]
fn clips_tower_learns_as_far_as_it_is_asked_to() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let weights = format!("weights={TINY_CLIP:?}");
    // the words are random: this model's vocabulary has forty tokens
    let tiny = [
        weights.as_str(),
        "text=random",
        "model.preset=vit-b-16",
        "model.input=pair+flow",
        "model.crop_px=48",
        "model.visual={ width = 32, depth = 3, heads = 2 }",
        "model.text_width=20",
        "model.width=16",
        "model.heads=2",
        "epochs=1",
    ];
    let with = |more: &[&str]| settings(folder.path(), &index, &[&tiny[..], more].concat());
    for (name, tune) in [("heads", "tune=heads"), ("lora", "tune=lora:2"), ("last", "tune=last:1"), ("all", "tune=all")]
    {
        let out = folder.path().join(name);
        train(&with(&[tune]), &out).unwrap();
        assert_eq!(probs(&out).len(), 12, "{name}");
        assert_eq!(out.join("tokens").exists(), name == "heads", "{name}");
        // what is stored detects by itself: adapters folded in, the tower given back
        let checkpoint = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
        let checkpoint = checkpoint.map(|fold| fold.join("checkpoint.safetensors")).find(|path| path.exists()).unwrap();
        let model = microau_model::Checkpoint::load(&checkpoint, &burn::tensor::Device::flex()).unwrap().model;
        assert!(model.visual.is_some(), "{name}");
    }
    let made = baselines::run::run(&folder.path().join("heads"), &|_| ()).unwrap();
    assert_eq!(made.last().map(|baseline| (baseline.name, baseline.scores.len())), Some(("clip-linear", 12)));

    let missing = settings(folder.path(), &index, &["model.preset=vit-b-16", "model.input=pair"]);
    let error = train(&missing, &folder.path().join("missing")).unwrap_err();
    assert!(matches!(error, TrainError::NoWeights { .. }), "{error}");
    let misfit = settings(folder.path(), &index, &["model.text_width=512"]);
    let error = train(&misfit, &folder.path().join("misfit")).unwrap_err();
    assert!(error.to_string().contains("text_width: expected 384, got 512"), "{error}");
}
