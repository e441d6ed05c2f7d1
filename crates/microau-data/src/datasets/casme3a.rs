//! CAS(ME)³, part A: 100 subjects; 860 micro-expressions of 94 subjects in 463 clips, 30 frames a second, 1280×720 with depth.
//!
//! **Table.** `cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx`: Subject (`spNO.1`), Filename (`a`), Onset, Apex, Offset, AU, Objective
//! class (I to VII), emotion; every cell is a text. `CAS(ME)3_part_A_v1.xls` and `v2.xls` hold macro-expressions too (column
//! `Expression type`), which are passed over. In v1 22 micro-expressions are labelled wrongly: a warning says so.
//!
//! **Clips.** One film holds several movements, so a subject's file names repeat: the later ones get 2, 3 … behind the name.
//! Emotions stand in two spellings (`others`, `Others`), and shorter than elsewhere (`sad`, `happy`).
//!
//! **Frames.** `spNO.1/a/color/N.jpg`; beside it `depth/`, which is not read. The authors' list of damaged images
//! (jingtingEmmaLi/CAS-ME-3, exception/) is not needed: frames that are not there are told.
//!
//! **Errors.** Rows 495, 562 and 581 are very long; every movement of more than two seconds is told.

use super::Layout;
use super::corrections::Correction;
use super::recipe::{Columns, RawRow, Recipe, Source, as_written};
use crate::problems::{Place, Problems, Severity};

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Casme3a,
    files: &["cas(me)3_part_A*.xls*", "cas(me)3_part_A*.csv"],
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["Onset"],
        apex: &["Apex"],
        offset: &["Offset"],
        aus: &["AU"],
        emotion: &["emotion"],
        objective_class: &["Objective class"],
        kind: &["Expression type"],
        ..Columns::NONE
    },
    rate_fps: 30,
    roots: &["part_a", "part a"],
    tails: |row| vec![format!("{}/{}/color", row.subject.trim(), row.clip)],
    rows,
    subject: as_written,
    repeats_names: true,
    corrections: &[
        Correction::apex(128, 123),
        Correction::offset(708, 34),
        Correction::onset(749, 2647),
        Correction::Frames { row: 750, onset: Some(1), apex: Some(1), offset: None },
        Correction::offset(796, 1845),
        Correction::offset(798, 2403),
    ],
    ..Recipe::PLAIN
};

fn rows(source: &Source, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
    let path = &source.workbook.path;
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if name.contains("v1") {
        let message = "22 micro-expressions are labelled wrongly in v1 (source: jingtingEmmaLi/CAS-ME-3); take v2";
        problems.add(Severity::Warning, &Place::whole(path), "version", "v1", message);
    }
    source.rows(problems)
}
