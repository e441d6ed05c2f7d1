//! The house stands as ARCHITECTURE.md draws it: rooms know core alone (the model also the kernels), the hall knows the rooms,
//! doors know the hall.
//!
//! Reads every manifest of the workspace. Dependencies of tests and benchmarks may reach further and are not looked at,
//! but for other crates of ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which of our crates each crate may import.
const MAY_IMPORT: [(&str, &[&str]); 9] = [
    ("microau-core", &[]),
    ("microau-kernels", &[]),
    ("microau-vision", &["microau-core"]),
    ("microau-data", &["microau-core"]),
    ("microau-model", &["microau-core", "microau-kernels"]),
    ("microau-eval", &["microau-core"]),
    ("microau-synth", &["microau-core"]),
    ("microau", &["microau-core", "microau-vision", "microau-data", "microau-model", "microau-eval", "microau-synth"]),
    ("microau-cli", &["microau"]),
];

/// Foreign crates that only some of ours may name: names that begin so, and who may.
const NAMED_ONLY_IN: [(&str, &[&str]); 8] = [
    ("burn", &["microau-model", "microau"]),
    ("re_mp4", &["microau-vision"]),
    ("rust_h264", &["microau-vision"]),
    ("instant-clip-tokenizer", &["microau-model"]),
    ("clap", &["microau-cli"]),
    ("indicatif", &["microau-cli"]),
    ("anyhow", &["microau-cli"]),
    ("rayon", &["microau-kernels", "microau-vision", "microau-model", "microau-eval", "microau-synth", "microau"]),
];

/// A manifest as far as this test is concerned.
struct Manifest {
    name: String,
    folder: PathBuf,
    dependencies: Vec<String>,
    dev_dependencies: Vec<String>,
}

fn manifests() -> Vec<Manifest> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates lie in one folder");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(crates).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders.into_iter().filter(|folder| folder.join("Cargo.toml").is_file()).map(manifest).collect()
}

fn manifest(folder: PathBuf) -> Manifest {
    let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let name = table["package"]["name"].as_str().unwrap().to_owned();
    let dependencies =
        [names(&table, "dependencies"), names(&table, "build-dependencies"), of_targets(&table)].concat();
    Manifest { name, folder, dependencies, dev_dependencies: names(&table, "dev-dependencies") }
}

fn names(table: &toml::Table, section: &str) -> Vec<String> {
    let section = table.get(section).and_then(toml::Value::as_table);
    section.map(|section| section.keys().cloned().collect()).unwrap_or_default()
}

/// Dependencies under `[target.…]`.
fn of_targets(table: &toml::Table) -> Vec<String> {
    let targets = table.get("target").and_then(toml::Value::as_table);
    let tables = targets.into_iter().flat_map(|targets| targets.values()).filter_map(toml::Value::as_table);
    tables.flat_map(|target| names(target, "dependencies")).collect()
}

#[test]
fn every_crate_has_a_place_in_the_house() {
    let known: BTreeMap<&str, &[&str]> = MAY_IMPORT.into_iter().collect();
    let found: Vec<String> = manifests().into_iter().map(|manifest| manifest.name).collect();
    for name in &found {
        assert!(known.contains_key(name.as_str()), "{name} is not in the table of this test: where does it stand?");
    }
    assert!(found.len() >= 7, "found only {found:?}");
}

#[test]
fn imports_point_down() {
    for manifest in manifests() {
        let (_, allowed) = MAY_IMPORT.into_iter().find(|(name, _)| *name == manifest.name).unwrap();
        for import in manifest.dependencies.iter().filter(|name| name.starts_with("microau")) {
            assert!(allowed.contains(&import.as_str()), "{} must not import {import}", manifest.name);
        }
    }
}

#[test]
fn rooms_do_not_meet_in_their_tests_either() {
    let rooms = ["microau-vision", "microau-data", "microau-model", "microau-eval", "microau-synth"];
    for manifest in manifests().iter().filter(|manifest| rooms.contains(&manifest.name.as_str())) {
        for import in manifest.dev_dependencies.iter().filter(|name| name.starts_with("microau")) {
            let itself = *import == manifest.name;
            assert!(itself || import == "microau-core", "tests of {} must not import {import}", manifest.name);
        }
    }
}

#[test]
fn frameworks_and_decoders_are_named_where_they_belong() {
    for manifest in manifests() {
        for (begins, owners) in NAMED_ONLY_IN {
            let here =
                manifest.dependencies.iter().any(|name| name == begins || name.starts_with(&format!("{begins}-")));
            assert!(!here || owners.contains(&manifest.name.as_str()), "{} must not name {begins}", manifest.name);
        }
    }
}

#[test]
fn every_foreign_crate_has_its_reason_in_the_architecture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let table = page.split("## Dependencies").nth(1).expect("the page has a table of dependencies");
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    let explained: Vec<&str> =
        cells.flat_map(|cell| cell.split(',')).filter_map(|name| name.split_whitespace().next()).collect();
    let workspace: toml::Table = std::fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let declared = names(workspace["workspace"].as_table().unwrap(), "dependencies");
    let manifests = manifests();
    let used = manifests.iter().flat_map(|manifest| manifest.dependencies.iter().chain(&manifest.dev_dependencies));
    for name in declared.iter().chain(used.clone()).filter(|name| !name.starts_with("microau")) {
        assert!(explained.contains(&name.as_str()), "ARCHITECTURE.md says nothing of {name}");
        assert!(used.clone().any(|other| other == name), "no crate uses {name}, which the workspace declares");
    }
}

#[test]
fn core_has_no_input_or_output_and_no_tensors() {
    let core = manifests().into_iter().find(|manifest| manifest.name == "microau-core").unwrap();
    assert_eq!(core.dependencies, ["serde", "thiserror"]);
    for source in sources(&core.folder.join("src")) {
        let text = std::fs::read_to_string(&source).unwrap();
        for forbidden in ["std::fs", "std::net", "std::process", "println!"] {
            assert!(!text.contains(forbidden), "{} names {forbidden}", source.display());
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}
