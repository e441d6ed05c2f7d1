//! The turned square that a network looks at, and its pixels.

use image::RgbImage;
use microau_core::geom::{Point2, Rect};
use microau_core::landmarks::Landmarks;

use super::detector::Detection;
pub use super::texture::Outside;
use super::texture::Texture;
use crate::simd::wide;

/// Side of the square relative to the longer side of the face's box, as the mesh network was trained.
const ENLARGEMENT: f32 = 1.5;
/// Outer corners of the eyes, subject's right first: the line that turns the square.
const EYE_CORNERS: [usize; 2] = [33, 263];

/// A square in the frame, turned about its centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Roi {
    /// Centre, frame px.
    pub centre: Point2,
    /// Side, frame px.
    pub side: f32,
    /// Clockwise turn on screen, radians.
    pub angle_rad: f32,
}

impl Roi {
    /// The upright square around the whole frame.
    pub fn whole(frame: &RgbImage) -> Roi {
        let (width, height) = (frame.width() as f32, frame.height() as f32);
        Roi { centre: Point2::new(width / 2.0, height / 2.0), side: width.max(height), angle_rad: 0.0 }
    }

    /// The square in which the mesh network expects a detected face.
    pub fn from_detection(detection: &Detection) -> Roi {
        Roi::around(detection.bounds, detection.key_points[0], detection.key_points[1])
    }

    /// The square in which the mesh network expects the face whose landmarks are known from the frame before.
    pub fn from_landmarks(landmarks: &Landmarks) -> Roi {
        let bounds = bounds(landmarks);
        let [right_eye, left_eye] = EYE_CORNERS.map(|corner| landmarks.xy(corner));
        Roi::around(bounds, right_eye, left_eye)
    }

    fn around(bounds: Rect, right_eye: Point2, left_eye: Point2) -> Roi {
        let eyes = left_eye - right_eye;
        Roi {
            centre: bounds.centre(),
            side: ENLARGEMENT * bounds.width().max(bounds.height()),
            angle_rad: eyes.y.atan2(eyes.x),
        }
    }

    /// Whether the square can be looked at: finite, and at least one px wide.
    pub fn is_usable(&self) -> bool {
        let numbers = [self.centre.x, self.centre.y, self.side, self.angle_rad];
        numbers.iter().all(|n| n.is_finite()) && self.side >= 1.0
    }

    /// Frame position of a point of the square, whose sides run from 0 to 1.
    pub fn frame_from_unit(&self, unit: Point2) -> Point2 {
        let (sin, cos) = self.angle_rad.sin_cos();
        let (x, y) = ((unit.x - 0.5) * self.side, (unit.y - 0.5) * self.side);
        Point2::new(self.centre.x + cos * x - sin * y, self.centre.y + sin * x + cos * y)
    }

    /// Fills `out`, `[size, size, 3]`, with the colours under the square, each `value * scale + offset`.
    ///
    /// As MediaPipe does, whose networks' answers are read back the same way: the *corner* of each output pixel is read at
    /// the index of the frame's pixels, without the half px between corners and centres, and colours are rounded to 8 bits.
    ///
    /// # Panics
    /// When `out` is shorter than `size * size * 3`.
    pub fn read(&self, frame: &RgbImage, outside: Outside, size: usize, (scale, offset): (f32, f32), out: &mut [f32]) {
        let out = &mut out[..size * size * 3];
        let Some(texture) = Texture::new(frame) else { return out.fill(offset) };
        let step = 1.0 / size as f32;
        let start = self.frame_from_unit(Point2::default());
        let right = (self.frame_from_unit(Point2::new(1.0, 0.0)) - start) * step;
        let down = (self.frame_from_unit(Point2::new(0.0, 1.0)) - start) * step;
        for (j, row) in out.chunks_exact_mut(size * 3).enumerate() {
            read_row(row, texture, outside, start + down * j as f32, right, scale, offset);
        }
    }
}

wide! {
    /// One row of output pixels, from `first` in steps of `right`.
    fn read_row(
        row: &mut [f32], texture: Texture<'_>, outside: Outside, first: Point2, right: Point2, scale: f32, offset: f32,
    ) {
        for (i, pixel) in row.chunks_exact_mut(3).enumerate() {
            let at = first + right * i as f32;
            let colour = texture.sample(at.x, at.y, outside);
            for c in 0..3 {
                pixel[c] = rounded(colour[c]) * scale + offset;
            }
        }
    }
}

/// The nearest whole number of a colour.
#[inline(always)]
fn rounded(colour: f32) -> f32 {
    f32::from((colour + 0.5) as u8)
}

/// Smallest upright rectangle around all landmarks, px.
pub fn bounds(landmarks: &Landmarks) -> Rect {
    Rect::around(landmarks.points().iter().map(|p| p.xy())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn_takes_the_top_left_corner_to_the_top_right() {
        let roi = Roi { centre: Point2::new(10.0, 20.0), side: 4.0, angle_rad: std::f32::consts::FRAC_PI_2 };
        let corner = roi.frame_from_unit(Point2::new(0.0, 0.0));
        assert!(corner.distance(Point2::new(12.0, 18.0)) < 1e-5, "{corner:?}");
    }

    #[test]
    fn an_unturned_square_of_the_frame_reads_its_pixels() {
        let frame = RgbImage::from_fn(4, 4, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let mut out = vec![0.0; 48];
        Roi::whole(&frame).read(&frame, Outside::Black, 4, (1.0, 0.0), &mut out);
        assert_eq!(out[..6], [0.0, 0.0, 9.0, 1.0, 0.0, 9.0]);
        assert_eq!(out[45..], [3.0, 3.0, 9.0]);
    }

    #[test]
    fn what_is_outside_the_frame_is_black() {
        let frame = RgbImage::from_pixel(2, 2, image::Rgb([255, 255, 255]));
        let roi = Roi { centre: Point2::new(100.0, 100.0), side: 8.0, angle_rad: 0.3 };
        let mut out = vec![7.0; 12];
        roi.read(&frame, Outside::Black, 2, (1.0 / 127.5, -1.0), &mut out);
        assert_eq!(out, [-1.0; 12]);
    }
}
