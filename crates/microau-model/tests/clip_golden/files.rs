//! Files of weights: damaged ones are refused by name.

use std::path::Path;

use burn::tensor::Device;
use microau_model::clip::{Activation, Clip, ClipError, LoadSettings, TextTower, VisualTower};
use safetensors::SafeTensors;

use crate::golden::{asset, weights};

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
