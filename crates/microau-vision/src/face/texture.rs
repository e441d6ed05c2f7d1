//! Colours between the pixels of a frame.

use image::RgbImage;

/// A frame to sample from. Coordinates here are *indices*: pixel (i, j) has its value at exactly (i, j).
#[derive(Clone, Copy)]
pub(super) struct Texture<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
}

/// What lies outside the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Zero.
    Black,
    /// The nearest pixel of the frame.
    Edge,
}

impl<'a> Texture<'a> {
    /// The pixels of a frame; `None` when it has none.
    pub fn new(frame: &'a RgbImage) -> Option<Texture<'a>> {
        let (width, height) = (frame.width() as usize, frame.height() as usize);
        (width > 0 && height > 0).then_some(Texture { pixels: frame.as_raw(), width, height })
    }

    /// Bilinear colour at an index position, each channel in 0..=255.
    #[inline(always)]
    pub fn sample(&self, x: f32, y: f32, outside: Outside) -> [f32; 3] {
        // Casts saturate, so far or undefined positions end up outside too.
        let (column, line) = (floor(x), floor(y));
        let (fx, fy) = (x - column as f32, y - line as f32);
        if column >= 0 && line >= 0 && (column as usize) < self.width - 1 && (line as usize) < self.height - 1 {
            let start = (line as usize * self.width + column as usize) * 3;
            if let (Some(upper), Some(lower)) = (pair(self.pixels, start), pair(self.pixels, start + 3 * self.width)) {
                // Four lanes, the last unused: so that the compiler widens whole registers.
                let colour: [f32; 4] =
                    std::array::from_fn(|c| blend([upper[0][c], upper[1][c], lower[0][c], lower[1][c]], fx, fy));
                return [colour[0], colour[1], colour[2]];
            }
        }
        self.sample_border((column, line), fx, fy, outside)
    }

    #[cold]
    fn sample_border(&self, (column, line): (i32, i32), fx: f32, fy: f32, outside: Outside) -> [f32; 3] {
        let (right, below) = (column.saturating_add(1), line.saturating_add(1));
        let corners =
            [(column, line), (right, line), (column, below), (right, below)].map(|at| self.pixel(at, outside));
        std::array::from_fn(|c| blend(corners.map(|corner| corner[c]), fx, fy))
    }

    fn pixel(&self, (x, y): (i32, i32), outside: Outside) -> [f32; 3] {
        let inside = |at: i32, size: usize| at.clamp(0, size as i32 - 1) as usize;
        let (column, line) = (inside(x, self.width), inside(y, self.height));
        if outside == Outside::Black && (x != column as i32 || y != line as i32) {
            return [0.0; 3];
        }
        let start = (line * self.width + column) * 3;
        std::array::from_fn(|c| f32::from(self.pixels[start + c]))
    }
}

/// The pixel at `start` and the next, each with one more value; `None` at the very end.
#[inline(always)]
fn pair(pixels: &[u8], start: usize) -> Option<[[f32; 4]; 2]> {
    let seven = pixels.get(start..start + 7)?;
    Some([
        [seven[0], seven[1], seven[2], seven[3]].map(f32::from),
        [seven[3], seven[4], seven[5], seven[6]].map(f32::from),
    ])
}

/// The whole number below, without the library call that `f32::floor` is on older instruction sets.
#[inline(always)]
fn floor(x: f32) -> i32 {
    let towards_zero = x as i32;
    towards_zero.saturating_sub(i32::from((towards_zero as f32) > x))
}

#[inline(always)]
fn blend([a, b, c, d]: [f32; 4], fx: f32, fy: f32) -> f32 {
    let (upper, lower) = (a + fx * (b - a), c + fx * (d - c));
    upper + fy * (lower - upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_way_between_four_pixels_lies_their_mean() {
        let frame = RgbImage::from_raw(2, 2, vec![0, 10, 20, 40, 50, 60, 80, 90, 100, 120, 130, 140]).unwrap();
        let texture = Texture::new(&frame).unwrap();
        assert_eq!(texture.sample(0.5, 0.5, Outside::Edge), [60.0, 70.0, 80.0]);
        assert_eq!(texture.sample(1.0, 0.0, Outside::Black), [40.0, 50.0, 60.0]);
    }

    #[test]
    fn outside_is_black_or_the_edge() {
        let frame = RgbImage::from_pixel(1, 1, image::Rgb([100, 200, 50]));
        let texture = Texture::new(&frame).unwrap();
        assert_eq!(texture.sample(-0.5, 0.0, Outside::Black), [50.0, 100.0, 25.0]);
        assert!(texture.sample(-7e9, f32::NAN, Outside::Edge)[0].is_nan());
        assert_eq!(texture.sample(-7.0, 9.0, Outside::Edge), [100.0, 200.0, 50.0]);
        assert!(Texture::new(&RgbImage::new(0, 4)).is_none());
    }
}
