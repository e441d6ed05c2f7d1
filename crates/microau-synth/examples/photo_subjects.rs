//! Draws a sheet of random subjects of the photo mode at their apex, or dumps pairs with their true landmarks.
//!
//! ```text
//! cargo run --release -p microau-synth --example photo_subjects -- sheet OUT.png [COUNT [SIDE]]
//! cargo run --release -p microau-synth --example photo_subjects -- dump FOLDER [COUNT [SIDE]]
//! ```
//! `dump` writes `000-onset.png`, `000-apex.png` and `landmarks.csv` (`file,index,x,y`), which
//! `reference/photo_landmark_error.py` holds against MediaPipe's landmarks.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use image::{RgbImage, imageops};
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_synth::{ClipScript, Pair, SynthSettings};

const COLUMNS: u32 = 6;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (Some(mode), Some(out)) = (args.first(), args.get(1)) else {
        return Err("expected: sheet|dump OUT [COUNT [SIDE]]".into());
    };
    let count: u32 = args.get(2).map_or(Ok(24), |a: &String| a.parse())?;
    let side: usize = args.get(3).map_or(Ok(192), |a| a.parse())?;
    let settings = SynthSettings { size_px: side, ..SynthSettings::default() };
    let studio = PhotoStudio::new(Portrait::shipped(), PhotoSettings::default())?;
    let mut pairs = Vec::new();
    let (mut stage_secs, mut pair_secs) = (0.0, 0.0);
    for i in 0..count {
        let script = ClipScript::sample(&settings, u64::from(i), u64::from(1000 + i));
        let start = Instant::now();
        let film = studio.film(&script)?;
        stage_secs += start.elapsed().as_secs_f64();
        let start = Instant::now();
        pairs.push((script.labels().to_string(), film.pair()));
        pair_secs += start.elapsed().as_secs_f64();
    }
    let millis = |secs: f64| 1e3 * secs / f64::from(count.max(1));
    eprintln!("{:.1} ms a new subject, {:.1} ms a pair of {side} px", millis(stage_secs), millis(pair_secs));
    if mode == "dump" { dump(out, &pairs) } else { sheet(out, &pairs, side as u32) }
}

fn sheet(out: &str, pairs: &[(String, Pair)], side: u32) -> Result<(), Box<dyn Error>> {
    let rows = (pairs.len() as u32).div_ceil(COLUMNS);
    let mut sheet = RgbImage::new(COLUMNS * side, rows * side);
    for (i, (_, pair)) in pairs.iter().enumerate() {
        let (x, y) = (i as u32 % COLUMNS * side, i as u32 / COLUMNS * side);
        imageops::replace(&mut sheet, &pair.apex.image, i64::from(x), i64::from(y));
    }
    Ok(sheet.save(out)?)
}

fn dump(out: &str, pairs: &[(String, Pair)]) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(out)?;
    let mut rows = String::from("file,index,x,y\n");
    for (i, (labels, pair)) in pairs.iter().enumerate() {
        for (what, frame) in [("onset", &pair.onset), ("apex", &pair.apex)] {
            let name = format!("{i:03}-{what}.png");
            frame.image.save(Path::new(out).join(&name))?;
            for (index, p) in frame.landmarks.points().iter().enumerate() {
                writeln!(rows, "{name},{index},{:.3},{:.3}", p.x, p.y)?;
            }
        }
        println!("{i:03} {labels}");
    }
    Ok(std::fs::write(Path::new(out).join("landmarks.csv"), rows)?)
}
