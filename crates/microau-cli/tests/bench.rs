//! `microau bench` tells what a detection did, stage by stage. How long it took is no matter of a test.

use std::process::{Command, Output};

fn microau(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_microau")).args(args).output().expect("the program runs")
}

fn demo() -> String {
    format!("{}/../../examples/demo.mp4", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_frame_is_counted_in_its_stages() {
    let told = microau(&["bench", &demo(), "--repeat", "1", "--format", "json"]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let timings: serde_json::Value = serde_json::from_slice(&told.stdout).expect("stdout is JSON");
    let frames = timings[0]["video"]["frame_count"].as_u64().expect("the film has been read");
    assert!(frames > 10, "{timings}");
    let calls = |name: &str| -> u64 {
        let stages = timings[0]["stages"].as_array().expect("stages are a list");
        let stage = stages.iter().find(|stage| stage["name"] == name);
        stage.and_then(|stage| stage["calls"].as_u64()).unwrap_or(0)
    };
    assert!(calls("decode") >= frames, "{timings}");
    assert_eq!([calls("landmarks"), calls("blendshapes")], [frames; 2], "one face in each frame: {timings}");
    assert!((1..=frames).contains(&calls("detect")), "{timings}");
    assert!(calls("flow") >= frames - 1 && calls("align") >= frames, "{timings}");
    assert_eq!(calls("spot"), frames, "{timings}");
    assert_eq!(calls("write"), 1, "{timings}");
    let sum: f64 = timings[0]["stages"].as_array().into_iter().flatten().filter_map(|it| it["secs"].as_f64()).sum();
    assert!(sum > 0.0 && timings[0]["secs"].as_f64().is_some_and(|secs| secs > 0.0), "{timings}");
}

#[test]
fn what_cannot_be_read_is_told() {
    let told = microau(&["bench", "no-such-film.mp4"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("no-such-film.mp4"), "{told:?}");
    assert!(told.stdout.is_empty());
}
