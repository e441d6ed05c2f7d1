//! Fitting the judge to proposals of which it is known whether they are expressions.

use burn::module::Module;
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::{relu, softplus};
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{Perceptron, widths};

/// How the judge is fitted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FitSettings {
    /// Seed of the first weights and of the order of the proposals.
    pub seed: u64,
    /// Times that every proposal is seen.
    pub epochs: usize,
    /// Proposals a step.
    pub batch: usize,
    /// Learning rate at the start; it falls to 0 along a half cosine.
    pub rate: f64,
    /// Weight decay.
    pub weight_decay: f32,
    /// Share of the hidden numbers that is left out of each step.
    pub dropout: f64,
}

impl Default for FitSettings {
    fn default() -> Self {
        Self { seed: 1, epochs: 40, batch: 128, rate: 2e-3, weight_decay: 1e-2, dropout: 0.2 }
    }
}

#[derive(Module, Debug)]
struct Net {
    layers: Vec<Linear>,
    dropout: Dropout,
}

impl Net {
    /// `[B, inputs]` → logits `[B]`
    fn forward(&self, inputs: Tensor<2>) -> Tensor<1> {
        let (last, hidden) = self.layers.split_last().expect("there is a last layer");
        let x = hidden.iter().fold(inputs, |x, layer| self.dropout.forward(relu(layer.forward(x))));
        last.forward(x).squeeze_dim(1)
    }
}

/// The perceptron that tells best which rows are answered with yes.
///
/// # Panics
/// When rows and answers differ in number, or rows in their length.
pub fn fit(rows: &[Vec<f32>], answers: &[bool], settings: &FitSettings) -> Perceptron {
    assert_eq!(rows.len(), answers.len());
    let width = rows.first().map_or(0, Vec::len);
    let (means, scales) = spread(rows, width);
    let standard =
        |row: &[f32]| row.iter().zip(&means).zip(&scales).map(|((x, mean), scale)| (x - mean) * scale).collect();
    let rows: Vec<Vec<f32>> = rows.iter().map(|row| standard(row)).collect();
    let device = Device::flex().autodiff();
    device.seed(settings.seed);
    let linear = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(&device);
    let dropout = DropoutConfig::new(settings.dropout).init();
    let mut net = Net { layers: widths(width).windows(2).map(linear).collect(), dropout };
    let mut optimizer = AdamWConfig::new().with_weight_decay(settings.weight_decay).init();
    let mut rng = ChaCha8Rng::seed_from_u64(settings.seed);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let steps = settings.epochs * rows.len().div_ceil(settings.batch);
    let mut step = 0;
    for _ in 0..settings.epochs {
        order.shuffle(&mut rng);
        for places in order.chunks(settings.batch) {
            let values: Vec<f32> = places.iter().flat_map(|&place| rows[place].iter().copied()).collect();
            let inputs = Tensor::from_data(TensorData::new(values, [places.len(), width]), &device);
            let signs: Vec<f32> = places.iter().map(|&place| if answers[place] { 1.0 } else { -1.0 }).collect();
            let signs = Tensor::from_data(TensorData::new(signs, [places.len()]), &device);
            let loss = softplus(-net.forward(inputs) * signs, 1.0).mean();
            let gradients = GradientsParams::from_grads(loss.backward(), &net);
            let share = step as f64 / steps as f64;
            net = optimizer.step(settings.rate * 0.5 * (1.0 + (std::f64::consts::PI * share).cos()), net, gradients);
            step += 1;
        }
    }
    let numbers = |tensor: Tensor<2>| -> Vec<f32> { tensor.try_into_vec_as().expect("weights are floats") };
    let net = net.valid();
    let layers = net.layers.iter().map(|layer| {
        let bias = layer.bias.as_ref().expect("every layer has a bias").val();
        (numbers(layer.weight.val()), numbers(bias.unsqueeze()))
    });
    Perceptron { layers: layers.collect(), means, scales }
}

/// Mean, and one over the standard deviation, of each column.
fn spread(rows: &[Vec<f32>], width: usize) -> (Vec<f32>, Vec<f32>) {
    let count = rows.len().max(1) as f32;
    let mean = |c: usize| rows.iter().map(|row| row[c]).sum::<f32>() / count;
    let means: Vec<f32> = (0..width).map(mean).collect();
    let scale = |c: usize| {
        let variance = rows.iter().map(|row| (row[c] - means[c]).powi(2)).sum::<f32>() / count;
        1.0 / variance.sqrt().max(1e-3)
    };
    let scales = (0..width).map(scale).collect();
    (means, scales)
}
