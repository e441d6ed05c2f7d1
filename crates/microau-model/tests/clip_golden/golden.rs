//! The files that the script has made, and numbers held against them.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use microau_model::clip::{Clip, LoadSettings};
use safetensors::SafeTensors;

/// The bound on embeddings.
pub(crate) const CLOSE: f32 = 1e-4;
pub(crate) const TINY: [&str; 3] = ["p16", "p32", "p14"];

pub(crate) fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/clip").join(name)
}

pub(crate) fn weights(name: &str) -> PathBuf {
    asset(name).join("model.safetensors")
}

pub(crate) fn load(name: &str, device: &Device) -> Clip {
    Clip::load(&weights(name), &LoadSettings::default(), device).unwrap()
}

/// A golden file.
pub(crate) struct Golden(pub(crate) Vec<u8>);

impl Golden {
    pub(crate) fn of(model: &str) -> Self {
        Self::at(&asset(&format!("{model}.golden.safetensors")))
    }

    pub(crate) fn at(path: &Path) -> Self {
        Self(std::fs::read(path).unwrap())
    }

    pub(crate) fn bytes(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap();
        (tensor.shape().to_vec(), tensor.data().to_vec())
    }

    pub(crate) fn floats(&self, name: &str) -> Vec<f32> {
        self.bytes(name).1.as_chunks().0.iter().map(|word| f32::from_le_bytes(*word)).collect()
    }

    pub(crate) fn ints(&self, name: &str) -> Vec<Vec<u32>> {
        let (shape, bytes) = self.bytes(name);
        let values: Vec<u32> = bytes.as_chunks().0.iter().map(|word| i64::from_le_bytes(*word) as u32).collect();
        values.chunks(*shape.last().unwrap()).map(<[u32]>::to_vec).collect()
    }

    /// The pictures that the golden was made with: [batch, 3, side, side].
    pub(crate) fn pixels(&self, device: &Device) -> Tensor<4> {
        let shape = self.ints("shape").concat();
        formula_pixels(shape[0] as usize, shape[1] as usize, device)
    }
}

/// The same formula as in the script.
pub(crate) fn formula_pixels(batch: usize, side: usize, device: &Device) -> Tensor<4> {
    let shape = [batch, 3, side, side];
    Tensor::from_data(TensorData::new(formula(shape.iter().product()), shape), device)
}

pub(crate) fn formula(count: usize) -> Vec<f32> {
    (0..count).map(|index| (index * 7919 % 1000) as f32 / 500.0 - 1.0).collect()
}

pub(crate) fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.to_data().try_to_vec().unwrap()
}

pub(crate) fn largest_gap(got: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(got.len(), expected.len());
    let gaps = got.iter().zip(expected).map(|(got, expected)| (got - expected).abs());
    // NaN stays, and fails every bound
    gaps.fold(0.0, |largest: f32, gap| if gap <= largest || largest.is_nan() { largest } else { gap })
}

#[track_caller]
pub(crate) fn assert_close(what: &str, got: &[f32], expected: &[f32], bound: f32) {
    let gap = largest_gap(got, expected);
    assert!(gap <= bound, "{what}: largest gap {gap}, expected at most {bound}");
}
