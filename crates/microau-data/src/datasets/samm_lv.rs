//! SAMM Long Videos, its annotations: 32 subjects, 159 micro- and 343 macro-expressions, 200 frames a second.
//!
//! **Table.** `SAMM_LongVideos_V2_Release.xlsx` or `…V3…`: ten rows of text above the header, whose row is searched. Columns as in
//! SAMM, with `Type` for macro or micro; macro-expressions are passed over.
//!
//! **Frames.** `SAMM_longvideos/006_1/…`, one film for several movements: the first two parts of a clip's name. They are used when
//! they are there and not missed when not.

use super::Layout;
use super::recipe::{Columns, Recipe, three_digits};

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::SammLv,
    files: &["SAMM_LongVideos*.xls*", "SAMM_LongVideos*.csv"],
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["Onset", "Onset Frame"],
        apex: &["Apex", "Apex Frame"],
        offset: &["Offset", "Offset Frame"],
        aus: &["Action Units"],
        emotion: &["Estimated Emotion"],
        kind: &["Type", "Micro"],
        ..Columns::NONE
    },
    rate_fps: 200,
    roots: &["samm_longvideos"],
    tails: |row| {
        let parts: Vec<&str> = row.clip.splitn(3, '_').take(2).collect();
        vec![parts.join("_")]
    },
    clip_depth: 0,
    subject: three_digits,
    is_annotation_only: true,
    ..Recipe::PLAIN
};
