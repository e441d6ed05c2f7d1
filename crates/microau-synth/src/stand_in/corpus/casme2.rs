//! CASME II. Published: 255 clips of 26 people at 200 frames/s; counts of AUs, emotions and objective classes; 24 to 141
//! frames, median 61; tokens 311 plain, 37 left, 23 right, 5 doubtful; 133 numeric cells; 21 missing apexes; folders
//! sub09/EP02_02f and sub24/EP02_07 without a row; headers and sheets. Ours: which AUs beyond the twelve, that four AUs are
//! written for each side (so that 376 tokens are 1.46 AUs a clip), how many apexes lie on the onset or the offset.

use crate::stand_in::company::Company::Phi;
use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths, Marks};
use crate::stand_in::feeling::Feeling::{Disgust, Fear, Happiness, Others, Repression, Sadness, Surprise};
use crate::stand_in::film::Look;
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Cell, Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

use super::{class_number, spreadsheet_aus};

pub struct Casme2;

/// Rows whose apex is a slash.
const WITHOUT_APEX: usize = 21;
/// Rows whose apex is their onset, and rows whose apex is their offset.
const APEX_AT_AN_END: usize = 3;
/// Folders that no row names.
const STRAYS: [(u32, &str); 2] = [(9, "EP02_02f"), (24, "EP02_07")];
/// Samples of an episode; 2 and 7 are left to the folders without a row.
const SAMPLES: [usize; 10] = [1, 3, 4, 5, 6, 8, 9, 10, 11, 12];

impl Corpus for Casme2 {
    fn facts(&self) -> Facts {
        Facts {
            clips: 255,
            people: (1..=26).collect(),
            needed: &[9, 24],
            rates_fps: &[200],
            aus: [26, 22, 130, 2, 13, 39, 13, 16, 34, 27, 16, 25],
            others: &[(16, 1), (18, 1), (20, 1), (24, 2), (25, 1), (26, 1), (38, 2)],
            singles: 165,
            classes: Some([25, 15, 99, 26, 20, 1, 69]),
            company: &[(4, 7, Phi(0.30)), (4, 9, Phi(0.23))],
            emotions: &[
                ("others", Others, 99),
                ("disgust", Disgust, 63),
                ("happiness", Happiness, 32),
                ("repression", Repression, 27),
                ("surprise", Surprise, 25),
                ("sadness", Sadness, 7),
                ("fear", Fear, 2),
            ],
            clash: 0.1,
            lengths: Lengths(24, 61, 141),
            marks: Marks { left: 37, right: 23, doubtful: 5, twins: 4, plain_rows: Some(133) },
            films: Films::PerEvent,
            start: [20, 160],
            ..Facts::moulded(255, Vec::new(), 14)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, draft: &mut Draft) {
        for clip in &mut plan.clips {
            clip.subject = format!("{:02}", clip.person);
            let (k, who) = (clip.number, clip.person as usize);
            let letter = if draft.dice.chance(0.7) { "f" } else { "" };
            clip.name =
                format!("EP{:02}_{:02}{letter}", 1 + (3 * k + 5 * who) % 19, SAMPLES[(k + who) % SAMPLES.len()]);
        }
        let (slashes, ends) = (draft.share_of(WITHOUT_APEX), draft.share_of(APEX_AT_AN_END));
        let mut odd = draft.some(slashes + 2 * ends, plan.clips.len());
        super::super::deal::shuffle(&mut odd, &mut draft.dice);
        for (at, &row) in odd.iter().enumerate() {
            let clip = &mut plan.clips[row];
            clip.noted_apex = match at {
                at if at < ends => Some(clip.onset),
                at if at < 2 * ends => Some(clip.offset),
                _ => None,
            };
        }
        plan.strays = strays(&plan.clips);
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let titles = [
            "Subject",
            "Filename",
            "",
            "OnsetFrame",
            "ApexFrame",
            "OffsetFrame",
            "",
            "Action Units",
            "Estimated Emotion",
        ];
        let rows = plan.clips.iter().map(|c| {
            let apex = c.noted_apex.map_or(Cell::from("/"), Cell::from);
            row![
                c.subject.as_str(),
                c.name.as_str(),
                "",
                c.onset,
                apex,
                c.offset,
                "",
                spreadsheet_aus(c),
                c.emotion.as_str()
            ]
        });
        let coding = Sheet::titled("Sheet1", &titles).with_rows(rows);
        let rows = plan.clips.iter().map(|c| row![c.subject.as_str(), c.name.as_str(), class_number(c)]);
        let classes = Sheet::titled("Sheet1", &["Subject", "Filename", "Objective Class"]).with_rows(rows);
        vec![
            Workbook {
                path: "CASME2-coding-20140508.xlsx".to_owned(),
                sheets: vec![coding, Sheet::empty("Sheet2"), Sheet::empty("Sheet3")],
            },
            Workbook { path: "CASME2-ObjectiveClasses.xlsx".to_owned(), sheets: vec![classes] },
        ]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        let below = match kind {
            FrameKind::Raw => "CASME2_RAW/CASME2-RAW",
            FrameKind::Cropped => "Cropped",
        };
        format!("{below}/sub{}/{}", clip.subject, clip.name)
    }

    fn frame(&self, _: &PlannedClip, number: u32, kind: FrameKind) -> String {
        match kind {
            FrameKind::Raw => format!("img{number}.jpg"),
            FrameKind::Cropped => format!("reg_img{number}.jpg"),
        }
    }

    fn look(&self, kind: FrameKind) -> Look {
        match kind {
            // 640×480 halved; a face of 280 px has its eyes about 126 px apart
            FrameKind::Raw => Look::lamps([320, 240], 0.197),
            FrameKind::Cropped => Look::lamps([280, 340], 0.30),
        }
    }
}

/// Films without AUs of the people who have an unlabelled folder.
fn strays(clips: &[PlannedClip]) -> Vec<PlannedClip> {
    let stray = |(person, name): (u32, &str)| {
        let first = clips.iter().find(|clip| clip.person == person)?;
        Some(PlannedClip {
            name: name.to_owned(),
            number: 1000,
            codes: Vec::new(),
            emotion: String::new(),
            ..first.clone()
        })
    };
    STRAYS.into_iter().filter_map(stray).collect()
}
