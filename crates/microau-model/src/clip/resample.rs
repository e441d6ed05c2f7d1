//! Bicubic resizing of 8-bit pictures with antialiasing, step by step as Pillow did it when CLIP was trained.
//!
//! Along x first, then along y, each pass rounded to 8 bits. (Since version 13 Pillow shrinks tall pictures along y first;
//! torchvision keeps to x first.) An output pixel gathers the input within
//! `2 · max(1, old/new)` of its centre under Keys' cubic with a = −0.5, stretched by the same factor.

use image::{Rgb, RgbImage};

/// Fraction bits of a weight: of 32 bits, 8 are the pixel's and 2 are headroom.
const FRACTION_BITS: u32 = 22;
/// Half the width of the cubic, in input pixels of an enlarged picture.
const CUBIC_REACH: f64 = 2.0;

/// The picture at another size, at least 1 px on each side.
pub(super) fn resize_bicubic(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let wide = resize_along_x(picture, width);
    resize_along_y(&wide, height)
}

fn resize_along_x(picture: &RgbImage, width: u32) -> RgbImage {
    if width == picture.width() {
        return picture.clone();
    }
    let taps = Taps::for_sizes(picture.width(), width);
    RgbImage::from_fn(width, picture.height(), |x, y| taps[x as usize].gather(|place| picture.get_pixel(place, y)))
}

fn resize_along_y(picture: &RgbImage, height: u32) -> RgbImage {
    if height == picture.height() {
        return picture.clone();
    }
    let taps = Taps::for_sizes(picture.height(), height);
    RgbImage::from_fn(picture.width(), height, |x, y| taps[y as usize].gather(|place| picture.get_pixel(x, place)))
}

/// The input pixels of one output pixel: the first one and the fixed-point weight of each.
struct Taps {
    first: u32,
    weights: Vec<i32>,
}

impl Taps {
    /// One for each output pixel along an axis.
    fn for_sizes(old: u32, new: u32) -> Vec<Self> {
        let step = f64::from(old) / f64::from(new);
        let stretch = step.max(1.0);
        let reach = CUBIC_REACH * stretch;
        (0..new).map(|index| Self::around((f64::from(index) + 0.5) * step, reach, stretch, old)).collect()
    }

    fn around(centre: f64, reach: f64, stretch: f64, old: u32) -> Self {
        let first = (centre - reach + 0.5).max(0.0) as u32;
        let end = ((centre + reach + 0.5) as u32).min(old);
        let shrink = 1.0 / stretch;
        let weight = |place: u32| cubic((f64::from(place) - centre + 0.5) * shrink);
        let weights: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let one = f64::from(1 << FRACTION_BITS);
        let weights = weights.iter().map(|weight| (weight / sum * one).round() as i32);
        Self { first, weights: weights.collect() }
    }

    fn gather<'a>(&self, pixel_at: impl Fn(u32) -> &'a Rgb<u8>) -> Rgb<u8> {
        let half = 1 << (FRACTION_BITS - 1);
        let mut sums = [half; 3];
        for (place, weight) in (self.first..).zip(&self.weights) {
            let pixel = pixel_at(place);
            for (sum, &value) in sums.iter_mut().zip(&pixel.0) {
                *sum += i32::from(value) * weight;
            }
        }
        Rgb(sums.map(|sum| (sum >> FRACTION_BITS).clamp(0, 255) as u8))
    }
}

/// Keys' cubic with a = −0.5.
fn cubic(x: f64) -> f64 {
    const A: f64 = -0.5;
    let x = x.abs();
    if x < 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else if x < CUBIC_REACH {
        (((x - 5.0) * x + 8.0) * x - 4.0) * A
    } else {
        0.0
    }
}
