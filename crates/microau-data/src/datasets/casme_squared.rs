//! CAS(ME)²: 22 subjects, 57 micro-expressions (and 300 macro-expressions) at 30 frames a second, 640×480.
//!
//! **Table.** `CAS(ME)^2code_final(Updated).xlsx`, **without a header**: participant, video and expression number (`anger1_1`),
//! onset, apex, offset, action units, estimated emotion, macro- or micro-expression, self-report. Macro-expressions are
//! passed over. The second sheet maps participants to the numbers in folder names (1 → 15, 2 → 16, 3 → 19 … 22 → 40), the
//! third a video's name (`anger1`) to its code (`0401`). An offset of 0 means that none was seen: it is left empty.
//!
//! **Subjects** are called by the numbers of the folders, `casme_squared-15`.
//!
//! **Frames.** `rawpic/s15/15_0101disgustingteeth/img1.jpg`. One folder lies with the wrong subject, `s19/23_0502funnyerrors`
//! of s23: the number before the underscore decides.

use std::collections::BTreeMap;

use super::Layout;
use super::recipe::{Columns, RawRow, Recipe, Source, as_written, padded};
use crate::problems::{Place, Problems, Severity};
use crate::workbook::Sheet;

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::CasmeSquared,
    files: &["CAS(ME)^2code_final*.xls*"],
    columns: Columns::NONE,
    rate_fps: 30,
    roots: &["rawpic", "selectedpic", "cropped"],
    tails: |row| vec![format!("s{}/{}*", row.subject, row.folder), format!("*/{}*", row.folder)],
    clip_depth: 0,
    rows,
    subject: as_written,
    ..Recipe::PLAIN
};

// columns by their places
const PARTICIPANT: usize = 0;
const VIDEO: usize = 1;
const ONSET: usize = 2;
const APEX: usize = 3;
const OFFSET: usize = 4;
const AUS: usize = 5;
const EMOTION: usize = 6;
const KIND: usize = 7;

fn rows(source: &Source, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
    let book = &source.workbook;
    let [coding, subjects, videos, ..] = book.sheets.as_slice() else {
        let got = book.sheets.len().to_string();
        let expected = "expected three sheets: the coding, the subjects, the videos";
        return Err(Problems::one(&book.path, "sheets", got, expected));
    };
    let (subjects, videos) = (pairs(subjects), pairs(videos));
    let (mut rows, mut macros) = (Vec::new(), 0);
    for number in (0..coding.rows.len()).filter(|&row| !coding.is_blank(row)) {
        let text = |column: usize| coding.cell(number, column).text();
        let place = book.place(coding, number);
        if text(KIND).to_lowercase().contains("macro") {
            macros += 1;
            continue;
        }
        if !text(KIND).to_lowercase().contains("micro") {
            let words: Vec<String> = coding.rows[number].iter().map(|cell| cell.text()).collect();
            problems.add(Severity::Note, &place, "row", words.join(" ").trim(), "neither macro nor micro, passed over");
            continue;
        }
        let video = text(VIDEO);
        let Some(subject) = subjects.get(&text(PARTICIPANT)) else {
            let expected = "expected a participant of the second sheet";
            problems.add(Severity::Error, &place, "participant", text(PARTICIPANT), expected);
            continue;
        };
        let Some(code) = videos.get(&video.rsplit_once('_').map_or(video.as_str(), |(name, _)| name).to_lowercase())
        else {
            problems.add(Severity::Error, &place, "video", video, "expected a video of the third sheet");
            continue;
        };
        rows.push(RawRow {
            place,
            number,
            subject: subject.clone(),
            clip: video,
            folder: format!("{subject}_{}", padded(code, 4)),
            onset: text(ONSET),
            apex: text(APEX),
            offset: if text(OFFSET) == "0" { String::new() } else { text(OFFSET) },
            aus: Some(text(AUS)),
            emotion: text(EMOTION),
            ..RawRow::default()
        });
    }
    if macros > 0 {
        let message = "macro-expressions, passed over";
        problems.add(Severity::Note, &Place::whole(&book.path), "rows", crate::problems::counted_rows(macros), message);
    }
    Ok(rows)
}

/// The first two filled cells of every row, each naming the other: the order of the columns is not published.
fn pairs(sheet: &Sheet) -> BTreeMap<String, String> {
    let filled = |cells: &Vec<crate::workbook::Cell>| {
        let mut texts = cells.iter().filter(|cell| !cell.is_empty()).map(|cell| cell.text());
        Some((texts.next()?, texts.next()?))
    };
    let both: Vec<(String, String)> = sheet.rows.iter().filter_map(filled).collect();
    let backwards = both.iter().map(|(left, right)| (right.to_lowercase(), left.clone()));
    let forwards = both.iter().map(|(left, right)| (left.to_lowercase(), right.clone()));
    // the left column is the key where both could be
    backwards.chain(forwards).collect()
}
