//! Runs the built program on inputs made here.

// every test binary uses a part of it
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use image::{RgbImage, imageops};

/// The end of one run.
pub struct Run {
    /// Exit code.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
}

/// Runs `microau` without ffmpeg in reach.
pub fn microau<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_microau")).args(arguments).env("PATH", "").output().unwrap();
    let Output { status, stdout, stderr } = output;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: status.code().expect("it ended by itself"), stdout: text(stdout), stderr: text(stderr) }
}

/// A checkpoint of random weights: scores mean nothing, but all of the way is walked.
pub fn untrained_model(folder: &Path) -> PathBuf {
    let path = folder.join("untrained.safetensors");
    let config = microau_model::MicroAuClipConfig::default();
    let text = microau_model::prompt::TextFeatures::built_in(&config.aus).unwrap();
    let model = microau_model::MicroAuClip::new(&config, text, 1, &burn::tensor::Device::default()).unwrap();
    let checkpoint = microau_model::checkpoint::Checkpoint { model, provenance: Default::default() };
    checkpoint.save(&path, microau_model::checkpoint::Precision::F16).unwrap();
    path
}

/// A file of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A tiny film of the decoder tests; none of them shows a face.
pub fn tiny_film(name: &str) -> PathBuf {
    repository("crates/microau-vision/tests/assets/frames").join(name)
}

/// A public-domain portrait.
pub fn portrait() -> RgbImage {
    let path = repository("crates/microau-synth/assets/portraits/astronaut.jpg");
    image::open(path).unwrap().to_rgb8()
}

/// The portrait with a cheek lifted by some px around a place on it: a movement of about a smile's size.
pub fn lifted(portrait: &RgbImage, lift_px: f32) -> RgbImage {
    let (width, height) = portrait.dimensions();
    let (cheek_x, cheek_y, reach) = (0.56 * width as f32, 0.33 * height as f32, 0.05 * width as f32);
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = ((x as f32 - cheek_x) / reach, (y as f32 - cheek_y) / reach);
        let moved = y as f32 + 0.5 + lift_px * (-dx * dx - dy * dy).exp();
        let sample = imageops::interpolate_bilinear(portrait, x as f32, (moved - 0.5).min(height as f32 - 1.0));
        sample.unwrap_or(*portrait.get_pixel(x, y))
    })
}

/// A folder of frames in which the cheek rises to 3 px at frame 4 and sinks again by frame 8.
pub fn clip(folder: &Path) -> PathBuf {
    let clip = folder.join("clip");
    std::fs::create_dir_all(&clip).unwrap();
    let portrait = portrait();
    for number in 0..10u8 {
        let lift_px = 3.0 * (1.0 - (f32::from(number) - 4.0).abs() / 4.0).max(0.0);
        lifted(&portrait, lift_px).save(clip.join(format!("{number:03}.png"))).unwrap();
    }
    clip
}
