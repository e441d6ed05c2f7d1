//! The counts and figures of each action unit over one set of samples.

use microau_core::au::Au;

use crate::Scored;
use crate::f1::Confusion;
use crate::figure::Figures;
use crate::ranking::Ranking;

/// Figures of one action unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuFigures {
    /// The action unit.
    pub au: Au,
    /// Hits and misses at the threshold.
    pub counts: Confusion,
    /// What follows from the counts and from the order of the scores.
    pub figures: Figures,
}

/// Figures of every column at one threshold, in the order of the columns.
pub fn figures(columns: &[(Au, Scored)], threshold: f64) -> Vec<AuFigures> {
    let of_column = |(au, scored): &(Au, Scored)| {
        let ties = Ranking::from(scored).ties(|_| 1);
        AuFigures { au: *au, counts: Confusion::of_ties(&ties, threshold), figures: Figures::of(&ties, threshold) }
    };
    columns.iter().map(of_column).collect()
}

/// Mean of each figure over the action units for which it is defined.
pub fn means(figures: &[AuFigures]) -> Figures {
    Figures::mean(figures.iter().map(|row| row.figures))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Figure;

    fn columns() -> Vec<(Au, Scored)> {
        let with_both = Scored::new(vec![true, false, false, true], vec![0.9, 0.6, 0.1, 0.4]).unwrap();
        let without = Scored::new(vec![false, false], vec![0.7, 0.2]).unwrap();
        vec![(Au::Au4, with_both), (Au::Au12, without)]
    }

    #[test]
    fn the_mean_leaves_out_what_cannot_be_evaluated() {
        // AU4: 1 hit, 1 false alarm, 1 miss; AU12 has no positives
        let means = means(&figures(&columns(), 0.5));
        assert_eq!(means[Figure::BinaryF1], Some(2.0 / 4.0));
        assert_eq!(means[Figure::RocAuc], Some(3.0 / 4.0));
    }

    #[test]
    fn no_columns_have_no_mean() {
        assert_eq!(means(&[]), Figures::default());
    }
}
