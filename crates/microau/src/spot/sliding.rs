//! Motion of the parts of one face through a film of any length.
//!
//! Each frame is measured against a reference frame that slides after it: it is taken anew every second, or when the head has
//! turned. Motion goes on from where it was, so the course of a part is one curve however often the reference changes; what
//! adds up over many references is slow, and expressions are not.
//!
//! Every frame is laid over its reference by the landmarks that sit on bone. Their jitter does no harm: the affine motion of
//! all parts is taken out of the flow afterwards.

use image::RgbImage;
use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::{Landmarks, RIGID};
use microau_core::time::Micros;
use microau_vision::face::align;
use microau_vision::flow::DenseFlow;

use super::parts::{CROP_PX, PARTS, Parts};
use super::pose::Pose;

/// Longest life of a reference, microseconds.
const REFERENCE_LIFE: i64 = 1_000_000;
/// Turn of the head, in shares of the distance between the eyes by which the tip of the nose moves, at which the reference is
/// taken anew.
const REFERENCE_TURN: f32 = 0.12;

/// Measures the motion of one face against a reference that slides after it.
pub struct SlidingMeter {
    flow: DenseFlow,
    reference: Option<Reference>,
    /// Motion of each part from the first frame of the face to the reference.
    before: Vec<Point2>,
}

struct Reference {
    at: Micros,
    pose: Pose,
    /// Where the points on bone lie, px of the crop.
    rigid: Vec<Point2>,
    parts: Parts,
}

impl Default for SlidingMeter {
    fn default() -> Self {
        Self { flow: DenseFlow::fast(), reference: None, before: vec![Point2::default(); PARTS] }
    }
}

impl SlidingMeter {
    /// Motion of each part since the first frame, in hundredths of the distance between the eyes; landmarks are in px of the
    /// frame. Frames go in in order. A frame on which no crop can be placed repeats the motion of the reference.
    pub fn motion(&mut self, frame: &RgbImage, landmarks: &Landmarks, at: Micros) -> Vec<Point2> {
        let pose = Pose::of(landmarks);
        let motion = self.since_reference(frame, landmarks).unwrap_or_else(|| vec![Point2::default(); PARTS]);
        let motion: Vec<Point2> = self.before.iter().zip(motion).map(|(&before, since)| before + since).collect();
        let is_old = |it: &Reference| at.0 - it.at.0 >= REFERENCE_LIFE || it.pose.turn_to(&pose) >= REFERENCE_TURN;
        if self.reference.as_ref().is_none_or(is_old) {
            self.refer_to(frame, landmarks, at, pose);
            self.before.clone_from(&motion);
        }
        motion
    }

    fn since_reference(&mut self, frame: &RgbImage, landmarks: &Landmarks) -> Option<Vec<Point2>> {
        let reference = self.reference.as_ref()?;
        let crop_from_frame = Similarity::fit(&rigid(landmarks), &reference.rigid)?;
        let crop = align::warp_gray(frame, &crop_from_frame, CROP_PX as u32);
        Some(reference.parts.motion_amid_others(&self.flow.flow_to(&crop).ok()?))
    }

    fn refer_to(&mut self, frame: &RgbImage, landmarks: &Landmarks, at: Micros, pose: Pose) {
        let Some(crop_from_frame) = align::crop_from_frame(std::slice::from_ref(landmarks), CROP_PX as u32) else {
            return;
        };
        let in_crop = landmarks.transformed(&crop_from_frame);
        self.flow.set_first(&align::warp_gray(frame, &crop_from_frame, CROP_PX as u32));
        self.reference = Some(Reference { at, pose, rigid: rigid(&in_crop), parts: Parts::of(&in_crop) });
    }
}

fn rigid(landmarks: &Landmarks) -> Vec<Point2> {
    RIGID.iter().map(|&i| landmarks.xy(i)).collect()
}
