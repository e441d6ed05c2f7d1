//! What happens in a film, and when.

use std::fmt;

use microau_core::sample::{AuLabels, Event};
use microau_core::time::{FrameIndex, FrameRate};

/// Kinds of events. Only the first two are expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// An expression of 40 to 500 ms.
    Micro,
    /// An expression of more than 500 ms.
    Macro,
    /// Speech: jaw and lips move at the rate of syllables.
    Talking,
    /// Lids close and open at once.
    Blink,
    /// Two blinks in a row.
    DoubleBlink,
    /// A blink with the lids shut for a while.
    LongBlink,
    /// The eyes go elsewhere.
    Gaze,
    /// The head turns aside and comes back.
    HeadTurn,
    /// The head leans towards a shoulder and comes back.
    HeadTilt,
    /// The head goes down and up, once or several times.
    Nod,
    /// The head comes nearer or moves away, and comes back.
    Lean,
    /// Lips and chin press for a swallow.
    Swallow,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [EventKind; 12] = [
        EventKind::Micro,
        EventKind::Macro,
        EventKind::Talking,
        EventKind::Blink,
        EventKind::DoubleBlink,
        EventKind::LongBlink,
        EventKind::Gaze,
        EventKind::HeadTurn,
        EventKind::HeadTilt,
        EventKind::Nod,
        EventKind::Lean,
        EventKind::Swallow,
    ];

    /// Name as in the table of truth.
    pub const fn name(self) -> &'static str {
        match self {
            EventKind::Micro => "micro",
            EventKind::Macro => "macro",
            EventKind::Talking => "talking",
            EventKind::Blink => "blink",
            EventKind::DoubleBlink => "double-blink",
            EventKind::LongBlink => "long-blink",
            EventKind::Gaze => "gaze",
            EventKind::HeadTurn => "head-turn",
            EventKind::HeadTilt => "head-tilt",
            EventKind::Nod => "nod",
            EventKind::Lean => "lean",
            EventKind::Swallow => "swallow",
        }
    }

    /// Whether AUs are shown: what is to be spotted.
    pub const fn is_expression(self) -> bool {
        matches!(self, EventKind::Micro | EventKind::Macro)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Something that a face does in a film.
#[derive(Debug, Clone, PartialEq)]
pub struct FilmEvent {
    /// Number of the face, from 0, left to right in the picture.
    pub face: usize,
    /// What it is.
    pub kind: EventKind,
    /// Last frame at rest; the strongest frame (of one that holds, the first); first frame at rest again.
    pub event: Event,
    /// The AUs of an expression, else none.
    pub aus: AuLabels,
}

/// Onset, apex and offset in seconds.
pub(super) type Times = [f64; 3];

impl FilmEvent {
    /// An event that is no expression, put on frames so that all of its movement lies within.
    pub(super) fn passing(face: usize, kind: EventKind, [onset, apex, offset]: Times, rate: FrameRate) -> FilmEvent {
        let fps = rate.as_f64();
        let first = (onset * fps).floor().max(0.0) as u64;
        let last = ((offset * fps).ceil() as u64).max(first + 2);
        let middle = ((apex * fps).round() as u64).clamp(first + 1, last - 1);
        let event = Event { onset: FrameIndex(first), apex: FrameIndex(middle), offset: Some(FrameIndex(last)) };
        FilmEvent { face, kind, event, aus: AuLabels::NONE }
    }
}
