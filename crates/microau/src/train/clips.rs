//! What a fit is told: the clips of a training side, and nothing of any test side.

use microau_data::LabelledSample;
use microau_eval::protocol::TrainingSide;

use super::tokens::{ClipTokens, TokenCache};

/// One clip to learn from.
#[derive(Clone, Copy, Debug)]
pub struct TrainingClip<'a> {
    /// The clip with its labels.
    pub clip: &'a LabelledSample,
    /// Its patch tokens, where the pixel tower is frozen.
    pub tokens: Option<&'a ClipTokens>,
}

/// The clips that weights, priors and class weights are fitted to.
///
/// It is made from all of some clips or from the [`TrainingSide`] of a split, which does not know the test side.
#[derive(Clone, Debug)]
pub struct TrainingSet<'a> {
    clips: Vec<TrainingClip<'a>>,
}

impl<'a> TrainingSet<'a> {
    /// All of some clips: generated ones, or those of a model that is not judged.
    pub fn all(clips: &'a [LabelledSample], tokens: Option<&'a TokenCache>) -> TrainingSet<'a> {
        TrainingSet::chosen(clips, tokens, 0..clips.len())
    }

    /// The training clips of a split over `clips`.
    pub fn of_side(
        clips: &'a [LabelledSample],
        tokens: Option<&'a TokenCache>,
        side: &TrainingSide,
    ) -> TrainingSet<'a> {
        TrainingSet::chosen(clips, tokens, side.train().iter().copied())
    }

    fn chosen(
        clips: &'a [LabelledSample],
        tokens: Option<&'a TokenCache>,
        places: impl Iterator<Item = usize>,
    ) -> TrainingSet<'a> {
        let clip = |place: usize| TrainingClip { clip: &clips[place], tokens: tokens.map(|tokens| tokens.of(place)) };
        TrainingSet { clips: places.map(clip).collect() }
    }

    /// The clips.
    pub fn clips(&self) -> &[TrainingClip<'a>] {
        &self.clips
    }

    /// Number of clips.
    pub fn len(&self) -> usize {
        self.clips.len()
    }

    /// Whether there is no clip.
    pub fn is_empty(&self) -> bool {
        self.clips.is_empty()
    }
}
