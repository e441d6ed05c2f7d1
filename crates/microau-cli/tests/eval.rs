//! `microau eval clips` from the door.

mod common;

use std::path::Path;

use common::microau;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Three generated clips with their table.
fn clips(folder: &Path) -> std::path::PathBuf {
    let run = microau(["synth", "clips", "--out", text(folder), "--subjects", "1", "--clips", "3", "--seed", "5"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    folder.join("labels.csv")
}

#[test]
fn a_table_of_clips_is_judged_clip_by_clip() {
    let folder = tempfile::tempdir().unwrap();
    let table = clips(folder.path());
    let out = folder.path().join("judged");
    let run = microau(["eval", "clips", text(&table), "--out", text(&out)]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("AU12") && run.stdout.contains("3 clips"), "{}", run.stdout);

    let scores = std::fs::read_to_string(out.join("scores.jsonl")).unwrap();
    let rows: Vec<serde_json::Value> = scores.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 3);
    let labels = std::fs::read_to_string(&table).unwrap();
    for row in rows {
        assert!(labels.contains(row["sample"].as_str().unwrap()));
        assert_eq!(row["probs"].as_object().unwrap().len(), 12);
        assert!((0.0..=1.0).contains(&row["probs"]["AU12"].as_f64().unwrap()));
    }
    assert!(out.join("table.md").is_file());

    // the scores can be judged again without the model
    let again = microau(["eval", text(&out), "--bootstrap", "0"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(out.join("metrics.json").is_file());
}

#[test]
fn a_clip_that_is_missing_is_said_and_the_others_count() {
    let folder = tempfile::tempdir().unwrap();
    let table = clips(folder.path());
    let rows = std::fs::read_to_string(&table).unwrap();
    std::fs::write(&table, format!("{rows}nowhere,s9,0,1,,12,\n")).unwrap();
    let run = microau(["eval", "clips", text(&table)]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: ") && run.stderr.contains("nowhere"), "{}", run.stderr);
    assert!(run.stdout.contains("3 clips") && run.stdout.contains("1 more could not be scored"), "{}", run.stdout);
}

#[test]
fn the_test_sets_of_settings_are_generated_and_judged() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("settings.toml");
    let set = |kind: &str, name: &str| format!("[[{kind}]]\nname = \"{name}\"\nsubjects = 1\nclips = 2\nseed = 1\n");
    std::fs::write(&config, format!("steps = 1\n{}{}", set("train", "a"), set("test", "strangers"))).unwrap();
    let run = microau(["eval", "clips", "--config", text(&config), "--format", "markdown"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("### strangers\n") && run.stdout.contains("2 clips"), "{}", run.stdout);
    let other = microau(["eval", "clips", "--config", text(&config), "--format", "markdown", "--seed", "9"]);
    assert_ne!(run.stdout, other.stdout);
}

#[test]
fn nothing_to_judge_is_refused() {
    assert_eq!(microau(["eval", "clips"]).code, 2);
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("labels.csv");
    std::fs::write(&table, "clip,subject,onset\n").unwrap();
    let run = microau(["eval", "clips", text(&table)]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("apex"), "{}", run.stderr);
    let run = microau(["eval", "clips", "--config", "nowhere.toml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nowhere.toml"), "{}", run.stderr);
}
