//! `microau eval RUN…`, `eval compare` and `eval emotion` from the door, on scores written by hand.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::microau;
use serde_json::{Value, json};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// One line of scores; a unit is its code, label and probability.
fn line(dataset: &str, subject: &str, sample: &str, seed: u64, units: &[(&str, Option<u8>, f64)]) -> Value {
    let labels: Value = units.iter().map(|&(au, label, _)| (au.to_owned(), json!(label))).collect();
    let probs: Value = units.iter().map(|&(au, _, prob)| (au.to_owned(), json!(prob))).collect();
    let subject = format!("{dataset}-{subject}");
    json!({
        "sample": sample, "dataset": dataset, "subject": subject, "fold": subject, "seed": seed,
        "labels": labels, "probs": probs,
    })
}

/// AU4: 2 hits, 1 miss, 1 false alarm. AU12: open in one clip, no positive in the others.
fn casme2() -> Vec<Value> {
    vec![
        line("casme2", "s1", "a", 0, &[("AU04", Some(1), 0.9), ("AU12", Some(0), 0.2)]),
        line("casme2", "s1", "b", 0, &[("AU04", Some(1), 0.3), ("AU12", None, 0.7)]),
        line("casme2", "s2", "c", 0, &[("AU04", Some(0), 0.6), ("AU12", Some(0), 0.1)]),
        line("casme2", "s3", "d", 0, &[("AU04", Some(1), 0.5), ("AU12", Some(0), 0.4)]),
    ]
}

fn write(path: &Path, lines: &[Value]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

/// A run folder with one file of scores.
fn run_of(root: &Path, name: &str, lines: &[Value]) -> PathBuf {
    let folder = root.join(name);
    write(&folder.join("scores.jsonl"), lines);
    folder
}

fn metrics(run: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(run.join("metrics.json")).unwrap()).unwrap()
}

#[test]
fn figures_are_computed_again_and_written_into_the_run() {
    let root = tempfile::tempdir().unwrap();
    let run = run_of(root.path(), "ours", &casme2());
    let said = microau(["eval", text(&run), "--bootstrap", "50"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("binary F1") && said.stdout.contains("macro-F1"), "{}", said.stdout);
    assert!(said.stdout.contains("n/a (0 positives)"), "{}", said.stdout);

    let metrics = metrics(&run);
    assert_eq!(metrics["au_binary_f1"], json!({"AU04": 4.0 / 6.0, "AU12": null}));
    // of the inactive: 0 hits, 1 miss, 1 false alarm
    assert_eq!(metrics["au_macro_f1"], json!({"AU04": (4.0 / 6.0 + 0.0) / 2.0, "AU12": null}));
    assert_eq!(metrics["mean_binary_f1"], 4.0 / 6.0);
    assert_eq!(metrics["mean_macro_f1"], 2.0 / 6.0);
    // the active .9 .3 .5 against the inactive .6: 1 pair of 3
    assert_eq!(metrics["au_roc_auc"]["AU04"], 1.0 / 3.0);
    assert_eq!(metrics["counts"]["AU12"], json!({"positives": 0, "negatives": 3}));
    assert_eq!(metrics["intervals"]["au_binary_f1"]["AU12"], Value::Null);
    assert!(fs::read_to_string(run.join("table.md")).unwrap().contains("| AU04 |"));
}

#[test]
fn folds_in_folders_of_their_own_are_pooled_by_sample() {
    let root = tempfile::tempdir().unwrap();
    let lines = casme2();
    let folded = root.path().join("folded");
    write(&folded.join("fold-s3/scores.jsonl"), &lines[3..]);
    write(&folded.join("fold-s1/scores.jsonl"), &lines[..2]);
    write(&folded.join("fold-s2/scores.jsonl"), &lines[2..3]);
    let whole = run_of(root.path(), "whole", &lines);
    let said = microau(["eval", text(&folded), text(&whole), "--bootstrap", "0"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert_eq!(metrics(&folded), metrics(&whole));
    assert!(said.stdout.contains("folded") && said.stdout.contains("whole"), "{}", said.stdout);
}

#[test]
fn seeds_are_averaged_and_their_spread_is_written() {
    let root = tempfile::tempdir().unwrap();
    let mut lines = casme2();
    let mut again = casme2();
    for line in &mut again {
        line["seed"] = json!(7);
    }
    again[1]["probs"]["AU04"] = json!(0.8);
    lines.extend(again);
    let run = run_of(root.path(), "seeds", &lines);
    assert_eq!(microau(["eval", text(&run), "--bootstrap", "0"]).code, 0);
    // the same, before a run has put its folds together
    let parted = root.path().join("parted");
    write(&parted.join("seed-0/fold-all/scores.jsonl"), &lines[..4]);
    write(&parted.join("seed-7/fold-all/scores.jsonl"), &lines[4..]);
    assert_eq!(microau(["eval", text(&parted), "--bootstrap", "0"]).code, 0);
    assert_eq!(metrics(&parted), metrics(&run));
    let metrics = metrics(&run);
    // the second seed has 3 hits and 1 false alarm
    assert_eq!(metrics["au_binary_f1"]["AU04"], (4.0 / 6.0 + 6.0 / 7.0) / 2.0);
    assert_eq!(metrics["seeds"], json!([0, 7]));
    assert!(metrics["spread"]["au_binary_f1"]["AU04"].as_f64().unwrap() > 0.0);
}

#[test]
fn tables_come_in_four_formats_and_others_are_labelled() {
    let root = tempfile::tempdir().unwrap();
    let run = run_of(root.path(), "ours", &casme2());
    let marks =
        [("text", "ours: 4 samples"), ("markdown", "### ours"), ("latex", "\\toprule"), ("csv", "AU,positives,")];
    for (format, mark) in marks {
        let said = microau(["eval", text(&run), "--bootstrap", "0", "--format", format, "--published"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(said.stdout.contains(mark), "{format}: {}", said.stdout);
        let others: Vec<&str> = said.stdout.lines().filter(|line| line.contains("SSSNet")).collect();
        assert!(!others.is_empty() && others.iter().all(|line| line.contains("published")), "{others:?}");
    }
    let alone = microau(["eval", text(&run), "--bootstrap", "0"]);
    assert!(!alone.stdout.contains("SSSNet"));
    assert!(
        !fs::read_to_string(run.join("table.md")).unwrap().contains("SSSNet"),
        "the run holds its own figures alone"
    );
}

#[test]
fn units_and_protocols_are_chosen_and_checked() {
    let root = tempfile::tempdir().unwrap();
    let run = run_of(root.path(), "ours", &casme2());
    assert_eq!(microau(["eval", text(&run), "--bootstrap", "0"]).code, 0);
    let whole = metrics(&run);
    let said = microau(["eval", text(&run), "--aus", "4", "--bootstrap", "0"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(!said.stdout.contains("AU12"), "{}", said.stdout);
    assert!(metrics(&run) == whole && said.stderr.contains("are left as they are"), "{}", said.stderr);
    let said = microau(["eval", text(&run), "--aus", "9"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("expected scores of AU09, got none; the run has AU04, AU12"), "{}", said.stderr);
    // folds of single subjects are not those of CD6ME
    let said = microau(["eval", text(&run), "--protocol", "cd6me"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("expected each data set in one fold of cd6me"), "{}", said.stderr);
    assert!(said.stderr.contains("hint: "), "{}", said.stderr);
    let said = microau(["eval", text(&run), "--protocol", "lovo"]);
    assert!(said.code == 2 && said.stderr.contains("loso, cd6me, composite, holdout"), "{}", said.stderr);
}

#[test]
fn figures_name_their_protocol_their_units_and_what_the_protocol_lacks() {
    let root = tempfile::tempdir().unwrap();
    let by_dataset = casme2().into_iter().map(|mut line| {
        line["fold"] = json!("casme2");
        (line["labels"], line["probs"]) = (of_cd6me(json!(1)), of_cd6me(json!(0.9)));
        line
    });
    let run = run_of(root.path(), "ours", &by_dataset.collect::<Vec<_>>());
    let said = microau(["eval", text(&run), "--bootstrap", "0", "--protocol", "cd6me"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let lacks = "5 of the six data sets of CD6ME are not here: casme, samm, 4dme, mmew, casme3a.";
    assert!(said.stdout.contains(lacks) && said.stderr.contains(lacks), "{}{}", said.stdout, said.stderr);
    let metrics = metrics(&run);
    assert_eq!((&metrics["protocol"], &metrics["aus"][0]), (&json!("cd6me"), &json!("AU01")));
}

/// A value for each unit of CD6ME.
fn of_cd6me(value: Value) -> Value {
    let numbers = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17];
    numbers.map(|number| (format!("AU{number:02}"), value.clone())).into_iter().collect()
}

#[test]
fn tables_are_printed_though_the_run_cannot_take_them() {
    let root = tempfile::tempdir().unwrap();
    let run = run_of(root.path(), "ours", &casme2());
    fs::create_dir(run.join("metrics.json")).unwrap();
    let said = microau(["eval", text(&run), "--bootstrap", "0"]);
    assert_eq!(said.code, 2);
    assert!(said.stdout.contains("ours: 4 samples"), "{}", said.stdout);
    assert!(said.stderr.contains("metrics.json") && said.stderr.contains("hint: "), "{}", said.stderr);
}

#[test]
fn runs_of_one_name_are_told_apart_and_one_run_is_not_held_against_itself() {
    let root = tempfile::tempdir().unwrap();
    let [a, b] = ["a/r", "b/r"].map(|name| run_of(root.path(), name, &casme2()));
    let said = microau(["eval", "compare", text(&a), text(&b), "--bootstrap", "0"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.starts_with("a/r against b/r\n") && !said.stdout.contains("interval"), "{}", said.stdout);
    let same = microau(["eval", text(&a), text(&root.path().join("b/../a/r"))]);
    assert!(same.code == 2 && same.stderr.contains("expected different runs"), "{}", same.stderr);
    let no_run = microau(["eval", "baselines", text(&a)]);
    assert!(no_run.code == 2 && no_run.stderr.contains("expected the folder of a run"), "{}", no_run.stderr);
}

#[test]
fn in_csv_the_ends_of_an_interval_are_columns() {
    let root = tempfile::tempdir().unwrap();
    let run = run_of(root.path(), "ours", &casme2());
    let said = microau(["eval", text(&run), "--bootstrap", "50", "--format", "csv"]);
    assert!(said.stdout.contains("binary F1,binary F1 low,binary F1 high,binary F1 units,"), "{}", said.stdout);
    assert!(!said.stdout.contains('['), "{}", said.stdout);
}

#[test]
fn a_data_set_without_labels_of_units_is_in_no_mean() {
    let root = tempfile::tempdir().unwrap();
    let mut lines = casme2();
    lines.push(line("samm", "s1", "a", 0, &[("AU04", Some(1), 0.9), ("AU12", Some(1), 0.8)]));
    lines.push(line("smic", "s1", "a", 0, &[("AU04", None, 0.9), ("AU12", None, 0.8)]));
    let run = run_of(root.path(), "ours", &lines);
    let said = microau(["eval", text(&run), "--bootstrap", "0"]);
    assert!(said.stdout.contains("in no figure: smic."), "{}", said.stdout);
    let metrics = metrics(&run);
    assert!(metrics["datasets"].get("smic").is_none(), "{metrics}");
    // casme2: AU4 2/3, AU12 n/a, as 0: 1/3; samm: 1
    assert_eq!(metrics["dataset_mean_binary_f1_or_zero"], (2.0 / 3.0 / 2.0 + 1.0) / 2.0);
}

#[test]
fn what_is_wrong_with_a_run_is_said_with_its_place() {
    let root = tempfile::tempdir().unwrap();
    let empty = root.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let said = microau(["eval", text(&empty)]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("error: expected scores.jsonl or fold-*/scores.jsonl"), "{}", said.stderr);
    let said = microau(["eval", text(&root.path().join("nowhere"))]);
    assert!(said.code == 2 && said.stderr.contains("nowhere"), "{}", said.stderr);

    let broken = run_of(root.path(), "broken", &casme2());
    let scores = broken.join("scores.jsonl");
    let half = fs::read_to_string(&scores).unwrap().replace("\"sample\":\"c\"", "\"sample\":");
    fs::write(&scores, half).unwrap();
    let said = microau(["eval", text(&broken)]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("scores.jsonl:3\n") && said.stderr.contains("hint: "), "{}", said.stderr);
    assert!(!said.stderr.contains("killed"), "it is not half a line: {}", said.stderr);
    assert!(!broken.join("metrics.json").exists());

    let mut twice = casme2();
    twice.push(twice[0].clone());
    let said = microau(["eval", text(&run_of(root.path(), "twice", &twice))]);
    assert!(said.code == 2 && said.stderr.contains("got a of casme2 twice: seed 0"), "{}", said.stderr);
}

#[test]
fn two_runs_are_compared_on_the_same_subjects() {
    let root = tempfile::tempdir().unwrap();
    let mut better = casme2();
    better[1]["probs"]["AU04"] = json!(0.8);
    let (first, second) = (run_of(root.path(), "better", &better), run_of(root.path(), "worse", &casme2()));
    let said = microau(["eval", "compare", text(&first), text(&second), "--format", "csv"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    // 6/7 against 4/6
    let row = said.stdout.lines().find(|line| line.starts_with("AU04,binary F1,")).unwrap();
    assert!(row.starts_with("AU04,binary F1,0.857,0.667,+0.190,"), "{row}");
    assert_eq!(said.stdout, microau(["eval", "compare", text(&first), text(&second), "--format", "csv"]).stdout);

    let other = run_of(root.path(), "other", &casme2()[..3]);
    let said = microau(["eval", "compare", text(&first), text(&other)]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("expected two runs of the same samples, got 1 only in the first"), "{}", said.stderr);
    assert_eq!(microau(["eval", "compare", text(&first)]).code, 2);
}

#[test]
fn emotions_stand_beside_their_oracle() {
    let root = tempfile::tempdir().unwrap();
    let mut smile = line("samm", "s1", "a", 0, &[("AU04", Some(0), 0.1), ("AU12", Some(1), 0.8)]);
    (smile["emotion"], smile["objective_class"]) = (json!("Happiness"), json!("I"));
    // no unit is seen: the likeliest alone, AU12, is taken
    let mut frown = line("samm", "s2", "b", 0, &[("AU04", Some(1), 0.2), ("AU12", Some(0), 0.3)]);
    (frown["emotion"], frown["objective_class"]) = (json!("Anger"), json!("III"));
    let run = run_of(root.path(), "ours", &[smile, frown]);
    let said = microau(["eval", "emotion", text(&run), "--bootstrap", "0", "--format", "csv"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    // happiness: found, and anger taken for it: F1 2/3; anger: 0; recall 1 and 0; the oracle finds both
    for task in ["objective class", "three classes"] {
        let expected = format!("samm,{task},rule,2,0.333,0.500,0.500,1.000,1.000,2,this program");
        assert!(said.stdout.lines().any(|line| line == expected), "{}", said.stdout);
    }
    let published = microau(["eval", "emotion", text(&run), "--bootstrap", "0", "--published"]);
    assert!(
        published.stdout.lines().filter(|line| line.contains("SSSNet")).all(|line| line.contains("published: MEB"))
    );

    let said = microau(["eval", "emotion", text(&run_of(root.path(), "without", &casme2()))]);
    assert!(said.code == 2 && said.stderr.contains("annotated emotion"), "{}", said.stderr);
}
