//! The figures of a run as they are reported: averaged over seeds, with their spread and intervals.

use std::collections::BTreeMap;

use microau_core::au::Au;

use crate::about::About;
use crate::bootstrap::{Bootstrap, Interval};
use crate::figure::{Figure, mean, standard_deviation};
use crate::measure::{AuChoice, Key, Measure, Scope};
use crate::run_scores::RunScores;
use crate::scores::ScoresError;

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Cell {
    /// Mean over the seeds; `None` where it is undefined.
    pub value: Option<f64>,
    /// Standard deviation over the seeds; `None` with one seed.
    pub spread: Option<f64>,
    /// By resampling of subjects; `None` unless asked for.
    pub interval: Option<Interval>,
}

/// Labels of one unit in one scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    /// Samples in which it is there.
    pub positives: u64,
    /// Samples in which it is not.
    pub negatives: u64,
}

/// One data set of a run, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The samples that are meant.
    pub scope: Scope,
    /// Key of the data set; those of all joined by `+` for the pool.
    pub name: String,
    /// Number of samples.
    pub samples: usize,
    /// Number of subjects.
    pub subjects: usize,
    /// Labels of the units judged here, by number.
    pub aus: Vec<(Au, Counts)>,
}

impl Part {
    /// Number of units for which a figure is defined here.
    pub fn evaluable(&self, figure: Figure) -> usize {
        self.aus.iter().filter(|(_, counts)| figure.is_defined(counts.positives, counts.negatives)).count()
    }
}

/// All figures of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFigures {
    /// The pool first, then each data set when there are several.
    pub parts: Vec<Part>,
    /// Seeds over which figures are averaged.
    pub seeds: Vec<u64>,
    /// Which units were asked for.
    pub choice: AuChoice,
    /// How intervals were drawn; `None` without them.
    pub bootstrap: Option<Bootstrap>,
    /// Data sets without a label of any unit: they are in no figure.
    pub unlabelled: Vec<String>,
    /// What else is known of the run; nothing unless somebody says it.
    pub about: About,
    cells: BTreeMap<Key, Cell>,
}

impl RunFigures {
    /// Computes all figures of a run.
    ///
    /// # Errors
    /// As [`Measure::new`].
    pub fn new(run: &RunScores, choice: &AuChoice, bootstrap: Option<Bootstrap>) -> Result<RunFigures, ScoresError> {
        let measure = Measure::new(run, choice)?;
        let seeds: Vec<_> = (0..measure.seeds()).map(|seed| measure.figures(seed, |_| 1)).collect();
        let values = |at: usize| seeds.iter().filter_map(|figures| figures[at].1).collect::<Vec<f64>>();
        let mut cells: Vec<(Key, Cell)> = (0..seeds[0].len())
            .map(|at| {
                let values = values(at);
                let cell =
                    Cell { value: mean(values.iter().copied()), spread: standard_deviation(&values), interval: None };
                (seeds[0][at].0, cell)
            })
            .collect();
        if let Some(bootstrap) = bootstrap {
            let drawn = bootstrap.run(measure.subjects(), |weights| {
                measure.averaged(|sample| weights[sample]).into_iter().map(|(_, value)| value).collect()
            });
            for ((_, cell), replicates) in cells.iter_mut().zip(drawn) {
                cell.interval = cell.value.and(replicates.interval(bootstrap.level));
            }
        }
        Ok(RunFigures {
            parts: parts(run, &measure),
            seeds: run.seeds().iter().map(|seed| seed.seed).collect(),
            choice: choice.clone(),
            bootstrap,
            unlabelled: run.unlabelled().into_iter().map(str::to_owned).collect(),
            about: About::default(),
            cells: cells.into_iter().collect(),
        })
    }

    /// The same with what else is known of the run.
    pub fn with(self, about: About) -> RunFigures {
        RunFigures { about, ..self }
    }

    /// The pool of all samples.
    pub fn pool(&self) -> &Part {
        &self.parts[0]
    }

    /// One figure; empty when the run has none of that name.
    pub fn cell(&self, scope: Scope, au: Option<Au>, figure: Figure) -> Cell {
        self.cells.get(&Key { scope, au, figure }).copied().unwrap_or_default()
    }
}

/// The pool, then each data set when there are several.
pub(crate) fn parts(run: &RunScores, measure: &Measure) -> Vec<Part> {
    measure.scopes().map(|scope| part(run, measure, scope)).collect()
}

fn part(run: &RunScores, measure: &Measure, scope: Scope) -> Part {
    let inside = |dataset: usize| scope == Scope::Pooled || scope == Scope::Dataset(dataset);
    let names = run.datasets().iter().enumerate().filter(|(i, _)| inside(*i)).map(|(_, name)| name.as_str());
    let samples: Vec<_> = run.samples().iter().filter(|sample| inside(sample.dataset)).collect();
    let subjects: std::collections::BTreeSet<&str> = samples.iter().map(|sample| sample.subject.as_str()).collect();
    let counted = |&au: &Au| {
        let (positives, negatives) = measure.counts(scope, au);
        (au, Counts { positives, negatives })
    };
    Part {
        scope,
        name: names.collect::<Vec<_>>().join("+"),
        samples: samples.len(),
        subjects: subjects.len(),
        aus: measure.aus(scope).iter().map(counted).collect(),
    }
}
