//! CAS(ME)³, part C: 31 subjects, 30 of them with 165 micro-expressions, 30 frames a second.
//!
//! **Table.** sub, count, onset, offset, au, emotion. `count` numbers the movements of a subject and names the clip here; repeated
//! ones get 2, 3 … behind. There is **no apex**. Cells of action units separate with commas, Chinese ones too, sometimes with
//! one left over at the end (`R4,5`, `4，5，`), and mark doubt (`4?`). No objective classes.
//!
//! **Files.** No name of the table and no layout of the frames is published in what is known here: a file with `part_C` in its
//! name is taken, and frames in `{sub}/{count}` or `{sub}`, with or without `color` below. A subject's cell may hold its
//! number only, where folders are named as in part A (`spNO.1`).

use super::Layout;
use super::recipe::{Columns, Recipe, as_written};

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Casme3c,
    files: &["*part_C*.xls*", "*part_C*.csv", "*partC*.xls*", "*part C*.xls*"],
    columns: Columns {
        subject: &["sub", "Subject"],
        clip: &["count"],
        onset: &["onset"],
        offset: &["offset"],
        aus: &["au"],
        emotion: &["emotion"],
        ..Columns::NONE
    },
    rate_fps: 30,
    roots: &["part_c", "part c"],
    tails: |row| {
        let (subject, clip) = (row.subject.trim(), &row.clip);
        let of = |name: String| [format!("{name}/{clip}/color"), format!("{name}/{clip}/"), format!("{name}/color")];
        [of(format!("spNO.{}", subject.trim_start_matches("spNO."))), of(subject.to_owned())].concat()
    },
    clip_depth: 0,
    subject: as_written,
    repeats_names: true,
    has_apex: false,
    ..Recipe::PLAIN
};
