//! Clipping of gradients by their global norm: over all parameters together, not tensor by tensor.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

/// Scales all gradients of a module together so that their norm is at most `max_norm`; returns the norm before.
pub fn clip_global_norm<M: Module>(module: &M, gradients: &mut GradientsParams, max_norm: f32) -> f32 {
    let mut sum = SquareSum { gradients, total: 0.0 };
    module.visit(&mut sum);
    let norm = sum.total.sqrt() as f32;
    if norm > max_norm {
        module.visit(&mut Scale { gradients, factor: max_norm / norm });
    }
    norm
}

struct SquareSum<'a> {
    gradients: &'a GradientsParams,
    total: f64,
}

impl ModuleVisitor for SquareSum<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            self.total += f64::from(gradient.powi_scalar(2).sum().into_scalar::<f32>());
        }
    }
}

struct Scale<'a> {
    gradients: &'a mut GradientsParams,
    factor: f32,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.remove::<D>(param.id) {
            self.gradients.register(param.id, gradient.mul_scalar(self.factor));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    #[test]
    fn gradients_over_the_bound_are_scaled_together() {
        let device = Device::flex().autodiff();
        let layer = LinearConfig::new(2, 1).init(&device);
        // d/dw of the sum of outputs for input (3, 4) is (3, 4), d/db is 1: norm sqrt(26)
        let loss = layer.forward(Tensor::<2>::from_floats([[3.0, 4.0]], &device)).sum();
        let mut gradients = GradientsParams::from_grads(loss.backward(), &layer);
        let before = clip_global_norm(&layer, &mut gradients, 1.0);
        assert!((before - 26.0_f32.sqrt()).abs() < 1e-5);
        assert!((clip_global_norm(&layer, &mut gradients, 9.0) - 1.0).abs() < 1e-5);
    }
}
