//! SAMM: 32 subjects, 29 of them with 159 micro-expressions, at 200 frames a second, 2040×1088 grey.
//!
//! **Table.** `SAMM_Micro_FACS_Codes_v2.xlsx`, sheet `MICRO_ONLY`. Thirteen rows of text stand above the header of v2; in the
//! version of 2018-12-15 it is the first row: so the row whose cell is `Subject` is searched. Columns: Subject, Filename,
//! Inducement Code, Onset Frame, Apex Frame, Offset Frame, Duration, Micro, Action Units, Estimated Emotion, Objective Classes,
//! Notes. Action units carry sides, asymmetry and intensities (`A12B`, `L7A`, `A/L12`), references (`ref(7B)`) and
//! alternatives (`(R6 or R12)+R15`), which the policy decides.
//!
//! **Frames.** `006/006_1_2/006_05562.jpg`: the number behind the subject's. In six clips the released frames are named wrongly
//! (013_1_12, 013_1_8, 017_3_2, 026_1_1, 026_1_2, 035_7_2; source: ReturnYG/MER2): a note says so, and frames that are not
//! there are errors as anywhere.
//!
//! **Classes.** Eight emotions, objective classes I to VII. The authors left extra codes out of account when classing.

use super::Layout;
use super::corrections::Correction;
use super::recipe::{Columns, RawRow, Recipe, Source, three_digits};
use crate::problems::{Problems, Severity};

/// Clips whose frames are named wrongly in the release.
const WRONG_NAMES: [&str; 6] = ["013_1_12", "013_1_8", "017_3_2", "026_1_1", "026_1_2", "035_7_2"];

pub(super) static RECIPE: Recipe = Recipe {
    layout: Layout::Samm,
    files: &["SAMM_Micro_FACS_Codes*.xls*", "SAMM_Micro_FACS_Codes*.csv"],
    sheet: Some("MICRO_ONLY"),
    columns: Columns {
        subject: &["Subject"],
        clip: &["Filename"],
        onset: &["Onset Frame", "Onset"],
        apex: &["Apex Frame", "Apex"],
        offset: &["Offset Frame", "Offset"],
        aus: &["Action Units"],
        emotion: &["Estimated Emotion"],
        objective_class: &["Objective Classes", "Objective Class"],
        kind: &["Micro"],
        ..Columns::NONE
    },
    rate_fps: 200,
    tails: |row| vec![format!("{}/{}", three_digits(&row.subject), row.clip)],
    rows,
    subject: three_digits,
    corrections: &[
        Correction::offset(56, 5739),
        Correction::apex(125, 1105),
        Correction::apex(132, 4945),
        Correction::apex(133, 5130),
        Correction::Choice { row: 15, aus: "R12+R15" },
        Correction::Choice { row: 18, aus: "R12+R15" },
        Correction::Choice { row: 41, aus: "L14" },
        Correction::Choice { row: 64, aus: "R14" },
        Correction::Choice { row: 154, aus: "R14A" },
    ],
    ..Recipe::PLAIN
};

fn rows(source: &Source, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
    let rows = source.rows(problems)?;
    for row in rows.iter().filter(|row| WRONG_NAMES.contains(&row.clip.as_str())) {
        let message = "in some releases the frames of this clip are named wrongly (source: ReturnYG/MER2)";
        problems.add(Severity::Note, &row.place, "clip", row.clip.clone(), message);
    }
    Ok(rows)
}
