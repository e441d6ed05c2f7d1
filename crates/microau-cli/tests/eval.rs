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

#[test]
fn what_was_spotted_is_judged_against_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let [truth, report] = ["truth.csv", "report.json"].map(|name| folder.path().join(name));
    // the film of crates/microau/tests/formats.rs: hits at 10-20 and 100-160 of the first face
    let rows = "film,face,kind,onset,apex,offset\nfilm,0,micro,11,15,20\nfilm,0,macro,100,130,150\n\
                film,0,talk,120,130,145\nfilm,1,blink,14,18,26\n";
    std::fs::write(&truth, rows).unwrap();
    let golden = common::repository("crates/microau/tests/golden/formats/report.json");
    let json = std::fs::read_to_string(golden).unwrap();
    // without the movement that was given, and under a plain name
    let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
    json["inputs"][0]["input"] = "films/film.mp4".into();
    json["inputs"][0]["faces"][1]["intervals"].as_array_mut().unwrap().truncate(1);
    std::fs::write(&report, json.to_string()).unwrap();
    let arguments = ["eval", "spotting", "--truth", text(&truth), "--found", text(&report), "--format", "csv"];
    let run = microau(arguments.into_iter().chain(["--bootstrap", "0"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    // 450 frames at 30000/1001 fps are 0.25025 minutes
    let found = |row: &str| run.stdout.lines().any(|line| line == row);
    assert!(found("micro,1,3,1,0.333,1.000,0.500,7.992,n/a"), "{}", run.stdout);
    assert!(found("macro,1,2,1,0.500,1.000,0.667,3.996,n/a"), "{}", run.stdout);
    assert!(found("talk,1,1,0") && found("blink,1,1,0") && found("nothing,,0,1"), "{}", run.stdout);

    std::fs::write(&truth, "film,kind,onset,offset\nother,micro,1,5\n").unwrap();
    let run = microau(arguments);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("got none of 1 of 1: other\nhint: "), "{}", run.stderr);
}
