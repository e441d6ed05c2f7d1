//! One JSON object a line, each with its `type`, so that results can be read while they come.
//!
//! ```text
//! {"type":"report","format":"microau-report","version":1,"program":…,"model":…,"settings":…}
//! {"type":"frame","input":"a.mp4","face_id":0,"frame":12,"micros":400000,"secs":0.4,"confidence":0.98,"aus":{"AU01":0.03,…}}
//! {"type":"interval","input":"a.mp4","face_id":0,"onset":…,"apex":…,"offset":…,…}
//! {"type":"input","input":"a.mp4","video":…,"errors":[]}
//! ```
//!
//! An interval has the fields of docs/report-format.md. The line of an input comes behind its intervals.

use std::collections::BTreeMap;
use std::io::{self, Write};

use microau_core::au::Au;
use microau_core::report::{ErrorReport, InputReport, ModelInfo, Program, Report, Settings, VideoReport};
use microau_core::score::{AuInterval, FaceFrame, Moment};
use serde::Serialize;

use super::Sink;

/// One line.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Report {
        format: &'a str,
        version: u32,
        program: &'a Program,
        model: &'a ModelInfo,
        settings: &'a Settings,
    },
    Frame {
        input: &'a str,
        face_id: u32,
        #[serde(flatten)]
        at: Moment,
        confidence: f32,
        aus: BTreeMap<Au, f32>,
    },
    Interval {
        input: &'a str,
        face_id: u32,
        #[serde(flatten)]
        interval: &'a AuInterval,
    },
    Input {
        input: &'a str,
        video: &'a Option<VideoReport>,
        errors: &'a [ErrorReport],
    },
}

/// Lines of intervals, or of frames.
pub struct Lines<W> {
    to: W,
    aus: Vec<Au>,
    input: String,
    has_frames: bool,
}

impl<W: Write + Send> Lines<W> {
    /// Lines of intervals, the first of which says which program and model speak.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(report: &Report, to: W) -> io::Result<Self> {
        let Report { format, version, program, model, settings, .. } = report;
        let mut lines = Self { to, aus: model.aus.clone(), input: String::new(), has_frames: false };
        lines.push(&Line::Report { format, version: *version, program, model, settings })?;
        Ok(lines)
    }

    /// Lines of frames, likewise.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn of_frames(report: &Report, to: W) -> io::Result<Self> {
        Ok(Self { has_frames: true, ..Self::new(report, to)? })
    }

    fn push(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.to, line)?;
        self.to.write_all(b"\n")
    }
}

impl<W: Write + Send> Sink<W> for Lines<W> {
    fn begin(&mut self, input: &str) -> io::Result<()> {
        input.clone_into(&mut self.input);
        Ok(())
    }

    fn frame(&mut self, frame: &FaceFrame) -> io::Result<()> {
        if !self.has_frames {
            return Ok(());
        }
        let input = std::mem::take(&mut self.input);
        let aus = self.aus.iter().copied().zip(frame.aus.iter().copied()).collect();
        let FaceFrame { face_id, at, confidence, .. } = *frame;
        self.push(&Line::Frame { input: &input, face_id, at, confidence, aus })?;
        self.input = input;
        Ok(())
    }

    fn input(&mut self, report: &InputReport) -> io::Result<()> {
        let InputReport { input, video, faces, errors } = report;
        let intervals = faces.iter().flat_map(|face| face.intervals.iter().map(|interval| (face.face_id, interval)));
        if !self.has_frames {
            for (face_id, interval) in intervals {
                self.push(&Line::Interval { input, face_id, interval })?;
            }
        }
        self.push(&Line::Input { input, video, errors })?;
        self.to.flush()
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        Ok(self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty_report, film_report, interval_at, written};
    use super::super::{Format, FrameFormat, frame_sink, sink};
    use super::*;
    use serde_json::{Value, json};

    fn lines(bytes: Vec<u8>) -> Vec<Value> {
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_line_says_what_it_is() {
        let film = film_report("a\n\"b\".mp4", vec![interval_at(3, 12)]);
        let got = lines(written(sink(Format::Jsonl, &empty_report(), Vec::new()).unwrap(), &film));
        let types: Vec<&str> = got.iter().map(|line| line["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["report", "interval", "input"]);
        assert_eq!(got[1]["input"], "a\n\"b\".mp4");
        assert_eq!((&got[1]["kind"], &got[1]["onset"]["frame"]), (&json!("micro"), &json!(3)));
        let interval: AuInterval = serde_json::from_value(got[1].clone()).unwrap();
        assert_eq!(interval, interval_at(3, 12));
    }

    #[test]
    fn a_frame_names_its_units() {
        let sink = frame_sink(FrameFormat::Jsonl, &empty_report(), Vec::new()).unwrap();
        let got = lines(written(sink, &film_report("a.mp4", vec![interval_at(3, 12)])));
        let expected = json!({
            "type": "frame", "input": "a.mp4", "face_id": 0, "frame": 0, "micros": 0, "secs": 0.0, "confidence": 0.75,
            "aus": { "AU04": 0.125, "AU12": 0.875 },
        });
        assert_eq!(got[1], expected);
        assert_eq!(got[2]["aus"], json!({}));
        assert_eq!(got.len(), 4);
    }
}
