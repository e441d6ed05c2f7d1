//! Vectors as arrays: the twin of all others.

use super::{LANES, Line, Simd};

/// Vectors as arrays of 16.
#[derive(Clone, Copy, Debug)]
pub struct Scalar;

#[inline(always)]
fn zip<A: Copy, B>(a: [A; LANES], b: [A; LANES], f: impl Fn(A, A) -> B) -> [B; LANES] {
    std::array::from_fn(|lane| f(a[lane], b[lane]))
}

/// The two bf16 of a word as floats, the lower first.
#[inline(always)]
fn pair(word: u32) -> [f32; 2] {
    [f32::from_bits(word << 16), f32::from_bits(word & 0xffff_0000)]
}

/// The upper half of a float, rounded to nearest, halves to even.
#[inline(always)]
fn bf16_bits(x: f32) -> u32 {
    let bits = x.to_bits();
    bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16
}

impl Simd for Scalar {
    type Floats = [f32; LANES];
    type Words = [u32; LANES];
    const WIDE: bool = false;

    #[inline(always)]
    fn splat(self, value: f32) -> [f32; LANES] {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, from: &Line<f32>) -> [f32; LANES] {
        from.0
    }

    #[inline(always)]
    fn store(self, v: [f32; LANES], to: &mut Line<f32>) {
        to.0 = v;
    }

    #[inline(always)]
    fn mul_add(self, a: [f32; LANES], b: [f32; LANES], c: [f32; LANES]) -> [f32; LANES] {
        std::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
    }

    #[inline(always)]
    fn add(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        zip(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        zip(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        zip(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        zip(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn max(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        zip(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn min(self, a: [f32; LANES], b: [f32; LANES]) -> [f32; LANES] {
        zip(a, b, |a, b| if a < b { a } else { b })
    }

    #[inline(always)]
    fn round(self, a: [f32; LANES]) -> [f32; LANES] {
        a.map(f32::round_ties_even)
    }

    #[inline(always)]
    fn power_of_two(self, n: [f32; LANES]) -> [f32; LANES] {
        n.map(|n| f32::from_bits(((n as i32 + 127) << 23) as u32))
    }

    #[inline(always)]
    fn total(self, a: [f32; LANES]) -> f32 {
        a.iter().sum()
    }

    #[inline(always)]
    fn highest(self, a: [f32; LANES]) -> f32 {
        a.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }

    #[inline(always)]
    fn splat_word(self, word: u32) -> [u32; LANES] {
        [word; LANES]
    }

    #[inline(always)]
    fn load_words(self, from: &Line<u32>) -> [u32; LANES] {
        from.0
    }

    #[inline(always)]
    fn store_words(self, v: [u32; LANES], to: &mut Line<u32>) {
        to.0 = v;
    }

    #[inline(always)]
    fn floats_from_bits(self, words: [u32; LANES]) -> [f32; LANES] {
        words.map(f32::from_bits)
    }

    #[inline(always)]
    fn bits_from_floats(self, floats: [f32; LANES]) -> [u32; LANES] {
        floats.map(f32::to_bits)
    }

    #[inline(always)]
    fn floats_from_ints(self, ints: [u32; LANES]) -> [f32; LANES] {
        ints.map(|int| int as i32 as f32)
    }

    #[inline(always)]
    fn sub_ints(self, a: [u32; LANES], b: [u32; LANES]) -> [u32; LANES] {
        zip(a, b, u32::wrapping_sub)
    }

    #[inline(always)]
    fn mul_ints(self, a: [u32; LANES], b: [u32; LANES]) -> [u32; LANES] {
        zip(a, b, u32::wrapping_mul)
    }

    #[inline(always)]
    fn dot_pairs(self, sum: [f32; LANES], a: [u32; LANES], b: [u32; LANES]) -> [f32; LANES] {
        std::array::from_fn(|lane| {
            let ([a0, a1], [b0, b1]) = (pair(a[lane]), pair(b[lane]));
            sum[lane] + a0 * b0 + a1 * b1
        })
    }

    #[inline(always)]
    fn dot_bytes(self, sum: [u32; LANES], a: [u32; LANES], b: [u32; LANES]) -> [u32; LANES] {
        std::array::from_fn(|lane| {
            let pairs = a[lane].to_le_bytes().into_iter().zip(b[lane].to_le_bytes());
            let dot: i32 = pairs.map(|(a, b)| i32::from(a) * i32::from(b as i8)).sum();
            sum[lane].wrapping_add(dot as u32)
        })
    }

    #[inline(always)]
    fn pairs_from_floats(self, parts: [[f32; LANES]; 2]) -> [u32; LANES] {
        let bits = |place: usize| bf16_bits(parts[place / LANES][place % LANES]);
        std::array::from_fn(|word| bits(2 * word) | bits(2 * word + 1) << 16)
    }

    #[inline(always)]
    fn pairs_across(self, [first, second]: [[f32; LANES]; 2]) -> [u32; LANES] {
        zip(first, second, |first, second| bf16_bits(first) | bf16_bits(second) << 16)
    }

    #[inline(always)]
    fn bytes_from_floats(self, parts: [[f32; LANES]; 4]) -> [u32; LANES] {
        let byte = |place: usize| parts[place / LANES][place % LANES].round_ties_even() as u8;
        std::array::from_fn(|word| u32::from_le_bytes(std::array::from_fn(|i| byte(4 * word + i))))
    }

    #[inline(always)]
    fn prefetch<T>(self, _: &Line<T>) {}
}
