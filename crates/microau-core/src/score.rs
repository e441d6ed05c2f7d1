//! Scores of the action units of one face over one interval of a film.

use serde::{Deserialize, Serialize};

use crate::au::{Au, AuSet, Side};
use crate::emotion::{EmotionGroup, ObjectiveClass};
use crate::landmarks::Landmarks;
use crate::time::{FrameIndex, Micros};

/// Least difference between the probabilities of the two sides that is reported: below it the sides agree.
///
/// A quarter of the range: smaller differences come from light and pose as easily as from a one-sided movement.
pub const SIDE_GAP: f32 = 0.25;

/// How likely one action unit is in one interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuScore {
    /// The action unit.
    pub au: Au,
    /// Probability that it is active, from 0 to 1.
    pub probability: f32,
    /// Whether the probability reaches the threshold.
    pub present: bool,
    /// Probability seen on the subject's left alone; given only where the sides differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<f32>,
    /// Probability seen on the subject's right alone; given only where the sides differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<f32>,
}

impl AuScore {
    /// A score without sides.
    pub fn new(au: Au, probability: f32, threshold: f32) -> Self {
        Self { au, probability, present: probability >= threshold, left: None, right: None }
    }

    /// The same with the probabilities of both sides, kept where they differ by at least [`SIDE_GAP`].
    pub fn with_sides(self, left: f32, right: f32) -> Self {
        if (left - right).abs() < SIDE_GAP {
            return self;
        }
        Self { left: Some(left), right: Some(right), ..self }
    }

    /// The side that moves more, where the sides differ.
    pub fn stronger_side(&self) -> Option<Side> {
        let (left, right) = (self.left?, self.right?);
        Some(if left > right { Side::Left } else { Side::Right })
    }
}

/// Scores of all action units of a model, in the model's order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuScores(Vec<AuScore>);

impl AuScores {
    /// Scores in the order of the model's action units.
    pub fn new(scores: Vec<AuScore>) -> Self {
        Self(scores)
    }

    /// The score of one action unit; `None` when the model does not know it.
    pub fn get(&self, au: Au) -> Option<&AuScore> {
        self.0.iter().find(|score| score.au == au)
    }

    /// All scores, in the model's order.
    pub fn iter(&self) -> impl Iterator<Item = &AuScore> {
        self.0.iter()
    }

    /// The action units whose probability reaches the threshold.
    pub fn present(&self) -> AuSet {
        self.0.iter().filter(|score| score.present).map(|score| score.au).collect()
    }

    /// Number of action units scored.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when nothing was scored.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A frame and its time on the film.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Index of the frame, from 0.
    pub frame: FrameIndex,
    /// Time stamp of the frame in whole microseconds.
    pub micros: Micros,
    /// The same in seconds, for reading.
    pub secs: f64,
}

impl Moment {
    /// The moment of a frame with this time stamp.
    pub fn new(frame: FrameIndex, micros: Micros) -> Self {
        Self { frame, micros, secs: micros.as_secs_f64() }
    }
}

/// How an interval came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FoundBy {
    /// The user named onset and apex.
    Given,
    /// The film was taken for one clip: the strongest movement of the face.
    Search,
    /// Spotted among all movements of a film.
    Spot,
}

/// Longest micro-expression, microseconds: half a second, as the spotting challenges have it.
pub const LONGEST_MICRO: Micros = Micros(500_000);

/// Whether an expression is a micro-expression, by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExpressionKind {
    /// At most [`LONGEST_MICRO`] from onset to offset.
    Micro,
    /// Longer.
    Macro,
}

impl ExpressionKind {
    /// The kind of an expression from its onset to its offset.
    pub fn of(onset: Micros, offset: Micros) -> Self {
        if offset.0 - onset.0 <= LONGEST_MICRO.0 { Self::Micro } else { Self::Macro }
    }
}

/// What spotting says of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spotted {
    /// Micro-expression or a longer one.
    pub kind: ExpressionKind,
    /// Probability that it is an expression at all, and no blink, speech, gaze or turn of the head; from 0 to 1.
    pub confidence: f32,
}

/// One face in one frame of a film.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceFrame {
    /// Number of the face within its film, from 0 in the order of appearance.
    pub face_id: u32,
    /// When.
    pub at: Moment,
    /// Probability that a face is there, from 0 to 1.
    pub confidence: f32,
    /// Landmarks, px of the frame.
    pub landmarks: Landmarks,
    /// Probability of each action unit of the model against the face's own rest, in the model's order.
    pub aus: Vec<f32>,
}

/// Similarity of one interval to the description of an emotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextEmotion {
    /// Name of the emotion in lower case.
    pub emotion: String,
    /// Similarity to its description: larger is closer, comparable within one interval only.
    pub similarity: f32,
}

/// What the action units say of emotion. No emotion label was used to fit anything here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Emotion {
    /// Class I-VII of the set of present action units.
    pub objective_class: ObjectiveClass,
    /// Name of that class, for reading.
    pub objective_name: String,
    /// Positive, negative or surprise by rule.
    pub rule: EmotionGroup,
    /// Similarity to each emotion described by its action units, closest first; empty when the model has no such text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<TextEmotion>,
}

/// One facial movement of one face: when it happened and which action units it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuInterval {
    /// Last frame before the movement.
    pub onset: Moment,
    /// Frame of the strongest movement.
    pub apex: Moment,
    /// Frame at which the movement is over; `None` when the clip ends before, or when it was not given.
    pub offset: Option<Moment>,
    /// Whether onset and apex were given or searched.
    pub found_by: FoundBy,
    /// What spotting says of it; `None` for a movement that was given, or searched in a clip.
    #[serde(default, flatten, skip_serializing_if = "Option::is_none")]
    pub spotted: Option<Spotted>,
    /// Score of every action unit of the model.
    pub aus: AuScores,
    /// What the present action units say of emotion; `None` when none is present.
    pub emotion: Option<Emotion>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_on_the_threshold_is_present() {
        assert!(AuScore::new(Au::Au12, 0.5, 0.5).present);
        assert!(!AuScore::new(Au::Au12, 0.499, 0.5).present);
    }

    #[test]
    fn sides_are_kept_only_where_they_differ() {
        let score = AuScore::new(Au::Au12, 0.9, 0.5);
        assert_eq!(score.with_sides(0.9, 0.7).left, None);
        let one_sided = score.with_sides(0.9, 0.1);
        assert_eq!((one_sided.left, one_sided.right), (Some(0.9), Some(0.1)));
        assert_eq!(one_sided.stronger_side(), Some(Side::Left));
    }

    #[test]
    fn the_present_units_are_those_above_the_threshold() {
        let score = |au, probability| AuScore::new(au, probability, 0.5);
        let scores = AuScores::new(vec![score(Au::Au4, 0.7), score(Au::Au12, 0.2)]);
        assert_eq!(scores.present(), AuSet::from_iter([Au::Au4]));
    }
}
