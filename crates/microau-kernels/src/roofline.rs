//! The roofline: products of registers with nothing to read or write, as fast as the processor can.

use std::hint::black_box;
use std::marker::PhantomData;

use crate::arithmetic::{Arithmetic, Bf16, F32, Int8, Precision};
use crate::simd::{Kernel, LANES, Level, Line, Simd, run};

/// Sums in flight, enough to hide the latency of a product, where there are 32 registers.
const MOST_SUMS: usize = 24;
/// Of vectors of two registers among 16.
const FEWER_SUMS: usize = 6;

/// Computes `rounds` rounds of products in registers on this thread, and says how many multiplications and additions those
/// were.
pub fn peak_operations(level: Level, precision: Precision, rounds: usize) -> u64 {
    let words = match precision {
        Precision::F32 => run(level, Peak::<F32>(rounds, PhantomData)),
        Precision::Bf16 => run(level, Peak::<Bf16>(rounds, PhantomData)),
        Precision::Int8 => run(level, Peak::<Int8>(rounds, PhantomData)),
    };
    2 * precision.values_per_word() as u64 * words
}

struct Peak<A>(usize, PhantomData<A>);

impl<A: Arithmetic> Kernel for Peak<A> {
    /// Products of words.
    type Output = u64;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> u64 {
        let (a, b) = (simd.splat_word(black_box(0x0101_0101)), simd.splat_word(black_box(0x0202_0202)));
        let sums = if S::WIDE {
            rounds::<S, A, MOST_SUMS>(simd, self.0, a, b);
            MOST_SUMS
        } else {
            rounds::<S, A, FEWER_SUMS>(simd, self.0, a, b);
            FEWER_SUMS
        };
        (LANES * sums * self.0) as u64
    }
}

#[inline(always)]
fn rounds<S: Simd, A: Arithmetic, const N: usize>(simd: S, rounds: usize, a: S::Words, b: S::Words) {
    let mut sums = [A::zero(simd); N];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = A::step(simd, *sum, a, b);
        }
    }
    let mut kept = Line::default();
    for sum in sums {
        simd.store_words(A::words(simd, sum), &mut kept);
        black_box(&kept);
    }
}
