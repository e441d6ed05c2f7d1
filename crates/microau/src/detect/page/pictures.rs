//! The pictures of one movement: both crops, what changed between them, how the skin moved, where the model looked.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use microau_core::au::Au;
use microau_core::geom::Point2;
use microau_core::plane::FlowField;
use microau_core::score::AuInterval;

use crate::detect::heatmap;
use crate::detect::scorer::Attention;
use crate::html::data_uri;

/// Quality of JPEG at which no blocks show on a face.
const QUALITY: u8 = 82;
/// Edge of a heat map, px: it is smooth, so half of a crop is enough.
const HEAT_PX: u32 = 144;
/// Most heat maps of one movement.
const MOST_HEAT_MAPS: usize = 4;
/// Difference that the largest changes are shown with, of 127.
const LARGEST_DIFFERENCE: f32 = 110.0;
/// Most times that a difference is enlarged: above it, noise looks like movement.
const MOST_GAIN: f32 = 8.0;
/// Least motion shown in full colour, hundredths of the distance between the eyes: about what a still face has.
const LEAST_SCALE: f32 = 1.0;

/// Pictures as addresses that hold them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pictures {
    /// Edge of the first four, px.
    pub(super) edge_px: u32,
    /// The face at the onset.
    pub(super) onset: String,
    /// The face at the apex.
    pub(super) apex: String,
    /// Brightness of the apex less that of the onset around grey.
    pub(super) difference: String,
    /// How many times as large the difference is shown.
    pub(super) gain: u32,
    /// Motion as colour over a pale face.
    pub(super) flow: String,
    /// Motion shown in full colour, hundredths of the distance between the eyes.
    pub(super) flow_scale: f32,
    /// Where the model looked for the likeliest of the present action units; for the likeliest when none is present.
    pub(super) heat: Vec<(Au, String)>,
}

impl Pictures {
    /// Edge of heat maps, px.
    pub(super) const HEAT_PX: u32 = HEAT_PX;

    pub(super) fn new(interval: &AuInterval, attention: &Attention) -> Self {
        let Attention { onset, crop: apex, flow, .. } = attention;
        let (difference, gain) = difference(onset, apex);
        let flow_scale = scale(flow);
        Self {
            edge_px: apex.width(),
            onset: jpeg(onset),
            apex: jpeg(apex),
            difference: jpeg(&difference),
            gain,
            flow: jpeg(&flow_picture(onset, flow, flow_scale)),
            flow_scale,
            heat: heat_maps(interval, attention),
        }
    }
}

fn jpeg(picture: &RgbImage) -> String {
    let mut bytes = Cursor::new(Vec::new());
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    picture.write_with_encoder(encoder).expect("a picture in memory can be encoded");
    data_uri("image/jpeg", bytes.get_ref())
}

fn luma(pixel: &Rgb<u8>) -> f32 {
    let [r, g, b] = pixel.0.map(f32::from);
    0.299 * r + 0.587 * g + 0.114 * b
}

/// What became brighter and darker around grey, and how many times as large it is shown.
fn difference(onset: &RgbImage, apex: &RgbImage) -> (RgbImage, u32) {
    let changes: Vec<f32> =
        onset.pixels().zip(apex.pixels()).map(|(before, after)| luma(after) - luma(before)).collect();
    let largest = high(changes.iter().map(|change| change.abs()).collect());
    let gain = (LARGEST_DIFFERENCE / largest.max(1e-3)).clamp(1.0, MOST_GAIN).floor();
    let (width, height) = onset.dimensions();
    let grey = |change: &f32| (128.0 + gain * change).clamp(0.0, 255.0) as u8;
    let picture =
        RgbImage::from_fn(width, height, |x, y| Rgb([changes.get((y * width + x) as usize).map_or(128, grey); 3]));
    (picture, gain as u32)
}

/// The value that 99 of 100 stay under; 0 for none.
fn high(mut values: Vec<f32>) -> f32 {
    let place = values.len() * 99 / 100;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(place, f32::total_cmp).1 }
}

fn scale(flow: &FlowField) -> f32 {
    high(flow.u.data.iter().zip(&flow.v.data).map(|(u, v)| u.hypot(*v)).collect()).max(LEAST_SCALE)
}

/// The motion as colour over a pale grey face: its direction is the hue, its size how much of the face it hides.
fn flow_picture(face: &RgbImage, flow: &FlowField, scale: f32) -> RgbImage {
    let per_px = flow.width() as f32 / face.width().max(1) as f32;
    let mut picture = face.clone();
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let Point2 { x: u, y: v } = flow.sample(Point2::new(x as f32 + 0.5, y as f32 + 0.5) * per_px);
        let pale = 140.0 + 0.42 * luma(pixel);
        let cover = (u.hypot(v) / scale).min(1.0) * 0.9;
        *pixel = Rgb(direction_colour(u, v).map(|colour| (pale + cover * (colour - pale)).round() as u8));
    }
    picture
}

/// The colour of a direction on screen: right red, down yellow-green, left cyan, up violet, even between.
pub(super) fn direction_colour(right: f32, down: f32) -> [f32; 3] {
    let turn = down.atan2(right) / std::f32::consts::TAU;
    // red, green and blue a third of a turn apart, each a smooth wave
    [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|phase| {
        let wave = (std::f32::consts::TAU * (turn - phase)).cos();
        255.0 * (0.47 + 0.47 * wave)
    })
}

fn heat_maps(interval: &AuInterval, attention: &Attention) -> Vec<(Au, String)> {
    let rows = attention.weights.chunks_exact(attention.grid.len().max(1));
    let mut scored: Vec<_> = interval.aus.iter().zip(rows).collect();
    scored.sort_by(|a, b| b.0.probability.total_cmp(&a.0.probability));
    let present = scored.iter().filter(|(score, _)| score.present).count();
    scored.truncate(present.clamp(1, MOST_HEAT_MAPS));
    let picture =
        |weights| imageops::resize(&heatmap::overlay(attention, weights), HEAT_PX, HEAT_PX, FilterType::Triangle);
    scored.into_iter().map(|(score, weights)| (score.au, jpeg(&picture(weights)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(value: u8) -> RgbImage {
        RgbImage::from_pixel(8, 8, Rgb([value; 3]))
    }

    #[test]
    fn what_grew_brighter_is_lighter_than_grey_and_enlarged() {
        let mut apex = grey(100);
        apex.put_pixel(3, 3, Rgb([110; 3]));
        apex.put_pixel(4, 4, Rgb([90; 3]));
        let (picture, gain) = difference(&grey(100), &apex);
        assert_eq!(gain, 8);
        assert_eq!([(0, 0), (3, 3), (4, 4)].map(|(x, y)| picture.get_pixel(x, y).0[0]), [128, 208, 48]);
    }

    #[test]
    fn a_large_difference_is_not_enlarged() {
        assert_eq!(difference(&grey(0), &grey(255)).1, 1);
    }

    #[test]
    fn opposite_directions_have_opposite_colours_and_rest_has_none() {
        let [r, g, b] = direction_colour(1.0, 0.0);
        assert!(r > 200.0 && g < 100.0 && b < 100.0, "right is red: {r} {g} {b}");
        let [r, g, b] = direction_colour(-1.0, 0.0);
        assert!(r < 50.0 && g > 150.0 && b > 150.0, "left is cyan: {r} {g} {b}");
        let still = flow_picture(&grey(100), &FlowField::new(4, 4), 1.0);
        assert_eq!(still.get_pixel(4, 4).0, [182; 3]);
    }

    #[test]
    fn a_still_face_is_not_painted_in_full_colour() {
        let mut flow = FlowField::new(4, 4);
        flow.u.data.fill(0.01);
        assert_eq!(scale(&flow), LEAST_SCALE);
        flow.v.data.fill(3.0);
        assert!((scale(&flow) - 3.0).abs() < 1e-3);
    }
}
