//! Time of one training step (forward, all losses, backward, AdamW) of `nano`, of the heads on kept ViT-B/16 tokens and of a
//! whole ViT-B/16, and of one detection.
//!
//! `cargo bench -p microau-model --bench train_step [-- FILTER]`; the same steps in PyTorch: `reference/step_bench.py`.

use std::hint::black_box;
use std::time::Duration;

use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::Device;
use criterion::{Criterion, criterion_group, criterion_main};
use half::f16;
use microau_model::batch::ClipTokens;
use microau_model::clip::Tune;
use microau_model::config::{FlowEmbed, Input, Preset};
use microau_model::loss::ClassWeights;
use microau_model::prompt::TextFeatures;
use microau_model::{Batch, ClipInput, MicroAuClip, MicroAuClipConfig};

fn config(input: Input, flow_embed: FlowEmbed) -> MicroAuClipConfig {
    MicroAuClipConfig { input, flow_embed, ..MicroAuClipConfig::default() }
}

fn model(config: &MicroAuClipConfig, device: &Device) -> MicroAuClip {
    MicroAuClip::new(config, TextFeatures::built_in(&config.aus).unwrap(), 1, device).unwrap()
}

/// Clips of noise; `kept` gives patch tokens in place of crops.
fn batch(config: &MicroAuClipConfig, clips: usize, kept: bool, device: &Device) -> Batch {
    let noise = |count: usize, step: usize| (0..count).map(move |i| (i * step % 251) as u8).collect::<Vec<u8>>();
    let crop_len = 3 * config.crop_px * config.crop_px;
    let (onset, apex) = (noise(crop_len, 7), noise(crop_len, 11));
    let tokens: Vec<f16> = noise(config.patch_count() * config.visual.width, 19)
        .into_iter()
        .map(|byte| f16::from_f32(f32::from(byte) / 60.0 - 2.0))
        .collect();
    let flow_len = 3 * config.flow_side() * config.flow_side();
    let flow: Vec<f32> = noise(flow_len, 13).into_iter().map(|byte| f32::from(byte) / 60.0 - 2.0).collect();
    let region = region(config);
    let labels: Vec<Option<bool>> = (0..config.au_count()).map(|k| Some(k % 5 == 0)).collect();
    let clip = ClipInput {
        onset: Some(&onset),
        later: vec![&apex],
        flow: vec![&flow],
        tokens: kept.then(|| ClipTokens { onset: Some(&tokens), later: vec![&tokens] }),
        region: &region,
        region_of_side: None,
        labels: Some(&labels),
    };
    Batch::new(&vec![clip; clips], config, device).unwrap()
}

/// Regions of 4 x 3 patches, together 132 of 196: of a real crop 112 to 140 patches lie in a region.
fn region(config: &MicroAuClipConfig) -> Vec<f32> {
    let cols = config.grid().cols;
    let covers = |au: usize, patch: usize| {
        let (top, left) = (2 + au / 4 * 4, 1 + au % 4 * 3);
        (top..top + 4).contains(&(patch / cols)) && (left..left + 3).contains(&(patch % cols))
    };
    let aus = 0..config.au_count();
    aus.flat_map(|au| (0..config.patch_count()).map(move |patch| f32::from(covers(au, patch)))).collect()
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
        let model = model(&config, device);
        step(criterion, &format!("train step, batch 32, {name}"), model, &batch(&config, 32, false, device));
    }
}

fn clip_step(criterion: &mut Criterion) {
    let device = &Device::flex().autodiff();
    // random weights and nano's sentence vectors: times do not depend on them
    let config = MicroAuClipConfig { text_width: 384, ..MicroAuClipConfig::preset(Preset::VitB16) };
    let (heads, _) = model(&config, device).without_tower();
    step(criterion, "train step, batch 16, heads on ViT-B/16 tokens", heads, &batch(&config, 16, true, device));
    let whole = model(&config, device).tuned(Tune::All, 1).unwrap();
    step(criterion, "train step, batch 2, whole ViT-B/16", whole, &batch(&config, 2, false, device));
}

fn step(criterion: &mut Criterion, name: &str, model: MicroAuClip, batch: &Batch) {
    let weights = ClassWeights::equal(model.config().au_count());
    let labels = batch.labels.clone().unwrap();
    let mut model = Some(model);
    let mut optimizer = AdamWConfig::new().init();
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            let current = model.take().unwrap();
            let output = current.forward(batch);
            let loss = current.loss(&output, &labels, &weights).total;
            let gradients = GradientsParams::from_grads(loss.backward(), &current);
            model = Some(optimizer.step(1e-3, current, gradients));
        })
    });
}

fn detect(criterion: &mut Criterion) {
    let device = &Device::flex();
    for (name, input) in [("flow", Input::Flow), ("pair+flow", Input::PairFlow)] {
        let config = config(input, FlowEmbed::Conv);
        let (model, batch) = (model(&config, device), batch(&config, 1, false, device));
        criterion.bench_function(&format!("detect one clip, {name}"), |bencher| {
            bencher.iter(|| black_box(model.forward(&batch).logits.into_data()))
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(6));
    targets = train_step, clip_step, detect
}
criterion_main!(benches);
