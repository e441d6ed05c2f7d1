//! The floor under every model: one linear classifier an AU on dense flow at the landmarks.
//!
//! Flow (u, v) averaged over a small window at each of the 468 face landmarks, standardised on the training samples,
//! logistic regression with balanced classes and weight decay. A model that does not beat it has a fault.

use burn::tensor::Device;
use microau_core::au::Au;
use microau_core::geom::Point2;
use microau_core::sample::{AuLabels, Sample};
use rayon::prelude::*;

use super::features::Standard;
use super::logistic::Logistic;
use super::{Baseline, Fold};

/// Landmarks that are read: all but the irises.
const POINTS: usize = 468;
/// Features of one sample: u and v at each landmark.
const FEATURES: usize = 2 * POINTS;
/// Penalty on the weights: that many samples' worth against one unit of weight. Of 1, 10, 100 and 1,000 the best on clips of
/// heads left out of a training set (F1 .89, as with scikit-learn's C = 0.01).
const PENALTY_SAMPLES: f32 = 100.0;

/// Linear classifiers of some AUs.
pub struct FlowLinear {
    standard: Standard,
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
        let (standard, device) = (Standard::of(&rows), Device::flex());
        let inputs = standard.tensor(&rows, &device);
        let active: Vec<Option<bool>> =
            samples.iter().flat_map(|(_, labels)| aus.iter().map(|&au| labels.state(au))).collect();
        let classifiers = Logistic::fit(inputs, &active, PENALTY_SAMPLES / samples.len() as f32);
        FlowLinear { standard, classifiers, device }
    }

    /// Probabilities `[samples, K]` row by row, in [0, 1].
    pub fn probs(&self, samples: &[&Sample]) -> Vec<f32> {
        let rows: Vec<Vec<f32>> = samples.par_iter().map(|sample| features(sample)).collect();
        self.classifiers.probs(self.standard.tensor(&rows, &self.device))
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

/// The baseline.
pub struct FlowLandmarks;

impl Baseline for FlowLandmarks {
    fn name(&self) -> &'static str {
        "flow-landmarks"
    }

    fn probs(&self, fold: &Fold<'_>) -> Vec<Vec<f64>> {
        let pairs: Vec<(&Sample, AuLabels)> =
            fold.training.clips().iter().map(|it| (&it.clip.sample, it.clip.labels)).collect();
        let probs = FlowLinear::fit(fold.aus, &pairs).probs(&fold.test);
        probs.chunks_exact(fold.aus.len()).map(|row| row.iter().map(|&prob| f64::from(prob)).collect()).collect()
    }
}
