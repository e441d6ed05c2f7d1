//! CLIP against Hugging Face transformers, OpenCLIP, their tokenizer and their picture processors.
//!
//! `reference/clip_golden.py` makes everything under `tests/assets/clip`; versions and seed stand in the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use image::RgbImage;
use microau_model::clip::preprocess::{CLIP_MEAN, CLIP_STD, preprocess};
use microau_model::clip::{
    Activation, Clip, ClipError, ClipTokenizer, ImageSize, Interpolation, LoadSettings, PatchBlock, TextTower, Tune,
    VisualConfig, VisualTower,
};
use safetensors::SafeTensors;

/// The bound on embeddings.
const CLOSE: f32 = 1e-4;
const TINY: [&str; 3] = ["p16", "p32", "p14"];

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/clip").join(name)
}

fn weights(name: &str) -> PathBuf {
    asset(name).join("model.safetensors")
}

fn load(name: &str, device: &Device) -> Clip {
    Clip::load(&weights(name), &LoadSettings::default(), device).unwrap()
}

/// A golden file.
struct Golden(Vec<u8>);

impl Golden {
    fn of(model: &str) -> Self {
        Self::at(&asset(&format!("{model}.golden.safetensors")))
    }

    fn at(path: &Path) -> Self {
        Self(std::fs::read(path).unwrap())
    }

    fn bytes(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap();
        (tensor.shape().to_vec(), tensor.data().to_vec())
    }

    fn floats(&self, name: &str) -> Vec<f32> {
        self.bytes(name).1.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
    }

    fn ints(&self, name: &str) -> Vec<Vec<u32>> {
        let (shape, bytes) = self.bytes(name);
        let values: Vec<u32> = bytes.as_chunks().0.iter().map(|word| i64::from_le_bytes(*word) as u32).collect();
        values.chunks(*shape.last().unwrap()).map(<[u32]>::to_vec).collect()
    }

    /// The pictures that the golden was made with: [batch, 3, side, side].
    fn pixels(&self, device: &Device) -> Tensor<4> {
        let shape = self.ints("shape").concat();
        formula_pixels(shape[0] as usize, shape[1] as usize, device)
    }
}

/// The same formula as in the script.
fn formula_pixels(batch: usize, side: usize, device: &Device) -> Tensor<4> {
    let shape = [batch, 3, side, side];
    Tensor::from_data(TensorData::new(formula(shape.iter().product()), shape), device)
}

fn formula(count: usize) -> Vec<f32> {
    (0..count).map(|index| (index * 7919 % 1000) as f32 / 500.0 - 1.0).collect()
}

fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_to_vec().unwrap()
}

fn largest_gap(got: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(got.len(), expected.len());
    let gaps = got.iter().zip(expected).map(|(got, expected)| (got - expected).abs());
    // NaN stays, and fails every bound
    gaps.fold(0.0, |largest: f32, gap| if gap <= largest || largest.is_nan() { largest } else { gap })
}

#[track_caller]
fn assert_close(what: &str, got: &[f32], expected: &[f32], bound: f32) {
    let gap = largest_gap(got, expected);
    assert!(gap <= bound, "{what}: largest gap {gap}, expected at most {bound}");
}

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
fn tokens_agree_with_hugging_faces_clip_tokenizer() {
    let golden = std::fs::read_to_string(asset("tokens.golden.json")).unwrap();
    let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
    let tokenizer = ClipTokenizer::new();
    let rows = golden["texts"].as_array().unwrap();
    assert!(rows.len() > 10);
    for row in rows {
        let text = row["text"].as_str().unwrap();
        let ids: Vec<u32> = serde_json::from_value(row["ids"].clone()).unwrap();
        assert_eq!(tokenizer.encode(text, 77), ids, "{text:?}");
    }
}

/// The same formula as in the script.
fn formula_picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |c: u32| x * x * 24 / width + x * y * (5 + c) * 8 / (width + height) + y * 7 + c * 40;
        image::Rgb([0, 1, 2].map(|c| (wave(c) % 256) as u8))
    })
}

#[test]
fn pixels_agree_with_hugging_faces_image_processors() {
    let golden = Golden::at(&asset("pixels.golden.safetensors"));
    let file = SafeTensors::deserialize(&golden.0).unwrap();
    assert_eq!(file.len(), 13);
    for (name, tensor) in file.iter() {
        let [size, side, processor] = name.split('.').collect::<Vec<_>>()[..] else { panic!("{name}") };
        let (width, height) = size.split_once('x').unwrap();
        let picture = formula_picture(width.parse().unwrap(), height.parse().unwrap());
        let got = preprocess(&picture, side.parse().unwrap());
        let area = got.len() / 3;
        // Pillow's own steps are repeated exactly; torchvision rounds its weights to fewer bits
        let bound = if processor == "pillow" { 0.001 } else { 1.001 };
        for (index, (value, expected)) in got.iter().zip(tensor.data()).enumerate() {
            let channel = index / area;
            let byte = (value * CLIP_STD[channel] + CLIP_MEAN[channel]) * 255.0;
            let gap = (byte - f32::from(*expected)).abs();
            assert!(gap <= bound, "{name} at {index}: expected {expected}, got {byte}");
        }
    }
}

#[test]
fn an_empty_picture_does_not_panic() {
    assert_eq!(preprocess(&RgbImage::new(0, 5), 4).len(), 48);
}

#[test]
fn tuning_trains_what_it_says_and_nothing_else() {
    let device = Device::default().autodiff();
    let golden = Golden::of("p16");
    let trained = |tune: Tune| {
        let tower = load("p16", &device).visual.tuned(tune, 1).unwrap();
        let tokens = tower.patch_tokens(golden.pixels(&device));
        // the plain device's pixels need no gradient: with nothing to train there is no backward pass
        let learned = Param::from_tensor(Tensor::<1>::ones([1], &device));
        let total = (tokens * learned.val().reshape([1, 1, 1])).sum();
        Named::gradients(&tower, &total.backward()).into_keys().collect::<Vec<_>>()
    };
    assert!(trained(Tune::Heads).is_empty());
    // tokens are taken after block 1, so it is the last that can learn
    let last = trained(Tune::Last(1));
    assert_eq!(last.len(), 12);
    assert!(last.iter().all(|name| name.starts_with("blocks.1.")), "{last:?}");
    let lora = trained(Tune::Lora(2));
    assert_eq!(lora.len(), 2 * 4);
    assert!(lora.iter().all(|name| name.contains(".lora.")), "{lora:?}");
    let all = trained(Tune::All);
    assert!(all.contains(&"patch_embedding.weight".into()) && all.contains(&"class_token".into()), "{all:?}");
    // block 2, the pooled head: nothing that patch tokens depend on
    assert!(!all.iter().any(|name| name.starts_with("blocks.2") || name.starts_with("head")), "{all:?}");
}

#[test]
fn tuning_more_than_there_is_is_refused() {
    let tower = load("p16", &Device::default()).visual;
    let told = tower.clone().tuned(Tune::Last(3), 0).unwrap_err().to_string();
    assert_eq!(told, "`tune last`: expected at most the 2 blocks before the patch tokens, got 3");
    for rank in [0, 33] {
        let told = tower.clone().tuned(Tune::Lora(rank), 0).unwrap_err().to_string();
        assert_eq!(told, format!("`tune lora`: expected a rank of 1 to 32, got {rank}"));
    }
}

#[test]
fn adapters_change_nothing_until_they_learn_and_fold_in_without_a_change() {
    let device = Device::default();
    let golden = Golden::of("p16");
    let plain = load("p16", &device).visual;
    let adapted = plain.clone().tuned(Tune::Lora(3), 5).unwrap();
    let tokens = |tower: &VisualTower| values(&tower.patch_tokens(golden.pixels(&device)));
    assert_eq!(tokens(&plain), tokens(&adapted));

    let learned = adapted.map(&mut SetAdapters { path: Vec::new() });
    assert!(largest_gap(&tokens(&plain), &tokens(&learned)) > 0.1);
    let merged = learned.clone().merge_lora();
    assert_eq!(parameters(&merged).len(), parameters(&plain).len());
    // one product instead of two, rounded differently
    assert_close("merged", &tokens(&merged), &tokens(&learned), 2e-5);
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

#[test]
fn padding_after_the_end_of_a_text_changes_nothing() {
    let text = load("p16", &Device::default()).text;
    let short = text.embed(&[vec![37, 5, 9, 39]]).unwrap();
    let padded = text.embed(&[vec![37, 5, 9, 39, 39, 39, 39], vec![37, 1, 1, 1, 1, 1, 39]]).unwrap();
    // products of another size may add up in another order
    assert_close("padded", &values(&short), &values(&padded)[..20], 1e-5);
}

#[test]
fn texts_that_the_tower_cannot_read_are_refused() {
    let text = load("p14", &Device::default()).text;
    let told = |ids: &[u32]| text.embed(&[vec![37, 38], ids.to_vec()]).unwrap_err().to_string();
    assert_eq!(told(&[38; 9]), "text 1: expected at most 8 tokens, got 9");
    assert_eq!(told(&[38, 40]), "text 1: expected token ids below 40, got 40");
    assert_eq!(told(&[1, 2]), "text 1: expected an end-of-text token, got 2 tokens without it");
}

/// Writes p16 with some tensors left out or replaced, beside its config.
fn damaged(keep: impl Fn(&str) -> bool, shape_of: impl Fn(&str, &[usize]) -> Vec<usize>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(weights("p16")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensors = file.iter().filter(|(name, _)| keep(name)).map(|(name, tensor)| {
        let shape = shape_of(name, tensor.shape());
        (name.to_string(), safetensors::tensor::TensorView::new(tensor.dtype(), shape, tensor.data()).unwrap())
    });
    let path = folder.path().join("model.safetensors");
    safetensors::serialize_to_file(tensors, None, &path).unwrap();
    std::fs::copy(asset("p16/config.json"), folder.path().join("config.json")).unwrap();
    folder
}

fn load_error(path: &Path) -> ClipError {
    Clip::load(path, &LoadSettings::default(), &Device::default()).unwrap_err()
}

#[test]
fn a_missing_tensor_is_named() {
    let missing = "text_model.encoder.layers.1.self_attn.k_proj.bias";
    let folder = damaged(|name| name != missing, |_, shape| shape.to_vec());
    let path = folder.path().join("model.safetensors");
    let told = load_error(&path).to_string();
    assert_eq!(told, format!("expected tensor `{missing}`, got none: {}", path.display()));
    // the visual tower alone does not ask for it
    VisualTower::load(&path, &LoadSettings::default(), &Device::default()).unwrap();
}

#[test]
fn a_misshapen_tensor_is_named_with_both_shapes() {
    let misshapen = "vision_model.encoder.layers.2.mlp.fc2.weight";
    let turn = |name: &str, shape: &[usize]| match name == misshapen {
        true => shape.iter().rev().copied().collect(),
        false => shape.to_vec(),
    };
    let folder = damaged(|_| true, turn);
    let path = folder.path().join("model.safetensors");
    let told = load_error(&path).to_string();
    let expected = format!("tensor `{misshapen}`: expected shape [32, 128], got [128, 32]: {}", path.display());
    assert_eq!(told, expected);
}

#[test]
fn files_that_are_no_clip_weights_are_refused_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let write = |bytes: &[u8]| {
        let path = folder.path().join("model.safetensors");
        std::fs::write(&path, bytes).unwrap();
        path
    };
    assert!(matches!(load_error(Path::new("/nowhere.safetensors")), ClipError::Read { .. }));
    assert!(matches!(load_error(&write(b"")), ClipError::Header { .. }));
    assert!(matches!(load_error(&write(b"PK\x03\x04 some zip archive")), ClipError::Header { .. }));
    let whole = std::fs::read(weights("p16")).unwrap();
    assert!(matches!(load_error(&write(&whole[..whole.len() - 5])), ClipError::FileLength { .. }));
    assert!(matches!(load_error(&write(&whole[..200])), ClipError::Header { .. }));
    let golden = std::fs::read(asset("p16.golden.safetensors")).unwrap();
    assert!(matches!(load_error(&write(&golden)), ClipError::UnknownLayout { .. }));
}

#[test]
fn an_activation_that_nobody_tells_is_asked_for() {
    let folder = damaged(|_| true, |_, shape| shape.to_vec());
    std::fs::remove_file(folder.path().join("config.json")).unwrap();
    let path = folder.path().join("model.safetensors");
    assert!(matches!(load_error(&path), ClipError::ActivationUnknown { .. }));
    let settings = LoadSettings { activation: Some(Activation::QuickGelu), ..LoadSettings::default() };
    // a width of 32 has no head of 64, so the visual tower asks for heads, not for the activation
    let told = TextTower::load(&path, &settings, &Device::default()).unwrap_err().to_string();
    assert_eq!(told, "`heads`: expected a positive number, got 0");
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

/// Every parameter of a module by its path.
fn parameters(module: &impl Module) -> BTreeMap<String, Vec<f32>> {
    let mut named = Named::default();
    module.visit(&mut named);
    named.found
}

/// Collects parameters, or the gradients of those that have one.
#[derive(Default)]
struct Named<'a> {
    path: Vec<String>,
    gradients: Option<&'a Gradients>,
    found: BTreeMap<String, Vec<f32>>,
}

impl<'a> Named<'a> {
    fn gradients(module: &impl Module, gradients: &'a Gradients) -> BTreeMap<String, Vec<f32>> {
        let mut named = Self { gradients: Some(gradients), ..Self::default() };
        module.visit(&mut named);
        named.found
    }
}

impl ModuleVisitor for Named<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let found = match self.gradients {
            Some(gradients) => param.val().grad(gradients),
            None => Some(param.val()),
        };
        if let Some(tensor) = found {
            self.found.insert(self.path.join("."), values(&tensor));
        }
    }
}

/// Puts numbers where adapters start with zeros.
struct SetAdapters {
    path: Vec<String>,
}

impl ModuleMapper for SetAdapters {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.into());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let path = self.path.join(".");
        if !(path.contains(".lora.") && path.ends_with(".up")) {
            return param;
        }
        param.map(|up| {
            let shape = up.shape();
            let numbers = TensorData::new(formula(shape.num_elements()), shape);
            Tensor::from_data(numbers, &up.device())
        })
    }
}
