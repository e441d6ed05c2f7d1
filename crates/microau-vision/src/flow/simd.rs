//! The one place where wide registers are asked for.
//!
//! [`wide!`] compiles a loop twice, for the base instruction set of the target and for AVX2, and picks one at run time.
//! No intrinsics: the compiler vectorises the same Rust. Nothing is fused or reordered, so both give the same bits.

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
                // SAFETY: the processor was just found to have AVX2.
                #[allow(unsafe_code)]
                return unsafe { avx2($($arg),*) };
            }
            base($($arg),*)
        }
    )*};
}
pub(super) use wide;

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
