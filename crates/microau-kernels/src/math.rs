//! Exponential and GELU, lane by lane.

use crate::simd::Simd;

/// ln 2 in two parts: the first has few enough bits that its multiples are exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// Below this the exponential is taken to be `e^−87`, near the smallest normal float.
const LOWEST: f32 = -87.0;
/// Above this it would overflow.
const HIGHEST: f32 = 88.0;

/// `e^x` within 2 units of the last place, for x in [−87, 88] and clamped to that outside.
///
/// `x = n ln 2 + r` with |r| at most half of ln 2; `e^r` by its series, whose seventh term is below 2⁻²³.
#[inline(always)]
pub(crate) fn exp<S: Simd>(simd: S, x: S::Floats) -> S::Floats {
    let x = simd.min(simd.max(x, simd.splat(LOWEST)), simd.splat(HIGHEST));
    let n = simd.round(simd.mul(x, simd.splat(std::f32::consts::LOG2_E)));
    let r = simd.mul_add(n, simd.splat(-LN_2[0]), x);
    let r = simd.mul_add(n, simd.splat(-LN_2[1]), r);
    let mut series = simd.splat(1.0 / 720.0);
    for factorial in [120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        series = simd.mul_add(series, r, simd.splat(1.0 / factorial));
    }
    simd.mul(series, simd.power_of_two(n))
}

/// `x · σ(1.702 x)`, OpenAI's stand-in for GELU.
#[inline(always)]
pub(crate) fn quick_gelu<S: Simd>(simd: S, x: S::Floats) -> S::Floats {
    let decay = exp(simd, simd.mul(x, simd.splat(-1.702)));
    simd.div(x, simd.add(simd.splat(1.0), decay))
}

/// `x · Φ(x)`, with the tail of Φ by formula 7.1.26 of Abramowitz and Stegun's handbook: within 1.5e-7 |x|.
#[inline(always)]
pub(crate) fn gelu<S: Simd>(simd: S, x: S::Floats) -> S::Floats {
    let zero = simd.splat(0.0);
    let size = simd.max(x, simd.sub(zero, x));
    let scaled = simd.mul(size, simd.splat(std::f32::consts::FRAC_1_SQRT_2));
    let t = simd.div(simd.splat(1.0), simd.mul_add(scaled, simd.splat(0.327_591_1), simd.splat(1.0)));
    let mut series = simd.splat(0.5 * 1.061_405_4);
    for factor in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        series = simd.mul_add(series, t, simd.splat(0.5 * factor));
    }
    let tail = simd.mul(simd.mul(series, t), exp(simd, simd.sub(zero, simd.mul(scaled, scaled))));
    simd.sub(simd.max(x, zero), simd.mul(size, tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{Kernel, LANES, Level, Line, run};

    struct Each<'a, F>(F, &'a mut Line<f32>);

    /// A function over vectors.
    trait Function {
        fn apply<S: Simd>(&self, simd: S, x: S::Floats) -> S::Floats;
    }

    impl<F: Function> Kernel for Each<'_, F> {
        type Output = ();

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            simd.store(self.0.apply(simd, simd.load(self.1)), self.1);
        }
    }

    struct Exp;
    impl Function for Exp {
        fn apply<S: Simd>(&self, simd: S, x: S::Floats) -> S::Floats {
            exp(simd, x)
        }
    }

    struct Gelu;
    impl Function for Gelu {
        fn apply<S: Simd>(&self, simd: S, x: S::Floats) -> S::Floats {
            gelu(simd, x)
        }
    }

    struct QuickGelu;
    impl Function for QuickGelu {
        fn apply<S: Simd>(&self, simd: S, x: S::Floats) -> S::Floats {
            quick_gelu(simd, x)
        }
    }

    fn values(level: Level, function: impl Function, x: [f32; LANES]) -> [f32; LANES] {
        let mut line = Line(x);
        run(level, Each(function, &mut line));
        line.0
    }

    #[test]
    fn the_exponential_is_that_of_the_library() {
        for level in Level::available() {
            for step in 0..400 {
                let x: [f32; LANES] = std::array::from_fn(|lane| (step as f32 - 200.0) * 0.435 + lane as f32 * 0.01);
                for (x, y) in x.into_iter().zip(values(level, Exp, x)) {
                    let want = f64::from(x.clamp(LOWEST, HIGHEST)).exp();
                    assert!((f64::from(y) / want - 1.0).abs() < 3e-7, "{level:?}: e^{x} = {want}, got {y}");
                }
            }
        }
    }

    /// `x Φ(x)` by Python's `math.erfc`.
    const GELU: [(f32, f64); LANES] = [
        (-9.5, -9.969789321594591e-21),
        (-6.0, -5.919525870226207e-09),
        (-4.25, -4.542623454347133e-05),
        (-3.0, -0.004049694094890287),
        (-2.0, -0.04550026389635844),
        (-1.0, -0.15865525393145707),
        (-0.75, -0.16997051428265114),
        (-0.5, -0.15426876936299344),
        (-0.1, -0.0460172162722971),
        (-0.001, -0.000499601057786089),
        (0.0, 0.0),
        (0.001, 0.000500398942213911),
        (0.3, 0.18537342665668577),
        (1.0, 0.8413447460685429),
        (2.5, 2.4844758366855597),
        (7.0, 6.999999999991041),
    ];

    #[test]
    fn gelu_is_that_of_another_library() {
        for level in Level::available() {
            for ((x, want), y) in GELU.into_iter().zip(values(level, Gelu, GELU.map(|(x, _)| x))) {
                assert!(
                    (f64::from(y) - want).abs() < 4e-7 * f64::from(x).abs().max(1e-3),
                    "{level:?}: {x}, {want}, {y}"
                );
            }
        }
    }

    #[test]
    fn quick_gelu_is_its_formula() {
        for level in Level::available() {
            for (x, y) in GELU.map(|(x, _)| x).into_iter().zip(values(level, QuickGelu, GELU.map(|(x, _)| x))) {
                let want = f64::from(x) / (1.0 + (-1.702 * f64::from(x)).exp());
                assert!((f64::from(y) - want).abs() <= 4e-7 * f64::from(x).abs(), "{level:?}: {x}, {want}, {y}");
            }
        }
    }

    #[test]
    fn extreme_values_stay_finite() {
        let extreme = [
            f32::MAX,
            f32::MIN,
            f32::MIN_POSITIVE,
            1e-45,
            -1e-45,
            0.0,
            -0.0,
            1e30,
            -1e30,
            88.0,
            -88.0,
            1.0,
            2.0,
            3.0,
            4.0,
            5.0,
        ];
        for level in Level::available() {
            for (x, y) in extreme.into_iter().zip(values(level, Gelu, extreme)) {
                assert!(y.is_finite() && y.abs() <= x.abs(), "{level:?}: gelu({x}) = {y}");
            }
            for (x, y) in extreme.into_iter().zip(values(level, QuickGelu, extreme)) {
                assert!(y.is_finite() && y.abs() <= x.abs(), "{level:?}: quick gelu({x}) = {y}");
            }
        }
    }
}
