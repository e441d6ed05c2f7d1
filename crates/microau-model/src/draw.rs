//! Random weights: the same seed gives the same numbers on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Draws numbers, one after the other.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    pub(crate) fn new(seed: u64) -> Draw {
        Draw(ChaCha8Rng::seed_from_u64(seed))
    }

    /// `count` draws from N(0, std²), by Box and Muller.
    pub(crate) fn normal(&mut self, count: usize, std: f64) -> Vec<f32> {
        let draw = |_| {
            let radius = (-2.0 * self.unit().ln()).sqrt();
            (std * radius * (std::f64::consts::TAU * self.unit()).cos()) as f32
        };
        (0..count).map(draw).collect()
    }

    /// `count` draws, even between −limit and limit.
    pub(crate) fn uniform(&mut self, count: usize, limit: f32) -> Vec<f32> {
        (0..count).map(|_| limit * (2.0 * self.unit() - 1.0) as f32).collect()
    }

    /// A number in (0, 1].
    fn unit(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_have_the_spread_they_are_asked_for() {
        let (normal, uniform) = (Draw::new(1).normal(40_000, 2.0), Draw::new(1).uniform(40_000, 3.0));
        let moments = |values: &[f32]| {
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            (mean, values.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / values.len() as f32)
        };
        let ((mean, variance), (even_mean, even_variance)) = (moments(&normal), moments(&uniform));
        // four standard errors at 40,000 draws
        assert!(mean.abs() < 0.04 && (variance - 4.0).abs() < 0.12, "{mean} {variance}");
        assert!(even_mean.abs() < 0.035 && (even_variance - 3.0).abs() < 0.06, "{even_mean} {even_variance}");
        assert!(uniform.iter().all(|v| v.abs() <= 3.0));
    }

    #[test]
    fn one_seed_gives_one_row_of_numbers() {
        assert_eq!(Draw::new(7).normal(5, 1.0), Draw::new(7).normal(5, 1.0));
        assert_ne!(Draw::new(7).normal(5, 1.0), Draw::new(8).normal(5, 1.0));
    }
}
