//! The file of a run from which every figure is computed again: `scores.jsonl`, one line a tested sample and seed.
//!
//! ```text
//! {"sample":"sub01/EP02_01f","dataset":"casme2","subject":"casme2-sub01","fold":"casme2-sub01","seed":0,
//!  "labels":{"AU01":0,"AU04":1,"AU12":null},"probs":{"AU01":0.02,"AU04":0.97,"AU12":0.4}}
//! ```
//!
//! `labels` are 0, 1 or null where it is open whether the unit is there; `probs` lie in [0, 1] and have the same units.
//! Three keys are optional: `emotion` and `objective_class` as annotated, against which predictions are judged and to
//! which nothing is fitted, and `emotion_text`, how closely the sample matches the text of each emotion.

use std::collections::BTreeMap;

use microau_core::au::Au;
use microau_core::emotion::ObjectiveClass;
use serde::{Deserialize, Serialize};

use crate::protocol::ProtocolError;

/// One tested sample under one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleScores {
    /// Name of the sample, unique within its data set.
    pub sample: String,
    /// Key of the data set.
    pub dataset: String,
    /// Whose face it shows, unique across data sets.
    pub subject: String,
    /// Name of the fold in which it was tested.
    pub fold: String,
    /// Seed of the training that scored it.
    pub seed: u64,
    /// Whether each unit is there; `None` where that is open.
    #[serde(with = "bits")]
    pub labels: BTreeMap<Au, Option<bool>>,
    /// Probability of each unit, 0 to 1.
    pub probs: BTreeMap<Au, f64>,
    /// The emotion as annotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emotion: Option<String>,
    /// The objective class as annotated, `"I"` to `"VII"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective_class: Option<ObjectiveClass>,
    /// How closely the sample matches the text of an emotion, by its word; larger is closer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub emotion_text: BTreeMap<String, f64>,
}

/// Labels as 0, 1 and null.
mod bits {
    use std::collections::BTreeMap;

    use microau_core::au::Au;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer>(labels: &BTreeMap<Au, Option<bool>>, to: S) -> Result<S::Ok, S::Error> {
        let bits: BTreeMap<Au, Option<u8>> = labels.iter().map(|(&au, label)| (au, label.map(u8::from))).collect();
        bits.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<Au, Option<bool>>, D::Error> {
        let label = |(au, bit): (Au, Option<u64>)| match bit {
            None => Ok((au, None)),
            Some(bit @ (0 | 1)) => Ok((au, Some(bit == 1))),
            Some(other) => Err(D::Error::custom(format!("expected 0, 1 or null, got {other}: labels of {au}"))),
        };
        BTreeMap::<Au, Option<u64>>::deserialize(from)?.into_iter().map(label).collect()
    }
}

/// A line that cannot be taken for scores.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{problem}: line {line}")]
pub struct BadLine {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: LineProblem,
}

/// What can be wrong with a line.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LineProblem {
    /// A line that ends before its object does.
    #[error("expected a line of scores, got the beginning of one")]
    CutOff,
    /// No JSON object of the form above.
    #[error("expected a line of scores, got one that cannot be read ({0})")]
    Unreadable(String),
    /// The units of labels and probabilities differ.
    #[error("expected a label and a probability for each unit, got only one of them for {0}")]
    OneSided(Au),
    /// A probability outside [0, 1].
    #[error("expected a probability from 0 to 1, got {prob} for {au}")]
    NotAProbability {
        /// The unit.
        au: Au,
        /// What was given.
        prob: f64,
    },
    /// A likeness to the text of an emotion that is no number.
    #[error("expected a number for how like the text of {word:?} it is, got {likeness}")]
    NotALikeness {
        /// The emotion.
        word: String,
        /// What was given.
        likeness: f64,
    },
}

/// What can be wrong with the scores of a run, or of two.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoresError {
    /// No line at all.
    #[error("expected at least one line of scores, got none")]
    Empty,
    /// A sample scored twice under one seed: the test sides of two folds overlap.
    #[error("expected each sample once a seed, got {sample} of {dataset} twice: seed {seed}")]
    ScoredTwice {
        /// Name of the sample.
        sample: String,
        /// Its data set.
        dataset: String,
        /// The seed.
        seed: u64,
    },
    /// A sample that not every seed has scored.
    #[error(
        "expected every sample under each seed, got {missing} samples without scores, the first {sample} of {dataset}: seed {seed}"
    )]
    Unscored {
        /// How many are missing.
        missing: usize,
        /// Name of the first.
        sample: String,
        /// Its data set.
        dataset: String,
        /// The seed.
        seed: u64,
    },
    /// Two seeds that say different things of one sample.
    #[error("expected the same {what} under each seed, got another under seed {seed}: {sample} of {dataset}")]
    SeedsDiffer {
        /// Subject, labels or annotations.
        what: &'static str,
        /// Name of the sample.
        sample: String,
        /// Its data set.
        dataset: String,
        /// The later seed.
        seed: u64,
    },
    /// One name for people of two data sets.
    #[error("expected each subject in one data set, got {subject} in {} and {}", datasets[0], datasets[1])]
    SubjectInTwoDatasets {
        /// The name.
        subject: String,
        /// The data sets.
        datasets: [String; 2],
    },
    /// Two runs that were tested on different samples.
    #[error(
        "expected two runs of the same samples, got {only_first} only in the first and {only_second} only in the second, such as {example}"
    )]
    OtherSamples {
        /// Samples that only the first run has.
        only_first: usize,
        /// Samples that only the second has.
        only_second: usize,
        /// One of them.
        example: String,
    },
    /// Two runs whose samples have different labels.
    #[error("expected the same {what} in both runs, got another: {sample}")]
    RunsDiffer {
        /// Subject or labels.
        what: &'static str,
        /// Name of the sample and its data set.
        sample: String,
    },
    /// Units were asked for that the run has not scored.
    #[error("expected scores of {au}, got none; the run has {}", codes(scored))]
    NoSuchAu {
        /// The unit asked for.
        au: Au,
        /// The units scored.
        scored: Vec<Au>,
    },
    /// No unit is left to be judged.
    #[error("expected an action unit to judge, got none")]
    NoAus,
    /// The folds are not those of the protocol.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
}

fn codes(aus: &[Au]) -> String {
    aus.iter().map(|au| au.code()).collect::<Vec<_>>().join(", ")
}

/// Reads the lines of `scores.jsonl`; empty lines are passed over.
///
/// # Errors
/// The first line that is wrong.
pub fn from_jsonl(text: &str) -> Result<Vec<SampleScores>, BadLine> {
    let filled = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    filled.map(|(line, text)| from_line(text).map_err(|problem| BadLine { line, problem })).collect()
}

fn from_line(text: &str) -> Result<SampleScores, LineProblem> {
    // the line is counted in the file and not in itself
    let unreadable = |error: serde_json::Error| match error.is_eof() {
        true => LineProblem::CutOff,
        false => LineProblem::Unreadable(error.to_string().replace("line 1 ", "")),
    };
    let scores: SampleScores = serde_json::from_str(text).map_err(unreadable)?;
    check(&scores).map(|()| scores)
}

/// What a line has to keep to beside its form.
fn check(scores: &SampleScores) -> Result<(), LineProblem> {
    let mut units = scores.labels.keys().chain(scores.probs.keys());
    if let Some(&au) = units.find(|&au| scores.labels.contains_key(au) != scores.probs.contains_key(au)) {
        return Err(LineProblem::OneSided(au));
    }
    match scores.probs.iter().find(|(_, prob)| !(0.0..=1.0).contains(*prob)) {
        Some((&au, &prob)) => Err(LineProblem::NotAProbability { au, prob }),
        None => match scores.emotion_text.iter().find(|(_, likeness)| !likeness.is_finite()) {
            Some((word, &likeness)) => Err(LineProblem::NotALikeness { word: word.clone(), likeness }),
            None => Ok(()),
        },
    }
}

/// Writes lines that [`from_jsonl`] reads back unchanged. Ends with a line break.
///
/// # Errors
/// The first line that could not be read back.
pub fn to_jsonl<'a>(scores: impl IntoIterator<Item = &'a SampleScores>) -> Result<String, BadLine> {
    let line = |(line, scores): (usize, &SampleScores)| {
        check(scores).map_err(|problem| BadLine { line, problem })?;
        Ok(serde_json::to_string(scores).expect("names and numbers can be written") + "\n")
    };
    (1..).zip(scores).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"sample":"a","dataset":"samm","subject":"samm-006","fold":"samm-006","seed":3,"labels":{"AU01":0,"AU04":1,"AU12":null},"probs":{"AU01":0.1,"AU04":0.9,"AU12":0.4}}"#;

    fn error(line: &str) -> String {
        from_jsonl(&format!("{LINE}\n\n{line}\n")).unwrap_err().to_string()
    }

    #[test]
    fn a_line_reads_back_as_it_is_written() {
        let scores = from_jsonl(LINE).unwrap();
        assert_eq!(to_jsonl(&scores), Ok(format!("{LINE}\n")));
        let labels: Vec<Option<bool>> = scores[0].labels.values().copied().collect();
        assert_eq!(labels, [Some(false), Some(true), None]);
    }

    #[test]
    fn annotations_and_texts_of_emotion_read_back_too() {
        let mut scores = from_jsonl(LINE).unwrap();
        scores[0].emotion = Some("disgust".to_owned());
        scores[0].objective_class = Some(ObjectiveClass::IV);
        scores[0].emotion_text = [("disgust".to_owned(), 0.3)].into();
        let text = to_jsonl(&scores).unwrap();
        assert!(text.contains(r#""objective_class":"IV""#));
        assert_eq!(from_jsonl(&text).unwrap(), scores);
    }

    #[test]
    fn a_broken_line_is_named_by_its_number() {
        assert!(error("{").ends_with("line 3"), "{}", error("{"));
        assert!(error(&LINE.replace("\"seed\":3", "\"sead\":3")).contains("sead"));
        assert!(error(&LINE.replace("AU04", "AU45")).contains("AU45"));
    }

    #[test]
    fn labels_are_zero_one_or_null_and_nothing_else() {
        assert!(
            error(&LINE.replace("\"AU04\":1", "\"AU04\":2")).contains("expected 0, 1 or null, got 2: labels of AU04")
        );
        assert!(error(&LINE.replace("\"AU04\":1", "\"AU04\":true")).contains("line 3"));
    }

    #[test]
    fn every_label_has_a_probability_and_the_other_way_round() {
        assert!(error(&LINE.replace(",\"AU12\":0.4", "")).contains("only one of them for AU12"));
        assert!(error(&LINE.replace(",\"AU12\":null", "")).contains("only one of them for AU12"));
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        let mut scores = from_jsonl(LINE).unwrap();
        scores[0].probs.insert(Au::Au4, f64::NAN);
        assert!(matches!(to_jsonl(&scores), Err(BadLine { line: 1, problem: LineProblem::NotAProbability { .. } })));
        let mut scores = from_jsonl(LINE).unwrap();
        scores[0].emotion_text = [("joy".to_owned(), f64::INFINITY)].into();
        assert!(to_jsonl(&scores).unwrap_err().to_string().contains("joy"));
    }

    #[test]
    fn a_line_that_was_cut_off_is_told_from_a_wrong_one() {
        assert_eq!(from_line(&LINE[..LINE.len() - 9]), Err(LineProblem::CutOff));
        assert!(matches!(from_line(&LINE.replace("seed", "sead")), Err(LineProblem::Unreadable(_))));
    }

    #[test]
    fn a_logit_is_refused_as_a_probability() {
        assert_eq!(error(&LINE.replace("0.9", "2.5")), "expected a probability from 0 to 1, got 2.5 for AU04: line 3");
    }
}
