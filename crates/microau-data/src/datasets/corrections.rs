//! Corrections of the datasets' tables that others have published.
//!
//! They name a row of a file, not a clip, and never the value they replace. So a correction is taken only where it mends
//! what cannot be: a cell without a number, frames out of order, or a frame that is not on disk where the corrected one
//! is; and only when the row is in order with it. One that does not fit the file at hand is told and left. `row-keyed`
//! takes them all by their rows, which is right only for the very file that their authors had.

use serde::{Deserialize, Serialize};

use super::recipe::{RawRow, Recipe};
use crate::annotation::{Alternative, Annotation, AuPolicy};
use crate::frames::FrameFiles;
use crate::index::in_order;
use crate::problems::{Problems, Severity};

/// Which corrections are applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Corrections {
    /// Those that mend a row which cannot be as it stands.
    #[default]
    Guarded,
    /// All, by their rows.
    RowKeyed,
    /// None.
    Off,
}

/// One published correction; rows are counted from 0 below the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Correction {
    /// Other frames; `None` leaves a frame as it is.
    Frames { row: usize, onset: Option<u64>, apex: Option<u64>, offset: Option<u64> },
    /// Which of several units holds where the cell says `or`.
    Choice { row: usize, aus: &'static str },
    /// Two rows have exchanged their action units.
    Swap { rows: [usize; 2] },
}

impl Correction {
    pub const fn onset(row: usize, onset: u64) -> Correction {
        Correction::Frames { row, onset: Some(onset), apex: None, offset: None }
    }

    pub const fn apex(row: usize, apex: u64) -> Correction {
        Correction::Frames { row, onset: None, apex: Some(apex), offset: None }
    }

    pub const fn offset(row: usize, offset: u64) -> Correction {
        Correction::Frames { row, onset: None, apex: None, offset: Some(offset) }
    }

    pub const fn apex_and_offset(row: usize, apex: u64, offset: u64) -> Correction {
        Correction::Frames { row, onset: None, apex: Some(apex), offset: Some(offset) }
    }

    pub const fn all(row: usize, onset: u64, apex: u64, offset: u64) -> Correction {
        Correction::Frames { row, onset: Some(onset), apex: Some(apex), offset: Some(offset) }
    }
}

/// A frame's cell: a number, or nothing where it is empty or `/`.
///
/// # Errors
/// For any other text.
pub(super) fn frame(cell: &str) -> Result<Option<u64>, ()> {
    match cell.trim() {
        "" | "/" => Ok(None),
        // no film has four thousand million frames; larger numbers are dates or accidents
        text => text.parse::<u32>().map(|number| Some(number.into())).map_err(|_| ()),
    }
}

/// A row with the corrections that fit it; what was done, or why it was not, is told.
pub(super) fn corrected(
    row: &RawRow,
    recipe: &Recipe,
    files: Option<&FrameFiles>,
    mode: Corrections,
    policy: &AuPolicy,
    problems: &mut Problems,
) -> RawRow {
    let mut row = row.clone();
    if mode == Corrections::Off {
        return row;
    }
    for correction in recipe.corrections {
        match *correction {
            Correction::Frames { row: number, onset, apex, offset } if number == row.number => {
                frames(&mut row, [onset, apex, offset], recipe, files, mode, problems);
            }
            Correction::Choice { row: number, aus }
                if number == row.number && policy.alternative == Alternative::Listed =>
            {
                choose(&mut row, aus, recipe, problems);
            }
            _ => {}
        }
    }
    row
}

fn frames(
    row: &mut RawRow,
    becomes: [Option<u64>; 3],
    recipe: &Recipe,
    files: Option<&FrameFiles>,
    mode: Corrections,
    problems: &mut Problems,
) {
    let old = [&row.onset, &row.apex, &row.offset].map(|cell| frame(cell).ok().flatten());
    let changes = |i: usize| becomes[i].is_some() && becomes[i] != old[i];
    if !(0..3).any(changes) {
        return;
    }
    let fits = |frames: [Option<u64>; 3]| frames[0].is_some_and(|onset| in_order(onset, frames[1], frames[2]));
    let is_there = |frame: Option<u64>| frame.is_some_and(|frame| files.is_none_or(|files| files.contains(frame)));
    let mends = |i: usize| changes(i) && (old[i].is_none() || (!is_there(old[i]) && is_there(becomes[i])));
    let new: [Option<u64>; 3] = std::array::from_fn(|i| becomes[i].or(old[i]));
    let is_justified = !fits(old) || (0..3).any(mends);
    let names = ["onset", "apex", "offset"];
    let listed: Vec<String> =
        (0..3).filter(|&i| changes(i)).filter_map(|i| Some(format!("{} {}", names[i], becomes[i]?))).collect();
    let value = format!("{}, {}, {}", row.onset, row.apex, row.offset);
    let source = recipe.corrected_by;
    if mode == Corrections::RowKeyed || (is_justified && fits(new)) {
        let message = format!("corrected: {} (source: {source})", listed.join(", "));
        problems.add(Severity::Note, &row.place, "frames", value, message);
        [&mut row.onset, &mut row.apex, &mut row.offset]
            .into_iter()
            .zip(becomes)
            .for_each(|(cell, becomes)| becomes.into_iter().for_each(|frame| *cell = frame.to_string()));
    } else {
        let why = if fits(new) { "the row is in order as it stands" } else { "it does not fit this row" };
        let message = format!(
            "not corrected: {} is listed for this row of the published file (source: {source}), but {why}",
            listed.join(", ")
        );
        problems.add(Severity::Note, &row.place, "frames", value, message);
    }
}

/// Takes the listed alternative when it is one of those in the cell.
fn choose(row: &mut RawRow, aus: &'static str, recipe: &Recipe, problems: &mut Problems) {
    let old = row.aus.clone().unwrap_or_default();
    let (Ok(cell), Ok(listed)) = (old.parse::<Annotation>(), aus.parse::<Annotation>()) else { return };
    if cell.coded.iter().all(|units| units.len() == 1) && cell == listed {
        return;
    }
    let source = recipe.corrected_by;
    let is_one_of_them = cell.coded.len() == listed.coded.len()
        && cell.coded.iter().zip(&listed.coded).all(|(units, chosen)| units.contains(&chosen[0]))
        && cell.coded.iter().any(|units| units.len() > 1);
    let message = if is_one_of_them {
        row.aus = Some(aus.to_owned());
        format!("corrected: {aus} (source: {source})")
    } else {
        format!(
            "not corrected: {aus} is listed for this row of the published file (source: {source}), but does not fit"
        )
    };
    problems.add(Severity::Note, &row.place, "action units", old, message);
}

/// Exchanges the action units of rows that are listed so. Nothing in a row shows that it is wrong, so only by row.
pub(super) fn swap(recipe: &Recipe, mode: Corrections, rows: &mut [RawRow], problems: &mut Problems) {
    for correction in recipe.corrections {
        let Correction::Swap { rows: numbers } = *correction else { continue };
        let [Some(first), Some(second)] = numbers.map(|number| rows.iter().position(|row| row.number == number)) else {
            continue;
        };
        let value = [first, second].map(|row| rows[row].aus.clone().unwrap_or_default()).join(" and ");
        let (place, source) = (rows[first].place.clone(), recipe.corrected_by);
        let message = if mode == Corrections::RowKeyed {
            let other = rows[second].aus.clone();
            rows[second].aus = std::mem::replace(&mut rows[first].aus, other);
            format!("corrected: exchanged with the next row (source: {source})")
        } else {
            format!(
                "not corrected: this row of the published file and the next are listed as exchanged (source: {source}); \
                 corrections = row-keyed exchanges them"
            )
        };
        if mode != Corrections::Off {
            problems.add(Severity::Note, &place, "action units", value, message);
        }
    }
}
