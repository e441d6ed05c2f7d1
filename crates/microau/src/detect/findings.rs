//! What was found in one input so far, and what could not be.

use std::collections::BTreeMap;

use microau_core::report::{ErrorReport, FaceReport, InputReport, VideoReport};
use microau_core::score::AuInterval;
use microau_vision::frames::{FrameError, VideoInfo};

use super::error::DetectError;
use super::input::Input;

/// Collects intervals by face, and errors as they come.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Frames of the film, once it was read to its end.
    pub(super) frames: Option<u64>,
    faces: BTreeMap<u32, Vec<AuInterval>>,
    errors: Vec<ErrorReport>,
}

impl Findings {
    /// The value of a success; notes an error and goes on without.
    pub(super) fn keep<T>(&mut self, result: Result<T, DetectError>) -> Option<T> {
        result.map_err(|error| self.note(error.report())).ok()
    }

    /// Adds an interval to a face.
    pub(super) fn add(&mut self, face_id: u32, interval: AuInterval) {
        self.faces.entry(face_id).or_default().push(interval);
    }

    /// Notes the frames of a film that did not decode: the first by name, the others by number.
    pub(super) fn damaged(&mut self, damaged: Vec<FrameError>) {
        let count = damaged.len();
        let Some(first) = damaged.into_iter().next().map(DetectError::from) else { return };
        let more = if count > 1 { format!(" and {} more damaged frames", count - 1) } else { String::new() };
        self.note(ErrorReport { message: format!("{first}{more}"), hint: first.hint() });
    }

    /// Two passes over one film meet the same damage: it is noted once.
    fn note(&mut self, error: ErrorReport) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// What is known of the film.
    pub(super) fn video(&self, info: &VideoInfo) -> VideoReport {
        VideoReport {
            width_px: info.width_px,
            height_px: info.height_px,
            codec: info.codec.clone(),
            frame_rate: info.rate,
            frame_count: self.frames.or(info.frame_count),
        }
    }

    /// The report of the input, intervals in order of time.
    pub(super) fn report(self, input: &Input, video: VideoReport) -> InputReport {
        let face = |(face_id, mut intervals): (u32, Vec<AuInterval>)| {
            intervals.sort_by_key(|interval| (interval.onset.frame, interval.apex.frame));
            FaceReport { face_id, intervals }
        };
        let faces = self.faces.into_iter().map(face).collect();
        InputReport { input: input.to_string(), video: Some(video), faces, errors: self.errors }
    }
}
