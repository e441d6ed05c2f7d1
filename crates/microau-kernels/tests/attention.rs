//! Attention at every level against the formula in f64.

mod support;

use microau_kernels::{Attention, Level, Matrix, Precision};
use proptest::prelude::*;
use support::with_threads;

/// The formula: `[pictures · tokens, 3 · heads · width]` → `[pictures · tokens, heads · width]`.
fn expected(qkv: &[f32], tokens: usize, heads: usize, width: usize, scale: f64) -> Vec<f64> {
    let row = 3 * heads * width;
    let at = |token: usize, part: usize, head: usize, i: usize| {
        f64::from(qkv[token * row + (part * heads + head) * width + i])
    };
    let mut out = Vec::new();
    for token in 0..qkv.len() / row {
        let picture = token / tokens * tokens..(token / tokens + 1) * tokens;
        for head in 0..heads {
            let score = |key| scale * (0..width).map(|i| at(token, 0, head, i) * at(key, 1, head, i)).sum::<f64>();
            let scores: Vec<f64> = picture.clone().map(score).collect();
            let highest = scores.iter().fold(f64::NEG_INFINITY, |most, &score| most.max(score));
            let weights: Vec<f64> = scores.iter().map(|score| (score - highest).exp()).collect();
            let sum: f64 = weights.iter().sum();
            let mean = |i| picture.clone().zip(&weights).map(|(key, weight)| weight / sum * at(key, 2, head, i)).sum();
            out.extend((0..width).map(|i| -> f64 { mean(i) }));
        }
    }
    out
}

fn shape() -> impl Strategy<Value = (usize, usize, usize, usize, Vec<f32>)> {
    (1_usize..3, 1_usize..75, 1_usize..4, prop_oneof![Just(32_usize), Just(64)]).prop_flat_map(
        |(pictures, tokens, heads, width)| {
            let values = prop::collection::vec(-2.0_f32..2.0, pictures * tokens * 3 * heads * width);
            (Just(pictures), Just(tokens), Just(heads), Just(width), values)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_level_gives_the_formula((_, tokens, heads, width, qkv) in shape(), threads in 1_usize..4) {
        let scale = (width as f32).powf(-0.5);
        let want = expected(&qkv, tokens, heads, width, f64::from(scale));
        let matrix = Matrix::from_rows(&qkv, 3 * heads * width);
        for level in Level::available() {
            // bf16: scores of up to 32 from operands rounded to 2^-8 of their size, then values alike
            for (precision, allowed) in [(Precision::F32, 2e-5), (Precision::Bf16, 0.15)] {
                let mut attention = Attention::new(level, precision, heads, width, scale);
                let mut out = Matrix::default();
                with_threads(threads, || attention.forward(level, &matrix, tokens, &mut out));
                for (got, want) in out.to_rows().into_iter().zip(&want) {
                    prop_assert!((f64::from(got) - want).abs() < allowed, "{level:?} {precision:?}: {got} {want}");
                }
            }
        }
    }
}

#[test]
fn scores_far_apart_choose_one_key() {
    let (tokens, width) = (5, 32);
    let mut qkv = vec![0.0; tokens * 3 * width];
    for token in 0..tokens {
        qkv[token * 3 * width] = 1e4;
        qkv[token * 3 * width + width] = token as f32 * 1e4;
        qkv[token * 3 * width + 2 * width + 3] = token as f32;
    }
    for level in Level::available() {
        for precision in Precision::ALL {
            let mut attention = Attention::new(level, precision, 1, width, 1.0);
            let mut out = Matrix::default();
            attention.forward(level, &Matrix::from_rows(&qkv, 3 * width), tokens, &mut out);
            for row in out.to_rows().chunks_exact(width) {
                assert_eq!((row[3], row[0]), (4.0, 0.0), "{level:?} {precision:?}");
            }
        }
    }
}
