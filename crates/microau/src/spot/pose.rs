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

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::geom::{Point3, Similarity};

    fn face() -> Landmarks {
        let text = include_str!("../../../microau-core/tests/assets/canonical_face.txt");
        let point = |line: &str| {
            let v: Vec<f32> = line.split_whitespace().map(|number| number.parse().unwrap()).collect();
            Point3::new(v[0], -v[1], -v[2])
        };
        let mut points: Vec<Point3> = text.lines().filter(|line| !line.starts_with('#')).map(point).collect();
        points.resize(Landmarks::COUNT, Point3::default());
        Landmarks::new(points).unwrap()
    }

    #[test]
    fn a_pose_does_not_depend_on_where_the_face_is() {
        let face = face();
        let (sine, cosine) = 0.3_f32.sin_cos();
        let moved = face.transformed(&Similarity { a: 20.0 * cosine, b: 20.0 * sine, tx: 300.0, ty: 200.0 });
        let (still, there) =
            (Pose::of(&face.transformed(&Similarity { a: 20.0, b: 0.0, tx: 0.0, ty: 0.0 })), Pose::of(&moved));
        assert!(still.turn_to(&there) < 1e-3);
        assert!((there.roll - still.roll - 0.3).abs() < 1e-3 && (there.log_scale - still.log_scale).abs() < 1e-3);
    }

    #[test]
    fn a_nose_that_moves_aside_is_a_turn() {
        let face = face().transformed(&Similarity { a: 20.0, b: 0.0, tx: 0.0, ty: 0.0 });
        let mut points = face.points().to_vec();
        points[NOSE_TIP].x += 0.1 * face.inter_ocular();
        let turned = Pose::of(&Landmarks::new(points).unwrap());
        assert!(
            (turned.yaw - Pose::of(&face).yaw - 0.1).abs() < 1e-3
                && (turned.pitch - Pose::of(&face).pitch).abs() < 1e-3
        );
    }
}
