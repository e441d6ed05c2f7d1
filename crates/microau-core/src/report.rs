//! The report of a detection: the one contract between the command line, the web page and Python.
//!
//! Written as JSON; `docs/report-format.md` describes every field for readers in other languages. Fields may be added
//! within a version, so readers must ignore what they do not know; a change of meaning raises [`VERSION`].

use serde::{Deserialize, Serialize};

use crate::au::Au;
use crate::score::AuInterval;
use crate::time::FrameRate;

/// Value of the field `format` in every report.
pub const FORMAT: &str = "microau-report";

/// Version of the format that this crate writes.
pub const VERSION: u32 = 1;

/// What was found in all inputs of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Always [`FORMAT`].
    pub format: String,
    /// Version of the format, [`VERSION`] when written by this crate.
    pub version: u32,
    /// The program that wrote the report.
    pub program: Program,
    /// The model that gave the scores.
    pub model: ModelInfo,
    /// How it was run.
    pub settings: Settings,
    /// One entry per input, in the order given.
    pub inputs: Vec<InputReport>,
}

/// The program that wrote a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Name of the program.
    pub name: String,
    /// Its version, e.g. `0.1.0`.
    pub version: String,
}

/// The model that gave the scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// `nano` for the embedded model, else the file name of the checkpoint.
    pub name: String,
    /// Preset it was built from, e.g. `vit-b-16`.
    pub preset: String,
    /// Action units it scores, in its order.
    pub aus: Vec<Au>,
}

/// How a detection was run, as far as it decides the figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Least probability that counts as present.
    pub threshold: f32,
    /// Frames averaged to place the crop of the face.
    pub placing_frames: usize,
}

/// What was found in one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputReport {
    /// The input as the user wrote it; two images are joined by ` -> `.
    pub input: String,
    /// The film; `None` when it could not be opened.
    pub video: Option<VideoReport>,
    /// The faces found, by id.
    pub faces: Vec<FaceReport>,
    /// What could not be done, all of it; empty when the input was read as asked.
    pub errors: Vec<ErrorReport>,
}

/// The film an input was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoReport {
    /// Width of a frame in px.
    pub width_px: u32,
    /// Height of a frame in px.
    pub height_px: u32,
    /// Codec or image format, e.g. `h264`.
    pub codec: String,
    /// Frames a second as text, e.g. `25` or `30000/1001`: the mean for variable rate, the assumed rate for images.
    pub frame_rate: FrameRate,
    /// Number of frames; `None` when the film does not say and was not read to its end.
    pub frame_count: Option<u64>,
}

/// The intervals of one face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaceReport {
    /// Number of the face within its film, from 0 in the order of appearance.
    pub face_id: u32,
    /// Movements of the face, in order of time.
    pub intervals: Vec<AuInterval>,
}

/// Why an input, or a part of it, has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorReport {
    /// One line: what was expected and what was got.
    pub message: String,
    /// What the user can do about it, when there is something.
    pub hint: Option<String>,
}

/// A report that this crate does not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The file is something else.
    #[error("expected format {FORMAT}, got {got}")]
    Foreign {
        /// What stands in the field `format`.
        got: String,
    },
    /// A later program wrote it.
    #[error("expected a report of version {VERSION} or older, got version {got}")]
    Newer {
        /// What stands in the field `version`.
        got: u32,
    },
}

impl Report {
    /// A report of this version without inputs.
    pub fn new(program: Program, model: ModelInfo, settings: Settings) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, program, model, settings, inputs: Vec::new() }
    }

    /// Whether a report that was read is one this crate understands.
    ///
    /// # Errors
    /// [`ReportError`] for another format and for a later version.
    pub fn check(&self) -> Result<(), ReportError> {
        if self.format != FORMAT {
            return Err(ReportError::Foreign { got: self.format.clone() });
        }
        if self.version > VERSION {
            return Err(ReportError::Newer { got: self.version });
        }
        Ok(())
    }
}

impl InputReport {
    /// An input that gave no result.
    pub fn failed(input: String, error: ErrorReport) -> Self {
        Self { input, video: None, faces: Vec::new(), errors: vec![error] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{AuScore, AuScores, FoundBy, Moment};
    use crate::time::{FrameIndex, Micros};

    fn report() -> Report {
        let program = Program { name: "microau".to_owned(), version: "0.1.0".to_owned() };
        let model = ModelInfo { name: "nano".to_owned(), preset: "nano".to_owned(), aus: vec![Au::Au12] };
        let settings = Settings { threshold: 0.5, placing_frames: 5 };
        Report::new(program, model, settings)
    }

    fn interval() -> AuInterval {
        let score = AuScore::new(Au::Au12, 0.75, 0.5).with_sides(0.875, 0.125);
        AuInterval {
            onset: Moment::new(FrameIndex(10), Micros(400_000)),
            apex: Moment::new(FrameIndex(14), Micros(560_000)),
            offset: None,
            found_by: FoundBy::Given,
            spotted: None,
            aus: AuScores::new(vec![score]),
            emotion: None,
        }
    }

    #[test]
    fn the_json_is_the_one_written_out_in_the_format_page() {
        let face = FaceReport { face_id: 0, intervals: vec![interval()] };
        let json = serde_json::to_value(&face).unwrap();
        let expected = serde_json::json!({
            "face_id": 0,
            "intervals": [{
                "onset": { "frame": 10, "micros": 400_000, "secs": 0.4 },
                "apex": { "frame": 14, "micros": 560_000, "secs": 0.56 },
                "offset": null,
                "found_by": "given",
                "aus": [{ "au": "AU12", "probability": 0.75, "present": true, "left": 0.875, "right": 0.125 }],
                "emotion": null,
            }],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn a_report_reads_back_as_it_was_written() {
        let mut written = report();
        let error = ErrorReport { message: "no face".to_owned(), hint: None };
        written.inputs.push(InputReport::failed("a.mp4".to_owned(), error));
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), written);
    }

    #[test]
    fn a_field_added_later_is_ignored() {
        let mut json = serde_json::to_value(report()).unwrap();
        json["added_later"] = serde_json::json!(1);
        assert!(serde_json::from_value::<Report>(json).is_ok());
    }

    #[test]
    fn a_later_version_and_a_foreign_file_are_refused() {
        let later = Report { version: VERSION + 1, ..report() };
        assert_eq!(later.check(), Err(ReportError::Newer { got: VERSION + 1 }));
        let foreign = Report { format: "coco".to_owned(), ..report() };
        assert_eq!(foreign.check(), Err(ReportError::Foreign { got: "coco".to_owned() }));
    }
}
