//! How a head is turned and where it is, read from its landmarks as far as spotting needs it.

use microau_core::au::Side;
use microau_core::geom::Point2;
use microau_core::landmarks::Landmarks;

/// Tip of the nose among the landmarks.
const NOSE_TIP: usize = 4;

/// Turn and place of a head. Yaw and pitch are where the tip of the nose lies from the middle between the eyes, in distances
/// between the eyes along and across their line: 0.1 is about 8 degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pose {
    /// To the side.
    pub yaw: f32,
    /// Up and down.
    pub pitch: f32,
    /// Angle of the line of the eyes, radians.
    pub roll: f32,
    /// Natural logarithm of the distance between the eyes, px.
    pub log_scale: f32,
    /// Middle between the eyes, px of the frame.
    pub middle: Point2,
}

impl Pose {
    /// The pose of landmarks in px of the frame.
    pub fn of(landmarks: &Landmarks) -> Pose {
        let [right, left] = [Side::Right, Side::Left].map(|side| landmarks.eye_midpoint(side));
        let (line, middle) = (left - right, right.lerp(left, 0.5));
        let distance = line.norm().max(1.0);
        let nose = landmarks.xy(NOSE_TIP) - middle;
        let square = distance * distance;
        Pose {
            yaw: (nose.x * line.x + nose.y * line.y) / square,
            pitch: (nose.y * line.x - nose.x * line.y) / square,
            roll: line.y.atan2(line.x),
            log_scale: distance.ln(),
            middle,
        }
    }

    /// How far the head has turned, in yaw and pitch together.
    pub fn turn_to(&self, other: &Pose) -> f32 {
        (self.yaw - other.yaw).hypot(self.pitch - other.pitch)
    }
}
