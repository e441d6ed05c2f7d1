//! When things happen that nobody times: at random, one after the other.

use crate::dice::Dice;

/// How often something happens and how near to the last time it may.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Times a minute on average; 0 for never.
    pub per_minute: f32,
    /// How long one takes on average, seconds.
    pub busy_secs: f32,
    /// Least rest between two, before the first and after the last, seconds.
    pub least_gap_secs: f32,
}

impl Pace {
    /// Rest before the next: the least, and an exponential time that keeps the rate.
    fn wait(&self, dice: &mut Dice) -> f64 {
        let mean = (60.0 / self.per_minute - self.busy_secs - self.least_gap_secs).max(0.0);
        f64::from(self.least_gap_secs - mean * (1.0 - dice.unit()).ln())
    }

    /// Lays things of random length over `secs` seconds: `make` is given the start of each and says when it ends, or `None`
    /// for nothing. What would not end in time is left out.
    pub fn lay<T>(
        &self,
        secs: f64,
        dice: &mut Dice,
        mut make: impl FnMut(f64, &mut Dice) -> Option<(T, f64)>,
    ) -> Vec<T> {
        let mut laid = Vec::new();
        if self.per_minute <= 0.0 {
            return laid;
        }
        let mut at = 0.0;
        loop {
            at += self.wait(dice);
            if at >= secs {
                break;
            }
            let Some((thing, end)) = make(at, dice) else { continue };
            if end + f64::from(self.least_gap_secs) > secs {
                break;
            }
            laid.push(thing);
            at = end.max(at);
        }
        laid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_kept_and_the_gap_too() {
        let pace = Pace { per_minute: 10.0, busy_secs: 1.0, least_gap_secs: 0.5 };
        let laid = pace.lay(60_000.0, &mut Dice::new(1, "test of pace"), |at, _| Some(((at, at + 1.0), at + 1.0)));
        // 10,000 expected; the waits' deviation of 4.5 s over cycles of 6 s gives a standard error of 75
        assert!((9_700..10_300).contains(&laid.len()), "{}", laid.len());
        assert!(laid.windows(2).all(|w| w[1].0 - w[0].1 >= 0.5 - 1e-9));
    }

    #[test]
    fn nothing_at_rate_0_and_no_end_without_room() {
        let never = Pace { per_minute: 0.0, busy_secs: 1.0, least_gap_secs: 0.5 };
        assert!(never.lay(100.0, &mut Dice::new(1, "test"), |at, _| Some((at, at))).is_empty());
        let crowded = Pace { per_minute: 1e6, ..never };
        let laid = crowded.lay(10.0, &mut Dice::new(1, "test"), |at, _| Some((at, at + 1.0)));
        assert_eq!(laid.len(), 6, "one each 1.5 s of 10 s");
    }
}
