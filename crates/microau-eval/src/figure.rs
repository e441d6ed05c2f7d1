//! The four figures by which an action unit is judged, always named: F1 of the active class alone and the mean of both
//! classes differ by up to a half on rare units.

use std::ops::Index;

use crate::auc::{average_precision_of, roc_auc_of};
use crate::f1::Confusion;
use crate::ranking::Tie;

/// Probability from which a unit counts as present. It is fixed: no threshold is fitted to what is tested.
pub const THRESHOLD: f64 = 0.5;

/// What is measured of one action unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// F1 of the active class; undefined with 0 positives.
    BinaryF1,
    /// Mean of the F1 of both classes; undefined when either has no sample.
    MacroF1,
    /// Area under the ROC curve; undefined when either class has no sample.
    RocAuc,
    /// Average precision; undefined with 0 positives.
    AveragePrecision,
}

impl Figure {
    /// All figures in the order in which tables show them.
    pub const ALL: [Figure; 4] = [Figure::BinaryF1, Figure::MacroF1, Figure::RocAuc, Figure::AveragePrecision];

    /// Name in tables.
    pub const fn title(self) -> &'static str {
        match self {
            Figure::BinaryF1 => "binary F1",
            Figure::MacroF1 => "macro-F1",
            Figure::RocAuc => "ROC-AUC",
            Figure::AveragePrecision => "AP",
        }
    }

    /// Name in files.
    pub const fn key(self) -> &'static str {
        match self {
            Figure::BinaryF1 => "binary_f1",
            Figure::MacroF1 => "macro_f1",
            Figure::RocAuc => "roc_auc",
            Figure::AveragePrecision => "average_precision",
        }
    }

    /// Whether the figure is defined for a unit with so many positives and negatives.
    pub const fn is_defined(self, positives: u64, negatives: u64) -> bool {
        match self {
            Figure::BinaryF1 | Figure::AveragePrecision => positives > 0,
            Figure::MacroF1 | Figure::RocAuc => positives > 0 && negatives > 0,
        }
    }

    /// Why the figure is undefined for a unit with so many positives.
    pub const fn missing(positives: u64) -> &'static str {
        if positives == 0 { "0 positives" } else { "0 negatives" }
    }
}

/// One value of each figure; `None` where it is undefined.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Figures([Option<f64>; 4]);

impl Figures {
    /// Figures of one action unit from its counts per score, highest first.
    pub fn of(ties: &[Tie], threshold: f64) -> Figures {
        let counts = Confusion::of_ties(ties, threshold);
        Figures([counts.f1(), counts.macro_f1(), roc_auc_of(ties), average_precision_of(ties)])
    }

    /// Mean of each figure over the rows for which it is defined; `None` when it is for none.
    pub fn mean(rows: impl IntoIterator<Item = Figures> + Clone) -> Figures {
        Figures(Figure::ALL.map(|figure| mean(rows.clone().into_iter().filter_map(|row| row[figure]))))
    }

    /// The same with 0 for what is undefined, as programs do that never ask whether a figure is defined.
    pub fn or_zero(self) -> Figures {
        Figures(self.0.map(|value| Some(value.unwrap_or(0.0))))
    }
}

impl Index<Figure> for Figures {
    type Output = Option<f64>;

    fn index(&self, figure: Figure) -> &Option<f64> {
        &self.0[figure as usize]
    }
}

/// Mean of numbers; `None` of none.
pub(crate) fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0usize);
    for value in values {
        sum += value;
        count += 1;
    }
    (count > 0).then(|| sum / count as f64)
}

/// Standard deviation of a sample, over n − 1; `None` of fewer than two numbers.
pub(crate) fn standard_deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values.iter().copied())?;
    let squares: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_over_what_is_defined_and_zero_only_where_asked() {
        let rows = [Figures([Some(0.5), None, None, None]), Figures::default()];
        assert_eq!(Figures::mean(rows)[Figure::BinaryF1], Some(0.5));
        assert_eq!(Figures::mean(rows.map(Figures::or_zero))[Figure::BinaryF1], Some(0.25));
        assert_eq!(Figures::mean(rows)[Figure::MacroF1], None);
    }

    #[test]
    fn the_spread_of_one_number_is_undefined() {
        assert_eq!(standard_deviation(&[0.4]), None);
        // squares about the mean 2: 1 + 0 + 1, over 2
        assert_eq!(standard_deviation(&[1.0, 2.0, 3.0]), Some(1.0));
    }
}
