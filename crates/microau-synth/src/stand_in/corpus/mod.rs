//! One file a data set: its figures, its names, its workbooks and what is odd about it.
//!
//! Heads of files say what is *published*; everything else that a set must have (how many tokens carry a side, which AUs
//! beyond the twelve occur how often, which clip belongs to whom) is ours.

pub mod casme;
pub mod casme2;
pub mod casme3a;
pub mod casme3c;
pub mod casme_squared;
pub mod dfme;
pub mod four_dme;
pub mod mmew;
pub mod samm;
pub mod samm_lv;
pub mod smic;

use super::codes::Codes;
use super::deal::class_index;
use super::plan::PlannedClip;
use super::sheet::Cell;

/// A number in the cell of a single plain AU, text otherwise.
fn spreadsheet_aus(clip: &PlannedClip) -> Cell {
    match &clip.codes[..] {
        [code] if clip.is_plain() => Cell::from(u32::from(code.au)),
        _ => Cell::from(clip.cell()),
    }
}

/// Objective class as a number, 1 to 7.
fn class_number(clip: &PlannedClip) -> u32 {
    class_index(clip.class) as u32 + 1
}

/// Whether a code of a clip counts among `set`.
fn shows(clip: &PlannedClip, set: Codes) -> bool {
    clip.counted().contains_any(set)
}
