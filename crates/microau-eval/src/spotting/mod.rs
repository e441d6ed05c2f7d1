//! Spotting: which expressions of a long film were found, as the MEGC spotting challenges count.
//!
//! ```text
//! IoU       = frames of both / frames of either, both ends among them
//! hit       = a spotted and a true movement of one face and one kind with IoU >= 1/2; one to one, best IoU first
//! precision = hits / spotted      recall = hits / true      F1 = 2 hits / (spotted + true)
//! ```
//!
//! Micro- and macro-expressions are matched apart, and their counts added for both together, as the challenges have it
//! (MEGC 2020 and later). What else stands in the truth (blinks, speech, turns of the head) is a distractor: no miss when it is passed over,
//! and told where a false alarm fell on it. Counts are pooled over films, never averaged.

mod figures;
mod film;
mod matching;
mod sheets;
mod span;

use microau_core::score::ExpressionKind;

pub use figures::{AlarmRow, FilmRow, Measures, SpottingFigures, SpottingSettings, judge};
pub use film::{Alarm, Counts, FilmCounts, Nearest};
pub use sheets::sheets;
pub use span::Span;

/// Least overlap of a hit, as the challenges have it.
pub const LEAST_IOU: f64 = 0.5;

/// One movement of one face.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement<K> {
    /// Number of the face within its film.
    pub face: u32,
    /// Its frames.
    pub span: Span,
    /// What it is.
    pub kind: K,
}

/// What a movement of the truth is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrueKind {
    /// An expression, which is to be found.
    Expression(ExpressionKind),
    /// Something else that moves, by its name, e.g. `blink`.
    Distractor(String),
}

impl TrueKind {
    /// The kind of that name: `micro` and `macro` are expressions, all others distractors.
    pub fn of_name(name: &str) -> TrueKind {
        match name {
            "micro" => TrueKind::Expression(ExpressionKind::Micro),
            "macro" => TrueKind::Expression(ExpressionKind::Macro),
            other => TrueKind::Distractor(other.to_owned()),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            TrueKind::Expression(ExpressionKind::Micro) => "micro",
            TrueKind::Expression(ExpressionKind::Macro) => "macro",
            TrueKind::Distractor(name) => name,
        }
    }
}

/// One film: what is in it and what was spotted.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// Its name.
    pub name: String,
    /// Whose face it shows: the unit of resampling.
    pub subject: String,
    /// How long it is; `None` when unknown.
    pub minutes: Option<f64>,
    /// Everything that moves.
    pub truth: Vec<Movement<TrueKind>>,
    /// What was spotted.
    pub found: Vec<Movement<ExpressionKind>>,
}

/// Which expressions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// Micro-expressions.
    Micro,
    /// Longer ones.
    Macro,
    /// The counts of both added: a hit must be of the right kind.
    Both,
    /// Both, matched without regard to their kind.
    EitherKind,
}

impl Which {
    /// All, in the order of tables.
    pub const ALL: [Which; 4] = [Which::Micro, Which::Macro, Which::Both, Which::EitherKind];

    /// Name in tables.
    pub const fn title(self) -> &'static str {
        match self {
            Which::Micro => "micro",
            Which::Macro => "macro",
            Which::Both => "both",
            Which::EitherKind => "either kind",
        }
    }
}
