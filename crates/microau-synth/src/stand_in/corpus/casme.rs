//! CASME. Published: 189 clips (of 195) of 19 people at 60 frames/s with counts of AUs; headers with two unnamed columns and
//! two apexes; folders `sub01/EP01_12`. From memory: counts of emotions of all 195, taken in proportion. Ours: AUs beyond the
//! twelve, lengths, names of frames, how often there is a second apex.

use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Contempt, Disgust, Fear, Happiness, Others, Repression, Sadness, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Cell, Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

use super::spreadsheet_aus;

pub struct Casme;

impl Corpus for Casme {
    fn facts(&self) -> Facts {
        Facts {
            clips: 189,
            people: (1..=19).collect(),
            rates_fps: &[60],
            aus: [23, 17, 70, 0, 1, 4, 40, 3, 9, 23, 14, 13],
            others: &[(16, 2), (18, 3), (20, 3), (23, 3), (24, 7), (25, 4), (26, 3), (38, 4), (39, 2), (43, 5)],
            singles: 140,
            emotions: &[
                ("tense", Others, 71),
                ("disgust", Disgust, 44),
                ("repression", Repression, 40),
                ("surprise", Surprise, 20),
                ("happiness", Happiness, 9),
                ("sadness", Sadness, 6),
                ("contempt", Contempt, 3),
                ("fear", Fear, 2),
            ],
            clash: 0.12,
            lengths: Lengths(10, 18, 30),
            marks: Marks { left: 18, right: 15, doubtful: 2, ..Marks::default() },
            films: Films::PerEvent,
            start: [20, 150],
            ..Facts::moulded(189, Vec::new(), 13)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, _: &mut Draft) {
        for clip in &mut plan.clips {
            clip.subject = format!("{:02}", clip.person);
            let (k, who) = (clip.number, clip.person as usize);
            clip.name = format!("EP{:02}_{}", 1 + (3 * k + who) % 19, 1 + (k + who) % 14);
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let titles = ["Subject", "Filename", "", "OnsetF", "ApexF1", "ApexF2", "OffsetF", "", "AU", "Emotion"];
        let rows = plan.clips.iter().enumerate().map(|(at, c)| {
            let second = if at % 9 == 4 { Cell::from(c.apex + 1) } else { Cell::Blank };
            row![
                c.person,
                c.name.as_str(),
                "",
                c.onset,
                c.apex,
                second,
                c.offset,
                "",
                spreadsheet_aus(c),
                c.emotion.as_str()
            ]
        });
        vec![Workbook { path: "casme.xlsx".to_owned(), sheets: vec![Sheet::titled("Sheet1", &titles).with_rows(rows)] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let below = if kind == FrameKind::Cropped { "Cropped/" } else { "" };
        format!("{below}sub{}/{}", clip.subject, clip.name)
    }

    fn frame(&self, _: &PlannedClip, number: u32, kind: FrameKind) -> String {
        format!("{}img{number}.jpg", if kind == FrameKind::Cropped { "reg_" } else { "" })
    }

    fn look(&self, kind: FrameKind) -> Look {
        let lamps = match kind {
            FrameKind::Raw => Look::lamps([320, 240], 0.18),
            FrameKind::Cropped => Look::lamps([231, 231], 0.30),
        };
        // daylight from a window
        Look { light_deg: [38.0, 15.0], ambient: 0.45, ..lamps }
    }
}
