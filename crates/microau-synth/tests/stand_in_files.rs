//! Stand-ins on disk: the same bytes every time, workbooks as planned, nothing half-written, nothing overwritten.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, open_workbook};
use microau_synth::SynthError;
use microau_synth::stand_in::{
    Cell, FrameKind, Layout, MARKER_NAME, README_NAME, StandInSettings, Workbook, write_stand_in,
};

/// A stand-in that is quick to film.
fn small(layout: Layout) -> StandInSettings {
    StandInSettings {
        clips: Some(4),
        subjects: Some(2),
        margin: 1,
        frame_size: Some([96, 72]),
        ..StandInSettings::new(layout, 5)
    }
}

fn written(settings: &StandInSettings, threads: usize, folder: &Path) -> usize {
    let plan = settings.plan().unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| write_stand_in(&plan, folder, &|_| ())).unwrap()
}

/// Path and hash of every file below a folder.
fn hashes(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                open.push(entry);
            } else {
                let name = entry.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, format!("{:x}", md5::compute(std::fs::read(&entry).unwrap())));
            }
        }
    }
    found
}

#[test]
fn the_same_settings_give_the_same_bytes_on_any_number_of_threads() {
    for layout in [Layout::Casme2, Layout::Samm, Layout::Casme3a] {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let frames = written(&small(layout), 1, folders[0].path());
        written(&small(layout), 3, folders[1].path());
        let once = hashes(folders[0].path());
        assert_eq!(once, hashes(folders[1].path()), "{layout:?}");
        let workbooks = small(layout).plan().unwrap().workbooks().len();
        assert_eq!(once.len(), frames + workbooks + 2, "frames, workbooks, marker and README, nothing left over");
    }
}

#[test]
fn another_seed_shows_other_people() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = [5, 6].map(|seed| {
        let below = folder.path().join(seed.to_string());
        written(&StandInSettings { seed, clips: Some(1), ..small(Layout::Mmew) }, 1, &below);
        hashes(&below).into_iter().filter(|(name, _)| name.ends_with(".jpg")).map(|(_, hash)| hash).collect::<Vec<_>>()
    });
    assert!(pictures[0].iter().all(|hash| !pictures[1].contains(hash)));
}

#[test]
fn a_run_that_was_stopped_goes_on_to_the_same_bytes() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let settings = small(Layout::Samm);
    written(&settings, 2, folders[0].path());
    written(&settings, 2, folders[1].path());
    let plan = settings.plan().unwrap();
    let film = folders[1].path().join(plan.folder(&plan.clips[1]));
    // as if it had been stopped within the second film, before the workbook
    std::fs::rename(&film, film.with_file_name(".half.partial")).unwrap();
    std::fs::remove_dir_all(film.with_file_name(".half.partial")).unwrap();
    std::fs::remove_file(folders[1].path().join("SAMM_Micro_FACS_Codes_v2.xlsx")).unwrap();
    written(&settings, 2, folders[1].path());
    assert_eq!(hashes(folders[0].path()), hashes(folders[1].path()));
}

#[test]
fn folders_of_something_else_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.tex"), b"years of work").unwrap();
    let plan = small(Layout::Samm).plan().unwrap();
    let error = write_stand_in(&plan, folder.path(), &|_| ()).unwrap_err();
    assert!(matches!(error, SynthError::Occupied { .. }), "{error}");
    assert_eq!(hashes(folder.path()).len(), 1);

    let own = tempfile::tempdir().unwrap();
    written(&small(Layout::Samm), 2, own.path());
    let other = StandInSettings { seed: 6, ..small(Layout::Samm) }.plan().unwrap();
    let error = write_stand_in(&other, own.path(), &|_| ()).unwrap_err();
    assert!(error.to_string().contains("other settings"), "{error}");
}

#[test]
fn a_stand_in_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    written(&StandInSettings { clips: Some(1), ..small(Layout::Casme2) }, 1, folder.path());
    let readme = std::fs::read_to_string(folder.path().join(README_NAME)).unwrap();
    assert!(readme.contains("generated") && readme.contains("no real person"), "{readme}");
    let marker = std::fs::read_to_string(folder.path().join(MARKER_NAME)).unwrap();
    assert!(marker.contains(r#""layout": "casme2""#), "{marker}");
}

/// What calamine reads where a cell was planned.
fn same(cell: &Cell, read: Option<&Data>) -> bool {
    match (cell, read) {
        (Cell::Blank, None | Some(Data::Empty)) => true,
        (Cell::Number(number), Some(Data::Float(read))) => number == read,
        (Cell::Text(text), Some(Data::String(read))) => text == read,
        _ => false,
    }
}

fn assert_read_back(folder: &Path, workbook: &Workbook) {
    let mut file: Xlsx<_> = open_workbook(folder.join(&workbook.path)).unwrap();
    let names: Vec<&str> = workbook.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(file.sheet_names(), names);
    for sheet in &workbook.sheets {
        let range = file.worksheet_range(&sheet.name).unwrap();
        for (row, cells) in (0..).zip(&sheet.rows) {
            for (column, cell) in (0..).zip(cells) {
                let read = range.get_value((row, column));
                assert!(same(cell, read), "{} {row},{column}: {cell:?} read as {read:?}", workbook.path);
            }
        }
        let planned = sheet.rows.iter().flatten().filter(|cell| **cell != Cell::Blank).count();
        assert_eq!(range.used_cells().count(), planned, "{} holds cells that were not planned", workbook.path);
    }
}

#[test]
fn workbooks_of_every_layout_are_read_back_cell_by_cell() {
    for layout in Layout::ALL {
        let folder = tempfile::tempdir().unwrap();
        let settings = StandInSettings { frame_size: Some([64, 64]), clips: Some(2), ..small(layout) };
        written(&settings, 2, folder.path());
        for workbook in settings.plan().unwrap().workbooks() {
            assert_read_back(folder.path(), &workbook);
        }
    }
}

#[test]
fn crops_and_grey_frames_are_stored_as_the_data_sets_store_them() {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        StandInSettings { kind: FrameKind::Cropped, frame_size: None, clips: Some(1), ..small(Layout::Smic) };
    written(&settings, 1, &folder.path().join("smic"));
    let frames = hashes(&folder.path().join("smic"));
    let bmp: Vec<&String> = frames.keys().filter(|name| name.ends_with(".bmp")).collect();
    assert!(!bmp.is_empty() && bmp.iter().all(|name| name.starts_with("SMIC_all_cropped/HS/s")), "{bmp:?}");
    written(&StandInSettings { clips: Some(1), ..small(Layout::Samm) }, 1, &folder.path().join("samm"));
    let name = hashes(&folder.path().join("samm")).into_keys().find(|name| name.ends_with(".jpg")).unwrap();
    let picture = image::open(folder.path().join("samm").join(name)).unwrap();
    assert_eq!((picture.color(), picture.width(), picture.height()), (image::ColorType::L8, 96, 72));
}
