//! CAS(ME)². Published: 57 micro- and 300 macro-expressions of 22 people at 30 frames/s; a sheet without header, two sheets
//! that say which folder a person and a film is; offsets that are 0; folder s19/23_0502funnyerrors, which belongs to s23;
//! frames `rawpic/s15/15_0101disgustingteeth/img1.jpg`. From memory: the numbers of the people's folders. Ours: all counts of
//! AUs and emotions, names of films but two, how many films there are and how many offsets are 0.

use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Anger, Disgust, Happiness, Others, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Cell, Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

use super::spreadsheet_aus;

pub struct CasmeSquared;

/// Number of a person's folder, from participant 1.
const FOLDERS: [u32; 22] = [15, 16, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 40];
/// Films shown to people: name in the rows, name in the folders.
const SHOWN: [(&str, &str); 9] = [
    ("disgust1", "0101disgustingteeth"),
    ("disgust2", "0102eatingworms"),
    ("anger1", "0401girlcrashing"),
    ("anger2", "0402beatingpregnantwoman"),
    ("happy1", "0502funnyerrors"),
    ("happy2", "0503unexpectedfall"),
    ("happy3", "0505funnyinnovations"),
    ("happy4", "0507climbingthewall"),
    ("happy5", "0508funnyanimals"),
];
/// Events without an offset.
const WITHOUT_OFFSET: usize = 8;
/// Whose film of [`SHOWN`] lies in whose folder by mistake: participant, film, folder.
const MISLAID: (u32, usize, u32) = (7, 4, 19);

impl Corpus for CasmeSquared {
    fn facts(&self) -> Facts {
        Facts {
            needed: &[3, 7],
            emotions: &[
                ("happiness", Happiness, 110),
                ("disgust", Disgust, 100),
                ("others", Others, 80),
                ("anger", Anger, 37),
                ("surprise", Surprise, 30),
            ],
            clash: 0.3,
            lengths: Lengths(6, 11, 15),
            macros: 300,
            macro_lengths: Lengths(16, 32, 90),
            marks: Marks { left: 14, right: 16, ..Marks::default() },
            films: Films::Total(98, SHOWN.len()),
            start: [30, 700],
            ..Facts::moulded(357, (1..=22).collect(), 14)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, draft: &mut Draft) {
        for clip in &mut plan.clips {
            clip.subject = clip.person.to_string();
            // the first film of each person is the one that was mislaid once
            clip.name = format!("{}_{}", shown(clip).0, clip.event + 1);
        }
        let zeros = draft.share_of(WITHOUT_OFFSET);
        for row in draft.some(zeros, plan.clips.len()) {
            plan.clips[row].noted_offset = Some(0);
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let rows = plan.clips.iter().map(|c| {
            let offset = c.noted_offset.map_or(Cell::Blank, Cell::from);
            let kind = if c.is_macro { "macro-expression" } else { "micro-expression" };
            let felt = shown(c).0.trim_end_matches(|end: char| end.is_ascii_digit());
            row![c.person, c.name.as_str(), c.onset, c.apex, offset, spreadsheet_aus(c), c.emotion.as_str(), kind, felt]
        });
        let people = (1..).zip(FOLDERS).map(|(person, folder): (u32, u32)| row![person, folder]);
        let films = SHOWN.map(|(name, folder)| row![Cell::from(&folder[..4]), name, folder]);
        let sheets = vec![
            Sheet::empty("CASFEcode_final").with_rows(rows),
            Sheet::empty("naming rule1").with_rows(people),
            Sheet::empty("naming rule2").with_rows(films),
        ];
        vec![Workbook { path: "CAS(ME)^2code_final(Updated).xlsx".to_owned(), sheets }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let below = if kind == FrameKind::Cropped { "cropped" } else { "rawpic" };
        let own = FOLDERS[clip.person as usize - 1];
        let (_, film) = shown(clip);
        let mislaid = (clip.person, film) == (MISLAID.0, SHOWN[MISLAID.1].1);
        format!("{below}/s{}/{own}_{film}", if mislaid { MISLAID.2 } else { own })
    }

    fn frame(&self, _: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("img{number}.jpg")
    }

    fn look(&self, kind: FrameKind) -> Look {
        match kind {
            FrameKind::Raw => Look { light_deg: [4.0, 35.0], ambient: 0.6, ..Look::lamps([320, 240], 0.2) },
            FrameKind::Cropped => Look::lamps([256, 256], 0.30),
        }
    }
}

/// The film shown: name in the rows, name in the folders.
fn shown(clip: &PlannedClip) -> (&'static str, &'static str) {
    SHOWN[(MISLAID.1 + clip.film) % SHOWN.len()]
}
