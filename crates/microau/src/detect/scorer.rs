//! What the action units of a clip are: the seam between the pipeline and the model.

use std::sync::Arc;

use image::RgbImage;
use microau_core::landmarks::Landmarks;
use microau_core::plane::FlowField;
use microau_core::region::PatchGrid;
use microau_core::report::ModelInfo;
use microau_core::score::TextEmotion;

use super::error::DetectError;

/// The frames of one face in one event, whole, as the film shows them.
#[derive(Clone, Debug)]
pub struct FaceClip {
    /// Frame of the onset.
    pub onset: Arc<RgbImage>,
    /// Frame of the apex.
    pub apex: Arc<RgbImage>,
    /// Landmarks of the face in its first frames, the onset first: at least one. Their mean places the crop.
    pub placing: Vec<Landmarks>,
}

/// What a model says of one clip. All lists are in the order of the model's action units.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipScores {
    /// Probability of each action unit on either side.
    pub both: Vec<f32>,
    /// Probability of each with the subject's left side alone to be seen, and with the right alone; `None` when a side
    /// lies outside the picture.
    pub sides: Option<[Vec<f32>; 2]>,
    /// Similarity to emotions described in words, in any order; empty when the model has no such words.
    pub text: Vec<TextEmotion>,
    /// Where the model looked.
    pub attention: Option<Attention>,
}

/// What a model was shown of a face, and where in it it looked for each action unit: the weights of Patch Token Attention.
#[derive(Clone, Debug, PartialEq)]
pub struct Attention {
    /// The face crop of the onset.
    pub onset: RgbImage,
    /// The face crop of the apex, as if the head had stayed where it was.
    pub crop: RgbImage,
    /// Motion from onset to apex without that of the head, over the whole crop at its own resolution, in hundredths of
    /// the distance between the eyes.
    pub flow: FlowField,
    /// Patches of the crop.
    pub grid: PatchGrid,
    /// `[K, P]` row by row: how much of its attention action unit k gave to patch p; each row sums to 1.
    pub weights: Vec<f32>,
}

/// Scores clips.
pub trait Scorer {
    /// What the scorer is, for the report.
    fn info(&self) -> ModelInfo;

    /// Scores one clip.
    ///
    /// # Errors
    /// When a part of the face lies outside the picture, or the model fails.
    fn score(&mut self, clip: &FaceClip) -> Result<ClipScores, DetectError>;

    /// Probabilities of the action units alone; `None` where the clip cannot be scored.
    fn probabilities(&mut self, clip: &FaceClip) -> Option<Vec<f32>> {
        self.score(clip).ok().map(|scores| scores.both)
    }
}
