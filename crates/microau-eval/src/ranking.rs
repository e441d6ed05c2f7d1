//! The samples of one action unit from the highest score to the lowest, ranked once and counted under many weights.
//!
//! Equal scores are taken together: their order in memory must not decide a figure. A weight is how often a sample counts:
//! once, or as often as the bootstrap drew its subject.

use crate::Scored;

/// Samples of one action unit, highest score first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Index of the sample and its label.
    ranked: Vec<(usize, bool)>,
    /// Each score that occurs, with the number of samples at or above it.
    levels: Vec<(f64, usize)>,
}

/// How many samples share one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie {
    /// The score.
    pub score: f64,
    /// Samples with it whose label is active.
    pub active: u64,
    /// Samples with it whose label is inactive.
    pub inactive: u64,
}

impl Ranking {
    /// Ranks samples, each with its index, label and finite score.
    pub fn new(mut samples: Vec<(usize, bool, f64)>) -> Ranking {
        samples.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        let mut levels: Vec<(f64, usize)> = Vec::new();
        for (place, &(_, _, score)) in samples.iter().enumerate() {
            match levels.last_mut() {
                // `==` and not total_cmp: 0.0 and -0.0 are the same score
                Some(level) if level.0 == score => level.1 = place + 1,
                _ => levels.push((score, place + 1)),
            }
        }
        Ranking { ranked: samples.into_iter().map(|(index, label, _)| (index, label)).collect(), levels }
    }

    /// Counts per score, highest first, each sample as often as its weight says. Scores of no weight stay, with 0 and 0.
    pub fn ties(&self, weight: impl Fn(usize) -> u64) -> Vec<Tie> {
        let mut from = 0;
        let count = |&(score, to): &(f64, usize)| {
            let mut tie = Tie { score, active: 0, inactive: 0 };
            for &(index, label) in &self.ranked[from..to] {
                *(if label { &mut tie.active } else { &mut tie.inactive }) += weight(index);
            }
            from = to;
            tie
        };
        self.levels.iter().map(count).collect()
    }
}

/// The index of a sample is its position.
impl From<&Scored> for Ranking {
    fn from(scored: &Scored) -> Ranking {
        let pairs = scored.labels().iter().zip(scored.scores()).enumerate();
        Ranking::new(pairs.map(|(index, (&label, &score))| (index, label, score)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_zeros_tie() {
        let ranking = Ranking::new(vec![(0, true, 0.0), (1, false, -0.0), (2, true, 1.0)]);
        let counts: Vec<(u64, u64)> = ranking.ties(|_| 1).iter().map(|tie| (tie.active, tie.inactive)).collect();
        assert_eq!(counts, [(1, 0), (1, 1)]);
    }

    #[test]
    fn a_sample_counts_as_often_as_its_weight_says() {
        let ranking = Ranking::new(vec![(5, true, 0.2), (9, false, 0.8)]);
        let counts: Vec<(u64, u64)> = ranking.ties(|i| i as u64).iter().map(|tie| (tie.active, tie.inactive)).collect();
        assert_eq!(counts, [(0, 9), (5, 0)]);
    }
}
