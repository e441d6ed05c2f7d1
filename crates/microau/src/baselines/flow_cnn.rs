//! A small convolutional network on flow, in the manner of SSSNet, Off-ApexNet and STSTNet: u, v and strain on a coarse grid,
//! two convolutions with pooling, one hidden layer, one logit an AU.
//!
//! Fixed epochs, nothing is chosen by what is tested.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::activation::{relu, sigmoid, softplus};
use burn::tensor::{Device, Tensor, TensorData};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::features::{Standard, flow_grid};
use super::{Baseline, Fold};

/// Squares of the grid along one side.
const SIDE: usize = 28;
/// Times that every clip is seen.
const EPOCHS: usize = 60;
/// Clips a step.
const BATCH: usize = 32;
/// Learning rate.
const RATE: f64 = 5e-4;

/// The baseline.
pub struct FlowCnn;

#[derive(Module, Debug)]
struct Network {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    hidden: Linear,
    dropout: Dropout,
    out: Linear,
}

impl Network {
    fn new(aus: usize, device: &Device) -> Network {
        let conv = |from, to| {
            Conv2dConfig::new([from, to], [3, 3]).with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(device)
        };
        Network {
            first: conv(3, 16),
            second: conv(16, 32),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            hidden: LinearConfig::new(32 * (SIDE / 4) * (SIDE / 4), 128).init(device),
            dropout: DropoutConfig::new(0.5).init(),
            out: LinearConfig::new(128, aus).init(device),
        }
    }

    /// `[B, 3, S, S]` → logits `[B, K]`
    fn forward(&self, planes: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.first.forward(planes))); // [B, 16, S/2, S/2]
        let x = self.pool.forward(relu(self.second.forward(x))); // [B, 32, S/4, S/4]
        let x = relu(self.hidden.forward(x.flatten::<2>(1, 3))); // [B, 128]
        self.out.forward(self.dropout.forward(x))
    }
}

impl Baseline for FlowCnn {
    fn name(&self) -> &'static str {
        "flow-cnn"
    }

    fn probs(&self, fold: &Fold<'_>) -> Vec<Vec<f64>> {
        let train: Vec<Vec<f32>> = fold.training.clips().iter().map(|it| flow_grid(&it.clip.sample, SIDE)).collect();
        let test: Vec<Vec<f32>> = fold.test.iter().map(|sample| flow_grid(sample, SIDE)).collect();
        let standard = Standard::of(&train);
        let network = fitted(&standard.rows(&train), &fold.labels(), fold.aus.len(), fold.seed);
        let (device, test) = (Device::flex(), standard.rows(&test));
        let mut rows = Vec::with_capacity(test.len());
        for chunk in test.chunks(BATCH) {
            let probs = sigmoid(network.forward(planes(chunk, &device)));
            let probs: Vec<f32> = probs.try_into_vec_as().expect("probabilities are floats");
            rows.extend(probs.chunks_exact(fold.aus.len()).map(|row| row.iter().map(|&p| f64::from(p)).collect()));
        }
        rows
    }
}

fn planes(rows: &[Vec<f32>], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(rows.concat(), [rows.len(), 3, SIDE, SIDE]), device)
}

fn fitted(rows: &[Vec<f32>], labels: &[Option<bool>], aus: usize, seed: u64) -> Network {
    let device = Device::flex().autodiff();
    device.seed(seed);
    let mut network = Network::new(aus, &device);
    let mut optimizer = AdamWConfig::new().with_weight_decay(1e-3).init();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    for _ in 0..EPOCHS {
        order.shuffle(&mut rng);
        for places in order.chunks(BATCH) {
            let batch: Vec<Vec<f32>> = places.iter().map(|&place| rows[place].clone()).collect();
            let of = |value: fn(Option<bool>) -> f32| -> Tensor<2> {
                let values = places.iter().flat_map(|&place| labels[place * aus..][..aus].iter().map(|&l| value(l)));
                Tensor::from_data(TensorData::new(values.collect::<Vec<f32>>(), [places.len(), aus]), &device)
            };
            let sign = of(|label| if label == Some(true) { 1.0 } else { -1.0 });
            let known = of(|label| f32::from(u8::from(label.is_some())));
            let loss = (softplus(-network.forward(planes(&batch, &device)) * sign, 1.0) * known).mean();
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(RATE, network, gradients);
        }
    }
    network.valid()
}
