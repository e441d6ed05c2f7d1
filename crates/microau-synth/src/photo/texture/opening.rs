//! What lies under lids and lips.

use microau_core::geom::{Point2, Polygon};
use microau_core::landmarks::LIPS_INNER;

use super::kind_at;
use crate::photo::plate::{Light, Plate};
use crate::photo::stage::{Kind, Stage};
use crate::render::raster::Visibility;
use crate::vec3::smoothstep;

/// px around an opening over which its content goes on under lid or lip, distances between the eyes.
const UNDER: f32 = 0.16;
/// Gap between the inner lips from which a mouth counts as open, distances between the eyes.
const LEAST_GAP: f32 = 0.03;

/// The plate with what lies in the openings of eyes and mouth going on a little under lids and lips: each pixel beside an
/// opening takes the colour of the nearest pixels inside. A closed mouth is dark inside.
pub(super) fn under(stage: &Stage, seen: &Visibility) -> Plate {
    let mut plate = stage.plate.clone();
    let inner: Vec<Point2> = LIPS_INNER.iter().map(|&i| stage.marks[i].vertex.xy).collect();
    let mouth = Opening::of_mouth(stage, inner);
    let eyes = [0, 1].map(|side| Opening::of_eye(stage, seen, side));
    for opening in [&eyes[0], &eyes[1], &mouth] {
        opening.go_on(stage, &mut plate);
    }
    plate
}

/// An opening of the face on the plate: a window of pixels and which of them lie inside.
struct Opening {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    is_inside: Vec<bool>,
    /// Colour under the lips of a closed mouth.
    dark: Option<Light>,
}

impl Opening {
    fn window(stage: &Stage, middle: Point2, half: [f32; 2], is_inside: impl Fn(usize, Point2) -> bool) -> Opening {
        let span = |at: f32, half: f32, len: usize| {
            let lo = (at - half).clamp(0.0, len as f32) as usize;
            (lo, (at + half).clamp(0.0, len as f32) as usize - lo)
        };
        let (left, width) = span(middle.x, half[0] * stage.inter_ocular_px, stage.plate.width);
        let (top, height) = span(middle.y, half[1] * stage.inter_ocular_px, stage.plate.height);
        let inside = |i: usize| {
            let (x, y) = (left + i % width, top + i / width);
            is_inside(y * stage.plate.width + x, Point2::new(x as f32 + 0.5, y as f32 + 0.5))
        };
        let is_inside = (0..width * height).map(inside).collect();
        Opening { left, top, width, height, is_inside, dark: None }
    }

    fn of_eye(stage: &Stage, seen: &Visibility, side: usize) -> Opening {
        Opening::window(stage, stage.eye[side].iris, [0.42, 0.3], |at, _| {
            kind_at(stage, seen, at) == Some(Kind::Eye(side))
        })
    }

    fn of_mouth(stage: &Stage, inner: Vec<Point2>) -> Opening {
        let [upper, lower] = [13, 14].map(|i| stage.marks[i].vertex.xy);
        let middle = upper.lerp(lower, 0.5);
        if upper.distance(lower) > LEAST_GAP * stage.inter_ocular_px {
            let lips = Polygon(inner);
            return Opening::window(stage, middle, [0.6, 0.45], |_, p| lips.contains(p));
        }
        let near = LEAST_GAP * stage.inter_ocular_px;
        let on_line = |_, p: Point2| {
            let corners = inner.iter().zip(inner.iter().cycle().skip(1));
            corners.map(|(a, b)| from_segment(p, *a, *b)).fold(f32::MAX, f32::min) < near
        };
        let mut opening = Opening::window(stage, middle, [0.6, 0.45], on_line);
        let line = inner.iter().fold([0.0f32; 4], |sum, &p| {
            let c = stage.plate.sample(p);
            std::array::from_fn(|k| sum[k] + c[k] / LIPS_INNER.len() as f32)
        });
        opening.dark = Some([0.30 * line[0], 0.2 * line[1], 0.2 * line[2], 0.0]);
        opening
    }

    fn go_on(&self, stage: &Stage, plate: &mut Plate) {
        let reach = (UNDER * stage.inter_ocular_px).ceil() as usize;
        for j in 0..self.height {
            for i in 0..self.width {
                if self.is_inside[j * self.width + i] {
                    continue;
                }
                if let Some((away, colour)) = self.nearest(stage, i, j, reach) {
                    // The first px beside the edge keeps its own colour in part: edges in photos are soft.
                    let share = smoothstep(0.0, 2.0, away);
                    let pixel = &mut plate.pixels[(self.top + j) * stage.plate.width + self.left + i];
                    let fresh = self.dark.unwrap_or(colour);
                    (0..3).for_each(|c| pixel[c] += share * (fresh[c] - pixel[c]));
                }
            }
        }
    }

    /// Distance to the nearest pixel inside, and the mean colour of those about as near.
    fn nearest(&self, stage: &Stage, i: usize, j: usize, reach: usize) -> Option<(f32, Light)> {
        let mut found: Vec<(f32, usize)> = Vec::new();
        let mut nearest = reach as f32;
        for y in j.saturating_sub(reach)..(j + reach + 1).min(self.height) {
            for x in i.saturating_sub(reach)..(i + reach + 1).min(self.width) {
                if self.is_inside[y * self.width + x] {
                    let away = ((x as f32 - i as f32).powi(2) + (y as f32 - j as f32).powi(2)).sqrt();
                    nearest = nearest.min(away);
                    found.push((away, (self.top + y) * stage.plate.width + self.left + x));
                }
            }
        }
        let (mut sum, mut total) = ([0.0f32; 4], 0.0f32);
        for (away, at) in found.iter().filter(|(away, _)| *away < nearest + 1.6) {
            let weight = (nearest - away).exp();
            (0..3).for_each(|c| sum[c] += weight * stage.plate.pixels[*at][c]);
            total += weight;
        }
        (total > 0.0).then(|| (nearest, sum.map(|v| v / total)))
    }
}

fn from_segment(p: Point2, a: Point2, b: Point2) -> f32 {
    let d = b - a;
    let t = ((p.x - a.x) * d.x + (p.y - a.y) * d.y) / (d.x * d.x + d.y * d.y).max(1e-9);
    p.distance(a + d * t.clamp(0.0, 1.0))
}
