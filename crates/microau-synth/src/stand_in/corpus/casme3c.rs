//! CAS(ME)³ part C. Published: 165 events of 30 people; headers without an apex; AU cells such as `R4,5`, with the Chinese
//! comma, with a comma at the end, with `4?`. Ours: all counts, in the mould of the six data sets of CD6ME; names of folders.

use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Anger, Disgust, Fear, Happiness, Others, Sadness, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Cell, Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

use super::casme3a::Casme3a;

pub struct Casme3c;

/// Cells with the Chinese comma, and cells with a comma at the end.
const CHINESE: usize = 12;
const TRAILING: usize = 6;

impl Corpus for Casme3c {
    fn facts(&self) -> Facts {
        Facts {
            emotions: &[
                ("disgust", Disgust, 45),
                ("surprise", Surprise, 34),
                ("others", Others, 30),
                ("fear", Fear, 18),
                ("anger", Anger, 16),
                ("sad", Sadness, 11),
                ("happy", Happiness, 11),
            ],
            clash: 0.5,
            marks: Marks { left: 10, right: 12, doubtful: 5, ..Marks::default() },
            films: Films::PerPerson,
            lengths: Lengths(4, 11, 40),
            start: [40, 900],
            ..Facts::moulded(165, (1..=30).collect(), 13)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, draft: &mut Draft) {
        let mut left = draft.share_of(CHINESE);
        for clip in &mut plan.clips {
            clip.subject = clip.person.to_string();
            clip.name = (clip.number + 1).to_string();
            clip.separator = ",";
            if left > 0 && clip.codes.len() > 1 {
                (clip.separator, left) = ("，", left - 1);
            }
        }
        let trailing = draft.share_of(TRAILING);
        for row in draft.some(trailing, plan.clips.len()) {
            if let Some(last) = plan.clips[row].codes.last_mut() {
                last.text.push(',');
            }
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let rows = plan.clips.iter().map(|c| {
            let count = c.number as u32 + 1;
            row![c.person, count, c.onset, c.offset, Cell::from(c.cell()), c.emotion.as_str()]
        });
        let sheet = Sheet::titled("Sheet1", &["sub", "count", "onset", "offset", "au", "emotion"]).with_rows(rows);
        vec![Workbook { path: "cas(me)3_part_C_ME_label.xlsx".to_owned(), sheets: vec![sheet] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        format!("spNO.{}/{}", clip.person, if kind == FrameKind::Cropped { "color_crop" } else { "color" })
    }

    fn frame(&self, _: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("{number}.jpg")
    }

    fn look(&self, kind: FrameKind) -> Look {
        Look { light_deg: [18.0, 45.0], ..Casme3a.look(kind) }
    }
}
