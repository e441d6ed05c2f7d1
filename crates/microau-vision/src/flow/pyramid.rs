//! Images and displacements at half size and back.
//!
//! Coarse pixel i covers fine pixels 2i and 2i + 1, so continuous coordinates halve exactly at every size; at an odd
//! width the last coarse pixel reaches over the edge, which goes on there.

use crate::simd::wide;

/// Size of an image, px.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub width: usize,
    pub height: usize,
}

impl Size {
    /// Size of the next coarser level.
    pub fn half(self) -> Size {
        Size { width: self.width.div_ceil(2), height: self.height.div_ceil(2) }
    }

    /// Number of pixels.
    pub fn len(self) -> usize {
        self.width * self.height
    }
}

/// Halves an image of a size, at least one pixel, with the kernel (1 3 3 1) / 8 both ways.
pub(super) fn shrink(image: &[f32], size: Size, line: &mut Vec<f32>, out: &mut Vec<f32>) {
    let half = size.half();
    out.resize(half.len(), 0.0);
    let last = size.height - 1;
    let row = |y: usize| &image[y.min(last) * size.width..][..size.width];
    for (y, out) in out.chunks_exact_mut(half.width).enumerate() {
        halve_rows([row((2 * y).saturating_sub(1)), row(2 * y), row(2 * y + 1), row(2 * y + 2)], line, out);
    }
}

/// One coarse row from the four fine rows under it.
pub(super) fn halve_rows(rows: [&[f32]; 4], line: &mut Vec<f32>, out: &mut [f32]) {
    let width = rows[0].len();
    line.resize(2 * out.len() + 2, 0.0);
    four_rows(rows, &mut line[1..width + 1]);
    line[0] = line[1];
    let edge = line[width];
    line[width + 1..].fill(edge);
    halve_line(line, out);
}

/// Doubles an image to a size, cubic between the four nearest pixels each way; values are multiplied by `gain`.
pub(super) fn grow(coarse: &[f32], size: Size, gain: f32, line: &mut Vec<f32>, out: &mut Vec<f32>) {
    out.resize(size.len(), 0.0);
    for (y, out) in out.chunks_exact_mut(size.width).enumerate() {
        grow_row(coarse, y, gain, line, out);
    }
}

/// Fine row `y` of the image of twice the size.
pub(super) fn grow_row(coarse: &[f32], y: usize, gain: f32, line: &mut Vec<f32>, out: &mut [f32]) {
    let width = out.len().div_ceil(2);
    let last = coarse.len() / width - 1;
    let row = |y: usize| &coarse[y.min(last) * width..][..width];
    let near = y / 2;
    let (a, b, c) = (near.saturating_sub(2), near.saturating_sub(1), near + 1);
    let rows =
        if y.is_multiple_of(2) { [row(c), row(near), row(b), row(a)] } else { [row(b), row(near), row(c), row(c + 1)] };
    line.resize(width + 4, 0.0);
    blend_rows(rows, gain, &mut line[2..width + 2]);
    let (left, right) = (line[2], line[width + 1]);
    line[..2].fill(left);
    line[width + 2..].fill(right);
    double_line(line, out);
}

/// Catmull-Rom weights a quarter of the way from the second sample to the third.
const QUARTER: [f32; 4] = [-9.0 / 128.0, 111.0 / 128.0, 29.0 / 128.0, -3.0 / 128.0];

wide! {
    fn four_rows(rows: [&[f32]; 4], out: &mut [f32]) {
        let n = out.len();
        let [a, b, c, d] = rows.map(|r| &r[..n]);
        for x in 0..n {
            out[x] = 0.375 * (b[x] + c[x]) + 0.125 * (a[x] + d[x]);
        }
    }

    /// `line` starts one value before the first fine pixel.
    fn halve_line(line: &[f32], out: &mut [f32]) {
        let n = out.len();
        let line = &line[..2 * n + 2];
        for x in 0..n {
            out[x] = 0.375 * (line[2 * x + 1] + line[2 * x + 2]) + 0.125 * (line[2 * x] + line[2 * x + 3]);
        }
    }

    fn blend_rows(rows: [&[f32]; 4], gain: f32, out: &mut [f32]) {
        let n = out.len();
        let [a, b, c, d] = rows.map(|r| &r[..n]);
        let [wa, wb, wc, wd] = QUARTER.map(|q| q * gain);
        for x in 0..n {
            out[x] = (wa * a[x] + wb * b[x]) + (wc * c[x] + wd * d[x]);
        }
    }

    /// `line` starts two values before the first coarse pixel.
    fn double_line(line: &[f32], out: &mut [f32]) {
        let [a, b, c, d] = QUARTER;
        let pairs = out.len() / 2;
        let near: [&[f32]; 5] = std::array::from_fn(|i| &line[i..i + out.len().div_ceil(2)]);
        let (even, last) = out.split_at_mut(2 * pairs);
        for x in 0..pairs {
            even[2 * x] = (a * near[3][x] + b * near[2][x]) + (c * near[1][x] + d * near[0][x]);
            even[2 * x + 1] = (a * near[1][x] + b * near[2][x]) + (c * near[3][x] + d * near[4][x]);
        }
        if let [last] = last {
            *last = (a * near[3][pairs] + b * near[2][pairs]) + (c * near[1][pairs] + d * near[0][pairs]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(size: Size) -> Vec<f32> {
        (0..size.len()).map(|i| (i % size.width) as f32 + 0.5 + 3.0 * ((i / size.width) as f32 + 0.5)).collect()
    }

    #[test]
    fn a_ramp_keeps_its_place_down_and_up() {
        let size = Size { width: 24, height: 20 };
        let (mut line, mut small, mut back) = (Vec::new(), Vec::new(), Vec::new());
        shrink(&ramp(size), size, &mut line, &mut small);
        grow(&small, size, 1.0, &mut line, &mut back);
        // away from the border both kernels give a ramp back exactly
        for y in 6..14 {
            for x in 6..18 {
                assert!((back[y * 24 + x] - ramp(size)[y * 24 + x]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_single_pixel_survives_both_ways() {
        let size = Size { width: 1, height: 1 };
        let (mut line, mut small, mut back) = (Vec::new(), Vec::new(), Vec::new());
        shrink(&[5.0], size, &mut line, &mut small);
        grow(&small, Size { width: 2, height: 2 }, 2.0, &mut line, &mut back);
        assert_eq!((small, back), (vec![5.0], vec![10.0; 4]));
    }
}
