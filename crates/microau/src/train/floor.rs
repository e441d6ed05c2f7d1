//! The floor under every model: one linear classifier an AU on dense flow at the landmarks.
//!
//! Flow (u, v) averaged over a small window at each of the 468 face landmarks, standardised on the training samples,
//! logistic regression with balanced classes and weight decay. A model that does not beat it has a fault.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData, activation};
use microau_core::au::Au;
use microau_core::geom::Point2;
use microau_core::sample::{AuLabels, Sample};

use super::schedule::Schedule;

/// Landmarks that are read: all but the irises.
const POINTS: usize = 468;
/// Features of one sample: u and v at each landmark.
const FEATURES: usize = 2 * POINTS;
/// Passes over all samples at once.
const STEPS: usize = 400;

/// Linear classifiers of some AUs.
pub struct FlowLinear {
    means: Vec<f32>,
    inverse_sds: Vec<f32>,
    layer: Linear,
    device: Device,
}

impl FlowLinear {
    /// Fits the classifiers to samples with their labels.
    ///
    /// # Panics
    /// Without samples.
    pub fn fit(aus: &[Au], samples: &[(&Sample, AuLabels)]) -> FlowLinear {
        assert!(!samples.is_empty(), "the floor is fitted to samples");
        let rows: Vec<Vec<f32>> = samples.iter().map(|(sample, _)| features(sample)).collect();
        let (means, inverse_sds) = moments(&rows);
        let device = Device::flex().autodiff();
        let inputs = standardised(&rows, &means, &inverse_sds, &device);
        let (targets, weights) = balanced(aus, samples, &device);

        device.seed(0);
        let mut layer = LinearConfig::new(FEATURES, aus.len()).init(&device);
        let mut optimizer = AdamWConfig::new().with_weight_decay(0.05).init();
        let schedule = Schedule { peak: 5e-3, warmup_steps: 10, final_share: 0.01 };
        for step in 0..STEPS {
            let logits = layer.forward(inputs.clone());
            // softplus(-y z) with y = +-1, the stable form of the log-likelihood
            let loss = (activation::softplus(-logits * targets.clone(), 1.0) * weights.clone()).sum();
            let gradients = GradientsParams::from_grads(loss.backward(), &layer);
            layer = optimizer.step(schedule.rate(step, STEPS), layer, gradients);
        }
        FlowLinear { means, inverse_sds, layer: layer.valid(), device: Device::flex() }
    }

    /// Probabilities `[samples, K]` row by row, in [0, 1].
    pub fn probs(&self, samples: &[&Sample]) -> Vec<f32> {
        let rows: Vec<Vec<f32>> = samples.iter().map(|sample| features(sample)).collect();
        let inputs = standardised(&rows, &self.means, &self.inverse_sds, &self.device);
        activation::sigmoid(self.layer.forward(inputs)).into_data().try_to_vec().expect("probabilities are f32")
    }
}

/// Flow over 3x3 of its pixels (6x6 px of the crop) at each landmark: u of all, then v of all.
fn features(sample: &Sample) -> Vec<f32> {
    let mut row = vec![0.0; FEATURES];
    for point in 0..POINTS {
        let centre = sample.landmarks.xy(point) * (1.0 / Sample::FLOW_STRIDE as f32);
        for offset in [
            (-1.0, -1.0),
            (0.0, -1.0),
            (1.0, -1.0),
            (-1.0, 0.0),
            (0.0, 0.0),
            (1.0, 0.0),
            (-1.0, 1.0),
            (0.0, 1.0),
            (1.0, 1.0),
        ] {
            let vector = sample.flow.sample(centre + Point2::new(offset.0, offset.1));
            row[point] += vector.x / 9.0;
            row[POINTS + point] += vector.y / 9.0;
        }
    }
    row
}

/// Mean and inverse standard deviation of each feature.
fn moments(rows: &[Vec<f32>]) -> (Vec<f32>, Vec<f32>) {
    let n = rows.len() as f64;
    let column = |f: usize| rows.iter().map(move |row| f64::from(row[f]));
    let means: Vec<f64> = (0..FEATURES).map(|f| column(f).sum::<f64>() / n).collect();
    let inverse_sds = (0..FEATURES).map(|f| {
        let variance = column(f).map(|v| (v - means[f]).powi(2)).sum::<f64>() / n;
        (1.0 / variance.sqrt().max(1e-6)) as f32
    });
    let inverse_sds = inverse_sds.collect();
    (means.into_iter().map(|mean| mean as f32).collect(), inverse_sds)
}

fn standardised(rows: &[Vec<f32>], means: &[f32], inverse_sds: &[f32], device: &Device) -> Tensor<2> {
    let values: Vec<f32> = rows
        .iter()
        .flat_map(|row| row.iter().zip(means).zip(inverse_sds).map(|((v, mean), inverse)| (v - mean) * inverse))
        .collect();
    Tensor::from_data(TensorData::new(values, [rows.len(), FEATURES]), device)
}

/// Targets of +-1 `[N, K]` and weights that give both classes of each AU half of the whole.
fn balanced(aus: &[Au], samples: &[(&Sample, AuLabels)], device: &Device) -> (Tensor<2>, Tensor<2>) {
    let n = samples.len();
    let positive = |i: usize, au: Au| samples[i].1.present().contains(au);
    let counts: Vec<usize> = aus.iter().map(|&au| (0..n).filter(|&i| positive(i, au)).count()).collect();
    let (mut targets, mut weights) = (Vec::new(), Vec::new());
    for i in 0..n {
        for (&au, &count) in aus.iter().zip(&counts) {
            let (target, class) = if positive(i, au) { (1.0, count) } else { (-1.0, n - count) };
            targets.push(target);
            weights.push(0.5 / class.max(1) as f32);
        }
    }
    let tensor = |values: Vec<f32>| Tensor::from_data(TensorData::new(values, [n, aus.len()]), device);
    (tensor(targets), tensor(weights))
}
