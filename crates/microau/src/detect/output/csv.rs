//! One row per face and interval: `input,face_id,onset,apex,offset,onset_secs,apex_secs,offset_secs,AU01,AU02,…`.
//!
//! Frames are counted from 0. The columns of the action units hold probabilities. An offset that is not known is empty.
//! Inputs without a result have no row.

use microau_core::report::Report;
use microau_core::score::{AuInterval, Moment};

/// The columns before those of the action units.
const COLUMNS: [&str; 8] = ["input", "face_id", "onset", "apex", "offset", "onset_secs", "apex_secs", "offset_secs"];

/// The report as CSV with a header row.
pub fn write(report: &Report) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let codes = report.model.aus.iter().map(|au| au.code());
    push(&mut writer, COLUMNS.into_iter().chain(codes).map(str::to_owned));
    for input in &report.inputs {
        for face in &input.faces {
            for interval in &face.intervals {
                push(&mut writer, row(report, &input.input, face.face_id, interval));
            }
        }
    }
    let bytes = writer.into_inner().expect("memory can be written to");
    String::from_utf8(bytes).expect("all fields are text")
}

fn row(report: &Report, input: &str, face_id: u32, interval: &AuInterval) -> impl Iterator<Item = String> {
    let moments = [Some(interval.onset), Some(interval.apex), interval.offset];
    let frames = moments.map(|moment| text_of(moment, |moment| moment.frame.to_string()));
    let secs = moments.map(|moment| text_of(moment, |moment| format!("{:.6}", moment.secs)));
    let prob = |&au| interval.aus.get(au).map_or(String::new(), |score| format!("{:.6}", score.probability));
    let probs: Vec<String> = report.model.aus.iter().map(prob).collect();
    [input.to_owned(), face_id.to_string()].into_iter().chain(frames).chain(secs).chain(probs)
}

fn text_of(moment: Option<Moment>, text: impl Fn(Moment) -> String) -> String {
    moment.map_or(String::new(), text)
}

fn push(writer: &mut csv::Writer<Vec<u8>>, fields: impl Iterator<Item = String>) {
    writer.write_record(fields).expect("memory can be written to");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::output::table::tests::report;

    #[test]
    fn the_columns_are_those_promised() {
        let text = write(&report());
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("input,face_id,onset,apex,offset,onset_secs,apex_secs,offset_secs,AU04,AU12"));
        assert_eq!(lines.next(), Some("\"a, b.mp4\",0,3,9,,0.100000,0.300000,,0.125000,0.875000"));
        assert_eq!(lines.next(), None);
    }
}
