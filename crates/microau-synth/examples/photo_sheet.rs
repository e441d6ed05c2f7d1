//! Draws the contact sheet of the photo mode: for each AU onset, apex and the difference of both, five times enlarged.
//!
//! ```text
//! cargo run --release -p microau-synth --example photo_sheet -- OUT.jpg [PORTRAIT [STRENGTH [QUALITY]]]
//! ```
//! Down the left half: AU 1, 2, 4, 5, 6, 7; down the right half: AU 9, 10, 12, 14, 15, 17. PORTRAIT is 0 or 1 for one of the shipped portraits; by default they take turns.

use std::error::Error;
use std::io::BufWriter;

use image::codecs::jpeg::JpegEncoder;
use image::imageops;
use image::{ImageFormat, Rgb, RgbImage};
use microau_core::au::Au;
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_synth::{ClipScript, Pair, Span, SynthSettings};

/// Side of a frame on the sheet and rows, columns of AUs.
const SIDE: u32 = 152;
const COLUMNS: u32 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let out = args.first().map_or("photo_contact_sheet.jpg", String::as_str);
    let only: Option<usize> = args.get(1).map(|a| a.parse()).transpose()?;
    let strength: f32 = args.get(2).map_or(Ok(0.5), |a| a.parse())?;
    let quality: u8 = args.get(3).map_or(Ok(75), |a| a.parse())?;
    let rows = Au::CD6ME.len() as u32 / COLUMNS;
    let mut sheet = RgbImage::from_pixel(COLUMNS * (3 * SIDE + 8), rows * (SIDE + 4), Rgb([20; 3]));
    for (i, au) in Au::CD6ME.into_iter().enumerate() {
        let pair = pair_of(au, only.unwrap_or(i % 2), strength)?;
        let (column, row) = (i as u32 / rows, i as u32 % rows);
        let pictures = [&pair.onset.image, &pair.apex.image, &difference(&pair)];
        for (k, picture) in pictures.into_iter().enumerate() {
            let (x, y) = (column * (3 * SIDE + 8) + k as u32 * SIDE, row * (SIDE + 4));
            imageops::replace(&mut sheet, picture, i64::from(x), i64::from(y));
        }
    }
    if ImageFormat::from_path(out)? == ImageFormat::Jpeg {
        JpegEncoder::new_with_quality(BufWriter::new(std::fs::File::create(out)?), quality).encode_image(&sheet)?;
    } else {
        sheet.save(out)?;
    }
    Ok(())
}

/// Onset and apex of one AU on a shipped portrait, without drift or noise.
fn pair_of(au: Au, portrait: usize, strength: f32) -> Result<Pair, Box<dyn Error>> {
    let mut settings = SynthSettings { size_px: SIDE as usize, ..SynthSettings::default() };
    settings.muscle.strength = Span::new(strength, strength);
    settings.muscle.one_sided_share = 0.0;
    settings.muscle.families = [1.0, 0.0, 0.0, 0.0];
    settings.camera.inter_ocular_share = Span::new(0.33, 0.33);
    settings.camera.shift_share = 0.0;
    settings.camera.exposure_stops = Span::new(0.0, 0.0);
    settings.camera.gamma = Span::new(1.0, 1.0);
    let mut script = ClipScript::with_aus(&settings, 1, u64::from(au.number()), [au].into_iter().collect());
    script.still();
    let chosen = Portrait::shipped().into_iter().nth(portrait).ok_or("PORTRAIT is 0 or 1")?;
    Ok(PhotoStudio::new(vec![chosen], PhotoSettings::faithful())?.pair(&script)?)
}

/// Middle grey plus five times what the apex has more than the onset.
fn difference(pair: &Pair) -> RgbImage {
    let mut out = pair.onset.image.clone();
    for (pixel, apex) in out.pixels_mut().zip(pair.apex.image.pixels()) {
        for c in 0..3 {
            let more = i32::from(apex.0[c]) - i32::from(pixel.0[c]);
            pixel.0[c] = (128 + 5 * more).clamp(0, 255) as u8;
        }
    }
    out
}
