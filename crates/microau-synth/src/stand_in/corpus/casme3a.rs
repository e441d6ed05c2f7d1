//! CAS(ME)³ part A. Published: 860 events of 94 people in 463 films at 30 frames/s; counts of AUs and emotions ("others" in two
//! spellings); objective classes as the rule gives them for all 860; headers, all cells text; frames
//! `spNO.1/a/color/N.jpg`. Ours: AUs beyond the twelve, sides, lengths, that no depth pictures are made.

use microau_core::emotion::ObjectiveClass;

use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Anger, Disgust, Fear, Happiness, Others, Sadness, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

pub struct Casme3a;

impl Corpus for Casme3a {
    fn facts(&self) -> Facts {
        Facts {
            clips: 860,
            people: (1..=94).collect(),
            rates_fps: &[30],
            aus: [153, 128, 274, 44, 8, 27, 50, 10, 15, 193, 6, 20],
            others: &[
                (16, 4),
                (18, 6),
                (20, 10),
                (23, 14),
                (24, 40),
                (25, 20),
                (26, 8),
                (32, 6),
                (38, 16),
                (39, 3),
                (43, 12),
                (45, 8),
            ],
            singles: 652,
            emotions: &[
                ("disgust", Disgust, 250),
                ("surprise", Surprise, 187),
                ("others", Others, 158),
                ("fear", Fear, 86),
                ("anger", Anger, 64),
                ("sad", Sadness, 57),
                ("happy", Happiness, 55),
                ("Others", Others, 3),
            ],
            clash: 0.5,
            lengths: Lengths(4, 11, 60),
            marks: Marks { left: 60, right: 70, ..Marks::default() },
            films: Films::Total(463, 26),
            start: [5, 900],
            ..Facts::moulded(860, Vec::new(), 12)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, _: &mut Draft) {
        for clip in &mut plan.clips {
            clip.subject = format!("spNO.{}", clip.person);
            clip.name = char::from(b'a' + clip.film as u8).to_string();
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let titles = ["Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Objective class", "emotion"];
        let rows = plan.clips.iter().map(|c| {
            let [onset, apex, offset] = [c.onset, c.apex, c.offset].map(|number| number.to_string());
            let class: ObjectiveClass = c.class;
            row![c.subject.as_str(), c.name.as_str(), onset, apex, offset, c.cell(), class.roman(), c.emotion.as_str()]
        });
        let sheet = Sheet::titled("label", &titles).with_rows(rows);
        vec![Workbook { path: "cas(me)3_part_A_ME_label_JpgIndex_v2.xlsx".to_owned(), sheets: vec![sheet] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let colour = if kind == FrameKind::Cropped { "color_crop" } else { "color" };
        format!("{}/{}/{colour}", clip.subject, clip.name)
    }

    fn frame(&self, _: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("{number}.jpg")
    }

    fn look(&self, kind: FrameKind) -> Look {
        let lamps = match kind {
            FrameKind::Raw => Look::lamps([384, 216], 0.15),
            FrameKind::Cropped => Look::lamps([230, 230], 0.30),
        };
        Look { light_deg: [5.0, 40.0], ambient: 0.6, noise_levels: 1.8, ..lamps }
    }
}
