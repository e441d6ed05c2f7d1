//! `microau data` and `microau prepare` from the door, on generated stand-ins of the licensed datasets.

mod common;

use std::path::{Path, PathBuf};

use common::{Run, microau};

/// A stand-in with few events; small frames where nobody looks at them.
fn stand_in(folder: &Path, layout: &str, clips: &str, frame_size: &str) -> PathBuf {
    let out = folder.join(layout);
    let shown = out.to_str().unwrap();
    let fixed = ["synth", "dataset", "--layout", layout, "--out", shown, "--clips", clips, "--frame-size", frame_size];
    let run = microau(fixed.into_iter().chain(["--subjects", "2"]));
    assert_eq!(run.code, 0, "{layout}: {}", run.stderr);
    out
}

fn data(command: &str, more: &[&str]) -> Run {
    microau(["data", command].iter().chain(more))
}

fn index_of(dataset: &Path, layout: &str) -> PathBuf {
    let index = dataset.join("index.csv");
    let run = data("index", &[dataset.to_str().unwrap(), "--layout", layout, "--out", index.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{layout}: {}", run.stderr);
    index
}

/// The field `frames` of a row of an index, the last but one.
fn frames_of(row: &str) -> &str {
    row.rsplit(',').nth(1).unwrap()
}

/// Every file of a folder with its bytes, by name.
fn bytes_of(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.file_name().unwrap().into(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn every_stand_in_is_read_without_an_error() {
    let layouts =
        ["casme", "casme2", "samm", "smic", "mmew", "4dme", "casme_squared", "casme3a", "casme3c", "samm_lv", "dfme"];
    let folder = tempfile::tempdir().unwrap();
    for layout in layouts {
        let dataset = stand_in(folder.path(), layout, "8", "64x64");
        let run = data("check", &[dataset.to_str().unwrap(), "--layout", layout]);
        assert_eq!(run.code, 0, "{layout}: {}\n{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("no errors") && run.stdout.contains("reference=present"), "{}", run.stdout);
        let table = std::fs::read_to_string(index_of(&dataset, layout)).unwrap();
        assert!(
            table.starts_with(
                "clip,subject,dataset,onset,apex,offset,fps,aus,emotion,objective_class,frames,au_policy\n"
            )
        );
        let rows: Vec<&str> = table.lines().skip(1).collect();
        assert!(!rows.is_empty() && rows.iter().all(|row| row.contains(&format!(",{layout}-"))), "{layout}: {table}");
        assert!(rows.iter().all(|row| !frames_of(row).is_empty()), "every clip of {layout} has its frames: {table}");
    }
}

#[test]
fn what_is_wrong_is_told_and_ends_with_two_while_the_rest_is_indexed() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = stand_in(folder.path(), "mmew", "4", "64x64");
    let index = index_of(&dataset, "mmew");
    let frames = frames_of(std::fs::read_to_string(&index).unwrap().lines().nth(1).unwrap()).to_owned();
    std::fs::remove_dir_all(dataset.join(frames)).unwrap();
    let check = data("check", &[dataset.to_str().unwrap(), "--layout", "mmew"]);
    assert_eq!(check.code, 2);
    assert!(check.stdout.contains("1 error,") && check.stdout.contains("row 2, frames"), "{}", check.stdout);
    let run = data("index", &[dataset.to_str().unwrap(), "--layout", "mmew", "--out", index.to_str().unwrap()]);
    assert_eq!(run.code, 2);
    assert_eq!(std::fs::read_to_string(&index).unwrap().lines().count(), 4, "{}", run.stderr);
}

#[test]
fn wrong_layouts_settings_and_places_are_refused_with_what_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().to_str().unwrap();
    let header = folder.path().join("header.csv");
    std::fs::write(&header, "clip,subject,onset,apex,offset,aus\n").unwrap();
    let cases: [(&[&str], &str); 5] = [
        (&["stats", header.to_str().unwrap()], "header.csv, rows \"0 rows\": expected at least one clip"),
        (&["check", here, "--layout", "casme-2"], "casme2"),
        (&["check", here, "--layout", "casme2", "--set", "policy.kk=open"], "kk"),
        (&["index", here, "--layout", "casme2", "--out", here], "could not write"),
        (&["stats", "nowhere.csv"], "nowhere.csv"),
    ];
    for (arguments, told) in cases {
        let run = microau(["data"].iter().chain(arguments));
        assert!(run.code == 2 && run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
        assert!(!run.stderr.contains("error: error:"), "{}", run.stderr);
    }
    let empty = data("check", &[here, "--layout", "casme2"]);
    assert!(empty.code == 2 && empty.stdout.contains("--annotations FILE names it"), "{}", empty.stdout);
}

#[test]
fn an_index_is_counted_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("own.csv");
    std::fs::write(&index, "clip,subject,onset,apex,offset,aus,emotion\na,s,0,5,9,1+L2,joy\nb,s,3,4,,12,\n").unwrap();
    let picture = folder.path().join("pairs.svg");
    let run = data("stats", &[index.to_str().unwrap(), "--picture", picture.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("clips: 2, subjects: 1") && run.stdout.contains("12 lip corner puller"),
        "{}",
        run.stdout
    );
    assert!(std::fs::read_to_string(&picture).unwrap().contains("phi coefficient"));
    let pixels = folder.path().join("pairs.png");
    assert_eq!(data("stats", &[index.to_str().unwrap(), "--picture", pixels.to_str().unwrap()]).code, 0);
    assert!(image::open(&pixels).unwrap().width() >= 440);
    let other = data("stats", &[index.to_str().unwrap(), "--picture", "pairs.jpg"]);
    assert!(other.code == 2 && other.stderr.contains(".svg"), "{}", other.stderr);
}

#[test]
fn clips_are_prepared_once_and_two_runs_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = stand_in(folder.path(), "casme2", "3", "320x240");
    let index = index_of(&dataset, "casme2");
    let prepare = |store: &Path| {
        let store = store.to_str().unwrap();
        microau(["prepare", index.to_str().unwrap(), "--out", store, "--crop", "64", "--pixels"])
    };
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    let run = prepare(&first);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("prepared 3 of 3 clips") && run.stderr.contains("0 were there"), "{}", run.stderr);
    assert_eq!(prepare(&second).code, 0);
    let bytes = bytes_of(&first);
    assert_eq!(bytes.len(), 4, "three clips and the table of failures");
    assert_eq!(bytes, bytes_of(&second));
    let again = prepare(&first);
    assert!(again.stderr.contains("3 were there"), "{}", again.stderr);
    assert_eq!(bytes_of(&first), bytes);
}

#[test]
fn a_clip_that_fails_is_told_and_tried_again_when_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = stand_in(folder.path(), "casme2", "2", "320x240");
    let index = index_of(&dataset, "casme2");
    let table = std::fs::read_to_string(&index).unwrap();
    let frames = dataset.join(frames_of(table.lines().nth(1).unwrap()));
    let onset: u64 = table.lines().nth(1).unwrap().split(',').nth(3).unwrap().parse().unwrap();
    let frame = frames.join(format!("img{onset}.jpg"));
    let kept = std::fs::read(&frame).unwrap();
    std::fs::remove_file(&frame).unwrap();

    let store = folder.path().join("store");
    let prepare = || microau(["prepare", index.to_str().unwrap(), "--out", store.to_str().unwrap(), "--crop", "64"]);
    let run = prepare();
    assert_eq!(run.code, 2, "{}", run.stderr);
    let problems = std::fs::read_to_string(store.join("problems.csv")).unwrap();
    assert!(problems.contains("onset") && problems.lines().count() == 2, "{problems}");

    std::fs::write(&frame, kept).unwrap();
    let run = prepare();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("1 were there"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(store.join("problems.csv")).unwrap().lines().count(), 1);
}
