//! Scores on the engine. Formulas and letters in [`head`](crate::head).

use microau_kernels::{Activations, Finish, Level, Matrix, Precision, Weights, multiply};

use super::named::{Dense, Named};
use super::plain::dot;
use crate::config::MicroAuClipConfig;
use crate::head::MAX_SCALE;

/// Added to the square of a length before its root, as in training.
const LENGTH_EPSILON: f32 = 1e-12;

/// Likeness of AU features to text vectors, divided by the temperature.
pub(super) struct FastHead {
    projection: Weights,
    /// 1/τ
    scale: f32,
    bias: Vec<f32>,
    /// `[K, d]`
    active: Vec<f32>,
    /// `[K, d]`
    inactive: Vec<f32>,
    projected: Matrix,
}

/// What the head says of the AUs of all clips.
pub(super) struct Said {
    /// v: `[B · K, d]`
    pub(super) joint: Vec<f32>,
    /// `[B · K, K]`
    pub(super) to_active: Vec<f32>,
    /// `[B · K]`
    pub(super) to_inactive: Vec<f32>,
    /// z: `[B · K]`
    pub(super) logits: Vec<f32>,
}

impl FastHead {
    pub(super) fn new(named: &Named, config: &MicroAuClipConfig, active: Vec<f32>, inactive: Vec<f32>) -> FastHead {
        let weight = named.get("head.projection").to_vec();
        let projection = Dense { weight, inputs: config.width, bias: vec![0.0; config.text_width] };
        FastHead {
            projection: projection.pack(Precision::F32),
            scale: named.get("head.log_scale")[0].min(MAX_SCALE.ln()).exp(),
            bias: named.get("head.bias").to_vec(),
            active,
            inactive,
            projected: Matrix::default(),
        }
    }

    /// Scores of AU features `[B · K, D]`.
    pub(super) fn forward(&mut self, level: Level, features: &Matrix, rows: &mut Activations) -> Said {
        rows.pack(level, features, None);
        multiply(level, rows, &self.projection, Finish::Store, &mut self.projected);
        let mut joint = self.projected.to_rows();
        let (width, aus) = (self.projected.columns(), self.bias.len());
        let mut said = Said { joint: vec![], to_active: vec![], to_inactive: vec![], logits: vec![] };
        for (row, v) in joint.chunks_exact_mut(width).enumerate() {
            let length = (dot(v, v) + LENGTH_EPSILON).sqrt();
            v.iter_mut().for_each(|v| *v /= length); // method §6
            let au = row % aus;
            let likeness = |text: &[f32]| self.scale * dot(v, text);
            let to_active: Vec<f32> = self.active.chunks_exact(width).map(likeness).collect();
            let to_inactive = likeness(&self.inactive[au * width..][..width]);
            said.logits.push(to_active[au] - to_inactive + self.bias[au]); // method §6
            said.to_active.extend(to_active);
            said.to_inactive.push(to_inactive);
        }
        Said { joint, ..said }
    }
}
