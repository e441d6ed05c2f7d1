//! Time of one training step of `nano` (forward, both losses, backward, AdamW) at batch 32, and of one detection.
//!
//! `cargo bench -p microau-model --bench train_step [-- FILTER]`

use std::hint::black_box;
use std::time::Duration;

use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::Device;
use criterion::{Criterion, criterion_group, criterion_main};
use microau_model::config::{FlowEmbed, Input};
use microau_model::loss::ClassWeights;
use microau_model::prompt::TextFeatures;
use microau_model::{Batch, ClipInput, MicroAuClip, MicroAuClipConfig};

fn config(input: Input, flow_embed: FlowEmbed) -> MicroAuClipConfig {
    MicroAuClipConfig { input, flow_embed, ..MicroAuClipConfig::default() }
}

fn model(config: &MicroAuClipConfig, device: &Device) -> MicroAuClip {
    MicroAuClip::new(config, TextFeatures::built_in(&config.aus).unwrap(), 1, device).unwrap()
}

fn batch(config: &MicroAuClipConfig, clips: usize, device: &Device) -> Batch {
    let noise = |count: usize, step: usize| (0..count).map(move |i| (i * step % 251) as u8).collect::<Vec<u8>>();
    let crop_len = 3 * config.crop_px * config.crop_px;
    let (onset, apex) = (noise(crop_len, 7), noise(crop_len, 11));
    let flow_len = 3 * config.flow_side() * config.flow_side();
    let flow: Vec<f32> = noise(flow_len, 13).into_iter().map(|byte| f32::from(byte) / 60.0 - 2.0).collect();
    let region_len = config.au_count() * config.patch_count();
    let region: Vec<f32> = noise(region_len, 17).into_iter().map(|byte| f32::from(byte > 220)).collect();
    let labels: Vec<Option<bool>> = (0..config.au_count()).map(|k| Some(k % 5 == 0)).collect();
    let clip = ClipInput {
        onset: Some(&onset),
        later: vec![&apex],
        flow: vec![&flow],
        region: &region,
        region_of_side: None,
        labels: Some(&labels),
    };
    Batch::new(&vec![clip; clips], config, device).unwrap()
}

fn train_step(criterion: &mut Criterion) {
    let device = &Device::flex().autodiff();
    let cases = [
        ("flow linear", Input::Flow, FlowEmbed::Linear),
        ("flow mlp", Input::Flow, FlowEmbed::Mlp),
        ("flow conv", Input::Flow, FlowEmbed::Conv),
        ("pair", Input::Pair, FlowEmbed::Conv),
        ("pair+flow conv", Input::PairFlow, FlowEmbed::Conv),
    ];
    for (name, input, embed) in cases {
        let config = config(input, embed);
        let (batch, weights) = (batch(&config, 32, device), ClassWeights::equal(config.au_count()));
        let labels = batch.labels.clone().unwrap();
        let mut model = Some(model(&config, device));
        let mut optimizer = AdamWConfig::new().init();
        criterion.bench_function(&format!("train step, batch 32, {name}"), |bencher| {
            bencher.iter(|| {
                let current = model.take().unwrap();
                let output = current.forward(&batch);
                let loss = current.loss(&output, &labels, &weights).total;
                let gradients = GradientsParams::from_grads(loss.backward(), &current);
                model = Some(optimizer.step(1e-3, current, gradients));
            })
        });
    }
}

fn detect(criterion: &mut Criterion) {
    let device = &Device::flex();
    for (name, input) in [("flow", Input::Flow), ("pair+flow", Input::PairFlow)] {
        let config = config(input, FlowEmbed::Conv);
        let (model, batch) = (model(&config, device), batch(&config, 1, device));
        criterion.bench_function(&format!("detect one clip, {name}"), |bencher| {
            bencher.iter(|| black_box(model.forward(&batch).logits.into_data()))
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(6));
    targets = train_step, detect
}
criterion_main!(benches);
