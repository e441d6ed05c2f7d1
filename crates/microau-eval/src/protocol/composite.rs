//! The composite of MEGC2019 (See et al., "MEGC 2019 – the second facial micro-expressions grand challenge", FG 2019):
//! CASME II, SMIC-HS and SAMM, three classes, leave one subject out over 68 subjects.
//!
//! | | negative | positive | surprise | samples | subjects |
//! |---|---|---|---|---|---|
//! | CASME II | 88 | 32 | 25 | 145 | 24 |
//! | SMIC-HS | 70 | 51 | 43 | 164 | 16 |
//! | SAMM | 92 | 26 | 15 | 133 | 28 |
//! | all | 250 | 109 | 83 | 442 | 68 |
//!
//! Emotions are mapped by [`group_on`]; of CASME II, sadness, fear and others have no place, nor have the clips of
//! [`DROPPED`].

use microau_core::emotion::EmotionGroup;

use super::{Folds, LeftOut, Member, ProtocolError, leave_one_out};
use crate::emotion::group_on;

/// The data sets of the composite.
pub const DATASETS: [&str; 3] = ["casme2", "smic", "samm"];

/// Clips of CASME II that the challenge's list leaves out: number of the subject, name of the clip.
pub const DROPPED: [(u32, &str); 3] = [(4, "EP12_01f"), (5, "EP12_03f"), (24, "EP02_07")];

/// Samples and subjects of the challenge's list.
pub const PUBLISHED_COUNTS: (usize, usize) = (442, 68);

/// The class of a member in the composite.
///
/// # Errors
/// The reason in words when the member has no place in it.
pub fn class_of(member: &Member) -> Result<EmotionGroup, String> {
    let Member { sample, subject, dataset, emotion } = member;
    if !DATASETS.contains(&dataset.as_str()) {
        return Err(format!("{dataset} is none of the data sets of the composite ({})", DATASETS.join(", ")));
    }
    let clip = sample.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default();
    if dataset == "casme2" && DROPPED.iter().any(|&(number, name)| clip == name && number_of(subject) == Some(number)) {
        return Err(format!("{subject}/{clip} is not in the list of MEGC2019"));
    }
    let emotion = emotion.as_deref().ok_or("it has no emotion, and the composite is of three emotions")?;
    group_on(dataset, emotion).ok_or_else(|| format!("{emotion:?} of {dataset} is none of the three classes"))
}

/// One fold a subject over the members that have a class.
///
/// # Errors
/// [`ProtocolError::TooFew`] below two subjects.
pub fn folds(members: &[Member]) -> Result<Folds, ProtocolError> {
    let (mut inside, mut left_out) = (Vec::new(), Vec::new());
    for (index, member) in members.iter().enumerate() {
        match class_of(member) {
            Ok(_) => inside.push(index),
            Err(reason) => left_out.push(LeftOut { member: index, reason }),
        }
    }
    let splits = leave_one_out("composite", "subjects", members, &inside, |member| &member.subject)?;
    Ok(Folds { splits, left_out })
}

/// The number at the end of a subject's name: 4 of `casme2-sub04`.
fn number_of(subject: &str) -> Option<u32> {
    let head = subject.trim_end_matches(|letter: char| letter.is_ascii_digit());
    subject[head.len()..].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(dataset: &str, subject: &str, sample: &str, emotion: Option<&str>) -> Member {
        let emotion = emotion.map(str::to_owned);
        Member { sample: sample.to_owned(), subject: subject.to_owned(), dataset: dataset.to_owned(), emotion }
    }

    fn class(dataset: &str, emotion: &str) -> Option<EmotionGroup> {
        class_of(&member(dataset, "s1", "clip", Some(emotion))).ok()
    }

    #[test]
    fn the_published_counts_of_casme_ii_come_from_its_emotion_counts() {
        // emotions of the 255 clips; two clips of the list of dropped ones are negative
        let emotions = [("others", 99), ("disgust", 63), ("happiness", 32), ("repression", 27), ("surprise", 25)];
        let count = |group: EmotionGroup| -> u32 {
            let rare = [("sadness", 7), ("fear", 2)];
            let all = emotions.iter().chain(&rare);
            all.filter(|(word, _)| class("casme2", word) == Some(group)).map(|&(_, count)| count).sum()
        };
        assert_eq!(EmotionGroup::ALL.map(count), [32, 88 + 2, 25]);
    }

    #[test]
    fn the_published_counts_of_samm_come_from_its_emotion_counts() {
        let emotions = [
            ("Anger", 57),
            ("Happiness", 26),
            ("Other", 26),
            ("Surprise", 15),
            ("Contempt", 12),
            ("Disgust", 9),
            ("Fear", 8),
            ("Sadness", 6),
        ];
        let count = |group: EmotionGroup| -> u32 {
            emotions.iter().filter(|(word, _)| class("samm", word) == Some(group)).map(|&(_, count)| count).sum()
        };
        assert_eq!(EmotionGroup::ALL.map(count), [26, 92, 15]);
    }

    #[test]
    fn a_dropped_clip_is_known_by_subject_and_name() {
        let at = |subject: &str, sample: &str| class_of(&member("casme2", subject, sample, Some("disgust")));
        assert!(at("casme2-sub04", "sub04/EP12_01f").is_err());
        assert!(at("casme2-sub05", "sub05/EP12_01f").is_ok());
        assert!(at("casme2-sub04", "sub04/EP12_01").is_ok());
    }

    #[test]
    fn whoever_has_no_class_is_left_out_with_the_reason() {
        let members = [
            member("casme2", "a1", "x", Some("happiness")),
            member("casme2", "a1", "y", Some("fear")),
            member("mmew", "b1", "x", Some("happiness")),
            member("samm", "c1", "x", None),
            member("smic", "d1", "x", Some("negative")),
        ];
        let folds = folds(&members).unwrap();
        assert_eq!(folds.splits.iter().map(|split| split.name()).collect::<Vec<_>>(), ["a1", "d1"]);
        assert_eq!(folds.left_out.iter().map(|out| out.member).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(folds.left_out[0].reason.contains("fear"));
    }
}
