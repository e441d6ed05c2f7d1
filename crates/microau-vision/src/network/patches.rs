//! Convolution with a window: the patches under one row of windows are laid side by side, then multiplied.

use super::gemm::{Finish, Packed, Shortcut, multiply};
use super::graph::{Padding, Window};
use super::tensor::{Layout, View};
use crate::simd::Level;

/// A window over an input of known size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sweep {
    /// Size and stride.
    pub window: Window,
    /// Zeros above the input.
    pub top: usize,
    /// Zeros left of the input.
    pub left: usize,
    /// Rows of windows.
    pub out_height: usize,
    /// Windows in a row.
    pub out_width: usize,
}

impl Sweep {
    /// The sweep over an input of this layout.
    pub fn new(window: Window, input: Layout) -> Sweep {
        let (out_height, top) = along(input.height, window.height, window.stride_y, window.padding);
        let (out_width, left) = along(input.width, window.width, window.stride_x, window.padding);
        Sweep { window, top, left, out_height, out_width }
    }

    /// Whether each window is one pixel and windows are pixels.
    pub fn is_pointwise(&self) -> bool {
        let w = self.window;
        (w.height, w.width, w.stride_y, w.stride_x) == (1, 1, 1, 1)
    }
}

/// Number of windows along an axis and zeros before it.
fn along(input: usize, window: usize, stride: usize, padding: Padding) -> (usize, usize) {
    match padding {
        Padding::Valid => ((input + stride).saturating_sub(window) / stride, 0),
        Padding::Same => {
            let count = input.div_ceil(stride);
            (count, ((count.max(1) - 1) * stride + window).saturating_sub(input) / 2)
        }
    }
}

/// Convolves `x`; `scratch` holds the patches of one row of windows.
pub(super) fn convolve(
    level: Level,
    x: View,
    sweep: Sweep,
    weights: &Packed,
    finish: Finish,
    (out, out_stride): (&mut [f32], usize),
    scratch: &mut Vec<f32>,
) {
    if sweep.is_pointwise() {
        return multiply(level, x.layout.rows(), (x.data, x.layout.stride), weights, finish, (out, out_stride));
    }
    scratch.resize(sweep.out_width * weights.inputs, 0.0);
    for oy in 0..sweep.out_height {
        for (ox, patch) in scratch.chunks_exact_mut(weights.inputs).enumerate() {
            gather(x, sweep, (ox, oy), patch);
        }
        let first = oy * sweep.out_width;
        let shortcut = match finish.shortcut {
            Shortcut::Rows(rows, stride) => Shortcut::Rows(&rows[first * stride..], stride),
            other => other,
        };
        let row = &mut out[first * out_stride..][..sweep.out_width * out_stride];
        let finish = Finish { shortcut, ..finish };
        multiply(level, sweep.out_width, (scratch, weights.inputs), weights, finish, (row, out_stride));
    }
}

/// Copies what one window sees, zeros outside the input.
fn gather(x: View, sweep: Sweep, (ox, oy): (usize, usize), patch: &mut [f32]) {
    let Layout { height, width, channels, stride } = x.layout;
    let Window { width: window_width, stride_y, stride_x, .. } = sweep.window;
    for (ky, line) in patch.chunks_exact_mut(window_width * channels).enumerate() {
        let iy = (oy * stride_y + ky).wrapping_sub(sweep.top);
        let ix = (ox * stride_x).wrapping_sub(sweep.left);
        if iy < height && stride == channels && ix < width && ix + window_width <= width {
            line.copy_from_slice(&x.data[(iy * width + ix) * stride..][..line.len()]);
            continue;
        }
        for (kx, pixel) in line.chunks_exact_mut(channels).enumerate() {
            let ix = ix.wrapping_add(kx);
            if iy < height && ix < width {
                pixel.copy_from_slice(x.row(iy * width + ix));
            } else {
                pixel.fill(0.0);
            }
        }
    }
}

/// The largest value of each channel under each window; pixels outside the input do not count.
pub(super) fn max_pool(x: View, sweep: Sweep, (out, out_stride): (&mut [f32], usize)) {
    let Layout { height, width, .. } = x.layout;
    let Window { height: window_height, width: window_width, stride_y, stride_x, .. } = sweep.window;
    let inside = |at: usize, size: usize, before: usize, window: usize| {
        at.saturating_sub(before)..(at + window).saturating_sub(before).min(size)
    };
    for (at, out) in out.chunks_exact_mut(out_stride).take(sweep.out_height * sweep.out_width).enumerate() {
        let (ox, oy) = (at % sweep.out_width, at / sweep.out_width);
        let (content, padding) = out.split_at_mut(x.layout.channels);
        content.fill(f32::NEG_INFINITY);
        padding.fill(0.0);
        for iy in inside(oy * stride_y, height, sweep.top, window_height) {
            for ix in inside(ox * stride_x, width, sweep.left, window_width) {
                content.iter_mut().zip(x.row(iy * width + ix)).for_each(|(o, &v)| *o = if v > *o { v } else { *o });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(side: usize, stride: usize, padding: Padding) -> Window {
        Window { height: side, width: side, stride_y: stride, stride_x: stride, padding }
    }

    #[test]
    fn same_padding_puts_the_odd_zero_at_the_end() {
        // TensorFlow's rule: 128 -> 64 by a 3x3 window of stride 2 needs one zero, after the last pixel; 5x5 needs 1 + 2.
        assert_eq!(along(128, 3, 2, Padding::Same), (64, 0));
        assert_eq!(along(128, 5, 2, Padding::Same), (64, 1));
        assert_eq!(along(64, 3, 1, Padding::Same), (64, 1));
        assert_eq!(along(64, 2, 2, Padding::Valid), (32, 0));
        assert_eq!(along(2, 2, 1, Padding::Valid), (1, 0));
    }

    #[test]
    fn a_window_of_ones_sums_its_neighbourhood() {
        let data: Vec<f32> = (1..=9).map(|v| v as f32).collect();
        let layout = Layout { height: 3, width: 3, channels: 1, stride: 1 };
        let sweep = Sweep::new(window(3, 1, Padding::Same), layout);
        let packed = Packed::new(&[1.0; 9], &[0.0], 9);
        let finish = Finish { shortcut: Shortcut::None, slope: None };
        let mut out = vec![0.0; 9 * 8];
        convolve(Level::best(), View { layout, data: &data }, sweep, &packed, finish, (&mut out, 8), &mut Vec::new());
        let sums: Vec<f32> = out.chunks_exact(8).map(|row| row[0]).collect();
        // 1+2+4+5, 1+2+3+4+5+6, ...
        assert_eq!(sums, [12.0, 21.0, 16.0, 27.0, 45.0, 33.0, 24.0, 39.0, 28.0]);
    }

    #[test]
    fn pooling_takes_the_largest_and_ignores_the_border() {
        let data: Vec<f32> = (1..=9).map(|v| -(v as f32)).collect();
        let layout = Layout { height: 3, width: 3, channels: 1, stride: 1 };
        let sweep = Sweep::new(window(2, 2, Padding::Same), layout);
        let mut out = vec![1.0; 4 * 8];
        max_pool(View { layout, data: &data }, sweep, (&mut out, 8));
        assert_eq!([out[0], out[8], out[16], out[24]], [-1.0, -3.0, -7.0, -9.0]);
        assert_eq!(out[1..8], [0.0; 7]);
    }
}
