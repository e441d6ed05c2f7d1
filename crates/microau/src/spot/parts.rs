//! The parts of a face whose motion tells expressions: the regions of the action units, each side for itself and its upper
//! and lower half apart.
//!
//! Lids and lips that close move against each other, and their mean would be rest. The opening of the eyes is left out, for
//! what moves in it is mostly gaze. Of a part the mean flow is taken and not the mean of its length, because noise has a
//! length but no direction.
//!
//! A head that turns is no similarity of its picture: what a similarity leaves over a few degrees outdoes a
//! micro-movement. So the affine motion of all parts together counts as the head's. A muscle moves few parts and loses
//! little by it.

use microau_core::au::Au;
use microau_core::geom::{Point2, Polygon, Rect};
use microau_core::landmarks::{EYE_LEFT, EYE_RIGHT, Landmarks};
use microau_core::plane::{FlowField, Plane};
use microau_core::region::polygons;
use microau_core::sample::Sample;
use microau_vision::flow::region_weights;

/// Edge of the crop on which motion is measured, px: 58 px between the eyes, where a micro-movement is half a px or more.
pub(super) const CROP_PX: usize = 160;

/// Number of parts of a face.
pub(super) const PARTS: usize = Au::CD6ME.len() * 4;

/// Action units whose parts a blink moves: all but those of the mouth, as skin is pulled and flow is smooth.
const AROUND_THE_EYES: [Au; 7] = [Au::Au1, Au::Au2, Au::Au4, Au::Au5, Au::Au6, Au::Au7, Au::Au9];

/// All parts of one face in a crop of [`CROP_PX`].
pub(super) struct Parts(Vec<Part>);

/// A half of the region of an action unit on one side.
struct Part {
    au: Au,
    /// Indices of its pixels in the planes of the flow; none when it lies outside the crop.
    pixels: Vec<usize>,
    /// Where it is in the crop, px.
    centre: Point2,
}

impl Parts {
    /// The parts of a face by its landmarks, px of the crop; always [`PARTS`] of them, action unit by action unit.
    pub(super) fn of(landmarks: &Landmarks) -> Parts {
        let openings = [EYE_LEFT, EYE_RIGHT].map(|eye| Polygon(eye.map(|i| landmarks.xy(i)).to_vec()));
        let openings = region_weights(&openings, CROP_PX, CROP_PX);
        Parts(Au::CD6ME.into_iter().flat_map(|au| parts_of(au, landmarks, &openings)).collect())
    }

    /// Motion of each part by a flow on the crop, without the head's, in hundredths of the distance between the eyes.
    pub(super) fn motion(&self, flow: &FlowField) -> Vec<Point2> {
        let moved: Vec<Point2> = self.0.iter().map(|part| mean_flow(flow, &part.pixels)).collect();
        let still = without_head(&self.0, &moved);
        still.into_iter().map(|motion| motion * Sample::flow_units_per_px(CROP_PX)).collect()
    }

    /// For each part whether a blink moves it.
    pub(super) fn around_the_eyes(&self) -> Vec<bool> {
        self.0.iter().map(|part| AROUND_THE_EYES.contains(&part.au)).collect()
    }
}

/// Upper and lower half of the region of an action unit on both sides, as far as they lie in the crop.
fn parts_of(au: Au, landmarks: &Landmarks, openings: &Plane) -> Vec<Part> {
    let halves = polygons(au, landmarks).into_iter().flat_map(|(_, polygon)| halves(&polygon));
    halves.map(|half| Part::new(au, &half, openings)).collect()
}

fn halves(polygon: &Polygon) -> [Polygon; 2] {
    let nothing = Rect { x0: 0.0, y0: 0.0, x1: 0.0, y1: 0.0 };
    let bounds = Rect::around(polygon.0.iter().copied()).unwrap_or(nothing);
    let middle = bounds.centre().y;
    let upper = Rect { y1: middle, ..bounds };
    let lower = Rect { y0: middle, ..bounds };
    [upper, lower].map(|half| polygon.clip_to_rect(half))
}

impl Part {
    /// The pixels inside the polygon and outside the openings of the eyes.
    fn new(au: Au, polygon: &Polygon, openings: &Plane) -> Self {
        let inside = region_weights(std::slice::from_ref(polygon), CROP_PX, CROP_PX);
        let pixels: Vec<usize> =
            (0..inside.data.len()).filter(|&i| inside.data[i] > 0.0 && openings.data[i] == 0.0).collect();
        let place = |&i: &usize| Point2::new((i % CROP_PX) as f32 + 0.5, (i / CROP_PX) as f32 + 0.5);
        let sum = pixels.iter().map(place).fold(Point2::default(), |sum, place| sum + place);
        let centre = sum * (1.0 / pixels.len().max(1) as f32);
        Self { au, pixels, centre }
    }
}

/// Mean flow of some pixels, px; none of no pixel.
fn mean_flow(flow: &FlowField, pixels: &[usize]) -> Point2 {
    let mean = |plane: &Plane| pixels.iter().map(|&pixel| plane.data[pixel]).sum::<f32>() / pixels.len().max(1) as f32;
    Point2::new(mean(&flow.u), mean(&flow.v))
}

/// What is left of the motion of parts when the affine motion that fits them best, each by its area, is taken away.
///
/// Parts that lie on a line, or fewer than three, lose their mean motion alone; a part without area is at rest.
fn without_head(parts: &[Part], moved: &[Point2]) -> Vec<Point2> {
    let area = |i: usize| parts[i].pixels.len() as f32;
    let whole = (0..parts.len()).map(area).sum::<f32>().max(1.0);
    let mean = |value: &dyn Fn(usize) -> f32| (0..parts.len()).map(|i| area(i) * value(i)).sum::<f32>() / whole;
    let point = |value: &dyn Fn(usize) -> Point2| Point2::new(mean(&|i| value(i).x), mean(&|i| value(i).y));
    let (centre, shift) = (point(&|i| parts[i].centre), point(&|i| moved[i]));
    let at: Vec<Point2> = parts.iter().map(|part| part.centre - centre).collect();
    let by: Vec<Point2> = moved.iter().map(|&motion| motion - shift).collect();
    let (xx, xy, yy) = (mean(&|i| at[i].x * at[i].x), mean(&|i| at[i].x * at[i].y), mean(&|i| at[i].y * at[i].y));
    let (along_x, along_y) = (point(&|i| by[i] * at[i].x), point(&|i| by[i] * at[i].y));
    let determinant = xx * yy - xy * xy;
    if determinant <= 1e-6 * xx * yy {
        return by;
    }
    let by_x = (along_x * yy - along_y * xy) * (1.0 / determinant);
    let by_y = (along_y * xx - along_x * xy) * (1.0 / determinant);
    let left = |(i, (at, &by)): (usize, (&Point2, &Point2))| match parts[i].pixels.is_empty() {
        true => Point2::default(),
        false => by - by_x * at.x - by_y * at.y,
    };
    at.iter().zip(&by).enumerate().map(left).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parts of one pixel on a grid of 5 x 4, px.
    fn parts() -> Vec<Part> {
        let centre = |i: usize| Point2::new(30.0 + 20.0 * (i % 5) as f32, 50.0 + 25.0 * (i / 5) as f32);
        (0..20).map(|i| Part { au: Au::Au12, pixels: vec![i], centre: centre(i) }).collect()
    }

    /// Shift, zoom, turn and shear.
    fn head(at: Point2) -> Point2 {
        Point2::new(1.5 + 0.02 * at.x - 0.01 * at.y, -0.7 + 0.03 * at.x + 0.005 * at.y)
    }

    #[test]
    fn a_head_that_turns_leaves_nothing() {
        let parts = parts();
        let moved: Vec<Point2> = parts.iter().map(|part| head(part.centre)).collect();
        assert!(without_head(&parts, &moved).iter().all(|motion| motion.norm() < 1e-4));
    }

    #[test]
    fn a_part_that_moves_by_itself_keeps_most_of_it() {
        let parts = parts();
        let mut moved: Vec<Point2> = parts.iter().map(|part| head(part.centre)).collect();
        moved[7] = moved[7] + Point2::new(0.0, -1.0);
        let left = without_head(&parts, &moved);
        assert!(left[7].y < -0.8, "{:?}", left[7]);
        assert!((0..20).filter(|&i| i != 7).all(|i| left[i].norm() < 0.15), "{left:?}");
    }

    #[test]
    fn parts_on_a_line_lose_their_mean_alone() {
        let line = [10.0, 20.0, 60.0].map(|y| Part { au: Au::Au1, pixels: vec![0], centre: Point2::new(5.0, y) });
        let moved = [1.0, 2.0, 6.0].map(|x| Point2::new(x, 0.0));
        let left: Vec<f32> = without_head(&line, &moved).iter().map(|motion| motion.x).collect();
        assert_eq!(left, [-2.0, -1.0, 3.0]);
        assert_eq!(without_head(&[], &[]), []);
    }
}
