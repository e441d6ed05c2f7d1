//! A clip made ready for its frames: the person in light before the camera, and what moves; then frame by frame.

use std::sync::{Arc, Mutex};

use image::RgbImage;
use microau_core::geom::Point3;
use microau_core::landmarks::Landmarks;

use crate::dice::mix_seed;
use crate::head::Head;
use crate::muscle::wrinkle::furrows;
use crate::person::Person;
use crate::render::camera::Camera;
use crate::render::raster::Visibility;
use crate::render::shade::Furrow;
use crate::render::shot::{Moment, Neck, Region, Shot};
use crate::render::subject::Subject;
use crate::script::ClipScript;
use crate::truth::{self, TrueFlow};
use crate::vec3::V3;

/// Makes pictures of scripts; remembers the last few people, whose skin is costly to paint.
#[derive(Debug, Default)]
pub struct Renderer {
    people: Mutex<Vec<Arc<Subject>>>,
}

/// People that a renderer remembers.
const REMEMBERED: usize = 6;

impl Renderer {
    /// A renderer that has seen nobody yet.
    pub fn new() -> Renderer {
        Renderer::default()
    }

    /// A clip made ready; its frames can then be rendered in any order and on any thread.
    pub fn film(&self, script: &ClipScript) -> Film {
        Film::new(script.clone(), self.subject(&script.person))
    }

    /// One frame of a clip. For several frames of one clip make a [`Film`].
    pub fn frame(&self, script: &ClipScript, frame: u32) -> Rendered {
        self.film(script).frame(frame)
    }

    /// The onset and the apex frame of a clip.
    pub fn pair(&self, script: &ClipScript) -> Pair {
        self.film(script).pair()
    }

    pub(crate) fn subject(&self, person: &Person) -> Arc<Subject> {
        let known = |people: &Vec<Arc<Subject>>| people.iter().find(|s| s.person.looks_like(person)).cloned();
        let lock = || self.people.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(subject) = known(&lock()) {
            return subject;
        }
        // Painted outside the lock: other threads go on with other people.
        let subject = Arc::new(Subject::new(person));
        let mut people = lock();
        if people.len() >= REMEMBERED {
            people.remove(0);
        }
        people.push(subject.clone());
        subject
    }
}

/// A picture and where the landmarks truly are in it.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The recorded frame.
    pub image: RgbImage,
    /// The 478 points by the mesh, px of the frame.
    pub landmarks: Landmarks,
}

/// The two frames a detector compares.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The last frame at rest.
    pub onset: Rendered,
    /// The frame of full strength.
    pub apex: Rendered,
}

/// A clip ready to be rendered.
#[derive(Debug, Clone)]
pub struct Film {
    script: ClipScript,
    shot: Shot,
    camera: Camera,
    /// Per action: what it moves at its apex.
    movements: Vec<Vec<(u16, V3)>>,
    furrows: Option<Arc<Vec<Furrow>>>,
}

impl Film {
    fn new(script: ClipScript, subject: Arc<Subject>) -> Film {
        let movements = script.expression.movements();
        let furrows = furrows(&script.person, &script.expression.actions);
        let seed = mix_seed(script.subject_seed, script.clip_seed);
        let side = script.size_px;
        let camera = Camera::new(&script.sensor, script.flicker, [side, side], script.room_seed, seed);
        let first = script.moment(&movements, furrows.as_deref(), 0.0);
        let shot = Shot::new(subject, script.view, script.lights.clone(), Neck::Stiff, &first);
        Film { script, shot, camera, movements, furrows }
    }

    /// The script this film was made of.
    pub fn script(&self) -> &ClipScript {
        &self.script
    }

    /// Renders a frame; frames past the end show the last state.
    pub fn frame(&self, frame: u32) -> Rendered {
        let frame = frame.min(self.script.frame_count().saturating_sub(1));
        let moment = self.moment(frame as f32);
        let posed = self.shot.pose(&moment, true);
        let side = self.script.size_px;
        let whole = Region { left: 0, top: 0, width: side, height: side };
        let image = self.camera.take(frame, |light| self.shot.expose(&posed, &moment, whole, light, side));
        Rendered { image, landmarks: self.shot.landmarks(&posed, &moment) }
    }

    /// Renders the onset and the apex.
    pub fn pair(&self) -> Pair {
        let course = &self.script.expression.course;
        Pair { onset: self.frame(course.onset), apex: self.frame(course.apex) }
    }

    /// True motion of every visible point of the head between two frames.
    pub fn true_flow(&self, first: u32, second: u32) -> TrueFlow {
        let buffers = [first, second].map(|frame| {
            let posed = self.shot.pose(&self.moment(frame as f32), true);
            let side = self.script.size_px;
            let mut buffer = Visibility::new(side, side, self.shot.subject.triangles.len());
            self.shot.draw(&mut buffer, &posed.points, [0.0; 2], 1.0);
            (buffer, posed.points)
        });
        truth::flow_between(&self.shot.subject.triangles, &buffers[0].0, &buffers[1].1, &buffers[1].0)
    }

    /// Where each vertex of the head mesh lies at a frame, px; z is the depth relative to the eyes at the same scale, away
    /// from the camera positive.
    pub fn mesh_points(&self, frame: u32) -> Vec<Point3> {
        let posed = self.shot.pose(&self.moment(frame as f32), false);
        posed.points.iter().take(Head::get().st.len()).map(|&p| Shot::place(&posed, p)).collect()
    }

    /// Triangles of the outer skin, as indices into [`Film::mesh_points`].
    pub fn skin_triangles() -> &'static [[u16; 3]] {
        let head = Head::get();
        &head.asset.triangles[head.group("skin")]
    }

    /// The 478 landmarks at a frame, without rendering it.
    pub fn landmarks(&self, frame: u32) -> Landmarks {
        let moment = self.moment(frame as f32);
        self.shot.landmarks(&self.shot.pose(&moment, false), &moment)
    }

    fn moment(&self, frame: f32) -> Moment<'_> {
        self.script.moment(&self.movements, self.furrows.as_deref(), frame)
    }
}
