//! The whole model learns: in every input mode, from its own losses.

mod support;

use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::Device;
use microau_model::config::{Frames, Input};
use microau_model::loss::ClassWeights;
use microau_model::prior::Prior;
use support::{Clips, tiny};

fn loss_before_and_after(input: Input, frames: Frames) -> [f32; 2] {
    let device = &Device::flex().autodiff();
    let config = microau_model::MicroAuClipConfig { input, frames, ..tiny() };
    let clips = Clips::random(&config, 6, 3);
    let batch = clips.batch(&config, device);
    let labels = batch.labels.clone().unwrap();
    let weights = ClassWeights::from_labels(&clips.training_labels(&config));
    let prior = Prior::from_labels(&clips.training_labels(&config), config.kappa);
    let mut model = support::model(&config, 1, device).with_prior(prior).unwrap();
    let mut optimizer = AdamWConfig::new().init();
    let mut history = Vec::new();
    for _ in 0..40 {
        let loss = model.loss(&model.forward(&batch), &labels, &weights);
        history.push(loss.total.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.total.backward(), &model);
        model = optimizer.step(3e-3, model, gradients);
    }
    [history[0], history[history.len() - 1]]
}

#[test]
fn every_input_mode_learns_its_clips_by_heart() {
    for input in Input::ALL {
        let [before, after] = loss_before_and_after(input, Frames::Pair);
        assert!(after.is_finite() && after < 0.5 * before, "{input}: {before} -> {after}");
    }
}

#[test]
fn clips_without_a_known_apex_are_learnt_too() {
    let [before, after] = loss_before_and_after(Input::PairFlow, Frames::Uniform(3));
    assert!(after.is_finite() && after < 0.5 * before, "{before} -> {after}");
}
