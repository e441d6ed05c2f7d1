//! `microau synth dataset` from the door.

mod common;

use std::path::Path;

use common::{Run, microau};

fn dataset(out: &Path, more: &[&str]) -> Run {
    let fixed = ["synth", "dataset", "--out", out.to_str().unwrap(), "--clips", "2", "--frame-size", "64x64"];
    microau(fixed.into_iter().chain(more.iter().copied()))
}

#[test]
fn every_layout_is_written_with_its_workbook_and_a_note_of_what_it_is() {
    let workbooks = [
        ("casme", "casme.xlsx"),
        ("casme2", "CASME2-coding-20140508.xlsx"),
        ("samm", "SAMM_Micro_FACS_Codes_v2.xlsx"),
        ("smic", "SMIC-HS-E_annotation_2019.xlsx"),
        ("mmew", "MMEW_Micro_Exp.xlsx"),
        ("4dme", "4DME_Labelling_Micro_release v1.xlsx"),
        ("casme_squared", "CAS(ME)^2code_final(Updated).xlsx"),
        ("casme3a", "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx"),
        ("casme3c", "cas(me)3_part_C_ME_label.xlsx"),
        ("samm_lv", "SAMM_LongVideos_V2_Release.xlsx"),
        ("dfme", "training_full_with_AU.xlsx"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (layout, workbook) in workbooks {
        let out = folder.path().join(layout);
        let run = dataset(&out, &["--layout", layout]);
        assert_eq!(run.code, 0, "{layout}: {}", run.stderr);
        assert!(run.stderr.contains("stand-in for") && run.stderr.contains("events"), "{}", run.stderr);
        assert!(out.join(workbook).is_file(), "{layout} has no {workbook}");
        assert!(std::fs::read_to_string(out.join("README.txt")).unwrap().contains("no real person"));
    }
}

#[test]
fn a_stopped_run_may_go_on_but_another_stand_in_may_not_be_laid_over_it() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("samm");
    assert_eq!(dataset(&out, &["--layout", "samm"]).code, 0);
    assert_eq!(dataset(&out, &["--layout", "samm"]).code, 0);
    let other = dataset(&out, &["--layout", "samm", "--seed", "8"]);
    assert_eq!(other.code, 2);
    assert!(
        other.stderr.contains("error: expected an empty folder") && other.stderr.contains("hint: "),
        "{}",
        other.stderr
    );
}

#[test]
fn a_folder_with_something_else_in_it_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), b"mine").unwrap();
    let run = dataset(folder.path(), &["--layout", "casme2"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("files of something else"), "{}", run.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn unknown_layouts_and_sizes_are_refused_with_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = dataset(folder.path(), &["--layout", "casme4"]);
    assert!(unknown.code == 2 && unknown.stderr.contains("casme3a"), "{}", unknown.stderr);
    let many = microau(["synth", "dataset", "--layout", "samm", "--clips", "500", "--out", "never"]);
    assert!(many.code == 2 && many.stderr.contains("it has 159"), "{}", many.stderr);
    let sizeless = microau(["synth", "dataset", "--layout", "samm", "--frame-size", "big", "--out", "never"]);
    assert!(sizeless.code == 2 && sizeless.stderr.contains("320x240"), "{}", sizeless.stderr);
}
