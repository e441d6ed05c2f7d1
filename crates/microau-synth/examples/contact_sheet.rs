//! Writes a sheet of generated faces: `cargo run --release -p microau-synth --example contact_sheet -- OUT.jpg [SEED] [passport]`.
//!
//! Each person stands in a row of four: at rest, at the apex of three clips.

use image::RgbImage;
use image::imageops::replace;
use microau_synth::{ClipScript, Renderer, SynthSettings};

const COLUMNS: u64 = 6;
const ROWS: u64 = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().unwrap_or_else(|| "synth_contact_sheet.jpg".to_owned());
    let seed: u64 = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(7);
    let passport = arguments.next().is_some();
    let settings = SynthSettings::default();
    let renderer = Renderer::new();
    let side = settings.size_px as u32;
    let mut sheet = RgbImage::new(side * COLUMNS as u32, side * ROWS as u32);
    for cell in 0..COLUMNS * ROWS {
        let subject = seed * 1_000 + cell;
        let script = if passport {
            ClipScript::passport(&settings, subject, 1)
        } else {
            ClipScript::sample(&settings, subject, 1)
        };
        let apex = script.event().apex.0 as u32;
        let picture = renderer.frame(&script, apex).image;
        replace(&mut sheet, &picture, i64::from(side) * (cell % COLUMNS) as i64, i64::from(side) * (cell / COLUMNS) as i64);
    }
    sheet.save(&out).expect("the sheet is written");
}
