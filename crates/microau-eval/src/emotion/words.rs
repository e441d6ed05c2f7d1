//! The classes in which the emotion words of data sets stand.

use microau_core::emotion::{EmotionGroup, ObjectiveClass};

/// Words by group, as MEGC2019 has them; SMIC annotates the groups themselves.
#[rustfmt::skip]
const GROUPS: [(EmotionGroup, &[&str]); 3] = [
    (EmotionGroup::Positive, &["happiness", "happy", "positive"]),
    (EmotionGroup::Negative, &["anger", "contempt", "disgust", "fear", "sadness", "sad", "repression", "negative"]),
    (EmotionGroup::Surprise, &["surprise"]),
];

/// Group of an annotated emotion in any case; `None` for one that is in no group (`others`, `tense`).
pub fn group_of_word(word: &str) -> Option<EmotionGroup> {
    let word = word.trim().to_lowercase();
    GROUPS.into_iter().find(|(_, words)| words.contains(&word.as_str())).map(|(group, _)| group)
}

/// Group of an annotated emotion of a data set. MEGC2019 takes no sadness and no fear of CASME II.
pub fn group_on(dataset: &str, word: &str) -> Option<EmotionGroup> {
    let rare = ["sadness", "fear"].contains(&word.trim().to_lowercase().as_str());
    group_of_word(word).filter(|_| !(rare && dataset == "casme2"))
}

/// Objective class whose emotion a word names (`happiness` is class I), in any case; `None` for any other word.
pub fn class_of_word(word: &str) -> Option<ObjectiveClass> {
    let word = word.trim().to_lowercase();
    ObjectiveClass::ALL.into_iter().find(|class| class.name() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_any_case() {
        assert_eq!(group_of_word(" Happiness "), Some(EmotionGroup::Positive));
        assert_eq!(group_of_word("REPRESSION"), Some(EmotionGroup::Negative));
        assert_eq!(class_of_word("Fear"), Some(ObjectiveClass::VI));
    }

    #[test]
    fn words_without_a_group_have_none() {
        for word in ["others", "Other", "tense", ""] {
            assert_eq!(group_of_word(word), None, "{word}");
        }
        assert_eq!(class_of_word("positive"), None);
    }
}
