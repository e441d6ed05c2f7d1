//! Figures in plain words.

use microau_core::au::Au;
use microau_core::score::{AuInterval, AuScore, ExpressionKind, FoundBy};
use microau_core::time::Micros;

/// What sort of movement it is, for its look on the page and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// At most half a second.
    Micro,
    /// Longer.
    Longer,
    /// The strongest movement of a clip.
    Strongest,
    /// Named by the user.
    Given,
}

impl Kind {
    pub(super) fn of(interval: &AuInterval) -> Kind {
        match (interval.spotted.map(|spotted| spotted.kind), interval.found_by) {
            (Some(ExpressionKind::Micro), _) => Kind::Micro,
            (Some(ExpressionKind::Macro), _) => Kind::Longer,
            (None, FoundBy::Given) => Kind::Given,
            (None, FoundBy::Search | FoundBy::Spot) => Kind::Strongest,
        }
    }

    /// Whether spotting told it from what is no expression.
    pub(super) fn is_spotted(self) -> bool {
        matches!(self, Kind::Micro | Kind::Longer)
    }

    /// Name of one such movement.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Micro => "Micro-expression",
            Kind::Longer => "Longer expression",
            Kind::Strongest => "Strongest movement",
            Kind::Given => "Movement as given",
        }
    }

    /// What it means.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Kind::Micro => "at most half a second from onset to offset",
            Kind::Longer => "an expression of more than half a second",
            Kind::Strongest => "the movement that explains most of what the face did in a film taken as one clip",
            Kind::Given => "onset and apex were named when the program was called",
        }
    }

    /// Name in the style of the page.
    pub(super) fn class(self) -> &'static str {
        match self {
            Kind::Micro => "micro",
            Kind::Longer => "longer",
            Kind::Strongest => "strongest",
            Kind::Given => "given",
        }
    }
}

/// A probability with two decimals, without the zero before them; never a certainty.
pub(super) fn probability(value: f32) -> String {
    match value {
        value if value < 0.005 => "under .01".to_owned(),
        value if value >= 0.995 => "over .99".to_owned(),
        value => format!("{value:.2}").trim_start_matches('0').to_owned(),
    }
}

/// A moment of a film, `m:ss.mmm` or `h:mm:ss.mmm`.
pub(super) fn clock(at: Micros) -> String {
    let millis = (at.0.max(0) + 500) / 1000;
    let (hours, minutes, secs, millis) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60, millis % 1000);
    match hours {
        0 => format!("{minutes}:{secs:02}.{millis:03}"),
        _ => format!("{hours}:{minutes:02}:{secs:02}.{millis:03}"),
    }
}

/// A length of time as people say it.
pub(super) fn length(of: Micros) -> String {
    let millis = (of.0 + 500) / 1000;
    match millis {
        ..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", millis as f64 / 1000.0),
        60_000..3_600_000 => format!("{} min {} s", millis / 60_000, millis / 1000 % 60),
        _ => format!("{} h {} min", millis / 3_600_000, millis / 60_000 % 60),
    }
}

/// How long a movement lasts.
pub(super) fn lasting(interval: &AuInterval) -> String {
    let since_onset = |end: Micros| length(Micros(end.0 - interval.onset.micros.0));
    match interval.offset {
        Some(offset) => since_onset(offset.micros),
        None => format!("{} to the apex, end not known", since_onset(interval.apex.micros)),
    }
}

/// What moved in one sentence: units, sides, probabilities, and how long it took.
pub(super) fn sentence(interval: &AuInterval, threshold: f32) -> String {
    let mut present: Vec<&AuScore> = interval.aus.iter().filter(|score| score.present).collect();
    present.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let lasting = lasting(interval);
    if present.is_empty() {
        let likeliest = interval.aus.iter().max_by(|a, b| a.probability.total_cmp(&b.probability));
        let likeliest = likeliest.map_or(String::new(), |score| {
            format!(
                "; the likeliest is the {} ({}), probability {}",
                score.au.name(),
                short(score.au),
                probability(score.probability)
            )
        });
        return format!(
            "Something moved for {lasting}, but no action unit reached {}{likeliest}.",
            probability(threshold)
        );
    }
    let part = |score: &&AuScore| {
        let AuScore { au, probability: value, .. } = **score;
        format!("{} ({}), {}, probability {}", au.name(), short(au), sides(score, threshold), probability(value))
    };
    let parts: Vec<String> = present.iter().map(part).collect();
    capitalised(&format!("{}; {lasting}.", parts.join("; ")))
}

/// A unit as coders write it, `AU12`, without a leading zero.
pub(super) fn short(au: Au) -> String {
    format!("AU{}", au.number())
}

/// On which side a unit moved; sides are reported only where they differ.
fn sides(score: &AuScore, threshold: f32) -> &'static str {
    let (Some(left), Some(right)) = (score.left, score.right) else { return "left and right" };
    match (left >= threshold, right >= threshold, left > right) {
        (true, false, _) => "left only",
        (false, true, _) => "right only",
        (_, _, true) => "more on the left",
        (_, _, false) => "more on the right",
    }
}

/// `1 face`, `2 faces`.
pub(super) fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The same text with its first letter large.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::score::{AuScores, Moment};
    use microau_core::time::FrameIndex;

    fn interval(aus: Vec<AuScore>) -> AuInterval {
        let at = |millis: i64| Moment::new(FrameIndex(millis as u64 / 40), Micros(millis * 1000));
        let aus = AuScores::new(aus);
        let offset = Some(at(120));
        AuInterval { onset: at(0), apex: at(40), offset, found_by: FoundBy::Given, spotted: None, aus, emotion: None }
    }

    #[test]
    fn a_movement_is_told_in_one_sentence() {
        let brows = AuScore::new(Au::Au1, 0.871, 0.5);
        let smile = AuScore::new(Au::Au12, 0.94, 0.5).with_sides(0.97, 0.21);
        let calm = AuScore::new(Au::Au4, 0.2, 0.5);
        assert_eq!(
            sentence(&interval(vec![brows, calm, smile]), 0.5),
            "Lip corner puller (AU12), left only, probability .94; inner brow raiser (AU1), left and right, probability .87; 120 ms."
        );
        assert_eq!(
            sentence(&interval(vec![calm]), 0.5),
            "Something moved for 120 ms, but no action unit reached .50; the likeliest is the brow lowerer (AU4), probability .20."
        );
    }

    #[test]
    fn no_probability_is_a_certainty() {
        assert_eq!(
            [0.0, 0.004, 0.874, 0.999, 1.0].map(probability),
            ["under .01", "under .01", ".87", "over .99", "over .99"]
        );
    }

    #[test]
    fn times_are_written_as_on_a_player() {
        assert_eq!(clock(Micros(1_234_400)), "0:01.234");
        assert_eq!(clock(Micros(3_723_999_600)), "1:02:04.000");
        assert_eq!(
            [80_000, 2_340_000, 61_000_000, 3_660_000_000].map(|it| length(Micros(it))),
            ["80 ms", "2.3 s", "1 min 1 s", "1 h 1 min"]
        );
    }
}
