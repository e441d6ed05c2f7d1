//! 4DME, its grey films: 56 subjects, 267 micro-expressions at 60 frames a second, 640×480.
//!
//! **Table.** `4DME_Labelling_Micro_release v1.xlsx`: sub_ID, fold_name, Emotion, Onset, Apex, Offset, AUs, one column for each
//! of 22 action units, Positive, Negative, Surprise, Repression, Others, eye blink, Total, fold. `fold_name` is the clip's
//! folder. The column `AUs` is read, not the single ones: only it holds the marks (`AU4+AU7(k)`). What `(k)` means is not
//! stated; its loader takes such units for absent, and so does the default policy here. A clip may have several emotions.
//!
//! **Frames.** `gray_micro/{subject}/{clip}/`.
//!
//! **Error.** Rows 144 and 145 are exchanged from the column of action units on. Nothing in them shows it, so only
//! `corrections = "row-keyed"` exchanges them back; a note tells it otherwise.

use super::Layout;
use super::corrections::Correction;
use super::recipe::{Columns, RawRow, Recipe, Source, as_written};
use crate::problems::Problems;

/// Columns that tell the emotion where the cell `Emotion` is empty.
const EMOTIONS: [&str; 5] = ["Positive", "Negative", "Surprise", "Repression", "Others"];

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::FourDme,
    files: &["4DME_Labelling_Micro*.xls*", "4DME_Labelling_Micro*.csv"],
    columns: Columns {
        subject: &["sub_ID"],
        clip: &["fold_name"],
        onset: &["Onset"],
        apex: &["Apex"],
        offset: &["Offset"],
        aus: &["AUs"],
        emotion: &["Emotion"],
        ..Columns::NONE
    },
    rate_fps: 60,
    roots: &["gray_micro", "gray"],
    tails: |row| vec![format!("{}/{}", row.subject.trim(), row.clip)],
    rows,
    subject: as_written,
    corrections: &[Correction::Swap { rows: [144, 145] }],
    ..Recipe::PLAIN
};

fn rows(source: &Source, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
    let mut rows = source.rows(problems)?;
    let (sheet, header) = source.table()?;
    let columns = EMOTIONS.map(|name| (name, sheet.column(header, &[name])));
    for row in rows.iter_mut().filter(|row| row.emotion.is_empty()) {
        let is_set = |column: Option<usize>| {
            column
                .is_some_and(|column| !["", "0"].contains(&sheet.cell(header + 1 + row.number, column).text().as_str()))
        };
        let set: Vec<&str> = columns.iter().filter(|(_, column)| is_set(*column)).map(|(name, _)| *name).collect();
        row.emotion = set.join("+");
    }
    Ok(rows)
}
