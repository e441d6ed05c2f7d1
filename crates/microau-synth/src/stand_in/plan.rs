//! What a stand-in holds, as data: who is filmed in which clip, when, with which AUs, and how that was written down.

use microau_core::au::{Au, Side};
use microau_core::emotion::ObjectiveClass;
use microau_core::sample::AuLabels;
use microau_core::time::FrameIndex;

use super::codes::Codes;
use super::sheet::Workbook;
use super::{Layout, StandInSettings};

/// One AU as a coder wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// FACS number, also of units that are not filmed.
    pub au: u8,
    /// The side coded, if one was.
    pub side: Option<Side>,
    /// The token in the cell, e.g. `R12`, `4?`, `A7B`.
    pub text: String,
    /// Whether it belongs to the counts of the data set. Codes that readers set aside (4DME's `(k)`) are not filmed either.
    pub counts: bool,
}

/// One event of a stand-in.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedClip {
    /// Number of the person, as the data set counts.
    pub person: u32,
    /// Number of the event among those of the person, from 0.
    pub number: usize,
    /// Number of the film among those of the person, from 0.
    pub film: usize,
    /// Number of the event on its film, from 0.
    pub event: usize,
    /// Subject as the workbook has it.
    pub subject: String,
    /// Clip as the workbook has it.
    pub name: String,
    /// The AUs as written, in the order of the cell.
    pub codes: Vec<Code>,
    /// Text between the codes of the cell.
    pub separator: &'static str,
    /// Emotion as written; empty where there is none.
    pub emotion: String,
    /// Objective class of the AUs (Davison et al. 2017).
    pub class: ObjectiveClass,
    /// Whether it is a macro-expression: stronger and longer.
    pub is_macro: bool,
    /// Frames a second.
    pub rate_fps: u32,
    /// Number of the onset frame, as filmed.
    pub onset: u32,
    /// Number of the apex frame, as filmed.
    pub apex: u32,
    /// Number of the offset frame, as filmed.
    pub offset: u32,
    /// Apex as written; `None` where the cell has none.
    pub noted_apex: Option<u32>,
    /// Offset as written; `None` where the cell has none.
    pub noted_offset: Option<u32>,
}

impl PlannedClip {
    /// What is seen on the film: the codes that count and can be filmed.
    pub fn labels(&self) -> AuLabels {
        let mut labels = AuLabels::NONE;
        for code in self.codes.iter().filter(|code| code.counts) {
            if let Some(au) = Au::from_number(code.au) {
                labels.insert(au, code.side);
            }
        }
        labels
    }

    /// The cell of AUs.
    pub fn cell(&self) -> String {
        self.codes.iter().map(|code| code.text.as_str()).collect::<Vec<_>>().join(self.separator)
    }

    /// Whether the cell is a single AU without any mark: a number to a spreadsheet.
    pub fn is_plain(&self) -> bool {
        matches!(&self.codes[..], [code] if code.text == code.au.to_string())
    }

    /// From onset to offset, both counted.
    pub fn frames(&self) -> u32 {
        self.offset + 1 - self.onset
    }

    /// The codes that count, without sides.
    pub(crate) fn counted(&self) -> Codes {
        self.codes.iter().filter(|code| code.counts).fold(Codes::default(), |set, code| set.with(code.au))
    }

    /// Numbers of the frames that are filmed, with a margin before the onset and after the offset; none below 1.
    pub fn numbers(&self, margin: u32) -> std::ops::RangeInclusive<u32> {
        self.onset.saturating_sub(margin).max(1)..=self.offset + margin
    }

    /// Onset, apex and offset by their places among [`PlannedClip::numbers`].
    pub(crate) fn places(&self, margin: u32) -> [FrameIndex; 3] {
        let first = *self.numbers(margin).start();
        [self.onset, self.apex, self.offset].map(|number| FrameIndex(u64::from(number - first)))
    }
}

/// All events of a stand-in.
#[derive(Clone, Debug, PartialEq)]
pub struct StandInPlan {
    /// The settings it was drawn by.
    pub settings: StandInSettings,
    /// Events of the workbook, in its order.
    pub clips: Vec<PlannedClip>,
    /// Events that are filmed but in no workbook.
    pub strays: Vec<PlannedClip>,
}

impl StandInPlan {
    /// The layout.
    pub fn layout(&self) -> Layout {
        self.settings.layout
    }

    /// The workbooks, cell by cell.
    pub fn workbooks(&self) -> Vec<Workbook> {
        self.layout().corpus().workbooks(self)
    }

    /// Folder of an event's frames, below that of the stand-in. Events of one film share it.
    pub fn folder(&self, clip: &PlannedClip) -> String {
        self.layout().corpus().folder(clip, self.settings.kind)
    }

    /// File name of a frame of an event.
    pub fn frame_name(&self, clip: &PlannedClip, number: u32) -> String {
        self.layout().corpus().frame(clip, number, self.settings.kind)
    }

    /// Frames of all films together.
    pub fn frames(&self) -> usize {
        let margin = self.settings.margin;
        self.clips.iter().chain(&self.strays).map(|clip| clip.numbers(margin).count()).sum()
    }
}
