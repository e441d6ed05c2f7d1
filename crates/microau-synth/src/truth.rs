//! Ground truth: where the 478 landmarks lie on the mesh, and where every pixel of the face moves.

use std::sync::LazyLock;

use microau_core::landmarks::{IRIS_LEFT, IRIS_RIGHT, Landmarks};
use microau_core::plane::{FlowField, Plane};

use crate::error::SynthError;
use crate::head::Head;
use crate::identity::RestHead;
use crate::render::raster::{NOTHING, Visibility};
use crate::vec3::{Rotation, V3, v3};

const LANDMARK_BYTES: &[u8] = include_bytes!("../assets/landmarks.bin");
const MAGIC: &[u8; 8] = b"MAULMK01";

/// Landmarks that lie on the skin; the ten after them are the irises.
const ON_SKIN: usize = 468;

/// Half the angle under which the iris is seen from the middle of the eyeball, radians. The renderer paints the iris so.
pub(crate) const IRIS_RAD: f32 = 0.445;

/// Ring of the iris as MediaPipe orders it after the middle: picture right, up, left, down (found by `embed_landmarks.py`).
const IRIS_RING: [[f32; 2]; 4] = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];

static EMBEDDING: LazyLock<Vec<Anchor>> = LazyLock::new(|| {
    read_embedding(LANDMARK_BYTES).expect("the packed landmarks are part of the build and have a test")
});

/// A place on a triangle of the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Anchor {
    pub triangle: u16,
    /// Barycentric weights of the triangle's corners, adding up to 1.
    pub weights: [f32; 3],
}

impl Anchor {
    /// The place on a mesh of these vertices.
    pub fn on(&self, positions: &[V3]) -> V3 {
        let corners = Head::get().asset.triangles[usize::from(self.triangle)];
        (0..3).fold(V3::ZERO, |sum, i| sum + positions[usize::from(corners[i])] * self.weights[i])
    }
}

/// The places of the 468 landmarks of the skin.
pub(crate) fn embedding() -> &'static [Anchor] {
    &EMBEDDING
}

fn read_embedding(bytes: &[u8]) -> Result<Vec<Anchor>, SynthError> {
    let rows = bytes.strip_prefix(MAGIC).filter(|rows| rows.len() == ON_SKIN * 10);
    let rows = rows.ok_or_else(|| SynthError::BadAsset {
        expected: format!("MAULMK01 and {ON_SKIN} rows"),
        got: format!("{} bytes", bytes.len()),
    })?;
    let float = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    let triangles = Head::get().asset.triangles.len();
    let anchors: Vec<Anchor> = rows
        .chunks_exact(10)
        .map(|row| {
            let (v, w) = (float(&row[2..6]), float(&row[6..10]));
            Anchor { triangle: u16::from_le_bytes([row[0], row[1]]), weights: [1.0 - v - w, v, w] }
        })
        .collect();
    match anchors.iter().find(|a| usize::from(a.triangle) >= triangles) {
        Some(bad) => {
            Err(SynthError::BadAsset { expected: format!("triangle below {triangles}"), got: bad.triangle.to_string() })
        }
        None => Ok(anchors),
    }
}

/// The 478 landmarks in head space, decimetres, on a mesh of the given vertices with the eyes turned by `gaze`.
pub(crate) fn landmark_points(rest: &RestHead, positions_dm: &[V3], gaze: &Rotation) -> Vec<V3> {
    let mut points: Vec<V3> = embedding().iter().map(|anchor| anchor.on(positions_dm)).collect();
    points.resize(Landmarks::COUNT, V3::ZERO);
    let (sine, cosine) = IRIS_RAD.sin_cos();
    for (side, indices) in [(0, IRIS_LEFT), (1, IRIS_RIGHT)] {
        let centre = rest.eye_centres[side];
        let radius = rest.eye_radius_dm;
        points[indices[0]] = centre + gaze.apply(v3(0.0, 0.0, radius));
        for (index, [x, y]) in indices[1..].iter().zip(IRIS_RING) {
            points[*index] = centre + gaze.apply(v3(x * sine, y * sine, cosine) * radius);
        }
    }
    points
}

/// Where every pixel of the face moves between two frames, and where that is known.
#[derive(Debug, Clone)]
pub struct TrueFlow {
    /// Displacement of each pixel of the first frame, px; 0 where it is not valid.
    pub flow: FlowField,
    /// 1 where the first frame shows the head and the same point of it is seen in the second, 0 elsewhere.
    pub valid: Plane,
}

/// Dense motion of the visible mesh from `first` to `second` (pixel places of all vertices); `seen_*` are their z-buffers
/// at one sample per pixel.
pub(crate) fn flow_between(
    triangles: &[[u16; 3]],
    seen_first: &Visibility,
    second: &[[f32; 3]],
    seen_second: &Visibility,
) -> TrueFlow {
    let (width, height) = (seen_first.width, seen_first.height);
    let (mut flow, mut valid) = (FlowField::new(width, height), Plane::new(width, height));
    for at in (0..width * height).filter(|&at| seen_first.triangle[at] != NOTHING) {
        let number = seen_first.triangle[at];
        let (x, y) = (at % width, at / width);
        let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
        let weights = seen_first.barycentric(number, px, py);
        let corners = triangles[usize::from(number)].map(|v| second[usize::from(v)]);
        let place: [f32; 3] = std::array::from_fn(|k| (0..3).map(|i| weights[i] * corners[i][k]).sum());
        if is_seen(seen_second, place) {
            flow.u.set(x, y, place[0] - px);
            flow.v.set(x, y, place[1] - py);
            valid.set(x, y, 1.0);
        }
    }
    TrueFlow { flow, valid }
}

/// Nothing nearer by more than 1 % covers the place.
fn is_seen(seen: &Visibility, [x, y, nearness]: [f32; 3]) -> bool {
    if !(x >= 0.0 && y >= 0.0 && x < seen.width as f32 && y < seen.height as f32) {
        return false;
    }
    let at = y as usize * seen.width + x as usize;
    seen.triangle[at] != NOTHING && seen.nearness[at] <= nearness * 1.01
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::landmarks::MIRROR;

    #[test]
    fn the_embedding_is_symmetric_on_the_average_head() {
        let head = Head::get();
        let places: Vec<V3> = embedding().iter().map(|a| a.on(&head.average_dm)).collect();
        for (index, place) in places.iter().enumerate() {
            let other = places[usize::from(MIRROR[index])];
            let miss = (*place - v3(-other.x, other.y, other.z)).length();
            // The mesh itself is symmetric to 0.01 dm; the points were made symmetric before they were dropped on it.
            assert!(miss < 0.03, "landmark {index} misses its partner by {miss} dm");
        }
    }

    #[test]
    fn well_known_landmarks_are_where_anatomy_says() {
        let head = Head::get();
        let at = |i: usize| embedding()[i].on(&head.average_dm);
        // base.obj: eyeballs span x 0.17..0.45 around y 7.28; 33 and 133 are the right eye's corners.
        assert!(at(33).x < -0.4 && at(33).x > -0.56 && (at(33).y - 7.28).abs() < 0.06, "{:?}", at(33));
        assert!(at(133).x > -0.2 && at(133).x < -0.1);
        // 1 is the tip of the nose: in the middle, farthest forward of all.
        let tip = at(1);
        assert!(tip.x.abs() < 0.02 && (0..468).all(|i| at(i).z <= tip.z + 0.03));
        // 61 and 291 are the corners of the mouth, 152 the chin.
        assert!((at(61).x + at(291).x).abs() < 0.02 && at(291).x > 0.2 && at(291).x < 0.34, "{:?}", at(291));
        assert!(at(152).y < 6.35);
    }

    #[test]
    fn a_cut_embedding_is_an_error() {
        assert!(read_embedding(&LANDMARK_BYTES[..100]).is_err());
        assert!(read_embedding(b"").is_err());
    }
}
