//! Writes a sheet of generated faces.
//!
//! `cargo run --release -p microau-synth --example contact_sheet -- OUT.jpg [SEED] [people|passport|aus] [FAMILY]`
//!
//! `people` (the default): different people at the apex of a clip; `passport`: the same, still and clean; `aus`: one person at
//! rest and at the full unit of each AU, by the sculptor FAMILY (0 to 3, see `MuscleSettings::families`) where given.

use image::RgbImage;
use image::imageops::{crop_imm, replace};
use microau_core::au::{Au, AuSet};
use microau_synth::{ClipScript, Renderer, Span, SynthSettings};

const COLUMNS: usize = 6;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().unwrap_or_else(|| "synth_contact_sheet.jpg".to_owned());
    let seed: u64 = arguments.next().and_then(|s| s.parse().ok()).unwrap_or(7);
    let mode = arguments.next().unwrap_or_else(|| "people".to_owned());
    let settings = SynthSettings::default();
    let renderer = Renderer::new();
    let people = |cell: u64| ClipScript::sample(&settings, seed * 1_000 + cell, 1);
    let pictures: Vec<RgbImage> = match mode.as_str() {
        "aus" => aus(&renderer, seed, arguments.next().and_then(|family| family.parse().ok())),
        "passport" => (0..30).map(|cell| still(&renderer, people(cell))).collect(),
        _ => (0..30).map(|cell| apex(&renderer, &people(cell))).collect(),
    };
    let (width, height) = pictures[0].dimensions();
    let rows = pictures.len().div_ceil(COLUMNS) as u32;
    let mut sheet = RgbImage::new(width * COLUMNS as u32, height * rows);
    for (cell, picture) in pictures.iter().enumerate() {
        let (column, row) = ((cell % COLUMNS) as i64, (cell / COLUMNS) as i64);
        replace(&mut sheet, picture, i64::from(width) * column, i64::from(height) * row);
    }
    sheet.save(&out).expect("the sheet is written");
}

fn apex(renderer: &Renderer, script: &ClipScript) -> RgbImage {
    renderer.frame(script, script.event().apex.0 as u32).image
}

fn still(renderer: &Renderer, mut script: ClipScript) -> RgbImage {
    script.still();
    renderer.frame(&script, 0).image
}

fn aus(renderer: &Renderer, seed: u64, family: Option<usize>) -> Vec<RgbImage> {
    let mut settings = SynthSettings { size_px: 384, ..SynthSettings::default() };
    settings.muscle.strength = Span::new(1.0, 1.0);
    settings.muscle.one_sided_share = 0.0;
    if let Some(family) = family {
        settings.muscle.families = std::array::from_fn(|index| f32::from(u8::from(index == family)));
    }
    settings.camera.inter_ocular_share = Span::new(0.3, 0.3);
    settings.camera.shift_share = 0.0;
    let face = |shown: AuSet| {
        let mut script = ClipScript::with_aus(&settings, seed, 3, shown);
        script.still();
        crop_imm(&apex(renderer, &script), 52, 30, 280, 320).to_image()
    };
    std::iter::once(AuSet::EMPTY).chain(Au::ALL.map(|au| [au].into_iter().collect())).map(face).collect()
}
