//! Learning rate over a run: linear warm-up, then half a cosine down to a floor.

use serde::{Deserialize, Serialize};

/// The course of the learning rate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Highest rate, reached at the end of the warm-up.
    pub peak: f64,
    /// Steps of the warm-up.
    pub warmup_steps: usize,
    /// Rate at the last step, as a share of the highest.
    pub final_share: f64,
}

impl Schedule {
    /// Rate of step `step` of `steps`, both counted from 0.
    pub fn rate(&self, step: usize, steps: usize) -> f64 {
        if step < self.warmup_steps {
            return self.peak * (step + 1) as f64 / self.warmup_steps as f64;
        }
        let rest = (steps.saturating_sub(self.warmup_steps + 1)).max(1) as f64;
        let done = ((step - self.warmup_steps) as f64 / rest).min(1.0);
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * done).cos());
        self.peak * (self.final_share + (1.0 - self.final_share) * cosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_to_its_peak_and_falls_to_its_floor() {
        let schedule = Schedule { peak: 1e-3, warmup_steps: 10, final_share: 0.1 };
        assert!((schedule.rate(0, 110) - 1e-4).abs() < 1e-12);
        assert!((schedule.rate(9, 110) - 1e-3).abs() < 1e-12);
        assert!((schedule.rate(10, 110) - 1e-3).abs() < 1e-12);
        assert!((schedule.rate(109, 110) - 1e-4).abs() < 1e-12);
        assert!((11..110).all(|s| schedule.rate(s, 110) <= schedule.rate(s - 1, 110)));
    }
}
