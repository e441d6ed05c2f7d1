//! Symmetric separable filters; beyond the border the edge goes on.

use super::pyramid::Size;
use crate::simd::wide;

/// A symmetric kernel, given by its centre and one side; the sum over centre and both sides is 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Symmetric {
    taps: Vec<f32>,
}

impl Symmetric {
    /// Gaussian of standard deviation `sd` px cut off at 2.5 sd; a single tap for 0.
    pub fn gaussian(sd: f32) -> Symmetric {
        let radius = (2.5 * sd).ceil() as usize;
        let tap = |i: usize| if i == 0 { 1.0 } else { (-0.5 * (i as f32 / sd).powi(2)).exp() };
        Symmetric::normalised((0..=radius).map(tap).collect())
    }

    /// Turns values into coefficients of the cubic spline through them (Unser 1999), cut off where 1e-5 is left.
    pub fn to_spline() -> Symmetric {
        let pole = 3.0_f32.sqrt() - 2.0;
        Symmetric::normalised((0..=8).map(|i| pole.powi(i)).collect())
    }

    fn normalised(raw: Vec<f32>) -> Symmetric {
        let sum = raw[0] + 2.0 * raw[1..].iter().sum::<f32>();
        Symmetric { taps: raw.iter().map(|tap| tap / sum).collect() }
    }
}

/// Filters `image` in place along columns, then rows.
pub(super) fn filter(image: &mut [f32], size: Size, kernel: &Symmetric, scratch: &mut Vec<f32>, line: &mut Vec<f32>) {
    if kernel.taps.len() == 1 || image.is_empty() {
        return;
    }
    let (width, last) = (size.width, size.height - 1);
    scratch.resize(image.len(), 0.0);
    for (y, out) in scratch.chunks_exact_mut(width).enumerate() {
        let row = |y: usize| &image[y * width..(y + 1) * width];
        scale(row(y), kernel.taps[0], out);
        for (i, &tap) in kernel.taps.iter().enumerate().skip(1) {
            add_two(row(y.saturating_sub(i)), row((y + i).min(last)), tap, out);
        }
    }
    for (row, out) in scratch.chunks_exact(width).zip(image.chunks_exact_mut(width)) {
        filter_row(row, &kernel.taps, line, out);
    }
}

fn filter_row(row: &[f32], taps: &[f32], line: &mut Vec<f32>, out: &mut [f32]) {
    let (radius, width) = (taps.len() - 1, row.len());
    extend_row(row, radius, line);
    scale(row, taps[0], out);
    for (i, &tap) in taps.iter().enumerate().skip(1) {
        add_two(&line[radius - i..][..width], &line[radius + i..][..width], tap, out);
    }
}

/// Copies a row into `line` with `margin` repeats of its first and last value.
fn extend_row(row: &[f32], margin: usize, line: &mut Vec<f32>) {
    line.clear();
    line.resize(margin, row[0]);
    line.extend_from_slice(row);
    line.resize(row.len() + 2 * margin, row[row.len() - 1]);
}

wide! {
    fn scale(row: &[f32], tap: f32, out: &mut [f32]) {
        for (o, &v) in out.iter_mut().zip(row) {
            *o = tap * v;
        }
    }

    fn add_two(one: &[f32], other: &[f32], tap: f32, out: &mut [f32]) {
        for ((o, &a), &b) in out.iter_mut().zip(one).zip(other) {
            *o += tap * (a + b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_point_has_the_variance_of_the_kernel() {
        let size = Size { width: 31, height: 31 };
        let mut image = vec![0.0; size.len()];
        image[15 * 31 + 15] = 1.0;
        filter(&mut image, size, &Symmetric::gaussian(2.0), &mut Vec::new(), &mut Vec::new());
        let moment = |power: i32| -> f32 {
            image.iter().enumerate().map(|(i, v)| v * ((i % 31) as f32 - 15.0).powi(power)).sum()
        };
        assert!((moment(0) - 1.0).abs() < 1e-5);
        // cut off at 2.5 sd a Gaussian of variance 4 keeps 0.91 of it
        assert!((moment(2) - 4.0 * 0.91).abs() < 0.2, "{}", moment(2));
    }

    #[test]
    fn blur_wider_than_the_image_is_the_edge_going_on() {
        let size = Size { width: 2, height: 1 };
        let mut image = vec![0.0, 1.0];
        filter(&mut image, size, &Symmetric::gaussian(5.0), &mut Vec::new(), &mut Vec::new());
        assert!((image[0] + image[1] - 1.0).abs() < 1e-5);
        assert!(image[0] < image[1]);
    }
}
