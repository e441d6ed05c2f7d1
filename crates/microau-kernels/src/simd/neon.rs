//! Vectors of ARM: four registers make 16 lanes. NEON belongs to every 64-bit ARM, so no token has to be asked for.

use std::arch::aarch64::*;

use super::{Kernel, LANES, Level, Line, Scalar, Simd};

/// Four registers of four lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neon;

/// Runs a kernel at a level.
pub(super) fn run<K: Kernel>(level: Level, kernel: K) -> K::Output {
    if level == Level::Neon { kernel.run(Neon) } else { kernel.run(Scalar) }
}

/// Applies intrinsics to each of the four registers.
macro_rules! each {
    (|$part:ident| $value:expr) => {{
        // SAFETY: NEON belongs to every 64-bit ARM; no memory is read or written but what the methods below say.
        unsafe {
            [
                {
                    let $part = 0;
                    $value
                },
                {
                    let $part = 1;
                    $value
                },
                {
                    let $part = 2;
                    $value
                },
                {
                    let $part = 3;
                    $value
                },
            ]
        }
    }};
}

/// Sums of products of unsigned by signed bytes, four a lane.
#[inline(always)]
fn dot_bytes(sum: uint32x4_t, a: uint32x4_t, b: uint32x4_t) -> uint32x4_t {
    // SAFETY: as in `each`; registers alone.
    unsafe {
        let (a, b) = (vreinterpretq_u8_u32(a), vreinterpretq_s8_u32(b));
        let low = (vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(a))), vmovl_s8(vget_low_s8(b)));
        let high = (vreinterpretq_s16_u16(vmovl_high_u8(a)), vmovl_high_s8(b));
        let half = |(a, b): (int16x8_t, int16x8_t)| {
            let (first, second) = (vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
            vpaddq_s32(first, second)
        };
        vaddq_u32(sum, vreinterpretq_u32_s32(vpaddq_s32(half(low), half(high))))
    }
}

impl Simd for Neon {
    type Floats = [float32x4_t; 4];
    type Words = [uint32x4_t; 4];
    const WIDE: bool = false;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::Floats {
        each!(|_part| vdupq_n_f32(value))
    }

    #[inline(always)]
    fn load(self, from: &Line<f32>) -> Self::Floats {
        each!(|part| vld1q_f32(from.0.as_ptr().add(4 * part)))
    }

    #[inline(always)]
    fn store(self, v: Self::Floats, to: &mut Line<f32>) {
        each!(|part| vst1q_f32(to.0.as_mut_ptr().add(4 * part), v[part]));
    }

    #[inline(always)]
    fn mul_add(self, a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        each!(|part| vfmaq_f32(c[part], a[part], b[part]))
    }

    #[inline(always)]
    fn add(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each!(|part| vaddq_f32(a[part], b[part]))
    }

    #[inline(always)]
    fn sub(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each!(|part| vsubq_f32(a[part], b[part]))
    }

    #[inline(always)]
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each!(|part| vmulq_f32(a[part], b[part]))
    }

    #[inline(always)]
    fn div(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each!(|part| vdivq_f32(a[part], b[part]))
    }

    #[inline(always)]
    fn max(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each!(|part| vmaxq_f32(a[part], b[part]))
    }

    #[inline(always)]
    fn min(self, a: Self::Floats, b: Self::Floats) -> Self::Floats {
        each!(|part| vminq_f32(a[part], b[part]))
    }

    #[inline(always)]
    fn round(self, a: Self::Floats) -> Self::Floats {
        each!(|part| vrndnq_f32(a[part]))
    }

    #[inline(always)]
    fn power_of_two(self, n: Self::Floats) -> Self::Floats {
        each!(|part| {
            let exponent = vaddq_s32(vcvtq_s32_f32(n[part]), vdupq_n_s32(127));
            vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent))
        })
    }

    #[inline(always)]
    fn total(self, a: Self::Floats) -> f32 {
        each!(|part| vaddvq_f32(a[part])).iter().sum()
    }

    #[inline(always)]
    fn highest(self, a: Self::Floats) -> f32 {
        each!(|part| vmaxvq_f32(a[part])).into_iter().fold(f32::NEG_INFINITY, f32::max)
    }

    #[inline(always)]
    fn splat_word(self, word: u32) -> Self::Words {
        each!(|_part| vdupq_n_u32(word))
    }

    #[inline(always)]
    fn load_words(self, from: &Line<u32>) -> Self::Words {
        each!(|part| vld1q_u32(from.0.as_ptr().add(4 * part)))
    }

    #[inline(always)]
    fn store_words(self, v: Self::Words, to: &mut Line<u32>) {
        each!(|part| vst1q_u32(to.0.as_mut_ptr().add(4 * part), v[part]));
    }

    #[inline(always)]
    fn floats_from_bits(self, words: Self::Words) -> Self::Floats {
        each!(|part| vreinterpretq_f32_u32(words[part]))
    }

    #[inline(always)]
    fn bits_from_floats(self, floats: Self::Floats) -> Self::Words {
        each!(|part| vreinterpretq_u32_f32(floats[part]))
    }

    #[inline(always)]
    fn floats_from_ints(self, ints: Self::Words) -> Self::Floats {
        each!(|part| vcvtq_f32_s32(vreinterpretq_s32_u32(ints[part])))
    }

    #[inline(always)]
    fn sub_ints(self, a: Self::Words, b: Self::Words) -> Self::Words {
        each!(|part| vsubq_u32(a[part], b[part]))
    }

    #[inline(always)]
    fn mul_ints(self, a: Self::Words, b: Self::Words) -> Self::Words {
        each!(|part| vmulq_u32(a[part], b[part]))
    }

    #[inline(always)]
    fn dot_pairs(self, sum: Self::Floats, a: Self::Words, b: Self::Words) -> Self::Floats {
        each!(|part| {
            let lower = |x: uint32x4_t| vreinterpretq_f32_u32(vshlq_n_u32::<16>(x));
            let upper = |x: uint32x4_t| vreinterpretq_f32_u32(vandq_u32(x, vdupq_n_u32(0xffff_0000)));
            let sum = vfmaq_f32(sum[part], lower(a[part]), lower(b[part]));
            vfmaq_f32(sum, upper(a[part]), upper(b[part]))
        })
    }

    #[inline(always)]
    fn dot_bytes(self, sum: Self::Words, a: Self::Words, b: Self::Words) -> Self::Words {
        std::array::from_fn(|part| dot_bytes(sum[part], a[part], b[part]))
    }

    #[inline(always)]
    fn pairs_from_floats(self, parts: [Self::Floats; 2]) -> Self::Words {
        words(Scalar.pairs_from_floats(parts.map(lanes)))
    }

    #[inline(always)]
    fn pairs_across(self, rows: [Self::Floats; 2]) -> Self::Words {
        words(Scalar.pairs_across(rows.map(lanes)))
    }

    #[inline(always)]
    fn bytes_from_floats(self, parts: [Self::Floats; 4]) -> Self::Words {
        words(Scalar.bytes_from_floats(parts.map(lanes)))
    }

    #[inline(always)]
    fn prefetch<T>(self, _: &Line<T>) {}
}

fn lanes(v: [float32x4_t; 4]) -> [f32; LANES] {
    let mut line = Line::default();
    Neon.store(v, &mut line);
    line.0
}

fn words(words: [u32; LANES]) -> [uint32x4_t; 4] {
    Neon.load_words(&Line(words))
}
