//! What the rules say of emotion, and which action units made them say it.

use microau_core::au::{Au, AuSet};
use microau_core::emotion::ObjectiveClass;
use microau_core::score::Emotion;
use microau_eval::emotion::{GroupReason, group_with_reason};

use super::words::{listed, short};

/// Emotion by rule in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EmotionView {
    /// `positive`, `negative` or `surprise`.
    pub(super) group: &'static str,
    /// Which units decided that.
    pub(super) group_reason: String,
    /// `I happiness`.
    pub(super) class: String,
    /// How the class came about.
    pub(super) class_reason: String,
    /// The described emotions that come closest, with their similarities.
    pub(super) closest: Vec<(String, String)>,
}

impl EmotionView {
    pub(super) fn new(emotion: &Emotion, present: AuSet) -> Self {
        let closest = emotion.text.iter().take(3).map(|text| (text.emotion.clone(), format!("{:.2}", text.similarity)));
        Self {
            group: emotion.rule.name(),
            group_reason: group_with_reason(present).map_or(String::new(), |(_, reason)| because(reason)),
            class: emotion.objective_class.to_string(),
            class_reason: class_reason(emotion.objective_class, present),
            closest: closest.collect(),
        }
    }
}

fn because(reason: GroupReason) -> String {
    match reason {
        GroupReason::Smile => {
            format!("{} is present, and neither AU4, AU9 nor AU15, which would speak against it", named(Au::Au12))
        }
        GroupReason::CheeksAlone => format!("{} is present and nothing else", named(Au::Au6)),
        GroupReason::Opened(aus) => format!("{} present, and AU4, which would speak against it, is not", are(aus)),
        GroupReason::Against(aus) => format!("{} present, which keeps it from being positive or surprise", are(aus)),
        GroupReason::Neither => {
            "none of the movements is present that the rule takes for positive or for surprise".to_owned()
        }
    }
}

fn class_reason(class: ObjectiveClass, present: AuSet) -> String {
    match class {
        ObjectiveClass::VII => {
            format!(
                "the set {present} stands under none of the first six classes of the published table, and no nearest set is guessed"
            )
        }
        _ => format!("the set {present} stands under this class in the published table"),
    }
}

/// `brow lowerer (AU4) is`, `A and B are`.
fn are(aus: AuSet) -> String {
    let names: Vec<String> = aus.iter().map(named).collect();
    format!("{} {}", listed(&names), if names.len() == 1 { "is" } else { "are" })
}

fn named(au: Au) -> String {
    format!("{} ({})", au.name(), short(au))
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_eval::emotion::{emotion_group, objective_class};

    fn view(numbers: &[u8]) -> EmotionView {
        let present: AuSet = numbers.iter().map(|&number| Au::from_number(number).unwrap()).collect();
        let objective_class = objective_class(present).unwrap();
        let (objective_name, rule) = (objective_class.name().to_owned(), emotion_group(present).unwrap());
        EmotionView::new(&Emotion { objective_class, objective_name, rule, text: Vec::new() }, present)
    }

    #[test]
    fn a_reason_names_the_units_that_decided() {
        let smile = view(&[6, 12]);
        assert_eq!((smile.group, smile.class.as_str()), ("positive", "I happiness"));
        assert!(smile.group_reason.starts_with("lip corner puller (AU12) is present"), "{}", smile.group_reason);
        assert_eq!(smile.class_reason, "the set 6+12 stands under this class in the published table");
        let raised = view(&[1, 2]);
        let expected = "inner brow raiser (AU1) and outer brow raiser (AU2) are present, and AU4, which would speak against it, is not";
        assert_eq!(raised.group_reason, expected);
        let mixed = view(&[4, 12]);
        assert_eq!(mixed.group_reason, "brow lowerer (AU4) is present, which keeps it from being positive or surprise");
        assert!(mixed.class_reason.contains("none of the first six"), "{}", mixed.class_reason);
    }
}
