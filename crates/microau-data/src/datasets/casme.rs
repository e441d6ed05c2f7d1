//! CASME: 19 subjects, 195 clips (189 are used by others) at 60 frames a second, 640×480 and 1280×720.
//!
//! **Table.** `casme.xlsx` or `casme.xls`: Subject, Filename, *blank*, OnsetF, ApexF1, ApexF2, OffsetF, *blank*, AU, Emotion.
//! A clip may have two apexes; the first is taken, the second only where the first is missing. Eight emotions, `tense` and
//! `repression` among them. No objective classes.
//!
//! **Frames.** `sub01/EP01_12/…jpg`, numbered in the names.

use super::Layout;
use super::corrections::{Correction, frame};
use super::recipe::{Columns, RawRow, Recipe, Source, two_digits};
use crate::problems::{Problems, Severity};

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Casme,
    files: &["casme.xls*", "casme.csv"],
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["OnsetF", "OnsetFrame"],
        apex: &["ApexF1", "ApexF"],
        offset: &["OffsetF", "OffsetFrame"],
        aus: &["AU", "Action Units"],
        emotion: &["Emotion", "Estimated Emotion"],
        ..Columns::NONE
    },
    rate_fps: 60,
    roots: &["raw", "selected", "cropped"],
    tails: |row| vec![format!("sub{}/{}", two_digits(&row.subject), row.clip)],
    rows,
    corrections: &[
        Correction::all(40, 100, 120, 149),
        Correction::all(42, 101, 110, 119),
        Correction::all(43, 57, 65, 74),
        Correction::offset(54, 40),
        Correction::offset(140, 142),
    ],
    ..Recipe::PLAIN
};

/// The rows, with the second apex where the first is missing.
fn rows(source: &Source, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
    let mut rows = source.rows(problems)?;
    let (sheet, header) = source.table()?;
    let Some(second) = sheet.column(header, &["ApexF2"]) else { return Ok(rows) };
    for row in rows.iter_mut().filter(|row| frame(&row.apex) == Ok(None)) {
        let apex = sheet.cell(header + 1 + row.number, second).text();
        if frame(&apex).is_ok_and(|apex| apex.is_some()) {
            problems.add(Severity::Note, &row.place, "ApexF1", row.apex.clone(), format!("ApexF2 is taken: {apex}"));
            row.apex = apex;
        }
    }
    Ok(rows)
}
