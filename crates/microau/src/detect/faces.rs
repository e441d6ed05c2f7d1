//! Who is in a frame: the seam between the pipeline and the face networks.

use image::RgbImage;
use microau_core::geom::Rect;
use microau_core::landmarks::Landmarks;
use microau_core::score::{FaceFrame, Moment};
use microau_vision::face::{FaceTracker, TrackedFace, TrackerSettings, blendshapes};

use super::error::DetectError;

/// Least distance between the eyes of a face that is looked at, px: below it a micro-movement is a fraction of a pixel,
/// and what the networks take for a face often is none.
const LEAST_EYE_DISTANCE_PX: f32 = 16.0;

/// One face in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundFace {
    /// The same number for the same face in every frame of a film, from 0 in the order of appearance.
    pub face_id: u32,
    /// Landmarks in px of the frame.
    pub landmarks: Landmarks,
    /// Probability that a face is there, from 0 to 1.
    pub confidence: f32,
    /// How far the more closed eye is shut, from 0 to 1.
    pub blink: f32,
    /// How far the jaw is open, from 0 to 1.
    pub jaw_open: f32,
    /// Where the eyes look: to the subject's left and up, from -1 to 1.
    pub gaze: [f32; 2],
}

impl FoundFace {
    /// The box around the landmarks, px of the frame.
    pub fn bounds(&self) -> Rect {
        Rect::around(self.landmarks.points().iter().map(|point| point.xy())).expect("a face has landmarks")
    }

    /// The face in its frame, with the probabilities of its action units.
    pub fn in_frame(&self, at: Moment, aus: Vec<f32>) -> FaceFrame {
        let FoundFace { face_id, confidence, ref landmarks, .. } = *self;
        FaceFrame { face_id, at, confidence, landmarks: landmarks.clone(), aus }
    }
}

/// Finds the faces of films, frame after frame.
pub trait FaceFinder: Send {
    /// Forgets all faces: the next frame is the first of another film, or of another pass.
    fn restart(&mut self);

    /// The faces of the next frame, by id.
    fn find(&mut self, frame: &RgbImage) -> Vec<FoundFace>;
}

/// The face networks that are built in, with their default settings.
///
/// # Errors
/// [`DetectError::Faces`], which does not happen in a sound build.
pub fn tracker() -> Result<FaceTracker, DetectError> {
    FaceTracker::new(TrackerSettings::default()).map_err(|error| DetectError::Faces { message: error.to_string() })
}

impl FaceFinder for FaceTracker {
    fn restart(&mut self) {
        self.reset();
    }

    fn find(&mut self, frame: &RgbImage) -> Vec<FoundFace> {
        let faces = self.track(frame).into_iter();
        faces.filter(|face| face.landmarks.inter_ocular() >= LEAST_EYE_DISTANCE_PX).map(found).collect()
    }
}

fn found(face: TrackedFace) -> FoundFace {
    let shapes = face.blendshapes.as_ref();
    let named = |name| shapes.map_or(0.0, |shapes| blendshapes::named(shapes, name));
    let to_left =
        (named("eyeLookOutLeft") - named("eyeLookInLeft") + named("eyeLookInRight") - named("eyeLookOutRight")) / 2.0;
    let up =
        (named("eyeLookUpLeft") - named("eyeLookDownLeft") + named("eyeLookUpRight") - named("eyeLookDownRight")) / 2.0;
    FoundFace {
        face_id: face.face_id,
        landmarks: face.landmarks,
        confidence: face.presence,
        blink: named("eyeBlinkLeft").max(named("eyeBlinkRight")),
        jaw_open: named("jawOpen"),
        gaze: [to_left, up],
    }
}
