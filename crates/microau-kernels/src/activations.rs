//! The left operand of a product: rows packed into strips of 12, normalised and quantised as they are read.
//!
//! A strip holds 16 words of its first row, then 16 of its second, and so on: packing writes whole lines, and the kernel
//! finds the words of all rows at fixed distances.

use std::ops::Range;

use rayon::prelude::*;

use crate::arithmetic::{Bf16, F32, Operand, Precision, RowScale};
use crate::matrix::Matrix;
use crate::norm::{LayerNorm, Moments};
use crate::simd::{Kernel, LANES, Level, Line, Simd, run};
use crate::weights::depth;

/// Rows of a strip.
pub(crate) const STRIP: usize = 12;

/// Sixteen words of each row of a strip.
pub(crate) type ActivationBlock = [Line<u32>; STRIP];

/// The largest byte of an activation.
const STEPS: f32 = 255.0;
/// A step of rows that are zero or nearly so; smaller ones have no finite inverse.
const SMALLEST_STEP: f32 = 1e-37;

/// Rows ready to be multiplied with [`Weights`](crate::Weights).
#[derive(Clone, Debug)]
pub struct Activations {
    precision: Precision,
    rows: usize,
    inputs: usize,
    blocks: Vec<ActivationBlock>,
    scales: Vec<[RowScale; STRIP]>,
}

impl Activations {
    /// No rows yet.
    pub fn new(precision: Precision) -> Activations {
        Activations { precision, rows: 0, inputs: 0, blocks: Vec::new(), scales: Vec::new() }
    }

    /// Packs the rows of a matrix, normalised if a norm is given. Memory is kept for the largest matrix so far.
    pub fn pack(&mut self, level: Level, matrix: &Matrix, norm: Option<&LayerNorm>) {
        let (rows, depth) = (matrix.rows(), depth(self.precision, matrix.columns()));
        let strips = rows.div_ceil(STRIP);
        (self.rows, self.inputs) = (rows, matrix.columns());
        self.blocks.resize(strips * depth, ActivationBlock::default());
        self.scales.resize(strips, [RowScale { scale: 1.0, zero: 0 }; STRIP]);
        let precision = self.precision;
        let strips = self.blocks.par_chunks_mut(depth.max(1)).zip(&mut self.scales).enumerate();
        strips.for_each(|(strip, (blocks, scales))| {
            let first = strip * STRIP;
            run(level, PackStrip { precision, matrix, norm, rows: first..rows.min(first + STRIP), blocks, scales });
        });
    }

    /// The precision of its products.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Length of a row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The blocks of each strip, with the scales of its rows.
    pub(crate) fn strips(&self) -> impl Iterator<Item = (&[ActivationBlock], &[RowScale; STRIP])> {
        self.blocks.chunks_exact(depth(self.precision, self.inputs).max(1)).zip(&self.scales)
    }
}

struct PackStrip<'a> {
    precision: Precision,
    matrix: &'a Matrix,
    norm: Option<&'a LayerNorm>,
    rows: Range<usize>,
    blocks: &'a mut [ActivationBlock],
    scales: &'a mut [RowScale; STRIP],
}

impl Kernel for PackStrip<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let source = Source::new(simd, self.matrix, self.norm, self.rows.clone());
        match self.precision {
            Precision::F32 => pack_floats::<S, F32>(simd, &source, self.blocks),
            Precision::Bf16 => pack_floats::<S, Bf16>(simd, &source, self.blocks),
            Precision::Int8 => pack_bytes(simd, &source, self.blocks, self.scales),
        }
    }
}

/// The rows of a strip as they enter a product. All loops go from left to right and take all rows at once, as they lie in
/// memory.
struct Source<'a, S: Simd> {
    matrix: &'a Matrix,
    first: usize,
    height: usize,
    norm: Option<(&'a LayerNorm, [Moments<S>; STRIP])>,
}

impl<'a, S: Simd> Source<'a, S> {
    #[inline(always)]
    fn new(simd: S, matrix: &'a Matrix, norm: Option<&'a LayerNorm>, rows: Range<usize>) -> Self {
        let (first, height) = (rows.start, rows.len());
        let norm = norm.map(|norm| (norm, norm.moments(simd, matrix, first, height)));
        Source { matrix, first, height, norm }
    }

    /// The 16 values at a place of a row; zeros past its end.
    #[inline(always)]
    fn line(&self, simd: S, row: usize, place: usize) -> S::Floats {
        if place >= self.matrix.lines_of_row() {
            return simd.splat(0.0);
        }
        let x = simd.load(self.matrix.line(self.first + row, place));
        match &self.norm {
            Some((norm, moments)) => norm.apply(simd, x, &moments[row], place),
            None => x,
        }
    }
}

#[inline(always)]
fn pack_floats<S: Simd, A: Operand>(simd: S, source: &Source<S>, blocks: &mut [ActivationBlock]) {
    for (at, block) in blocks.iter_mut().enumerate() {
        for (row, words) in block[..source.height].iter_mut().enumerate() {
            let mut parts = [simd.splat(0.0); 2];
            for i in 0..A::LINES_PER_BLOCK {
                parts[i] = source.line(simd, row, at * A::LINES_PER_BLOCK + i);
            }
            A::pack(simd, parts, words);
        }
    }
}

/// Lines of floats that make a line of bytes.
const BYTE_LINES: usize = 4;

/// Bytes from the smallest value of each row, or zero, to its largest.
#[inline(always)]
fn pack_bytes<S: Simd>(simd: S, source: &Source<S>, blocks: &mut [ActivationBlock], scales: &mut [RowScale; STRIP]) {
    byte_scales(simd, source, BYTE_LINES * blocks.len(), scales);
    for (at, block) in blocks.iter_mut().enumerate() {
        for (row, words) in block[..source.height].iter_mut().enumerate() {
            let RowScale { scale, zero } = scales[row];
            let (inverse, shift) = (simd.splat(1.0 / scale), simd.splat(zero as f32));
            let mut parts = [simd.splat(0.0); BYTE_LINES];
            for i in 0..BYTE_LINES {
                // not fused: the bytes are then the same at every level
                let steps = simd.add(simd.mul(source.line(simd, row, at * BYTE_LINES + i), inverse), shift);
                parts[i] = simd.min(simd.max(steps, simd.splat(0.0)), simd.splat(STEPS));
            }
            simd.store_words(simd.bytes_from_floats(parts), words);
        }
    }
}

#[inline(always)]
fn byte_scales<S: Simd>(simd: S, source: &Source<S>, lines: usize, scales: &mut [RowScale; STRIP]) {
    let mut ranges = [[simd.splat(0.0); 2]; STRIP];
    for place in 0..lines {
        for (row, [high, low]) in ranges[..source.height].iter_mut().enumerate() {
            let x = source.line(simd, row, place);
            *high = simd.max(x, *high);
            *low = simd.min(x, *low);
        }
    }
    for ([high, low], row) in ranges.into_iter().zip(scales) {
        let (high, low) = (simd.highest(high), simd.highest(simd.sub(simd.splat(0.0), low)));
        let scale = (high / STEPS + low / STEPS).max(SMALLEST_STEP);
        *row = RowScale { scale, zero: (low / scale).round_ties_even() as u32 };
    }
}

/// Lines of a row of so many columns, those of the last panel included.
pub(crate) fn lines(columns: usize) -> usize {
    columns.div_ceil(2 * LANES) * 2
}
