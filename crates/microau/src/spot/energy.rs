//! Motion of the parts of one face from its first frame to another, with the head's own motion taken out.
//!
//! The regions of the action units are the parts, each side for itself and its upper and lower half apart: lids and lips
//! that close move against each other, and their mean would be rest. Of a part the mean flow is taken and not the mean of
//! its length, because noise has a length but no direction. While an eye is shut, the parts around the eyes are said to
//! stand still: a blink moves the lids further than any action unit sought here.

use image::RgbImage;
use microau_core::au::Au;
use microau_core::geom::{Point2, Polygon, Rect, Similarity};
use microau_core::landmarks::Landmarks;
use microau_core::plane::{FlowField, Plane};
use microau_core::region::polygons;
use microau_core::sample::Sample;
use microau_vision::face::align;
use microau_vision::flow::{DenseFlow, head_motion, region_weights};

/// Edge of the crop on which motion is measured, px: 58 px between the eyes, where a micro-movement is half a px or more.
const CROP_PX: usize = 160;

/// Action units that a blink hides.
const AROUND_THE_EYES: [Au; 4] = [Au::Au4, Au::Au5, Au::Au6, Au::Au7];

/// Least shutting of an eye, beyond that of the first frame, that counts as a blink.
const BLINK: f32 = 0.3;

/// Measures the motion of one face against its first frame.
pub struct MotionMeter {
    crop_from_frame: Similarity,
    landmarks: Landmarks,
    first: Plane,
    blink_at_first: f32,
    parts: Vec<Part>,
    last: Vec<Point2>,
    flow: DenseFlow,
}

/// A half of the region of an action unit on one side.
struct Part {
    au: Au,
    /// Indices of its pixels in the planes of the flow.
    pixels: Vec<usize>,
}

impl MotionMeter {
    /// A meter for the face whose first frame is `first`; `placing` are its landmarks in its first frames, px of the frame.
    ///
    /// `None` when no crop can be placed: both eyes in one point.
    pub fn new(first: &RgbImage, blink_at_first: f32, placing: &[Landmarks]) -> Option<Self> {
        let crop_from_frame = align::crop_from_frame(placing, CROP_PX as u32)?;
        let landmarks = Landmarks::mean(placing)?.transformed(&crop_from_frame);
        let first = align::warp_gray(first, &crop_from_frame, CROP_PX as u32);
        let parts: Vec<Part> = Au::CD6ME.into_iter().flat_map(|au| parts_of(au, &landmarks)).collect();
        let last = vec![Point2::default(); parts.len()];
        Some(Self { crop_from_frame, landmarks, first, blink_at_first, parts, last, flow: DenseFlow::fast() })
    }

    /// Motion of each part from the first frame to this one, in hundredths of the distance between the eyes. Frames come
    /// in their order.
    pub fn motion(&mut self, frame: &RgbImage, blink: f32) -> Vec<Point2> {
        let crop = align::warp_gray(frame, &self.crop_from_frame, CROP_PX as u32);
        let moved = self.flow.compute(&self.first, &crop).expect("both crops have one size");
        let head = head_motion::estimate(&moved, &self.landmarks);
        let muscle = head_motion::remove(&moved, &head.similarity);
        let blinks = blink - self.blink_at_first >= BLINK;
        for (part, last) in self.parts.iter().zip(&mut self.last) {
            if !(blinks && AROUND_THE_EYES.contains(&part.au)) {
                *last = mean_flow(&muscle, &part.pixels) * Sample::flow_units_per_px(CROP_PX);
            }
        }
        self.last.clone()
    }

    /// Motion of the first frame itself: none.
    pub fn rest(&self) -> Vec<Point2> {
        vec![Point2::default(); self.parts.len()]
    }
}

/// Upper and lower half of the region of an action unit on both sides, as far as they lie in the crop.
fn parts_of(au: Au, landmarks: &Landmarks) -> Vec<Part> {
    let halves = polygons(au, landmarks).into_iter().flat_map(|(_, polygon)| halves(&polygon));
    let parts = halves.map(|half| Part { au, pixels: pixels_in(&half) });
    parts.filter(|part| !part.pixels.is_empty()).collect()
}

fn halves(polygon: &Polygon) -> Vec<Polygon> {
    let Some(bounds) = Rect::around(polygon.0.iter().copied()) else { return Vec::new() };
    let middle = bounds.centre().y;
    let upper = Rect { y1: middle, ..bounds };
    let lower = Rect { y0: middle, ..bounds };
    [upper, lower].map(|half| polygon.clip_to_rect(half)).to_vec()
}

fn pixels_in(polygon: &Polygon) -> Vec<usize> {
    let weights = region_weights(std::slice::from_ref(polygon), CROP_PX, CROP_PX);
    weights.data.iter().enumerate().filter(|(_, weight)| **weight > 0.0).map(|(pixel, _)| pixel).collect()
}

/// Mean flow of some pixels, px.
fn mean_flow(flow: &FlowField, pixels: &[usize]) -> Point2 {
    let mean = |plane: &Plane| pixels.iter().map(|&pixel| plane.data[pixel]).sum::<f32>() / pixels.len() as f32;
    Point2::new(mean(&flow.u), mean(&flow.v))
}
