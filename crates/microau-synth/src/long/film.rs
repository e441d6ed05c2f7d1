//! The frames of a long film, each made when it is asked for.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use image::{ImageResult, RgbImage};
use microau_core::landmarks::Landmarks;
use rayon::prelude::*;

use crate::frame_file::FILE_QUALITY;
use crate::muscle::wrinkle::furrows;
use crate::render::camera::Camera;
use crate::render::film::Renderer;
use crate::render::shade::Furrow;
use crate::render::shot::{Moment, Neck, Region, Shot};
use crate::vec3::V3;

use super::face::FaceScript;
use super::script::LongScript;

/// Expressions that a face keeps ready: the one at hand and the next, for threads that are ahead.
const REMEMBERED: usize = 3;

/// An expression made ready.
#[derive(Debug)]
struct Ready {
    movements: Vec<Vec<(u16, V3)>>,
    furrows: Option<Arc<Vec<Furrow>>>,
}

/// A face of the film in light before the camera.
#[derive(Debug)]
struct Face {
    shot: Shot,
    ready: Mutex<Vec<(usize, Arc<Ready>)>>,
}

/// A film ready to be rendered, in any order and on any thread. No frame is held.
#[derive(Debug)]
pub struct LongFilm {
    script: LongScript,
    faces: Vec<Face>,
    camera: Camera,
}

impl Renderer {
    /// A long film made ready.
    pub fn long_film(&self, script: &LongScript) -> LongFilm {
        let face = |face: &FaceScript| Face {
            shot: {
                let (subject, lights) = (self.subject(&face.person), script.lights.clone());
                Shot::new(subject, face.view, lights, Neck::Bending, &face.moment(0.0))
            },
            ready: Mutex::new(Vec::new()),
        };
        let faces = script.faces.iter().map(face).collect();
        let camera = Camera::new(&script.sensor, script.flicker, script.size_px, script.seed, script.seed);
        LongFilm { script: script.clone(), faces, camera }
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
        let [width, height] = self.script.size_px;
        for number in 0..self.faces.len() {
            self.with_moment(number, frame, |shot, moment| {
                let posed = shot.pose(moment, true);
                if let Some(region) = Region::around(&posed.points, width, height) {
                    shot.expose(&posed, moment, region, light, width);
                }
            });
        }
    }

    fn last_or(&self, frame: u32) -> u32 {
        frame.min(self.script.frame_count().saturating_sub(1))
    }

    /// The 478 landmarks of a face (from 0, left to right) at a frame, without rendering it; px of the frame, beyond its
    /// edges too. `None` when there is no such face.
    pub fn landmarks(&self, face: usize, frame: u32) -> Option<Landmarks> {
        let frame = self.last_or(frame);
        let landmarks = |shot: &Shot, moment: &Moment<'_>| shot.landmarks(&shot.pose(moment, false), moment);
        (face < self.faces.len()).then(|| self.with_moment(face, frame, landmarks))
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

    fn with_moment<T>(&self, face: usize, frame: u32, see: impl FnOnce(&Shot, &Moment) -> T) -> T {
        let (script, film) = (&self.script.faces[face], &self.faces[face]);
        let mut moment = script.moment(f64::from(frame) / self.script.rate().as_f64());
        let Some(index) = script.showing(frame) else { return see(&film.shot, &moment) };
        let expression = &script.shown[index].expression;
        let ready = self.ready(face, index);
        moment.movements = expression.active(&ready.movements, frame as f32);
        moment.furrows = ready.furrows.as_ref().map(|map| (&map[..], expression.strongest(frame as f32)));
        see(&film.shot, &moment)
    }

    fn ready(&self, face: usize, index: usize) -> Arc<Ready> {
        let (script, film) = (&self.script.faces[face], &self.faces[face]);
        // Made under the lock: threads that render one film wait for the same expression.
        let mut kept = film.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ready)) = kept.iter().find(|(known, _)| *known == index) {
            return ready.clone();
        }
        let expression = &script.shown[index].expression;
        let furrows = furrows(&script.person, &expression.actions);
        let ready = Arc::new(Ready { movements: expression.movements(), furrows });
        if kept.len() >= REMEMBERED {
            kept.remove(0);
        }
        kept.push((index, ready.clone()));
        ready
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
