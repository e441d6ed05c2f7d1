//! Baselines that look at nothing.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Baseline, Fold};

/// Says of every AU that it is there.
pub struct AllOnes;

impl Baseline for AllOnes {
    fn name(&self) -> &'static str {
        "all-ones"
    }

    fn probs(&self, fold: &Fold<'_>) -> Vec<Vec<f64>> {
        vec![vec![1.0; fold.aus.len()]; fold.test.len()]
    }
}

/// Says of each AU that it is there as often as it is in the training clips, at random.
pub struct PriorRandom;

impl Baseline for PriorRandom {
    fn name(&self) -> &'static str {
        "prior-random"
    }

    fn probs(&self, fold: &Fold<'_>) -> Vec<Vec<f64>> {
        let shares = fold.shares();
        let mut rng = ChaCha8Rng::seed_from_u64(fold.seed);
        let mut draw = |share: f64| f64::from(u8::from(rng.random_bool(share)));
        fold.test.iter().map(|_| shares.iter().map(|&share| draw(share)).collect()).collect()
    }
}
