//! CASME II: 26 subjects, 255 clips at 200 frames a second, 640×480 with a face of about 280×340 px.
//!
//! **Table.** `CASME2-coding-20140508.xlsx` (also `-20190701`, `-updated`, and `CASME2_label_Ver_2.xls`): `Sheet1` and two empty
//! sheets. Columns: Subject, Filename, *blank*, OnsetFrame, ApexFrame, OffsetFrame, *blank*, Action Units, Estimated
//! Emotion. Subjects are texts (`01`). About half of the cells of action units are numbers (`4` stored as 4.0), the others
//! texts (`4+L10`, `R14`, `?`). An apex may be `/`, missing; some are the onset or the offset itself.
//!
//! **Objective classes** stand in a table of their own, `CASME2-ObjectiveClasses.xlsx` (Subject, Filename, Objective Class
//! 1 to 7), which is read when it lies beside; without it the column stays empty.
//!
//! **Frames.** `CASME2_RAW/CASME2-RAW/sub01/EP02_01f/img46.jpg` (whole films), `CASME2_RAW_selected/…` (onset to offset) or
//! `Cropped/sub01/EP02_01f/reg_img46.jpg` (registered faces); the numbers are the same in all. Two folders have no row:
//! sub09/EP02_02f and sub24/EP02_07.
//!
//! **Rules.** Pictures of subjects 12 and 22 must not be published. Emotions are happiness, surprise, disgust, sadness, fear,
//! repression and others; the estimated emotion follows more than the action units (the same set is `others` and `disgust`).

use std::collections::BTreeMap;

use super::Layout;
use super::corrections::Correction;
use super::find;
use super::recipe::{Columns, RawRow, Recipe, Source, two_digits};
use crate::problems::{Place, Problems, Severity};
use crate::workbook::Workbook;

/// File of the objective classes.
const CLASSES: &[&str] = &["CASME2-ObjectiveClasses*.xls*", "CASME2-ObjectiveClasses*.csv"];

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Casme2,
    files: &["CASME2-coding*.xls*", "CASME2-coding*.csv", "CASME2_label*.xls*", "CASME2_label*.csv"],
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["OnsetFrame", "OnsetF"],
        apex: &["ApexFrame", "ApexF"],
        offset: &["OffsetFrame", "OffsetF"],
        aus: &["Action Units", "AU"],
        emotion: &["Estimated Emotion", "Emotion"],
        objective_class: &["Objective Class"],
        ..Columns::NONE
    },
    rate_fps: 200,
    roots: &["casme2-raw", "selected", "raw", "cropped"],
    tails: |row| vec![format!("sub{}/{}", two_digits(&row.subject), row.clip)],
    rows,
    not_to_be_shown: &["12", "22"],
    corrections: &[
        Correction::apex(29, 279),
        Correction::apex(35, 68),
        Correction::apex(43, 77),
        Correction::apex(45, 81),
        Correction::apex(51, 166),
        Correction::apex(53, 100),
        Correction::apex_and_offset(60, 78, 91),
        Correction::apex(117, 187),
        Correction::apex(118, 89),
        Correction::apex(126, 80),
        Correction::apex(136, 88),
        Correction::apex(147, 134),
        Correction::apex(155, 231),
        Correction::apex(168, 53),
        Correction::apex(170, 329),
        Correction::apex(177, 111),
        Correction::apex(202, 91),
        Correction::apex(203, 103),
        Correction::apex(234, 98),
        Correction::apex(237, 153),
        Correction::apex(238, 98),
    ],
    ..Recipe::PLAIN
};

fn rows(source: &Source, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
    let mut rows = source.rows(problems)?;
    let classes = match find::table(CLASSES, &source.dir) {
        Ok(path) => classes(&Workbook::read(&path)?)?,
        Err(_) => {
            let message = "not found: objective classes stay empty";
            problems.add(Severity::Note, &Place::whole(&source.dir), "CASME2-ObjectiveClasses.xlsx", "", message);
            return Ok(rows);
        }
    };
    for row in rows.iter_mut().filter(|row| row.objective_class.is_empty()) {
        match classes.get(&(two_digits(&row.subject), row.clip.clone())) {
            Some(class) => row.objective_class.clone_from(class),
            None => {
                let message = "expected a row for it in the table of objective classes";
                problems.add(Severity::Warning, &row.place, "objective class", row.clip.clone(), message);
            }
        }
    }
    Ok(rows)
}

/// Objective class by subject and clip.
fn classes(book: &Workbook) -> Result<BTreeMap<(String, String), String>, Problems> {
    let names = ["Subject", "Filename", "Objective Class"];
    let (sheet, header) = book.table(None, &names).ok_or_else(|| {
        let expected = format!("expected a header row with the columns {}", names.join(", "));
        Problems::one(&book.path, "sheets", "", expected)
    })?;
    let columns = names.map(|name| sheet.column(header, &[name]).unwrap_or_default());
    let row = |row: usize| {
        let [subject, clip, class] = columns.map(|column| sheet.cell(row, column).text());
        ((two_digits(&subject), clip), class)
    };
    Ok((header + 1..sheet.rows.len()).map(row).collect())
}
