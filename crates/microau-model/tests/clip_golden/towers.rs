//! Both towers: what they say, their gradients, and pictures of other sizes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use microau_model::clip::{
    Activation, Clip, ImageSize, Interpolation, LoadSettings, PatchBlock, VisualConfig, VisualTower,
};

use crate::golden::{
    CLOSE, Golden, TINY, assert_close, asset, formula, formula_pixels, largest_gap, load, values, weights,
};
use crate::named::{Named, parameters};

/// Largest gaps of patch tokens, both embeddings and logits.
fn gaps(path: &Path, golden: &Golden, device: &Device) -> BTreeMap<String, f32> {
    let mut out = BTreeMap::new();
    let clip = Clip::load(path, &LoadSettings::default(), device).unwrap();
    let pixels = golden.pixels(device);
    let pictures = clip.visual.forward(pixels.clone()).embedding.unwrap();
    let texts = clip.text.embed(&golden.ints("input_ids")).unwrap();
    let logits = clip.logits(pictures.clone(), texts.clone());
    for (name, got) in [("image_embeds", pictures), ("text_embeds", texts), ("logits", logits)] {
        out.insert(name.to_string(), largest_gap(&values(&got), &golden.floats(name)));
    }
    for block in 0..=clip.visual.config().layers {
        let tower = clip.visual.clone().with_patch_block(PatchBlock::After(block)).unwrap();
        let name = format!("patch_tokens.{block}");
        let tokens = values(&tower.patch_tokens(pixels.clone()));
        out.insert(name.clone(), largest_gap(&tokens, &golden.floats(&name)));
    }
    out
}

#[test]
fn both_towers_agree_with_hugging_face() {
    for device in [Device::default(), Device::default().autodiff()] {
        for name in TINY {
            for (what, gap) in gaps(&weights(name), &Golden::of(name), &device) {
                assert!(gap <= CLOSE, "{name} {what}: largest gap {gap}");
            }
        }
    }
}

/// `python reference/clip_golden.py --full vit-b-16 DIR`, then
/// `MICROAU_CLIP_FULL=DIR cargo test --release -p microau-model --test clip_golden -- --ignored --nocapture`.
#[test]
#[ignore = "needs a model of full size, see above"]
fn a_model_of_full_size_agrees_with_hugging_face() {
    let folder = PathBuf::from(std::env::var_os("MICROAU_CLIP_FULL").expect("MICROAU_CLIP_FULL is a folder"));
    let golden = Golden::at(&folder.join("golden.safetensors"));
    for (what, gap) in gaps(&folder.join("model.safetensors"), &golden, &Device::default()) {
        println!("{what}: {gap:e}");
        assert!(gap <= CLOSE, "{what}: largest gap {gap}");
    }
}

#[test]
fn the_open_clip_layout_gives_the_same_numbers_as_the_hugging_face_layout() {
    let device = Device::default();
    let golden = Golden::of("p16");
    let open_clip = asset("p16-open-clip/open_clip_model.safetensors");
    let open_clip = Clip::load(&open_clip, &LoadSettings::default(), &device).unwrap();
    let hugging_face = load("p16", &device);
    assert_eq!(open_clip.visual.config(), hugging_face.visual.config());
    assert_eq!(open_clip.text.config(), hugging_face.text.config());
    assert_eq!(parameters(&open_clip), parameters(&hugging_face));
    let pixels = golden.pixels(&device);
    let embeddings = [&open_clip, &hugging_face].map(|clip| clip.visual.forward(pixels.clone()).embedding.unwrap());
    assert_eq!(values(&embeddings[0]), values(&embeddings[1]));
}

#[test]
fn a_whole_pass_gives_the_same_patch_tokens() {
    let device = Device::default();
    let tower = load("p16", &device).visual;
    let pixels = Golden::of("p16").pixels(&device);
    assert_eq!(values(&tower.patch_tokens(pixels.clone())), values(&tower.forward(pixels).patch_tokens));
    assert!(tower.with_patch_block(PatchBlock::After(4)).is_err());
}

#[test]
fn sizes_that_tensors_cannot_tell_come_from_the_config() {
    let device = Device::default();
    let config = load("p32", &device).visual.config().clone();
    assert_eq!((config.heads, config.activation), (4, Activation::Gelu));
    assert_eq!((config.image_px, config.patch_px, config.layers), (64, 32, 3));
    assert_eq!((config.width, config.mlp_width, config.embed_width), (32, 128, Some(20)));
}

#[test]
fn gradients_agree_with_torch() {
    let device = Device::default().autodiff();
    let golden = Golden::of("p16");
    let clip = load("p16", &device);
    let visual = clip.visual.forward(golden.pixels(&device));
    let texts = clip.text.embed(&golden.ints("input_ids")).unwrap();
    let weighed = |count: usize, values: Tensor<1>| {
        let weights = Tensor::from_data(TensorData::new(formula(count), [count]), &device);
        (values * weights).sum()
    };
    let flat = |x: Tensor<2>| (x.shape().num_elements(), x.flatten::<1>(0, 1));
    let tokens = visual.patch_tokens.flatten::<2>(0, 1);
    let parts = [tokens, visual.embedding.unwrap(), texts].map(flat);
    let total = parts.into_iter().map(|(count, x)| weighed(count, x)).reduce(|a, b| a + b).unwrap();
    let found = Named::gradients(&clip, &total.backward());

    let part_of_qkv = |name: &str, width: usize, part: usize| {
        let qkv = Matrix { values: found[name].clone(), columns: 3 * width };
        qkv.transposed()[part * width * width..][..width * width].to_vec()
    };
    let turned = |name: &str, columns| Matrix { values: found[name].clone(), columns }.transposed();
    let qkv_bias = &found["visual.blocks.1.attention.qkv.bias"];
    let got = [
        ("class_token", found["visual.class_token"].clone()),
        ("positions", found["visual.positions"].clone()),
        ("q.0", part_of_qkv("visual.blocks.0.attention.qkv.weight", 32, 0)),
        ("k.0", part_of_qkv("visual.blocks.0.attention.qkv.weight", 32, 1)),
        ("v.1.bias", qkv_bias[64..].to_vec()),
        ("up.1", turned("visual.blocks.1.mlp.up.weight", 128)),
        ("norm_in", found["visual.norm_in.gamma"].clone()),
        ("projection", turned("visual.head.projection", 20)),
        ("patches", turned("visual.patch_embedding.weight", 32)[..4 * 768].to_vec()),
        ("text.positions", found["text.positions"].clone()),
        ("text.tokens", found["text.token_embedding"].clone()),
        ("text.q.0", part_of_qkv("text.blocks.0.attention.qkv.weight", 24, 0)),
    ];
    for (name, got) in got {
        let expected = golden.floats(&format!("grad.{name}"));
        let largest = expected.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
        // float32 sums in another order: 1e-5 of the largest entry
        assert_close(name, &got, &expected, 1e-5 * largest);
    }
}

#[test]
fn positions_for_another_image_size_agree_with_hugging_face() {
    let device = Device::default();
    let golden = Golden::of("p16");
    for image_px in [32, 80] {
        let resized = |by| {
            let settings = LoadSettings { image_size: ImageSize::Resized { image_px, by }, ..LoadSettings::default() };
            VisualTower::load(&weights("p16"), &settings, &device).unwrap()
        };
        let tokens = resized(Interpolation::Bicubic).patch_tokens(formula_pixels(1, image_px, &device));
        assert_close("bicubic", &values(&tokens), &golden.floats(&format!("resized.{image_px}")), CLOSE);
        let positions = &parameters(&resized(Interpolation::Bilinear))["positions"];
        // weights of a few 1e-7 relative error on values up to 2
        assert_close("bilinear", positions, &golden.floats(&format!("bilinear.{image_px}")), 1e-6);
    }
}

#[test]
fn an_image_size_that_patches_do_not_fill_is_refused() {
    let tower = load("p16", &Device::default()).visual;
    let told = tower.with_image_size(ImageSize::Resized { image_px: 50, by: Interpolation::Bicubic }).unwrap_err();
    assert_eq!(told.to_string(), "`patch_px`: expected a divisor of image_px 50, got 16");
}

#[test]
fn a_tower_of_our_own_may_do_without_class_token_and_embedding() {
    let device = Device::default();
    let config = VisualConfig {
        image_px: 24,
        patch_px: 8,
        width: 16,
        layers: 2,
        heads: 2,
        mlp_width: 32,
        embed_width: None,
        class_token: false,
        activation: Activation::Gelu,
        patch_block: PatchBlock::LastBut(0),
    };
    let tower = VisualTower::init(&config, 7, &device).unwrap();
    let out = tower.forward(formula_pixels(2, 24, &device));
    assert_eq!(out.patch_tokens.dims(), [2, 9, 16]);
    assert!(out.embedding.is_none());
    let again = VisualTower::init(&config, 7, &device).unwrap();
    assert_eq!(parameters(&tower), parameters(&again));
    let other = VisualTower::init(&config, 8, &device).unwrap();
    assert_ne!(parameters(&tower), parameters(&other));

    let pooled = VisualConfig { embed_width: Some(5), ..config };
    let pooled = VisualTower::init(&pooled, 7, &device).unwrap();
    assert_eq!(pooled.forward(formula_pixels(2, 24, &device)).embedding.unwrap().dims(), [2, 5]);
}

/// A matrix, row by row.
struct Matrix {
    values: Vec<f32>,
    columns: usize,
}

impl Matrix {
    fn transposed(&self) -> Vec<f32> {
        let rows = self.values.len() / self.columns;
        let column = |column: usize| (0..rows).map(move |row| self.values[row * self.columns + column]);
        (0..self.columns).flat_map(column).collect()
    }
}
