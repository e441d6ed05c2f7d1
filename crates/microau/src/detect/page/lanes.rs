//! Where on the axis of a film things stand, in percent of its width, so that the same drawing fits every screen.

use microau_core::score::AuInterval;
use microau_core::time::Micros;

use super::words::{Kind, clock, lasting};

/// Most ticks of an axis: their labels have room beside one another on a phone.
const MOST_TICKS: i64 = 6;
/// Distances between ticks that people like to read, milliseconds.
const STEPS_MILLIS: [i64; 22] = [
    10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
    1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000,
];

/// A tick of the axis of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tick {
    /// Where, percent.
    pub(super) x: String,
    /// What it says.
    pub(super) label: String,
    /// How the label lies about it: `start`, `middle` or `end`.
    pub(super) anchor: &'static str,
}

/// A movement on the axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Onset, percent.
    pub(super) x: String,
    /// Length, percent.
    pub(super) width: String,
    /// Apex, percent.
    pub(super) apex: String,
    /// What sort it is.
    pub(super) kind: Kind,
    /// What it is and when.
    pub(super) label: String,
    /// The card about it, where there is one.
    pub(super) card: Option<String>,
}

impl Mark {
    pub(super) fn new(interval: &AuInterval, card: Option<String>, length: Micros) -> Self {
        let kind = Kind::of(interval);
        let (onset, apex) = (interval.onset.micros, interval.apex.micros);
        let end = interval.offset.map_or(apex, |offset| offset.micros);
        Self {
            x: percent(onset, length),
            width: percent(Micros(end.0 - onset.0), length),
            apex: percent(apex, length),
            kind,
            label: format!("{} at {}, {}", kind.name(), clock(onset), lasting(interval)),
            card,
        }
    }
}

/// The ticks of a film of this length.
pub(super) fn ticks(length: Micros) -> Vec<Tick> {
    let millis = length.0 / 1000;
    let step = STEPS_MILLIS.into_iter().find(|step| millis / step <= MOST_TICKS).unwrap_or(millis / MOST_TICKS);
    let tick = |at: i64| Tick {
        x: percent(Micros(at * 1000), length),
        label: label(at, step),
        anchor: match at {
            0 => "start",
            at if at * 100 > millis * 94 => "end",
            _ => "middle",
        },
    };
    (0..=millis).step_by(step.max(1) as usize).map(tick).collect()
}

/// `0:05`, or with as many decimals as the step needs.
fn label(millis: i64, step: i64) -> String {
    let text = clock(Micros(millis * 1000));
    let decimals = if step % 1000 == 0 {
        4
    } else if step % 100 == 0 {
        2
    } else {
        1
    };
    text[..text.len() - decimals].to_owned()
}

fn percent(part: Micros, whole: Micros) -> String {
    let share = 100.0 * part.as_secs_f64() / whole.as_secs_f64().max(1e-6);
    format!("{:.2}%", share.clamp(0.0, 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(secs: f64) -> Vec<String> {
        ticks(Micros((secs * 1e6) as i64)).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_stand_at_round_times_and_never_more_than_a_phone_has_room_for() {
        assert_eq!(labels(2.4), ["0:00.0", "0:00.5", "0:01.0", "0:01.5", "0:02.0"]);
        assert_eq!(labels(60.0), ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00"][..labels(60.0).len()]);
        assert_eq!(labels(3600.0).last().unwrap(), "1:00:00");
        for secs in [0.04, 0.1, 1.0, 7.0, 59.0, 601.0, 36_000.0, 360_000.0] {
            assert!((1..=MOST_TICKS as usize + 1).contains(&labels(secs).len()), "{secs}: {:?}", labels(secs));
        }
    }

    #[test]
    fn the_last_label_does_not_hang_over_the_edge() {
        let ticks = ticks(Micros(60_000_000));
        assert_eq!((ticks[0].anchor, ticks[1].anchor, ticks.last().unwrap().anchor), ("start", "middle", "end"));
        assert_eq!(ticks.last().unwrap().x, "100.00%");
    }
}
