//! How far probabilities move when products are bf16 or int8: a model on 200 generated pairs, against f32.
//!
//! `cargo run --release -p microau --example precision_gap -- MODEL`, where MODEL is `nano` or a checkpoint.

use burn::tensor::{Device, Tensor};
use microau::detect::ModelScorer;
use microau::generated::{SampleForm, SetSettings, Source, Studio};
use microau::model_input::{ModelInput, batch};
use microau_model::engine::{FastModel, Precision};
use microau_model::{Batch, MicroAuClip};

/// Pairs that are generated; of some the face may be cut off.
const PAIRS: usize = 200;
/// Pairs that the model sees at a time.
const AT_A_TIME: usize = 20;

fn main() {
    let name = std::env::args().nth(1).expect("usage: precision_gap MODEL");
    let device = Device::flex();
    let model = ModelScorer::checkpoint(&name, &device).expect("a model").model;
    let batches = batches(&model, &device);
    println!("{name}, {} pairs, against burn's f32:", batches.iter().map(Batch::len).sum::<usize>());
    let exact: Vec<f32> = batches.iter().flat_map(|it| probs(&model, model.forward(it).logits)).collect();
    for precision in Precision::ALL {
        let mut fast = FastModel::new(&model, precision);
        let probs = batches.iter().flat_map(|it| probs(&model, fast.forward(it).logits));
        let gaps: Vec<f32> = probs.zip(&exact).map(|(got, want)| (got - want).abs()).collect();
        let (largest, mean) = (gaps.iter().fold(0.0_f32, |most, &gap| most.max(gap)), gaps.iter().sum::<f32>());
        println!("{precision:?}: largest gap {largest:.6}, mean {:.6}", mean / gaps.len() as f32);
    }
}

fn batches(model: &MicroAuClip, device: &Device) -> Vec<Batch> {
    let config = model.config();
    let set = SetSettings {
        name: "precision".to_owned(),
        source: Source::Rendered,
        portraits: Vec::new(),
        photos: None,
        subjects: PAIRS / 5,
        clips: PAIRS,
        seed: 2718,
        generator: Default::default(),
    };
    let form = SampleForm { crop_px: config.crop_px, keep_pixels: config.input.sees_pixels() };
    let studio = Studio::new(&set).expect("settings within their ranges");
    let samples = studio.samples(form, 0..PAIRS, &|_| ()).expect("networks that are built in");
    let inputs: Vec<ModelInput> = samples.iter().filter_map(|it| ModelInput::new(&it.sample, config).ok()).collect();
    inputs.chunks(AT_A_TIME).map(|inputs| batch(inputs, config, device).expect("inputs of this model")).collect()
}

fn probs(model: &MicroAuClip, logits: Tensor<2>) -> Vec<f32> {
    model.probabilities(logits).into_data().convert::<f32>().try_into_vec().expect("converted to f32 just before")
}
