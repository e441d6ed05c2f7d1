//! Samples as rows of numbers: flow on a coarse grid, and rows brought to mean 0 and deviation 1.

use burn::tensor::{Device, Tensor, TensorData};
use microau_core::plane::Plane;
use microau_core::sample::Sample;
use microau_vision::flow;

/// u, v and strain on a grid of `side` squares a side, each the mean over its square: `[3, side, side]` row by row.
///
/// u and v are in hundredths of the distance between the eyes, strain in percent.
pub(super) fn flow_grid(sample: &Sample, side: usize) -> Vec<f32> {
    let percent = 100.0 / (Sample::flow_units_per_px(sample.crop_px) * Sample::FLOW_STRIDE as f32);
    let strain = flow::strain(&sample.flow);
    let planes = [(&sample.flow.u, 1.0), (&sample.flow.v, 1.0), (&strain, percent)];
    planes.iter().flat_map(|(plane, factor)| cells(plane, side).into_iter().map(move |mean| mean * factor)).collect()
}

/// Means over `side` by `side` squares that share the plane as evenly as whole pixels go.
fn cells(plane: &Plane, side: usize) -> Vec<f32> {
    let edges = |size: usize| -> Vec<usize> { (0..=side).map(|place| place * size / side).collect() };
    let (columns, rows) = (edges(plane.width), edges(plane.height));
    let mut means = Vec::with_capacity(side * side);
    for y in rows.windows(2) {
        for x in columns.windows(2) {
            let sum: f32 = (y[0]..y[1]).flat_map(|row| &plane.row(row)[x[0]..x[1]]).sum();
            means.push(sum / ((y[1] - y[0]) * (x[1] - x[0])).max(1) as f32);
        }
    }
    means
}

/// Mean and deviation of each column of some rows, to bring other rows to mean 0 and deviation 1.
pub(super) struct Standard {
    means: Vec<f32>,
    inverse_sds: Vec<f32>,
}

impl Standard {
    /// Of the rows; a column that does not vary becomes 0.
    pub(super) fn of(rows: &[Vec<f32>]) -> Standard {
        let (count, width) = (rows.len().max(1) as f64, rows.first().map_or(0, Vec::len));
        let column = |c: usize| rows.iter().map(move |row| f64::from(row[c]));
        let means: Vec<f64> = (0..width).map(|c| column(c).sum::<f64>() / count).collect();
        let inverse_sd = |c: usize| {
            let variance = column(c).map(|value| (value - means[c]).powi(2)).sum::<f64>() / count;
            (1.0 / variance.sqrt().max(1e-6)) as f32
        };
        let inverse_sds = (0..width).map(inverse_sd).collect();
        Standard { means: means.into_iter().map(|mean| mean as f32).collect(), inverse_sds }
    }

    /// Rows in standard units.
    pub(super) fn rows(&self, rows: &[Vec<f32>]) -> Vec<Vec<f32>> {
        let row = |row: &Vec<f32>| -> Vec<f32> {
            let columns = row.iter().zip(&self.means).zip(&self.inverse_sds);
            columns.map(|((value, mean), inverse)| (value - mean) * inverse).collect()
        };
        rows.iter().map(row).collect()
    }

    /// The same as a tensor `[N, D]`.
    pub(super) fn tensor(&self, rows: &[Vec<f32>], device: &Device) -> Tensor<2> {
        let shape = [rows.len(), self.means.len()];
        Tensor::from_data(TensorData::new(self.rows(rows).concat(), shape), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_means_of_their_squares() {
        let plane = Plane::from_vec(4, 2, vec![1.0, 3.0, 0.0, 0.0, 5.0, 7.0, 0.0, 8.0]);
        assert_eq!(cells(&plane, 2), [2.0, 0.0, 6.0, 4.0]);
        assert_eq!(cells(&plane, 1), [3.0]);
    }

    #[test]
    fn standard_rows_have_mean_0_and_deviation_1() {
        let rows = vec![vec![1.0, 5.0], vec![3.0, 5.0]];
        assert_eq!(Standard::of(&rows).rows(&rows), [[-1.0, 0.0], [1.0, 0.0]]);
    }
}
