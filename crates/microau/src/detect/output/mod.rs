//! What a detection found, in the formats that people already use; docs/formats.md shows each.
//!
//! A [`Sink`] takes frames and inputs while they come and holds no more than it must, so that a film of an hour needs no more
//! memory than one of a minute. An [`Output`] is a sink with a place: a file is there whole or not at all.

pub mod csv;
pub mod eaf;
pub mod expressions;
mod format;
pub mod json;
pub mod jsonl;
pub mod openface;
pub mod parquet;
mod place;
pub mod subtitles;
pub mod table;
mod times;
mod words;

use std::io::{self, Write};

use microau_core::report::{InputReport, Report};
use microau_core::score::FaceFrame;

pub use format::{Format, FrameFormat, UnknownFrames};
pub use place::{Output, Place};
pub use words::sentence;

/// Where results go while they come: for each input [`begin`](Sink::begin), its frames in order, then
/// [`input`](Sink::input); at last [`end`](Sink::end). What a format has no place for, it passes over.
pub trait Sink<W>: Send {
    /// An input begins, named as in its report.
    ///
    /// # Errors
    /// When it cannot be written, or the format holds one input and this is another.
    fn begin(&mut self, _input: &str) -> io::Result<()> {
        Ok(())
    }

    /// One face in one frame of the input that began last.
    ///
    /// # Errors
    /// When it cannot be written.
    fn frame(&mut self, _frame: &FaceFrame) -> io::Result<()> {
        Ok(())
    }

    /// All that was found in an input.
    ///
    /// # Errors
    /// When it cannot be written, or the format holds one input and this is another.
    fn input(&mut self, _input: &InputReport) -> io::Result<()> {
        Ok(())
    }

    /// Writes what is still held back and gives back what was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    fn end(self: Box<Self>) -> io::Result<W>;
}

/// A sink of one format; `report` says which model speaks, its inputs are not looked at.
///
/// # Errors
/// When the head of the format cannot be written.
pub fn sink<W: Write + Send + 'static>(format: Format, report: &Report, to: W) -> io::Result<Box<dyn Sink<W>>> {
    Ok(match format {
        Format::Table => Box::new(table::TableSink::new(to)),
        Format::Json => Box::new(json::JsonSink::new(report, to)),
        Format::Csv => Box::new(csv::Intervals::new(report, to)?),
        Format::Jsonl => Box::new(jsonl::Lines::new(report, to)?),
        Format::Openface => frame_sink(FrameFormat::Openface, report, to)?,
        Format::Parquet => Box::new(parquet::Intervals::new(report, to)?),
        Format::Eaf => Box::new(eaf::Eaf::new(report, to)),
        Format::Vtt => Box::new(subtitles::Subtitles::vtt(to)?),
        Format::Srt => Box::new(subtitles::Subtitles::srt(to)),
    })
}

/// A sink of frames, one row a frame and face.
///
/// # Errors
/// When the head of the format cannot be written.
pub fn frame_sink<W>(format: FrameFormat, report: &Report, to: W) -> io::Result<Box<dyn Sink<W>>>
where
    W: Write + Send + 'static,
{
    Ok(match format {
        FrameFormat::Csv => Box::new(csv::Frames::new(report, to)?),
        FrameFormat::Jsonl => Box::new(jsonl::Lines::of_frames(report, to)?),
        FrameFormat::Parquet => Box::new(parquet::Frames::new(report, to)?),
        FrameFormat::Openface => Box::new(openface::Openface::new(report, to)?),
    })
}

/// The intervals of a whole report in one format.
///
/// # Errors
/// When the format holds one input and the report has more.
pub fn bytes(format: Format, report: &Report) -> io::Result<Vec<u8>> {
    let mut sink = sink(format, report, Vec::new())?;
    report.inputs.iter().try_for_each(|input| sink.input(input))?;
    sink.end()
}

/// The same of a format that is text.
///
/// # Errors
/// As [`bytes`], and for a format that is no text.
pub fn text(format: Format, report: &Report) -> io::Result<String> {
    let no_text = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    String::from_utf8(bytes(format, report)?).map_err(no_text)
}

/// Keeps a format that holds one input from taking another.
#[derive(Debug, Default)]
struct OneInput {
    taken: bool,
}

impl OneInput {
    fn take(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.taken, true) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a file of this format holds one input"));
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use microau_core::au::Au;
    use microau_core::emotion::{EmotionGroup, ObjectiveClass};
    use microau_core::geom::Point3;
    use microau_core::landmarks::Landmarks;
    use microau_core::report::{FaceReport, ModelInfo, Program, Settings, VideoReport};
    use microau_core::score::{AuInterval, AuScore, AuScores, Emotion, ExpressionKind, FoundBy, Moment, Spotted};
    use microau_core::time::{FrameIndex, FrameRate, Micros};

    use super::*;

    /// A report without inputs.
    pub(crate) fn empty_report() -> Report {
        let program = Program { name: "microau".to_owned(), version: "0.1.0".to_owned() };
        let model = ModelInfo { name: "nano".to_owned(), preset: "nano".to_owned(), aus: vec![Au::Au4, Au::Au12] };
        Report::new(program, model, Settings { threshold: 0.5, placing_frames: 5 })
    }

    /// A film of 900 frames at 30 fps with one face.
    pub(crate) fn film_report(name: &str, intervals: Vec<AuInterval>) -> InputReport {
        let video = VideoReport {
            width_px: 640,
            height_px: 360,
            codec: "h264".to_owned(),
            frame_rate: FrameRate::whole(30),
            frame_count: Some(900),
        };
        let faces = vec![FaceReport { face_id: 0, intervals }];
        InputReport { input: name.to_owned(), video: Some(video), faces, errors: Vec::new() }
    }

    /// A spotted smile on both sides at 30 fps, .875 sure of its kind and of AU12.
    pub(crate) fn interval_at(onset: u64, offset: u64) -> AuInterval {
        let moment = |frame: u64| Moment::new(FrameIndex(frame), FrameRate::whole(30).time_of(FrameIndex(frame)));
        let (onset, apex, offset) = (moment(onset), moment((onset + offset) / 2), moment(offset));
        let kind = ExpressionKind::of(onset.micros, offset.micros);
        let emotion = Emotion {
            objective_class: ObjectiveClass::I,
            objective_name: "happiness".to_owned(),
            rule: EmotionGroup::Positive,
            text: Vec::new(),
        };
        AuInterval {
            onset,
            apex,
            offset: Some(offset),
            found_by: FoundBy::Spot,
            spotted: Some(Spotted { kind, confidence: 0.875 }),
            aus: AuScores::new(vec![AuScore::new(Au::Au4, 0.125, 0.5), AuScore::new(Au::Au12, 0.875, 0.5)]),
            emotion: Some(emotion),
        }
    }

    /// A face whose landmark `i` lies at (i + 0.5, 2 i + 0.5).
    pub(crate) fn frame(face_id: u32, frame: u64) -> FaceFrame {
        let micros = Micros(FrameRate::whole(30).time_of(FrameIndex(frame)).0);
        let point = |i: usize| Point3::new(i as f32 + 0.5, 2.0 * i as f32 + 0.5, 0.0);
        FaceFrame {
            face_id,
            at: Moment::new(FrameIndex(frame), micros),
            confidence: 0.75,
            landmarks: Landmarks::new((0..Landmarks::COUNT).map(point).collect()).unwrap(),
            aus: vec![0.125, 0.875],
        }
    }

    /// What a sink writes of two frames of one input and its report.
    pub(crate) fn written(mut sink: Box<dyn Sink<Vec<u8>>>, input: &InputReport) -> Vec<u8> {
        sink.begin(&input.input).unwrap();
        sink.frame(&frame(0, 0)).unwrap();
        sink.frame(&FaceFrame { aus: Vec::new(), ..frame(1, 1) }).unwrap();
        sink.input(input).unwrap();
        sink.end().unwrap()
    }

    #[test]
    fn a_format_of_one_input_refuses_another_and_the_others_do_not() {
        let mut report = empty_report();
        report.inputs = ["a.mp4", "b.mp4"].map(|name| film_report(name, vec![interval_at(3, 12)])).into();
        for format in Format::ALL {
            // OpenFace has frames alone
            let refused = format.holds_one_input() && format != Format::Openface;
            assert_eq!(bytes(format, &report).is_err(), refused, "{}", format.name());
        }
        let mut openface = frame_sink(FrameFormat::Openface, &report, Vec::new()).unwrap();
        openface.begin("a.mp4").unwrap();
        assert!(openface.begin("b.mp4").is_err());
    }
}
