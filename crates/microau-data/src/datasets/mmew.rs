//! MMEW: 36 subjects, 30 of them with 300 micro-expressions, at 90 frames a second, 1920×1080 with crops of 400×400.
//!
//! **Table.** `MMEW_Micro_Exp.xlsx`: Subject, Filename (`S01-07-001`: person, emotion, sample), OnsetFrame, ApexFrame, OffsetFrame,
//! Action Units, Estimated Emotion, remarks. Seven emotions, no objective classes.
//!
//! **Frames.** `Micro_Expression/{emotion}/S01-07-001/1.jpg`, numbered from 1. The folder of the emotion is not taken from the
//! table: wherever the clip's folder lies below one, it is found.

use super::Layout;
use super::corrections::Correction;
use super::recipe::{Columns, Recipe, two_digits};

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Mmew,
    files: &["MMEW_Micro_Exp*.xls*", "MMEW_Micro_Exp*.csv"],
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["OnsetFrame"],
        apex: &["ApexFrame"],
        offset: &["OffsetFrame"],
        aus: &["Action Units"],
        emotion: &["Estimated Emotion"],
        ..Columns::NONE
    },
    rate_fps: 90,
    roots: &["micro_expression"],
    tails: |row| vec![format!("*/{}", row.clip)],
    subject: |cell| two_digits(cell.trim().trim_start_matches(['s', 'S'])),
    corrections: &[
        Correction::apex_and_offset(33, 40, 75),
        Correction::apex_and_offset(35, 15, 54),
        Correction::apex_and_offset(36, 46, 59),
        Correction::apex_and_offset(37, 20, 98),
        Correction::apex_and_offset(38, 25, 80),
        Correction::apex_and_offset(39, 20, 93),
        Correction::apex_and_offset(40, 23, 58),
        Correction::apex_and_offset(41, 28, 61),
        Correction::apex_and_offset(42, 32, 68),
        Correction::apex_and_offset(142, 56, 88),
        Correction::apex_and_offset(143, 32, 80),
        Correction::apex_and_offset(145, 27, 85),
        Correction::apex_and_offset(146, 22, 61),
        Correction::apex_and_offset(148, 29, 108),
        Correction::apex_and_offset(154, 31, 72),
        Correction::apex_and_offset(156, 38, 106),
    ],
    ..Recipe::PLAIN
};
