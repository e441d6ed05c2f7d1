//! Dense flow on a 32x32 grid and one linear support vector machine an AU, as "OF+SVM" of the MEB benchmark (Varanka et al.,
//! TAFFC 2023): C = 28, rows in standard units.

use linfa::prelude::{Dataset, Fit};
use linfa_svm::Svm;
use ndarray::{Array1, Array2};
use rayon::prelude::*;

use super::features::{Standard, flow_grid};
use super::{Baseline, Fold};

/// Squares of the grid along one side.
const SIDE: usize = 32;
/// Price of a clip on the wrong side, as published; divided by the number of features, so that rows of any length weigh alike.
const C: f64 = 28.0;

/// The baseline.
pub struct FlowSvm;

impl Baseline for FlowSvm {
    fn name(&self) -> &'static str {
        "flow-svm"
    }

    fn probs(&self, fold: &Fold<'_>) -> Vec<Vec<f64>> {
        let train: Vec<Vec<f32>> = fold.training.clips().iter().map(|it| flow_grid(&it.clip.sample, SIDE)).collect();
        let test: Vec<Vec<f32>> = fold.test.iter().map(|sample| flow_grid(sample, SIDE)).collect();
        let standard = Standard::of(&train);
        let (train, test) = (standard.rows(&train), standard.rows(&test));
        let (labels, count) = (fold.labels(), fold.aus.len());
        let columns: Vec<Vec<f64>> = (0..count)
            .into_par_iter()
            .map(|k| {
                let labels: Vec<Option<bool>> = labels.iter().skip(k).step_by(count).copied().collect();
                column(&train, &labels, &test)
            })
            .collect();
        (0..test.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
    }
}

/// Probabilities of one AU: 0 where the training clips show it never, 1 where always.
fn column(train: &[Vec<f32>], labels: &[Option<bool>], test: &[Vec<f32>]) -> Vec<f64> {
    let known: Vec<(&Vec<f32>, bool)> =
        train.iter().zip(labels).filter_map(|(row, label)| Some((row, (*label)?))).collect();
    let positives = known.iter().filter(|(_, label)| *label).count();
    if positives == 0 || positives == known.len() {
        return vec![f64::from(u8::from(positives > 0)); test.len()];
    }
    let matrix = |rows: Vec<&Vec<f32>>| {
        let width = rows[0].len();
        let values = rows.iter().flat_map(|row| row.iter().map(|&value| f64::from(value))).collect();
        Array2::from_shape_vec((rows.len(), width), values).expect("rows of one length")
    };
    let records = matrix(known.iter().map(|(row, _)| *row).collect());
    let targets = Array1::from_iter(known.iter().map(|(_, label)| *label));
    let c = C / records.ncols() as f64;
    let machine = Svm::<f64, bool>::params().linear_kernel().pos_neg_weights(c, c).fit(&Dataset::new(records, targets));
    let machine = machine.expect("both classes are there and C is above 0");
    let margin = |row: &Vec<f32>| {
        machine.weighted_sum(&Array1::from_iter(row.iter().map(|&value| f64::from(value)))) - machine.rho
    };
    // the margin's sign decides; the curve only brings it into [0, 1]
    test.iter().map(|row| 1.0 / (1.0 + (-margin(row)).exp())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_that_a_line_parts_are_told_apart() {
        let train: Vec<Vec<f32>> =
            (0..20).map(|i| vec![if i % 2 == 0 { 1.0 } else { -1.0 }, (i % 5) as f32 - 2.0]).collect();
        let mut labels: Vec<Option<bool>> = (0..20).map(|i| Some(i % 2 == 0)).collect();
        labels[3] = None;
        let probs = column(&train, &labels, &[vec![0.8, 1.0], vec![-0.8, 1.0]]);
        assert!(probs[0] > 0.5 && probs[1] < 0.5, "{probs:?}");
    }

    #[test]
    fn an_au_never_seen_in_training_is_never_said() {
        assert_eq!(column(&[vec![1.0]], &[Some(false)], &[vec![1.0], vec![2.0]]), [0.0, 0.0]);
    }
}
