//! The small operations between convolutions: arithmetic with broadcasting, sums, transposition, slices, joining.
//!
//! Outputs keep the rule of the layout: padding is zero.

use super::graph::{Binary, Unary};
use super::tensor::{Layout, View};

/// `a ∘ b`, where either may have one row or one channel only.
pub(super) fn binary(operation: Binary, a: View, b: View, to: Layout, out: &mut [f32]) {
    match operation {
        Binary::Add => zip(a, b, to, out, |x, y| x + y),
        Binary::Sub => zip(a, b, to, out, |x, y| x - y),
        Binary::Mul => zip(a, b, to, out, |x, y| x * y),
        Binary::Div => zip(a, b, to, out, |x, y| x / y),
        Binary::SquaredDifference => zip(a, b, to, out, |x, y| (x - y) * (x - y)),
    }
}

fn zip(a: View, b: View, to: Layout, out: &mut [f32], f: impl Fn(f32, f32) -> f32) {
    let row_of = |v: View<'_>, row: usize| if v.layout.rows() == 1 { 0 } else { row };
    for (row, out) in out[..to.len()].chunks_exact_mut(to.stride).enumerate() {
        let (out, padding) = out.split_at_mut(to.channels);
        padding.fill(0.0);
        match (a.row(row_of(a, row)), b.row(row_of(b, row))) {
            (&[x], y) => out.iter_mut().zip(y).for_each(|(o, &y)| *o = f(x, y)),
            (x, &[y]) => out.iter_mut().zip(x).for_each(|(o, &x)| *o = f(x, y)),
            (x, y) => out.iter_mut().zip(x).zip(y).for_each(|((o, &x), &y)| *o = f(x, y)),
        }
    }
}

/// `f(x)` of each element.
pub(super) fn unary(operation: Unary, x: View, to: Layout, out: &mut [f32]) {
    match operation {
        Unary::Neg => map(x, to, out, |v| -v),
        Unary::Sqrt => map(x, to, out, f32::sqrt),
        Unary::Rsqrt => map(x, to, out, |v| 1.0 / v.sqrt()),
        Unary::Logistic => map(x, to, out, |v| 1.0 / (1.0 + (-v).exp())),
        Unary::Relu => map(x, to, out, |v| if v > 0.0 { v } else { 0.0 }),
    }
}

fn map(x: View, to: Layout, out: &mut [f32], f: impl Fn(f32) -> f32) {
    for (row, out) in out[..to.len()].chunks_exact_mut(to.stride).enumerate() {
        let (out, padding) = out.split_at_mut(to.channels);
        padding.fill(0.0);
        out.iter_mut().zip(x.row(row)).for_each(|(o, &v)| *o = f(v));
    }
}

/// `x` where positive, `slope x` elsewhere, a slope for each channel.
pub(super) fn prelu(x: View, slope: &[f32], to: Layout, out: &mut [f32]) {
    for (row, out) in out[..to.len()].chunks_exact_mut(to.stride).enumerate() {
        let (out, padding) = out.split_at_mut(to.channels);
        padding.fill(0.0);
        out.iter_mut().zip(x.row(row)).zip(slope).for_each(|((o, &v), &s)| *o = v.max(0.0) + s * v.min(0.0));
    }
}

/// Sum of each row times `scale`, into rows of one channel.
pub(super) fn reduce_channels(x: View, scale: f32, to: Layout, out: &mut [f32]) {
    for (row, out) in out[..to.len()].chunks_exact_mut(to.stride).enumerate() {
        let row = x.row(row);
        // Eight running sums: faster than one, and nearer to the true sum.
        let mut sums = [0.0_f32; 8];
        let chunks = row.chunks_exact(8);
        let rest: f32 = chunks.remainder().iter().sum();
        chunks.for_each(|chunk| sums.iter_mut().zip(chunk).for_each(|(s, &v)| *s += v));
        out.fill(0.0);
        out[0] = (sums.iter().sum::<f32>() + rest) * scale;
    }
}

/// Sum of all rows times `scale`, into one row.
pub(super) fn reduce_rows(x: View, scale: f32, out: &mut [f32]) {
    out.fill(0.0);
    for row in x.rows() {
        out.iter_mut().zip(row).for_each(|(o, &v)| *o += v);
    }
    out.iter_mut().for_each(|o| *o *= scale);
}

/// Rows become channels and channels rows.
pub(super) fn transpose(x: View, to: Layout, out: &mut [f32]) {
    const BLOCK: usize = 8;
    for (block, out) in out[..to.len()].chunks_mut(BLOCK * to.stride).enumerate() {
        for start in (0..to.channels).step_by(BLOCK) {
            for (c, out) in out.chunks_exact_mut(to.stride).enumerate() {
                let end = to.channels.min(start + BLOCK);
                let column = x.data[start * x.layout.stride + block * BLOCK + c..].iter().step_by(x.layout.stride);
                out[start..end].iter_mut().zip(column).for_each(|(o, &v)| *o = v);
            }
        }
        out.chunks_exact_mut(to.stride).for_each(|out| out[to.channels..].fill(0.0));
    }
}

/// Copies rows `first..` of `x` to the rows of the output.
pub(super) fn slice_rows(x: View, first: usize, to: Layout, out: &mut [f32]) {
    let layout = Layout { height: 1, width: to.rows(), ..x.layout };
    super::tensor::copy(View { layout, data: &x.data[first * x.layout.stride..] }, to, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(width: usize, channels: usize) -> Layout {
        Layout { height: 1, width, channels, stride: channels.next_multiple_of(8) }
    }

    fn padded(width: usize, values: &[f32]) -> (Layout, Vec<f32>) {
        let channels = values.len() / width;
        let to = layout(width, channels);
        let mut out = vec![f32::NAN; to.len()];
        super::super::tensor::copy(View { layout: Layout { stride: channels, ..to }, data: values }, to, &mut out);
        (to, out)
    }

    #[test]
    fn a_column_and_a_row_are_broadcast() {
        let (la, a) = padded(2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let (lb, b) = padded(2, &[10.0, 20.0]);
        let (lc, c) = padded(1, &[1.0, 2.0, 3.0]);
        let mut out = vec![f32::NAN; la.len()];
        let view = |layout, data| View { layout, data };
        binary(Binary::Sub, view(la, &a), view(lb, &b), la, &mut out);
        assert_eq!(out, padded(2, &[-9.0, -8.0, -7.0, -16.0, -15.0, -14.0]).1);
        binary(Binary::SquaredDifference, view(lc, &c), view(la, &a), la, &mut out);
        assert_eq!(out, padded(2, &[0.0, 0.0, 0.0, 9.0, 9.0, 9.0]).1);
    }

    #[test]
    fn transposing_twice_gives_the_tensor_back() {
        let values: Vec<f32> = (0..13 * 21).map(|v| v as f32).collect();
        let (from, data) = padded(13, &values);
        let to = layout(21, 13);
        let (mut once, mut twice) = (vec![f32::NAN; to.len()], vec![f32::NAN; from.len()]);
        transpose(View { layout: from, data: &data }, to, &mut once);
        assert_eq!(once[to.stride * 20 + 12], 13.0 * 21.0 - 1.0);
        transpose(View { layout: to, data: &once }, from, &mut twice);
        assert_eq!(twice, data);
    }

    #[test]
    fn sums_run_over_channels_or_rows() {
        let (from, data) = padded(2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let mut out = vec![f32::NAN; 16];
        reduce_channels(View { layout: from, data: &data }, 1.0 / 3.0, layout(2, 1), &mut out);
        assert_eq!([out[0], out[1], out[8]], [2.0, 0.0, 5.0]);
        reduce_rows(View { layout: from, data: &data }, 0.5, &mut out[..8]);
        assert_eq!(out[..4], [2.5, 3.5, 4.5, 0.0]);
    }
}
