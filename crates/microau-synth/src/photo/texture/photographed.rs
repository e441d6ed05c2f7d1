//! The photograph on the plate, reshaped and toned.

use image::imageops::FilterType;
use microau_core::geom::{Point2, Similarity};

use crate::photo::look::Look;
use crate::photo::plate::Plate;
use crate::photo::portrait::Portrait;

/// px of the plate between places where the change of shape is worked out.
const SHAPE_STEP: usize = 6;

/// The photograph on the plate: reshaped and toned.
pub(crate) fn photographed(
    portrait: &Portrait,
    look: &Look,
    plate_from_photo: &Similarity,
    eyes: Point2,
    unit_px: f32,
    [width, height]: [usize; 2],
) -> Plate {
    let image = portrait.image();
    // A photo much finer than the plate is made smaller first: cubic sampling alone would alias.
    let shrink = (plate_from_photo.scale() * 1.25).min(1.0);
    let small = [image.width(), image.height()].map(|n| ((n as f32 * shrink).round() as u32).max(1));
    let shrunk = (shrink < 0.9).then(|| image::imageops::resize(image, small[0], small[1], FilterType::CatmullRom));
    let photo = Plate::of_image(shrunk.as_ref().unwrap_or(image));
    let ratio = Point2::new(photo.width as f32 / image.width() as f32, photo.height as f32 / image.height() as f32);
    let photo_from_plate = plate_from_photo.inverse().unwrap_or(Similarity::IDENTITY);
    // The change of shape is smooth: it is worked out every few px and read between.
    let columns = width.div_ceil(SHAPE_STEP) + 2;
    let at_knot = |k: usize| {
        let q = Point2::new((k % columns * SHAPE_STEP) as f32, (k / columns * SHAPE_STEP) as f32);
        let p = photo_from_plate.apply(look.unshaped((q - eyes) * (1.0 / unit_px)) * unit_px + eyes);
        Point2::new(p.x * ratio.x, p.y * ratio.y)
    };
    let knots: Vec<Point2> = (0..columns * (height.div_ceil(SHAPE_STEP) + 2)).map(at_knot).collect();
    let pixel = |x: usize, y: usize| {
        let at = y / SHAPE_STEP * columns + x / SHAPE_STEP;
        let share = |i: usize| ((i % SHAPE_STEP) as f32 + 0.5) / SHAPE_STEP as f32;
        let top = knots[at].lerp(knots[at + 1], share(x));
        let bottom = knots[at + columns].lerp(knots[at + columns + 1], share(x));
        look.toned(photo.sample(top.lerp(bottom, share(y))))
    };
    let pixels = (0..width * height).map(|at| pixel(at % width, at / width)).collect();
    Plate { width, height, pixels }
}
