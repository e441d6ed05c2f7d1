//! `microau synth long` from the door.

mod common;

use std::path::Path;

use common::{Run, microau};

fn long(out: &Path, more: &[&str]) -> Run {
    let fixed = ["synth", "long", "--out", out.to_str().unwrap(), "--width", "128", "--height", "72"];
    microau(fixed.into_iter().chain(more.iter().copied()))
}

#[test]
fn films_and_their_truth_are_written_with_events_inside() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("films");
    let run = long(&out, &["--count", "2", "--seconds", "8", "--fps", "29.97", "--micro", "30"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("2 films, 480 frames"), "{}", run.stderr);
    let films = std::fs::read_to_string(out.join("films.csv")).unwrap();
    let rows: Vec<&str> = films.lines().collect();
    assert_eq!(rows[0], "film,subject,fps,frames,width,height");
    assert_eq!(rows[1..], ["f0001.avi,s001,2997/100,240,128,72", "f0002.avi,s002,2997/100,240,128,72"]);
    assert!(std::fs::read(out.join("f0002.avi")).unwrap().starts_with(b"RIFF"));
    let truth = std::fs::read_to_string(out.join("truth.csv")).unwrap();
    let mut lines = truth.lines();
    assert_eq!(lines.next(), Some("film,face,kind,onset,apex,offset,onset_secs,apex_secs,offset_secs,aus"));
    let mut expressions = 0;
    for row in lines.map(|line| line.split(',').collect::<Vec<_>>()) {
        let frame = |i: usize| row[i].parse::<u64>().unwrap();
        assert!(frame(3) < frame(4) && frame(4) < frame(5) && frame(5) < 240, "{row:?}");
        // the second of a frame is its number by the rate, cut to microseconds
        let secs: f64 = row[8].parse().unwrap();
        assert!((secs - frame(5) as f64 * 100.0 / 2997.0).abs() < 1e-6, "{row:?}");
        let aus: microau::core::sample::AuLabels = row[9].parse().unwrap();
        assert_eq!(["micro", "macro"].contains(&row[2]), !aus.present().is_empty(), "{row:?}");
        expressions += usize::from(!aus.present().is_empty());
    }
    assert!(expressions > 2, "{truth}");
}

#[test]
fn a_stopped_run_goes_on_and_other_settings_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("films");
    let settings = ["--count", "2", "--seconds", "1", "--format", "png", "--micro", "0", "--macro", "0"];
    assert_eq!(long(&out, &settings).code, 0);
    let frame = out.join("f0001/000030.png");
    let first = std::fs::read(&frame).unwrap();
    std::fs::remove_dir_all(out.join("f0001")).unwrap();
    std::fs::remove_file(out.join("truth.csv")).unwrap();
    // a film that is there is not made again
    std::fs::write(out.join("f0002/000001.png"), b"kept").unwrap();
    assert_eq!(long(&out, &settings).code, 0);
    assert!(std::fs::read(&frame).unwrap() == first, "another frame than before");
    assert_eq!(std::fs::read(out.join("f0002/000001.png")).unwrap(), b"kept");
    let truth = std::fs::read_to_string(out.join("truth.csv")).unwrap();
    assert!(!truth.contains("micro") && !truth.contains("macro"), "{truth}");
    let other = long(&out, &["--count", "3", "--seconds", "1"]);
    assert_eq!(other.code, 2);
    assert!(other.stderr.contains("one of other settings") && other.stderr.contains("hint: "), "{}", other.stderr);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |more: &[&str], told: &str| {
        let run = long(&folder.path().join("out"), more);
        assert_eq!(run.code, 2, "{more:?}");
        assert!(run.stderr.contains(told), "{}", run.stderr);
    };
    refused(&["--fps", "24"], "setting rate must be 25..=240, got 24");
    refused(&["--fps", "fast"], "frame rate");
    refused(&["--seconds", "0.2"], "setting secs must be 1..=7200");
    refused(&["--faces", "3"], "faces");
    refused(&["--count", "0"], "setting films must be 1 or more");
    refused(&["--seconds", "5", "--minutes", "1"], "cannot be used with");
}
