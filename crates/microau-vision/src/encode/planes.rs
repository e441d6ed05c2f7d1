//! RGB to planes of luma and chroma: BT.601, limited range, chroma of half the width and height.
//!
//! ```text
//! Y  = 16  + 219 (0.299 R + 0.587 G + 0.114 B)                 R, G, B from 0 to 1
//! Cb = 128 + 224 / 1.772 (B − luma)      Cr = 128 + 224 / 1.402 (R − luma)
//! ```

use image::RgbImage;
use rusty_h264_common::YuvFrame;

/// Weights of red, green and blue in luma.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// Fills the planes with a picture that is at least as large.
pub(super) fn fill(planes: &mut YuvFrame, image: &RgbImage) {
    let (width, height, stride) = (planes.width, planes.height, 3 * image.width() as usize);
    let pixel = |x: usize, y: usize| -> [f32; 3] {
        let at = y * stride + 3 * x;
        std::array::from_fn(|channel| f32::from(image.as_raw()[at + channel]) / 255.0)
    };
    for y in 0..height {
        for x in 0..width {
            planes.y[y * width + x] = (16.0 + 219.0 * luma(pixel(x, y))).round() as u8;
        }
    }
    for y in 0..height / 2 {
        for x in 0..width / 2 {
            let corners = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| pixel(2 * x + dx, 2 * y + dy));
            let mean: [f32; 3] = std::array::from_fn(|channel| corners.iter().map(|it| it[channel]).sum::<f32>() / 4.0);
            let (at, grey) = (y * (width / 2) + x, luma(mean));
            planes.u[at] = (128.0 + 224.0 / 1.772 * (mean[2] - grey)).round() as u8;
            planes.v[at] = (128.0 + 224.0 / 1.402 * (mean[0] - grey)).round() as u8;
        }
    }
}

fn luma(pixel: [f32; 3]) -> f32 {
    pixel.iter().zip(LUMA).map(|(channel, weight)| channel * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn colours_are_those_of_the_colour_bars() {
        // 100 % bars of BT.601 at 8 bits: white 235 128 128, red 81 90 240, blue 41 240 110, black 16 128 128
        let bars = [
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [81, 90, 240]),
            ([0, 0, 255], [41, 240, 110]),
            ([0, 0, 0], [16, 128, 128]),
        ];
        for (rgb, yuv) in bars {
            let mut planes = YuvFrame::black(2, 2);
            fill(&mut planes, &RgbImage::from_pixel(3, 3, Rgb(rgb)));
            assert_eq!([planes.y[3], planes.u[0], planes.v[0]], yuv, "{rgb:?}");
        }
    }
}
