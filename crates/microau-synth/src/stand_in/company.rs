//! Which AUs are annotated together, and how often: from 1,274 annotated samples of CASME II, SAMM and CAS(ME)³ part A.

/// How two AUs keep company.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Company {
    /// Phi coefficient of the two.
    Phi(f64),
    /// Times seen together as a multiple of what chance would give.
    Ratio(f64),
    /// Never seen together.
    Never,
}

use Company::{Never, Phi, Ratio};

/// Pairs of AUs; a pair that is not named is left to chance.
pub(crate) const COMPANY: [(u8, u8, Company); 18] = [
    (1, 2, Phi(0.69)),
    (6, 12, Phi(0.24)),
    (15, 17, Phi(0.17)),
    (4, 9, Phi(0.15)),
    (6, 7, Ratio(9.0 / 2.3)),
    (6, 9, Ratio(6.0 / 1.4)),
    (9, 10, Ratio(5.0 / 1.8)),
    (4, 10, Ratio(17.0 / 11.0)),
    (4, 14, Ratio(10.0 / 77.9)),
    (1, 4, Ratio(3.0 / 61.9)),
    (1, 14, Ratio(4.0 / 33.8)),
    (7, 14, Never),
    (5, 14, Never),
    (1, 9, Never),
    (2, 9, Never),
    (1, 17, Never),
    (2, 17, Never),
    (10, 14, Never),
];

impl Company {
    /// How many of `clips` clips should show both of two AUs that `a` and `b` of them show.
    pub fn together(self, clips: usize, a: usize, b: usize) -> usize {
        let (n, x, y) = (clips.max(1) as f64, a as f64, b as f64);
        let by_chance = x * y / n;
        let wanted = match self {
            Phi(phi) => by_chance + phi * (x * (n - x) * y * (n - y)).max(0.0).sqrt() / n,
            Ratio(ratio) => by_chance * ratio,
            Never => 0.0,
        };
        (wanted.round() as usize).min(a).min(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phi_and_ratio_give_the_counts_they_were_worked_out_from() {
        // 1,274 samples with 185 of AU1 and 168 of AU2: 24.4 together by chance.
        let seen = Phi(0.69).together(1274, 185, 168);
        // phi = (n·n11 − n1·n2) / √(n1·(n−n1)·n2·(n−n2))
        let phi = (1274.0 * seen as f64 - 185.0 * 168.0) / (185.0f64 * 1089.0 * 168.0 * 1106.0).sqrt();
        assert!((phi - 0.69).abs() < 0.01, "{phi}");
        assert_eq!(Ratio(2.0).together(100, 10, 20), 4);
        assert_eq!((Never.together(100, 50, 50), Ratio(9.0).together(10, 3, 9)), (0, 3));
    }
}
