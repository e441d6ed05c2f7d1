//! Who sits before the camera of a long film: a rendered head or a photograph.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use microau_core::landmarks::Landmarks;

use crate::expression::Expression;
use crate::muscle::wrinkle::furrows;
use crate::photo::film::{Moved, PhotoShot};
use crate::render::shade::Furrow;
use crate::render::shot::{HeadMove, Moment, Region, Shot};
use crate::vec3::V3;

use super::face::FaceScript;

/// Expressions that are kept ready: the one at hand and the next, for threads that are ahead.
const REMEMBERED: usize = 3;

/// What can be posed and seen by a camera.
pub(super) trait Sitter: Debug + Send + Sync {
    /// What an AU moves.
    type Move: Debug + Send + Sync + 'static;

    /// Per action of an expression: what it moves at its apex.
    fn movements(&self, expression: &Expression) -> Vec<Vec<Self::Move>>;

    /// Adds the sitter to the light of a frame of this width and height.
    fn expose(&self, moment: &Moment<Self::Move>, light: &mut [V3], size_px: [usize; 2]);

    /// The 478 landmarks, px of the frame.
    fn landmarks(&self, moment: &Moment<Self::Move>) -> Landmarks;
}

impl Sitter for Shot {
    type Move = HeadMove;

    fn movements(&self, expression: &Expression) -> Vec<Vec<HeadMove>> {
        expression.movements()
    }

    fn expose(&self, moment: &Moment, light: &mut [V3], [width, height]: [usize; 2]) {
        let posed = self.pose(moment, true);
        if let Some(region) = Region::around(&posed.points, width, height) {
            Shot::expose(self, &posed, moment, region, light, width);
        }
    }

    fn landmarks(&self, moment: &Moment) -> Landmarks {
        Shot::landmarks(self, &self.pose(moment, false), moment)
    }
}

impl Sitter for PhotoShot {
    type Move = Moved;

    fn movements(&self, expression: &Expression) -> Vec<Vec<Moved>> {
        PhotoShot::movements(self, expression)
    }

    fn expose(&self, moment: &Moment<Moved>, light: &mut [V3], _: [usize; 2]) {
        PhotoShot::expose(self, &self.points(moment), moment, light);
    }

    fn landmarks(&self, moment: &Moment<Moved>) -> Landmarks {
        PhotoShot::landmarks(self, &self.points(moment), moment)
    }
}

/// An expression made ready.
#[derive(Debug)]
struct Ready<M> {
    movements: Vec<Vec<M>>,
    furrows: Option<Arc<Vec<Furrow>>>,
}

/// Expressions that are ready, by their number.
type AllReady<M> = Vec<(usize, Arc<Ready<M>>)>;

/// A face of the film: a sitter who plays a script.
#[derive(Debug)]
pub(super) struct Player<S: Sitter> {
    sitter: S,
    ready: Mutex<AllReady<S::Move>>,
}

/// A [`Player`] whatever it is made of.
pub(super) trait Plays: Debug + Send + Sync {
    /// Adds the face as it is at a frame, `secs` after the start, to the light of the frame.
    fn expose(&self, script: &FaceScript, frame: u32, secs: f64, light: &mut [V3], size_px: [usize; 2]);

    /// Its landmarks then.
    fn landmarks(&self, script: &FaceScript, frame: u32, secs: f64) -> Landmarks;
}

impl<S: Sitter> Plays for Player<S> {
    fn expose(&self, script: &FaceScript, frame: u32, secs: f64, light: &mut [V3], size_px: [usize; 2]) {
        self.at(script, frame, secs, |moment| self.sitter.expose(moment, light, size_px));
    }

    fn landmarks(&self, script: &FaceScript, frame: u32, secs: f64) -> Landmarks {
        self.at(script, frame, secs, |moment| self.sitter.landmarks(moment))
    }
}

impl<S: Sitter> Player<S> {
    pub fn new(sitter: S) -> Player<S> {
        Player { sitter, ready: Mutex::new(Vec::new()) }
    }

    fn at<T>(&self, script: &FaceScript, frame: u32, secs: f64, see: impl FnOnce(&Moment<S::Move>) -> T) -> T {
        let mut moment = script.moment(secs);
        let Some(index) = script.showing(frame) else { return see(&moment) };
        let expression = &script.shown[index].expression;
        let ready = self.ready(script, index);
        moment.movements = expression.active(&ready.movements, frame as f32);
        moment.furrows = ready.furrows.as_ref().map(|map| (&map[..], expression.strongest(frame as f32)));
        see(&moment)
    }

    fn ready(&self, script: &FaceScript, index: usize) -> Arc<Ready<S::Move>> {
        // Made under the lock: threads that render one film wait for the same expression.
        let mut kept = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ready)) = kept.iter().find(|(known, _)| *known == index) {
            return ready.clone();
        }
        let expression = &script.shown[index].expression;
        let furrows = furrows(&script.person, &expression.actions);
        let ready = Arc::new(Ready { movements: self.sitter.movements(expression), furrows });
        if kept.len() >= REMEMBERED {
            kept.remove(0);
        }
        kept.push((index, ready.clone()));
        ready
    }
}
