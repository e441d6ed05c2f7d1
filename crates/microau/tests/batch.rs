//! Many inputs at once: one result each, a summary, and going on after an interruption.

use std::path::Path;
use std::sync::Mutex;

use microau::DeviceChoice;
use microau::detect::batch::{self, BatchSettings};
use microau::detect::model_scorer::NANO;
use microau::detect::output::Format;
use microau::detect::{DetectSettings, Input, Moments, Request};

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/demo.mp4");

fn settings() -> BatchSettings {
    BatchSettings {
        device: DeviceChoice::Cpu,
        model: NANO.to_owned(),
        detect: DetectSettings::default(),
        format: Format::Json,
        frames: None,
        jobs: 2,
        resume: true,
    }
}

/// Runs a batch; which inputs ended, and whether each was done before, by input.
fn run(paths: &[&Path], folder: &Path, settings: &BatchSettings) -> Vec<(String, bool)> {
    let requests: Vec<Request> = paths.iter().map(|path| Request::new(Input::film(path), Moments::ByLength)).collect();
    let ended = Mutex::new(Vec::new());
    let all = batch::run(&requests, folder, settings, &|it, was_done| {
        ended.lock().unwrap().push((it.input.clone(), was_done));
    });
    assert_eq!(all.unwrap().len(), paths.len());
    let mut ended = ended.into_inner().unwrap();
    ended.sort();
    ended
}

#[test]
fn a_batch_has_a_result_for_each_input_and_goes_on_with_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let (out, notes, copy) =
        (folder.path().join("out"), folder.path().join("notes.mp4"), folder.path().join("demo.mp4"));
    std::fs::write(&notes, "these are notes").unwrap();
    std::fs::copy(DEMO, &copy).unwrap();
    let (demo, copy) = (Path::new(DEMO), copy.as_path());

    let first = run(&[demo, &notes], &out, &settings());
    assert!(first.iter().all(|(_, was_done)| !was_done));
    assert!(out.join("demo.json").exists() && !out.join("notes.json").exists());
    let summary = std::fs::read_to_string(out.join("summary.csv")).unwrap();
    assert_eq!(summary.lines().count(), 3);
    assert!(summary.lines().any(|line| line.contains("notes.mp4") && line.contains("expected")), "{summary}");

    // a line that was cut off, as when the power fails, costs nothing but itself
    let list = out.join("batch.jsonl");
    let mut text = std::fs::read_to_string(&list).unwrap();
    text.push_str("{\"input\":\"half");
    std::fs::write(&list, text).unwrap();
    let second = run(&[demo, &notes, copy], &out, &settings());
    let was_done = |name: &Path| second.iter().find(|(input, _)| *input == name.display().to_string()).unwrap().1;
    assert!(was_done(demo), "{second:?}");
    assert!(!was_done(&notes), "what failed is tried again");
    assert!(!was_done(copy) && out.join("demo-2.json").exists());
    assert!(run(&[demo, copy], &out, &settings()).iter().all(|(_, was_done)| *was_done));

    let other = BatchSettings { detect: DetectSettings { threshold: 0.3, ..DetectSettings::default() }, ..settings() };
    assert_eq!(run(&[demo], &out, &other), [(DEMO.to_owned(), false)], "another threshold is another result");
    let anew = BatchSettings { resume: false, ..settings() };
    assert_eq!(run(&[demo], &out, &anew), [(DEMO.to_owned(), false)]);
}
