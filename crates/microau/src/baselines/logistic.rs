//! Logistic regression with balanced classes and a penalty on the squared weights, several targets at once.
//!
//! ```text
//! minimise  sum over targets k of  sum over i of w_ik softplus(-y_ik (x_i·a_k + b_k))  +  (penalty / 2) |a_k|^2
//! ```
//!
//! `y` is +-1, and `w_ik` gives both classes of a target half of the whole. With penalty = 1 / (C n) it is scikit-learn's
//! `LogisticRegression(C, class_weight="balanced")`. The problem is convex; L-BFGS finds its one minimum.

use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::optim::{GradientsParams, LBFGSConfig, LineSearchFn};
use burn::tensor::{Device, Tensor, TensorData, activation};

/// Iterations of L-BFGS; flow of faces converges in under 200.
const ITERATIONS: usize = 500;

/// Linear classifiers.
pub struct Logistic {
    layer: Linear,
}

impl Logistic {
    /// Fits one classifier a target.
    ///
    /// # Shapes
    /// - `inputs` `[N, D]`, standardised
    /// - `active` `[N, K]` row by row; a label that is open takes no part
    ///
    /// # Panics
    /// When `active` is no whole number of rows.
    pub fn fit(inputs: Tensor<2>, active: &[Option<bool>], penalty: f32) -> Logistic {
        let [samples, features] = inputs.dims();
        assert!(
            samples > 0 && active.len().is_multiple_of(samples),
            "one row of targets for each of {samples} samples"
        );
        let targets = active.len() / samples;
        let device = Device::flex().autodiff();
        let inputs = Tensor::from_data(inputs.into_data(), &device);
        let (signs, weights) = balanced(active, samples, targets, &device);

        let start = LinearConfig::new(features, targets).with_initializer(Initializer::Zeros).init(&device);
        let search = LBFGSConfig::new()
            .with_max_iter(ITERATIONS)
            .with_history_size(20)
            .with_line_search_fn(LineSearchFn::StrongWolfe);
        let (layer, _) = search.init().step(1.0, start, |layer: Linear| {
            let logits = layer.forward(inputs.clone());
            // softplus(-y z), the stable form of the log-likelihood
            let fit = (activation::softplus(-logits * signs.clone(), 1.0) * weights.clone()).sum();
            let size = layer.weight.val().powi_scalar(2).sum() * (0.5 * penalty);
            let loss = fit + size;
            (loss.clone().into_scalar(), GradientsParams::from_grads(loss.backward(), &layer))
        });
        Logistic { layer: layer.valid() }
    }

    /// Probabilities of inputs `[N, D]`, `[N, K]` row by row in [0, 1].
    pub fn probs(&self, inputs: Tensor<2>) -> Vec<f32> {
        activation::sigmoid(self.layer.forward(inputs)).into_data().try_to_vec().expect("probabilities are f32")
    }
}

/// Targets of +-1 `[N, K]` and weights that give both classes of each target half of the whole, open labels none.
fn balanced(active: &[Option<bool>], samples: usize, targets: usize, device: &Device) -> (Tensor<2>, Tensor<2>) {
    let count = |k: usize, label: bool| active.iter().skip(k).step_by(targets).filter(|&&it| it == Some(label)).count();
    let counts: Vec<[usize; 2]> = (0..targets).map(|k| [count(k, false), count(k, true)]).collect();
    let sign = |label: &Option<bool>| if *label == Some(true) { 1.0 } else { -1.0 };
    let weight = |(place, label): (usize, &Option<bool>)| {
        label.map_or(0.0, |label| 0.5 / counts[place % targets][usize::from(label)] as f32)
    };
    let tensor = |values: Vec<f32>| Tensor::from_data(TensorData::new(values, [samples, targets]), device);
    (tensor(active.iter().map(sign).collect()), tensor(active.iter().enumerate().map(weight).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `reference/logistic_golden.py`: scikit-learn 1.9 on numpy seed 11.
    const GOLDEN: &str = include_str!("../../tests/golden/logistic.json");

    #[test]
    fn probabilities_are_those_of_scikit_learn() {
        let golden: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
        let numbers = |key: &str| -> Vec<f32> { serde_json::from_value(golden[key].clone()).unwrap() };
        let active: Vec<Option<bool>> = serde_json::from_value(golden["active"].clone()).unwrap();
        let size = |key: &str| golden[key].as_u64().unwrap() as usize;
        let (samples, features) = (size("samples"), size("features"));
        let inputs = TensorData::new(numbers("inputs"), [samples, features]);
        let inputs = Tensor::from_data(inputs, &Device::flex());
        let penalty = golden["penalty"].as_f64().unwrap() as f32;
        let probs = Logistic::fit(inputs.clone(), &active, penalty).probs(inputs);
        let largest =
            probs.iter().zip(numbers("probs")).map(|(ours, theirs)| (ours - theirs).abs()).fold(0.0, f32::max);
        // scikit-learn stops at gradients of 1e-8 in f64; ours runs in f32
        assert!(largest < 2e-4, "{largest}");
    }
}
