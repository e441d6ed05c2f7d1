//! Patch Token Attention on the engine. Formulas and letters in [`pta`](crate::pta).
//!
//! Queries and text are the same for every clip: `W_K W_Q q / √d_h` is one matrix, made once. Patches outside an AU's region
//! have weight zero and are passed over.

use microau_kernels::{Activations, Finish, Level, Matrix, Precision, Weights, multiply};

use super::mlp::Mlp;
use super::named::{Dense, Named};
use super::plain::{add_scaled, dot, rows_of, softmax};
use crate::config::{Lsi, MicroAuClipConfig};

/// Reads one token for each AU from the patches of its region.
pub(super) struct FastPta {
    lsi: Lsi,
    aus: usize,
    heads: usize,
    width: usize,
    /// q: `[K, D]`.
    queries: Matrix,
    /// `W_K W_Q q / √d_h`: D → H·K.
    asked: Weights,
    /// W_V: `[D, D]`, row-major.
    value: Vec<f32>,
    out: Weights,
    mlp: Mlp,
    scores: Matrix,
    gathered: Matrix,
}

impl FastPta {
    /// The attention of a model; `mean_text` is `[K, d]`.
    pub(super) fn new(named: &Named, config: &MicroAuClipConfig, mean_text: &[f32]) -> FastPta {
        let (heads, width) = (config.heads, config.width);
        let linear = |name: &str| named.linear(&format!("pta.{name}"));
        let mut queries = linear("text").of_rows(mean_text);
        queries.iter_mut().zip(named.get("pta.learned")).for_each(|(query, learned)| *query += learned);
        let asked = asked(&linear("key").weight, &linear("query").of_rows(&queries), heads, width);
        FastPta {
            lsi: config.lsi,
            aus: config.au_count(),
            heads,
            width,
            queries: Matrix::from_rows(&queries, width),
            asked: asked.pack(Precision::F32),
            value: linear("value").weight,
            out: linear("out").pack(Precision::F32),
            mlp: Mlp::new(named, "pta.norm", "pta.mlp"),
            scores: Matrix::default(),
            gathered: Matrix::default(),
        }
    }

    /// One token for each AU, and the weights with which it looked, their mean over heads `[B, K, P']`.
    ///
    /// # Shapes
    /// - motion: `[B · P', D]`
    /// - region: `[B, K, P']`
    /// - u: becomes `[B · K, D]`
    pub(super) fn forward(
        &mut self,
        level: Level,
        (clips, motion): (usize, &Matrix),
        region: &[f32],
        rows: &mut Activations,
        u: &mut Matrix,
    ) -> Vec<f32> {
        rows.pack(level, motion, None);
        multiply(level, rows, &self.asked, Finish::Store, &mut self.scores);
        let mut attention = vec![0.0; region.len()];
        self.gathered.resize(clips * self.aus, self.width);
        for (clip, heat_maps) in attention.chunks_exact_mut(region.len() / clips).enumerate() {
            let region = &region[clip * heat_maps.len()..][..heat_maps.len()];
            self.gather(motion, clip, region, heat_maps);
        }
        u.repeat(&self.queries, clips);
        rows.pack(level, &self.gathered, None);
        multiply(level, rows, &self.out, Finish::Add, u); // method §3
        self.mlp.add_to(level, rows, u); // method §3
        attention
    }

    /// `Σ_p α_kp W_V m_p` of one clip, heads side by side, and the mean of α over heads: region and heat maps are `[K, P']`.
    fn gather(&mut self, motion: &Matrix, clip: usize, region: &[f32], heat_maps: &mut [f32]) {
        let (aus, heads, width) = (self.aus, self.heads, self.width);
        let (patches, head_width) = (region.len() / aus, width / heads);
        let first = clip * patches;
        let tokens = rows_of(motion, first..first + patches);
        let scores = rows_of(&self.scores, first..first + patches);
        let regions = region.chunks_exact(patches).zip(heat_maps.chunks_exact_mut(patches));
        let mut alpha = vec![0.0; patches];
        for (au, (region, heat_map)) in regions.enumerate() {
            let mut gathered = vec![0.0; width];
            for (head, gathered) in gathered.chunks_exact_mut(head_width).enumerate() {
                let score = |patch: usize| scores[patch * heads * aus + head * aus + au];
                weigh(self.lsi, region, score, &mut alpha);
                add_scaled(heat_map, 1.0 / heads as f32, &alpha);
                let pooled = pooled(&tokens, &alpha, width);
                for (row, value) in self.value.chunks_exact(width).zip(pooled) {
                    add_scaled(gathered, value, &row[head * head_width..][..head_width]);
                }
            }
            self.gathered.set_row(clip * aus + au, &gathered);
        }
    }
}

/// α of one AU and head.
fn weigh(lsi: Lsi, region: &[f32], score: impl Fn(usize) -> f32, alpha: &mut [f32]) {
    let covered = |share: f32| if share > 0.0 { share.ln() } else { f32::NEG_INFINITY };
    let sum: f32 = region.iter().sum();
    for (patch, (alpha, &share)) in alpha.iter_mut().zip(region).enumerate() {
        *alpha = match lsi {
            Lsi::Pta => score(patch) + covered(share), // method §3
            Lsi::WholeFace => score(patch),
            Lsi::Mean => share / sum,
        };
    }
    if lsi != Lsi::Mean {
        softmax(alpha);
    }
}

/// `Σ_p α_p m_p`
fn pooled(tokens: &[f32], alpha: &[f32], width: usize) -> Vec<f32> {
    let mut pooled = vec![0.0; width];
    for (token, &alpha) in tokens.chunks_exact(width).zip(alpha).filter(|(_, alpha)| **alpha > 0.0) {
        add_scaled(&mut pooled, alpha, token);
    }
    pooled
}

/// `W_K W_Q q / √d_h` as weights from D to H·K; `key` is W_K, `queries` are `W_Q q`.
fn asked(key: &[f32], queries: &[f32], heads: usize, width: usize) -> Dense {
    let (head_width, aus) = (width / heads, queries.len() / width);
    let scale = (head_width as f32).powf(-0.5);
    let cell = |input: usize, output: usize| {
        let (head, au) = (output / aus, output % aus);
        let part = head * head_width..(head + 1) * head_width;
        scale * dot(&key[input * width..][part.clone()], &queries[au * width..][part])
    };
    let outputs = heads * aus;
    let weight = (0..width * outputs).map(|at| cell(at / outputs, at % outputs)).collect();
    Dense { weight, inputs: width, bias: vec![0.0; outputs] }
}
