//! Where the head is and how the camera sees it.

use crate::head::EYES_MIDPOINT_DM;
use crate::vec3::{Rotation, V3, v3};

/// The head turns about the top of the neck, not about the eyes.
const PIVOT_DM: V3 = v3(0.0, 6.9, 0.3);

/// Place and turn of the head at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pose {
    pub yaw_rad: f32,
    pub pitch_rad: f32,
    pub roll_rad: f32,
    /// Shift in head space axes, decimetres.
    pub shift_dm: V3,
}

/// A pinhole camera in front of the face, looking along -z.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View {
    /// Distance from the pivot, decimetres.
    pub distance_dm: f32,
    /// Focal length, px.
    pub focal_px: f32,
    /// Where the eyes' midpoint of an unturned head lies in the frame, px.
    pub eyes_px: [f32; 2],
}

impl View {
    /// A camera at a distance from which the eyes of the average head appear so many px apart.
    pub fn new(distance_dm: f32, inter_ocular_px: f32, eyes_px: [f32; 2]) -> View {
        // Those eyes are 0.6156 dm apart and 0.945 dm in front of the pivot.
        View { distance_dm, focal_px: inter_ocular_px / 0.6156 * (distance_dm - 0.945), eyes_px }
    }
}

/// A pose seen by a view: from head space to pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Projection {
    view: View,
    turn: Rotation,
    shift: V3,
    origin_px: [f32; 2],
}

impl Projection {
    /// The projection of one moment.
    pub fn new(view: View, pose: Pose) -> Projection {
        let eyes = EYES_MIDPOINT_DM - PIVOT_DM;
        let k = view.focal_px / (view.distance_dm - eyes.z);
        let origin_px = [view.eyes_px[0] - k * eyes.x, view.eyes_px[1] + k * eyes.y];
        let turn = Rotation::head(pose.yaw_rad, pose.pitch_rad, pose.roll_rad);
        Projection { view, turn, shift: pose.shift_dm, origin_px }
    }

    /// Head space to the world: the camera looks along -z from (0, 0, distance).
    pub fn world(&self, p: V3) -> V3 {
        self.turn.apply(p - PIVOT_DM) + self.shift
    }

    /// Where a point of head space lies in it when the head turns and the point does not.
    pub fn unturned(&self, p: V3) -> V3 {
        PIVOT_DM + self.turn.undo(p - PIVOT_DM)
    }

    /// A direction of the world in head space.
    pub fn head_direction(&self, d: V3) -> V3 {
        self.turn.undo(d)
    }

    /// Pixel place and nearness (1 / distance, 1/dm) of a point of head space.
    pub fn project(&self, p: V3) -> [f32; 3] {
        let w = self.world(p);
        let inverse = 1.0 / (self.view.distance_dm - w.z).max(0.1);
        let k = self.view.focal_px * inverse;
        [self.origin_px[0] + k * w.x, self.origin_px[1] - k * w.y, inverse]
    }

    /// Pixels per decimetre at a nearness.
    pub fn scale_at(&self, nearness: f32) -> f32 {
        self.view.focal_px * nearness
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View = View { distance_dm: 10.0, focal_px: 1000.0, eyes_px: [128.0, 110.0] };
    const STILL: Pose = Pose { yaw_rad: 0.0, pitch_rad: 0.0, roll_rad: 0.0, shift_dm: V3::ZERO };

    #[test]
    fn the_subjects_left_is_on_the_right_of_the_picture_and_up_is_up() {
        let still = Projection::new(VIEW, STILL);
        let [x, y, _] = still.project(EYES_MIDPOINT_DM);
        assert!((x - 128.0).abs() < 1e-3 && (y - 110.0).abs() < 1e-3);
        let [x, y, _] = still.project(EYES_MIDPOINT_DM + v3(0.1, 0.1, 0.0));
        assert!(x > 128.0 && y < 110.0);
    }

    #[test]
    fn yaw_turns_the_nose_to_the_subjects_left_and_pitch_lifts_it() {
        let nose = v3(0.0, 6.9, 1.7);
        let [x0, y0, _] = Projection::new(VIEW, STILL).project(nose);
        let [x1, _, _] = Projection::new(VIEW, Pose { yaw_rad: 0.1, ..STILL }).project(nose);
        let [_, y1, _] = Projection::new(VIEW, Pose { pitch_rad: 0.1, ..STILL }).project(nose);
        assert!(x1 > x0 && y1 < y0);
    }

    #[test]
    fn a_direction_turned_to_the_world_comes_back() {
        let turned = Projection::new(VIEW, Pose { yaw_rad: 0.2, pitch_rad: -0.1, roll_rad: 0.05, ..STILL });
        let d = v3(0.3, -0.5, 0.8);
        assert!((turned.head_direction(turned.turn.apply(d)) - d).length() < 1e-6);
    }
}
