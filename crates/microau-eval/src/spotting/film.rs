//! Hits, misses and false alarms of one film.

use microau_core::score::ExpressionKind;

use super::matching::{Matching, matching, overlap};
use super::{Film, Movement, TrueKind, Which};

/// How many there are, were spotted and were hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Expressions in the truth.
    pub truth: u64,
    /// Movements that were spotted.
    pub found: u64,
    /// Pairs of both.
    pub hits: u64,
}

impl Counts {
    /// Spotted movements that are no expression.
    pub fn false_alarms(&self) -> u64 {
        self.found - self.hits
    }

    /// Share of the spotted that are hits; `None` when nothing was spotted.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.hits, self.found)
    }

    /// Share of the true that were hit; `None` without expressions.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.hits, self.truth)
    }

    /// Harmonic mean of both; `None` without expressions, where nothing can be found.
    pub fn f1(&self) -> Option<f64> {
        if self.truth == 0 { None } else { ratio(2 * self.hits, self.truth + self.found) }
    }

    /// Counts added up, the other ones `times` over.
    pub fn plus(self, other: Counts, times: u64) -> Counts {
        Counts {
            truth: self.truth + times * other.truth,
            found: self.found + times * other.found,
            hits: self.hits + times * other.hits,
        }
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// What stands in the truth where a false alarm fell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearest {
    /// The movement of the truth that overlaps it most: a distractor, an expression of the other kind, or one of its own kind that
    /// it does not cover by half or that another movement hit.
    Kind(TrueKind),
    /// Nothing moves there.
    Nothing,
}

/// A spotted movement that is no hit among those of its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// What was spotted.
    pub found: Movement<ExpressionKind>,
    /// What is there.
    pub nearest: Nearest,
}

/// The counts of one film.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmCounts {
    counts: [Counts; 4],
    /// Every spotted movement that is no hit among those of its kind.
    pub alarms: Vec<Alarm>,
    /// The true expressions that were not found among those of their kind.
    pub missed: Vec<Movement<ExpressionKind>>,
}

impl FilmCounts {
    /// Matches the movements of a film that overlap by at least `least_iou`.
    pub fn of(film: &Film, least_iou: f64) -> FilmCounts {
        let (mut alarms, mut missed) = (Vec::new(), Vec::new());
        let [micro, longer] = [ExpressionKind::Micro, ExpressionKind::Macro].map(|kind| {
            let (truth, found) = sides(film, |of| of == kind);
            let matching = matching(&truth, &found, least_iou);
            let unhit = found.iter().zip(&matching.is_hit).filter(|(_, hit)| !**hit);
            alarms
                .extend(unhit.map(|(&found, _)| Alarm { found: found.clone(), nearest: nearest(found, &film.truth) }));
            let unfound = truth.iter().zip(&matching.of_true).filter(|(_, found)| found.is_none());
            missed.extend(unfound.map(|(it, _)| Movement { face: it.face, span: it.span, kind }));
            counts(&matching)
        });
        let (truth, found) = sides(film, |_| true);
        let either = counts(&matching(&truth, &found, least_iou));
        FilmCounts { counts: [micro, longer, micro.plus(longer, 1), either], alarms, missed }
    }

    /// The counts of some expressions.
    pub fn of_which(&self, which: Which) -> Counts {
        self.counts[which as usize]
    }

    /// Whether the film has no expression at all.
    pub fn is_calm(&self) -> bool {
        self.of_which(Which::Both).truth == 0
    }
}

type Sides<'f> = (Vec<&'f Movement<TrueKind>>, Vec<&'f Movement<ExpressionKind>>);

/// The expressions of some kinds, true and found.
fn sides(film: &Film, is_wanted: impl Fn(ExpressionKind) -> bool) -> Sides<'_> {
    let true_one = |it: &&Movement<TrueKind>| matches!(it.kind, TrueKind::Expression(kind) if is_wanted(kind));
    let truth = film.truth.iter().filter(true_one).collect();
    (truth, film.found.iter().filter(|it| is_wanted(it.kind)).collect())
}

fn counts(matching: &Matching) -> Counts {
    let hits = matching.of_true.iter().flatten().count() as u64;
    Counts { truth: matching.of_true.len() as u64, found: matching.is_hit.len() as u64, hits }
}

fn nearest(found: &Movement<ExpressionKind>, truth: &[Movement<TrueKind>]) -> Nearest {
    let iou = |it: &Movement<TrueKind>| overlap((it.face, it.span), (found.face, found.span));
    let touching = truth.iter().filter(|it| iou(it) > 0.0);
    let closest = touching.max_by(|a, b| iou(a).total_cmp(&iou(b)));
    closest.map_or(Nearest::Nothing, |it| Nearest::Kind(it.kind.clone()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::spotting::Span;

    pub(in crate::spotting) fn movement<K>(kind: K, onset: u64, offset: u64) -> Movement<K> {
        Movement { face: 0, span: Span::new(onset, offset).unwrap(), kind }
    }

    /// A minute with two micro-expressions, a smile and a blink; one of the former is hit, the smile is taken for a
    /// micro-expression, the blink for another.
    pub(in crate::spotting) fn film() -> Film {
        let truth = [("micro", 10, 19), ("micro", 100, 109), ("macro", 200, 239), ("blink", 300, 305)];
        let found = [(11, 20), (201, 214), (301, 306), (400, 409)];
        Film {
            name: "a".to_owned(),
            subject: "s1".to_owned(),
            minutes: Some(1.0),
            truth: truth.map(|(name, onset, offset)| movement(TrueKind::of_name(name), onset, offset)).into(),
            found: found.map(|(onset, offset)| movement(ExpressionKind::Micro, onset, offset)).into(),
        }
    }

    #[test]
    fn counts_are_those_worked_out_by_hand() {
        let counts = FilmCounts::of(&film(), 0.5);
        assert_eq!(counts.of_which(Which::Micro), Counts { truth: 2, found: 4, hits: 1 });
        assert_eq!(counts.of_which(Which::Macro), Counts { truth: 1, found: 0, hits: 0 });
        assert_eq!(counts.of_which(Which::Both), Counts { truth: 3, found: 4, hits: 1 });
        assert_eq!(counts.of_which(Which::Both).f1(), Some(2.0 / 7.0));
        assert_eq!(
            counts.missed,
            [movement(ExpressionKind::Micro, 100, 109), movement(ExpressionKind::Macro, 200, 239)]
        );
    }

    #[test]
    fn a_smile_taken_for_a_micro_expression_is_a_hit_only_where_kinds_do_not_count() {
        let mut film = film();
        film.found[1].span = Span::new(200, 225).unwrap(); // 26 of 40 frames
        let counts = FilmCounts::of(&film, 0.5);
        assert_eq!(counts.of_which(Which::Both).hits, 1);
        assert_eq!(counts.of_which(Which::EitherKind), Counts { truth: 3, found: 4, hits: 2 });
    }

    #[test]
    fn false_alarms_are_told_by_what_they_fell_on() {
        let alarms = FilmCounts::of(&film(), 0.5).alarms;
        let nearest: Vec<Nearest> = alarms.into_iter().map(|alarm| alarm.nearest).collect();
        let of = |name| Nearest::Kind(TrueKind::of_name(name));
        assert_eq!(nearest, [of("macro"), of("blink"), Nearest::Nothing]);
    }

    #[test]
    fn figures_without_a_denominator_are_undefined() {
        let nothing = Counts { truth: 0, found: 0, hits: 0 };
        assert_eq!((nothing.precision(), nothing.recall(), nothing.f1()), (None, None, None));
        assert_eq!(Counts { truth: 3, ..nothing }.f1(), Some(0.0));
        assert_eq!(Counts { found: 3, ..nothing }.f1(), None);
    }
}
