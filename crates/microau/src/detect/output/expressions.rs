//! Expressions one line each: when, how long, how sure, and which action units.

use microau_core::report::{FaceReport, InputReport, Report};
use microau_core::score::{AuInterval, ExpressionKind, Moment};
use microau_eval::table::Table;

/// A table for reading.
pub fn table(report: &Report) -> String {
    let mut table = Table::new(["input", "face", "at", "length", "kind", "confidence", "action units"]);
    for (input, face, interval) in intervals(report) {
        let millis = interval.offset.map(|offset| (1000.0 * (offset.secs - interval.onset.secs)).round());
        table.push([
            input.input.clone(),
            face.face_id.to_string(),
            clock(interval.onset),
            millis.map_or("stays".to_owned(), |millis| format!("{millis} ms")),
            kind(interval).to_owned(),
            interval.spotted.map_or(String::new(), |spotted| format!("{:.2}", spotted.confidence)),
            units(interval),
        ]);
    }
    table.left_from(4).to_text()
}

/// One row an expression, with the columns of the truth of generated films and the confidence; frames count from 0.
pub fn csv(report: &Report) -> String {
    let mut table = Table::new([
        "film",
        "face",
        "kind",
        "onset",
        "apex",
        "offset",
        "onset_secs",
        "apex_secs",
        "offset_secs",
        "aus",
        "confidence",
    ]);
    for (input, face, interval) in intervals(report) {
        let [onset, apex] = [interval.onset, interval.apex];
        let offset = |value: fn(Moment) -> String| interval.offset.map_or(String::new(), value);
        table.push([
            input.input.clone(),
            face.face_id.to_string(),
            kind(interval).to_owned(),
            onset.frame.to_string(),
            apex.frame.to_string(),
            offset(|it| it.frame.to_string()),
            format!("{:.6}", onset.secs),
            format!("{:.6}", apex.secs),
            offset(|it| format!("{:.6}", it.secs)),
            units(interval),
            interval.spotted.map_or(String::new(), |spotted| spotted.confidence.to_string()),
        ]);
    }
    table.to_csv()
}

fn intervals(report: &Report) -> impl Iterator<Item = (&InputReport, &FaceReport, &AuInterval)> {
    let faces = report.inputs.iter().flat_map(|input| input.faces.iter().map(move |face| (input, face)));
    faces.flat_map(|(input, face)| face.intervals.iter().map(move |interval| (input, face, interval)))
}

fn kind(interval: &AuInterval) -> &'static str {
    match interval.spotted.map(|spotted| spotted.kind) {
        Some(ExpressionKind::Micro) => "micro",
        Some(ExpressionKind::Macro) => "macro",
        None => "",
    }
}

/// The present action units as annotation tables write them: `1+L2`.
fn units(interval: &AuInterval) -> String {
    use microau_core::sample::AuLabels;
    let mut labels = AuLabels::NONE;
    for score in interval.aus.iter().filter(|score| score.present) {
        labels.insert(score.au, None);
    }
    labels.to_string()
}

/// Hours, minutes and seconds.
fn clock(moment: Moment) -> String {
    let millis = (moment.secs * 1000.0).round() as u64;
    let (hours, minutes, secs) = (millis / 3_600_000, millis / 60_000 % 60, millis / 1000 % 60);
    format!("{hours}:{minutes:02}:{secs:02}.{:03}", millis % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::time::{FrameIndex, Micros};

    #[test]
    fn a_clock_shows_hours_minutes_and_milliseconds() {
        assert_eq!(clock(Moment::new(FrameIndex(0), Micros(3_725_040_000))), "1:02:05.040");
        assert_eq!(clock(Moment::new(FrameIndex(0), Micros(0))), "0:00:00.000");
    }
}
