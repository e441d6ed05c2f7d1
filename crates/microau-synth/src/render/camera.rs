//! The camera of a film: what is behind the head, and how light becomes a recorded frame.

use std::cell::RefCell;

use image::{ImageResult, RgbImage};

use crate::dice::mix_seed;
use crate::frame_file::jpeg;
use crate::render::background::Background;
use crate::render::sensor::Sensor;
use crate::vec3::V3;

/// A camera on its stand.
#[derive(Debug, Clone)]
pub(crate) struct Camera {
    sensor: Sensor,
    /// The sensor's tone curve.
    tone: Vec<f32>,
    background: Background,
    /// Largest relative change of light from frame to frame.
    flicker: f32,
    /// Seed of the grain.
    seed: u64,
    width_px: usize,
}

thread_local! {
    /// The light of a frame, kept between frames by each thread.
    static LIGHT: RefCell<Vec<V3>> = const { RefCell::new(Vec::new()) };
}

impl Camera {
    /// A camera in the room of a seed.
    pub fn new(sensor: &Sensor, flicker: f32, [width, height]: [usize; 2], room_seed: u64, seed: u64) -> Camera {
        Camera::before(Background::new(room_seed, width, height), sensor, flicker, width, seed)
    }

    /// A camera all of whose light is exposed.
    pub fn without_background(sensor: &Sensor, flicker: f32, [width, height]: [usize; 2], seed: u64) -> Camera {
        Camera::before(Background::dark(width, height), sensor, flicker, width, seed)
    }

    fn before(background: Background, sensor: &Sensor, flicker: f32, width_px: usize, seed: u64) -> Camera {
        Camera { tone: sensor.tone_table(), sensor: sensor.clone(), background, flicker, seed, width_px }
    }

    /// Records a frame: `expose` adds what is before the background.
    pub fn take(&self, frame: u32, expose: impl FnOnce(&mut [V3])) -> RgbImage {
        self.sensor.compressed(self.develop(frame, expose))
    }

    /// Records a frame as a JPEG file, at the camera's own quality or at `usual` where it does not compress.
    pub fn take_jpeg(&self, frame: u32, usual: u8, expose: impl FnOnce(&mut [V3])) -> ImageResult<Vec<u8>> {
        jpeg(&self.develop(frame, expose), self.sensor.jpeg_quality.unwrap_or(usual))
    }

    fn develop(&self, frame: u32, expose: impl FnOnce(&mut [V3])) -> RgbImage {
        let seed = mix_seed(self.seed, u64::from(frame) + 1);
        let flicker = 1.0 + self.flicker * ((seed % 2001) as f32 / 1000.0 - 1.0);
        LIGHT.with_borrow_mut(|light| {
            light.clear();
            light.extend_from_slice(&self.background.pixels);
            expose(light);
            self.sensor.developed(&self.tone, light, self.width_px, flicker, seed)
        })
    }
}
