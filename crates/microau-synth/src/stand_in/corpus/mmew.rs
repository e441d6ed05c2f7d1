//! MMEW. Published: 300 clips of 30 people at 90 frames/s; counts of AUs; headers, folders, names of clips (person, emotion,
//! sample) and frames. From memory: counts of emotions. Ours: numbers of the emotions, AUs beyond the twelve, lengths.

use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Anger, Disgust, Fear, Happiness, Others, Sadness, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

use super::spreadsheet_aus;

pub struct Mmew;

/// Emotions in the order of their numbers in names of clips.
const NUMBERED: [&str; 7] = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "others"];

impl Corpus for Mmew {
    fn facts(&self) -> Facts {
        Facts {
            clips: 300,
            people: (1..=30).collect(),
            rates_fps: &[90],
            aus: [50, 41, 109, 70, 10, 47, 8, 38, 37, 17, 6, 11],
            others: &[(16, 3), (18, 4), (20, 6), (23, 6), (24, 14), (25, 10), (26, 6), (38, 4), (43, 4)],
            singles: 145,
            emotions: &[
                ("surprise", Surprise, 89),
                ("disgust", Disgust, 72),
                ("others", Others, 66),
                ("happiness", Happiness, 36),
                ("fear", Fear, 16),
                ("sadness", Sadness, 13),
                ("anger", Anger, 8),
            ],
            clash: 0.05,
            lengths: Lengths(12, 45, 108),
            marks: Marks { left: 24, right: 22, ..Marks::default() },
            films: Films::PerEvent,
            start: [1, 6],
            ..Facts::moulded(300, Vec::new(), 14)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, _: &mut Draft) {
        let mut counts = std::collections::BTreeMap::new();
        for clip in &mut plan.clips {
            let kind = 1 + NUMBERED.iter().position(|name| *name == clip.emotion).expect("every emotion has a number");
            let number = counts.entry((clip.person, kind)).and_modify(|n| *n += 1).or_insert(1);
            clip.subject = format!("S{:02}", clip.person);
            clip.name = format!("S{:02}-{kind:02}-{number:03}", clip.person);
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let titles = [
            "Subject",
            "Filename",
            "OnsetFrame",
            "ApexFrame",
            "OffsetFrame",
            "Action Units",
            "Estimated Emotion",
            "remarks",
        ];
        let rows = plan.clips.iter().map(|c| {
            row![c.person, c.name.as_str(), c.onset, c.apex, c.offset, spreadsheet_aus(c), c.emotion.as_str(), ""]
        });
        let sheet = Sheet::titled("Sheet1", &titles).with_rows(rows);
        vec![Workbook { path: "MMEW_Micro_Exp.xlsx".to_owned(), sheets: vec![sheet] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let below = if kind == FrameKind::Cropped { "Micro_Expression_cropped" } else { "Micro_Expression" };
        format!("{below}/{}/{}", clip.emotion, clip.name)
    }

    fn frame(&self, _: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("{number}.jpg")
    }

    fn look(&self, kind: FrameKind) -> Look {
        match kind {
            // the faces of a 1920×1080 film fill about 400 px
            FrameKind::Raw => Look::lamps([400, 225], 0.14),
            FrameKind::Cropped => Look::lamps([230, 230], 0.30),
        }
    }
}
