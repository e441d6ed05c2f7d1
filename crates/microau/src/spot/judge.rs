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
/// Numbers that a proposal is judged by at a glance: its features.
pub const AT_A_GLANCE: usize = FEATURES;
/// Numbers that a proposal is judged by in full.
pub const IN_FULL: usize = FEATURES + UNITS + 2;
/// Hidden layers.
const WIDTHS: [usize; 2] = [48, 24];
/// A probability is not taken for surer than this, as a logit.
const SUREST: f32 = 6.0;
/// Least probability at a glance of a proposal that nano is asked about.
const WORTH_A_LOOK: f32 = 0.03;

static BUILT_IN: LazyLock<Judge> = LazyLock::new(|| {
    Judge::from_bytes(include_bytes!("../../assets/spotter.safetensors"))
        .expect("the judge is part of the build and has a test")
});

/// Both perceptrons.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    /// Judges by features alone, so that nano need not be asked about everything.
    pub glance: Perceptron,
    /// Judges by features and nano.
    pub look: Perceptron,
}

impl Judge {
    /// The one that is built in.
    pub fn built_in() -> &'static Judge {
        &BUILT_IN
    }

    /// Probability that a proposal is an expression, its onset and offset right to within half of it. `probabilities` gives
    /// those of nano when they are asked for; where it cannot, the proposal is none.
    pub fn probability(&self, features: &[f32], probabilities: impl FnOnce() -> Option<Vec<f32>>) -> f32 {
        let glance = self.glance.probability(features);
        if glance < WORTH_A_LOOK {
            return glance;
        }
        probabilities().map_or(0.0, |probabilities| self.look.probability(&in_full(features, &probabilities)))
    }

    /// Reads a judge.
    ///
    /// # Errors
    /// A sentence on what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Judge, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| format!("expected safetensors: {error}"))?;
        let read = |name: &str, inputs| Perceptron::read(&file, name, inputs);
        Ok(Judge { glance: read("glance", AT_A_GLANCE)?, look: read("look", IN_FULL)? })
    }

    /// Writes the judge as safetensors.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), DetectError> {
        let tensors = [self.glance.tensors("glance"), self.look.tensors("look")].concat();
        let bytes = safetensors::serialize(tensors, None).expect("the tensors are well formed");
        files::write(path, &bytes)
    }
}

/// A small perceptron with one output, and the spread of its inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Perceptron {
    /// Mean of each input.
    means: Vec<f32>,
    /// One over the standard deviation of each input.
    scales: Vec<f32>,
    /// Weights `[in, out]` and biases `[out]` of each layer.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
}

impl Perceptron {
    /// Probability of yes.
    ///
    /// # Panics
    /// For another number of inputs than it was fitted to.
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

    fn read(file: &SafeTensors<'_>, name: &str, inputs: usize) -> Result<Perceptron, String> {
        let read = |part: &str, count: usize| -> Result<Vec<f32>, String> {
            let name = format!("{name}.{part}");
            let tensor = file.tensor(&name).map_err(|error| format!("{name}: {error}"))?;
            let values: Vec<f32> = bytemuck::pod_collect_to_vec(tensor.data());
            let is_sound =
                tensor.dtype() == Dtype::F32 && values.len() == count && values.iter().all(|x| x.is_finite());
            is_sound.then_some(values).ok_or_else(|| format!("{name}: expected {count} finite numbers"))
        };
        let widths = widths(inputs);
        let layer = |(place, pair): (usize, &[usize])| {
            let weights = read(&format!("layer{place}.weight"), pair[0] * pair[1])?;
            Ok((weights, read(&format!("layer{place}.bias"), pair[1])?))
        };
        let layers = widths.windows(2).enumerate().map(layer).collect::<Result<_, String>>()?;
        Ok(Perceptron { means: read("means", inputs)?, scales: read("scales", inputs)?, layers })
    }

    fn tensors(&self, name: &str) -> Vec<(String, TensorView<'_>)> {
        fn view<'a>(values: &'a [f32], shape: &[usize]) -> TensorView<'a> {
            TensorView::new(Dtype::F32, shape.to_vec(), bytemuck::cast_slice(values)).expect("the shape fits")
        }
        let widths = widths(self.means.len());
        let spread = [("means", &self.means), ("scales", &self.scales)];
        let mut tensors: Vec<_> =
            spread.map(|(part, values)| (format!("{name}.{part}"), view(values, &widths[..1]))).into();
        for (place, (weights, biases)) in self.layers.iter().enumerate() {
            tensors.push((format!("{name}.layer{place}.weight"), view(weights, &widths[place..place + 2])));
            tensors.push((format!("{name}.layer{place}.bias"), view(biases, &widths[place + 1..place + 2])));
        }
        tensors
    }
}

/// Widths of all layers, the inputs first.
fn widths(inputs: usize) -> Vec<usize> {
    [inputs].into_iter().chain(WIDTHS).chain([1]).collect()
}

/// What a proposal is judged by in full: its features, nano's probabilities as logits, and the two largest of these.
pub fn in_full(features: &[f32], probabilities: &[f32]) -> Vec<f32> {
    let logit = |p: &f32| (p / (1.0 - p)).ln().clamp(-SUREST, SUREST);
    let logits: Vec<f32> = probabilities.iter().map(logit).collect();
    let mut sorted = logits.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    [features, &logits, &sorted[..2]].concat()
}
