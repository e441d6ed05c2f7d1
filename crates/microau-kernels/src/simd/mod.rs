//! Wide registers: the only `unsafe` code of this crate.
//!
//! A kernel over [`Simd`] names its vectors, always of 16 lanes of 32 bits whatever the processor has, and [`run`] compiles
//! it once for each [`Level`]. A token such as `x86::Avx512` exists only after the processor was asked, so its methods
//! are safe to call. [`Scalar`] is the twin that the others are tested against.
//!
//! A word is 32 bits of an operand of a product: one f32, two bf16 or four bytes.

#![allow(unsafe_code)] // processor intrinsics, and the calls that enable them

#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use scalar::Scalar;

/// Lanes of a vector.
pub const LANES: usize = 16;

/// Sixteen numbers on one line of the cache.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Line<T>(pub [T; LANES]);

impl<T: Default + Copy> Default for Line<T> {
    fn default() -> Self {
        Line([T::default(); LANES])
    }
}

/// Vectors of 16 lanes and what can be done with them. Methods work lane by lane unless they say otherwise.
pub trait Simd: Copy {
    /// Sixteen floats.
    type Floats: Copy;
    /// Sixteen words, or signed integers.
    type Words: Copy;
    /// Whether a vector is one register and there are 32 of them: the tile of a product is then 12 x 2 vectors, else 6 x 1.
    const WIDE: bool;

    /// The same value in all lanes.
    fn splat(self, value: f32) -> Self::Floats;
    /// Reads a line.
    fn load(self, from: &Line<f32>) -> Self::Floats;
    /// Writes a line.
    fn store(self, v: Self::Floats, to: &mut Line<f32>);
    /// `a b + c`, rounded once where the processor can.
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// `a + b`
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a − b`
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a b`
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a / b`
    fn div(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The larger; of a NaN and a number either.
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The smaller; of a NaN and a number either.
    fn min(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// The nearest integer, halves to even.
    fn round(self, a: Self::Floats) -> Self::Floats;
    /// `2^n` for integers n from −126 to 127.
    fn power_of_two(self, n: Self::Floats) -> Self::Floats;
    /// Sum over the lanes.
    fn total(self, a: Self::Floats) -> f32;
    /// Maximum over the lanes.
    fn highest(self, a: Self::Floats) -> f32;

    /// The same word in all lanes.
    fn splat_word(self, word: u32) -> Self::Words;
    /// Reads a line of words.
    fn load_words(self, from: &Line<u32>) -> Self::Words;
    /// Writes a line of words.
    fn store_words(self, v: Self::Words, to: &mut Line<u32>);
    /// The bits of words as floats.
    fn floats_from_bits(self, words: Self::Words) -> Self::Floats;
    /// The bits of floats as words.
    fn bits_from_floats(self, floats: Self::Floats) -> Self::Words;
    /// Signed integers as floats.
    fn floats_from_ints(self, ints: Self::Words) -> Self::Floats;
    /// `a − b` of integers.
    fn sub_ints(self, a: Self::Words, b: Self::Words) -> Self::Words;
    /// `a b` of integers, its lower 32 bits.
    fn mul_ints(self, a: Self::Words, b: Self::Words) -> Self::Words;

    /// `sum + a₀ b₀ + a₁ b₁` over the two bf16 of each word; where the processor does it itself, denormals count as zero.
    fn dot_pairs(self, sum: Self::Floats, a: Self::Words, b: Self::Words) -> Self::Floats;
    /// `sum + Σ aᵢ bᵢ` over the four bytes of each word, a unsigned, b signed; sums wrap.
    fn dot_bytes(self, sum: Self::Words, a: Self::Words, b: Self::Words) -> Self::Words;
    /// 32 floats rounded to bf16, in order; no NaN is asked for.
    fn pairs_from_floats(self, parts: [Self::Floats; 2]) -> Self::Words;
    /// The floats of two vectors rounded to bf16, those of a lane in one word, the first below.
    fn pairs_across(self, rows: [Self::Floats; 2]) -> Self::Words;
    /// 64 floats from 0 to 255 rounded to bytes, in order.
    fn bytes_from_floats(self, parts: [Self::Floats; 4]) -> Self::Words;

    /// Rows of a square as columns.
    #[inline(always)]
    fn transpose(self, square: &[Line<u32>; LANES]) -> [Line<u32>; LANES] {
        std::array::from_fn(|row| Line(std::array::from_fn(|lane| square[lane].0[row])))
    }

    /// Asks for a line that is wanted soon.
    fn prefetch<T>(self, line: &Line<T>);
}

/// A computation over vectors.
pub trait Kernel {
    /// What comes out.
    type Output;
    /// Does it.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// What the vectors are made of, and which products the processor has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Arrays of 16 numbers.
    Scalar,
    /// 128-bit vectors of ARM.
    Neon,
    /// 256-bit vectors with FMA.
    Avx2,
    /// The same, with products of bytes.
    AvxVnni,
    /// 512-bit vectors.
    Avx512,
    /// The same, with products of bytes.
    Avx512Vnni,
    /// The same, with products of bytes and of bf16.
    Avx512Bf16,
}

impl Level {
    /// The levels that this processor has, the widest last.
    pub fn available() -> Vec<Level> {
        let all = [
            Level::Scalar,
            Level::Neon,
            Level::Avx2,
            Level::AvxVnni,
            Level::Avx512,
            Level::Avx512Vnni,
            Level::Avx512Bf16,
        ];
        all.into_iter().filter(|&level| has(level)).collect()
    }

    /// The widest level of this processor.
    pub fn best() -> Level {
        static BEST: std::sync::OnceLock<Level> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Level::available().last().copied().unwrap_or(Level::Scalar))
    }

    /// Whether the processor multiplies bytes at this level, four times as fast as floats.
    pub fn multiplies_bytes(self) -> bool {
        matches!(self, Level::AvxVnni | Level::Avx512Vnni | Level::Avx512Bf16)
    }

    /// Whether the processor multiplies bf16 at this level, twice as fast as floats.
    pub fn multiplies_pairs(self) -> bool {
        self == Level::Avx512Bf16
    }
}

#[cfg(target_arch = "x86_64")]
fn has(level: Level) -> bool {
    x86::has(level)
}

#[cfg(target_arch = "aarch64")]
fn has(level: Level) -> bool {
    matches!(level, Level::Scalar | Level::Neon)
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn has(level: Level) -> bool {
    level == Level::Scalar
}

/// Runs a kernel at a level, or with scalars when the processor lacks it.
#[inline]
pub fn run<K: Kernel>(level: Level, kernel: K) -> K::Output {
    if !has(level) {
        return kernel.run(Scalar);
    }
    #[cfg(target_arch = "x86_64")]
    return x86::run(level, kernel);
    #[cfg(target_arch = "aarch64")]
    return neon::run(level, kernel);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    kernel.run(Scalar)
}
