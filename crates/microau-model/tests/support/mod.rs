//! A tiny model and random clips for it.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod golden;

use burn::tensor::Device;
use microau_core::au::Au;
use microau_model::clip::Activation;
use microau_model::config::{FlowEmbed, Input, VisualDims};
use microau_model::labels::TrainingLabels;
use microau_model::prompt::{Prompts, TextFeatures};
use microau_model::{Batch, ClipInput, MicroAuClip, MicroAuClipConfig};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Four AUs, a 32 px crop with 2x2 patches, tokens of width 8.
pub fn tiny() -> MicroAuClipConfig {
    MicroAuClipConfig {
        aus: vec![Au::Au1, Au::Au2, Au::Au4, Au::Au12],
        input: Input::PairFlow,
        crop_px: 32,
        patch_px: 16,
        visual: VisualDims { width: 8, depth: 2, heads: 2, activation: Activation::Gelu },
        width: 8,
        heads: 2,
        text_width: 6,
        flow_embed: FlowEmbed::Conv,
        flow_stride_px: 2,
        ..MicroAuClipConfig::default()
    }
}

/// A model with random text vectors.
pub fn model(config: &MicroAuClipConfig, seed: u64, device: &Device) -> MicroAuClip {
    let mut rng = ChaCha8Rng::seed_from_u64(100 + seed);
    let text = TextFeatures::from_encoder(&Prompts::built_in(), &config.aus, |sentences| {
        Ok(sentences.iter().map(|_| uniform(&mut rng, config.text_width)).collect())
    });
    MicroAuClip::new(config, text.unwrap(), seed, device).unwrap()
}

/// `count` numbers in (-1, 1).
pub fn uniform(rng: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.next_u32() as f32 / 2f32.powi(31) - 1.0).collect()
}

/// Random clips that own their numbers.
pub struct Clips {
    pub onset: Vec<Vec<u8>>,
    pub later: Vec<Vec<Vec<u8>>>,
    pub flow: Vec<Vec<Vec<f32>>>,
    pub region: Vec<Vec<f32>>,
    pub labels: Vec<Vec<Option<bool>>>,
}

impl Clips {
    pub fn random(config: &MicroAuClipConfig, count: usize, seed: u64) -> Clips {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let frames = config.frames.later();
        let (crop_len, flow_len) = (3 * config.crop_px.pow(2), 3 * config.flow_side().pow(2));
        let bytes = |rng: &mut ChaCha8Rng| (0..crop_len).map(|_| rng.next_u32() as u8).collect::<Vec<u8>>();
        let region_len = config.au_count() * config.patch_count();
        Clips {
            onset: (0..count).map(|_| bytes(rng)).collect(),
            later: (0..count).map(|_| (0..frames).map(|_| bytes(rng)).collect()).collect(),
            flow: (0..count).map(|_| (0..frames).map(|_| uniform(rng, flow_len)).collect()).collect(),
            region: (0..count).map(|_| uniform(rng, region_len).iter().map(|x| x.abs() + 0.01).collect()).collect(),
            labels: (0..count)
                .map(|_| (0..config.au_count()).map(|_| Some(rng.next_u32() % 3 == 0)).collect())
                .collect(),
        }
    }

    pub fn inputs(&self) -> Vec<ClipInput<'_>> {
        let clip = |i: usize| ClipInput {
            onset: Some(&self.onset[i]),
            later: self.later[i].iter().map(Vec::as_slice).collect(),
            flow: self.flow[i].iter().map(Vec::as_slice).collect(),
            tokens: None,
            region: &self.region[i],
            region_of_side: None,
            labels: Some(&self.labels[i]),
        };
        (0..self.onset.len()).map(clip).collect()
    }

    pub fn batch(&self, config: &MicroAuClipConfig, device: &Device) -> Batch {
        Batch::new(&self.inputs(), config, device).unwrap()
    }

    pub fn training_labels(&self, config: &MicroAuClipConfig) -> TrainingLabels {
        TrainingLabels::new(&config.aus, self.labels.iter().map(Vec::as_slice)).unwrap()
    }
}
