//! SAMM long videos. Published: 159 micro- and 343 macro-expressions of 32 people at 200 frames/s, grey; header below ten
//! rows; frames in `SAMM_longvideos/006_1`. From memory: the header, 147 films, names of frames. Ours: counts of AUs, in
//! proportion to those of SAMM; macro-expressions of at most two seconds, shorter than real ones.

use microau_core::au::Side;

use crate::dice::Dice;
use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks, in_proportion};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

use super::samm::Samm;

pub struct SammLv;

const TITLES: [&str; 10] =
    ["Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset", "Duration", "Type", "Action Units", "Notes"];

impl Corpus for SammLv {
    fn facts(&self) -> Facts {
        Facts {
            clips: 502,
            people: (6..=37).collect(),
            rates_fps: &[200],
            aus: in_proportion(&Samm.facts().aus, 600).try_into().expect("twelve shares of twelve"),
            others: &[(18, 8), (20, 14), (23, 10), (24, 20), (25, 20), (26, 14), (38, 8), (45, 8)],
            singles: 340,
            lengths: Lengths(30, 78, 101),
            macros: 343,
            macro_lengths: Lengths(102, 140, 400),
            marks: Marks { left: 50, right: 55, ..Marks::default() },
            films: Films::Total(147, 7),
            start: [60, 2500],
            ..Facts::moulded(502, Vec::new(), 14)
        }
    }

    fn spell(&self, au: u8, side: Option<Side>, doubtful: bool, dice: &mut Dice) -> String {
        Samm.spell(au, side, doubtful, dice)
    }

    fn finish(&self, plan: &mut StandInPlan, _: &mut Draft) {
        for clip in &mut plan.clips {
            clip.subject = format!("{:03}", clip.person);
            clip.name = format!("{}_{}_{}", clip.subject, clip.film + 1, clip.event + 1);
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let mut sheet = Sheet::empty("FACS_Movements").with_rows((1..=10).map(|line| match line {
            1 => row!["Generated stand-in for the SAMM long videos"],
            2 => row!["No real person, no annotation of the data set"],
            _ => Vec::new(),
        }));
        sheet.rows.push(TITLES.map(Into::into).to_vec());
        let rows = plan.clips.iter().map(|c| {
            let kind = if c.is_macro { "Macro" } else { "Micro - 1/2" };
            let film = c.film as u32 + 1;
            row![c.subject.as_str(), c.name.as_str(), film, c.onset, c.apex, c.offset, c.frames(), kind, c.cell(), ""]
        });
        vec![Workbook { path: "SAMM_LongVideos_V2_Release.xlsx".to_owned(), sheets: vec![sheet.with_rows(rows)] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let below = if kind == FrameKind::Cropped { "SAMM_longvideos_crop" } else { "SAMM_longvideos" };
        format!("{below}/{}_{}", clip.subject, clip.film + 1)
    }

    fn frame(&self, clip: &PlannedClip, number: u32, _: FrameKind) -> String {
        format!("{}_{}_{number:04}.jpg", clip.subject, clip.film + 1)
    }

    fn look(&self, kind: FrameKind) -> Look {
        Samm.look(kind)
    }
}
