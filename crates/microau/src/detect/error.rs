//! Why an input gave no result, each kind with its fields and what the user can do.

use std::path::PathBuf;

use microau_core::region::RegionOutside;
use microau_core::report::ErrorReport;
use microau_core::time::FrameIndex;
use microau_model::ModelError;
use microau_vision::frames::FrameError;

use super::input::Input;

/// Why a detection, or one part of it, was not possible. `Display` is one line; [`DetectError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// The frames could not be read.
    #[error(transparent)]
    Frames(#[from] FrameError),
    /// The input has a single frame, in which nothing can move.
    #[error("expected at least 2 frames, got {got}: {input}")]
    TooFewFrames {
        /// Frames there are.
        got: u64,
        /// The input.
        input: String,
    },
    /// No frame shows a face.
    #[error("found no face in {frames} frames: {input}")]
    NoFace {
        /// Frames looked at.
        frames: u64,
        /// The input.
        input: String,
    },
    /// No face was seen both at the onset and at the apex.
    #[error("found no face that is in both frame {onset} and frame {apex}: {input}")]
    NoFaceAtEvent {
        /// The onset asked for.
        onset: FrameIndex,
        /// The apex asked for.
        apex: FrameIndex,
        /// The input.
        input: String,
    },
    /// No face moves after an onset, so that no apex can be searched.
    #[error("found no face that moves after frame {onset}: {input}")]
    NoMovement {
        /// The onset given.
        onset: FrameIndex,
        /// The input.
        input: String,
    },
    /// Onset, apex and offset are not in order.
    #[error("expected onset < apex <= offset, got {got}: {input}")]
    EventOrder {
        /// What was asked for, e.g. `onset 9, apex 4`.
        got: String,
        /// The input.
        input: String,
    },
    /// A frame was asked for that does not exist.
    #[error("{what} {frame} lies past the end, the last frame is {last}: {input}")]
    PastEnd {
        /// `onset`, `apex` or `offset`.
        what: &'static str,
        /// The frame asked for.
        frame: FrameIndex,
        /// Last frame there is.
        last: FrameIndex,
        /// Whether its frames are files with numbers in their names.
        is_folder: bool,
        /// The input.
        input: String,
    },
    /// No file of an image folder has this number in its name.
    #[error("{what} {number}: no image has this number in its name: {input}")]
    NoSuchNumber {
        /// `onset`, `apex` or `offset`.
        what: &'static str,
        /// The number asked for.
        number: u64,
        /// The input.
        input: String,
    },
    /// A part of the face lies outside the picture.
    #[error("{source}{}", about(input))]
    FaceCutOff {
        /// Which action unit cannot be seen.
        source: RegionOutside,
        /// The input, once it is known.
        input: Option<String>,
    },
    /// The file of the table of pairs cannot be read.
    #[error("could not read the table of pairs ({source}): {}", path.display())]
    PairsFile {
        /// What the operating system said.
        source: std::io::Error,
        /// The table.
        path: PathBuf,
    },
    /// A row of the table of pairs is no good, or all of the table.
    #[error("expected {expected}, got {got}{}: {}", line.map_or(String::new(), |line| format!(" in line {line}")), path.display())]
    Pairs {
        /// What a good table has there.
        expected: String,
        /// What this one has.
        got: String,
        /// Line of the file, from 1, where it is about one.
        line: Option<u64>,
        /// The table.
        path: PathBuf,
    },
    /// The table of pairs has no row for an input.
    #[error("expected a row for every input, got none for {input}: {}", path.display())]
    NotInPairs {
        /// The input without a row.
        input: String,
        /// The table.
        path: PathBuf,
    },
    /// The model cannot be read, or cannot score the clip.
    #[error("{message}")]
    Model {
        /// What the model said, in one line.
        message: String,
        /// What the user can do about it.
        hint: Option<String>,
    },
    /// The face networks cannot be set up.
    #[error("could not set up the face networks: {message}")]
    Faces {
        /// What they said, in one line.
        message: String,
    },
    /// Whoever saw the frames wanted no more of them.
    #[error("stopped before the end: {input}")]
    Stopped {
        /// The input.
        input: String,
    },
    /// A result would be written over an input.
    #[error("the result would be written over an input: {}", path.display())]
    OverInput {
        /// The input.
        path: PathBuf,
    },
    /// A result cannot be written.
    #[error("could not write ({source}): {}", path.display())]
    Write {
        /// What the operating system said.
        source: std::io::Error,
        /// The file or folder.
        path: PathBuf,
    },
}

impl DetectError {
    /// A device that cannot be had.
    pub(crate) fn of_device(error: &ModelError) -> DetectError {
        let hint = "leave --device out, or give cpu; docs/devices.md tells how graphics cards are built in";
        DetectError::Model { message: error.to_string(), hint: Some(hint.to_owned()) }
    }

    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Frames(error) => return error.hint(),
            Self::Model { hint, .. } => return hint.clone(),
            Self::TooFewFrames { .. } => {
                "an action unit shows as movement: give a video, a folder of images, or two images".to_owned()
            }
            Self::NoFace { .. } => "the face should be frontal, with 16 px or more between the eyes".to_owned(),
            Self::NoMovement { .. } | Self::NoFaceAtEvent { .. } => {
                "choose frames in which the same face can be seen".to_owned()
            }
            Self::EventOrder { .. } => "frames are counted from 0, and the apex comes after the onset".to_owned(),
            Self::PastEnd { is_folder: true, .. } => {
                "frames are counted from 0; for numbers in file names add --numbering names".to_owned()
            }
            Self::PastEnd { .. } => "frames are counted from 0".to_owned(),
            Self::NoSuchNumber { .. } => "leave out --numbering names to count from 0".to_owned(),
            Self::FaceCutOff { .. } => "the whole face has to be in the picture, forehead to chin".to_owned(),
            Self::PairsFile { .. } => "--pairs takes a CSV file with the columns input,onset,apex".to_owned(),
            Self::Pairs { line: Some(2..), .. } => {
                "a row is, for example, film.mp4,12,20 with frames counted from 0".to_owned()
            }
            Self::Pairs { .. } => "the columns are input,onset,apex and, if you like, offset".to_owned(),
            Self::NotInPairs { .. } => "paths in the table are relative to the folder of the table".to_owned(),
            Self::OverInput { .. } => "choose another name for the result".to_owned(),
            Self::Write { .. } => "choose a place that can be written to".to_owned(),
            Self::Faces { .. } | Self::Stopped { .. } => return None,
        })
    }

    /// The same, naming the input where that was not known to whoever found the error.
    pub(crate) fn about(self, input: &Input) -> Self {
        match self {
            Self::FaceCutOff { source, input: None } => Self::FaceCutOff { source, input: Some(input.to_string()) },
            other => other,
        }
    }

    /// The same as it stands in a report.
    pub fn report(&self) -> ErrorReport {
        ErrorReport { message: self.to_string(), hint: self.hint() }
    }
}

fn about(input: &Option<String>) -> String {
    input.as_ref().map_or(String::new(), |input| format!(": {input}"))
}
