//! Motion energy of one face: how much the muscles moved from the first frame to another.
//!
//! ```text
//! E(t) = max over regions of mean |flow(first → t) without head motion| over the region, in hundredths of the
//!        distance between the eyes
//! ```
//!
//! The maximum and not the mean over the face: a one-sided micro-movement moves a few percent of the skin. While an eye
//! is shut, the regions around the eyes are left out: a blink moves the lids further than any action unit sought here.

use image::RgbImage;
use microau_core::au::Au;
use microau_core::geom::Similarity;
use microau_core::landmarks::Landmarks;
use microau_core::plane::Plane;
use microau_core::region::polygons;
use microau_core::sample::Sample;
use microau_vision::face::align;
use microau_vision::flow::{DenseFlow, head_motion, motion_energy, region_weights};

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
    regions: Vec<(Au, Plane)>,
    flow: DenseFlow,
}

impl MotionMeter {
    /// A meter for the face whose first frame is `first`; `placing` are its landmarks in its first frames, px of the frame.
    ///
    /// `None` when no crop can be placed: both eyes in one point.
    pub fn new(first: &RgbImage, blink_at_first: f32, placing: &[Landmarks]) -> Option<Self> {
        let crop_from_frame = align::crop_from_frame(placing, CROP_PX as u32)?;
        let landmarks = Landmarks::mean(placing)?.transformed(&crop_from_frame);
        let first = align::warp_gray(first, &crop_from_frame, CROP_PX as u32);
        let sides =
            |au| polygons(au, &landmarks).map(|(_, polygon)| (au, region_weights(&[polygon], CROP_PX, CROP_PX)));
        let regions = Au::CD6ME.into_iter().flat_map(sides).collect();
        Some(Self { crop_from_frame, landmarks, first, blink_at_first, regions, flow: DenseFlow::fast() })
    }

    /// Energy of a frame, 0 or more, in hundredths of the distance between the eyes.
    pub fn energy(&mut self, frame: &RgbImage, blink: f32) -> f32 {
        let crop = align::warp_gray(frame, &self.crop_from_frame, CROP_PX as u32);
        let moved = self.flow.compute(&self.first, &crop).expect("both crops have one size");
        let head = head_motion::estimate(&moved, &self.landmarks);
        let muscle = head_motion::remove(&moved, &head.similarity);
        let blinks = blink - self.blink_at_first >= BLINK;
        let seen = self.regions.iter().filter(|(au, _)| !(blinks && AROUND_THE_EYES.contains(au)));
        let energies = seen.filter_map(|(_, region)| motion_energy(&muscle, region));
        energies.fold(0.0, f32::max) * Sample::flow_units_per_px(CROP_PX)
    }
}
