//! Lays the average head over a photographed face: one turn and scale in space, then a smooth map in the picture's plane
//! that brings the head's landmarks onto the photo's.
//!
//! Lips that meet on the head may be apart in the photo, so the face above and below the line of the mouth each has a
//! map of its own; beside the mouth the two pass into one another.

use microau_core::geom::{Point2, Point3};
use microau_core::landmarks::{EYE_LEFT, EYE_RIGHT, LIPS_INNER, Landmarks};

use crate::head::{Head, centre_of};
use crate::identity::RestHead;
use crate::photo::spline::{Placed, Spline};
use crate::truth;
use crate::vec3::{Rotation, V3, smoothstep, v3};

/// λ of the splines: landmarks jitter by about half a px, and neighbours must not be torn apart by it. Chosen by eye on
/// displacement fields of the shipped portraits.
const STIFFNESS: f64 = 3e-5;
/// The same for the edges of lids and lips, where an opening begins.
const STIFFNESS_AT_EDGES: f64 = 3e-6;
/// Largest relative departure of the local stretch from the overall scale.
const MOST_BEND: f32 = 0.5;
/// Inner lip of the subject's right corner to the left, upper and lower: the line of the mouth is their mean.
const MOUTH_LINE: [[usize; 2]; 11] = [
    [78, 78],
    [191, 95],
    [80, 88],
    [81, 178],
    [82, 87],
    [13, 14],
    [312, 317],
    [311, 402],
    [310, 318],
    [415, 324],
    [308, 308],
];
/// Landmarks of the lower lip between the corners, and of the upper.
const LOWER_LIP: [usize; 18] = [95, 88, 178, 87, 14, 317, 402, 318, 324, 96, 89, 179, 86, 15, 316, 403, 319, 325];
const UPPER_LIP: [usize; 18] = [191, 80, 81, 82, 13, 312, 311, 310, 415, 183, 42, 41, 38, 12, 268, 271, 272, 407];

/// A place of the head in the photo.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fitted {
    /// px of the plate.
    pub xy: Point2,
    /// Nearness to the camera at the scale of the plate, px.
    pub near_px: f32,
    /// Images of one decimetre to the right and one up (camera axes), px.
    pub axes: [[f32; 2]; 2],
}

/// The head laid over a face.
#[derive(Debug, Clone)]
pub(crate) struct Fit {
    /// Rows: camera axes (right, up, forward) in head space.
    turn: [V3; 3],
    middle: V3,
    /// px per decimetre.
    pub scale: f32,
    upper: Spline,
    lower: Spline,
    /// The mouth on the head, camera axes, from the subject's right: x rising.
    mouth: Vec<[f32; 2]>,
}

impl Fit {
    /// Lays the head's landmarks (`on_head`, decimetres) over a face (`on_plate`, px). `None` when the landmarks are so
    /// degenerate that they fix no map.
    pub fn new(on_head: &[V3], on_plate: &Landmarks) -> Option<Fit> {
        let meshed = Landmarks::COUNT - 10;
        let photo: Vec<V3> = on_plate.points()[..meshed].iter().map(|p: &Point3| v3(p.x, -p.y, -p.z)).collect();
        let middle = mean(&on_head[..meshed]);
        let (turn, scale) = turn_and_scale(&on_head[..meshed], middle, &photo)?;
        let seen: Vec<[f64; 2]> = on_head[..meshed]
            .iter()
            .map(|&h| {
                let c = turned(&turn, h - middle);
                [f64::from(c.x), f64::from(c.y)]
            })
            .collect();
        let without = |left_out: &[usize]| {
            let kept: Vec<usize> = (0..meshed).filter(|i| !left_out.contains(i)).collect();
            let from: Vec<[f64; 2]> = kept.iter().map(|&i| seen[i]).collect();
            let place = |&i: &usize| [f64::from(on_plate.xy(i).x), f64::from(on_plate.xy(i).y)];
            let to: Vec<[f64; 2]> = kept.iter().map(place).collect();
            let is_edge = |i: usize| EYE_LEFT.contains(&i) || EYE_RIGHT.contains(&i) || LIPS_INNER.contains(&i);
            Spline::fit(&from, &to, |k| if is_edge(kept[k]) { STIFFNESS_AT_EDGES } else { STIFFNESS })
        };
        let mouth = MOUTH_LINE.map(|[a, b]| [0, 1].map(|c| (0.5 * (seen[a][c] + seen[b][c])) as f32)).to_vec();
        Some(Fit { turn, middle, scale, upper: without(&LOWER_LIP)?, lower: without(&UPPER_LIP)?, mouth })
    }

    /// Where a point of the head lies in the photo.
    pub fn place(&self, h: V3) -> Fitted {
        let c = turned(&self.turn, h - self.middle);
        self.finish(c, self.share_below([c.x, c.y]))
    }

    /// Nearness of a point of the head to the camera at the scale of the plate, px.
    pub fn near_px(&self, h: V3) -> f32 {
        self.turn[2].dot(h - self.middle) * self.scale
    }

    /// A displacement of the head (decimetres) in the camera's axes: right, up, forward.
    pub fn turned(&self, d: V3) -> V3 {
        turned(&self.turn, d)
    }

    fn finish(&self, c: V3, below: f32) -> Fitted {
        let placed = if below <= 0.0 {
            self.upper.place([c.x, c.y])
        } else if below >= 1.0 {
            self.lower.place([c.x, c.y])
        } else {
            mixed(self.upper.place([c.x, c.y]), self.lower.place([c.x, c.y]), below)
        };
        let axes = self.tamed(placed.axes);
        Fitted { xy: Point2::new(placed.xy[0], placed.xy[1]), near_px: c.z * self.scale, axes }
    }

    /// 0 above the line of the mouth, 1 below, smooth between; the band is narrow between the corners and wide beside them.
    fn share_below(&self, [x, y]: [f32; 2]) -> f32 {
        let (first, last) = (self.mouth[0], self.mouth[self.mouth.len() - 1]);
        let beyond = (first[0] - x).max(x - last[0]).max(0.0);
        let line = self.mouth.windows(2).find(|w| x < w[1][0]).map_or(last[1], |w| {
            let t = ((x - w[0][0]) / (w[1][0] - w[0][0]).max(1e-6)).clamp(0.0, 1.0);
            w[0][1] + t * (w[1][1] - w[0][1])
        });
        let band = 0.004 + 0.8 * beyond.min(0.3);
        smoothstep(band, -band, y - line)
    }

    /// Keeps the local stretch within [`MOST_BEND`] of the overall scale: landmarks of other heads' lids and lips would
    /// else blow small movements up.
    fn tamed(&self, axes: [[f32; 2]; 2]) -> [[f32; 2]; 2] {
        let even = [[self.scale, 0.0], [0.0, -self.scale]];
        let mut departure = 0.0f32;
        for i in 0..2 {
            for c in 0..2 {
                departure += ((axes[i][c] - even[i][c]) / self.scale).powi(2);
            }
        }
        let k = (MOST_BEND / departure.sqrt().max(1e-6)).min(1.0);
        [0, 1].map(|i| [0, 1].map(|c| even[i][c] + k * (axes[i][c] - even[i][c])))
    }
}

/// The 478 landmarks of the average head, head space, decimetres.
pub(crate) fn head_landmarks() -> Vec<V3> {
    let head = Head::get();
    let eye_centres = [0, 1].map(|side| centre_of(&head.average_dm, &head.eye_vertices[side]));
    let reach = |&v: &u16| (head.average_dm[usize::from(v)] - eye_centres[0]).length();
    let eye = &head.eye_vertices[0];
    let eye_radius_dm = eye.iter().map(reach).sum::<f32>() / eye.len() as f32;
    let rest = RestHead { positions_dm: head.average_dm.clone(), eye_centres, eye_radius_dm };
    truth::landmark_points(&rest, &head.average_dm, &Rotation::head(0.0, 0.0, 0.0))
}

fn mixed(a: Placed, b: Placed, t: f32) -> Placed {
    let mix = |p: [f32; 2], q: [f32; 2]| [0, 1].map(|c| p[c] + t * (q[c] - p[c]));
    Placed { xy: mix(a.xy, b.xy), axes: [mix(a.axes[0], b.axes[0]), mix(a.axes[1], b.axes[1])] }
}

fn mean(points: &[V3]) -> V3 {
    points.iter().fold(V3::ZERO, |sum, &p| sum + p) * (1.0 / points.len().max(1) as f32)
}

fn turned(rows: &[V3; 3], d: V3) -> V3 {
    v3(rows[0].dot(d), rows[1].dot(d), rows[2].dot(d))
}

/// The turn and scale that bring `head` (about `middle`) nearest to `photo` (Horn 1987: the quaternion is the
/// eigenvector of the largest eigenvalue of a 4x4 matrix of the products).
fn turn_and_scale(head: &[V3], middle: V3, photo: &[V3]) -> Option<([V3; 3], f32)> {
    let there = mean(photo);
    let (mut products, mut spread) = ([[0.0f64; 3]; 3], 0.0f64);
    let list = |p: V3| [f64::from(p.x), f64::from(p.y), f64::from(p.z)];
    for (&h, &p) in head.iter().zip(photo) {
        let (a, b) = (list(h - middle), list(p - there));
        spread += a.iter().map(|v| v * v).sum::<f64>();
        (0..3).for_each(|i| (0..3).for_each(|j| products[i][j] += a[i] * b[j]));
    }
    let [w, x, y, z] = largest_eigenvector(&horn_matrix(&products));
    let rows = [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ];
    let dot: f64 = (0..3).map(|i| (0..3).map(|j| rows[i][j] * products[j][i]).sum::<f64>()).sum();
    let scale = dot / spread;
    let usable = scale.is_finite() && scale > 1e-6;
    usable.then(|| (rows.map(|r| v3(r[0] as f32, r[1] as f32, r[2] as f32)), scale as f32))
}

fn horn_matrix(s: &[[f64; 3]; 3]) -> [[f64; 4]; 4] {
    let [[xx, xy, xz], [yx, yy, yz], [zx, zy, zz]] = *s;
    [
        [xx + yy + zz, yz - zy, zx - xz, xy - yx],
        [yz - zy, xx - yy - zz, xy + yx, zx + xz],
        [zx - xz, xy + yx, yy - xx - zz, yz + zy],
        [xy - yx, zx + xz, yz + zy, zz - xx - yy],
    ]
}

/// By power iteration on the matrix shifted to be positive; faces are turned little, so it starts at no turn.
fn largest_eigenvector(matrix: &[[f64; 4]; 4]) -> [f64; 4] {
    let shift: f64 = matrix.iter().flatten().map(|v| v.abs()).fold(0.0, f64::max) * 4.0;
    let mut vector = [1.0, 0.01, 0.01, 0.01f64];
    for _ in 0..2000 {
        let next: [f64; 4] =
            std::array::from_fn(|i| (0..4).map(|j| matrix[i][j] * vector[j]).sum::<f64>() + shift * vector[i]);
        let length = next.iter().map(|v| v * v).sum::<f64>().sqrt().max(1e-300);
        vector = next.map(|v| v / length);
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vec3::Rotation;

    #[test]
    fn a_known_turn_and_scale_is_found_again() {
        let head: Vec<V3> =
            (0..50).map(|i| v3((i % 7) as f32 * 0.3, (i % 5) as f32 * 0.4, (i % 11) as f32 * 0.1)).collect();
        let turn = Rotation::head(0.3, -0.2, 0.15);
        let photo: Vec<V3> = head.iter().map(|&h| turn.apply(h) * 70.0 + v3(100.0, -90.0, 5.0)).collect();
        let (rows, scale) = turn_and_scale(&head, mean(&head), &photo).unwrap();
        assert!((scale - 70.0).abs() < 0.01, "{scale}");
        for d in [v3(1.0, 0.0, 0.0), v3(0.0, 1.0, 0.0), v3(0.3, 0.2, 0.9)] {
            assert!((turned(&rows, d) - turn.apply(d)).length() < 1e-3);
        }
    }
}
