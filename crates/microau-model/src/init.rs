//! Random weights of a new model; those of its pixel tower are in `clip/init.rs`.
//!
//! | weight | drawn from |
//! |---|---|
//! | linear, convolution | uniform in ±1/√fan-in, the common default |
//! | queries, positions | N(0, 0.02²) |
//! | projection to the joint space | N(0, 1/D), as in CLIP |
//! | norms | scale 1, shift 0 |

use burn::module::Param;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, LayerNormConfig, Linear, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};

use crate::draw::Draw;

/// Spread of learned queries and positions at the start.
pub(crate) const TOKEN_SPREAD: f32 = 0.02;

/// Draws the weights of one model, part after part.
pub(crate) struct Init<'a> {
    draw: Draw,
    pub(crate) device: &'a Device,
}

impl<'a> Init<'a> {
    pub(crate) fn new(seed: u64, device: &'a Device) -> Init<'a> {
        Init { draw: Draw::new(seed), device }
    }

    /// `y = x W (+ b)`, W `[inputs, outputs]`.
    pub(crate) fn linear(&mut self, inputs: usize, outputs: usize, bias: bool) -> Linear {
        let limit = 1.0 / (inputs as f32).sqrt();
        let weight = self.uniform([inputs, outputs], limit);
        let bias = bias.then(|| self.uniform([outputs], limit));
        Linear { weight, bias }
    }

    /// 3x3 convolution that halves width and height.
    pub(crate) fn halving_conv(&mut self, inputs: usize, outputs: usize) -> Conv2d {
        let config = Conv2dConfig::new([inputs, outputs], [3, 3])
            .with_stride([2, 2])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
        let limit = 1.0 / ((inputs * 9) as f32).sqrt();
        let mut conv = config.init(self.device);
        conv.weight = self.uniform([outputs, inputs, 3, 3], limit);
        conv.bias = Some(self.uniform([outputs], limit));
        conv
    }

    pub(crate) fn norm(&self, width: usize) -> LayerNorm {
        LayerNormConfig::new(width).init(self.device)
    }

    pub(crate) fn constant<const D: usize>(&self, shape: [usize; D], value: f32) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::full(shape, value, self.device))
    }

    /// N(0, spread²).
    pub(crate) fn normal<const D: usize>(&mut self, shape: [usize; D], spread: f32) -> Param<Tensor<D>> {
        let values = self.draw.normal(shape.iter().product(), f64::from(spread));
        Param::from_data(TensorData::new(values, shape), self.device)
    }

    fn uniform<const D: usize>(&mut self, shape: [usize; D], limit: f32) -> Param<Tensor<D>> {
        let values = self.draw.uniform(shape.iter().product(), limit);
        Param::from_data(TensorData::new(values, shape), self.device)
    }
}
