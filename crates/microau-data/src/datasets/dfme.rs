//! DFME, its annotations: 671 subjects, 7,526 micro-expressions, up to 500 frames a second; the table of the training part has
//! 1,856 rows of 176 subjects.
//!
//! **Table.** `training_full_with_AU.xlsx`: Subject, Filename, OnsetFrame, ApexFrame, OffsetFrame, Emotion, EmotionId, Fps, AU. The
//! rate stands in every row. No objective classes.
//!
//! **Frames.** No layout of the frames is published in what is known here: folders named by the clip are used when they are there
//! and not missed when not.

use super::Layout;
use super::recipe::{Columns, Recipe, as_written};

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Dfme,
    files: &["training_full_with_AU*.xls*", "training_full_with_AU*.csv"],
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["OnsetFrame"],
        apex: &["ApexFrame"],
        offset: &["OffsetFrame"],
        aus: &["AU"],
        emotion: &["Emotion"],
        rate: &["Fps"],
        ..Columns::NONE
    },
    rate_fps: 200,
    tails: |row| vec![row.clip.clone(), format!("{}/{}", row.subject, row.clip)],
    clip_depth: 0,
    subject: as_written,
    is_annotation_only: true,
    ..Recipe::PLAIN
};
