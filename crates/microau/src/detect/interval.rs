//! From the scores of a clip to an interval of the report.

use microau_core::au::Au;
use microau_core::score::{AuInterval, AuScore, AuScores, Emotion, FoundBy, Moment, TextEmotion};
use microau_eval::emotion::{emotion_group, objective_class};

use super::scorer::ClipScores;

/// The three moments of an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Last frame before the movement.
    pub onset: Moment,
    /// Frame of the strongest movement.
    pub apex: Moment,
    /// Frame at which it is over, where known.
    pub offset: Option<Moment>,
}

/// Puts moments and scores together and adds what the present action units say of emotion.
pub fn interval(
    moments: Moments,
    found_by: FoundBy,
    model_aus: &[Au],
    scores: &ClipScores,
    threshold: f32,
) -> AuInterval {
    let aus = au_scores(model_aus, scores, threshold);
    let emotion = emotion(&aus, &scores.text);
    let Moments { onset, apex, offset } = moments;
    AuInterval { onset, apex, offset, found_by, spotted: None, aus, emotion }
}

fn au_scores(model_aus: &[Au], scores: &ClipScores, threshold: f32) -> AuScores {
    let score = |(k, &au): (usize, &Au)| {
        let score = AuScore::new(au, scores.both[k], threshold);
        match &scores.sides {
            Some([left, right]) => score.with_sides(left[k], right[k]),
            None => score,
        }
    };
    AuScores::new(model_aus.iter().enumerate().map(score).collect())
}

fn emotion(aus: &AuScores, text: &[TextEmotion]) -> Option<Emotion> {
    let present = aus.present();
    let objective_class = objective_class(present)?;
    let mut text = text.to_vec();
    text.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    let objective_name = objective_class.name().to_owned();
    Some(Emotion { objective_class, objective_name, rule: emotion_group(present)?, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::emotion::{EmotionGroup, ObjectiveClass};
    use microau_core::time::{FrameIndex, Micros};

    fn moments() -> Moments {
        let at = |frame| Moment::new(FrameIndex(frame), Micros(0));
        Moments { onset: at(1), apex: at(4), offset: None }
    }

    fn scores(both: Vec<f32>) -> ClipScores {
        ClipScores { both, sides: None, text: Vec::new(), attention: None }
    }

    #[test]
    fn a_smile_is_class_one_and_positive() {
        let got = interval(moments(), FoundBy::Given, &[Au::Au6, Au::Au12], &scores(vec![0.7, 0.9]), 0.5);
        let emotion = got.emotion.unwrap();
        assert_eq!((emotion.objective_class, emotion.rule), (ObjectiveClass::I, EmotionGroup::Positive));
    }

    #[test]
    fn without_a_present_unit_there_is_no_emotion() {
        let got = interval(moments(), FoundBy::Given, &[Au::Au12], &scores(vec![0.3]), 0.5);
        assert_eq!(got.emotion, None);
    }

    #[test]
    fn text_emotions_are_listed_closest_first() {
        let word = |emotion: &str, similarity| TextEmotion { emotion: emotion.to_owned(), similarity };
        let scores = ClipScores { text: vec![word("fear", 0.1), word("happiness", 0.4)], ..scores(vec![0.9]) };
        let got = interval(moments(), FoundBy::Given, &[Au::Au12], &scores, 0.5);
        assert_eq!(got.emotion.unwrap().text[0].emotion, "happiness");
    }
}
