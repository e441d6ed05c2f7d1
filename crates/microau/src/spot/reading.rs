//! The numbers that spotting keeps of one face in one frame.

use microau_core::geom::Point2;
use microau_core::time::{FrameIndex, Micros};

use super::parts::PARTS;
use super::pose::Pose;
use crate::detect::faces::FoundFace;

/// Coordinates of the motion of all parts.
pub(super) const MOTIONS: usize = 2 * PARTS;
/// What else moves: lids, gaze, jaw and head.
pub(super) const COMPANIONS: usize = 10;
/// Numbers of one reading.
pub(super) const CHANNELS: usize = MOTIONS + COMPANIONS;
/// Units of companions beside hundredths of the distance between the eyes: a shut eye and a turn of 90 degrees count 100.
const PERCENT: f32 = 100.0;

/// Places of companions in a reading, after the motions: these two, then gaze to the side and up, then yaw, pitch, roll, scale
/// and place of the head.
pub(super) mod companion {
    /// How far the more closed eye is shut.
    pub const SHUT: usize = 0;
    /// How far the jaw is open.
    pub const JAW: usize = 1;
}

/// One face in one frame.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The frame.
    pub frame: FrameIndex,
    /// Its time.
    pub at: Micros,
    /// Motion of the parts, x and y one after the other, in hundredths of the distance between the eyes; then the companions.
    pub values: Vec<f32>,
}

impl Reading {
    pub(super) fn new(frame: FrameIndex, at: Micros, motion: &[Point2], face: &FoundFace) -> Reading {
        let Pose { yaw, pitch, roll, log_scale, middle } = Pose::of(&face.landmarks);
        let place = middle * (1.0 / log_scale.exp());
        let [gaze_x, gaze_y] = face.gaze;
        let companions = [face.blink, face.jaw_open, gaze_x, gaze_y, yaw, pitch, roll, log_scale, place.x, place.y];
        let mut values: Vec<f32> = motion.iter().flat_map(|part| [part.x, part.y]).collect();
        values.extend(companions.map(|value| PERCENT * value));
        Reading { frame, at, values }
    }
}
