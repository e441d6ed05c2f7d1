//! A clip in photo mode: the mesh moved frame by frame, and the plate seen through it.
//!
//! `movement` says what the muscles move on the plate, `placing` where it then lies in the frame, `exposure` what light
//! comes from there.

mod exposure;
mod movement;
mod placing;

use std::sync::Arc;

use image::RgbImage;
use microau_core::geom::Point2;
use microau_core::landmarks::Landmarks;
use microau_core::plane::{FlowField, Plane};

use self::movement::{Moved, blink_of, carry};
use crate::dice::mix_seed;
use crate::photo::settings::PhotoSettings;
use crate::photo::stage::Stage;
use crate::render::film::{Pair, Rendered};
use crate::render::raster::{NOTHING, Visibility};
use crate::render::shade::Furrow;
use crate::script::ClipScript;
use crate::truth::TrueFlow;
use crate::vec3::V3;

/// A clip of a portrait, ready to be filmed.
#[derive(Debug, Clone)]
pub struct PhotoFilm {
    script: ClipScript,
    stage: Arc<Stage>,
    movements: Vec<Vec<Moved>>,
    /// What a full blink moves.
    blink: Vec<Moved>,
    furrows: Option<Arc<Vec<Furrow>>>,
    furrow_strength: f32,
    turn_limit_rad: f32,
    /// Frame px per plate px.
    zoom: f32,
    /// Place in the plate's space that falls on the script's place of the eyes.
    anchor: Point2,
}

impl PhotoFilm {
    pub(crate) fn new(script: ClipScript, stage: Arc<Stage>, settings: &PhotoSettings) -> PhotoFilm {
        let carried = |moved: Vec<(u16, V3)>| carry(&stage, moved);
        let movements = script.expression.movements().into_iter().map(carried).collect();
        let furrows = crate::muscle::wrinkle::furrows(&script.person, &script.expression.actions);
        let zoom = inter_ocular_px(&script) / stage.inter_ocular_px;
        let mut film = PhotoFilm {
            blink: blink_of(&stage),
            furrow_strength: settings.furrow,
            turn_limit_rad: settings.turn_deg.to_radians(),
            anchor: stage.eyes,
            script,
            stage,
            movements,
            furrows,
            zoom,
        };
        film.anchor = film.eyes_at_start();
        film
    }

    /// The script this film was made of.
    pub fn script(&self) -> &ClipScript {
        &self.script
    }

    /// Makes a frame; frames past the end show the last state.
    pub fn frame(&self, frame: u32) -> Rendered {
        let frame = frame.min(self.script.frame_count().saturating_sub(1));
        let points = self.points(frame as f32);
        let light = self.light(&points, frame);
        let seed = mix_seed(mix_seed(self.script.subject_seed, self.script.clip_seed), u64::from(frame) + 1);
        let flicker = 1.0 + self.script.flicker * ((seed % 2001) as f32 / 1000.0 - 1.0);
        let image: RgbImage = self.script.sensor.record(&light, self.script.size_px, flicker, seed);
        Rendered { image, landmarks: self.landmarks_of(&points, frame as f32) }
    }

    /// Makes the onset and the apex.
    pub fn pair(&self) -> Pair {
        Pair {
            onset: self.frame(self.script.expression.course.onset),
            apex: self.frame(self.script.expression.course.apex),
        }
    }

    /// The 478 landmarks at a frame, without making it, px of the frame.
    pub fn landmarks(&self, frame: u32) -> Landmarks {
        self.landmarks_of(&self.points(frame as f32), frame as f32)
    }

    /// True motion from one frame to another, valid over the head; px of the frame. The turn of the eyes is not in it.
    pub fn true_flow(&self, first: u32, second: u32) -> TrueFlow {
        let size = self.script.size_px;
        let (from, to) = (self.points(first as f32), self.points(second as f32));
        let mut seen = Visibility::new(size, size, self.stage.triangles.len());
        self.draw(&mut seen, &from, 1.0);
        let (mut flow, mut valid) = (FlowField::new(size, size), Plane::new(size, size));
        for at in (0..size * size).filter(|&at| seen.triangle[at] != NOTHING) {
            let number = seen.triangle[at];
            let (x, y) = (at % size, at / size);
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let weights = seen.barycentric(number, px, py);
            let corners = self.stage.triangles[usize::from(number)].0;
            let place = |k: usize| (0..3).map(|i| weights[i] * to[usize::from(corners[i])][k]).sum::<f32>();
            flow.u.set(x, y, place(0) - px);
            flow.v.set(x, y, place(1) - py);
            valid.set(x, y, 1.0);
        }
        TrueFlow { flow, valid }
    }
}

/// Distance between the eyes in the frames of a script, px.
pub(crate) fn inter_ocular_px(script: &ClipScript) -> f32 {
    // The eyes of the average head are 0.6156 dm apart and 0.945 dm in front of the pivot.
    script.view.focal_px * 0.6156 / (script.view.distance_dm - 0.945).max(0.5)
}
