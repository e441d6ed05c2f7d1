//! A long film as numbers: its faces, light and camera.

use microau_core::time::FrameRate;

use crate::dice::{Dice, mix_seed};
use crate::error::SynthError;
use crate::render::light::Lights;
use crate::render::sensor::Sensor;

use super::event::FilmEvent;
use super::face::FaceScript;
use super::settings::LongSettings;

/// A film, complete: who, what, when, light and camera. Its memory grows with what happens, not with frames.
#[derive(Debug, Clone)]
pub struct LongScript {
    pub(super) faces: Vec<FaceScript>,
    pub(super) lights: Lights,
    pub(super) sensor: Sensor,
    pub(super) flicker: f32,
    /// Seed of room and grain.
    pub(super) seed: u64,
    pub(super) size_px: [usize; 2],
    rate: FrameRate,
    frames: u32,
    events: Vec<FilmEvent>,
}

impl LongScript {
    /// Draws a film. The same settings and seeds give the same film; another rate the same happenings at that rate.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] naming a setting outside its range.
    pub fn sample(settings: &LongSettings, subject_seed: u64, film_seed: u64) -> Result<LongScript, SynthError> {
        settings.check()?;
        let seed = mix_seed(subject_seed, film_seed);
        let faces: Vec<FaceScript> =
            (0..settings.faces).map(|n| FaceScript::draw(settings, subject_seed, film_seed, n)).collect();
        let rate = settings.rate;
        let mut events: Vec<FilmEvent> = faces.iter().enumerate().flat_map(|(n, face)| face.events(n, rate)).collect();
        events.sort_by_key(|event| (event.event.onset, event.face, event.kind));
        Ok(LongScript {
            faces,
            lights: Lights::sample(&settings.synth.light, &mut Dice::new(seed, "light")),
            sensor: Sensor::sample(&settings.synth.camera, &mut Dice::new(seed, "sensor")),
            flicker: settings.synth.distractors.flicker,
            seed,
            size_px: settings.size_px(),
            rate,
            frames: settings.frame_count(),
            events,
        })
    }

    /// All that happens, by onset; what overlaps overlaps.
    pub fn events(&self) -> &[FilmEvent] {
        &self.events
    }

    /// The expressions: what a spotter should find.
    pub fn expressions(&self) -> impl Iterator<Item = &FilmEvent> {
        self.events.iter().filter(|event| event.kind.is_expression())
    }

    /// Frames of the film.
    pub fn frame_count(&self) -> u32 {
        self.frames
    }

    /// Frames a second.
    pub fn rate(&self) -> FrameRate {
        self.rate
    }

    /// Width and height, px.
    pub fn size_px(&self) -> [usize; 2] {
        self.size_px
    }

    /// Number of faces.
    pub fn face_count(&self) -> usize {
        self.faces.len()
    }

    /// Takes noise, blur, compression, grey and flicker out; the movements stay.
    pub fn sensor_clean(&mut self) {
        self.sensor.clean();
        self.flicker = 0.0;
    }
}
