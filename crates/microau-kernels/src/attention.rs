//! Self-attention of many heads, without a matrix of all scores.
//!
//! ```text
//! out = softmax(q kᵀ · scale) v          for each picture and head
//! ```
//!
//! Keys and values of one head are packed as weights are; then 12 queries at a time are scored against all keys, their
//! softmax taken and the values gathered, all in the first cache.

use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::activations::{ActivationBlock, STRIP};
use crate::arithmetic::{Bf16, F32, Operand, Precision};
use crate::math::exp;
use crate::matrix::{Matrix, PANEL, PANEL_LINES};
use crate::simd::{Kernel, LANES, Level, Line, Simd, run};
use crate::tile::{Sums, sum_strip};
use crate::weights::WeightBlock;

/// Added to the score of a key that is not there.
const NOWHERE: f32 = -1e30;

/// Attention of one shape, with memory for its threads.
#[derive(Debug)]
pub struct Attention {
    precision: Precision,
    heads: usize,
    head_width: usize,
    scale: f32,
    desks: Vec<Mutex<Desk>>,
}

/// What one thread works on: one head of one picture.
#[derive(Clone, Debug, Default)]
struct Desk {
    /// Keys as columns, panel by panel.
    keys: Vec<WeightBlock>,
    /// Values as columns, one word of depth a key, or pair of keys.
    values: Vec<WeightBlock>,
    /// Twelve queries.
    queries: Vec<ActivationBlock>,
    /// Their scores, panel by panel of keys.
    scores: Vec<Sums>,
    /// Their weights, before division by their sums.
    weights: Vec<ActivationBlock>,
}

impl Attention {
    /// Attention of `heads` heads of `head_width` columns, whose scores are multiplied by `scale`. In int8 scores and
    /// gathering are bf16 where the processor multiplies that, else f32.
    ///
    /// # Panics
    /// When `head_width` is no power of two of 32 or more.
    pub fn new(level: Level, precision: Precision, heads: usize, head_width: usize, scale: f32) -> Attention {
        let fits = head_width.is_power_of_two() && head_width >= PANEL;
        assert!(fits, "expected heads of 32, 64, … columns, got {head_width}");
        let precision = match precision {
            Precision::Int8 if level.multiplies_pairs() => Precision::Bf16,
            Precision::Int8 => Precision::F32,
            other => other,
        };
        Attention { precision, heads, head_width, scale, desks: Vec::new() }
    }

    /// Every token of a picture gathers from all of that picture.
    ///
    /// # Shapes
    /// - qkv: `[pictures · tokens, 3 · heads · head_width]`, queries, keys and values side by side
    /// - out: becomes `[pictures · tokens, heads · head_width]`
    ///
    /// # Panics
    /// When `qkv` has another shape.
    pub fn forward(&mut self, level: Level, qkv: &Matrix, tokens: usize, out: &mut Matrix) {
        let width = self.heads * self.head_width;
        assert!(qkv.columns() == 3 * width, "expected {} columns, got {}", 3 * width, qkv.columns());
        assert!(tokens > 0 && qkv.rows().is_multiple_of(tokens), "expected pictures of {tokens} rows");
        let lines = self.head_width / LANES;
        out.resize_in_panels(qkv.rows(), width, lines);
        self.desks.resize_with(rayon::current_num_threads().max(self.desks.len()), Mutex::default);
        let pictures = qkv.rows() / tokens;
        out.lines_mut().par_chunks_mut(tokens * lines).enumerate().for_each(|(place, out)| {
            let (head, picture) = (place / pictures, place % pictures);
            let desk = &self.desks[rayon::current_thread_index().unwrap_or(0)];
            let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
            let first = [0, 1, 2].map(|part| (part * self.heads + head) * lines);
            let view = View { qkv, first_row: picture * tokens, tokens, first, lines };
            let task = Head { view, scale: self.scale, desk: &mut desk, out };
            match self.precision {
                Precision::Bf16 => run(level, HeadIn(task, PhantomData::<Bf16>)),
                _ => run(level, HeadIn(task, PhantomData::<F32>)),
            }
        });
    }
}

/// Where one head of one picture stands in the matrix.
#[derive(Clone, Copy)]
struct View<'a> {
    qkv: &'a Matrix,
    first_row: usize,
    tokens: usize,
    /// The first line of its query, key and value.
    first: [usize; 3],
    /// Lines of each.
    lines: usize,
}

impl View<'_> {
    /// A line of a token's query (0), key (1) or value (2); zeros for tokens past the last.
    #[inline(always)]
    fn line<S: Simd>(&self, simd: S, part: usize, token: usize, line: usize) -> S::Floats {
        if token >= self.tokens {
            return simd.splat(0.0);
        }
        simd.load(self.qkv.line(self.first_row + token, self.first[part] + line))
    }

    /// The lines that make a block of words.
    #[inline(always)]
    fn block<S: Simd, A: Operand>(&self, simd: S, part: usize, token: usize, at: usize) -> [S::Floats; 2] {
        let mut lines = [simd.splat(0.0); 2];
        for i in 0..A::LINES_PER_BLOCK {
            lines[i] = self.line(simd, part, token, at * A::LINES_PER_BLOCK + i);
        }
        lines
    }
}

struct Head<'a> {
    view: View<'a>,
    scale: f32,
    desk: &'a mut Desk,
    /// `[tokens, head_width]`
    out: &'a mut [Line<f32>],
}

/// The same in one arithmetic.
struct HeadIn<'a, A>(Head<'a>, PhantomData<A>);

impl<A: Operand> Kernel for HeadIn<'_, A> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Head { view, scale, desk, out } = self.0;
        desk.fit::<A>(&view);
        desk.pack_keys::<S, A>(simd, &view);
        desk.pack_values::<S, A>(simd, &view);
        for (strip, out) in out.chunks_mut(STRIP * view.lines).enumerate() {
            desk.pack_queries::<S, A>(simd, &view, strip * STRIP);
            desk.score::<S, A>(simd, view.tokens);
            let shares = desk.weigh::<S, A>(simd, scale);
            desk.gather::<S, A>(simd, shares, view.lines, out);
        }
    }
}

impl Desk {
    /// Takes the size of a head.
    fn fit<A: Operand>(&mut self, view: &View) {
        let panels = view.tokens.div_ceil(PANEL);
        let depth = view.lines.div_ceil(A::LINES_PER_BLOCK);
        let key_depth = (PANEL_LINES * panels).div_ceil(A::LINES_PER_BLOCK);
        self.keys.resize(panels * depth, WeightBlock::default());
        self.values.resize(view.lines.div_ceil(PANEL_LINES) * key_depth, WeightBlock::default());
        self.queries.resize(depth, ActivationBlock::default());
        self.scores.resize(panels, Default::default());
        self.weights.resize(key_depth, ActivationBlock::default());
    }

    /// Words of 16 keys at a time, turned so that keys are columns.
    #[inline(always)]
    fn pack_keys<S: Simd, A: Operand>(&mut self, simd: S, view: &View) {
        let depth = self.queries.len();
        for (panel, blocks) in self.keys.chunks_exact_mut(depth).enumerate() {
            for half in 0..PANEL_LINES {
                let first = panel * PANEL + half * LANES;
                for (at, block) in blocks.iter_mut().enumerate() {
                    let mut square = [Line::default(); LANES];
                    for (key, line) in square.iter_mut().enumerate() {
                        A::pack(simd, view.block::<S, A>(simd, 1, first + key, at), line);
                    }
                    for (halves, line) in block.iter_mut().zip(simd.transpose(&square)) {
                        halves[half] = line;
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn pack_values<S: Simd, A: Operand>(&mut self, simd: S, view: &View) {
        let key_depth = self.weights.len();
        for (panel, blocks) in self.values.chunks_exact_mut(key_depth).enumerate() {
            for (word, halves) in blocks.iter_mut().flatten().enumerate() {
                for (half, line) in halves.iter_mut().enumerate() {
                    let mut keys = [simd.splat(0.0); 2];
                    for i in 0..A::VALUES_PER_WORD {
                        keys[i] = view.line(simd, 2, word * A::VALUES_PER_WORD + i, panel * PANEL_LINES + half);
                    }
                    A::pack_rows(simd, keys, line);
                }
            }
        }
    }

    #[inline(always)]
    fn pack_queries<S: Simd, A: Operand>(&mut self, simd: S, view: &View, first: usize) {
        for (at, block) in self.queries.iter_mut().enumerate() {
            for (row, line) in block.iter_mut().enumerate() {
                A::pack(simd, view.block::<S, A>(simd, 0, first + row, at), line);
            }
        }
    }

    /// Scores of the queries, those of keys that are not there far below all others.
    #[inline(always)]
    fn score<S: Simd, A: Operand>(&mut self, simd: S, tokens: usize) {
        let keys = self.keys.chunks_exact(self.queries.len());
        for (panel, (scores, keys)) in self.scores.iter_mut().zip(keys).enumerate() {
            sum_strip::<S, A>(simd, STRIP, &self.queries, keys, scores);
            if (panel + 1) * PANEL > tokens {
                limit(simd, scores, tokens - panel * PANEL);
            }
        }
    }

    /// Weights `e^(scale (s − max s))` of all keys, and for each query the inverse of their sum.
    #[inline(always)]
    fn weigh<S: Simd, A: Operand>(&mut self, simd: S, scale: f32) -> [f32; STRIP] {
        let mut shares = [0.0; STRIP];
        for row in 0..STRIP {
            let mut highest = simd.splat(NOWHERE);
            for panel in &self.scores {
                for line in &panel[row] {
                    highest = simd.max(highest, simd.floats_from_bits(simd.load_words(line)));
                }
            }
            let scale = simd.splat(scale);
            let highest = simd.mul(simd.splat(simd.highest(highest)), scale);
            let mut sum = simd.splat(0.0);
            for (at, block) in self.weights.iter_mut().enumerate() {
                let mut lines = [simd.splat(0.0); PANEL_LINES];
                for i in 0..A::LINES_PER_BLOCK {
                    let place = at * A::LINES_PER_BLOCK + i;
                    let score = simd.load_words(&self.scores[place / PANEL_LINES][row][place % PANEL_LINES]);
                    let score = simd.floats_from_bits(score);
                    lines[i] = exp(simd, simd.sub(simd.mul(score, scale), highest));
                    sum = simd.add(sum, lines[i]);
                }
                A::pack(simd, lines, &mut block[row]);
            }
            shares[row] = 1.0 / simd.total(sum);
        }
        shares
    }

    /// Means of the values under the weights.
    #[inline(always)]
    fn gather<S: Simd, A: Operand>(&self, simd: S, shares: [f32; STRIP], lines: usize, out: &mut [Line<f32>]) {
        let height = out.len() / lines;
        for (panel, values) in self.values.chunks_exact(self.weights.len()).enumerate() {
            let mut sums = Sums::default();
            sum_strip::<S, A>(simd, height, &self.weights, values, &mut sums);
            for ((sums, share), out) in sums.iter().zip(shares).zip(out.chunks_exact_mut(lines)) {
                for (sum, out) in sums.iter().zip(&mut out[panel * PANEL_LINES..]) {
                    let sum = simd.floats_from_bits(simd.load_words(sum));
                    simd.store(simd.mul(sum, simd.splat(share)), out);
                }
            }
        }
    }
}

/// Lowers the scores of keys past the first `present` ones of a panel.
#[inline(always)]
fn limit<S: Simd>(simd: S, scores: &mut Sums, present: usize) {
    let most = |lane| if lane < present { f32::INFINITY } else { NOWHERE };
    for half in 0..PANEL_LINES {
        let most = simd.load(&Line(std::array::from_fn(|lane| most(half * LANES + lane))));
        for row in scores.iter_mut() {
            let score = simd.floats_from_bits(simd.load_words(&row[half]));
            simd.store_words(simd.bits_from_floats(simd.min(score, most)), &mut row[half]);
        }
    }
}
