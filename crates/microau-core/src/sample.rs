//! One clip as a model sees it ([`Sample`]), and what is known of it: the event in it and its labels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::au::{Au, AuSet, Side};
use crate::landmarks::Landmarks;
use crate::plane::FlowField;
use crate::time::FrameIndex;

/// One clip, prepared: where detection and training meet, so that what was trained is by type what is detected with.
///
/// The crop is the canonical face crop, a square: the middles of the eyes lie at x = 0.32 and 0.68 of its edge, y = 0.33.
/// One similarity places it for the whole clip; what the head itself moved between the two frames is taken out of the
/// apex crop and of the flow (method §1).
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Edge of the crop, px.
    pub crop_px: usize,
    /// Onset crop, `[crop_px, crop_px, 3]` RGB bytes row by row; empty where only the flow is kept.
    pub onset_rgb: Vec<u8>,
    /// Apex crop, likewise.
    pub apex_rgb: Vec<u8>,
    /// Dense flow from onset to apex, `crop_px / FLOW_STRIDE` pixels square, in hundredths of the distance between the
    /// eyes (so that it does not depend on `crop_px`).
    pub flow: FlowField,
    /// Landmarks of the onset, px of the crop.
    pub landmarks: Landmarks,
}

impl Sample {
    /// Pixels of the crop along one pixel of the flow.
    pub const FLOW_STRIDE: usize = 2;
    /// Distance between the middles of the eyes as a share of the edge of the crop.
    pub const EYE_DISTANCE: f32 = 0.36;
    /// Height of the middles of the eyes as a share of the edge of the crop, from the top.
    pub const EYE_LEVEL: f32 = 0.33;

    /// Units of [`Sample::flow`] in one px of a crop with this edge.
    pub fn flow_units_per_px(crop_px: usize) -> f32 {
        100.0 / (Sample::EYE_DISTANCE * crop_px as f32)
    }
}

/// One facial movement on a film: its first frame, its strongest, and the frame in which it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Event {
    /// Last neutral frame before the movement.
    pub onset: FrameIndex,
    /// Frame of the strongest movement.
    pub apex: FrameIndex,
    /// Frame in which the movement is over, when known.
    pub offset: Option<FrameIndex>,
}

/// An event whose frames are out of order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected onset < apex <= offset, got onset {onset}, apex {apex}, offset {}", offset.map_or("none".to_owned(), |o| o.to_string()))]
pub struct BadEvent {
    /// The onset given.
    pub onset: FrameIndex,
    /// The apex given.
    pub apex: FrameIndex,
    /// The offset given.
    pub offset: Option<FrameIndex>,
}

impl Event {
    /// An event with its frames in order.
    ///
    /// # Errors
    /// Unless onset < apex <= offset.
    pub fn new(onset: FrameIndex, apex: FrameIndex, offset: Option<FrameIndex>) -> Result<Event, BadEvent> {
        if onset < apex && offset.is_none_or(|offset| apex <= offset) {
            Ok(Event { onset, apex, offset })
        } else {
            Err(BadEvent { onset, apex, offset })
        }
    }
}

/// The AUs annotated in a clip and the sides on which each was seen.
///
/// Every AU not listed is annotated as absent. Written as `1+L2+R12+?14`: no letter means both sides (or side not coded),
/// a question mark that the coders left open whether the AU is there. `?` alone is a clip in which no AU was annotated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AuLabels {
    left: AuSet,
    right: AuSet,
    open: AuSet,
}

impl AuLabels {
    /// No AU.
    pub const NONE: AuLabels = AuLabels { left: AuSet::EMPTY, right: AuSet::EMPTY, open: AuSet::EMPTY };

    /// A clip that was not annotated for AUs: of each it is open whether it is there.
    pub fn unannotated() -> AuLabels {
        AuLabels { open: Au::ALL.into_iter().collect(), ..AuLabels::NONE }
    }

    /// Says of an AU that it is open whether it is there. One that is present already stays so.
    pub fn leave_open(&mut self, au: Au) {
        if !self.present().contains(au) {
            self.open.insert(au);
        }
    }

    /// AUs of which it is open whether they are there.
    pub const fn open(&self) -> AuSet {
        self.open
    }

    /// Whether an AU is there; `None` where that is open.
    pub fn state(&self, au: Au) -> Option<bool> {
        (!self.open.contains(au)).then(|| self.present().contains(au))
    }

    /// Adds an AU on one side, or on both when `side` is `None`.
    pub fn insert(&mut self, au: Au, side: Option<Side>) {
        self.open.remove(au);
        if side != Some(Side::Right) {
            self.left.insert(au);
        }
        if side != Some(Side::Left) {
            self.right.insert(au);
        }
    }

    /// AUs present on any side.
    pub fn present(&self) -> AuSet {
        self.left.iter().chain(self.right.iter()).collect()
    }

    /// AUs present on one side.
    pub const fn on(&self, side: Side) -> AuSet {
        match side {
            Side::Left => self.left,
            Side::Right => self.right,
        }
    }

    /// The side of a one-sided AU; `None` when on both sides or absent.
    pub fn one_sided(&self, au: Au) -> Option<Side> {
        match (self.left.contains(au), self.right.contains(au)) {
            (true, false) => Some(Side::Left),
            (false, true) => Some(Side::Right),
            _ => None,
        }
    }
}

impl fmt::Display for AuLabels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == AuLabels::unannotated() {
            return f.pad("?");
        }
        let present = self.present().iter().map(|au| {
            let side = self.one_sided(au).map(|side| side.letter().to_string()).unwrap_or_default();
            format!("{side}{}", au.number())
        });
        let open = self.open.iter().map(|au| format!("?{}", au.number()));
        f.pad(&present.chain(open).collect::<Vec<_>>().join("+"))
    }
}

/// A text that is no list of AUs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected action units such as 1+L2+R12, got {item:?} in {text:?}")]
pub struct BadAuLabels {
    /// The part that could not be read.
    pub item: String,
    /// The whole text.
    pub text: String,
}

impl FromStr for AuLabels {
    type Err = BadAuLabels;

    /// Reads what `Display` writes; an empty text is no AU.
    fn from_str(text: &str) -> Result<AuLabels, BadAuLabels> {
        if text.trim() == "?" {
            return Ok(AuLabels::unannotated());
        }
        let mut labels = AuLabels::NONE;
        for item in text.split('+').map(str::trim).filter(|_| !text.trim().is_empty()) {
            let bad = || BadAuLabels { item: item.to_owned(), text: text.to_owned() };
            let au = item.trim_start_matches(['L', 'R', '?']).parse().map_err(|_| bad())?;
            match &item[..item.len() - item.trim_start_matches(['L', 'R', '?']).len()] {
                "" => labels.insert(au, None),
                "L" => labels.insert(au, Some(Side::Left)),
                "R" => labels.insert(au, Some(Side::Right)),
                "?" => labels.leave_open(au),
                _ => return Err(bad()),
            }
        }
        Ok(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_back_as_they_are_written() {
        for text in ["", "12", "1+L2+R12", "4+7+9", "4+?12", "?"] {
            assert_eq!(text.parse::<AuLabels>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn both_sides_named_apart_are_one_au_on_both_sides() {
        let labels: AuLabels = "L2+R2".parse().unwrap();
        assert_eq!(labels.to_string(), "2");
        assert_eq!(labels.one_sided(Au::Au2), None);
    }

    #[test]
    fn an_open_au_is_neither_there_nor_absent() {
        let labels: AuLabels = "1+?12".parse().unwrap();
        assert_eq!([Au::Au1, Au::Au12, Au::Au4].map(|au| labels.state(au)), [Some(true), None, Some(false)]);
        assert_eq!(AuLabels::unannotated().state(Au::Au1), None);
        assert_eq!("?1+1".parse::<AuLabels>().unwrap(), "1".parse().unwrap());
    }

    #[test]
    fn labels_of_unknown_aus_are_refused_by_name() {
        let error = "1+X3".parse::<AuLabels>().unwrap_err();
        assert_eq!(error.item, "X3");
    }

    #[test]
    fn an_event_out_of_order_is_refused() {
        let at = FrameIndex;
        assert!(Event::new(at(3), at(5), Some(at(9))).is_ok());
        assert!(Event::new(at(5), at(5), None).is_err());
        assert!(Event::new(at(3), at(5), Some(at(4))).is_err());
    }
}
