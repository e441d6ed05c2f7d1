//! When an interval begins and ends, for formats that know no open ends, and times as text.

use microau_core::report::InputReport;
use microau_core::score::AuInterval;
use microau_core::time::{FrameIndex, Micros};

/// Begin and end of an interval in whole milliseconds since the first frame, the end at least one behind the begin. A
/// movement that stays to the end ends with the film, or with its apex where the length of the film is not known.
pub(super) fn span_millis(interval: &AuInterval, input: &InputReport) -> (u64, u64) {
    let to_end = || end_of_film(input).unwrap_or(interval.apex.micros);
    let end = interval.offset.map_or_else(to_end, |offset| offset.micros);
    let begin = millis(interval.onset.micros);
    (begin, millis(end).max(begin + 1))
}

fn end_of_film(input: &InputReport) -> Option<Micros> {
    let video = input.video.as_ref()?;
    Some(video.frame_rate.time_of(FrameIndex(video.frame_count?)))
}

/// Whole milliseconds, rounded to the nearest.
fn millis(micros: Micros) -> u64 {
    (u64::try_from(micros.0).unwrap_or(0) + 500) / 1000
}

/// `01:02:03.004` with the mark between seconds and milliseconds; hours have two digits or more.
pub(super) fn clock(millis: u64, mark: char) -> String {
    let (secs, rest) = (millis / 1000, millis % 1000);
    format!("{:02}:{:02}:{:02}{mark}{rest:03}", secs / 3600, secs / 60 % 60, secs % 60)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{film_report, interval_at};
    use super::*;

    #[test]
    fn a_clock_counts_on_past_the_hour() {
        assert_eq!(clock(3_723_004, '.'), "01:02:03.004");
        assert_eq!(clock(360_000_000, ','), "100:00:00,000");
    }

    #[test]
    fn an_open_end_is_that_of_the_film() {
        let (mut interval, mut film) = (interval_at(3, 12), film_report("a.mp4", Vec::new()));
        assert_eq!(span_millis(&interval, &film), (100, 400));
        interval.offset = None;
        assert_eq!(span_millis(&interval, &film), (100, 30_000));
        film.video = None;
        assert_eq!(span_millis(&interval, &film), (100, 233));
        interval.apex = interval.onset;
        assert_eq!(span_millis(&interval, &film), (100, 101));
    }
}
