//! Bad input is one line on stderr, a hint and exit code 2; never a panic, and never the end of the other inputs.

mod common;

use std::path::{Path, PathBuf};

use common::{Run, clip, microau, portrait, tiny_film, untrained_model};

/// A folder with a model and nothing else.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let model = untrained_model(folder.path());
    (folder, model)
}

fn detect(model: &Path, inputs: &[&Path], more: &[&str]) -> Run {
    let inputs = inputs.iter().map(|input| input.to_str().unwrap());
    let start = ["detect", "--format", "csv", "--model", model.to_str().unwrap()];
    microau(start.into_iter().chain(inputs).chain(more.iter().copied()))
}

/// One error line that holds `what`, and a hint.
fn refused(run: &Run, what: &str) {
    assert_eq!(run.code, 2, "{}", run.stderr);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.stderr);
    assert!(lines[0].starts_with("error: ") && lines[0].contains(what), "expected {what:?} in {}", lines[0]);
    assert!(lines[1].starts_with("hint: "), "{}", lines[1]);
}

#[test]
fn a_missing_file() {
    let (folder, model) = place();
    refused(&detect(&model, &[&folder.path().join("none.mp4")], &[]), "no such file or folder");
}

#[test]
fn an_empty_folder() {
    let (folder, model) = place();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    refused(&detect(&model, &[&empty], &[]), "found none in");
}

#[test]
fn a_text_file_named_mp4() {
    let (folder, model) = place();
    let notes = folder.path().join("notes.mp4");
    std::fs::write(&notes, "dear diary\n").unwrap();
    refused(&detect(&model, &[&notes], &[]), "expected a video or an image");
}

#[test]
fn a_truncated_mp4() {
    let (folder, model) = place();
    let whole = std::fs::read(tiny_film("plain.mp4")).unwrap();
    for share in [3, 6, 9] {
        let cut = folder.path().join(format!("cut{share}.mp4"));
        std::fs::write(&cut, &whole[..whole.len() * share / 10]).unwrap();
        refused(&detect(&model, &[&cut], &[]), cut.to_str().unwrap());
    }
}

#[test]
fn a_codec_that_is_not_supported_is_named() {
    let (_folder, model) = place();
    refused(&detect(&model, &[&tiny_film("hevc.mp4")], &[]), "hevc");
}

#[test]
fn a_film_without_a_face() {
    let (_folder, model) = place();
    refused(&detect(&model, &[&tiny_film("plain.mp4")], &[]), "found no face in 12 frames");
}

#[test]
fn one_frame_only() {
    let (folder, model) = place();
    let image = folder.path().join("alone.png");
    portrait().save(&image).unwrap();
    refused(&detect(&model, &[&image], &[]), "expected at least 2 frames, got 1");
}

#[test]
fn an_onset_after_the_apex_or_past_the_end() {
    let (folder, model) = place();
    let clip = clip(folder.path());
    refused(&detect(&model, &[&clip], &["--onset", "5", "--apex", "3"]), "expected onset < apex");
    refused(&detect(&model, &[&clip], &["--onset", "3", "--apex", "3"]), "expected onset < apex");
    refused(
        &detect(&model, &[&clip], &["--onset", "3", "--apex", "10"]),
        "apex 10 lies past the end, the last frame is 9",
    );
    refused(&detect(&model, &[&clip], &["--onset", "30", "--apex", "40"]), "onset 30 lies past the end");
}

#[test]
fn a_checkpoint_that_is_none_or_damaged_or_missing() {
    let (folder, model) = place();
    let clip = clip(folder.path());
    let whole = std::fs::read(&model).unwrap();
    let bad = folder.path().join("bad.safetensors");
    for (name, bytes) in [("text", b"not a checkpoint".as_slice()), ("cut", &whole[..whole.len() / 2]), ("empty", b"")]
    {
        std::fs::write(&bad, bytes).unwrap();
        let run = detect(&bad, &[&clip], &[]);
        refused(&run, "not a Micro-AU checkpoint");
        assert_eq!(run.stdout, "", "{name}");
    }
    refused(&detect(&folder.path().join("none.safetensors"), &[&clip], &[]), "none.safetensors");
}

#[test]
fn a_checkpoint_of_another_program() {
    let (folder, _) = place();
    let clip = clip(folder.path());
    let foreign = folder.path().join("foreign.safetensors");
    // a header of no tensors, as any other program may write it
    let header = b"{\"__metadata__\":{\"format\":\"pt\"}}";
    std::fs::write(&foreign, [&(header.len() as u64).to_le_bytes(), header.as_slice()].concat()).unwrap();
    refused(&detect(&foreign, &[&clip], &[]), "not a Micro-AU checkpoint");
}

#[test]
fn a_table_of_pairs_that_cannot_be_read() {
    let (folder, model) = place();
    let table = folder.path().join("pairs.csv");
    std::fs::write(&table, "input,onset\na,1\n").unwrap();
    refused(&detect(&model, &[], &["--pairs", table.to_str().unwrap()]), "expected a column apex");
    std::fs::write(&table, "input,onset,apex\na,x,2\n").unwrap();
    refused(&detect(&model, &[], &["--pairs", table.to_str().unwrap()]), "in line 2");
}

#[test]
fn the_other_inputs_of_the_same_call_still_run() {
    let (folder, model) = place();
    let clip = clip(folder.path());
    let missing = folder.path().join("none.mp4");
    let run = detect(&model, &[&missing, &clip, &tiny_film("hevc.mp4")], &["--onset", "1", "--apex", "4"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.stdout.lines().count(), 2, "a header and the row of the clip: {}", run.stdout);
    let errors: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 2, "{}", run.stderr);
    assert!(errors[0].contains("none.mp4") && errors[1].contains("hevc"), "{errors:?}");
}

#[test]
fn an_unknown_option_names_the_nearest() {
    let run = microau(["detect", "a.mp4", "--heatmap", "x"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--heatmaps"), "{}", run.stderr);
}
