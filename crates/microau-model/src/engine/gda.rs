//! Global Dependency Attention on the engine. Formulas and letters in [`gda`](crate::gda).

use microau_kernels::{Activations, Finish, LayerNorm, Level, Matrix, Precision, Weights, multiply};

use super::mlp::Mlp;
use super::named::Named;
use super::plain::{add_scaled, dot, rows_of, softmax};
use crate::config::MicroAuClipConfig;

/// Attention among AUs under a signed prior, behind a gate.
pub(super) struct FastGda {
    aus: usize,
    heads: usize,
    norm: LayerNorm,
    /// Query, key and value.
    maps: [Weights; 3],
    out: Weights,
    mlp: Mlp,
    /// b_h · C: `[H, K, K]`.
    bias: Vec<f32>,
    gate: f32,
    mapped: [Matrix; 3],
    seen: Matrix,
    x: Matrix,
}

impl FastGda {
    /// The attention of a model, if it has one; `dependency` is C `[K, K]`.
    pub(super) fn new(named: &Named, config: &MicroAuClipConfig, dependency: &[f32]) -> Option<FastGda> {
        let gate = named.find("gda.gate")?[0];
        let layer = |name: &str| named.linear(&format!("gda.block.attention.{name}")).pack(Precision::F32);
        let scaled = |bias: &f32| dependency.iter().map(|c| bias * c).collect::<Vec<f32>>();
        Some(FastGda {
            aus: config.au_count(),
            heads: config.heads,
            norm: named.norm("gda.block.norm_attention"),
            maps: ["query", "key", "value"].map(layer),
            out: layer("out"),
            mlp: Mlp::new(named, "gda.block.norm_mlp", "gda.block.mlp"),
            bias: named.get("gda.bias").iter().flat_map(scaled).collect(),
            gate,
            mapped: Default::default(),
            seen: Matrix::default(),
            x: Matrix::default(),
        })
    }

    /// `f = u + g (block(u) − u)`, in place of u `[B · K, D]`.
    pub(super) fn forward(&mut self, level: Level, rows: &mut Activations, tokens: &mut Matrix) {
        self.x.repeat(tokens, 1);
        rows.pack(level, &self.x, Some(&self.norm));
        for (map, mapped) in self.maps.iter().zip(&mut self.mapped) {
            multiply(level, rows, map, Finish::Store, mapped);
        }
        self.seen.resize(tokens.rows(), tokens.columns());
        for clip in 0..tokens.rows() / self.aus {
            self.look(clip);
        }
        rows.pack(level, &self.seen, None);
        multiply(level, rows, &self.out, Finish::Add, &mut self.x);
        self.mlp.add_to(level, rows, &mut self.x);
        let (mut token, mut through) = (vec![0.0; tokens.columns()], vec![0.0; tokens.columns()]);
        for row in 0..tokens.rows() {
            tokens.read_row(row, &mut token);
            self.x.read_row(row, &mut through);
            let gated = token.iter_mut().zip(&through);
            gated.for_each(|(token, through)| *token += self.gate * (through - *token)); // method §4
            tokens.set_row(row, &token);
        }
    }

    /// What each AU of one clip gathers from all.
    fn look(&mut self, clip: usize) {
        let (aus, width) = (self.aus, self.seen.columns());
        let head_width = width / self.heads;
        let scale = (head_width as f32).powf(-0.5);
        let [query, key, value] = self.mapped.each_ref().map(|matrix| rows_of(matrix, clip * aus..(clip + 1) * aus));
        let part = |of: usize, head: usize| of * width + head * head_width..of * width + (head + 1) * head_width;
        for au in 0..aus {
            let mut seen = vec![0.0; width];
            for (head, seen) in seen.chunks_exact_mut(head_width).enumerate() {
                let bias = &self.bias[(head * aus + au) * aus..][..aus];
                let score = |of: usize| scale * dot(&query[part(au, head)], &key[part(of, head)]) + bias[of];
                let mut weights: Vec<f32> = (0..aus).map(score).collect(); // method §4
                softmax(&mut weights);
                weights.iter().enumerate().for_each(|(of, &weight)| add_scaled(seen, weight, &value[part(of, head)]));
            }
            self.seen.set_row(clip * aus + au, &seen);
        }
    }
}
