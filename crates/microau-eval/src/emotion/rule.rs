//! From action units to emotion, by two fixed rules that no emotion label was used to fit.
//!
//! * [`objective_class`]: the exact table of Davison et al. 2017, sides and intensities dropped. A set that is not in
//!   the table is class VII; there is no nearest set.
//! * [`emotion_group`]: positive, negative or surprise, by a rule fixed before any data was looked at.

use microau_core::au::{Au, AuSet};
use microau_core::emotion::{EmotionGroup, ObjectiveClass};

/// Every action unit set that has a class of its own, by FACS number in rising order.
#[rustfmt::skip]
const CLASSES: [(ObjectiveClass, &[&[u8]]); 6] = [
    (ObjectiveClass::I, &[&[6], &[12], &[6, 12], &[6, 7, 12], &[7, 12]]),
    (ObjectiveClass::II, &[&[1, 2], &[5], &[25], &[1, 2, 25], &[25, 26], &[5, 24]]),
    (ObjectiveClass::III, &[&[23], &[4], &[4, 7], &[4, 5], &[4, 5, 7], &[17, 24], &[4, 6, 7], &[4, 38]]),
    (ObjectiveClass::IV, &[
        &[10], &[9], &[4, 9], &[4, 40], &[4, 5, 40], &[4, 7, 9], &[4, 9, 17], &[4, 7, 10], &[4, 5, 7, 9], &[7, 10],
    ]),
    (ObjectiveClass::V, &[&[1], &[15], &[1, 4], &[6, 15], &[15, 17]]),
    (ObjectiveClass::VI, &[&[1, 2, 4], &[20]]),
];

/// Objective class of a set of action units; `None` for the empty set, which is no expression.
pub fn objective_class(aus: AuSet) -> Option<ObjectiveClass> {
    let numbers: Vec<u8> = aus.iter().map(Au::number).collect();
    objective_class_of_numbers(&numbers)
}

/// The same for FACS numbers as annotators wrote them, in any order, among them units this project does not score (38, 40).
pub fn objective_class_of_numbers(numbers: &[u8]) -> Option<ObjectiveClass> {
    if numbers.is_empty() {
        return None;
    }
    let mut set = numbers.to_vec();
    set.sort_unstable();
    set.dedup();
    let named = CLASSES.iter().find(|(_, sets)| sets.contains(&set.as_slice()));
    Some(named.map_or(ObjectiveClass::VII, |&(class, _)| class))
}

/// Positive, negative or surprise; `None` for the empty set.
///
/// Positive: AU12 without 4, 9 and 15, or AU6 alone. Else surprise: 1 with 2, or 5, or 25 or 26, all without 4. Else
/// negative.
pub fn emotion_group(aus: AuSet) -> Option<EmotionGroup> {
    group_with_reason(aus).map(|(group, _)| group)
}

/// Which part of the rule of [`emotion_group`] decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupReason {
    /// AU12 without 4, 9 and 15.
    Smile,
    /// AU6 alone.
    CheeksAlone,
    /// These units of surprise, without AU4.
    Opened(AuSet),
    /// Units of the other groups are there, but so are these, which keep them from counting.
    Against(AuSet),
    /// No unit of the other groups is there.
    Neither,
}

/// The group of [`emotion_group`] and what decided it.
pub fn group_with_reason(aus: AuSet) -> Option<(EmotionGroup, GroupReason)> {
    if aus.is_empty() {
        return None;
    }
    let present = |units: &[Au]| aus.intersection(units.iter().copied().collect());
    let smile = aus.contains(Au::Au12);
    let not_smile = present(&[Au::Au4, Au::Au9, Au::Au15]);
    let brows = present(&[Au::Au1, Au::Au2]);
    let raised_brows = if brows.len() == 2 { brows } else { AuSet::EMPTY };
    let opened: AuSet = raised_brows.iter().chain(present(&[Au::Au5, Au::Au25, Au::Au26]).iter()).collect();
    let not_opened = present(&[Au::Au4]);
    Some(if smile && not_smile.is_empty() {
        (EmotionGroup::Positive, GroupReason::Smile)
    } else if aus.contains(Au::Au6) && aus.len() == 1 {
        (EmotionGroup::Positive, GroupReason::CheeksAlone)
    } else if !opened.is_empty() && not_opened.is_empty() {
        (EmotionGroup::Surprise, GroupReason::Opened(opened))
    } else if smile {
        (EmotionGroup::Negative, GroupReason::Against(not_smile))
    } else if !opened.is_empty() {
        (EmotionGroup::Negative, GroupReason::Against(not_opened))
    } else {
        (EmotionGroup::Negative, GroupReason::Neither)
    })
}

/// The group of an objective class: I is positive, II surprise, every other negative.
pub fn group_of_class(class: ObjectiveClass) -> EmotionGroup {
    match class {
        ObjectiveClass::I => EmotionGroup::Positive,
        ObjectiveClass::II => EmotionGroup::Surprise,
        _ => EmotionGroup::Negative,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(numbers: &[u8]) -> AuSet {
        numbers.iter().map(|&number| Au::from_number(number).unwrap()).collect()
    }

    /// The published table as people write it, so that a slip in the numbers above shows.
    const PUBLISHED: [(&str, &str); 6] = [
        ("I", "6 · 12 · 6+12 · 6+7+12 · 7+12"),
        ("II", "1+2 · 5 · 25 · 1+2+25 · 25+26 · 5+24"),
        ("III", "23 · 4 · 4+7 · 4+5 · 4+5+7 · 17+24 · 4+6+7 · 4+38"),
        ("IV", "10 · 9 · 4+9 · 4+40 · 4+5+40 · 4+7+9 · 4+9+17 · 4+7+10 · 4+5+7+9 · 7+10"),
        ("V", "1 · 15 · 1+4 · 6+15 · 15+17"),
        ("VI", "1+2+4 · 20"),
    ];

    #[test]
    fn every_published_set_has_its_published_class() {
        for (roman, sets) in PUBLISHED {
            for text in sets.split(" · ") {
                let numbers: Vec<u8> = text.split('+').map(|number| number.parse().unwrap()).collect();
                assert_eq!(objective_class_of_numbers(&numbers).unwrap().roman(), roman, "{text}");
            }
        }
    }

    #[test]
    fn of_all_131071_sets_only_the_published_ones_leave_class_seven() {
        let mut named = 0;
        for bits in 1u32..1 << Au::ALL.len() {
            let aus: AuSet =
                Au::ALL.into_iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, au)| au).collect();
            named += usize::from(objective_class(aus) != Some(ObjectiveClass::VII));
        }
        // 36 sets in the table, three of them with units that are not scored here (4+38, 4+40, 4+5+40)
        assert_eq!(named, 36 - 3);
    }

    #[test]
    fn order_and_repetition_do_not_change_the_class() {
        assert_eq!(objective_class_of_numbers(&[12, 6, 12]), Some(ObjectiveClass::I));
    }

    #[test]
    fn a_superset_of_a_class_is_others_and_not_the_nearest() {
        assert_eq!(objective_class(set(&[6, 12, 17])), Some(ObjectiveClass::VII));
    }

    #[test]
    fn no_unit_is_no_emotion() {
        assert_eq!(objective_class(AuSet::default()), None);
        assert_eq!(emotion_group(AuSet::default()), None);
    }

    #[test]
    fn smiles_are_positive_unless_a_negative_unit_joins() {
        for positive in [&[12][..], &[6], &[6, 12], &[12, 14], &[1, 2, 12], &[5, 12]] {
            assert_eq!(emotion_group(set(positive)), Some(EmotionGroup::Positive), "{positive:?}");
        }
        for negative in [&[4, 12][..], &[9, 12], &[12, 15], &[6, 7], &[6, 15]] {
            assert_eq!(emotion_group(set(negative)), Some(EmotionGroup::Negative), "{negative:?}");
        }
    }

    #[test]
    fn raised_brows_eyes_or_an_open_mouth_are_surprise_unless_the_brows_are_lowered() {
        for surprise in [&[1, 2][..], &[5], &[25], &[26], &[1, 2, 25], &[5, 24]] {
            assert_eq!(emotion_group(set(surprise)), Some(EmotionGroup::Surprise), "{surprise:?}");
        }
        for negative in [&[1, 2, 4][..], &[4, 5], &[4, 25], &[1], &[2], &[14], &[17]] {
            assert_eq!(emotion_group(set(negative)), Some(EmotionGroup::Negative), "{negative:?}");
        }
    }

    #[test]
    fn the_reason_names_the_units_that_decided() {
        let reason = |numbers: &[u8]| group_with_reason(set(numbers)).unwrap().1;
        assert_eq!(reason(&[5, 12]), GroupReason::Smile);
        assert_eq!(reason(&[6]), GroupReason::CheeksAlone);
        assert_eq!(reason(&[1, 2, 17]), GroupReason::Opened(set(&[1, 2])));
        assert_eq!(reason(&[2, 5, 25]), GroupReason::Opened(set(&[5, 25])));
        assert_eq!(reason(&[4, 12, 15]), GroupReason::Against(set(&[4, 15])));
        assert_eq!(reason(&[1, 2, 4]), GroupReason::Against(set(&[4])));
        assert_eq!(reason(&[14]), GroupReason::Neither);
        assert_eq!(group_with_reason(AuSet::EMPTY), None);
    }

    #[test]
    fn classes_fold_into_groups() {
        let groups: Vec<&str> = ObjectiveClass::ALL.iter().map(|&class| group_of_class(class).name()).collect();
        assert_eq!(groups, ["positive", "surprise", "negative", "negative", "negative", "negative", "negative"]);
    }
}
