//! Motion of the parts of one face from its first frame to another, with the head's own motion taken out (see `spot/parts.rs`).

use image::RgbImage;
use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::Landmarks;
use microau_core::plane::Plane;
use microau_vision::face::align;
use microau_vision::flow::DenseFlow;

use super::parts::{CROP_PX, PARTS, Parts};

/// Measures the motion of one face against its first frame.
pub struct MotionMeter {
    crop_from_frame: Similarity,
    first: Plane,
    parts: Parts,
    flow: DenseFlow,
}

impl MotionMeter {
    /// A meter for the face whose first frame is `first`; `placing` are its landmarks in its first frames, px of the frame.
    ///
    /// `None` when no crop can be placed: both eyes in one point.
    pub fn new(first: &RgbImage, placing: &[Landmarks]) -> Option<Self> {
        let crop_from_frame = align::crop_from_frame(placing, CROP_PX as u32)?;
        let parts = Parts::of(&Landmarks::mean(placing)?.transformed(&crop_from_frame));
        let first = align::warp_gray(first, &crop_from_frame, CROP_PX as u32);
        Some(Self { crop_from_frame, first, parts, flow: DenseFlow::fast() })
    }

    /// Motion of each part from the first frame to this one, in hundredths of the distance between the eyes.
    pub fn motion(&mut self, frame: &RgbImage) -> Vec<Point2> {
        let crop = align::warp_gray(frame, &self.crop_from_frame, CROP_PX as u32);
        self.parts.motion(&self.flow.compute(&self.first, &crop).expect("both crops have one size"))
    }

    /// Motion of the first frame itself: none.
    pub fn rest(&self) -> Vec<Point2> {
        vec![Point2::default(); PARTS]
    }

    /// For each part whether a blink moves it.
    pub fn around_the_eyes(&self) -> Vec<bool> {
        self.parts.around_the_eyes()
    }
}
