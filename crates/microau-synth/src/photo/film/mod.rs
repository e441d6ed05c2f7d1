//! A clip in photo mode: the mesh moved frame by frame, and the plate seen through it.
//!
//! `movement` says what the muscles move on the plate, `placing` where it then lies in the frame, `exposure` what light
//! comes from there; `shot` holds a portrait for all three.

mod exposure;
mod movement;
mod placing;
mod shot;

use std::sync::Arc;

use microau_core::landmarks::Landmarks;
use microau_core::plane::{FlowField, Plane};

pub(crate) use self::movement::Moved;
pub(crate) use self::shot::{PhotoShot, inter_ocular_px};
use crate::dice::mix_seed;
use crate::muscle::wrinkle::furrows;
use crate::photo::settings::PhotoSettings;
use crate::photo::stage::Stage;
use crate::render::camera::Camera;
use crate::render::film::{Pair, Rendered};
use crate::render::raster::{NOTHING, Visibility};
use crate::render::shade::Furrow;
use crate::render::shot::Moment;
use crate::script::ClipScript;
use crate::truth::TrueFlow;

/// A clip of a portrait, ready to be filmed.
#[derive(Debug, Clone)]
pub struct PhotoFilm {
    script: ClipScript,
    shot: PhotoShot,
    camera: Camera,
    movements: Vec<Vec<Moved>>,
    furrows: Option<Arc<Vec<Furrow>>>,
}

impl PhotoFilm {
    pub(crate) fn new(script: ClipScript, stage: Arc<Stage>, settings: &PhotoSettings) -> PhotoFilm {
        let size_px = [script.size_px; 2];
        let first = script.moment::<Moved>(&[], None, 0.0);
        let shot = PhotoShot::new(stage, settings, script.view, size_px, &first);
        let seed = mix_seed(script.subject_seed, script.clip_seed);
        let camera = Camera::without_background(&script.sensor, script.flicker, size_px, seed);
        let movements = shot.movements(&script.expression);
        let furrows = furrows(&script.person, &script.expression.actions);
        PhotoFilm { script, shot, camera, movements, furrows }
    }

    /// The script this film was made of.
    pub fn script(&self) -> &ClipScript {
        &self.script
    }

    /// Makes a frame; frames past the end show the last state.
    pub fn frame(&self, frame: u32) -> Rendered {
        let frame = frame.min(self.script.frame_count().saturating_sub(1));
        let moment = self.moment(frame);
        let points = self.shot.points(&moment);
        let image = self.camera.take(frame, |light| self.shot.expose(&points, &moment, light));
        Rendered { image, landmarks: self.shot.landmarks(&points, &moment) }
    }

    /// Makes the onset and the apex.
    pub fn pair(&self) -> Pair {
        let course = &self.script.expression.course;
        Pair { onset: self.frame(course.onset), apex: self.frame(course.apex) }
    }

    /// The 478 landmarks at a frame, without making it, px of the frame.
    pub fn landmarks(&self, frame: u32) -> Landmarks {
        let moment = self.moment(frame);
        self.shot.landmarks(&self.shot.points(&moment), &moment)
    }

    /// True motion from one frame to another, valid over the head; px of the frame. The turn of the eyes is not in it.
    pub fn true_flow(&self, first: u32, second: u32) -> TrueFlow {
        let (size, triangles) = (self.script.size_px, self.shot.triangles());
        let [from, to] = [first, second].map(|frame| self.shot.points(&self.moment(frame)));
        let mut seen = Visibility::new(size, size, triangles.len());
        self.shot.draw(&mut seen, &from, 1.0);
        let (mut flow, mut valid) = (FlowField::new(size, size), Plane::new(size, size));
        for at in (0..size * size).filter(|&at| seen.triangle[at] != NOTHING) {
            let number = seen.triangle[at];
            let (x, y) = (at % size, at / size);
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let weights = seen.barycentric(number, px, py);
            let corners = triangles[usize::from(number)].0;
            let place = |k: usize| (0..3).map(|i| weights[i] * to[usize::from(corners[i])][k]).sum::<f32>();
            flow.u.set(x, y, place(0) - px);
            flow.v.set(x, y, place(1) - py);
            valid.set(x, y, 1.0);
        }
        TrueFlow { flow, valid }
    }

    fn moment(&self, frame: u32) -> Moment<'_, Moved> {
        self.script.moment(&self.movements, self.furrows.as_deref(), frame as f32)
    }
}
