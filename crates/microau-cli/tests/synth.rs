//! `microau synth clips` from the door.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{microau, portrait};

/// All files below a folder, by path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let name = entry.file_name().to_str().unwrap().to_owned();
        if entry.path().is_dir() {
            found.extend(files(&entry.path()).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, seed: &str| {
        let out = folder.path().join(name);
        let run = microau([
            "synth",
            "clips",
            "--out",
            out.to_str().unwrap(),
            "--subjects",
            "1",
            "--clips",
            "1",
            "--seed",
            seed,
        ]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        files(&out)
    };
    let first = made("first", "7");
    let table = String::from_utf8(first["labels.csv"].clone()).unwrap();
    assert_eq!(table.lines().next(), Some("clip,subject,onset,apex,offset,aus,emotion"));
    assert_eq!(table.lines().count(), 2);
    assert!(first.contains_key("s001/c001/000001.jpg"));
    assert!(first == made("again", "7"), "the same seed gave other bytes");
    assert!(first != made("other", "8"), "another seed gave the same bytes");
}

#[test]
fn a_folder_of_photographs_without_a_face_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    let run = |photos: &Path| {
        let out = folder.path().join("out");
        microau(["synth", "clips", "--out", out.to_str().unwrap(), "--photos", photos.to_str().unwrap()])
    };
    let empty = run(&photos);
    assert_eq!(empty.code, 2);
    assert!(empty.stderr.starts_with("error: expected a folder with images"), "{}", empty.stderr);
    portrait().save(photos.join("face.png")).unwrap();
    image::RgbImage::new(200, 200).save(photos.join("wall.png")).unwrap();
    let faceless = run(&photos);
    assert_eq!(faceless.code, 2);
    assert!(faceless.stderr.contains("expected one face in a portrait, found 0"), "{}", faceless.stderr);
    assert!(faceless.stderr.contains("hint: "), "{}", faceless.stderr);
}
