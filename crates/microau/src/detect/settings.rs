//! How a detection is run.

use microau_core::time::FrameRate;
use microau_vision::frames::DEFAULT_FOLDER_RATE;

/// Settings of a [`Detector`](super::Detector).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectSettings {
    /// Least probability that counts as present, 0 to 1.
    pub threshold: f32,
    /// Frames from the onset on whose landmarks are averaged to place the crop, at least 1.
    ///
    /// Five frames halve the jitter of the landmarks, and at 60 frames a second a movement has hardly begun after them.
    pub placing_frames: usize,
    /// Rate of image folders, which do not say theirs.
    pub folder_rate: FrameRate,
    /// Least confidence of a spotted expression, 0 to 1.
    pub spot_threshold: f32,
}

impl Default for DetectSettings {
    fn default() -> Self {
        Self { threshold: 0.5, placing_frames: 5, folder_rate: DEFAULT_FOLDER_RATE, spot_threshold: 0.4 }
    }
}
