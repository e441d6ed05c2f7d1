//! The product of activations and weights, with what follows it done before its only store.
//!
//! ```text
//! y = f(x W + b)          f: nothing, ReLU, GELU, or added to what is there
//! ```
//!
//! Strips pass by a few panels at a time: those stay in the second cache, the strip in the first, and the weights that come
//! next are asked for meanwhile. Rows too long for that are multiplied part by part.

use std::marker::PhantomData;
use std::ops::Range;

use rayon::prelude::*;

use crate::activations::{Activations, STRIP};
use crate::arithmetic::{Arithmetic, Bf16, DEEPEST, F32, HalfColumns, Int8, Precision, RowScale};
use crate::math::{gelu, quick_gelu};
use crate::matrix::{Matrix, PANEL_LINES, PanelRow};
use crate::simd::{Kernel, Level, Simd, run};
use crate::tile::{Sums, sum_strip};
use crate::weights::{WeightBlock, Weights};

/// Bytes of weights that a thread works on at a time: half of a common second cache.
const GROUP_BYTES: usize = 512 << 10;
/// Groups a thread should have to choose from, so that all end together.
const GROUPS_PER_THREAD: usize = 4;

/// What follows the sum and the bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Nothing.
    Store,
    /// `max(x, 0)`
    Relu,
    /// `x · Φ(x)`
    Gelu,
    /// `x · σ(1.702 x)`
    QuickGelu,
    /// It is added to what the output holds.
    Add,
}

/// Multiplies rows with weights into `out`, work split over the threads of the current pool. For [`Finish::Add`] `out` has
/// its size already, else it takes the one it needs.
///
/// # Panics
/// When precisions or sizes differ.
pub fn multiply(level: Level, rows: &Activations, weights: &Weights, finish: Finish, out: &mut Matrix) {
    assert!(rows.precision() == weights.precision(), "expected both operands in one precision");
    assert!(rows.inputs() == weights.inputs(), "expected rows of {}, got {}", weights.inputs(), rows.inputs());
    let shape = (rows.rows(), weights.outputs());
    if finish == Finish::Add {
        assert!((out.rows(), out.columns()) == shape, "expected {shape:?} rows and columns to add to");
    } else {
        out.resize(shape.0, shape.1);
    }
    if shape.0 == 0 {
        return;
    }
    let group = group_size(weights);
    let (panel_rows, _) = out.lines_mut().as_chunks_mut::<PANEL_LINES>();
    panel_rows.par_chunks_mut(group * shape.0).enumerate().for_each(|(place, out)| {
        let group = Group { rows, weights, finish, first: place * group, out };
        match weights.precision() {
            Precision::F32 => run(level, GroupIn(group, PhantomData::<F32>)),
            Precision::Bf16 => run(level, GroupIn(group, PhantomData::<Bf16>)),
            Precision::Int8 => run(level, GroupIn(group, PhantomData::<Int8>)),
        }
    });
}

/// Panels that a thread takes at a time.
fn group_size(weights: &Weights) -> usize {
    let panel_bytes = weights.depth().min(DEEPEST) * size_of::<WeightBlock>();
    let fitting = GROUP_BYTES / panel_bytes.max(1);
    let fair = weights.panels() / (GROUPS_PER_THREAD * rayon::current_num_threads());
    fitting.min(fair).max(1)
}

/// Some panels of a product.
struct Group<'a> {
    rows: &'a Activations,
    weights: &'a Weights,
    finish: Finish,
    /// The first panel.
    first: usize,
    /// The rows of these panels.
    out: &'a mut [PanelRow],
}

/// The same in one arithmetic.
struct GroupIn<'a, A>(Group<'a>, PhantomData<A>);

impl<A: Arithmetic> Kernel for GroupIn<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Group { rows, weights, finish, first, out } = self.0;
        let (count, depth) = (rows.rows(), weights.depth());
        let (panels, strips, step) = (out.len() / count, count.div_ceil(STRIP), A::DEEPEST.min(depth));
        let mut sums = Sums::default();
        for start in (0..depth).step_by(step) {
            let part = start..depth.min(start + step);
            let (next_first, next) = if part.end < depth { (first, part.end) } else { (first + panels, 0) };
            let next = next..depth.min(next + step);
            for (strip, (words, scales)) in rows.strips().enumerate() {
                let height = STRIP.min(count - strip * STRIP);
                for panel in 0..panels {
                    prefetch(simd, weights, next_first + panel, &next, (strip, strips));
                    let columns = weights.columns(first + panel);
                    let out = &mut out[panel * count + strip * STRIP..][..height];
                    let blocks = &weights.panel(first + panel)[part.clone()];
                    sum_strip::<S, A>(simd, height, &words[part.clone()], blocks, &mut sums);
                    let end = End { columns, scales, begins: start == 0, ends: part.end == depth, finish };
                    end.write::<S, A>(simd, &sums, out);
                }
            }
        }
    }
}

/// Asks for the share of one strip of the blocks that come next.
#[inline(always)]
fn prefetch<S: Simd>(simd: S, weights: &Weights, panel: usize, blocks: &Range<usize>, (strip, strips): (usize, usize)) {
    if panel < weights.panels() {
        let share = blocks.len().div_ceil(strips);
        let blocks = weights.panel(panel)[blocks.clone()].iter().skip(strip * share).take(share);
        for line in blocks.flatten().flatten() {
            simd.prefetch(line);
        }
    }
}

/// What becomes of the sums of a strip with a panel.
struct End<'a> {
    columns: &'a [HalfColumns; 2],
    scales: &'a [RowScale; STRIP],
    /// Whether these are the first words of the rows.
    begins: bool,
    /// Whether these are the last.
    ends: bool,
    finish: Finish,
}

impl End<'_> {
    #[inline(always)]
    fn write<S: Simd, A: Arithmetic>(&self, simd: S, sums: &Sums, out: &mut [PanelRow]) {
        for ((sums, scale), out) in sums.iter().zip(self.scales).zip(out) {
            for ((sum, columns), out) in sums.iter().zip(self.columns).zip(out) {
                let mut value = A::value(simd, simd.load_words(sum), *scale, columns);
                if self.begins {
                    value = simd.add(value, simd.load(&columns.bias));
                }
                if !self.begins || self.finish == Finish::Add {
                    value = simd.add(value, simd.load(out));
                }
                match self.finish {
                    Finish::Relu if self.ends => value = simd.max(value, simd.splat(0.0)),
                    Finish::Gelu if self.ends => value = gelu(simd, value),
                    Finish::QuickGelu if self.ends => value = quick_gelu(simd, value),
                    _ => {}
                }
                simd.store(value, out);
            }
        }
    }
}
