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

/// Action units of the lids.
const LIDS: [Au; 2] = [Au::Au5, Au::Au7];
/// Tukey's constant: 95 % efficient on normal noise.
const TUKEY: f32 = 4.685;
/// A part is not trusted to keep to the head by less than this, px of the crop.
const NOISE_FLOOR_PX: f32 = 0.03;
/// Rounds in which parts lose their say.
const ROUNDS: usize = 4;

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
        self.beside_head(flow, |parts, moved| without_head(parts, moved, &areas(parts)))
    }

    /// The same where much moves that is not the head, such as lids and lips in speech: parts that do not go with the others
    /// have no say in what the head's motion is, and lids never have.
    pub(super) fn motion_amid_others(&self, flow: &FlowField) -> Vec<Point2> {
        self.beside_head(flow, |parts, moved| {
            let bony = |(part, area): (&Part, f32)| if LIDS.contains(&part.au) { 0.0 } else { area };
            let own: Vec<f32> = parts.iter().zip(areas(parts)).map(bony).collect();
            let mut left = without_head(parts, moved, &own);
            for _ in 0..ROUNDS {
                let weights: Vec<f32> = tukey(&left, &own).iter().zip(&own).map(|(trust, own)| trust * own).collect();
                left = without_head(parts, moved, &weights);
            }
            left
        })
    }

    fn beside_head(&self, flow: &FlowField, without: impl Fn(&[Part], &[Point2]) -> Vec<Point2>) -> Vec<Point2> {
        let moved: Vec<Point2> = self.0.iter().map(|part| mean_flow(flow, &part.pixels)).collect();
        let still = without(&self.0, &moved);
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

/// Pixels of each part.
fn areas(parts: &[Part]) -> Vec<f32> {
    parts.iter().map(|part| part.pixels.len() as f32).collect()
}

/// Trust in parts by what is left of their motion, 0 to 1: Tukey's weights, by the median of those that have a say.
fn tukey(left: &[Point2], say: &[f32]) -> Vec<f32> {
    let mut known: Vec<f32> =
        left.iter().zip(say).filter(|(_, say)| **say > 0.0).map(|(left, _)| left.norm()).collect();
    let middle = known.len() / 2;
    if known.is_empty() {
        return vec![1.0; left.len()];
    }
    let median = *known.select_nth_unstable_by(middle, f32::total_cmp).1;
    let reach = TUKEY * 1.4826 * median.max(NOISE_FLOOR_PX);
    left.iter().map(|left| (1.0 - (left.norm() / reach).powi(2)).max(0.0).powi(2)).collect()
}

/// What is left of the motion of parts when the affine motion that fits them best, each by its weight, is taken away.
///
/// Parts that lie on a line, or fewer than three, lose their mean motion alone; a part without pixels is at rest.
fn without_head(parts: &[Part], moved: &[Point2], weights: &[f32]) -> Vec<Point2> {
    let whole = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let mean = |value: &dyn Fn(usize) -> f32| (0..parts.len()).map(|i| weights[i] * value(i)).sum::<f32>() / whole;
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
        assert!(without_head(&parts, &moved, &areas(&parts)).iter().all(|motion| motion.norm() < 1e-4));
    }

    #[test]
    fn a_part_that_moves_by_itself_keeps_most_of_it() {
        let parts = parts();
        let mut moved: Vec<Point2> = parts.iter().map(|part| head(part.centre)).collect();
        moved[7] = moved[7] + Point2::new(0.0, -1.0);
        let left = without_head(&parts, &moved, &areas(&parts));
        assert!(left[7].y < -0.8, "{:?}", left[7]);
        assert!((0..20).filter(|&i| i != 7).all(|i| left[i].norm() < 0.15), "{left:?}");
    }

    #[test]
    fn parts_that_move_by_themselves_leave_the_others_alone() {
        let parts = Parts(parts());
        let own = areas(&parts.0);
        let mut moved: Vec<Point2> = parts.0.iter().map(|part| head(part.centre)).collect();
        let moving = [2, 8, 16];
        moving.iter().for_each(|&i| moved[i] = moved[i] + Point2::new(0.5, -2.0));
        let mut left = without_head(&parts.0, &moved, &own);
        assert!(left[19].norm() > 0.1, "least squares share the motion out");
        for _ in 0..ROUNDS {
            let weights = tukey(&left, &own);
            left = without_head(&parts.0, &moved, &weights);
        }
        let expected = |i: usize| if moving.contains(&i) { Point2::new(0.5, -2.0) } else { Point2::default() };
        assert!((0..20).all(|i| left[i].distance(expected(i)) < 0.02), "{left:?}");
    }

    #[test]
    fn parts_on_a_line_lose_their_mean_alone() {
        let line = [10.0, 20.0, 60.0].map(|y| Part { au: Au::Au1, pixels: vec![0], centre: Point2::new(5.0, y) });
        let moved = [1.0, 2.0, 6.0].map(|x| Point2::new(x, 0.0));
        let left: Vec<f32> = without_head(&line, &moved, &areas(&line)).iter().map(|motion| motion.x).collect();
        assert_eq!(left, [-2.0, -1.0, 3.0]);
        assert_eq!(without_head(&[], &[], &[]), []);
    }
}
