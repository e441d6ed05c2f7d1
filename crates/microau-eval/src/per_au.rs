//! One row of figures per action unit, and the mean over those that can be evaluated.

use microau_core::au::Au;

use crate::Scored;
use crate::auc::{average_precision, roc_auc};
use crate::f1::Confusion;
use crate::table::{Table, ratio_text};

/// Figures of one action unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuFigures {
    /// The action unit.
    pub au: Au,
    /// Hits and misses at the threshold.
    pub counts: Confusion,
    /// Area under the ROC curve; `None` unless both classes have samples.
    pub roc_auc: Option<f64>,
    /// Average precision; `None` with 0 positives.
    pub average_precision: Option<f64>,
}

/// Means over the action units that have the figure; `None` when none has.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MeanFigures {
    /// Mean binary F1.
    pub f1: Option<f64>,
    /// Mean two-class macro-F1.
    pub macro_f1: Option<f64>,
    /// Mean area under the ROC curve.
    pub roc_auc: Option<f64>,
    /// Mean of the average precisions.
    pub average_precision: Option<f64>,
}

/// Figures of every column at one threshold, in the order of the columns.
pub fn figures(columns: &[(Au, Scored)], threshold: f64) -> Vec<AuFigures> {
    let of_column = |(au, scored): &(Au, Scored)| AuFigures {
        au: *au,
        counts: Confusion::at_threshold(scored, threshold),
        roc_auc: roc_auc(scored),
        average_precision: average_precision(scored),
    };
    columns.iter().map(of_column).collect()
}

/// Mean of each figure over the action units for which it is defined.
pub fn means(figures: &[AuFigures]) -> MeanFigures {
    let mean = |figure: &dyn Fn(&AuFigures) -> Option<f64>| {
        let defined: Vec<f64> = figures.iter().filter_map(figure).collect();
        (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
    };
    MeanFigures {
        f1: mean(&|row| row.counts.f1()),
        macro_f1: mean(&|row| row.counts.macro_f1()),
        roc_auc: mean(&|row| row.roc_auc),
        average_precision: mean(&|row| row.average_precision),
    }
}

/// A table with one row per action unit and the means below.
pub fn table(figures: &[AuFigures]) -> Table {
    let mut table = Table::new(["AU", "positives", "negatives", "F1", "macro-F1", "ROC-AUC", "AP", "FPR"]);
    for row in figures {
        table.push(au_row(row));
    }
    let means = means(figures);
    let mean = |figure| ratio_text(figure, "no unit");
    let (f1, macro_f1) = (mean(means.f1), mean(means.macro_f1));
    table.push([
        "mean".to_owned(),
        String::new(),
        String::new(),
        f1,
        macro_f1,
        mean(means.roc_auc),
        mean(means.average_precision),
    ]);
    table
}

fn au_row(row: &AuFigures) -> [String; 8] {
    let no_positives = "0 positives";
    let one_class = if row.counts.positives() == 0 { no_positives } else { "0 negatives" };
    [
        row.au.code().to_owned(),
        row.counts.positives().to_string(),
        row.counts.negatives().to_string(),
        ratio_text(row.counts.f1(), no_positives),
        ratio_text(row.counts.macro_f1(), one_class),
        ratio_text(row.roc_auc, one_class),
        ratio_text(row.average_precision, no_positives),
        ratio_text(row.counts.false_positive_rate(), "0 negatives"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<(Au, Scored)> {
        let with_both = Scored::new(vec![true, false, false, true], vec![0.9, 0.6, 0.1, 0.4]).unwrap();
        let without = Scored::new(vec![false, false], vec![0.7, 0.2]).unwrap();
        vec![(Au::Au4, with_both), (Au::Au12, without)]
    }

    #[test]
    fn the_mean_leaves_out_what_cannot_be_evaluated() {
        // AU4: 1 hit, 1 false alarm, 1 miss; AU12 has no positives
        let means = means(&figures(&columns(), 0.5));
        assert_eq!(means.f1, Some(2.0 / 4.0));
        assert_eq!(means.roc_auc, Some(3.0 / 4.0));
    }

    #[test]
    fn the_table_says_why_a_figure_is_missing() {
        let text = table(&figures(&columns(), 0.5)).to_text();
        assert!(text.lines().nth(2).unwrap().starts_with("AU12"));
        assert!(text.contains("n/a (0 positives)"));
    }

    #[test]
    fn no_columns_have_no_mean() {
        assert_eq!(means(&[]), MeanFigures::default());
    }
}
