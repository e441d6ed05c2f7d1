//! Sums over short lists of numbers: what the few AU tokens need beside products.

use std::ops::Range;

use microau_kernels::Matrix;

/// `to += factor · of`
pub(super) fn add_scaled(to: &mut [f32], factor: f32, of: &[f32]) {
    to.iter_mut().zip(of).for_each(|(to, of)| *to += factor * of);
}

/// `Σ a b`
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Scores → weights that sum to 1; of −∞ the weight is 0.
pub(super) fn softmax(scores: &mut [f32]) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    scores.iter_mut().for_each(|score| *score = (*score - highest).exp());
    let sum: f32 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
}

/// Some rows of a matrix, row-major.
pub(super) fn rows_of(matrix: &Matrix, rows: Range<usize>) -> Vec<f32> {
    let mut values = vec![0.0; rows.len() * matrix.columns()];
    rows.zip(values.chunks_exact_mut(matrix.columns())).for_each(|(row, values)| matrix.read_row(row, values));
    values
}
