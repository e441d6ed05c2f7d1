//! Products at every level against the formula in f64 and against the scalar twin.

mod support;

use microau_kernels::{Activations, Finish, LayerNorm, Level, Matrix, Precision, Weights, multiply};
use proptest::prelude::*;
use support::with_threads;

/// Numbers of common size, a few of them extreme: denormals, zeros, up to 1e15.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        12 => -4.0_f32..4.0,
        1 => Just(0.0_f32),
        1 => -1e-38_f32..1e-38,
        1 => -1e15_f32..1e15,
    ]
}

/// A matrix `[rows, columns]` of such numbers, row-major.
fn matrix(rows: usize, columns: usize) -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(number(), rows * columns)
}

/// One product as plain numbers.
#[derive(Clone, Debug)]
struct Case {
    rows: usize,
    inputs: usize,
    outputs: usize,
    x: Vec<f32>,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Case {
    /// The product at a level.
    fn product(&self, level: Level, precision: Precision, finish: Finish) -> Vec<f32> {
        let packed = Weights::pack(precision, &self.weights, self.inputs, &self.bias);
        let mut rows = Activations::new(precision);
        rows.pack(level, &Matrix::from_rows(&self.x, self.inputs), None);
        let mut out = Matrix::new(self.rows, self.outputs);
        multiply(level, &rows, &packed, finish, &mut out);
        out.to_rows()
    }

    /// For each output its value in f64, and the sum of the sizes of all that was added.
    fn exact(&self) -> Vec<(f64, f64)> {
        let cell = |row: usize, column: usize| {
            let products = (0..self.inputs)
                .map(|k| f64::from(self.x[row * self.inputs + k]) * f64::from(self.weights[k * self.outputs + column]));
            let bias = f64::from(self.bias[column]);
            products.fold((bias, bias.abs()), |(sum, size), product| (sum + product, size + product.abs()))
        };
        (0..self.rows).flat_map(|row| (0..self.outputs).map(move |column| cell(row, column))).collect()
    }
}

fn case() -> impl Strategy<Value = Case> {
    (1_usize..40, 1_usize..150, 1_usize..100).prop_flat_map(|(rows, inputs, outputs)| {
        (matrix(rows, inputs), matrix(inputs, outputs), matrix(1, outputs)).prop_map(move |(x, weights, bias)| Case {
            rows,
            inputs,
            outputs,
            x,
            weights,
            bias,
        })
    })
}

/// The largest size of numbers.
fn largest(values: &[f32]) -> f64 {
    values.iter().fold(0.0, |most, value| f64::from(value.abs()).max(most))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn f32_is_the_formula_at_every_level(case in case(), threads in 1_usize..4) {
        for level in Level::available() {
            let got = with_threads(threads, || case.product(level, Precision::F32, Finish::Store));
            for (got, (want, size)) in got.into_iter().zip(case.exact()) {
                // each of up to 152 additions rounds to 2^-24 of at most the sum of all sizes; denormals may be lost
                let allowed = size * 160.0 / 16_777_216.0 + 1e-20;
                prop_assert!((f64::from(got) - want).abs() <= allowed, "{level:?}: {got} {want}");
            }
        }
    }

    #[test]
    fn bf16_is_the_formula_within_the_rounding_of_its_operands(case in case(), threads in 1_usize..4) {
        for level in Level::available() {
            let got = with_threads(threads, || case.product(level, Precision::Bf16, Finish::Store));
            for (got, (want, size)) in got.into_iter().zip(case.exact()) {
                // both operands are rounded to 2^-8 of their size; denormals count as zero
                let allowed = size * (2.0 / 256.0 + 2.0 / 65_536.0) + 1e-20;
                prop_assert!((f64::from(got) - want).abs() <= allowed, "{level:?}: {got} {want}");
            }
        }
    }

    #[test]
    fn bf16_is_that_of_the_scalar_twin(case in case()) {
        let twin = case.product(Level::Scalar, Precision::Bf16, Finish::Store);
        for level in Level::available() {
            for ((got, want), (_, size)) in
                case.product(level, Precision::Bf16, Finish::Store).into_iter().zip(&twin).zip(case.exact())
            {
                // operands are rounded alike, sums in another order
                let allowed = size * 170.0 / 16_777_216.0 + 1e-20;
                prop_assert!(f64::from(got - want).abs() <= allowed, "{level:?}: {got} {want}");
            }
        }
    }

    #[test]
    fn int8_is_the_formula_within_its_steps(case in case(), threads in 1_usize..4) {
        let got = with_threads(threads, || case.product(Level::best(), Precision::Int8, Finish::Store));
        for (place, (got, (want, size))) in got.into_iter().zip(case.exact()).enumerate() {
            let (row, column) = (place / case.outputs, place % case.outputs);
            let x = &case.x[row * case.inputs..][..case.inputs];
            let weights: Vec<f32> = (0..case.inputs).map(|k| case.weights[k * case.outputs + column]).collect();
            // half a step of each weight; of each value half a step and half of the shared zero's
            let (step_x, step_w) = (2.0 * largest(x) / 255.0, largest(&weights) / 127.0);
            let sum = |values: &[f32]| values.iter().map(|value| f64::from(value.abs())).sum::<f64>();
            let both = case.inputs as f64 * step_x * step_w;
            let allowed = 0.51 * step_w * sum(x) + 1.01 * step_x * sum(&weights) + both + size * 1e-5 + 1e-20;
            prop_assert!((f64::from(got) - want).abs() <= allowed, "{got} {want} {allowed}");
        }
    }

    #[test]
    fn int8_is_to_the_bit_that_of_the_scalar_twin(case in case(), threads in 1_usize..4) {
        let twin = case.product(Level::Scalar, Precision::Int8, Finish::Store);
        for level in Level::available() {
            let got = with_threads(threads, || case.product(level, Precision::Int8, Finish::Store));
            prop_assert_eq!(&got, &twin, "{:?}", level);
        }
    }

    #[test]
    fn threads_do_not_change_a_bit(case in case(), threads in 2_usize..6) {
        for precision in Precision::ALL {
            let one = with_threads(1, || case.product(Level::best(), precision, Finish::Gelu));
            let many = with_threads(threads, || case.product(Level::best(), precision, Finish::Gelu));
            prop_assert_eq!(one, many);
        }
    }

    #[test]
    fn a_norm_is_applied_on_the_way(case in case()) {
        let Case { rows, inputs, .. } = case;
        // numbers of common size: the formula is not stable against 1e15 beside 1
        let x: Vec<f32> = case.x.iter().map(|x| x.clamp(-4.0, 4.0)).collect();
        let scale: Vec<f32> = case.weights[..inputs].iter().map(|x| x.clamp(-4.0, 4.0)).collect();
        let shift: Vec<f32> = scale.iter().map(|scale| 1.0 - scale).collect();
        let identity: Vec<f32> = (0..inputs * inputs).map(|i| f32::from(u8::from(i % (inputs + 1) == 0))).collect();
        let weights = Weights::pack(Precision::F32, &identity, inputs, &vec![0.0; inputs]);
        let norm = LayerNorm::new(&scale, &shift, 1e-5);
        for level in Level::available() {
            let mut packed = Activations::new(Precision::F32);
            packed.pack(level, &Matrix::from_rows(&x, inputs), Some(&norm));
            let mut out = Matrix::default();
            multiply(level, &packed, &weights, Finish::Store, &mut out);
            for (got, x) in out.to_rows().chunks_exact(inputs).zip(x.chunks_exact(inputs)) {
                let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / inputs as f64;
                let variance = x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / inputs as f64;
                for i in 0..inputs {
                    let unit = (f64::from(x[i]) - mean) / (variance + 1e-5).sqrt();
                    let want = unit * f64::from(scale[i]) + f64::from(shift[i]);
                    // a mean of up to 4 rounded to 2^-24 of it, over a deviation of at least √1e-5
                    prop_assert!((f64::from(got[i]) - want).abs() < 2e-3, "{level:?}, {rows} rows: {} {want}", got[i]);
                }
            }
        }
    }
}

#[test]
fn deep_rows_are_summed_part_by_part() {
    let noise = |step: usize, len: usize| (0..len).map(|i| (i * step % 2003) as f32 / 1001.5 - 1.0).collect::<Vec<_>>();
    let (rows, inputs, outputs) = (25, 1100, 70);
    let bias = noise(13, outputs);
    let case =
        Case { rows, inputs, outputs, x: noise(7919, rows * inputs), weights: noise(104_729, inputs * outputs), bias };
    for level in Level::available() {
        for (precision, part) in [(Precision::F32, 1e-6), (Precision::Bf16, 1.0 / 256.0), (Precision::Int8, 1.0 / 64.0)]
        {
            for (got, (want, size)) in case.product(level, precision, Finish::Store).into_iter().zip(case.exact()) {
                assert!((f64::from(got) - want).abs() < size * part, "{level:?} {precision:?}: {got} {want}");
            }
        }
    }
}

#[test]
fn relu_leaves_no_negative_value() {
    let bias: Vec<f32> = (0..33).map(|i| i as f32 - 16.0).collect();
    let case = Case { rows: 13, inputs: 5, outputs: 33, x: vec![0.0; 65], weights: vec![2.0; 165], bias };
    for level in Level::available() {
        for precision in Precision::ALL {
            for row in case.product(level, precision, Finish::Relu).chunks_exact(33) {
                assert!(row.iter().zip(&case.bias).all(|(y, bias)| *y == bias.max(0.0)), "{level:?} {precision:?}");
            }
        }
    }
}

#[test]
fn what_is_there_is_added_to() {
    let case =
        Case { rows: 13, inputs: 5, outputs: 33, x: vec![0.5; 65], weights: vec![2.0; 165], bias: vec![1.0; 33] };
    for level in Level::available() {
        for precision in Precision::ALL {
            let packed = Weights::pack(precision, &case.weights, case.inputs, &case.bias);
            let mut rows = Activations::new(precision);
            rows.pack(level, &Matrix::from_rows(&case.x, case.inputs), None);
            let mut out = Matrix::from_rows(&vec![10.0; 13 * 33], 33);
            multiply(level, &rows, &packed, Finish::Add, &mut out);
            // 5 · 0.5 · 2 + 1 + 10
            assert!(out.to_rows().iter().all(|&y| (y - 16.0).abs() < 1e-5), "{level:?} {precision:?}");
        }
    }
}

#[test]
fn a_number_that_is_none_spoils_its_row_alone() {
    let mut case =
        Case { rows: 14, inputs: 40, outputs: 40, x: vec![0.5; 560], weights: vec![1.0; 1600], bias: vec![0.0; 40] };
    case.x[3 * 40 + 7] = f32::NAN;
    case.x[13 * 40] = f32::INFINITY;
    for level in Level::available() {
        for precision in Precision::ALL {
            let out = case.product(level, precision, Finish::QuickGelu);
            for (row, values) in out.chunks_exact(40).enumerate().filter(|(row, _)| ![3, 13].contains(row)) {
                assert!(
                    values.iter().all(|y| (y - 20.0).abs() < 1e-3),
                    "{level:?} {precision:?} row {row}: {values:?}"
                );
            }
        }
    }
}
