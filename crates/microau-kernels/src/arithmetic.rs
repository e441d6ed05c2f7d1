//! What a product of two words is in each precision, and how its sum becomes a number again.
//!
//! ```text
//! f32   Σ a b
//! bf16  Σ a b                      two a word, summed in f32
//! int8  s_row s_column (Σ a b − z_row Σ b)      four a word, a from 0 to 255, b from −127 to 127, summed in i32
//! ```

use crate::simd::{Line, Simd};

/// In what numbers products are computed. Everything between them (norms, softmax, GELU, residuals) is f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// Upper halves of 32-bit floats, summed in f32.
    Bf16,
    /// Bytes: weights with a scale a column, activations with a scale and a zero a row, found anew for each.
    Int8,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Precision; 3] = [Precision::F32, Precision::Bf16, Precision::Int8];

    /// Values of an operand in a word.
    pub(crate) fn values_per_word(self) -> usize {
        match self {
            Precision::F32 => 1,
            Precision::Bf16 => 2,
            Precision::Int8 => 4,
        }
    }
}

/// How the bytes of a row stand for numbers: `x = scale (byte − zero)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RowScale {
    pub scale: f32,
    pub zero: u32,
}

/// What a half panel of weights, 16 columns, needs besides its words.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HalfColumns {
    pub bias: Line<f32>,
    /// int8: the number that one step stands for.
    pub scale: Line<f32>,
    /// int8: the sum of a column's bytes.
    pub sum: Line<u32>,
}

/// Blocks that are summed in registers before the sum is put down: a strip of so many words and the panel fit the first cache.
pub(crate) const DEEPEST: usize = 12;

/// Products of words and their sums.
pub(crate) trait Arithmetic {
    /// Blocks that may be summed at a time. In int8 all: the zeros of the rows are taken out of whole sums.
    const DEEPEST: usize;
    /// Sums of 16 columns.
    type Sum<S: Simd>: Copy;

    fn zero<S: Simd>(simd: S) -> Self::Sum<S>;
    fn step<S: Simd>(simd: S, sum: Self::Sum<S>, a: S::Words, b: S::Words) -> Self::Sum<S>;
    /// The bits of sums.
    fn words<S: Simd>(simd: S, sum: Self::Sum<S>) -> S::Words;
    /// Sums as numbers, without bias.
    fn value<S: Simd>(simd: S, sum: S::Words, row: RowScale, columns: &HalfColumns) -> S::Floats;
}

/// Arithmetic whose operands need no scale, so that either may be made on the way.
pub(crate) trait Operand: Arithmetic {
    /// Values in a word.
    const VALUES_PER_WORD: usize;
    /// Lines of floats that make a line of words.
    const LINES_PER_BLOCK: usize = Self::VALUES_PER_WORD;

    /// Words of values that follow one another in a row; of one line the second part is not looked at.
    fn pack<S: Simd>(simd: S, parts: [S::Floats; 2], words: &mut Line<u32>);
    /// Words of values that stand in the same place of consecutive rows.
    fn pack_rows<S: Simd>(simd: S, rows: [S::Floats; 2], words: &mut Line<u32>);
}

/// See [`Precision::F32`].
pub(crate) struct F32;
/// See [`Precision::Bf16`].
pub(crate) struct Bf16;
/// See [`Precision::Int8`].
pub(crate) struct Int8;

impl Arithmetic for F32 {
    const DEEPEST: usize = DEEPEST;
    type Sum<S: Simd> = S::Floats;

    #[inline(always)]
    fn zero<S: Simd>(simd: S) -> S::Floats {
        simd.splat(0.0)
    }

    #[inline(always)]
    fn step<S: Simd>(simd: S, sum: S::Floats, a: S::Words, b: S::Words) -> S::Floats {
        simd.mul_add(simd.floats_from_bits(a), simd.floats_from_bits(b), sum)
    }

    #[inline(always)]
    fn words<S: Simd>(simd: S, sum: S::Floats) -> S::Words {
        simd.bits_from_floats(sum)
    }

    #[inline(always)]
    fn value<S: Simd>(simd: S, sum: S::Words, _: RowScale, _: &HalfColumns) -> S::Floats {
        simd.floats_from_bits(sum)
    }
}

impl Arithmetic for Bf16 {
    const DEEPEST: usize = DEEPEST;
    type Sum<S: Simd> = S::Floats;

    #[inline(always)]
    fn zero<S: Simd>(simd: S) -> S::Floats {
        simd.splat(0.0)
    }

    #[inline(always)]
    fn step<S: Simd>(simd: S, sum: S::Floats, a: S::Words, b: S::Words) -> S::Floats {
        simd.dot_pairs(sum, a, b)
    }

    #[inline(always)]
    fn words<S: Simd>(simd: S, sum: S::Floats) -> S::Words {
        simd.bits_from_floats(sum)
    }

    #[inline(always)]
    fn value<S: Simd>(simd: S, sum: S::Words, _: RowScale, _: &HalfColumns) -> S::Floats {
        simd.floats_from_bits(sum)
    }
}

impl Arithmetic for Int8 {
    const DEEPEST: usize = usize::MAX;
    type Sum<S: Simd> = S::Words;

    #[inline(always)]
    fn zero<S: Simd>(simd: S) -> S::Words {
        simd.splat_word(0)
    }

    #[inline(always)]
    fn step<S: Simd>(simd: S, sum: S::Words, a: S::Words, b: S::Words) -> S::Words {
        simd.dot_bytes(sum, a, b)
    }

    #[inline(always)]
    fn words<S: Simd>(_: S, sum: S::Words) -> S::Words {
        sum
    }

    #[inline(always)]
    fn value<S: Simd>(simd: S, sum: S::Words, row: RowScale, columns: &HalfColumns) -> S::Floats {
        let shift = simd.mul_ints(simd.splat_word(row.zero), simd.load_words(&columns.sum));
        let scale = simd.mul(simd.splat(row.scale), simd.load(&columns.scale));
        simd.mul(simd.floats_from_ints(simd.sub_ints(sum, shift)), scale)
    }
}

impl Operand for F32 {
    const VALUES_PER_WORD: usize = 1;

    #[inline(always)]
    fn pack<S: Simd>(simd: S, [values, _]: [S::Floats; 2], words: &mut Line<u32>) {
        simd.store_words(simd.bits_from_floats(values), words);
    }

    #[inline(always)]
    fn pack_rows<S: Simd>(simd: S, [row, _]: [S::Floats; 2], words: &mut Line<u32>) {
        simd.store_words(simd.bits_from_floats(row), words);
    }
}

impl Operand for Bf16 {
    const VALUES_PER_WORD: usize = 2;

    #[inline(always)]
    fn pack<S: Simd>(simd: S, parts: [S::Floats; 2], words: &mut Line<u32>) {
        simd.store_words(simd.pairs_from_floats(parts), words);
    }

    #[inline(always)]
    fn pack_rows<S: Simd>(simd: S, rows: [S::Floats; 2], words: &mut Line<u32>) {
        simd.store_words(simd.pairs_across(rows), words);
    }
}
