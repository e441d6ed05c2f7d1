//! SMIC-HS and SMIC-HS-E. Published: 164 clips of 16 people at 100 frames/s, of which 157 are in the workbook of the long
//! films; three emotions, no AUs; headers, folders and frame names; text below the last row. From memory: 70 negative, 51
//! positive, 43 surprise. Ours: which AUs are filmed (no reader sees them), lengths, which seven clips have no row.

use crate::stand_in::draw::Draft;
use crate::stand_in::facts::{Facts, Films, Lengths};
use crate::stand_in::feeling::Feeling::{Happiness, Negative, Surprise};
use crate::stand_in::film::{Look, Store};
use crate::stand_in::plan::{PlannedClip, StandInPlan};
use crate::stand_in::sheet::{Sheet, Workbook, row};
use crate::stand_in::{Corpus, FrameKind};

pub struct Smic;

/// Clips that SMIC-HS has and the workbook of SMIC-HS-E has not.
const NOT_IN_E: usize = 7;

impl Corpus for Smic {
    fn facts(&self) -> Facts {
        Facts {
            clips: 164,
            people: vec![1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 18, 19, 20],
            needed: &[20],
            rates_fps: &[100],
            aus: [32, 38, 45, 14, 14, 20, 8, 6, 46, 8, 8, 8],
            singles: 100,
            emotions: &[("negative", Negative, 70), ("positive", Happiness, 51), ("surprise", Surprise, 43)],
            clash: 0.05,
            lengths: Lengths(11, 33, 58),
            films: Films::PerPerson,
            start: [200, 900],
            ..Facts::moulded(164, Vec::new(), 14)
        }
    }

    fn finish(&self, plan: &mut StandInPlan, draft: &mut Draft) {
        let mut counts = std::collections::BTreeMap::new();
        for clip in &mut plan.clips {
            let kind = if clip.emotion == "surprise" { "sur" } else { &clip.emotion[..2] }.to_owned();
            let number = counts.entry((clip.person, kind.clone())).and_modify(|n| *n += 1).or_insert(1);
            clip.subject = format!("s{}", clip.person);
            clip.name = format!("s{}_{kind}_{number:02}", clip.person);
        }
        let without_row = draft.share_of(NOT_IN_E).min(plan.clips.len() - 1);
        let chosen = draft.some(without_row, plan.clips.len());
        let all = std::mem::take(&mut plan.clips);
        for (at, clip) in all.into_iter().enumerate() {
            let place = if chosen.binary_search(&at).is_ok() { &mut plan.strays } else { &mut plan.clips };
            place.push(clip);
        }
    }

    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook> {
        let titles = ["Subject", "Filename", "FirstF", "OnsetF", "ApexF", "OffsetF", "Emotion"];
        let rows = plan.clips.iter().map(|c| {
            let first = *c.numbers(plan.settings.margin).start();
            row![c.subject.as_str(), c.name.as_str(), first, c.onset, c.apex, c.offset, c.emotion.as_str()]
        });
        let sheet = Sheet::titled("Sheet1", &titles).with_rows(rows).with_rows([
            Vec::new(),
            row!["FirstF: first frame of the film that is given"],
            row!["Generated stand-in: no real person, no annotation of the data set"],
        ]);
        vec![Workbook { path: "SMIC-HS-E_annotation_2019.xlsx".to_owned(), sheets: vec![sheet] }]
    }

    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String {
        match kind {
            FrameKind::Raw => format!("HS_long/SMIC-HS-E/{}", clip.subject),
            FrameKind::Cropped => {
                format!("SMIC_all_cropped/HS/{}/micro/{}/{}", clip.subject, clip.emotion, clip.name)
            }
        }
    }

    fn frame(&self, _: &PlannedClip, number: u32, kind: FrameKind) -> String {
        match kind {
            FrameKind::Raw => format!("image{number:06}.jpg"),
            FrameKind::Cropped => format!("reg_image{number:06}.bmp"),
        }
    }

    fn look(&self, kind: FrameKind) -> Look {
        let lamps = match kind {
            FrameKind::Raw => Look::lamps([320, 240], 0.17),
            FrameKind::Cropped => Look { store: Store::Bmp, ..Look::lamps([140, 170], 0.30) },
        };
        Look { light_deg: [30.0, 20.0], ambient: 0.35, noise_levels: 2.5, ..lamps }
    }
}
