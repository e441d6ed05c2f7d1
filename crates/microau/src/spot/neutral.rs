//! How active each action unit of a face is in every frame, against the face's own rest.
//!
//! A face is at rest as it is most of the time: of two pictures a second over the last half-minute the one is the reference
//! whose landmarks lie nearest to those of all others. Nobody has to say when a face is neutral, and a face that changes, in
//! light or pose, has a reference that follows. In its first ten seconds its first picture is the reference.

use std::collections::VecDeque;

use image::RgbImage;
use microau_core::au::Side;
use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::Landmarks;
use microau_core::score::Moment;

use super::picture::{Picture, PicturePair};
use crate::detect::scorer::Scorer;

/// Seconds between two pictures among which the reference is chosen.
const EVERY: f64 = 0.5;
/// Number of these pictures.
const MOST: usize = 60;
/// With fewer of them the first one is the reference: what a face did most in a few seconds need not be its rest.
const LEAST: usize = 20;

/// The rest of one face, as far as it has been seen.
#[derive(Default)]
pub struct Neutral {
    rests: VecDeque<Rest>,
    /// Place of the reference among them.
    reference: usize,
}

struct Rest {
    picture: Picture,
    /// Landmarks with the eyes in fixed places, in distances between the eyes.
    shape: Vec<Point2>,
}

impl Neutral {
    /// Probabilities of a model's action units in a frame; none where the frame cannot be scored. The first frame of a face is
    /// its own reference.
    pub fn probabilities(
        &mut self,
        model: &mut dyn Scorer,
        frame: &RgbImage,
        landmarks: &Landmarks,
        at: Moment,
    ) -> Vec<f32> {
        let picture = Picture::of(frame, landmarks, at);
        self.remember(&picture);
        let Some(reference) = self.rests.get(self.reference) else { return Vec::new() };
        let pair = PicturePair::new(&reference.picture, &picture, std::iter::empty());
        model.probabilities(&pair.clip()).unwrap_or_default()
    }

    fn remember(&mut self, picture: &Picture) {
        let now = picture.moment.secs;
        if self.rests.back().is_some_and(|last| now - last.picture.moment.secs < EVERY) {
            return;
        }
        let Some(shape) = shape(&picture.landmarks) else { return };
        self.rests.push_back(Rest { picture: picture.clone(), shape });
        if self.rests.len() > MOST {
            self.rests.pop_front();
        }
        if self.rests.len() < LEAST {
            return;
        }
        let distance = |place: usize| -> f32 {
            self.rests.iter().map(|other| apart(&self.rests[place].shape, &other.shape)).sum()
        };
        let distances: Vec<f32> = (0..self.rests.len()).map(distance).collect();
        self.reference = (0..distances.len()).min_by(|&a, &b| distances[a].total_cmp(&distances[b])).unwrap_or(0);
    }
}

/// Landmarks with the middles of the eyes at (0, 0) and (1, 0); `None` when they are in one point.
fn shape(landmarks: &Landmarks) -> Option<Vec<Point2>> {
    let eyes = [Side::Right, Side::Left].map(|side| landmarks.eye_midpoint(side));
    let placed = Similarity::fit(&eyes, &[Point2::new(0.0, 0.0), Point2::new(1.0, 0.0)])?;
    Some(landmarks.points().iter().map(|point| placed.apply(point.xy())).collect())
}

/// Mean distance of landmarks.
fn apart(a: &[Point2], b: &[Point2]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a.distance(*b)).sum::<f32>() / a.len() as f32
}
