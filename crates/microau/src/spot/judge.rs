//! Whether a proposal is an expression: a small perceptron over its features and over what nano says of its onset and apex.
//!
//! It was fitted to generated long films alone ([`fit`]); its weights are built in.

pub mod fit;

use std::path::Path;
use std::sync::LazyLock;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::features::FEATURES;
use crate::detect::DetectError;
use crate::files;

/// Action units of nano.
const UNITS: usize = 12;
/// Numbers that a proposal is judged by.
pub const INPUTS: usize = FEATURES + UNITS + 2;
/// Hidden layers.
const WIDTHS: [usize; 2] = [48, 24];
/// A probability is not taken for surer than this, as a logit.
const SUREST: f32 = 6.0;

static BUILT_IN: LazyLock<Judge> = LazyLock::new(|| {
    Judge::from_bytes(include_bytes!("../../assets/spotter.safetensors"))
        .expect("the judge is part of the build and has a test")
});

/// The perceptron.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    /// Mean of each input.
    means: Vec<f32>,
    /// One over the standard deviation of each input.
    scales: Vec<f32>,
    /// Weights `[in, out]` and biases `[out]` of each layer.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Judge {
    /// The one that is built in.
    pub fn built_in() -> &'static Judge {
        &BUILT_IN
    }

    /// Probability that inputs ([`inputs`]) are those of an expression, onset and offset right to within half of it.
    ///
    /// # Panics
    /// For another number of inputs than [`INPUTS`].
    pub fn probability(&self, inputs: &[f32]) -> f32 {
        assert_eq!(inputs.len(), self.means.len(), "expected {} inputs", self.means.len());
        let standard = inputs.iter().zip(self.means.iter().zip(&self.scales));
        let mut values: Vec<f32> = standard.map(|(x, (mean, scale))| (x - mean) * scale).collect();
        for (place, (weights, biases)) in self.layers.iter().enumerate() {
            let mut sums = biases.clone();
            for (value, row) in values.iter().zip(weights.chunks_exact(biases.len())) {
                sums.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
            }
            if place + 1 < self.layers.len() {
                sums.iter_mut().for_each(|sum| *sum = sum.max(0.0));
            }
            values = sums;
        }
        1.0 / (1.0 + (-values[0]).exp())
    }

    /// Reads a judge.
    ///
    /// # Errors
    /// A sentence on what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Judge, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| format!("expected safetensors: {error}"))?;
        let read = |name: &str, count: usize| -> Result<Vec<f32>, String> {
            let tensor = file.tensor(name).map_err(|error| format!("{name}: {error}"))?;
            let values: Vec<f32> = bytemuck::pod_collect_to_vec(tensor.data());
            let is_sound =
                tensor.dtype() == Dtype::F32 && values.len() == count && values.iter().all(|x| x.is_finite());
            is_sound.then_some(values).ok_or_else(|| format!("{name}: expected {count} finite numbers"))
        };
        let widths = widths();
        let layer = |(place, pair): (usize, &[usize])| {
            Ok((
                read(&format!("layer{place}.weight"), pair[0] * pair[1])?,
                read(&format!("layer{place}.bias"), pair[1])?,
            ))
        };
        let layers = widths.windows(2).enumerate().map(layer).collect::<Result<_, String>>()?;
        Ok(Judge { means: read("means", INPUTS)?, scales: read("scales", INPUTS)?, layers })
    }

    /// Writes the judge as safetensors.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), DetectError> {
        let widths = widths();
        let names: Vec<[String; 2]> = (0..self.layers.len())
            .map(|place| [format!("layer{place}.weight"), format!("layer{place}.bias")])
            .collect();
        fn view(values: &[f32], shape: Vec<usize>) -> TensorView<'_> {
            let bytes: &'_ [u8] = bytemuck::cast_slice(values);
            TensorView::new(Dtype::F32, shape, bytes).expect("the shape fits")
        }
        let mut tensors =
            vec![("means", view(&self.means, vec![INPUTS])), ("scales", view(&self.scales, vec![INPUTS]))];
        for (place, (weights, biases)) in self.layers.iter().enumerate() {
            let [weight, bias] = &names[place];
            tensors.push((weight, view(weights, widths[place..place + 2].to_vec())));
            tensors.push((bias, view(biases, vec![widths[place + 1]])));
        }
        let bytes = safetensors::serialize(tensors, None).expect("the tensors are well formed");
        files::write(path, &bytes)
    }
}

/// Widths of all layers, the inputs first.
fn widths() -> Vec<usize> {
    [INPUTS].into_iter().chain(WIDTHS).chain([1]).collect()
}

/// What a proposal is judged by: its features, nano's probabilities as logits, and the two largest of these.
pub fn inputs(features: &[f32], probabilities: &[f32]) -> Vec<f32> {
    let logit = |p: &f32| (p / (1.0 - p)).ln().clamp(-SUREST, SUREST);
    let logits: Vec<f32> = probabilities.iter().map(logit).collect();
    let mut sorted = logits.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    [features, &logits, &sorted[..2]].concat()
}
