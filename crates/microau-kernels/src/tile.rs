//! The innermost loop: a strip of 12 rows by a panel of 32 columns, summed in registers.

use crate::activations::{ActivationBlock, STRIP};
use crate::arithmetic::Arithmetic;
use crate::matrix::PANEL_LINES;
use crate::simd::{Line, Simd};
use crate::weights::WeightBlock;

/// The sums of a strip with a panel, as the arithmetic has them.
pub(crate) type Sums = [[Line<u32>; PANEL_LINES]; STRIP];

/// Calls a tile for the number of rows there are.
macro_rules! tile_of_height {
    ($height:expr, $halves:literal, [$($rows:literal)*], $arguments:tt) => {
        match $height {
            $($rows => tile::<S, A, $rows, $halves> $arguments,)*
            height => unreachable!("a tile of {height} rows"),
        }
    };
}

/// Sums the first rows of a strip with a panel, in tiles that the registers hold: 12 x 2 vectors, or 6 x 1.
#[inline(always)]
pub(crate) fn sum_strip<S: Simd, A: Arithmetic>(
    simd: S,
    height: usize,
    words: &[ActivationBlock],
    blocks: &[WeightBlock],
    sums: &mut Sums,
) {
    if S::WIDE {
        return tile_of_height!(height, 2, [1 2 3 4 5 6 7 8 9 10 11 12], (simd, words, blocks, (0, 0), sums));
    }
    for row in (0..height).step_by(STRIP / 2) {
        for half in 0..PANEL_LINES {
            let height = (height - row).min(STRIP / 2);
            tile_of_height!(height, 1, [1 2 3 4 5 6], (simd, words, blocks, (row, half), sums));
        }
    }
}

/// R rows from one on, by N halves of a panel from one on.
#[inline(always)]
fn tile<S: Simd, A: Arithmetic, const R: usize, const N: usize>(
    simd: S,
    words: &[ActivationBlock],
    blocks: &[WeightBlock],
    (row, half): (usize, usize),
    out: &mut Sums,
) {
    let mut sums = [[A::zero(simd); N]; R];
    for (words, block) in words.iter().zip(blocks) {
        let words: &[Line<u32>; R] = words[row..row + R].try_into().expect("R rows");
        for (k, halves) in block.iter().enumerate() {
            let mut weights = [simd.splat_word(0); N];
            for n in 0..N {
                weights[n] = simd.load_words(&halves[half + n]);
            }
            for r in 0..R {
                let word = simd.splat_word(words[r].0[k]);
                for n in 0..N {
                    sums[r][n] = A::step(simd, sums[r][n], word, weights[n]);
                }
            }
        }
    }
    for r in 0..R {
        for n in 0..N {
            simd.store_words(A::words(simd, sums[r][n]), &mut out[row + r][half + n]);
        }
    }
}
