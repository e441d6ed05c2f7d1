//! The scores of a whole run, pooled over its folds: every sample once under each seed.
//!
//! Folds and seeds come in any order; a pool that appended them would pair scores with the labels of other samples. Here
//! samples are ordered by data set and name, and every line is filed under the index of its sample in that order.

use std::collections::{BTreeMap, BTreeSet};

use microau_core::au::{Au, AuSet};
use microau_core::emotion::ObjectiveClass;

use crate::protocol::{FoldMember, Protocol, check_folds};
use crate::scores::{SampleScores, ScoresError};

/// What is known of a tested sample, whatever the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Name, unique within the data set.
    pub name: String,
    /// Index of the data set in [`RunScores::datasets`].
    pub dataset: usize,
    /// Whose face it shows.
    pub subject: String,
    /// Whether each unit is there; `None` where that is open.
    pub labels: BTreeMap<Au, Option<bool>>,
    /// The emotion as annotated.
    pub emotion: Option<String>,
    /// The objective class as annotated.
    pub objective_class: Option<ObjectiveClass>,
}

impl Sample {
    /// The units that are labelled as present.
    pub fn present(&self) -> AuSet {
        self.labels.iter().filter(|(_, label)| **label == Some(true)).map(|(&au, _)| au).collect()
    }
}

/// What one training says of all samples.
#[derive(Clone, Debug, PartialEq)]
pub struct SeedScores {
    /// The seed of the training.
    pub seed: u64,
    /// Per sample: the fold in which it was tested.
    pub folds: Vec<String>,
    /// Per sample: probability of each unit that it has a label for.
    pub probs: Vec<BTreeMap<Au, f64>>,
    /// Per sample: how closely it matches the text of each emotion; empty without such texts.
    pub emotion_text: Vec<BTreeMap<String, f64>>,
}

/// Scores of all samples under all seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct RunScores {
    datasets: Vec<String>,
    samples: Vec<Sample>,
    aus: Vec<Au>,
    seeds: Vec<SeedScores>,
}

impl RunScores {
    /// Files lines, in any order, under their samples and seeds.
    ///
    /// # Errors
    /// [`ScoresError`] when a sample was scored twice under a seed or not at all, seeds disagree on what is known of a
    /// sample, or a subject was tested in two folds or stands in two data sets.
    pub fn new(lines: Vec<SampleScores>) -> Result<RunScores, ScoresError> {
        let mut by_seed: BTreeMap<u64, BTreeMap<(String, String), SampleScores>> = BTreeMap::new();
        for line in lines {
            let (seed, key) = (line.seed, (line.dataset.clone(), line.sample.clone()));
            if let Some(before) = by_seed.entry(seed).or_default().insert(key, line) {
                return Err(ScoresError::ScoredTwice { sample: before.sample, dataset: before.dataset, seed });
            }
        }
        let truth = truth(&by_seed)?;
        let mut datasets: Vec<String> = truth.keys().map(|(dataset, _)| dataset.clone()).collect();
        datasets.dedup();
        let aus: AuSet = truth.values().flat_map(|line| line.labels.keys().copied()).collect();
        let samples = truth.values().map(|line| sample(line, &datasets)).collect();
        let seeds = by_seed.into_iter().map(|(seed, lines)| seed_scores(seed, lines.into_values())).collect();
        let run = RunScores { datasets, samples, aus: aus.iter().collect(), seeds };
        run.check(None)?;
        run.check_subjects()?;
        Ok(run)
    }

    /// Equal names are one person, who is filmed for one data set.
    fn check_subjects(&self) -> Result<(), ScoresError> {
        let mut dataset_of = BTreeMap::new();
        for (dataset, subject) in self.subjects_by_dataset() {
            let first = *dataset_of.entry(subject).or_insert(dataset);
            if first != dataset {
                let datasets = [first, dataset].map(str::to_owned);
                return Err(ScoresError::SubjectInTwoDatasets { subject: subject.to_owned(), datasets });
            }
        }
        Ok(())
    }

    /// Keys of the data sets, ordered.
    pub fn datasets(&self) -> &[String] {
        &self.datasets
    }

    /// The samples, ordered by data set and name.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The units that are scored in any sample, by number.
    pub fn aus(&self) -> &[Au] {
        &self.aus
    }

    /// The trainings, ordered by seed.
    pub fn seeds(&self) -> &[SeedScores] {
        &self.seeds
    }

    /// The data set and the subject of every sample.
    pub fn subjects_by_dataset(&self) -> impl Iterator<Item = (&str, &str)> {
        self.samples.iter().map(|sample| (self.datasets[sample.dataset].as_str(), sample.subject.as_str()))
    }

    /// Data sets in which no unit of any sample has a label.
    pub fn unlabelled(&self) -> Vec<&str> {
        let is_labelled = |sample: &&Sample| sample.labels.values().any(Option::is_some);
        let labelled: BTreeSet<usize> = self.samples.iter().filter(is_labelled).map(|sample| sample.dataset).collect();
        (0..self.datasets.len()).filter(|i| !labelled.contains(i)).map(|i| self.datasets[i].as_str()).collect()
    }

    /// Number of subjects.
    pub fn subjects(&self) -> usize {
        self.samples.iter().map(|sample| &sample.subject).collect::<BTreeSet<_>>().len()
    }

    /// Checks that the folds of every seed are those of a protocol; without one, that no subject is in two folds.
    ///
    /// # Errors
    /// [`ScoresError::Protocol`].
    pub fn check(&self, protocol: Option<Protocol>) -> Result<(), ScoresError> {
        for seed in &self.seeds {
            let tested = self.samples.iter().zip(&seed.folds).map(|(sample, fold)| FoldMember {
                fold,
                subject: &sample.subject,
                dataset: &self.datasets[sample.dataset],
            });
            check_folds(tested, protocol)?;
        }
        Ok(())
    }

    /// The same run with only the samples that are wanted.
    ///
    /// # Errors
    /// [`ScoresError::Empty`] when none is.
    pub fn only(&self, wanted: impl Fn(&str, &Sample) -> bool) -> Result<RunScores, ScoresError> {
        let keep: Vec<usize> = (0..self.samples.len())
            .filter(|&i| wanted(&self.datasets[self.samples[i].dataset], &self.samples[i]))
            .collect();
        if keep.is_empty() {
            return Err(ScoresError::Empty);
        }
        let names: Vec<&String> = keep.iter().map(|&i| &self.datasets[self.samples[i].dataset]).collect();
        let datasets: Vec<String> = self.datasets.iter().filter(|name| names.contains(name)).cloned().collect();
        let place = |i: usize| datasets.iter().position(|name| *name == self.datasets[self.samples[i].dataset]);
        let moved = |&i: &usize| Sample { dataset: place(i).expect("kept above"), ..self.samples[i].clone() };
        let seed = |scores: &SeedScores| SeedScores {
            seed: scores.seed,
            folds: keep.iter().map(|&i| scores.folds[i].clone()).collect(),
            probs: keep.iter().map(|&i| scores.probs[i].clone()).collect(),
            emotion_text: keep.iter().map(|&i| scores.emotion_text[i].clone()).collect(),
        };
        Ok(RunScores {
            samples: keep.iter().map(moved).collect(),
            aus: self.aus.clone(),
            seeds: self.seeds.iter().map(seed).collect(),
            datasets,
        })
    }
}

type Truth<'a> = BTreeMap<&'a (String, String), &'a SampleScores>;

/// The first line of every sample, once all seeds agree with it.
fn truth(by_seed: &BTreeMap<u64, BTreeMap<(String, String), SampleScores>>) -> Result<Truth<'_>, ScoresError> {
    let mut truth: Truth = BTreeMap::new();
    for (&seed, lines) in by_seed {
        for (key, line) in lines {
            let first = *truth.entry(key).or_insert(line);
            let annotated = |line: &SampleScores| (line.emotion.clone(), line.objective_class);
            let what = match () {
                () if first.subject != line.subject => "subject",
                () if first.labels != line.labels => "labels",
                () if annotated(first) != annotated(line) => "annotations of emotion",
                () => continue,
            };
            let (dataset, sample) = key.clone();
            return Err(ScoresError::SeedsDiffer { what, sample, dataset, seed });
        }
    }
    for (&seed, lines) in by_seed {
        let missing: Vec<_> = truth.keys().filter(|key| !lines.contains_key(*key)).collect();
        if let Some((dataset, sample)) = missing.first().map(|key| (**key).clone()) {
            return Err(ScoresError::Unscored { missing: missing.len(), sample, dataset, seed });
        }
    }
    if truth.is_empty() { Err(ScoresError::Empty) } else { Ok(truth) }
}

fn sample(line: &SampleScores, datasets: &[String]) -> Sample {
    Sample {
        name: line.sample.clone(),
        dataset: datasets.iter().position(|name| *name == line.dataset).expect("the list holds every data set"),
        subject: line.subject.clone(),
        labels: line.labels.clone(),
        emotion: line.emotion.clone(),
        objective_class: line.objective_class,
    }
}

fn seed_scores(seed: u64, lines: impl Iterator<Item = SampleScores>) -> SeedScores {
    let mut scores = SeedScores { seed, folds: Vec::new(), probs: Vec::new(), emotion_text: Vec::new() };
    for line in lines {
        scores.folds.push(line.fold);
        scores.probs.push(line.probs);
        scores.emotion_text.push(line.emotion_text);
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(sample: &str, seed: u64, label: bool, prob: f64) -> SampleScores {
        SampleScores {
            sample: sample.to_owned(),
            dataset: "own".to_owned(),
            subject: format!("s-{sample}"),
            fold: format!("f-{sample}"),
            seed,
            labels: [(Au::Au4, Some(label))].into(),
            probs: [(Au::Au4, prob)].into(),
            emotion: None,
            objective_class: None,
            emotion_text: BTreeMap::new(),
        }
    }

    #[test]
    fn scores_meet_their_labels_in_whatever_order_the_folds_come() {
        let run = RunScores::new(vec![line("b", 0, false, 0.1), line("a", 0, true, 0.9)]).unwrap();
        assert_eq!(run.samples()[0].labels[&Au::Au4], Some(true));
        assert_eq!(run.seeds()[0].probs[0][&Au::Au4], 0.9);
    }

    #[test]
    fn a_sample_in_two_folds_is_refused() {
        let error = RunScores::new(vec![line("a", 7, true, 0.9), line("a", 7, true, 0.9)]).unwrap_err();
        assert_eq!(error.to_string(), "expected each sample once a seed, got a of own twice: seed 7");
    }

    #[test]
    fn a_sample_that_a_seed_has_not_scored_is_told() {
        let lines = vec![line("a", 0, true, 0.9), line("b", 0, true, 0.9), line("a", 1, true, 0.9)];
        let error = RunScores::new(lines).unwrap_err();
        assert!(matches!(error, ScoresError::Unscored { missing: 1, seed: 1, .. }), "{error}");
    }

    #[test]
    fn seeds_that_disagree_on_a_label_are_refused() {
        let error = RunScores::new(vec![line("a", 0, true, 0.9), line("a", 1, false, 0.9)]).unwrap_err();
        assert_eq!(error.to_string(), "expected the same labels under each seed, got another under seed 1: a of own");
    }

    #[test]
    fn a_subject_tested_in_two_folds_is_refused() {
        let other = SampleScores { subject: "s-a".to_owned(), ..line("b", 0, true, 0.9) };
        let error = RunScores::new(vec![line("a", 0, true, 0.9), other]).unwrap_err();
        assert_eq!(error.to_string(), "expected each subject in one fold, got s-a in f-a and f-b");
    }

    #[test]
    fn a_subject_of_two_data_sets_is_refused() {
        let other = SampleScores { dataset: "else".to_owned(), ..line("a", 0, true, 0.9) };
        let error = RunScores::new(vec![line("a", 0, true, 0.9), other]).unwrap_err();
        assert_eq!(error.to_string(), "expected each subject in one data set, got s-a in else and own");
    }

    #[test]
    fn no_lines_are_no_run() {
        assert_eq!(RunScores::new(vec![]), Err(ScoresError::Empty));
    }
}
