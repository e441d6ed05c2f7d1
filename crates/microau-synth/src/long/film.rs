//! The frames of a long film, each made when it is asked for.

use std::collections::VecDeque;
use std::ops::Range;

use image::{ImageResult, RgbImage};
use microau_core::landmarks::Landmarks;
use rayon::prelude::*;

use crate::error::SynthError;
use crate::frame_file::FILE_QUALITY;
use crate::photo::PhotoStudio;
use crate::photo::film::PhotoShot;
use crate::render::camera::Camera;
use crate::render::film::Renderer;
use crate::render::shot::{HeadMove, Neck, Shot};
use crate::vec3::V3;

use super::face::FaceScript;
use super::script::LongScript;
use super::sitter::{Player, Plays};

/// A film ready to be made, in any order and on any thread. No frame is held.
#[derive(Debug)]
pub struct LongFilm {
    script: LongScript,
    /// As many as the script has faces.
    players: Vec<Box<dyn Plays>>,
    camera: Camera,
}

impl Renderer {
    /// A long film of rendered heads made ready.
    pub fn long_film(&self, script: &LongScript) -> LongFilm {
        let player = |face: &FaceScript| -> Box<dyn Plays> {
            let (subject, lights) = (self.subject(&face.person), script.lights.clone());
            let first = face.moment::<HeadMove>(0.0);
            Box::new(Player::new(Shot::new(subject, face.view, lights, Neck::Bending, &first)))
        };
        let players = script.faces.iter().map(player).collect();
        let camera = Camera::new(&script.sensor, script.flicker, script.size_px, script.seed, script.seed);
        LongFilm { script: script.clone(), players, camera }
    }
}

impl PhotoStudio {
    /// A long film of a portrait made ready. The script's person and light are not used: those are the photograph's.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] when the script has two faces; [`SynthError::BadPortrait`] when the head cannot be laid over
    /// the portrait's landmarks.
    pub fn long_film(&self, script: &LongScript) -> Result<LongFilm, SynthError> {
        let [face] = &script.faces[..] else {
            let got = script.faces.len().to_string();
            return Err(SynthError::BadSetting { name: "faces", expected: "1 in a film of a photograph", got });
        };
        let stage = self.stage_for(face.person.seed, face.view)?;
        let first = face.moment::<HeadMove>(0.0);
        let shot = PhotoShot::new(stage, self.settings(), face.view, script.size_px, &first);
        let camera = Camera::without_background(&script.sensor, script.flicker, script.size_px, script.seed);
        Ok(LongFilm { script: script.clone(), players: vec![Box::new(Player::new(shot))], camera })
    }
}

impl LongFilm {
    /// The script this film was made of.
    pub fn script(&self) -> &LongScript {
        &self.script
    }

    /// Renders a frame; frames past the end are the last.
    pub fn frame(&self, frame: u32) -> RgbImage {
        let frame = self.last_or(frame);
        self.camera.take(frame, |light| self.expose(frame, light))
    }

    /// Renders a frame as a JPEG file, compressed once: it decodes to [`LongFilm::frame`] where the film's camera compresses,
    /// else it has the usual quality of files.
    ///
    /// # Errors
    /// What the encoder said.
    pub fn jpeg(&self, frame: u32) -> ImageResult<Vec<u8>> {
        let frame = self.last_or(frame);
        self.camera.take_jpeg(frame, FILE_QUALITY, |light| self.expose(frame, light))
    }

    fn expose(&self, frame: u32, light: &mut [V3]) {
        for (player, face) in self.players.iter().zip(&self.script.faces) {
            player.expose(face, frame, self.secs_of(frame), light, self.script.size_px);
        }
    }

    fn secs_of(&self, frame: u32) -> f64 {
        f64::from(frame) / self.script.rate().as_f64()
    }

    fn last_or(&self, frame: u32) -> u32 {
        frame.min(self.script.frame_count().saturating_sub(1))
    }

    /// The 478 landmarks of a face (from 0, left to right) at a frame, without rendering it; px of the frame, beyond its
    /// edges too. `None` when there is no such face.
    pub fn landmarks(&self, face: usize, frame: u32) -> Option<Landmarks> {
        let frame = self.last_or(frame);
        let (player, script) = (self.players.get(face)?, self.script.faces.get(face)?);
        Some(player.landmarks(script, frame, self.secs_of(frame)))
    }

    /// All frames in order.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = RgbImage> + '_ {
        self.window(0..self.script.frame_count())
    }

    /// Some frames in order, rendered on all threads a few ahead.
    pub fn window(&self, frames: Range<u32>) -> impl ExactSizeIterator<Item = RgbImage> + '_ {
        let end = frames.end.min(self.script.frame_count());
        ahead(frames.start.min(end)..end, |frame| self.frame(frame))
    }
}

/// What `make` makes of frames, in order, on all threads.
pub(super) fn ahead<T: Send, F: Fn(u32) -> T + Sync>(frames: Range<u32>, make: F) -> Ahead<T, F> {
    Ahead { make, left: frames, made: VecDeque::new() }
}

/// Things of frames in order. While one batch is looked at the next is not begun: four a thread are held at most.
pub(super) struct Ahead<T, F> {
    make: F,
    left: Range<u32>,
    made: VecDeque<T>,
}

impl<T: Send, F: Fn(u32) -> T + Sync> Iterator for Ahead<T, F> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if self.made.is_empty() {
            let batch = 4 * rayon::current_num_threads() as u32;
            let until = self.left.start.saturating_add(batch).min(self.left.end);
            self.made = (self.left.start..until).into_par_iter().map(&self.make).collect();
            self.left.start = until;
        }
        self.made.pop_front()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.left.len() + self.made.len();
        (left, Some(left))
    }
}

impl<T: Send, F: Fn(u32) -> T + Sync> ExactSizeIterator for Ahead<T, F> {}
