//! The aligned crop of a face: one similarity for a whole clip, and the pixels under it.
//!
//! Aligning each frame by its own landmarks would add jitter larger than the motions looked for (method §1).

use image::RgbImage;
use microau_core::au::Side;
use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::Landmarks;
use microau_core::plane::Plane;
use tracing::trace_span;

use super::texture::{Outside, Texture};
use crate::simd::wide;

/// Half the distance between the eyes, in sides of the crop.
pub const HALF_EYE_DISTANCE: f32 = 0.18;
/// Height of the eyes, in sides of the crop from its top.
pub const EYE_HEIGHT: f32 = 0.33;
/// Weights of red, green and blue in the luma of ITU-R BT.601.
pub const LUMA_WEIGHTS: [f32; 3] = [0.299, 0.587, 0.114];
/// Most samples along a side of a crop's pixel: frames more than this much larger than the crop are thinned out.
const MOST_SAMPLES: usize = 16;

/// The similarity that takes a clip's frames to its crop of `size_px` x `size_px`, from the landmarks of its first frames.
///
/// The middles of the eyes, averaged over the frames, come to lie at x = `size (0.5 -/+ 0.18)`, y = `0.33 size`, the
/// subject's right eye on the left. `None` without frames, or when the eyes coincide.
pub fn crop_from_frame(first_frames: &[Landmarks], size_px: u32) -> Option<Similarity> {
    let mean = Landmarks::mean(first_frames)?;
    let eyes = [Side::Right, Side::Left].map(|side| mean.eye_midpoint(side));
    Similarity::fit(&eyes, &canonical_eyes(size_px)).filter(|similarity| similarity.scale() > 0.0)
}

/// Where the middles of the eyes lie in a crop, px: the subject's right eye, then the left.
pub fn canonical_eyes(size_px: u32) -> [Point2; 2] {
    let size = size_px as f32;
    [0.5 - HALF_EYE_DISTANCE, 0.5 + HALF_EYE_DISTANCE].map(|x| Point2::new(size * x, size * EYE_HEIGHT))
}

/// The crop of a frame, `size_px` x `size_px`. Outside the frame its edge goes on.
///
/// Bilinear; where the frame is shrunk, each pixel is the mean over the area it covers. Black when the frame is empty or
/// the similarity cannot be inverted.
pub fn warp(frame: &RgbImage, crop_from_frame: &Similarity, size_px: u32) -> RgbImage {
    let _stage = trace_span!("align").entered();
    let mut crop = RgbImage::new(size_px, size_px);
    let mut rows = crop.chunks_exact_mut(3 * size_px.max(1) as usize);
    sweep(frame, crop_from_frame, size_px, |colours| {
        if let Some(row) = rows.next() {
            // Casts saturate, and colours are in 0..=255 up to rounding.
            row.iter_mut().zip(colours).for_each(|(p, c)| *p = (c + 0.5) as u8);
        }
    });
    crop
}

/// Luma of the crop of a frame, 0 to 255, without rounding to whole numbers in between; otherwise as [`warp`].
pub fn warp_gray(frame: &RgbImage, crop_from_frame: &Similarity, size_px: u32) -> Plane {
    let _stage = trace_span!("align").entered();
    let mut luma = Vec::with_capacity(size_px as usize * size_px as usize);
    sweep(frame, crop_from_frame, size_px, |colours| {
        luma.extend(colours.chunks_exact(3).map(|c| luma_of([c[0], c[1], c[2]])));
    });
    luma.resize(size_px as usize * size_px as usize, 0.0);
    Plane::from_vec(size_px as usize, size_px as usize, luma)
}

/// Luma of an image, 0 to 255 (BT.601).
pub fn gray_from_rgb(image: &RgbImage) -> Plane {
    let luma = image.as_raw().chunks_exact(3).map(|p| luma_of([p[0], p[1], p[2]].map(f32::from))).collect();
    Plane::from_vec(image.width() as usize, image.height() as usize, luma)
}

fn luma_of(colour: [f32; 3]) -> f32 {
    LUMA_WEIGHTS.iter().zip(colour).map(|(w, c)| w * c).sum()
}

/// Gives the rows of the crop from the top, three floats a pixel; none when there is nothing to see.
fn sweep(frame: &RgbImage, crop_from_frame: &Similarity, size_px: u32, mut each: impl FnMut(&[f32])) {
    let (Some(texture), Some(back)) = (Texture::new(frame), crop_from_frame.inverse()) else { return };
    let samples = (back.scale().round() as usize).clamp(1, MOST_SAMPLES);
    let step = 1.0 / samples as f32;
    let (right, down) = (Point2::new(back.a, back.b) * step, Point2::new(-back.b, back.a) * step);
    // From continuous coordinates to the texture's indices of pixel centres: half a px less.
    let first = back.apply(Point2::new(0.5 * step, 0.5 * step)) - Point2::new(0.5, 0.5);
    let mut row = vec![0.0; 3 * size_px as usize];
    for j in 0..size_px as usize {
        row.fill(0.0);
        for v in 0..samples {
            add_samples(&mut row, texture, samples, first + down * (j * samples + v) as f32, right);
        }
        let weight = step * step;
        row.iter_mut().for_each(|sum| *sum *= weight);
        each(&row);
    }
}

wide! {
    /// Adds one line of `samples` samples a pixel to the colours of a row, from `first` in steps of `right`.
    fn add_samples(row: &mut [f32], texture: Texture<'_>, samples: usize, first: Point2, right: Point2) {
        for (i, pixel) in row.chunks_exact_mut(3).enumerate() {
            for u in 0..samples {
                let at = first + right * (i * samples + u) as f32;
                let colour = texture.sample(at.x, at.y, Outside::Edge);
                for c in 0..3 {
                    pixel[c] += colour[c];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT: Similarity = Similarity { a: 1.0, b: 0.0, tx: -3.0, ty: -2.0 };

    fn ramp() -> RgbImage {
        RgbImage::from_fn(40, 30, |x, y| image::Rgb([(4 * x) as u8, (6 * y) as u8, 100]))
    }

    #[test]
    fn a_shift_by_whole_pixels_copies_them() {
        let crop = warp(&ramp(), &SHIFT, 16);
        assert_eq!(crop.get_pixel(0, 0).0, [12, 12, 100]);
        assert_eq!(crop.get_pixel(15, 15).0, [72, 102, 100]);
    }

    #[test]
    fn halving_takes_the_mean_of_four_pixels() {
        let crop = warp(&ramp(), &Similarity { a: 0.5, b: 0.0, tx: 0.0, ty: 0.0 }, 8);
        // Pixels 2 and 3 across, 4 and 5 down: 4 * 2.5 and 6 * 4.5.
        assert_eq!(crop.get_pixel(1, 2).0, [10, 27, 100]);
    }

    #[test]
    fn fine_stripes_become_gray_when_shrunk_by_an_even_number() {
        let stripes = RgbImage::from_fn(256, 256, |x, _| image::Rgb([if x % 2 == 0 { 0 } else { 200 }; 3]));
        let crop = warp_gray(&stripes, &Similarity { a: 0.25, b: 0.0, tx: 0.0, ty: 0.0 }, 64);
        assert!(crop.data.iter().all(|v| (v - 100.0).abs() < 1e-3));
    }

    #[test]
    fn outside_the_frame_its_edge_goes_on() {
        let crop = warp(&ramp(), &Similarity { a: 1.0, b: 0.0, tx: 100.0, ty: 100.0 }, 4);
        assert!(crop.pixels().all(|p| p.0 == [0, 0, 100]));
    }

    #[test]
    fn gray_of_the_crop_is_the_crop_of_gray() {
        let turn = Similarity { a: 0.9, b: 0.3, tx: 1.3, ty: -4.2 };
        let (direct, colour) = (warp_gray(&ramp(), &turn, 20), gray_from_rgb(&warp(&ramp(), &turn, 20)));
        // The colour crop is rounded to whole numbers: at most half a step in each weighted channel.
        assert!(direct.data.iter().zip(&colour.data).all(|(a, b)| (a - b).abs() <= 0.5 + 1e-3));
    }

    #[test]
    fn luma_of_pure_colours_is_their_weight() {
        let image = RgbImage::from_raw(3, 1, vec![255, 0, 0, 0, 255, 0, 0, 0, 255]).unwrap();
        let luma = gray_from_rgb(&image).data;
        assert!(luma.iter().zip([76.245, 149.685, 29.07]).all(|(a, b)| (a - b).abs() < 1e-3));
    }

    #[test]
    fn nothing_to_see_gives_black_and_no_panic() {
        let flat = Similarity { a: 0.0, b: 0.0, tx: 0.0, ty: 0.0 };
        assert!(warp(&ramp(), &flat, 3).iter().all(|&v| v == 0));
        assert_eq!(warp_gray(&RgbImage::new(0, 0), &SHIFT, 3).data, [0.0; 9]);
        assert_eq!(warp(&ramp(), &SHIFT, 0).len(), 0);
        assert_eq!(crop_from_frame(&[], 224), None);
    }
}
