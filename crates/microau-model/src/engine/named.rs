//! The weights of a burn module under their names, as the engine packs them.

use std::collections::BTreeMap;

use burn::module::Module;
use microau_kernels::{LayerNorm, Precision, Weights};

use super::plain::add_scaled;
use crate::params::{Weight, collect};

/// ε of every norm of the method, as burn and CLIP have it.
const NORM_EPSILON: f32 = 1e-5;

/// Weights by name, such as `blocks.0.mlp.up.weight`.
pub(super) struct Named(BTreeMap<String, Weight>);

impl Named {
    /// All weights of a module.
    pub(super) fn of<M: Module>(module: &M) -> Named {
        Named(collect(module))
    }

    /// The numbers of a weight, if the module has one of that name.
    pub(super) fn find(&self, name: &str) -> Option<&[f32]> {
        self.0.get(name).map(|weight| weight.values.as_slice())
    }

    /// The numbers of a weight.
    ///
    /// # Panics
    /// When the module has none of that name: names and modules stand in one crate.
    pub(super) fn get(&self, name: &str) -> &[f32] {
        self.find(name).unwrap_or_else(|| panic!("no weight is called {name}"))
    }

    /// A linear layer: its weight `[inputs, outputs]` and its bias, zeros where it has none.
    pub(super) fn linear(&self, name: &str) -> Dense {
        let weight = &self.0[&format!("{name}.weight")];
        let [inputs, outputs] = weight.shape[..] else { panic!("{name} is no linear layer") };
        let bias = self.find(&format!("{name}.bias")).map_or_else(|| vec![0.0; outputs], <[f32]>::to_vec);
        Dense { weight: weight.values.clone(), inputs, bias }
    }

    /// A layer norm.
    pub(super) fn norm(&self, name: &str) -> LayerNorm {
        LayerNorm::new(self.get(&format!("{name}.gamma")), self.get(&format!("{name}.beta")), NORM_EPSILON)
    }
}

/// A linear layer as plain numbers.
pub(super) struct Dense {
    /// `[inputs, outputs]`
    pub(super) weight: Vec<f32>,
    pub(super) inputs: usize,
    pub(super) bias: Vec<f32>,
}

impl Dense {
    /// The layer as the engine multiplies it.
    pub(super) fn pack(&self, precision: Precision) -> Weights {
        Weights::pack(precision, &self.weight, self.inputs, &self.bias)
    }

    /// What the layer makes of rows `[N, inputs]`: `[N, outputs]`, for what is computed once.
    pub(super) fn of_rows(&self, rows: &[f32]) -> Vec<f32> {
        let outputs = self.bias.len();
        let mut out = Vec::with_capacity(rows.len() / self.inputs * outputs);
        for row in rows.chunks_exact(self.inputs) {
            let mut sums = self.bias.clone();
            row.iter()
                .zip(self.weight.chunks_exact(outputs))
                .for_each(|(&x, weights)| add_scaled(&mut sums, x, weights));
            out.extend(sums);
        }
        out
    }

    /// The layer with zeros among its outputs: of every `width` the first are there, up to `padded`.
    pub(super) fn with_padded_outputs(self, width: usize, padded: usize) -> Dense {
        let weight = spread(&self.weight, width, padded);
        Dense { weight, bias: spread(&self.bias, width, padded), ..self }
    }

    /// The same among its inputs.
    pub(super) fn with_padded_inputs(self, width: usize, padded: usize) -> Dense {
        let outputs = self.bias.len();
        let weight = spread(&self.weight, width * outputs, padded * outputs);
        Dense { inputs: self.inputs / width * padded, weight, ..self }
    }
}

/// Runs of `width` values, each followed by zeros up to `padded`.
fn spread(values: &[f32], width: usize, padded: usize) -> Vec<f32> {
    let gap = || std::iter::repeat_n(0.0, padded - width);
    values.chunks_exact(width).flat_map(|run| run.iter().copied().chain(gap())).collect()
}
