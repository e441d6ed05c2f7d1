//! The engine against burn, with the same weights.

mod support;

use burn::tensor::{Device, Tensor, TensorData};
use microau_model::clip::{Activation, PatchBlock, Tune, VisualConfig, VisualTower};
use microau_model::config::{FlowEmbed, Frames, Input, Lsi};
use microau_model::engine::{FastModel, FastTower, Level, Precision};
use microau_model::{Batch, MicroAuClipConfig, Output};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use support::{Clips, model, tiny};

fn config(patch_px: usize, width: usize, heads: usize) -> VisualConfig {
    VisualConfig {
        image_px: 4 * patch_px,
        patch_px,
        width,
        layers: 3,
        heads,
        mlp_width: 4 * width,
        embed_width: None,
        class_token: true,
        activation: Activation::QuickGelu,
        patch_block: PatchBlock::LastBut(0),
    }
}

fn pictures(config: &VisualConfig, count: usize, device: &Device) -> Tensor<4> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let side = config.image_px;
    let values: Vec<f32> = (0..count * 3 * side * side).map(|_| rng.next_u32() as f32 / 2f32.powi(30) - 2.0).collect();
    Tensor::from_data(TensorData::new(values, [count, 3, side, side]), device)
}

fn values<const N: usize>(tensor: Tensor<N>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

fn tokens(fast: &mut FastTower, pixels: Tensor<4>) -> Vec<f32> {
    let mut tokens = Vec::new();
    fast.patch_tokens(&values(pixels), &mut tokens);
    tokens
}

/// The largest gap of two lists.
fn largest_gap(got: &[f32], want: &[f32]) -> f32 {
    assert_eq!(got.len(), want.len());
    got.iter().zip(want).map(|(got, want)| (got - want).abs()).fold(0.0, f32::max)
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, x| most.max(x.abs()))
}

/// The largest gap between engine and burn, over the largest token.
fn gap(tower: &VisualTower, precision: Precision, level: Level, count: usize) -> f32 {
    let device = Device::flex();
    let pixels = pictures(tower.config(), count, &device);
    let want = values(tower.patch_tokens(pixels.clone()));
    largest_gap(&tokens(&mut FastTower::at_level(tower, precision, level), pixels), &want) / largest(&want)
}

#[test]
fn towers_of_any_shape_agree_with_burn() {
    let device = Device::flex();
    let plain = config(8, 64, 1);
    let shapes = [
        plain.clone(),
        VisualConfig { class_token: false, activation: Activation::Gelu, ..config(16, 128, 4) },
        VisualConfig { patch_block: PatchBlock::default(), ..config(7, 72, 3) },
        VisualConfig { patch_block: PatchBlock::After(0), ..config(8, 40, 5) },
        VisualConfig { image_px: 80, ..plain },
    ];
    for config in shapes {
        let tower = VisualTower::init(&config, 3, &device).unwrap();
        for level in Level::available() {
            for count in [1, 3] {
                let gap = gap(&tower, Precision::F32, level, count);
                assert!(gap < 1e-5, "{config:?} {level:?}: gap {gap}");
            }
        }
    }
}

#[test]
fn lower_precisions_stay_near() {
    let tower = VisualTower::init(&config(8, 128, 2), 3, &Device::flex()).unwrap();
    for level in Level::available() {
        // a few of their steps of 1/256 and 1/127, over the largest token
        for (precision, most) in [(Precision::Bf16, 0.02), (Precision::Int8, 0.03)] {
            let gap = gap(&tower, precision, level, 2);
            assert!(gap > 1e-5 && gap < most, "{precision:?} {level:?}: gap {gap}");
        }
    }
}

#[test]
fn adapters_are_folded_in() {
    let tower = VisualTower::init(&config(8, 64, 2), 3, &Device::flex()).unwrap().tuned(Tune::Lora(2), 5).unwrap();
    assert!(gap(&tower, Precision::F32, Level::best(), 1) < 1e-5);
}

#[test]
fn a_second_call_gives_the_same_whatever_came_between() {
    let device = Device::flex();
    let tower = VisualTower::init(&config(8, 64, 2), 3, &device).unwrap();
    let mut fast = FastTower::new(&tower, Precision::F32);
    let [one, many] = [1, 5].map(|count| pictures(tower.config(), count, &device));
    let first = tokens(&mut fast, one.clone());
    let among = tokens(&mut fast, many);
    assert_eq!(tokens(&mut fast, one), first);
    // the first of the five is the same picture, computed beside another
    assert!(largest_gap(&first, &among[..first.len()]) <= 1e-6 * largest(&first));
}

#[test]
fn some_patches_are_those_of_all() {
    let config = config(8, 64, 2);
    let tower = VisualTower::init(&config, 3, &Device::flex()).unwrap();
    let mut fast = FastTower::new(&tower, Precision::F32);
    let pixels = pictures(&config, 2, &Device::flex());
    let all = tokens(&mut fast, pixels.clone());
    let patches = [1, 2, 7, 15];
    let of_all: Vec<f32> = all
        .chunks_exact(16 * 64)
        .flat_map(|picture| patches.iter().flat_map(|patch| &picture[patch * 64..][..64]))
        .copied()
        .collect();
    let mut some = |prune| {
        let mut tokens = Vec::new();
        fast.patch_tokens_of(&values(pixels.clone()), &patches, prune, &mut tokens);
        tokens
    };
    assert_eq!(some(None), of_all);
    assert_eq!(some(Some(3)), of_all, "there are three blocks: nothing comes after them");
    let pruned = some(Some(1));
    assert_eq!(pruned.len(), of_all.len());
    assert!(largest_gap(&pruned, &of_all) > 1e-3, "the others were seen no more");
}

#[test]
fn pruning_all_but_all_patches_changes_nothing() {
    let config = config(8, 64, 2);
    let tower = VisualTower::init(&config, 3, &Device::flex()).unwrap();
    let mut fast = FastTower::new(&tower, Precision::F32);
    let pixels = pictures(&config, 2, &Device::flex());
    let all: Vec<usize> = (0..16).collect();
    let mut pruned = Vec::new();
    fast.patch_tokens_of(&values(pixels.clone()), &all, Some(1), &mut pruned);
    assert_eq!(pruned, tokens(&mut fast, pixels));
}

#[test]
fn a_tower_of_full_size_agrees_with_burn() {
    let config = VisualConfig { layers: 12, ..microau_model::clip::Preset::VitB16.visual() };
    let tower = VisualTower::init(&config, 3, &Device::flex()).unwrap();
    let pixels = pictures(&config, 1, &Device::flex());
    let want = values(tower.patch_tokens(pixels.clone()));
    let gap = largest_gap(&tokens(&mut FastTower::new(&tower, Precision::F32), pixels), &want);
    // the bound that the engine promises, on tokens of size 1 to 10
    assert!(gap < 1e-4, "gap {gap}");
}

/// Gaps of all that a model says.
fn gaps(got: Output, want: Output) -> f32 {
    let logits = largest_gap(&values(got.logits), &values(want.logits));
    let heat_maps = largest_gap(&values(got.attention), &values(want.attention));
    logits.max(heat_maps).max(largest_gap(&values(got.joint), &values(want.joint)))
}

fn check_model(config: &MicroAuClipConfig) {
    let device = Device::flex();
    let model = model(config, 5, &device);
    let clips = Clips::random(config, 3, 9);
    let batch = clips.batch(config, &device);
    let mut fast = FastModel::new(&model, Precision::F32);
    let gap = gaps(fast.forward(&batch), model.forward(&batch));
    // logits are up to 20; the rest at most 1
    assert!(gap < 1e-4, "{config:?}: gap {gap}");
}

#[test]
fn models_of_any_settings_agree_with_burn() {
    let tiny = tiny();
    let settings = [
        tiny.clone(),
        MicroAuClipConfig { input: Input::Apex, lsi: Lsi::Mean, ..tiny.clone() },
        MicroAuClipConfig { input: Input::Pair, lsi: Lsi::WholeFace, ..tiny.clone() },
        MicroAuClipConfig { input: Input::Flow, flow_embed: FlowEmbed::Linear, ..tiny.clone() },
        MicroAuClipConfig { input: Input::Flow, flow_embed: FlowEmbed::Mlp, gda: false, ..tiny.clone() },
        MicroAuClipConfig { frames: Frames::Uniform(3), ..tiny.clone() },
        MicroAuClipConfig { motion_blocks: 2, ..tiny },
        MicroAuClipConfig::default(),
    ];
    settings.iter().for_each(check_model);
}

#[test]
fn patches_outside_all_regions_and_sides_of_the_face_agree_with_burn() {
    let (device, config) = (Device::flex(), tiny());
    let model = model(&config, 5, &device);
    let mut clips = Clips::random(&config, 2, 9);
    let without = |region: &[f32], patch: usize| -> Vec<f32> {
        region.iter().enumerate().map(|(at, &share)| if at % 4 == patch { 0.0 } else { share }).collect()
    };
    clips.region.iter_mut().for_each(|region| *region = without(region, 1));
    let sides: Vec<[Vec<f32>; 2]> =
        clips.region.iter().map(|region| [without(region, 0), without(region, 3)]).collect();
    let mut inputs = clips.inputs();
    for (input, [left, right]) in inputs.iter_mut().zip(&sides) {
        input.region_of_side = Some([left, right]);
    }
    let batch = Batch::new(&inputs, &config, &device).unwrap();
    assert_eq!(batch.covered, [0, 2, 3]);

    let (whole, of_sides) = FastModel::new(&model, Precision::F32).forward_with_sides(&batch);
    assert!(gaps(whole, model.forward(&batch)) < 1e-4);
    for (got, want) in of_sides.unwrap().into_iter().zip(model.forward_sides(&batch).unwrap()) {
        assert!(gaps(got, want) < 1e-4);
    }
    let kept = Batch { tokens: model.visual_tokens(&batch), ..batch.clone() };
    assert!(gaps(FastModel::new(&model, Precision::F32).forward(&kept), model.forward(&batch)) < 1e-4);
}
