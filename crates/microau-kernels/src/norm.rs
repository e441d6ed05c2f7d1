//! Layer norm, computed while a row is packed, or where it lies.
//!
//! ```text
//! y = (x − μ) / √(σ² + ε) · γ + β
//! ```

use crate::activations::{STRIP, lines};
use crate::matrix::Matrix;
use crate::simd::{Kernel, LANES, Level, Line, Simd, run};

/// Scale γ and shift β of a norm over rows.
#[derive(Clone, Debug)]
pub struct LayerNorm {
    columns: usize,
    epsilon: f32,
    scale: Vec<Line<f32>>,
    shift: Vec<Line<f32>>,
    /// 1 for a column, 0 past the last.
    present: Vec<Line<f32>>,
}

/// μ and 1/√(σ² + ε) of one row, in all lanes.
#[derive(Clone, Copy)]
pub(crate) struct Moments<S: Simd> {
    mean: S::Floats,
    inverse: S::Floats,
}

impl LayerNorm {
    /// A norm over rows as long as its scale and shift.
    ///
    /// # Panics
    /// When scale and shift differ in length.
    pub fn new(scale: &[f32], shift: &[f32], epsilon: f32) -> LayerNorm {
        assert!(scale.len() == shift.len(), "expected {} shifts, got {}", scale.len(), shift.len());
        let present = padded(&vec![1.0; scale.len()]);
        LayerNorm { columns: scale.len(), epsilon, scale: padded(scale), shift: padded(shift), present }
    }

    /// Normalises the rows of a matrix where they are.
    ///
    /// # Panics
    /// When the rows have another length.
    pub fn normalise(&self, level: Level, matrix: &mut Matrix) {
        assert!(matrix.columns() == self.columns, "expected rows of {}, got {}", self.columns, matrix.columns());
        run(level, Normalise { norm: self, matrix });
    }

    /// The moments of some rows.
    #[inline(always)]
    pub(crate) fn moments<S: Simd>(
        &self,
        simd: S,
        matrix: &Matrix,
        first: usize,
        height: usize,
    ) -> [Moments<S>; STRIP] {
        let count = self.columns as f32;
        let nothing = simd.splat(0.0);
        let mut moments = [Moments { mean: nothing, inverse: nothing }; STRIP];
        for place in 0..self.present.len() {
            for (row, Moments { mean, .. }) in moments[..height].iter_mut().enumerate() {
                *mean = simd.add(*mean, simd.load(matrix.line(first + row, place)));
            }
        }
        for Moments { mean, .. } in &mut moments {
            *mean = simd.splat(simd.total(*mean) / count);
        }
        for (place, present) in self.present.iter().enumerate() {
            for (row, Moments { mean, inverse: squares }) in moments[..height].iter_mut().enumerate() {
                let off = simd.sub(simd.load(matrix.line(first + row, place)), *mean);
                let off = simd.mul(off, simd.load(present));
                *squares = simd.mul_add(off, off, *squares);
            }
        }
        for Moments { inverse, .. } in &mut moments {
            *inverse = simd.splat(1.0 / (simd.total(*inverse) / count + self.epsilon).sqrt());
        }
        moments
    }

    /// The 16 values at a place of a row, normalised.
    #[inline(always)]
    pub(crate) fn apply<S: Simd>(&self, simd: S, x: S::Floats, moments: &Moments<S>, place: usize) -> S::Floats {
        let scale = simd.mul(moments.inverse, simd.load(&self.scale[place]));
        simd.mul_add(simd.sub(x, moments.mean), scale, simd.load(&self.shift[place]))
    }
}

struct Normalise<'a> {
    norm: &'a LayerNorm,
    matrix: &'a mut Matrix,
}

impl Kernel for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Normalise { norm, matrix } = self;
        for first in (0..matrix.rows()).step_by(STRIP) {
            let height = STRIP.min(matrix.rows() - first);
            let moments = norm.moments(simd, matrix, first, height);
            for place in 0..norm.scale.len() {
                for row in 0..height {
                    let line = matrix.line_mut(first + row, place);
                    simd.store(norm.apply(simd, simd.load(line), &moments[row], place), line);
                }
            }
        }
    }
}

/// Values on lines, zeros after them.
fn padded(values: &[f32]) -> Vec<Line<f32>> {
    let mut padded = vec![Line::default(); lines(values.len())];
    for (line, values) in padded.iter_mut().zip(values.chunks(LANES)) {
        line.0[..values.len()].copy_from_slice(values);
    }
    padded
}
