//! The floor under every model: one linear classifier an AU on dense flow at the landmarks.
//!
//! Flow (u, v) averaged over a small window at each of the 468 face landmarks, standardised on the training samples,
//! logistic regression with balanced classes and weight decay. A model that does not beat it has a fault.

use burn::tensor::{Device, Tensor, TensorData};
use microau_core::au::Au;
use microau_core::geom::Point2;
use microau_core::sample::{AuLabels, Sample};
use rayon::prelude::*;

use super::logistic::Logistic;

/// Landmarks that are read: all but the irises.
const POINTS: usize = 468;
/// Features of one sample: u and v at each landmark.
const FEATURES: usize = 2 * POINTS;
/// Penalty on the weights: that many samples' worth against one unit of weight. Of 1, 10, 100 and 1,000 the best on clips of
/// heads left out of a training set (F1 .89, as with scikit-learn's C = 0.01).
const PENALTY_SAMPLES: f32 = 100.0;

/// Linear classifiers of some AUs.
pub struct FlowLinear {
    means: Vec<f32>,
    inverse_sds: Vec<f32>,
    classifiers: Logistic,
    device: Device,
}

impl FlowLinear {
    /// Fits the classifiers to samples with their labels.
    ///
    /// # Panics
    /// Without samples.
    pub fn fit(aus: &[Au], samples: &[(&Sample, AuLabels)]) -> FlowLinear {
        assert!(!samples.is_empty(), "the floor is fitted to samples");
        let rows: Vec<Vec<f32>> = samples.par_iter().map(|(sample, _)| features(sample)).collect();
        let (means, inverse_sds) = moments(&rows);
        let device = Device::flex();
        let inputs = standardised(&rows, &means, &inverse_sds, &device);
        let active: Vec<bool> =
            samples.iter().flat_map(|(_, labels)| aus.iter().map(|&au| labels.present().contains(au))).collect();
        let classifiers = Logistic::fit(inputs, &active, PENALTY_SAMPLES / samples.len() as f32);
        FlowLinear { means, inverse_sds, classifiers, device }
    }

    /// Probabilities `[samples, K]` row by row, in [0, 1].
    pub fn probs(&self, samples: &[&Sample]) -> Vec<f32> {
        let rows: Vec<Vec<f32>> = samples.par_iter().map(|sample| features(sample)).collect();
        let inputs = standardised(&rows, &self.means, &self.inverse_sds, &self.device);
        self.classifiers.probs(inputs)
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
