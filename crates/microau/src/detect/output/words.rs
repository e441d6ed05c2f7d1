//! An interval in words: `micro-expression: 1+2 inner brow raiser (left and right), outer brow raiser (left), .87`.

use microau_core::au::Side;
use microau_core::score::{AuInterval, AuScore, ExpressionKind};

/// An interval in words: what it is, which units are present and where, and how sure spotting is of it.
pub fn sentence(interval: &AuInterval) -> String {
    let confidence = interval.spotted.map_or(String::new(), |spotted| format!(", {}", probability(spotted.confidence)));
    format!("{}: {}{confidence}", kind(interval), units(interval))
}

/// What an interval is.
pub(super) fn kind(interval: &AuInterval) -> &'static str {
    match interval.spotted.map(|spotted| spotted.kind) {
        Some(ExpressionKind::Micro) => "micro-expression",
        Some(ExpressionKind::Macro) => "longer expression",
        None => "movement",
    }
}

/// The present units with their sides: `1+2 inner brow raiser (left and right), outer brow raiser (left)`.
pub(super) fn units(interval: &AuInterval) -> String {
    let present: Vec<&AuScore> = interval.aus.iter().filter(|score| score.present).collect();
    if present.is_empty() {
        return "no action unit present".to_owned();
    }
    let named: Vec<String> = present.iter().map(|score| format!("{} ({})", score.au.name(), side(score))).collect();
    format!("{} {}", interval.aus.present(), named.join(", "))
}

/// The side that moves more, or both.
pub(super) fn side(score: &AuScore) -> &'static str {
    match score.stronger_side() {
        Some(Side::Left) => "left",
        Some(Side::Right) => "right",
        None => "left and right",
    }
}

/// Two digits without the nought that every probability has but 1: `.87`.
pub(super) fn probability(probability: f32) -> String {
    let text = format!("{probability:.2}");
    text.strip_prefix('0').map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::tests::interval_at;
    use super::*;
    use microau_core::au::Au;
    use microau_core::score::AuScores;

    #[test]
    fn the_sentence_says_what_moved_where_and_how_sure() {
        let mut interval = interval_at(3, 12);
        let brows = AuScore::new(Au::Au1, 0.9, 0.5).with_sides(0.9, 0.8);
        let left = AuScore::new(Au::Au2, 0.7, 0.5).with_sides(0.7, 0.1);
        interval.aus = AuScores::new(vec![brows, left, AuScore::new(Au::Au12, 0.1, 0.5)]);
        let expected = "micro-expression: 1+2 inner brow raiser (left and right), outer brow raiser (left), .88";
        assert_eq!(sentence(&interval), expected);
        interval.spotted = None;
        interval.aus = AuScores::default();
        assert_eq!(sentence(&interval), "movement: no action unit present");
    }

    #[test]
    fn a_certain_probability_keeps_its_one() {
        assert_eq!([probability(1.0), probability(0.0), probability(0.071)], ["1.00", ".00", ".07"]);
    }
}
