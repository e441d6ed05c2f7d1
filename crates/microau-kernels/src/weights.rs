//! Weights of a product, packed once: panels of 32 columns, word after word.

use crate::arithmetic::{HalfColumns, Precision};
use crate::matrix::PANEL;
use crate::simd::{LANES, Line, Scalar, Simd};

/// Sixteen words of each of 32 columns.
pub(crate) type WeightBlock = [[Line<u32>; 2]; LANES];

/// Steps of a weight on either side of zero.
const WEIGHT_STEPS: f32 = 127.0;

/// A matrix `[inputs, outputs]` with its bias, ready to be multiplied from the left.
#[derive(Clone, Debug)]
pub struct Weights {
    precision: Precision,
    inputs: usize,
    outputs: usize,
    blocks: Vec<WeightBlock>,
    columns: Vec<[HalfColumns; 2]>,
}

impl Weights {
    /// Packs weights `[inputs, outputs]`, row-major, and a bias of `[outputs]`. In int8 every column has the scale that
    /// fits its largest weight.
    ///
    /// # Panics
    /// When the sizes do not fit together.
    pub fn pack(precision: Precision, weights: &[f32], inputs: usize, bias: &[f32]) -> Weights {
        let outputs = bias.len();
        assert!(weights.len() == inputs * outputs, "expected [{inputs}, {outputs}] weights, got {}", weights.len());
        let mut packed = Weights { precision, inputs, outputs, blocks: Vec::new(), columns: Vec::new() };
        for start in (0..outputs).step_by(PANEL) {
            let width = PANEL.min(outputs - start);
            let column = |k: usize, lane: usize| weights[k * outputs + start + lane];
            packed.push_panel(width, &bias[start..start + width], column);
        }
        packed
    }

    /// The precision of its products.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Length of an input row.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Length of an output row.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Blocks of a panel.
    pub(crate) fn depth(&self) -> usize {
        depth(self.precision, self.inputs)
    }

    pub(crate) fn panels(&self) -> usize {
        self.columns.len()
    }

    /// The blocks of a panel.
    pub(crate) fn panel(&self, panel: usize) -> &[WeightBlock] {
        &self.blocks[panel * self.depth()..][..self.depth()]
    }

    pub(crate) fn columns(&self, panel: usize) -> &[HalfColumns; 2] {
        &self.columns[panel]
    }

    /// Adds a panel whose first `width` columns are there; the others are zero.
    fn push_panel(&mut self, width: usize, bias: &[f32], weight: impl Fn(usize, usize) -> f32) {
        let inputs = self.inputs;
        let present = |k: usize, lane: usize| if k < inputs && lane < width { weight(k, lane) } else { 0.0 };
        let mut columns = [HalfColumns::default(); 2];
        for (lane, &bias) in bias.iter().enumerate() {
            let half = &mut columns[lane / LANES];
            let largest = (0..inputs).map(|k| weight(k, lane).abs()).fold(0.0, f32::max);
            half.bias.0[lane % LANES] = bias;
            half.scale.0[lane % LANES] = (largest / WEIGHT_STEPS).max(f32::MIN_POSITIVE);
        }
        let first = self.blocks.len();
        for block in 0..self.depth() {
            self.blocks.push(std::array::from_fn(|word| {
                let word = block * LANES + word;
                std::array::from_fn(|half| {
                    Line(std::array::from_fn(|lane| {
                        let scale = columns[half].scale.0[lane];
                        word_of(self.precision, word, scale, |k| present(k, half * LANES + lane))
                    }))
                })
            }));
        }
        for (half, columns) in columns.iter_mut().enumerate() {
            columns.sum = byte_sums(self.blocks[first..].iter().flatten().map(|halves| &halves[half]));
        }
        self.columns.push(columns);
    }
}

/// Blocks of 16 words that hold a row of `inputs`.
pub(crate) fn depth(precision: Precision, inputs: usize) -> usize {
    inputs.div_ceil(LANES * precision.values_per_word())
}

/// One word of a column.
fn word_of(precision: Precision, word: usize, scale: f32, weight: impl Fn(usize) -> f32) -> u32 {
    match precision {
        Precision::F32 => weight(word).to_bits(),
        Precision::Bf16 => {
            let mut values = [0.0; LANES];
            (values[0], values[1]) = (weight(2 * word), weight(2 * word + 1));
            Scalar.pairs_from_floats([values, [0.0; LANES]])[0]
        }
        Precision::Int8 => {
            let byte = |i| (weight(4 * word + i) / scale).round_ties_even() as i8 as u8;
            u32::from_le_bytes(std::array::from_fn(byte))
        }
    }
}

/// The sum of the bytes of each column, as int8 needs it.
fn byte_sums<'a>(lines: impl Iterator<Item = &'a Line<u32>>) -> Line<u32> {
    let ones = [0x0101_0101; LANES];
    Line(lines.fold([0; LANES], |sum, line| Scalar.dot_bytes(sum, ones, line.0)))
}
