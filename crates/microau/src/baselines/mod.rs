//! What a trained model is compared with: the same folds, the same samples, the same figures.
//!
//! | name | what it is |
//! |---|---|
//! | [`trivial`] `all-ones`, `prior-random` | every AU always; each AU as often as in training, at random |
//! | [`flow_svm`] `flow-svm` | dense flow on a grid and a linear support vector machine an AU |
//! | [`flow_landmarks`] `flow-landmarks` | flow at the landmarks and logistic regression: the floor of `nano` |
//! | [`flow_cnn`] `flow-cnn` | a small convolutional network on flow |
//! | [`clip_linear`] `clip-linear` | CLIP's embedding of the whole face and logistic regression |
//!
//! Each is fitted to the [`TrainingSet`] of a fold and to nothing else.

pub mod clip_linear;
pub mod flow_cnn;
pub mod flow_landmarks;
pub mod flow_svm;
pub mod trivial;

mod features;
pub mod logistic;
pub mod run;

use microau_core::au::Au;
use microau_core::sample::Sample;

use crate::train::clips::TrainingSet;

/// One fold as a baseline sees it.
pub struct Fold<'a> {
    /// AUs to score.
    pub aus: &'a [Au],
    /// What it is fitted to.
    pub training: TrainingSet<'a>,
    /// What it scores; labels stay away.
    pub test: Vec<&'a Sample>,
    /// Seed of all that is drawn.
    pub seed: u64,
}

impl Fold<'_> {
    /// Labels of the training clips, `[N, K]` row by row; `None` where open.
    pub fn labels(&self) -> Vec<Option<bool>> {
        let clips = self.training.clips().iter();
        clips.flat_map(|it| self.aus.iter().map(|&au| it.clip.labels.state(au))).collect()
    }

    /// Share of the training clips in which each AU is present, of those annotated for it; 0 without any.
    pub fn shares(&self) -> Vec<f64> {
        let (labels, count) = (self.labels(), self.aus.len());
        let share = |k: usize| {
            let known: Vec<bool> = labels.iter().skip(k).step_by(count).flatten().copied().collect();
            known.iter().filter(|&&present| present).count() as f64 / known.len().max(1) as f64
        };
        (0..count).map(share).collect()
    }
}

/// Something that a model must beat.
pub trait Baseline: Sync {
    /// Name in tables and of its folder.
    fn name(&self) -> &'static str;

    /// Probabilities of the test clips after a fit to the training clips: a row of K a clip, in [0, 1], 0.5 the threshold.
    fn probs(&self, fold: &Fold<'_>) -> Vec<Vec<f64>>;
}
