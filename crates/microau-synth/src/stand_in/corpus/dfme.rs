//! DFME, training sheet. Published: 1,856 rows of 176 people, up to 500 frames/s; headers. From memory: seven emotions, 200,
//! 300 and 500 frames/s. Ours: all counts, in the mould of the six data sets of CD6ME; numbers of the emotions, folders and
//! names of frames, lengths.

use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Anger, Contempt, Disgust, Fear, Happiness, Sadness, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

pub struct Dfme;

/// Emotions in the order of their numbers, from 0.
const NUMBERED: [&str; 7] = ["anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"];

impl Corpus for Dfme {
    fn facts(&self) -> Facts {
        Facts {
            rates_fps: &[200, 300, 500],
            emotions: &[
                ("disgust", Disgust, 650),
                ("surprise", Surprise, 360),
                ("happiness", Happiness, 220),
                ("fear", Fear, 220),
                ("sadness", Sadness, 206),
                ("anger", Anger, 120),
                ("contempt", Contempt, 80),
            ],
            clash: 0.3,
            lengths: Lengths(20, 50, 200),
            marks: Marks { left: 90, right: 100, ..Marks::default() },
            films: Films::PerEvent,
            start: [1, 40],
            ..Facts::moulded(1856, (1..=176).collect(), 14)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, _: &mut Draft) {
        for (at, clip) in plan.clips.iter_mut().enumerate() {
            clip.subject = format!("{:03}", clip.person);
            clip.name = format!("{:05}", at + 1);
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let titles =
            ["Subject", "Filename", "OnsetFrame", "ApexFrame", "OffsetFrame", "Emotion", "EmotionId", "Fps", "AU"];
        let rows = plan.clips.iter().map(|c| {
            let id = NUMBERED.iter().position(|name| *name == c.emotion).expect("every emotion has a number") as u32;
            let emotion = c.emotion.as_str();
            row![c.subject.as_str(), c.name.as_str(), c.onset, c.apex, c.offset, emotion, id, c.rate_fps, c.cell()]
        });
        let sheet = Sheet::titled("Sheet1", &titles).with_rows(rows);
        vec![Workbook { path: "training_full_with_AU.xlsx".to_owned(), sheets: vec![sheet] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        format!("{}/{}", if kind == FrameKind::Cropped { "train_crop" } else { "train" }, clip.name)
    }

    fn frame(&self, _: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("{number}.jpg")
    }

    fn look(&self, kind: FrameKind) -> Look {
        match kind {
            FrameKind::Raw => Look::lamps([320, 240], 0.18),
            FrameKind::Cropped => Look::lamps([230, 230], 0.30),
        }
    }
}
