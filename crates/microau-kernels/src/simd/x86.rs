//! Vectors of x86: one 512-bit register, or two of 256 bits.

use std::arch::x86_64::*;

use super::{Kernel, LANES, Level, Line, Scalar, Simd};

/// Whether the processor has a level.
pub(super) fn has(level: Level) -> bool {
    let avx2 = || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = || {
        avx2()
            && is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
    };
    let bytes = || avx512() && is_x86_feature_detected!("avx512vnni");
    match level {
        Level::Scalar => true,
        Level::Neon => false,
        Level::Avx2 => avx2(),
        Level::AvxVnni => avx2() && is_x86_feature_detected!("avxvnni"),
        Level::Avx512 => avx512(),
        Level::Avx512Vnni => bytes(),
        Level::Avx512Bf16 => bytes() && is_x86_feature_detected!("avx512bf16"),
    }
}

/// Declares a token, the function that compiles a kernel with its features, and how to run that.
macro_rules! levels {
    ($($level:ident $run:ident $features:literal)*) => {
        $(
            /// Proof that the processor has the level of this name: only `run` makes one, after it was asked.
            #[derive(Clone, Copy, Debug)]
            pub(super) struct $level(());

            /// # Safety
            /// The processor must have the features, which `simd` proves.
            #[target_feature(enable = $features)]
            unsafe fn $run<K: Kernel>(simd: $level, kernel: K) -> K::Output {
                kernel.run(simd)
            }
        )*

        /// Runs a kernel at a level, or with scalars when the processor lacks it.
        #[inline]
        pub(super) fn run<K: Kernel>(level: Level, kernel: K) -> K::Output {
            match level {
                // SAFETY: the processor was just found to have the features.
                $(Level::$level if has(level) => unsafe { $run($level(()), kernel) },)*
                _ => kernel.run(Scalar),
            }
        }
    };
}

levels! {
    Avx2 run_avx2 "avx2,fma"
    AvxVnni run_avx_vnni "avx2,fma,avxvnni"
    Avx512 run_avx512 "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"
    Avx512Vnni run_avx512_vnni "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"
    Avx512Bf16 run_avx512_bf16 "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16"
}

/// Methods of [`Simd`] whose bodies are intrinsics.
macro_rules! methods {
    ($(fn $name:ident $(<$t:ident>)? ($($arg:ident: $ty:ty),*) -> $out:ty $body:block)*) => {$(
        #[inline(always)]
        fn $name $(<$t>)? (self, $($arg: $ty),*) -> $out {
            // SAFETY: `self` proves the features; a line is aligned and holds all that is read or written.
            unsafe { $body }
        }
    )*};
}

/// Implements [`Simd`] with one 512-bit register a vector.
macro_rules! one_register {
    ($token:ty, $dot_pairs:ident, $dot_bytes:ident, $pairs:ident) => {
        impl Simd for $token {
            type Floats = __m512;
            type Words = __m512i;
            const WIDE: bool = true;

            methods! {
                fn splat(value: f32) -> __m512 { _mm512_set1_ps(value) }
                fn load(from: &Line<f32>) -> __m512 { _mm512_load_ps(from.0.as_ptr()) }
                fn store(v: __m512, to: &mut Line<f32>) -> () { _mm512_store_ps(to.0.as_mut_ptr(), v) }
                fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 { _mm512_fmadd_ps(a, b, c) }
                fn add(a: __m512, b: __m512) -> __m512 { _mm512_add_ps(a, b) }
                fn sub(a: __m512, b: __m512) -> __m512 { _mm512_sub_ps(a, b) }
                fn mul(a: __m512, b: __m512) -> __m512 { _mm512_mul_ps(a, b) }
                fn div(a: __m512, b: __m512) -> __m512 { _mm512_div_ps(a, b) }
                fn max(a: __m512, b: __m512) -> __m512 { _mm512_max_ps(a, b) }
                fn min(a: __m512, b: __m512) -> __m512 { _mm512_min_ps(a, b) }
                fn round(a: __m512) -> __m512 {
                    _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a)
                }
                fn power_of_two(n: __m512) -> __m512 {
                    let exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
                    _mm512_castsi512_ps(_mm512_slli_epi32::<23>(exponent))
                }
                fn total(a: __m512) -> f32 { _mm512_reduce_add_ps(a) }
                fn highest(a: __m512) -> f32 { _mm512_reduce_max_ps(a) }
                fn splat_word(word: u32) -> __m512i { _mm512_set1_epi32(word as i32) }
                fn load_words(from: &Line<u32>) -> __m512i { _mm512_load_si512(from.0.as_ptr().cast()) }
                fn store_words(v: __m512i, to: &mut Line<u32>) -> () {
                    _mm512_store_si512(to.0.as_mut_ptr().cast(), v)
                }
                fn floats_from_bits(words: __m512i) -> __m512 { _mm512_castsi512_ps(words) }
                fn bits_from_floats(floats: __m512) -> __m512i { _mm512_castps_si512(floats) }
                fn floats_from_ints(ints: __m512i) -> __m512 { _mm512_cvtepi32_ps(ints) }
                fn sub_ints(a: __m512i, b: __m512i) -> __m512i { _mm512_sub_epi32(a, b) }
                fn mul_ints(a: __m512i, b: __m512i) -> __m512i { _mm512_mullo_epi32(a, b) }
                fn dot_pairs(sum: __m512, a: __m512i, b: __m512i) -> __m512 { $dot_pairs(sum, a, b) }
                fn dot_bytes(sum: __m512i, a: __m512i, b: __m512i) -> __m512i { $dot_bytes(sum, a, b) }
                fn pairs_from_floats(parts: [__m512; 2]) -> __m512i { $pairs(parts) }
                fn pairs_across(rows: [__m512; 2]) -> __m512i {
                    // [0 … 15, 16 … 31] in 16-bit lanes → [0, 16, 1, 17, …]
                    let apart = $pairs(rows);
                    let order = _mm512_cvtepu16_epi32(_mm256_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
                    let order = _mm512_add_epi32(order, _mm512_slli_epi32::<16>(_mm512_add_epi32(order, _mm512_set1_epi32(16))));
                    _mm512_permutexvar_epi16(order, apart)
                }
                fn bytes_from_floats(parts: [__m512; 4]) -> __m512i {
                    let [a, b, c, d] = parts.map(|part| _mm512_cvtusepi32_epi8(_mm512_cvtps_epi32(part)));
                    let lower = _mm256_set_m128i(b, a);
                    _mm512_inserti64x4::<1>(_mm512_castsi256_si512(lower), _mm256_set_m128i(d, c))
                }
                fn transpose(square: &[Line<u32>; LANES]) -> [Line<u32>; LANES] { transpose_16(square) }
                fn prefetch<T>(line: &Line<T>) -> () { _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(line).cast()) }
            }
        }
    };
}

one_register!(Avx512, pairs_by_halves, bytes_by_halves, rounded_pairs);
one_register!(Avx512Vnni, pairs_by_halves, _mm512_dpbusd_epi32, rounded_pairs);
one_register!(Avx512Bf16, dot_bf16, _mm512_dpbusd_epi32, converted_pairs);

/// # Safety
/// AVX512-BF16.
#[inline(always)]
unsafe fn dot_bf16(sum: __m512, a: __m512i, b: __m512i) -> __m512 {
    // SAFETY: the caller has the features; both types are 64 bytes of plain bits.
    unsafe {
        _mm512_dpbf16_ps(sum, std::mem::transmute::<__m512i, __m512bh>(a), std::mem::transmute::<__m512i, __m512bh>(b))
    }
}

/// # Safety
/// AVX512-BF16.
#[inline(always)]
unsafe fn converted_pairs([low, high]: [__m512; 2]) -> __m512i {
    // SAFETY: the caller has the features; both types are 64 bytes of plain bits.
    unsafe { std::mem::transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(high, low)) }
}

/// Products of pairs as two of floats.
///
/// # Safety
/// AVX-512F.
#[inline(always)]
unsafe fn pairs_by_halves(sum: __m512, a: __m512i, b: __m512i) -> __m512 {
    // SAFETY: the caller has the features.
    unsafe {
        let lower = |x| _mm512_castsi512_ps(_mm512_slli_epi32::<16>(x));
        let upper = |x| _mm512_castsi512_ps(_mm512_and_si512(x, _mm512_set1_epi32(0xffff_0000_u32 as i32)));
        let sum = _mm512_fmadd_ps(lower(a), lower(b), sum);
        _mm512_fmadd_ps(upper(a), upper(b), sum)
    }
}

/// Products of bytes as those of the even and of the odd ones, in 16 bits.
///
/// # Safety
/// AVX-512BW.
#[inline(always)]
unsafe fn bytes_by_halves(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    // SAFETY: the caller has the features.
    unsafe {
        let a_even = _mm512_and_si512(a, _mm512_set1_epi16(0xff));
        let b_even = _mm512_srai_epi16::<8>(_mm512_slli_epi16::<8>(b));
        let even = _mm512_madd_epi16(a_even, b_even);
        let odd = _mm512_madd_epi16(_mm512_srli_epi16::<8>(a), _mm512_srai_epi16::<8>(b));
        _mm512_add_epi32(sum, _mm512_add_epi32(even, odd))
    }
}

/// # Safety
/// AVX-512BW.
#[inline(always)]
unsafe fn rounded_pairs(parts: [__m512; 2]) -> __m512i {
    // SAFETY: the caller has the features.
    unsafe {
        let half = |part: __m512| {
            let bits = _mm512_castps_si512(part);
            let odd = _mm512_and_si512(_mm512_srli_epi32::<16>(bits), _mm512_set1_epi32(1));
            let rounded = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
            _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(rounded))
        };
        let [low, high] = parts.map(half);
        _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
    }
}

/// Rows of a square as columns: first within the four quarters of each register, then among these.
///
/// # Safety
/// AVX-512F.
#[inline(always)]
unsafe fn transpose_16(square: &[Line<u32>; LANES]) -> [Line<u32>; LANES] {
    let mut columns = [Line::<u32>::default(); LANES];
    // SAFETY: the caller has the features; a line is aligned and holds all that is read or written.
    unsafe {
        let mut quarters = [_mm512_setzero_si512(); LANES];
        for four in 0..4 {
            let row = |i: usize| _mm512_load_si512(square[4 * four + i].0.as_ptr().cast());
            let (low, high) = (_mm512_unpacklo_epi32(row(0), row(1)), _mm512_unpackhi_epi32(row(0), row(1)));
            let (low_next, high_next) = (_mm512_unpacklo_epi32(row(2), row(3)), _mm512_unpackhi_epi32(row(2), row(3)));
            quarters[4 * four] = _mm512_unpacklo_epi64(low, low_next);
            quarters[4 * four + 1] = _mm512_unpackhi_epi64(low, low_next);
            quarters[4 * four + 2] = _mm512_unpacklo_epi64(high, high_next);
            quarters[4 * four + 3] = _mm512_unpackhi_epi64(high, high_next);
        }
        const EVEN: i32 = 0b10_00_10_00;
        const ODD: i32 = 0b11_01_11_01;
        for i in 0..4 {
            let [a, b, c, d] = [quarters[i], quarters[4 + i], quarters[8 + i], quarters[12 + i]];
            let even = [_mm512_shuffle_i32x4::<EVEN>(a, b), _mm512_shuffle_i32x4::<EVEN>(c, d)];
            let odd = [_mm512_shuffle_i32x4::<ODD>(a, b), _mm512_shuffle_i32x4::<ODD>(c, d)];
            let mut store = |quarter: usize, v| _mm512_store_si512(columns[4 * quarter + i].0.as_mut_ptr().cast(), v);
            store(0, _mm512_shuffle_i32x4::<EVEN>(even[0], even[1]));
            store(1, _mm512_shuffle_i32x4::<EVEN>(odd[0], odd[1]));
            store(2, _mm512_shuffle_i32x4::<ODD>(even[0], even[1]));
            store(3, _mm512_shuffle_i32x4::<ODD>(odd[0], odd[1]));
        }
    }
    columns
}

/// Applies an expression to both registers of a vector.
macro_rules! both {
    (|$part:ident| $value:expr) => {
        [
            {
                let $part = 0;
                $value
            },
            {
                let $part = 1;
                $value
            },
        ]
    };
}

/// Implements [`Simd`] with two 256-bit registers a vector.
macro_rules! two_registers {
    ($token:ty, $dot_bytes:ident) => {
        impl Simd for $token {
            type Floats = [__m256; 2];
            type Words = [__m256i; 2];
            const WIDE: bool = false;

            methods! {
                fn splat(value: f32) -> [__m256; 2] { [_mm256_set1_ps(value); 2] }
                fn load(from: &Line<f32>) -> [__m256; 2] { both!(|i| _mm256_load_ps(from.0.as_ptr().add(8 * i))) }
                fn store(v: [__m256; 2], to: &mut Line<f32>) -> () {
                    both!(|i| _mm256_store_ps(to.0.as_mut_ptr().add(8 * i), v[i]));
                }
                fn mul_add(a: [__m256; 2], b: [__m256; 2], c: [__m256; 2]) -> [__m256; 2] {
                    both!(|i| _mm256_fmadd_ps(a[i], b[i], c[i]))
                }
                fn add(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] { both!(|i| _mm256_add_ps(a[i], b[i])) }
                fn sub(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] { both!(|i| _mm256_sub_ps(a[i], b[i])) }
                fn mul(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] { both!(|i| _mm256_mul_ps(a[i], b[i])) }
                fn div(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] { both!(|i| _mm256_div_ps(a[i], b[i])) }
                fn max(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] { both!(|i| _mm256_max_ps(a[i], b[i])) }
                fn min(a: [__m256; 2], b: [__m256; 2]) -> [__m256; 2] { both!(|i| _mm256_min_ps(a[i], b[i])) }
                fn round(a: [__m256; 2]) -> [__m256; 2] {
                    both!(|i| _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a[i]))
                }
                fn power_of_two(n: [__m256; 2]) -> [__m256; 2] {
                    both!(|i| {
                        let exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n[i]), _mm256_set1_epi32(127));
                        _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent))
                    })
                }
                fn total(a: [__m256; 2]) -> f32 { lanes(_mm256_add_ps(a[0], a[1])).iter().sum() }
                fn highest(a: [__m256; 2]) -> f32 {
                    lanes(_mm256_max_ps(a[0], a[1])).into_iter().fold(f32::NEG_INFINITY, f32::max)
                }
                fn splat_word(word: u32) -> [__m256i; 2] { [_mm256_set1_epi32(word as i32); 2] }
                fn load_words(from: &Line<u32>) -> [__m256i; 2] {
                    both!(|i| _mm256_load_si256(from.0.as_ptr().add(8 * i).cast()))
                }
                fn store_words(v: [__m256i; 2], to: &mut Line<u32>) -> () {
                    both!(|i| _mm256_store_si256(to.0.as_mut_ptr().add(8 * i).cast(), v[i]));
                }
                fn floats_from_bits(words: [__m256i; 2]) -> [__m256; 2] { both!(|i| _mm256_castsi256_ps(words[i])) }
                fn bits_from_floats(floats: [__m256; 2]) -> [__m256i; 2] { both!(|i| _mm256_castps_si256(floats[i])) }
                fn floats_from_ints(ints: [__m256i; 2]) -> [__m256; 2] { both!(|i| _mm256_cvtepi32_ps(ints[i])) }
                fn sub_ints(a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] { both!(|i| _mm256_sub_epi32(a[i], b[i])) }
                fn mul_ints(a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
                    both!(|i| _mm256_mullo_epi32(a[i], b[i]))
                }
                fn dot_pairs(sum: [__m256; 2], a: [__m256i; 2], b: [__m256i; 2]) -> [__m256; 2] {
                    both!(|i| {
                        let lower = |x| _mm256_castsi256_ps(_mm256_slli_epi32::<16>(x));
                        let upper = |x| _mm256_castsi256_ps(_mm256_and_si256(x, _mm256_set1_epi32(0xffff_0000_u32 as i32)));
                        _mm256_fmadd_ps(upper(a[i]), upper(b[i]), _mm256_fmadd_ps(lower(a[i]), lower(b[i]), sum[i]))
                    })
                }
                fn dot_bytes(sum: [__m256i; 2], a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] {
                    both!(|i| $dot_bytes(sum[i], a[i], b[i]))
                }
                fn pairs_from_floats(parts: [[__m256; 2]; 2]) -> [__m256i; 2] {
                    parts.map(|[low, high]| {
                        let packed = _mm256_packus_epi32(rounded_halves(low), rounded_halves(high));
                        _mm256_permute4x64_epi64::<0b11_01_10_00>(packed)
                    })
                }
                fn pairs_across(rows: [[__m256; 2]; 2]) -> [__m256i; 2] {
                    both!(|i| {
                        let second = _mm256_slli_epi32::<16>(rounded_halves(rows[1][i]));
                        _mm256_or_si256(rounded_halves(rows[0][i]), second)
                    })
                }
                fn bytes_from_floats(parts: [[__m256; 2]; 4]) -> [__m256i; 2] {
                    both!(|i| {
                        let [a, b] = [parts[2 * i], parts[2 * i + 1]].map(|[low, high]| {
                            _mm256_packus_epi32(_mm256_cvtps_epi32(low), _mm256_cvtps_epi32(high))
                        });
                        let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
                        _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), order)
                    })
                }
                fn prefetch<T>(line: &Line<T>) -> () { _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(line).cast()) }
            }
        }
    };
}

two_registers!(Avx2, bytes_by_halves_256);
two_registers!(AvxVnni, _mm256_dpbusd_avx_epi32);

/// As [`bytes_by_halves`].
///
/// # Safety
/// AVX2.
#[inline(always)]
unsafe fn bytes_by_halves_256(sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
    // SAFETY: the caller has the features.
    unsafe {
        let a_even = _mm256_and_si256(a, _mm256_set1_epi16(0xff));
        let b_even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(b));
        let even = _mm256_madd_epi16(a_even, b_even);
        let odd = _mm256_madd_epi16(_mm256_srli_epi16::<8>(a), _mm256_srai_epi16::<8>(b));
        _mm256_add_epi32(sum, _mm256_add_epi32(even, odd))
    }
}

/// The upper halves of floats, rounded to nearest, in the lower halves of their lanes.
///
/// # Safety
/// AVX2.
#[inline(always)]
unsafe fn rounded_halves(part: __m256) -> __m256i {
    // SAFETY: the caller has the features.
    unsafe {
        let bits = _mm256_castps_si256(part);
        let odd = _mm256_and_si256(_mm256_srli_epi32::<16>(bits), _mm256_set1_epi32(1));
        let rounded = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
        _mm256_srli_epi32::<16>(rounded)
    }
}

/// # Safety
/// AVX.
#[inline(always)]
unsafe fn lanes(v: __m256) -> [f32; LANES / 2] {
    let mut lanes = [0.0; LANES / 2];
    // SAFETY: the caller has the feature; the array holds the lanes written, and no alignment is asked for.
    unsafe { _mm256_storeu_ps(lanes.as_mut_ptr(), v) };
    lanes
}
