//! Plain numbers → burn parameters.

use burn::module::Param;
use burn::nn::{LayerNorm, LayerNormConfig, Linear};
use burn::tensor::{Device, Tensor, TensorData};

/// ε inside every layer norm of every published CLIP.
const NORM_EPSILON: f64 = 1e-5;

/// A vector parameter.
pub(super) fn vector(values: Vec<f32>, device: &Device) -> Param<Tensor<1>> {
    let shape = [values.len()];
    Param::from_data(TensorData::new(values, shape), device)
}

/// A matrix parameter, `values` row by row.
pub(super) fn matrix(values: Vec<f32>, shape: [usize; 2], device: &Device) -> Param<Tensor<2>> {
    Param::from_data(TensorData::new(values, shape), device)
}

/// A matrix of zeros that is no parameter.
pub(super) fn zeros(shape: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::zeros(shape, device)
}

/// A linear layer; `weight` is [in, out] row by row.
pub(super) fn linear(weight: Vec<f32>, shape: [usize; 2], bias: Option<Vec<f32>>, device: &Device) -> Linear {
    Linear { weight: matrix(weight, shape, device), bias: bias.map(|bias| vector(bias, device)) }
}

/// A layer norm that only normalises.
pub(super) fn norm(width: usize, device: &Device) -> LayerNorm {
    LayerNormConfig::new(width).with_epsilon(NORM_EPSILON).init(device)
}

/// A layer norm with scale and shift.
pub(super) fn norm_with(scale: Vec<f32>, shift: Vec<f32>, device: &Device) -> LayerNorm {
    let mut norm = norm(scale.len(), device);
    norm.gamma = vector(scale, device);
    norm.beta = Some(vector(shift, device));
    norm
}
