//! How well emotions read from scores of action units agree with annotated ones; nothing is fitted to an emotion label.
//!
//! Every clip of an emotion data set holds an expression. Where no unit reaches the threshold, the likeliest one alone is
//! taken for present, so that each clip is given a class. Beside every score stands its oracle: the same rule on the
//! labels of the units that the model scores, the best that units can do. It is taken over the samples that have such
//! labels; units that are not scored are missing from it as they are from the model.

use microau_core::au::{Au, AuSet};
use microau_core::emotion::{EmotionGroup, ObjectiveClass};

use super::{class_of_word, emotion_group, group_of_class, group_of_word, group_on, objective_class};
use crate::bootstrap::{Bootstrap, Subjects};
use crate::figure::{THRESHOLD, mean, standard_deviation};
use crate::multiclass::ClassCounts;
use crate::run_figures::Cell;
use crate::run_scores::{RunScores, Sample};

/// What is to be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// The seven objective classes.
    ObjectiveClass,
    /// Positive, negative, surprise.
    ThreeGroups,
}

impl Task {
    /// Both tasks.
    pub const ALL: [Task; 2] = [Task::ObjectiveClass, Task::ThreeGroups];

    /// Name in tables.
    pub const fn title(self) -> &'static str {
        match self {
            Task::ObjectiveClass => "objective class",
            Task::ThreeGroups => "three classes",
        }
    }

    /// Names of the classes, by index.
    pub fn classes(self) -> Vec<&'static str> {
        match self {
            Task::ObjectiveClass => ObjectiveClass::ALL.map(ObjectiveClass::roman).to_vec(),
            Task::ThreeGroups => EmotionGroup::ALL.map(EmotionGroup::name).to_vec(),
        }
    }

    /// Ways to read the classes from scores.
    pub fn readings(self) -> &'static [Reading] {
        match self {
            Task::ObjectiveClass => &[Reading::Rule, Reading::Text],
            Task::ThreeGroups => &[Reading::Rule, Reading::ClassRule, Reading::Text],
        }
    }

    fn truth(self, dataset: &str, sample: &Sample) -> Option<usize> {
        match self {
            Task::ObjectiveClass => sample.objective_class.map(|class| class as usize),
            Task::ThreeGroups => group_on(dataset, sample.emotion.as_deref()?).map(|group| group as usize),
        }
    }

    fn of_word(self, word: &str) -> Option<usize> {
        match self {
            Task::ObjectiveClass => class_of_word(word).map(|class| class as usize),
            Task::ThreeGroups => group_of_word(word).map(|group| group as usize),
        }
    }

    fn of_units(self, reading: Reading, units: AuSet) -> Option<usize> {
        match (self, reading) {
            (_, Reading::Text) => None,
            (Task::ObjectiveClass, _) => objective_class(units).map(|class| class as usize),
            (Task::ThreeGroups, Reading::Rule) => emotion_group(units).map(|group| group as usize),
            (Task::ThreeGroups, Reading::ClassRule) => {
                objective_class(units).map(|class| group_of_class(class) as usize)
            }
        }
    }
}

/// How a class is read from scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The fixed rule of the task ([`objective_class`], [`emotion_group`]).
    Rule,
    /// By way of the objective class: I positive, II surprise, the others negative.
    ClassRule,
    /// The emotion whose text the sample matches best.
    Text,
}

impl Reading {
    /// Name in tables.
    pub const fn title(self) -> &'static str {
        match self {
            Reading::Rule => "rule",
            Reading::ClassRule => "rule by objective class",
            Reading::Text => "text",
        }
    }
}

/// What is measured of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct ClassFigures {
    /// Unweighted F1.
    pub uf1: Cell,
    /// Unweighted average recall.
    pub uar: Cell,
    /// Accuracy.
    pub accuracy: Cell,
}

/// One reading over one data set or the pool of all.
#[derive(Clone, Debug, PartialEq)]
pub struct EmotionRow {
    /// What was told apart.
    pub task: Task,
    /// How.
    pub reading: Reading,
    /// Key of the data set; those of all joined by `+` for the pool.
    pub part: String,
    /// Samples that are annotated with one of the classes.
    pub samples: usize,
    /// Averaged over the seeds.
    pub figures: ClassFigures,
    /// Predictions over all seeds.
    pub counts: ClassCounts,
    /// The rule on the labels, with the number of samples that have labels; `None` for texts and without labels.
    pub oracle: Option<(ClassFigures, usize)>,
}

/// All readings of both tasks on the pool and, when there are several, on each data set. A task or reading for which the
/// run has no annotation or no texts has no row.
pub fn judged(run: &RunScores, bootstrap: Option<Bootstrap>) -> Vec<EmotionRow> {
    let mut parts = vec![None];
    parts.extend((0..run.datasets().len()).filter(|_| run.datasets().len() > 1).map(Some));
    let mut rows = Vec::new();
    for task in Task::ALL {
        for &reading in task.readings() {
            rows.extend(parts.iter().filter_map(|&part| row(run, task, reading, part, bootstrap)));
        }
    }
    rows
}

fn row(
    run: &RunScores,
    task: Task,
    reading: Reading,
    part: Option<usize>,
    bootstrap: Option<Bootstrap>,
) -> Option<EmotionRow> {
    let dataset = |sample: &Sample| run.datasets()[sample.dataset].as_str();
    let inside = |sample: &Sample| part.is_none_or(|part| part == sample.dataset);
    let known: Vec<(usize, usize)> = (run.samples().iter().enumerate())
        .filter(|(_, sample)| inside(sample))
        .filter_map(|(index, sample)| Some((index, task.truth(dataset(sample), sample)?)))
        .collect();
    let has_text = |&(index, _): &(usize, usize)| !run.seeds()[0].emotion_text[index].is_empty();
    if known.is_empty() || reading == Reading::Text && !known.iter().any(has_text) {
        return None;
    }
    let width = task.classes().len();
    let subjects = Subjects::new(known.iter().map(|&(index, _)| {
        let sample = &run.samples()[index];
        (sample.dataset, sample.subject.as_str())
    }));
    let predicted: Vec<Vec<(usize, Option<usize>)>> = (0..run.seeds().len())
        .map(|seed| known.iter().map(|&(index, truth)| (truth, read(run, task, reading, seed, index))).collect())
        .collect();
    let labelled: Vec<(usize, Option<usize>)> = known
        .iter()
        .filter(|&&(index, _)| run.samples()[index].labels.values().any(Option::is_some))
        .map(|&(index, truth)| (truth, task.of_units(reading, run.samples()[index].present())))
        .collect();
    let oracle = (reading != Reading::Text && !labelled.is_empty())
        .then(|| (figures(width, std::slice::from_ref(&labelled), None), labelled.len()));
    let names = run.datasets().iter().enumerate().filter(|(i, _)| part.is_none_or(|part| part == *i));
    Some(EmotionRow {
        task,
        reading,
        part: names.map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("+"),
        samples: known.len(),
        figures: figures(width, &predicted, bootstrap.map(|bootstrap| (bootstrap, &subjects))),
        counts: counts(width, predicted.iter().flatten().copied(), |_| 1),
        oracle,
    })
}

/// The class that scores say of a sample.
fn read(run: &RunScores, task: Task, reading: Reading, seed: usize, sample: usize) -> Option<usize> {
    let scores = &run.seeds()[seed];
    if reading == Reading::Text {
        let classes = scores.emotion_text[sample].iter().filter_map(|(word, &like)| Some((task.of_word(word)?, like)));
        return classes.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(class, _)| class);
    }
    task.of_units(reading, units(scores.probs[sample].iter().map(|(&au, &prob)| (au, prob))))
}

/// The units at or above the threshold, or the likeliest one alone.
fn units(probs: impl Iterator<Item = (Au, f64)> + Clone) -> AuSet {
    let present: AuSet = probs.clone().filter(|&(_, prob)| prob >= THRESHOLD).map(|(au, _)| au).collect();
    if present.is_empty() {
        // of equals the unit with the lowest number
        probs.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(au, _)| au).into_iter().collect()
    } else {
        present
    }
}

fn counts(
    width: usize,
    samples: impl Iterator<Item = (usize, Option<usize>)>,
    weight: impl Fn(usize) -> u64,
) -> ClassCounts {
    ClassCounts::count(width, samples.enumerate().map(|(i, (truth, class))| (truth, class, weight(i))))
}

/// Figures averaged over seeds, `predicted` being one list of truths and predictions a seed.
fn figures(
    width: usize,
    predicted: &[Vec<(usize, Option<usize>)>],
    bootstrap: Option<(Bootstrap, &Subjects)>,
) -> ClassFigures {
    let of_seed = |samples: &Vec<(usize, Option<usize>)>, weight: &dyn Fn(usize) -> u64| {
        let counts = counts(width, samples.iter().copied(), weight);
        [counts.uf1(), counts.uar(), counts.accuracy()]
    };
    let all = |weight: &dyn Fn(usize) -> u64| -> [Vec<f64>; 3] {
        let seeds: Vec<[Option<f64>; 3]> = predicted.iter().map(|samples| of_seed(samples, weight)).collect();
        [0, 1, 2].map(|k| seeds.iter().filter_map(|figures| figures[k]).collect())
    };
    let [mut uf1, mut uar, mut accuracy] = all(&|_| 1).map(|values| Cell {
        value: mean(values.iter().copied()),
        spread: standard_deviation(&values),
        interval: None,
    });
    if let Some((bootstrap, subjects)) = bootstrap {
        let drawn = bootstrap.run(subjects, |weights| all(&|sample| weights[sample]).map(mean).to_vec());
        for (cell, replicates) in [&mut uf1, &mut uar, &mut accuracy].into_iter().zip(drawn) {
            cell.interval = replicates.interval(bootstrap.level);
        }
    }
    ClassFigures { uf1, uar, accuracy }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scores::from_jsonl;

    /// Three clips: a smile seen and annotated, a brow that the model takes for a smile, and one without a label of units.
    fn run() -> RunScores {
        let line = |sample: &str, dataset: &str, units: &str, emotion: &str, more: &str| {
            format!(
                r#"{{"sample":"{sample}","dataset":"{dataset}","subject":"{sample}","fold":"{sample}","seed":0,{units},"emotion":"{emotion}"{more}}}"#
            )
        };
        let lines = [
            line(
                "a",
                "samm",
                r#""labels":{"AU04":0,"AU12":1},"probs":{"AU04":0.1,"AU12":0.8}"#,
                "Happiness",
                r#","objective_class":"I""#,
            ),
            line(
                "b",
                "samm",
                r#""labels":{"AU04":1,"AU12":0},"probs":{"AU04":0.2,"AU12":0.3}"#,
                "Anger",
                r#","objective_class":"III""#,
            ),
            line("c", "smic", r#""labels":{"AU04":null,"AU12":null},"probs":{"AU04":0.7,"AU12":0.3}"#, "negative", ""),
        ];
        RunScores::new(from_jsonl(&lines.join("\n")).unwrap()).unwrap()
    }

    fn find(rows: &[EmotionRow], task: Task, part: &str) -> EmotionRow {
        let mut found = rows.iter().filter(|row| row.task == task && row.part == part && row.reading == Reading::Rule);
        found.next().unwrap().clone()
    }

    #[test]
    fn a_score_stands_beside_its_oracle() {
        let rows = judged(&run(), None);
        let samm = find(&rows, Task::ThreeGroups, "samm");
        // positive: found, and anger taken for it as AU12 is the likelier: F1 2/3; negative: 0 of 1
        assert_eq!(samm.figures.uf1.value, Some((2.0 / 3.0 + 0.0) / 2.0));
        assert_eq!(samm.oracle.unwrap().0.uf1.value, Some(1.0));
        let pool = find(&rows, Task::ThreeGroups, "samm+smic");
        // negative: one of two
        assert_eq!(pool.figures.uar.value, Some((1.0 + 1.0 / 2.0) / 2.0));
        assert_eq!((pool.samples, pool.oracle.unwrap().1), (3, 2), "smic has no labels of units");
    }

    #[test]
    fn objective_classes_are_judged_where_they_are_annotated() {
        let rows = judged(&run(), None);
        let pool = find(&rows, Task::ObjectiveClass, "samm+smic");
        assert_eq!((pool.samples, pool.figures.accuracy.value), (2, Some(1.0 / 2.0)));
        assert!(!rows.iter().any(|row| row.task == Task::ObjectiveClass && row.part == "smic"));
        assert!(!rows.iter().any(|row| row.reading == Reading::Text));
    }

    #[test]
    fn texts_are_read_by_the_closest_emotion() {
        let texts = [[("happiness", 0.4), ("disgust", 0.3)], [("happiness", 0.1), ("anger", 0.3)]];
        let mut lines = from_jsonl(&[r#"{"sample":"a","dataset":"samm","subject":"a","fold":"a","seed":0,"labels":{"AU12":1},"probs":{"AU12":0.8},"emotion":"happiness"}"#, r#"{"sample":"b","dataset":"samm","subject":"b","fold":"b","seed":0,"labels":{"AU12":0},"probs":{"AU12":0.8},"emotion":"anger"}"#].join("\n")).unwrap();
        for (line, text) in lines.iter_mut().zip(texts) {
            line.emotion_text = text.map(|(word, like)| (word.to_owned(), like)).into();
        }
        let rows = judged(&RunScores::new(lines).unwrap(), None);
        let text = rows.iter().find(|row| row.reading == Reading::Text).unwrap();
        assert_eq!((text.figures.uf1.value, text.oracle), (Some(1.0), None));
    }
}
