//! 4DME. Published: 267 clips of 56 people, 22 columns of AUs of which 19 occur, five emotions of which a clip may have
//! several; counts of the twelve AUs; headers; tokens `AU4+AU7(k)`, whose (k) readers set aside; folders
//! `gray_micro/{subject}/{clip}`. From memory: 60 frames/s, grey. Ours: counts of emotions, AUs beyond the twelve, names of
//! people, clips and frames, how many codes carry (k), what the columns Total and fold hold.

use microau_core::au::Side;

use crate::dice::Dice;
use crate::stand_in::codes::Codes;
use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths};
use crate::stand_in::feeling::Feeling::{Happiness, Negative, Others, Repression, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{Code, PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Cell, Sheet, Workbook};
use crate::stand_in::{Corpus, FrameKind};

use super::{samm, shows};

pub struct FourDme;

/// Columns of AUs; 16, 22 and 28 occur with (k) only.
const COLUMNS: [u8; 22] = [1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 28, 38, 45];
const KINDS: [&str; 5] = ["Positive", "Negative", "Surprise", "Repression", "Others"];
/// Codes with (k), in rows that lack them.
const SET_ASIDE: usize = 24;

impl Corpus for FourDme {
    fn facts(&self) -> Facts {
        Facts {
            clips: 267,
            people: (1..=56).collect(),
            rates_fps: &[60],
            aus: [46, 54, 102, 8, 25, 89, 1, 2, 53, 4, 6, 11],
            others: &[(18, 3), (20, 3), (23, 4), (24, 8), (25, 6), (38, 2), (45, 27)],
            singles: 123,
            emotions: &[
                ("Negative", Negative, 133),
                ("Positive", Happiness, 36),
                ("Surprise", Surprise, 31),
                ("Others", Others, 32),
                ("Positive+Surprise", Surprise, 13),
                ("Negative+Surprise", Surprise, 8),
                ("Negative+Repression", Repression, 8),
                ("Repression", Repression, 6),
            ],
            clash: 0.15,
            lengths: Lengths(10, 20, 30),
            films: Films::PerEvent,
            start: [5, 60],
            ..Facts::moulded(267, Vec::new(), 17)
        }
    }

    fn spell(&self, au: u8, _: Option<Side>, _: bool, _: &mut Dice) -> String {
        format!("AU{au}")
    }

    fn finish(&self, plan: &mut StandInPlan, draft: &mut Draft) {
        for clip in &mut plan.clips {
            clip.subject = format!("{:03}", clip.person);
            clip.name = format!("{:03}_{:02}", clip.person, clip.number + 1);
        }
        let count = draft.share_of(SET_ASIDE);
        let unsure = [16, 7, 22, 4, 28, 25, 12, 17];
        for (row, au) in draft.some(count, plan.clips.len()).into_iter().zip(unsure.into_iter().cycle()) {
            let clip = &mut plan.clips[row];
            if !clip.counted().contains(au) {
                clip.codes.push(Code { au, side: None, text: format!("AU{au}(k)"), counts: false });
            }
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let columns = COLUMNS.map(|au| format!("AU{au}"));
        let mut titles = vec!["sub_ID", "fold_name", "Emotion", "Onset", "Apex", "Offset", "AUs"];
        titles.extend(columns.iter().map(String::as_str));
        titles.extend(KINDS);
        titles.extend(["eye blink", "Total", "fold"]);
        let rows = plan.clips.iter().enumerate().map(|(at, clip)| cells(at, clip));
        let sheet = Sheet::titled("Sheet1", &titles).with_rows(rows);
        vec![Workbook { path: "4DME_Labelling_Micro_release v1.xlsx".to_owned(), sheets: vec![sheet] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let below = if kind == FrameKind::Cropped { "gray_micro_crop" } else { "gray_micro" };
        format!("{below}/{}/{}", clip.subject, clip.name)
    }

    fn frame(&self, _: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("{number:04}.jpg")
    }

    fn look(&self, kind: FrameKind) -> Look {
        let lamps = match kind {
            FrameKind::Raw => samm::look([320, 240], 0.2),
            FrameKind::Cropped => samm::look([256, 256], 0.30),
        };
        Look { light_deg: [8.0, 5.0], ambient: 0.55, ..lamps }
    }
}

fn cells(at: usize, clip: &PlannedClip) -> Vec<Cell> {
    let flag = |on: bool| Cell::from(u32::from(on));
    let texts = [&clip.subject, &clip.name, &clip.emotion].map(|text| Cell::from(text.as_str()));
    let times = [clip.onset, clip.apex, clip.offset].map(Cell::from);
    let aus = COLUMNS.map(|au| flag(clip.codes.iter().any(|code| code.au == au)));
    let kinds = KINDS.map(|kind| flag(clip.emotion.contains(kind)));
    let blink = flag(shows(clip, Codes::of(&[45])));
    let ends = [blink, Cell::from(clip.codes.len() as u32), Cell::from(at as u32 % 5 + 1)];
    texts.into_iter().chain(times).chain([Cell::from(clip.cell())]).chain(aus).chain(kinds).chain(ends).collect()
}
