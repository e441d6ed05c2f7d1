//! Images freed of light: presmoothed, local mean taken off, divided by local contrast.
//!
//! ```text
//! P = G * I        H = P - mean(P)        image = H / sqrt( mean(H²) + floor² var(H) )
//! ```
//!
//! | symbol | here | meaning |
//! |---|---|---|
//! | G | `presmooth` | Gaussian against noise |
//! | mean | `local_mean` | smooth window, taken at a quarter of the size |
//! | floor | `contrast_floor` | keeps noise of flat parts from being blown up to texture |
//!
//! What is left does not change with brightness and gain of either image, nor with slow changes of both over the face.

use super::filter::{Symmetric, filter};
use super::pyramid::{Size, grow, shrink};
use super::settings::FlowSettings;
use crate::simd::wide;

/// Filters of the settings and the working memory of [`Contrast::normalise`].
#[derive(Clone, Debug)]
pub(super) struct Contrast {
    presmooth: Symmetric,
    quarter: Symmetric,
    floor: f32,
    mean: Vec<f32>,
    square: Vec<f32>,
    small: Vec<f32>,
    smaller: Vec<f32>,
    scratch: Vec<f32>,
    line: Vec<f32>,
}

impl Contrast {
    pub fn new(settings: &FlowSettings) -> Contrast {
        Contrast {
            presmooth: Symmetric::gaussian(settings.presmooth_sd_px),
            quarter: Symmetric::gaussian(settings.contrast_sd_px / 4.0),
            floor: settings.contrast_floor,
            mean: Vec::new(),
            square: Vec::new(),
            small: Vec::new(),
            smaller: Vec::new(),
            scratch: Vec::new(),
            line: Vec::new(),
        }
    }

    /// Writes the normalised `raw` to `image`. Values of a constant image come out as 0 to rounding.
    pub fn normalise(&mut self, raw: &[f32], size: Size, image: &mut Vec<f32>) {
        image.clear();
        image.extend_from_slice(raw);
        if image.is_empty() {
            return;
        }
        filter(image, size, &self.presmooth, &mut self.scratch, &mut self.line);
        self.mean.clear();
        self.mean.extend_from_slice(image);
        self.local_mean(size);
        let largest = raw.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
        self.square.resize(image.len(), 0.0);
        take_off(&self.mean, image, &mut self.square);
        let variance = self.square.iter().map(|&v| f64::from(v)).sum::<f64>() / image.len() as f64;
        std::mem::swap(&mut self.mean, &mut self.square);
        self.local_mean(size);
        // 1e-5 of the largest value is what rounding leaves of a constant image
        let rounding = (1e-4 * largest).powi(2) + f32::MIN_POSITIVE;
        divide(&self.mean, variance as f32 * self.floor * self.floor + rounding, image);
    }

    /// Replaces `self.mean` by its local mean.
    fn local_mean(&mut self, size: Size) {
        let (half, quarter) = (size.half(), size.half().half());
        shrink(&self.mean, size, &mut self.line, &mut self.small);
        shrink(&self.small, half, &mut self.line, &mut self.smaller);
        filter(&mut self.smaller, quarter, &self.quarter, &mut self.scratch, &mut self.line);
        grow(&self.smaller, half, 1.0, &mut self.line, &mut self.small);
        grow(&self.small, size, 1.0, &mut self.line, &mut self.mean);
    }
}

wide! {
    fn take_off(mean: &[f32], image: &mut [f32], square: &mut [f32]) {
        for ((v, &m), s) in image.iter_mut().zip(mean).zip(square) {
            *v -= m;
            *s = *v * *v;
        }
    }

    fn divide(square: &[f32], floor: f32, image: &mut [f32]) {
        for (v, &s) in image.iter_mut().zip(square) {
            // cubic interpolation may dip below 0
            *v /= (s.max(0.0) + floor).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(size: Size, gain: f32, bias: f32) -> Vec<f32> {
        let wave = |i: usize| ((i % size.width) as f32 * 0.7).sin() + ((i / size.width) as f32 * 0.4).cos();
        (0..size.len()).map(|i| bias + gain * wave(i)).collect()
    }

    #[test]
    fn gain_and_bias_of_an_image_do_not_change_it() {
        let size = Size { width: 40, height: 30 };
        let mut contrast = Contrast::new(&FlowSettings::medium());
        let (mut plain, mut bright) = (Vec::new(), Vec::new());
        contrast.normalise(&wave(size, 10.0, 100.0), size, &mut plain);
        contrast.normalise(&wave(size, 17.0, 60.0), size, &mut bright);
        // f32 holds grey values of 100 to 1e-5; that over a contrast of 10
        assert!(plain.iter().zip(&bright).all(|(p, b)| (p - b).abs() < 1e-4));
        assert!(plain.iter().any(|p| p.abs() > 0.5));
    }

    #[test]
    fn a_constant_image_becomes_zero() {
        let size = Size { width: 33, height: 17 };
        let mut out = Vec::new();
        Contrast::new(&FlowSettings::medium()).normalise(&vec![213.7; size.len()], size, &mut out);
        assert!(out.iter().all(|v| v.abs() < 1e-2));
    }
}
