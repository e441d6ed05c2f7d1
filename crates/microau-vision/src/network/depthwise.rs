//! Convolution of each channel with a window of its own.
//!
//! A block of one vector of channels at a time; four neighbouring outputs of a 3-wide window share their loads. Windows
//! over the border, and windows of other widths, take the plain path.

use super::gemm::bent;
use super::patches::Sweep;
use super::tensor::View;
use crate::simd::{Kernel, Level, Simd, run, run_narrow};

/// Outputs computed together.
const TOGETHER: usize = 4;

/// Weights of a depthwise convolution, padded channels: `[kh * kw, stride]` and bias `[stride]`.
#[derive(Clone, Debug)]
pub(super) struct ChannelWeights {
    taps: Vec<f32>,
    bias: Vec<f32>,
    stride: usize,
}

impl ChannelWeights {
    /// Pads weights `[taps, channels]` and a bias of `[channels]` to `stride` channels.
    pub fn new(weights: &[f32], bias: &[f32], stride: usize) -> ChannelWeights {
        let pad = |row: &[f32]| row.iter().copied().chain(std::iter::repeat_n(0.0, stride - row.len())).collect();
        let taps = weights.chunks_exact(bias.len()).flat_map(|tap| -> Vec<f32> { pad(tap) }).collect();
        ChannelWeights { taps, bias: pad(bias), stride }
    }
}

/// Convolves `x`, whose rows must be padded as the weights are, into rows of the same stride.
///
/// # Panics
/// When a slice is too short or the strides differ.
pub(super) fn depthwise(
    level: Level,
    x: View,
    sweep: Sweep,
    weights: &ChannelWeights,
    slope: Option<&[f32]>,
    out: &mut [f32],
) {
    assert_eq!(x.layout.stride, weights.stride, "rows are padded as weights are");
    let task = Depthwise { x, sweep, weights, slope, out };
    if weights.stride.is_multiple_of(16) { run(level, task) } else { run_narrow(level, task) }
}

struct Depthwise<'a> {
    x: View<'a>,
    sweep: Sweep,
    weights: &'a ChannelWeights,
    slope: Option<&'a [f32]>,
    out: &'a mut [f32],
}

impl Kernel for Depthwise<'_> {
    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let window = self.sweep.window;
        for oy in 0..self.sweep.out_height {
            for channel in (0..self.weights.stride).step_by(S::LANES) {
                match (window.width, window.stride_x) {
                    (3, 1) => self.row::<S, 6>(simd, oy, channel),
                    (3, 2) => self.row::<S, 9>(simd, oy, channel),
                    _ => self.edge(simd, oy, channel, 0, self.sweep.out_width),
                }
            }
        }
    }
}

impl Depthwise<'_> {
    /// Windows in row `oy` of windows; `SEEN` pixels lie under [`TOGETHER`] windows of width 3.
    #[inline(always)]
    fn row<S: Simd, const SEEN: usize>(&mut self, simd: S, oy: usize, channel: usize) {
        let (stride, width) = (self.sweep.window.stride_x, self.x.layout.width);
        let first = self.sweep.left.div_ceil(stride).min(self.sweep.out_width);
        self.edge(simd, oy, channel, 0, first);
        let mut ox = first;
        while ox + TOGETHER <= self.sweep.out_width && ox * stride - self.sweep.left + SEEN <= width {
            self.inner::<S, SEEN>(simd, oy, channel, ox);
            ox += TOGETHER;
        }
        self.edge(simd, oy, channel, ox, self.sweep.out_width);
    }

    /// Rows of the window that lie inside the input: the first, one past the last, and the input row of the first.
    #[inline(always)]
    fn lines(&self, oy: usize) -> (usize, usize, usize) {
        let top = oy * self.sweep.window.stride_y;
        let start = self.sweep.top.saturating_sub(top);
        let end = self.sweep.window.height.min((self.x.layout.height + self.sweep.top).saturating_sub(top));
        (start, end, (top + start).saturating_sub(self.sweep.top))
    }

    /// [`TOGETHER`] windows that reach over no side.
    #[inline(always)]
    fn inner<S: Simd, const SEEN: usize>(&mut self, simd: S, oy: usize, channel: usize, ox: usize) {
        let (step, stride) = (self.sweep.window.stride_x, self.weights.stride);
        let step = if SEEN == 6 { 1 } else { step };
        let (start, end, iy) = self.lines(oy);
        let ix = ox * step - self.sweep.left;
        let mut sums = [simd.load(&self.weights.bias[channel..]); TOGETHER];
        for ky in start..end {
            let from = ((iy + ky - start) * self.x.layout.width + ix) * stride + channel;
            let line = &self.x.data[from..][..(SEEN - 1) * stride + S::LANES];
            let mut seen = [simd.splat(0.0); SEEN];
            for (i, seen) in seen.iter_mut().enumerate() {
                *seen = simd.load(&line[i * stride..]);
            }
            let taps = &self.weights.taps[ky * 3 * stride + channel..][..2 * stride + S::LANES];
            for kx in 0..3 {
                let tap = simd.load(&taps[kx * stride..]);
                for p in 0..TOGETHER {
                    sums[p] = simd.mul_add(seen[p * (SEEN - 3) / 3 + kx], tap, sums[p]);
                }
            }
        }
        for (p, sum) in sums.into_iter().enumerate() {
            self.store(simd, (oy * self.sweep.out_width + ox + p) * stride, channel, sum);
        }
    }

    /// Windows `from..to` of row `oy`, each pixel checked.
    #[inline(always)]
    fn edge<S: Simd>(&mut self, simd: S, oy: usize, channel: usize, from: usize, to: usize) {
        let (stride, window) = (self.weights.stride, self.sweep.window);
        let (start, end, iy) = self.lines(oy);
        for ox in from..to {
            let mut sum = simd.load(&self.weights.bias[channel..]);
            for ky in start..end {
                for kx in 0..window.width {
                    let ix = (ox * window.stride_x + kx).wrapping_sub(self.sweep.left);
                    if ix < self.x.layout.width {
                        let at = ((iy + ky - start) * self.x.layout.width + ix) * stride + channel;
                        let tap = simd.load(&self.weights.taps[(ky * window.width + kx) * stride + channel..]);
                        sum = simd.mul_add(simd.load(&self.x.data[at..]), tap, sum);
                    }
                }
            }
            self.store(simd, (oy * self.sweep.out_width + ox) * stride, channel, sum);
        }
    }

    #[inline(always)]
    fn store<S: Simd>(&mut self, simd: S, row: usize, channel: usize, mut sum: S::V) {
        if let Some(slope) = self.slope {
            sum = bent(simd, sum, simd.load(&slope[channel..]));
        }
        simd.store(sum, &mut self.out[row + channel..]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::graph::{Padding, Window};
    use super::super::tensor::Layout;
    use super::*;

    fn noise(seed: usize, len: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
    }

    proptest! {
        #[test]
        fn every_level_gives_the_formula(
            height in 1_usize..12, width in 1_usize..16, blocks in 1_usize..5, side in 1_usize..4, stride in 1_usize..3,
            seed in 0_usize..99,
        ) {
            let channels = 8 * blocks;
            let layout = Layout { height, width, channels, stride: channels };
            let window = Window { height: side, width: side, stride_y: stride, stride_x: stride, padding: Padding::Same };
            let sweep = Sweep::new(window, layout);
            let (x, taps, bias) = (noise(seed, layout.len()), noise(seed + 1, side * side * channels), noise(seed + 2, channels));
            let weights = ChannelWeights::new(&taps, &bias, channels);
            for level in Level::available() {
                let mut out = vec![f32::NAN; sweep.out_height * sweep.out_width * channels];
                depthwise(level, View { layout, data: &x }, sweep, &weights, Some(&vec![0.5; channels]), &mut out);
                for (at, got) in out.iter().enumerate() {
                    let (c, ox, oy) = (at % channels, at / channels % sweep.out_width, at / channels / sweep.out_width);
                    let mut want = f64::from(bias[c]);
                    for (ky, kx) in (0..side).flat_map(|ky| (0..side).map(move |kx| (ky, kx))) {
                        let (iy, ix) = ((oy * stride + ky).wrapping_sub(sweep.top), (ox * stride + kx).wrapping_sub(sweep.left));
                        if iy < height && ix < width {
                            want += f64::from(x[(iy * width + ix) * channels + c]) * f64::from(taps[(ky * side + kx) * channels + c]);
                        }
                    }
                    let want = if want < 0.0 { 0.5 * want } else { want };
                    // Ten terms of at most 1, each sum rounded to 2^-24 of at most 10.
                    prop_assert!((f64::from(*got) - want).abs() < 100.0 / 16_777_216.0, "{level:?} {oy} {ox} {c}");
                }
            }
        }
    }
}
