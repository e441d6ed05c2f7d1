//! Tables for spreadsheets: one row an interval, or one row a frame and face.
//!
//! ```text
//! input,face_id,onset,apex,offset,onset_secs,apex_secs,offset_secs,kind,confidence,AU01,AU02,…
//! input,frame,secs,face_id,confidence,AU01,AU02,…
//! ```
//!
//! Frames are counted from 0. The columns of the action units hold probabilities. What is not known is empty. Inputs without
//! a result have no row.

use std::io::{self, Write};

use microau_core::au::Au;
use microau_core::report::{InputReport, Report};
use microau_core::score::{AuInterval, ExpressionKind, FaceFrame, Moment};

use super::Sink;

/// The columns of intervals before those of the action units.
const OF_INTERVALS: [&str; 10] =
    ["input", "face_id", "onset", "apex", "offset", "onset_secs", "apex_secs", "offset_secs", "kind", "confidence"];

/// The columns of frames before those of the action units.
const OF_FRAMES: [&str; 5] = ["input", "frame", "secs", "face_id", "confidence"];

/// One row an interval.
pub struct Intervals<W: Write> {
    writer: csv::Writer<W>,
    aus: Vec<Au>,
}

impl<W: Write + Send> Intervals<W> {
    /// A table with its header row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(report: &Report, to: W) -> io::Result<Self> {
        let (writer, aus) = table(&OF_INTERVALS, report, to)?;
        Ok(Self { writer, aus })
    }
}

impl<W: Write + Send> Sink<W> for Intervals<W> {
    fn input(&mut self, input: &InputReport) -> io::Result<()> {
        for face in &input.faces {
            for interval in &face.intervals {
                self.writer.write_record(interval_row(&self.aus, &input.input, face.face_id, interval))?;
            }
        }
        self.writer.flush()
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        written(self.writer)
    }
}

/// One row a frame and face.
pub struct Frames<W: Write> {
    writer: csv::Writer<W>,
    aus: Vec<Au>,
    input: String,
}

impl<W: Write + Send> Frames<W> {
    /// A table with its header row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(report: &Report, to: W) -> io::Result<Self> {
        let (writer, aus) = table(&OF_FRAMES, report, to)?;
        Ok(Self { writer, aus, input: String::new() })
    }
}

impl<W: Write + Send> Sink<W> for Frames<W> {
    fn begin(&mut self, input: &str) -> io::Result<()> {
        input.clone_into(&mut self.input);
        Ok(())
    }

    fn frame(&mut self, frame: &FaceFrame) -> io::Result<()> {
        let FaceFrame { face_id, at, confidence, aus, .. } = frame;
        let head = [self.input.clone(), at.frame.to_string(), secs(*at), face_id.to_string(), six(*confidence)];
        let probs = (0..self.aus.len()).map(|k| aus.get(k).copied().map_or(String::new(), six));
        Ok(self.writer.write_record(head.into_iter().chain(probs))?)
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        written(self.writer)
    }
}

fn table<W: Write>(columns: &[&str], report: &Report, to: W) -> io::Result<(csv::Writer<W>, Vec<Au>)> {
    let mut writer = csv::Writer::from_writer(to);
    let aus = report.model.aus.clone();
    writer.write_record(columns.iter().copied().chain(aus.iter().map(|au| au.code())))?;
    Ok((writer, aus))
}

fn written<W: Write>(writer: csv::Writer<W>) -> io::Result<W> {
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn interval_row(aus: &[Au], input: &str, face_id: u32, interval: &AuInterval) -> Vec<String> {
    let moments = [Some(interval.onset), Some(interval.apex), interval.offset];
    let frames = moments.map(|moment| text_of(moment, |moment| moment.frame.to_string()));
    let kind = text_of(interval.spotted, |spotted| kind_name(spotted.kind).to_owned());
    let confidence = text_of(interval.spotted, |spotted| six(spotted.confidence));
    let probs = aus.iter().map(|&au| text_of(interval.aus.get(au), |score| six(score.probability)));
    let head = [input.to_owned(), face_id.to_string()].into_iter().chain(frames);
    head.chain(moments.map(|moment| text_of(moment, secs))).chain([kind, confidence]).chain(probs).collect()
}

/// Name of a kind in files.
pub(super) fn kind_name(kind: ExpressionKind) -> &'static str {
    match kind {
        ExpressionKind::Micro => "micro",
        ExpressionKind::Macro => "macro",
    }
}

fn text_of<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or(String::new(), text)
}

fn secs(moment: Moment) -> String {
    format!("{:.6}", moment.secs)
}

fn six(value: f32) -> String {
    format!("{value:.6}")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty_report, film_report, interval_at, written};
    use super::super::{Format, FrameFormat, bytes, frame_sink};
    use crate::detect::output::table::tests::report;

    fn lines(bytes: Vec<u8>) -> Vec<String> {
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_columns_are_those_promised() {
        let got = lines(bytes(Format::Csv, &report()).unwrap());
        let header = "input,face_id,onset,apex,offset,onset_secs,apex_secs,offset_secs,kind,confidence,AU04,AU12";
        assert_eq!(got, [header, "\"a, b.mp4\",0,3,9,,0.100000,0.300000,,,,0.125000,0.875000"]);
    }

    #[test]
    fn a_spotted_interval_has_its_kind_and_confidence() {
        let mut report = empty_report();
        report.inputs.push(film_report("ä \"b\".mp4", vec![interval_at(3, 12)]));
        let got = lines(bytes(Format::Csv, &report).unwrap());
        let row = "\"ä \"\"b\"\".mp4\",0,3,7,12,0.100000,0.233333,0.400000,micro,0.875000,0.125000,0.875000";
        assert_eq!(got[1], row);
    }

    #[test]
    fn a_row_of_a_frame_without_scores_has_empty_fields() {
        let sink = frame_sink(FrameFormat::Csv, &empty_report(), Vec::new()).unwrap();
        let got = lines(written(sink, &film_report("a.mp4", vec![interval_at(3, 12)])));
        let expected = [
            "input,frame,secs,face_id,confidence,AU04,AU12",
            "a.mp4,0,0.000000,0,0.750000,0.125000,0.875000",
            "a.mp4,1,0.033333,1,0.750000,,",
        ];
        assert_eq!(got, expected);
    }
}
