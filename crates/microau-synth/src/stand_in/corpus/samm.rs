//! SAMM. Published: 159 clips of 29 people at 200 frames/s, grey, 2040×1088; counts of AUs and emotions; 30 to 101 frames,
//! median 78; headers below 13 rows of text; five "or" tokens; 15 rows whose class follows only when codes such as ref(),
//! 24, 25, 39, 43, 61, 21, 26 are ignored; shapes of tokens. Objective classes (24, 13, 20, 8, 3, 7, 84) from memory. Ours:
//! which AUs beyond the twelve, how many tokens carry a side and an intensity, the words above the header.

use microau_core::au::Side;

use crate::dice::Dice;
use crate::settings::Span;
use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Anger, Contempt, Disgust, Fear, Happiness, Others, Sadness, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{Code, PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind, plain_token};

use super::class_number;

pub struct Samm;

/// Codes beside the expression that the classes ignore, as written: 15 rows.
#[rustfmt::skip]
const ASIDE: [(u8, &str); 15] = [
    (43, "ref(43)"), (61, "61"), (39, "39"), (24, "24B"), (25, "25A"), (21, "21"), (43, "43"), (26, "26A"), (61, "61"),
    (24, "24A"), (39, "39B"), (25, "25B"), (43, "ref(43)"), (21, "21"), (26, "26"),
];

/// Tokens that leave open which of two AUs was seen. The last is counted and filmed: 12, 14, 12, 14, 14, as in the corrections
/// that MEB applies (R12 twice, L14, R14, R14A).
#[rustfmt::skip]
const OPEN: [(u8, Option<Side>, &str); 5] = [
    (12, Some(Side::Right), "(R6 or R12)"),
    (14, Some(Side::Left), "L12 or L14"),
    (12, Some(Side::Right), "(R10 or R12)"),
    (14, Some(Side::Right), "R12 or R14"),
    (14, Some(Side::Right), "R12A or R14A"),
];

/// Tokens with a prefix of their own: A asymmetric, A/L more on the left, B and T lower and upper half, AD, M, a reflex.
#[rustfmt::skip]
const ODD: [(u8, &str); 9] = [
    (12, "A12B"), (9, "A9E"), (12, "A/L12"), (18, "B18"), (18, "T18"), (38, "AD38"), (58, "M58"), (7, "ref(7B)"),
    (14, "14A/B"),
];

pub(super) const PEOPLE: [u32; 29] =
    [6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 30, 31, 32, 33, 34, 35, 36, 37];

const TITLES: [&str; 12] = [
    "Subject",
    "Filename",
    "Inducement Code",
    "Onset Frame",
    "Apex Frame",
    "Offset Frame",
    "Duration",
    "Micro",
    "Action Units",
    "Estimated Emotion",
    "Objective Classes",
    "Notes",
];

impl Corpus for Samm {
    fn facts(&self) -> Facts {
        Facts {
            clips: 159,
            people: PEOPLE.to_vec(),
            rates_fps: &[200],
            aus: [6, 18, 23, 10, 3, 46, 5, 6, 28, 13, 4, 6],
            others: &[
                (18, 3),
                (20, 8),
                (23, 3),
                (24, 6),
                (25, 6),
                (26, 4),
                (31, 1),
                (32, 2),
                (38, 4),
                (45, 4),
                (58, 2),
            ],
            singles: 120,
            classes: Some([24, 13, 20, 8, 3, 7, 84]),
            emotions: &[
                ("Anger", Anger, 57),
                ("Happiness", Happiness, 26),
                ("Other", Others, 26),
                ("Surprise", Surprise, 15),
                ("Contempt", Contempt, 12),
                ("Disgust", Disgust, 9),
                ("Fear", Fear, 8),
                ("Sadness", Sadness, 6),
            ],
            clash: 0.05,
            lengths: Lengths(30, 78, 101),
            marks: Marks { left: 22, right: 24, ..Marks::default() },
            films: Films::PerEvent,
            start: [60, 9000],
            ..Facts::moulded(159, Vec::new(), 14)
        }
    }

    fn spell(&self, au: u8, side: Option<Side>, doubtful: bool, dice: &mut Dice) -> String {
        let intensity = match dice.below(10) {
            0..=3 => "A",
            4..=6 => "B",
            7 => "C",
            8 if au == 4 => "D",
            _ => "",
        };
        format!("{}{intensity}", plain_token(au, side, doubtful))
    }

    fn finish(&self, plan: &mut StandInPlan, draft: &mut Draft) {
        for clip in &mut plan.clips {
            clip.subject = format!("{:03}", clip.person);
            // an inducement has several samples
            clip.name = format!("{}_{}_{}", clip.subject, 1 + clip.number % 7, 1 + clip.number / 7);
        }
        respell(&mut plan.clips, &ODD.map(|(au, text)| (au, None, text)));
        respell(&mut plan.clips, &OPEN);
        let asides = draft.share_of(ASIDE.len());
        for (row, (au, text)) in draft.some(asides, plan.clips.len()).into_iter().zip(ASIDE) {
            let codes = &mut plan.clips[row].codes;
            if codes.iter().all(|code| code.au != au) {
                codes.push(Code { au, side: None, text: text.to_owned(), counts: true });
            }
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let mut sheet = Sheet::empty("MICRO_ONLY").with_rows((1..=13).map(|line| match line {
            1 => row!["Generated stand-in for the SAMM micro-movement codes"],
            2 => row!["No real person, no annotation of the data set"],
            4 => row!["Onset, apex and offset are numbers of frames, 200 a second"],
            5 => row!["Action units carry a side (L, R, A, T, B) and an intensity (A to E)"],
            7 => row!["Objective classes are numbered 1 to 7"],
            12 => row!["Micro-movements"],
            _ => Vec::new(),
        }));
        sheet.rows.push(TITLES.map(Into::into).to_vec());
        let rows = plan.clips.iter().enumerate().map(|(at, c)| {
            let induced: u32 = 1 + c.number as u32 % 7;
            let note = if at == plan.clips.len() / 2 { "soft focus" } else { "" };
            row![
                c.subject.as_str(),
                c.name.as_str(),
                induced,
                c.onset,
                c.apex,
                c.offset,
                c.frames(),
                "Micro - 1/2",
                c.cell(),
                c.emotion.as_str(),
                class_number(c),
                note,
            ]
        });
        vec![Workbook { path: "SAMM_Micro_FACS_Codes_v2.xlsx".to_owned(), sheets: vec![sheet.with_rows(rows)] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let below = if kind == FrameKind::Cropped { "SAMM_CROP/" } else { "" };
        format!("{below}{}/{}", clip.subject, clip.name)
    }

    fn frame(&self, clip: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("{}_{number:05}.jpg", clip.subject)
    }

    fn look(&self, kind: FrameKind) -> Look {
        match kind {
            FrameKind::Raw => look([480, 256], 0.12),
            FrameKind::Cropped => look([256, 256], 0.30),
        }
    }
}

/// People of many ages and origins under two lamps, filmed in grey.
pub(super) fn look(frame_size: [u32; 2], eyes_share: f32) -> Look {
    Look {
        is_grey: true,
        age: Span::new(0.0, 0.5),
        skin_tone: Span::new(0.0, 1.0),
        light_deg: [22.0, 10.0],
        ambient: 0.4,
        noise_levels: 1.6,
        ..Look::lamps(frame_size, eyes_share)
    }
}

/// Writes codes differently, each a plain one of its AU, spread over the clips; a text whose AU is nowhere left is dropped,
/// as in a small stand-in.
fn respell(clips: &mut [PlannedClip], texts: &[(u8, Option<Side>, &str)]) {
    let is_plain = |code: &Code| code.side.is_none() && code.text.starts_with(|c: char| c.is_ascii_digit());
    let mut taken: Vec<(usize, usize)> = Vec::new();
    for (at, &(au, side, text)) in texts.iter().enumerate() {
        let first = at * clips.len() / texts.len();
        let place = (first..clips.len()).chain(0..first).find_map(|row| {
            let fits =
                |&(number, code): &(usize, &Code)| code.au == au && is_plain(code) && !taken.contains(&(row, number));
            clips[row].codes.iter().enumerate().find(fits).map(|(number, _)| (row, number))
        });
        if let Some((row, number)) = place {
            let code = &mut clips[row].codes[number];
            (code.side, code.text) = (side, text.to_owned());
            taken.push((row, number));
        }
    }
}
