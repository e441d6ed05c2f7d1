//! A picture in linear light that is sampled between its pixels.

use image::RgbImage;
use microau_core::geom::Point2;

use crate::identity::linear;

/// Red, green, blue in linear light; the fourth value keeps the rows aligned for the vector unit.
pub(crate) type Light = [f32; 4];

/// A picture in linear light, row by row.
#[derive(Debug, Clone)]
pub(crate) struct Plate {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<Light>,
}

impl Plate {
    /// The picture an 8-bit sRGB image shows.
    pub fn of_image(image: &RgbImage) -> Plate {
        let table: Vec<f32> = (0..256).map(|level| linear(level as f32)).collect();
        let light = |v: u8| table[usize::from(v)];
        let pixels = image.pixels().map(|p| [light(p.0[0]), light(p.0[1]), light(p.0[2]), 0.0]).collect();
        Plate { width: image.width() as usize, height: image.height() as usize, pixels }
    }

    /// Light at a continuous point (pixel centres at halves): cubic convolution over 4x4 pixels (Catmull-Rom), the edge
    /// pixels going on outside. Never negative.
    #[inline]
    pub fn sample(&self, point: Point2) -> Light {
        let (x, y) = (self.inside(point.x, self.width), self.inside(point.y, self.height));
        // Both are at least -2: truncation after a shift is the floor, without a call into the C library.
        let (ix, iy) = ((x + 4.0) as isize - 4, (y + 4.0) as isize - 4);
        let (wx, wy) = (cubic_weights(x - ix as f32), cubic_weights(y - iy as f32));
        let (ix, iy) = (ix - 1, iy - 1);
        let mut sum = [0.0f32; 4];
        let is_inner = ix >= 0 && iy >= 0 && ix + 4 <= self.width as isize && iy + 4 <= self.height as isize;
        for (j, wy) in wy.iter().enumerate() {
            let mut line = [0.0f32; 4];
            if is_inner {
                let start = (iy as usize + j) * self.width + ix as usize;
                for (pixel, w) in self.pixels[start..start + 4].iter().zip(wx) {
                    (0..4).for_each(|c| line[c] += w * pixel[c]);
                }
            } else {
                let row = clamped(iy + j as isize, self.height) * self.width;
                for (i, w) in wx.iter().enumerate() {
                    let pixel = self.pixels[row + clamped(ix + i as isize, self.width)];
                    (0..4).for_each(|c| line[c] += w * pixel[c]);
                }
            }
            (0..4).for_each(|c| sum[c] += wy * line[c]);
        }
        sum.map(|v| v.max(0.0))
    }

    /// Position relative to pixel centres, kept within two px of the picture (also for a point that is not finite).
    fn inside(&self, at: f32, len: usize) -> f32 {
        let place = at - 0.5;
        if place.is_finite() { place.clamp(-2.0, len as f32 + 1.0) } else { 0.0 }
    }
}

fn clamped(index: isize, len: usize) -> usize {
    index.clamp(0, len as isize - 1) as usize
}

#[inline]
fn cubic_weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [0.5 * (-t3 + 2.0 * t2 - t), 0.5 * (3.0 * t3 - 5.0 * t2 + 2.0), 0.5 * (-3.0 * t3 + 4.0 * t2 + t), 0.5 * (t3 - t2)]
}

/// Box blur of the given radius over a plane of values, twice: close to a bell.
pub(crate) fn softened(values: &[f32], width: usize, radius: usize) -> Vec<f32> {
    let height = values.len() / width.max(1);
    let mut now = values.to_vec();
    for _ in 0..2 {
        now = running_mean(&now, width, height, 1, width, radius);
        now = running_mean(&now, height, width, width, 1, radius);
    }
    now
}

/// Mean over `2 radius + 1` values along each line; `step` between values of a line, `line_step` between lines.
fn running_mean(values: &[f32], len: usize, lines: usize, step: usize, line_step: usize, radius: usize) -> Vec<f32> {
    let mut out = vec![0.0; values.len()];
    let share = 1.0 / (2 * radius + 1) as f32;
    for line in 0..lines {
        let at = |i: isize| values[line * line_step + clamped(i, len) * step];
        let mut sum: f32 = (-(radius as isize)..=radius as isize).map(at).sum();
        for i in 0..len {
            out[line * line_step + i * step] = sum * share;
            sum += at((i + radius + 1) as isize) - at(i as isize - radius as isize);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plane_that_rises_evenly_is_read_exactly_between_its_pixels() {
        let pixels = (0..64).map(|i| [(i % 8) as f32, (i / 8) as f32, 1.0, 0.0]).collect();
        let plate = Plate { width: 8, height: 8, pixels };
        // Cubic convolution reproduces polynomials of first degree.
        let [x, y, one, _] = plate.sample(Point2::new(3.8, 4.25));
        assert!((x - 3.3).abs() < 1e-5 && (y - 3.75).abs() < 1e-5 && (one - 1.0).abs() < 1e-6);
    }

    #[test]
    fn far_outside_and_nowhere_the_edge_goes_on() {
        let plate = Plate { width: 2, height: 1, pixels: vec![[1.0; 4], [2.0; 4]] };
        assert_eq!(plate.sample(Point2::new(-50.0, 9.0))[0], 1.0);
        assert_eq!(plate.sample(Point2::new(1e20, 0.0))[0], 2.0);
        assert!(plate.sample(Point2::new(f32::NAN, f32::INFINITY))[0].is_finite());
    }

    #[test]
    fn softening_keeps_a_constant_and_the_mean_of_a_spot() {
        assert!(softened(&[3.0; 35], 7, 2).iter().all(|v| (v - 3.0).abs() < 1e-5));
        let mut spot = vec![0.0; 21 * 21];
        spot[10 * 21 + 10] = 1.0;
        assert!((softened(&spot, 21, 2).iter().sum::<f32>() - 1.0).abs() < 1e-4);
    }
}
