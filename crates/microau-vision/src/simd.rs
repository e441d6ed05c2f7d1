//! Wide registers: the only `unsafe` code of this crate.
//!
//! Two ways to them. A kernel over [`Simd`] names its vectors, of 8 or 16 floats, and may fuse multiplication with addition;
//! [`run`] picks the widest of this processor. [`wide!`] compiles an ordinary loop once more for AVX2 and leaves the rest to
//! the compiler, which neither fuses nor reorders: both give the same bits.
//!
//! A value of [`Avx2`] or [`Avx512`] exists only after the processor was asked, so its methods are safe to call.
//! [`Scalar`] is the twin that the others are tested against, and what other architectures run; compilers turn its
//! loops into their own vectors.

#![allow(unsafe_code)] // processor intrinsics, and the calls that enable them

/// Vectors of [`Simd::LANES`] floats.
pub trait Simd: Copy {
    /// Floats in a vector: 8 or 16.
    const LANES: usize;
    /// A vector.
    type V: Copy;

    /// The same value in all lanes.
    fn splat(self, value: f32) -> Self::V;
    /// The first lanes of a slice.
    ///
    /// # Panics
    /// When the slice is shorter than a vector.
    fn load(self, from: &[f32]) -> Self::V;
    /// Writes the lanes to the start of a slice.
    ///
    /// # Panics
    /// When the slice is shorter than a vector.
    fn store(self, v: Self::V, to: &mut [f32]);
    /// `a b + c`, rounded once where the processor can.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// Lane by lane sum.
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// Lane by lane maximum.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// Lane by lane minimum.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
}

/// A computation over vectors of some width.
pub trait Kernel {
    /// Does it.
    fn run<S: Simd>(self, simd: S);
}

/// What the vectors are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Arrays of 8 floats.
    Scalar,
    /// 256-bit vectors with FMA.
    Avx2,
    /// 512-bit vectors.
    Avx512,
}

impl Level {
    /// The levels that this processor has, the widest last.
    pub fn available() -> Vec<Level> {
        let mut levels = vec![Level::Scalar];
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(Avx2::new().map(|_| Level::Avx2));
            levels.extend(Avx512::new().map(|_| Level::Avx512));
        }
        levels
    }

    /// The widest level of this processor.
    pub fn best() -> Level {
        static BEST: std::sync::OnceLock<Level> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| Level::available().last().copied().unwrap_or(Level::Scalar))
    }
}

/// Runs a kernel with vectors of 8 floats (`Level::Avx512` gives AVX2), for rows padded to 8 only.
#[inline]
pub fn run_narrow(level: Level, kernel: impl Kernel) {
    run(if level == Level::Avx512 { Level::Avx2 } else { level }, kernel);
}

/// Runs a kernel at a level, or with scalars when the processor lacks it.
#[inline]
pub fn run(level: Level, kernel: impl Kernel) {
    #[cfg(target_arch = "x86_64")]
    match level {
        Level::Avx2 => {
            if let Some(simd) = Avx2::new() {
                // SAFETY: the token proves that the processor has AVX2 and FMA.
                return unsafe { run_avx2(simd, kernel) };
            }
        }
        Level::Avx512 => {
            if let Some(simd) = Avx512::new() {
                // SAFETY: the token proves that the processor has AVX-512F, AVX2 and FMA.
                return unsafe { run_avx512(simd, kernel) };
            }
        }
        Level::Scalar => {}
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = level;
    kernel.run(Scalar);
}

/// Vectors as arrays.
#[derive(Clone, Copy, Debug)]
pub struct Scalar;

impl Scalar {
    #[inline(always)]
    fn zip(a: [f32; 8], b: [f32; 8], f: impl Fn(f32, f32) -> f32) -> [f32; 8] {
        std::array::from_fn(|lane| f(a[lane], b[lane]))
    }
}

impl Simd for Scalar {
    const LANES: usize = 8;
    type V = [f32; 8];

    #[inline(always)]
    fn splat(self, value: f32) -> [f32; 8] {
        [value; 8]
    }

    #[inline(always)]
    fn load(self, from: &[f32]) -> [f32; 8] {
        let mut v = [0.0; 8];
        v.copy_from_slice(&from[..8]);
        v
    }

    #[inline(always)]
    fn store(self, v: [f32; 8], to: &mut [f32]) {
        to[..8].copy_from_slice(&v);
    }

    #[inline(always)]
    fn mul_add(self, a: [f32; 8], b: [f32; 8], c: [f32; 8]) -> [f32; 8] {
        // Without hardware for it `f32::mul_add` is a slow library call.
        let fused = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
        std::array::from_fn(|i| if fused { a[i].mul_add(b[i], c[i]) } else { a[i] * b[i] + c[i] })
    }

    #[inline(always)]
    fn add(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        Scalar::zip(a, b, |x, y| x + y)
    }

    #[inline(always)]
    fn max(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        Scalar::zip(a, b, |x, y| if x > y { x } else { y })
    }

    #[inline(always)]
    fn min(self, a: [f32; 8], b: [f32; 8]) -> [f32; 8] {
        Scalar::zip(a, b, |x, y| if x < y { x } else { y })
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};
#[cfg(target_arch = "x86_64")]
use x86::{run_avx2, run_avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Kernel, Simd};

    /// Proof that the processor has AVX2 and FMA.
    #[derive(Clone, Copy, Debug)]
    pub struct Avx2(());

    /// Proof that the processor has AVX-512F, AVX2 and FMA.
    #[derive(Clone, Copy, Debug)]
    pub struct Avx512(());

    impl Avx2 {
        /// The proof, when it is true.
        #[inline]
        pub fn new() -> Option<Avx2> {
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Avx2(()))
        }
    }

    impl Avx512 {
        /// The proof, when it is true.
        #[inline]
        pub fn new() -> Option<Avx512> {
            (is_x86_feature_detected!("avx512f") && Avx2::new().is_some()).then_some(Avx512(()))
        }
    }

    /// # Safety
    /// The processor must have the features, which `simd` proves.
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn run_avx2<K: Kernel>(simd: Avx2, kernel: K) {
        kernel.run(simd);
    }

    /// # Safety
    /// The processor must have the features, which `simd` proves.
    #[target_feature(enable = "avx512f,avx2,fma")]
    pub(super) unsafe fn run_avx512<K: Kernel>(simd: Avx512, kernel: K) {
        kernel.run(simd);
    }

    macro_rules! vectors {
        ($token:ty, $lanes:literal, $v:ty, $splat:ident, $load:ident, $store:ident, $fma:ident, $add:ident, $max:ident, $min:ident) => {
            impl Simd for $token {
                const LANES: usize = $lanes;
                type V = $v;

                #[inline(always)]
                fn splat(self, value: f32) -> $v {
                    // SAFETY: `self` proves the features.
                    unsafe { $splat(value) }
                }

                #[inline(always)]
                fn load(self, from: &[f32]) -> $v {
                    let from = &from[..$lanes];
                    // SAFETY: `self` proves the features; the slice holds the lanes read; no alignment is asked for.
                    unsafe { $load(from.as_ptr()) }
                }

                #[inline(always)]
                fn store(self, v: $v, to: &mut [f32]) {
                    let to = &mut to[..$lanes];
                    // SAFETY: `self` proves the features; the slice holds the lanes written; no alignment is asked for.
                    unsafe { $store(to.as_mut_ptr(), v) }
                }

                #[inline(always)]
                fn mul_add(self, a: $v, b: $v, c: $v) -> $v {
                    // SAFETY: `self` proves the features.
                    unsafe { $fma(a, b, c) }
                }

                #[inline(always)]
                fn add(self, a: $v, b: $v) -> $v {
                    // SAFETY: `self` proves the features.
                    unsafe { $add(a, b) }
                }

                #[inline(always)]
                fn max(self, a: $v, b: $v) -> $v {
                    // SAFETY: `self` proves the features.
                    unsafe { $max(a, b) }
                }

                #[inline(always)]
                fn min(self, a: $v, b: $v) -> $v {
                    // SAFETY: `self` proves the features.
                    unsafe { $min(a, b) }
                }
            }
        };
    }

    vectors!(
        Avx2,
        8,
        __m256,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_fmadd_ps,
        _mm256_add_ps,
        _mm256_max_ps,
        _mm256_min_ps
    );
    vectors!(
        Avx512,
        16,
        __m512,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_add_ps,
        _mm512_max_ps,
        _mm512_min_ps
    );
}

/// Declares functions whose loops are compiled for AVX2 as well, where the processor has it.
macro_rules! wide {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $body:block)*) => {$(
        $(#[$meta])*
        #[allow(clippy::too_many_arguments)]
        $vis fn $name($($arg: $ty),*) {
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            fn base($($arg: $ty),*) $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            #[allow(clippy::too_many_arguments)]
            fn avx2($($arg: $ty),*) {
                base($($arg),*)
            }

            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                #[allow(unsafe_code, clippy::undocumented_unsafe_blocks)] // lints look where the macro is used
                // SAFETY: the processor was just found to have AVX2.
                return unsafe { avx2($($arg),*) };
            }
            base($($arg),*)
        }
    )*};
}
pub(crate) use wide;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    wide! {
        fn blend(a: &[f32], b: &[f32], out: &mut [f32]) {
            for ((o, &a), &b) in out.iter_mut().zip(a).zip(b) {
                *o = 0.3 * a - b / (1.0 + a * a).sqrt();
            }
        }
    }

    proptest! {
        #[test]
        fn wide_and_scalar_code_give_the_same_bits(pairs in prop::collection::vec((-1e3_f32..1e3, -1e3_f32..1e3), 0..70)) {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.iter().copied().unzip();
            let mut out = vec![0.0; a.len()];
            blend(&a, &b, &mut out);
            for (&(a, b), o) in pairs.iter().zip(out) {
                // one value at a time: the compiler cannot widen this
                let scalar = std::hint::black_box(0.3 * a - b / (1.0 + a * a).sqrt());
                prop_assert_eq!(o.to_bits(), scalar.to_bits());
            }
        }
    }
}
