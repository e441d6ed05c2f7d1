//! Writes a sheet of a long film: for each kind of event the onset, the way to the apex and the apex.
//!
//! `cargo run --release -p microau-synth --example long_sheet -- OUT.jpg [SEED [FACES [SECONDS]]]`
//!
//! FACES 0 is one of the shipped portraits.

use image::RgbImage;
use image::imageops::{FilterType, replace, resize};
use microau_synth::Renderer;
use microau_synth::long::{EventKind, LongScript, LongSettings};
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};

/// Pictures of an event, and rows of events beside one another.
const STEPS: u32 = 4;
const COLUMNS: u32 = 2;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().unwrap_or_else(|| "long_sheet.jpg".to_owned());
    let mut number = |usual: u64| arguments.next().and_then(|s| s.parse().ok()).unwrap_or(usual);
    let (seed, faces, secs) = (number(7), number(1), number(120));
    let mut settings = LongSettings { secs: secs as f64, faces: faces.max(1) as usize, ..LongSettings::default() };
    if faces == 0 {
        settings.life.most_turn_deg = 8.0;
    }
    let script = LongScript::sample(&settings, seed, seed).expect("the settings are inside their ranges");
    let film = match faces {
        0 => PhotoStudio::new(Portrait::shipped(), PhotoSettings::default()).and_then(|s| s.long_film(&script)),
        _ => Ok(Renderer::new().long_film(&script)),
    };
    let film = film.expect("the shipped portraits can be filmed");
    let (width, height) = (settings.width_px as u32 / 2, settings.height_px as u32 / 2);
    let rows = (EventKind::ALL.len() as u32).div_ceil(COLUMNS);
    let mut sheet = RgbImage::new(width * STEPS * COLUMNS, height * rows);
    for (cell, kind) in (0..).zip(EventKind::ALL) {
        let Some(event) = script.events().iter().find(|event| event.kind == kind) else { continue };
        println!("{kind}: face {} {:?} {}", event.face, event.event, event.aus);
        let (onset, apex) = (event.event.onset.0, event.event.apex.0);
        for step in 0..STEPS {
            let frame = onset + (apex - onset) * u64::from(step) / u64::from(STEPS - 1);
            let picture = resize(&film.frame(frame as u32), width, height, FilterType::Triangle);
            let column = cell / rows * STEPS + step;
            replace(&mut sheet, &picture, i64::from(width * column), i64::from(height * (cell % rows)));
        }
    }
    sheet.save(&out).expect("the sheet is written");
}
