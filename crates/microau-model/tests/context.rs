//! Learned context: against the PyTorch twin and Hugging Face transformers, through training, and gone when saved.

mod support;

use std::path::PathBuf;

use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::Device;
use microau_model::checkpoint::{Checkpoint, Precision, Provenance};
use microau_model::clip::{LoadSettings, TextTower};
use microau_model::config::{Input, Preset};
use microau_model::loss::ClassWeights;
use microau_model::params::{Weight, collect};
use microau_model::prompt::{LearnedContext, PromptTokens, TextFeatures, TokenisedPrompts};
use microau_model::{MicroAuClip, MicroAuClipConfig, ModelError};
use support::golden::{Golden, assert_agrees, assert_tensor, with_numbers_of};
use support::{Clips, tiny};

/// A tiny CLIP text tower: vocabulary 40, 8 positions, width 24, embeddings 20 wide; 37 starts a text, 38 ends it.
fn tower(device: &Device) -> TextTower {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/assets/clip/p14/model.safetensors");
    TextTower::load(&path, &LoadSettings::default(), device).unwrap()
}

/// Prompts as the golden has them.
fn prompts(golden: &Golden, config: &MicroAuClipConfig) -> TokenisedPrompts {
    let table: serde_json::Value = serde_json::from_str(&golden.metadata["prompts"]).unwrap();
    let prompt = |value: &serde_json::Value| PromptTokens {
        ids: serde_json::from_value(value["ids"].clone()).unwrap(),
        phrase_at: serde_json::from_value(value["phrase_at"].clone()).unwrap(),
    };
    let subject = |value: &serde_json::Value| value.as_array().unwrap().iter().map(prompt).collect::<Vec<_>>();
    let rows = |name: &str| table[name].as_array().unwrap().iter().map(subject).collect::<Vec<_>>();
    let emotions = ["joy", "grief"].map(str::to_owned).into_iter().zip(rows("emotions")).collect();
    TokenisedPrompts { aus: config.aus.clone(), active: rows("active"), inactive: rows("inactive"), emotions }
}

/// The tiny model with two context vectors, reading flow.
fn config() -> MicroAuClipConfig {
    MicroAuClipConfig { preset: Preset::VitB32, input: Input::Flow, text_width: 20, context: 2, ..tiny() }
}

fn context(count: usize, device: &Device) -> LearnedContext {
    let prompts = prompts(&Golden::read("context"), &config());
    LearnedContext::new(count, tower(device), &prompts, 5).unwrap()
}

fn model(device: &Device) -> MicroAuClip {
    MicroAuClip::with_context(&config(), context(2, device), 1, device).unwrap()
}

#[test]
fn a_learned_context_agrees_with_the_twin_and_transformers() {
    let device = &Device::flex().autodiff();
    let golden = Golden::read("context");
    let config: MicroAuClipConfig = serde_json::from_str(&golden.metadata["config"]).unwrap();
    let context = LearnedContext::new(config.context, tower(device), &prompts(&golden, &config), 0).unwrap();
    let model = with_numbers_of(MicroAuClip::with_context(&config, context, 0, device).unwrap(), &golden);
    let text = model.context().unwrap().tensors();
    assert_tensor("output/text_active", text.active, &golden);
    assert_tensor("output/text_inactive", text.inactive, &golden);
    let merged = model.clone().merged();
    assert_tensor("output/text_emotions", merged.text().emotion_tensor(device), &golden);
    assert_agrees(&model, &golden, device);
}

/// The model after a few steps on random clips.
fn trained(device: &Device) -> MicroAuClip {
    let mut model = model(device);
    let clips = Clips::random(&config(), 6, 3);
    let batch = clips.batch(&config(), device);
    let mut optimizer = AdamWConfig::new().init();
    for _ in 0..3 {
        let labels = batch.labels.as_ref().unwrap();
        let loss = model.loss(&model.forward(&batch), labels, &ClassWeights::equal(config().au_count())).total;
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimizer.step(1e-2, model, gradients);
    }
    model
}

#[test]
fn training_moves_the_context_and_leaves_the_text_tower() {
    let device = &Device::flex().autodiff();
    let [before, after] = [model(device), trained(device)].map(|model| collect(&model));
    let moved = |name: &&String| -> bool {
        let [before, after]: [&Weight; 2] = [&before[*name], &after[*name]];
        before.values.iter().zip(&after.values).any(|(before, after)| (before - after).abs() > 1e-3)
    };
    assert!(moved(&&"context.vectors".to_owned()));
    let tower: Vec<_> = before.keys().filter(|name| name.starts_with("context.tower.")).collect();
    assert!(tower.len() > 20 && !tower.iter().any(moved));
}

#[test]
fn a_saved_model_scores_alike_without_context_and_text_tower() {
    // without gradients, since autodiff sums in another order
    let model = trained(&Device::flex().autodiff()).valid();
    let saved = Checkpoint { model, provenance: Provenance::default() };
    let loaded = Checkpoint::load_from_bytes(&saved.to_bytes(Precision::F32).unwrap(), &Device::flex()).unwrap();
    assert!(loaded.model.context().is_none());
    assert!(collect(&loaded.model).keys().all(|name| !name.contains("context")));
    assert_eq!(loaded.model.config(), saved.model.config(), "the settings tell how the text was learned");
    assert_ne!(loaded.model.text(), saved.model.text(), "the text has moved from where it began");
    let scores = |model: &MicroAuClip| -> [Vec<f32>; 2] {
        let output = model.forward(&Clips::random(&config(), 3, 9).batch(&config(), &Device::flex()));
        [model.emotions(&output), model.probabilities(output.logits)].map(|t| t.try_into_vec_as().unwrap())
    };
    assert!(saved.model.context().is_some(), "the model that is saved still runs its text tower");
    assert_eq!(scores(&loaded.model), scores(&saved.model));
}

#[test]
fn the_same_seed_gives_the_same_context() {
    let device = &Device::flex();
    assert_eq!(context(2, device).features(), context(2, device).features());
    assert_ne!(context(1, device).features(), context(2, device).features());
}

#[test]
fn settings_prompts_and_context_that_do_not_fit_are_refused() {
    let device = &Device::flex();
    let told = |error: Result<MicroAuClip, ModelError>| error.unwrap_err().to_string();
    let text = TextFeatures::built_in(&config().aus).unwrap();
    let unlearned = told(MicroAuClip::new(&config(), text, 1, device));
    assert!(unlearned.starts_with("setting context: expected 0"), "{unlearned}");
    let other_count = told(MicroAuClip::with_context(&config(), context(1, device), 1, device));
    assert!(other_count.starts_with("setting context: expected 1"), "{other_count}");
    let other_width = MicroAuClipConfig { text_width: 6, ..config() };
    let other_width = told(MicroAuClip::with_context(&other_width, context(2, device), 1, device));
    assert!(other_width.starts_with("setting text_width: expected 20"), "{other_width}");

    let good = prompts(&Golden::read("context"), &config());
    let refused = |count: usize, change: &dyn Fn(&mut TokenisedPrompts)| {
        let mut prompts = good.clone();
        change(&mut prompts);
        LearnedContext::new(count, tower(device), &prompts, 5).unwrap_err().to_string()
    };
    assert_eq!(refused(0, &|_| ()), "setting context: expected at least 1 for a learned context, got 0");
    assert_eq!(refused(4, &|_| ()), "text 0: expected at most 8 tokens, got 9");
    assert_eq!(refused(2, &|p| p.active[0][0].ids[1] = 40), "text 0: expected token ids below 40, got 40");
    assert_eq!(refused(2, &|p| p.active[0][1].phrase_at = 0), "text 1: expected a phrase at 1 to 4, got one at 0");
    assert_eq!(refused(2, &|p| p.active[0][1].phrase_at = 9), "text 1: expected a phrase at 1 to 4, got one at 9");
    assert!(
        refused(2, &|p| drop(p.inactive[1].pop())).contains("prompts of an AU or emotion: expected shape [3], got [2]")
    );
    assert!(refused(2, &|p| drop(p.active.pop())).contains("AUs with prompts: expected shape [4], got [3]"));
}
