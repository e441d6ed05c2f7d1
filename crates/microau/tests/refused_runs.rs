//! Runs that cannot be: told before the work, by what is wrong, and without taking their folder.

mod support;

use std::path::Path;
use std::sync::Mutex;

use microau::train::plan::Plan;
use microau::train::{Event, TrainError, TrainSettings};
use support::{index, settings, train};

const HEADER: &str = "clip,subject,dataset,onset,apex,offset,fps,aus,emotion,objective_class,frames\n";

/// The notes of a plan.
fn notes(settings: &TrainSettings, out: &Path) -> Result<Vec<String>, TrainError> {
    let notes = Mutex::new(Vec::new());
    let note = |event: Event<'_>| {
        if let Event::Note(note) = event {
            notes.lock().unwrap().push(note.to_owned());
        }
    };
    Plan::open(settings, settings.data.as_ref().unwrap(), out, &note)?;
    Ok(notes.into_inner().unwrap())
}

/// An index with the header above and these rows.
fn table(folder: &Path, rows: &str) -> std::path::PathBuf {
    let path = folder.join("table.csv");
    std::fs::write(&path, format!("{HEADER}{rows}")).unwrap();
    path
}

#[test]
fn a_refused_run_leaves_its_folder_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let refused = train(&settings(folder.path(), Path::new("nothere.csv"), &[]), &out);
    assert!(matches!(refused, Err(TrainError::Problems(_))), "{refused:?}");
    assert!(!out.join("settings.toml").exists());
}

#[test]
fn clips_without_any_action_unit_are_refused_before_they_are_prepared() {
    let folder = tempfile::tempdir().unwrap();
    let clips = table(folder.path(), "a,smic-1,smic,1,5,9,,?,,,nowhere\nb,smic-2,smic,1,5,9,,?,,,nowhere\n");
    let refused = train(&settings(folder.path(), &clips, &[]), &folder.path().join("run"));
    assert!(matches!(refused, Err(TrainError::NothingToLearn { clips: 2 })), "{refused:?}");
}

#[test]
fn one_name_for_people_of_two_datasets_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let clips = table(folder.path(), "a,s1,one,1,5,9,,12,,,nowhere\nb,s1,two,1,5,9,,12,,,nowhere\n");
    let refused = train(&settings(folder.path(), &clips, &[]), &folder.path().join("run")).unwrap_err();
    assert!(refused.to_string().contains("got s1 in one and two"), "{refused}");
}

#[test]
fn a_plan_tells_what_it_lacks_and_a_fit_that_runs_away_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let whole = index(folder.path());
    let text = std::fs::read_to_string(&whole).unwrap();
    let lost = format!("{text}x,casme2-99,casme2,1,5,9,,12,happiness,,nowhere,\n");
    std::fs::write(whole.with_file_name("lost.csv"), lost).unwrap();
    let of_lost = settings(folder.path(), &whole.with_file_name("lost.csv"), &["data.protocol=composite"]);
    let said = notes(&of_lost, &folder.path().join("lost")).unwrap();
    let has = |part: &str| said.iter().any(|note| note.contains(part));
    assert!(has("no clip is left of 1 of 4 subjects: casme2-99"), "{said:?}");
    assert!(has("MEGC2019 counts 442 samples of 68 subjects") && has("without smic, samm"), "{said:?}");
    let left_out: Vec<&String> = said.iter().filter(|note| note.starts_with("composite leaves out")).collect();
    assert!(left_out.len() <= 4, "one note a reason: {left_out:?}");

    let away =
        settings(folder.path(), &whole, &["schedule={ peak = 1e9, warmup_steps = 1, final_share = 1.0 }", "epochs=1"]);
    let error = train(&away, &folder.path().join("away")).unwrap_err();
    let TrainError::Folds { failed, of: 3 } = &error else { panic!("{error}") };
    assert_eq!(failed.len(), 3, "every fold was tried");
    assert!(failed.iter().all(|(_, why)| matches!(why, TrainError::Diverged { .. })), "{error}");
    let told = error.to_string();
    assert!(told.contains("lower schedule.peak, in a new --out") && !told.contains("goes on"), "{told}");
}

#[test]
fn a_state_that_cannot_be_saved_asks_for_room_and_keeps_the_other_folds() {
    let folder = tempfile::tempdir().unwrap();
    let whole = index(folder.path());
    let out = folder.path().join("run");
    let settings = settings(folder.path(), &whole, &["epochs=1"]);
    notes(&settings, &out).unwrap();
    let folds = microau::train::folds::read(&out).unwrap();
    let blocked = out.join(microau::train::folds::folder_name(&folds[0].fold));
    std::fs::create_dir_all(&blocked).unwrap();
    // a file in the place of a folder stands for a disk without room
    std::fs::write(blocked.join("state"), "").unwrap();
    let told = train(&settings, &out).unwrap_err().to_string();
    assert!(told.starts_with("1 of 3 folds") && told.contains("cannot save the state of the fit"), "{told}");
    assert!(told.contains("the others are kept") && !told.contains("delete the file"), "{told}");
    std::fs::remove_file(blocked.join("state")).unwrap();
    train(&settings, &out).unwrap();
}
