//! Every figure of a run in one list: each action unit and the mean over them, pooled over all folds and on each data set.
//!
//! ```text
//! AU average       = mean over units of the figure on the pool of all samples
//! dataset average  = mean over data sets of (mean over units of the figure inside the data set)
//! ```
//!
//! Means go over the units for which a figure is defined. [`Scope::DatasetMeanOrZero`] takes 0 for the others, as the
//! published tables of CD6ME do, and is there to stand beside them.

use microau_core::au::Au;

use crate::bootstrap::Subjects;
use crate::figure::{Figure, Figures, THRESHOLD};
use crate::protocol::Protocol;
use crate::protocol::loso::au_columns;
use crate::ranking::Ranking;
use crate::run_scores::RunScores;
use crate::scores::ScoresError;

/// Which action units are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuChoice {
    /// All that the run has scored.
    All,
    /// These on every data set.
    Given(Vec<Au>),
    /// On each data set those of the field's single-dataset tables ([`au_columns`]); all where the field has not said.
    OfDataset,
}

impl AuChoice {
    /// The units that a protocol is judged on.
    pub fn of(protocol: Protocol) -> AuChoice {
        match protocol {
            Protocol::Loso => AuChoice::OfDataset,
            Protocol::Cd6me => AuChoice::Given(Au::CD6ME.to_vec()),
            Protocol::Composite | Protocol::Holdout => AuChoice::All,
        }
    }

    fn on(&self, dataset: &str, scored: &[Au]) -> Vec<Au> {
        match self {
            AuChoice::All => scored.to_vec(),
            AuChoice::Given(aus) => aus.clone(),
            AuChoice::OfDataset => au_columns(dataset).map_or(scored.to_vec(), |columns| columns.aus.to_vec()),
        }
    }
}

/// Over which samples a figure is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All samples of the run.
    Pooled,
    /// Those of one data set, by its index in the run. Not listed when it is the only one or has no label.
    Dataset(usize),
    /// The mean over the data sets.
    DatasetMean,
    /// The same with 0 for units that cannot be evaluated on a data set.
    DatasetMeanOrZero,
}

/// Names one figure of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The samples.
    pub scope: Scope,
    /// The unit; `None` for the mean over the units.
    pub au: Option<Au>,
    /// What is measured.
    pub figure: Figure,
}

/// A run made ready to be measured under any weights of its samples.
#[derive(Clone, Debug)]
pub struct Measure {
    blocks: Vec<Block>,
    subjects: Subjects,
    seeds: usize,
}

/// The rankings of one scope.
#[derive(Clone, Debug)]
struct Block {
    scope: Scope,
    aus: Vec<Au>,
    /// Per seed and unit.
    rankings: Vec<Vec<Ranking>>,
}

impl Measure {
    /// Ranks the samples of a run by unit, seed and scope.
    ///
    /// # Errors
    /// [`ScoresError::NoSuchAu`] when a unit is asked for that no sample has, [`ScoresError::NoAus`].
    pub fn new(run: &RunScores, choice: &AuChoice) -> Result<Measure, ScoresError> {
        let on_dataset: Vec<Vec<Au>> = run.datasets().iter().map(|name| choice.on(name, run.aus())).collect();
        if let Some(&au) = on_dataset.iter().flatten().find(|au| !run.aus().contains(au)) {
            return Err(ScoresError::NoSuchAu { au, scored: run.aus().to_vec() });
        }
        let mut scopes = vec![Scope::Pooled];
        let unlabelled = run.unlabelled();
        let labelled: Vec<usize> =
            (0..run.datasets().len()).filter(|&set| !unlabelled.contains(&run.datasets()[set].as_str())).collect();
        if labelled.len() > 1 {
            scopes.extend(labelled.into_iter().map(Scope::Dataset));
        }
        let blocks: Vec<Block> = scopes.into_iter().map(|scope| Block::new(run, &on_dataset, scope)).collect();
        if blocks[0].aus.is_empty() {
            return Err(ScoresError::NoAus);
        }
        Ok(Measure { blocks, subjects: Subjects::of(run), seeds: run.seeds().len() })
    }

    /// The pool, then each data set when there are several.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        self.blocks.iter().map(|block| block.scope)
    }

    /// The units that are judged in a scope, by number; those of the pool for the means over data sets.
    pub fn aus(&self, scope: Scope) -> &[Au] {
        let own = self.blocks.iter().find(|block| block.scope == scope);
        &own.unwrap_or(&self.blocks[0]).aus
    }

    /// Samples with and without a unit in a scope, among those in which it is not open.
    pub fn counts(&self, scope: Scope, au: Au) -> (u64, u64) {
        let block = self.blocks.iter().find(|block| block.scope == scope).unwrap_or(&self.blocks[0]);
        let column = block.aus.iter().position(|&other| other == au);
        let ties = column.map_or(Vec::new(), |k| block.rankings[0][k].ties(|_| 1));
        ties.iter().fold((0, 0), |(active, inactive), tie| (active + tie.active, inactive + tie.inactive))
    }

    /// Number of seeds.
    pub fn seeds(&self) -> usize {
        self.seeds
    }

    /// The subjects of the run, for the bootstrap.
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// Every figure of one seed (by its index), each sample counted as often as `weight` says. Always the same keys in
    /// the same order.
    pub fn figures(&self, seed: usize, weight: impl Fn(usize) -> u64) -> Vec<(Key, Option<f64>)> {
        let mut list = Vec::new();
        let mut push = |scope: Scope, au: Option<Au>, figures: Figures| {
            list.extend(Figure::ALL.map(|figure| (Key { scope, au, figure }, figures[figure])));
        };
        let (mut means, mut means_or_zero) = (Vec::new(), Vec::new());
        for block in &self.blocks {
            let of_unit = |ranking: &Ranking| Figures::of(&ranking.ties(&weight), THRESHOLD);
            let units: Vec<Figures> = block.rankings[seed].iter().map(of_unit).collect();
            block.aus.iter().zip(&units).for_each(|(&au, &figures)| push(block.scope, Some(au), figures));
            let mean = Figures::mean(units.iter().copied());
            push(block.scope, None, mean);
            if block.scope != Scope::Pooled {
                means.push(mean);
                means_or_zero.push(Figures::mean(units.iter().map(|unit| unit.or_zero())));
            }
        }
        if !means.is_empty() {
            push(Scope::DatasetMean, None, Figures::mean(means));
            push(Scope::DatasetMeanOrZero, None, Figures::mean(means_or_zero));
        }
        list
    }

    /// The same averaged over the seeds.
    pub fn averaged(&self, weight: impl Fn(usize) -> u64) -> Vec<(Key, Option<f64>)> {
        let mut sums = self.figures(0, &weight);
        for seed in 1..self.seeds {
            for (sum, (_, value)) in sums.iter_mut().zip(self.figures(seed, &weight)) {
                // whether a figure is defined hangs on labels alone, which all seeds share
                sum.1 = sum.1.zip(value).map(|(sum, value)| sum + value);
            }
        }
        sums.into_iter().map(|(key, sum)| (key, sum.map(|sum| sum / self.seeds as f64))).collect()
    }
}

impl Block {
    fn new(run: &RunScores, on_dataset: &[Vec<Au>], scope: Scope) -> Block {
        let inside = |dataset: usize| scope == Scope::Pooled || scope == Scope::Dataset(dataset);
        let judged = |au: Au, dataset: usize| inside(dataset) && on_dataset[dataset].contains(&au);
        let aus = run.aus().iter().copied().filter(|&au| (0..on_dataset.len()).any(|set| judged(au, set)));
        let aus: Vec<Au> = aus.collect();
        let ranking = |seed: usize, au: Au| {
            let samples = run.samples().iter().enumerate().filter(|(_, sample)| judged(au, sample.dataset));
            let probs = &run.seeds()[seed].probs;
            let labelled =
                samples.filter_map(|(i, sample)| Some((i, (*sample.labels.get(&au)?)?, *probs[i].get(&au)?)));
            Ranking::new(labelled.collect())
        };
        let rankings = (0..run.seeds().len()).map(|seed| aus.iter().map(|&au| ranking(seed, au)).collect()).collect();
        Block { scope, aus, rankings }
    }
}
