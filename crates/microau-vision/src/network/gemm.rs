//! Rows times weights: `y = act(x Wᵀ + bias + shortcut)`, the heart of every convolution.
//!
//! Weights are packed once into panels of 16 output channels (the last may be of 8), `[panel][k][16]`, so that the inner
//! loop reads them in order. A tile of rows by one panel is summed in registers; bias, shortcut and activation are
//! applied before its only store.

#![allow(clippy::needless_range_loop)] // indices of registers: unrolled, and plainer than iterators over them

use super::tensor::ROW_QUANTUM;
use crate::simd::{Kernel, Level, Simd, run, run_narrow};

const PANEL: usize = 16;

/// Weights of a matrix product, packed for the kernel.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    /// Length of an input row.
    pub inputs: usize,
    /// Output channels, padded to a multiple of 8.
    pub padded_outputs: usize,
    panels: Vec<f32>,
    bias: Vec<f32>,
}

/// What is added to a product before the activation.
#[derive(Clone, Copy)]
pub(super) enum Shortcut<'a> {
    /// Nothing.
    None,
    /// What the output holds already.
    InPlace,
    /// Rows with their stride; channels past the stride count as zero.
    Rows(&'a [f32], usize),
}

/// What follows the sum.
#[derive(Clone, Copy)]
pub(super) struct Finish<'a> {
    /// Added before the activation.
    pub shortcut: Shortcut<'a>,
    /// Slope for negative values, a padded channel each (ReLU: zeros); `None` leaves values as they are.
    pub slope: Option<&'a [f32]>,
}

impl Packed {
    /// Packs weights `[outputs, inputs]` and a bias of `[outputs]`.
    pub fn new(weights: &[f32], bias: &[f32], inputs: usize) -> Packed {
        let outputs = bias.len();
        let padded_outputs = outputs.next_multiple_of(ROW_QUANTUM);
        let mut panels = Vec::with_capacity(padded_outputs * inputs);
        for start in (0..padded_outputs).step_by(PANEL) {
            let width = PANEL.min(padded_outputs - start);
            for k in 0..inputs {
                panels.extend((start..start + width).map(|o| if o < outputs { weights[o * inputs + k] } else { 0.0 }));
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(padded_outputs, 0.0);
        Packed { inputs, padded_outputs, panels, bias }
    }

    /// Panels with the channel each begins at.
    fn panels(&self) -> impl Iterator<Item = (usize, &[f32])> {
        self.panels.chunks(PANEL * self.inputs.max(1)).enumerate().map(|(i, panel)| (i * PANEL, panel))
    }
}

/// Multiplies `rows` rows of `x`, `x_stride` floats apart, into rows of `out`, `out_stride` floats apart.
///
/// # Panics
/// When a slice is too short for its rows.
pub(super) fn multiply(
    level: Level,
    rows: usize,
    (x, x_stride): (&[f32], usize),
    weights: &Packed,
    finish: Finish,
    (out, out_stride): (&mut [f32], usize),
) {
    let task = Product { rows, x, x_stride, weights, finish, out, out_stride };
    if weights.padded_outputs.is_multiple_of(PANEL) { run(level, task) } else { run_narrow(level, task) }
}

struct Product<'a> {
    rows: usize,
    x: &'a [f32],
    x_stride: usize,
    weights: &'a Packed,
    finish: Finish<'a>,
    out: &'a mut [f32],
    out_stride: usize,
}

impl Kernel for Product<'_> {
    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        // As many rows as the registers hold: 12 accumulators of 16 vector registers, or of 32 with AVX-512.
        let mut row = 0;
        if S::LANES == 16 {
            while row + 12 <= self.rows {
                self.stripe::<S, 12>(simd, row);
                row += 12;
            }
        }
        while row + 6 <= self.rows {
            self.stripe::<S, 6>(simd, row);
            row += 6;
        }
        match self.rows - row {
            0 => {}
            1 => self.stripe::<S, 1>(simd, row),
            2 => self.stripe::<S, 2>(simd, row),
            3 => self.stripe::<S, 3>(simd, row),
            4 => self.stripe::<S, 4>(simd, row),
            _ => self.stripe::<S, 5>(simd, row),
        }
    }
}

impl Product<'_> {
    /// All output channels of `R` rows.
    #[inline(always)]
    fn stripe<S: Simd, const R: usize>(&mut self, simd: S, row: usize) {
        let weights = self.weights;
        for (channel, panel) in weights.panels() {
            if S::LANES == 16 || weights.padded_outputs - channel < PANEL {
                self.tile::<S, R, 1>(simd, row, channel, panel);
            } else {
                self.tile::<S, R, 2>(simd, row, channel, panel);
            }
        }
    }

    /// `N` vectors of output channels of `R` rows.
    #[inline(always)]
    fn tile<S: Simd, const R: usize, const N: usize>(&mut self, simd: S, row: usize, channel: usize, panel: &[f32]) {
        let k = self.weights.inputs;
        let mut x = [&self.x[..0]; R];
        for (r, x) in x.iter_mut().enumerate() {
            *x = &self.x[(row + r) * self.x_stride..][..k];
        }
        let mut sums = [[simd.splat(0.0); N]; R];
        for (n, bias) in self.weights.bias[channel..].chunks_exact(S::LANES).take(N).enumerate() {
            for sum in &mut sums {
                sum[n] = simd.load(bias);
            }
        }
        for (i, w) in (0..k).zip(panel.chunks_exact(N * S::LANES)) {
            let mut vectors = [simd.splat(0.0); N];
            for n in 0..N {
                vectors[n] = simd.load(&w[n * S::LANES..]);
            }
            for r in 0..R {
                let value = simd.splat(x[r][i]);
                for n in 0..N {
                    sums[r][n] = simd.mul_add(value, vectors[n], sums[r][n]);
                }
            }
        }
        self.finish_tile(simd, row, channel, sums);
    }

    #[inline(always)]
    fn finish_tile<S: Simd, const R: usize, const N: usize>(
        &mut self,
        simd: S,
        row: usize,
        channel: usize,
        mut sums: [[S::V; N]; R],
    ) {
        match self.finish.shortcut {
            Shortcut::None => {}
            Shortcut::InPlace => {
                for r in 0..R {
                    let held = &self.out[(row + r) * self.out_stride + channel..];
                    for n in 0..N {
                        sums[r][n] = simd.add(sums[r][n], simd.load(&held[n * S::LANES..]));
                    }
                }
            }
            Shortcut::Rows(data, stride) => {
                for r in 0..R {
                    for n in 0..N {
                        let start = channel + n * S::LANES;
                        if start + S::LANES <= stride {
                            let held = &data[(row + r) * stride + start..];
                            sums[r][n] = simd.add(sums[r][n], simd.load(held));
                        } else if start < stride {
                            let mut lanes = [0.0; PANEL];
                            lanes[..stride - start]
                                .copy_from_slice(&data[(row + r) * stride + start..][..stride - start]);
                            sums[r][n] = simd.add(sums[r][n], simd.load(&lanes));
                        }
                    }
                }
            }
        }
        if let Some(slope) = self.finish.slope {
            for n in 0..N {
                let slope = simd.load(&slope[channel + n * S::LANES..]);
                for sum in &mut sums {
                    sum[n] = bent(simd, sum[n], slope);
                }
            }
        }
        for (r, sum) in sums.iter().enumerate() {
            let out = &mut self.out[(row + r) * self.out_stride + channel..][..N * S::LANES];
            for (v, out) in sum.iter().zip(out.chunks_exact_mut(S::LANES)) {
                simd.store(*v, out);
            }
        }
    }
}

/// `max(x, 0) + slope min(x, 0)`.
#[inline(always)]
pub(super) fn bent<S: Simd>(simd: S, x: S::V, slope: S::V) -> S::V {
    let zero = simd.splat(0.0);
    simd.mul_add(slope, simd.min(x, zero), simd.max(x, zero))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The formula, in f64.
    fn expected(x: &[f32], w: &[f32], bias: &[f32], shortcut: &[f32], slope: f32, k: usize) -> Vec<f64> {
        let outputs = bias.len();
        let mut all = Vec::new();
        for (row, shortcut) in x.chunks_exact(k).zip(shortcut.chunks_exact(outputs)) {
            for o in 0..outputs {
                let dot: f64 = row.iter().zip(&w[o * k..]).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
                let sum = dot + f64::from(bias[o]) + f64::from(shortcut[o]);
                all.push(if sum < 0.0 { sum * f64::from(slope) } else { sum });
            }
        }
        all
    }

    fn noise(seed: usize, len: usize) -> Vec<f32> {
        (0..len).map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.5 - 1.0).collect()
    }

    proptest! {
        #[test]
        fn every_level_gives_the_formula(rows in 1_usize..40, k in 1_usize..40, outputs in 1_usize..50, seed in 0_usize..99) {
            let (x, w) = (noise(seed, rows * k), noise(seed + 1, outputs * k));
            let (bias, shortcut) = (noise(seed + 2, outputs), noise(seed + 3, rows * outputs));
            let packed = Packed::new(&w, &bias, k);
            let stride = packed.padded_outputs;
            let padded: Vec<f32> = shortcut.chunks_exact(outputs).flat_map(|row| {
                row.iter().copied().chain(std::iter::repeat_n(0.0, stride - outputs))
            }).collect();
            let slope = vec![0.25; stride];
            let want = expected(&x, &w, &bias, &shortcut, 0.25, k);
            for level in Level::available() {
                for in_place in [false, true] {
                    let mut out = if in_place { padded.clone() } else { vec![0.0; rows * stride] };
                    let shortcut = if in_place { Shortcut::InPlace } else { Shortcut::Rows(&padded, stride) };
                    let finish = Finish { shortcut, slope: Some(&slope) };
                    multiply(level, rows, (&x, k), &packed, finish, (&mut out, stride));
                    for (got, want) in out.chunks_exact(stride).flat_map(|row| &row[..outputs]).zip(&want) {
                        // 40 products of numbers up to 1, each rounded to 2^-24 of a sum of at most 42.
                        prop_assert!((f64::from(*got) - want).abs() < 42.0 * 43.0 / 16_777_216.0, "{level:?}: {got} {want}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_shortcut_of_fewer_channels_adds_zero_to_the_rest() {
        let packed = Packed::new(&[1.0; 32], &[0.0; 32], 1);
        for level in Level::available() {
            let mut out = vec![0.0; 32];
            let held = vec![5.0; 24];
            let finish = Finish { shortcut: Shortcut::Rows(&held, 24), slope: None };
            multiply(level, 1, (&[2.0], 1), &packed, finish, (&mut out, 32));
            assert_eq!(out, [[7.0; 8], [7.0; 8], [7.0; 8], [2.0; 8]].concat(), "{level:?}");
        }
    }
}
