//! How far figures would move had other subjects been filmed: resampling by subject.
//!
//! Clips of one person resemble one another, so a person is drawn whole. Within each data set as many subjects are drawn,
//! with replacement, as it has; every clip counts as often as its subject was drawn.
//!
//! ```text
//! interval  = quantiles (1 − level) / 2 and (1 + level) / 2 of the figure over the replicates (percentile method)
//! p         = min(1, 2 (1 + min(#{d <= 0}, #{d >= 0})) / (1 + replicates))        d = figure of one run − of the other
//! ```
//!
//! Quantiles are interpolated linearly, as NumPy does. The p-value inverts the percentile interval: it falls below
//! 1 − level about where the interval of the difference leaves 0. Both runs are counted on the same draws. Replicates in
//! which a figure is undefined are left out of it and counted.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::run_scores::RunScores;

/// How replicates are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Number of replicates; 1000 serve for two digits of an interval.
    pub replicates: usize,
    /// Seed of the draws: the same one draws the same subjects.
    pub seed: u64,
    /// Share of the replicates within an interval, e.g. 0.95.
    pub level: f64,
}

impl Default for Bootstrap {
    /// 1000 replicates of seed 0 and intervals of 95 %.
    fn default() -> Bootstrap {
        Bootstrap { replicates: 1000, seed: 0, level: 0.95 }
    }
}

/// The subject of every sample, gathered by data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subjects {
    /// Per data set and subject: indices of the samples.
    strata: Vec<Vec<Vec<usize>>>,
    samples: usize,
}

impl Subjects {
    /// Gathers samples, each given by the index of its data set and the name of its subject.
    pub fn new<'a>(samples: impl IntoIterator<Item = (usize, &'a str)>) -> Subjects {
        let mut strata: BTreeMap<usize, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        let mut count = 0;
        for (dataset, subject) in samples {
            strata.entry(dataset).or_default().entry(subject).or_default().push(count);
            count += 1;
        }
        let strata = strata.into_values().map(|subjects| subjects.into_values().collect()).collect();
        Subjects { strata, samples: count }
    }

    /// The subjects of a run.
    pub fn of(run: &RunScores) -> Subjects {
        Subjects::new(run.samples().iter().map(|sample| (sample.dataset, sample.subject.as_str())))
    }

    /// How often each sample counts in one replicate.
    fn draw(&self, mut dice: ChaCha8Rng) -> Vec<u64> {
        let mut weights = vec![0; self.samples];
        for subjects in &self.strata {
            for _ in 0..subjects.len() {
                let drawn = dice.random_range(0..subjects.len());
                subjects[drawn].iter().for_each(|&sample| weights[sample] += 1);
            }
        }
        weights
    }
}

/// A percentile interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Replicates in which the figure was undefined.
    pub undefined: usize,
}

/// The values of one figure over the replicates.
#[derive(Clone, Debug, PartialEq)]
pub struct Replicates {
    /// Defined values, rising.
    values: Vec<f64>,
    undefined: usize,
}

impl Bootstrap {
    /// Draws replicates and takes the figures of each; `figures` receives the weight of every sample and always returns
    /// the same figures in the same order. Returns one list of values a figure.
    ///
    /// The result depends on the settings alone: each replicate has its own stream of the seed, so that the number of
    /// threads does not matter.
    pub fn run(&self, subjects: &Subjects, figures: impl Fn(&[u64]) -> Vec<Option<f64>> + Sync) -> Vec<Replicates> {
        let replicate = |number: usize| {
            let mut dice = ChaCha8Rng::seed_from_u64(self.seed);
            dice.set_stream(number as u64);
            figures(&subjects.draw(dice))
        };
        let rows: Vec<Vec<Option<f64>>> = (0..self.replicates).into_par_iter().map(replicate).collect();
        let width = rows.first().map_or(0, Vec::len);
        (0..width).map(|k| Replicates::new(rows.iter().map(|row| row[k]))).collect()
    }
}

impl Replicates {
    /// Values as they were drawn, in any order.
    pub fn new(drawn: impl IntoIterator<Item = Option<f64>>) -> Replicates {
        let (mut values, mut undefined) = (Vec::new(), 0);
        drawn.into_iter().for_each(|value| match value {
            Some(value) => values.push(value),
            None => undefined += 1,
        });
        values.sort_by(f64::total_cmp);
        Replicates { values, undefined }
    }

    /// Percentile interval that holds the share `level` of the replicates; `None` when the figure is undefined in all.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let low = quantile(&self.values, (1.0 - level) / 2.0)?;
        let high = quantile(&self.values, (1.0 + level) / 2.0)?;
        Some(Interval { low, high, undefined: self.undefined })
    }

    /// Two-sided p-value of "the difference is 0", above 0 and at most 1; `None` when it is undefined in all replicates.
    pub fn p_value(&self) -> Option<f64> {
        let below = self.values.iter().filter(|&&difference| difference <= 0.0).count();
        let above = self.values.iter().filter(|&&difference| difference >= 0.0).count();
        let extreme = 2.0 * (1 + below.min(above)) as f64 / (1 + self.values.len()) as f64;
        (!self.values.is_empty()).then(|| extreme.min(1.0))
    }
}

/// Quantile of rising values, 0 <= `share` <= 1, interpolated linearly between neighbours; `None` of no values.
fn quantile(rising: &[f64], share: f64) -> Option<f64> {
    let last = rising.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = rising[(place.floor() as usize).min(last)];
    let above = rising[(place.ceil() as usize).min(last)];
    Some(below + (above - below) * (place - place.floor()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_subjects() -> Subjects {
        Subjects::new([(0, "a"), (0, "a"), (0, "b")])
    }

    #[test]
    fn quantiles_are_interpolated() {
        // numpy.quantile([1, 2, 4], [0, .25, .75, 1]) = 1, 1.5, 3, 4
        let quantiles = [0.0, 0.25, 0.75, 1.0].map(|share| quantile(&[1.0, 2.0, 4.0], share).unwrap());
        assert_eq!(quantiles, [1.0, 1.5, 3.0, 4.0]);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn a_subject_is_drawn_whole_and_as_many_as_there_are() {
        let settings = Bootstrap { replicates: 200, ..Bootstrap::default() };
        let subjects = Subjects::new([(0, "a"), (1, "c"), (0, "a"), (0, "b"), (1, "d")]);
        let whole = settings.run(&subjects, |weights| {
            assert_eq!(weights[0], weights[2]);
            assert_eq!(weights[0] + weights[3], 2, "two subjects of the first data set");
            assert_eq!(weights[1] + weights[4], 2, "two subjects of the second");
            vec![Some(weights[0] as f64)]
        });
        // the share of replicates without "a" is 1/4: 0, 1 and 2 must all occur among 200
        assert_eq!([0.0, 1.0, 2.0].map(|count| whole[0].values.contains(&count)), [true; 3]);
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_does_not() {
        let drawn = |seed| {
            let settings = Bootstrap { replicates: 50, seed, level: 0.9 };
            settings.run(&two_subjects(), |weights| vec![Some(weights[0] as f64)])
        };
        assert_eq!(drawn(4), drawn(4));
        assert_ne!(drawn(4), drawn(5));
    }

    #[test]
    fn replicates_without_the_figure_are_counted() {
        let settings = Bootstrap { replicates: 400, ..Bootstrap::default() };
        let figure = settings.run(&two_subjects(), |weights| vec![(weights[2] > 0).then_some(0.5)]);
        let interval = figure[0].interval(0.95).unwrap();
        assert_eq!((interval.low, interval.high), (0.5, 0.5));
        // "b" is missing in a quarter of the draws: 100 of 400 with a deviation of 8.7; six of them are allowed
        assert!((48..=152).contains(&interval.undefined), "{}", interval.undefined);
    }

    #[test]
    fn the_p_value_is_the_fraction_written_out() {
        let p = |values: &[f64]| Replicates::new(values.iter().copied().map(Some)).p_value();
        assert_eq!(p(&[0.1, 0.2, 0.3]), Some(2.0 * 1.0 / 4.0));
        assert_eq!(p(&[-0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]), Some(2.0 * 2.0 / 8.0));
        assert_eq!(p(&[0.0, 0.0]), Some(1.0));
        assert_eq!(p(&[]), None);
    }
}
