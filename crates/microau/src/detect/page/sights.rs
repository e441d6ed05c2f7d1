//! What the page will show of one input, kept while it is scored: bounded, however long the film.

use microau_core::score::{AuInterval, FaceFrame};
use microau_core::time::FrameIndex;

use super::curves::Curves;
use super::pictures::Pictures;
use super::{MOST_CARDS, strength};
use crate::detect::pipeline::Look;

/// Pictures of the strongest movements of an input and curves of its action units.
#[derive(Debug, Default)]
pub struct Sights {
    /// Strongest first, the earlier of two that are as strong.
    shown: Vec<Shown>,
    curves: Curves,
}

/// The pictures of one movement.
#[derive(Debug)]
struct Shown {
    face_id: u32,
    onset: FrameIndex,
    apex: FrameIndex,
    strength: f32,
    pictures: Pictures,
}

impl Sights {
    /// Takes the pictures of a movement, if it is among the strongest so far.
    pub fn look(&mut self, look: Look<'_>) {
        let Look { face_id, interval, attention, .. } = look;
        let strength = strength(interval);
        if self.shown.len() == MOST_CARDS && self.shown.last().is_some_and(|last| last.strength >= strength) {
            return;
        }
        let (onset, apex) = (interval.onset.frame, interval.apex.frame);
        let place = self.shown.partition_point(|other| other.strength >= strength);
        let pictures = Pictures::new(interval, attention);
        self.shown.insert(place, Shown { face_id, onset, apex, strength, pictures });
        self.keep_strongest(MOST_CARDS);
    }

    /// Adds one face of one frame to the curves; frames of a face come in order of time.
    pub fn frame(&mut self, frame: &FaceFrame) {
        self.curves.add(frame);
    }

    /// How strong the movements are whose pictures are kept, strongest first.
    pub(super) fn strengths(&self) -> Vec<f32> {
        self.shown.iter().map(|shown| shown.strength).collect()
    }

    /// Lets all pictures go but those of the `most` strongest movements.
    pub(super) fn keep_strongest(&mut self, most: usize) {
        self.shown.truncate(most);
    }

    /// The pictures of a movement, where they were kept.
    pub(super) fn pictures(&self, face_id: u32, interval: &AuInterval) -> Option<&Pictures> {
        let (onset, apex) = (interval.onset.frame, interval.apex.frame);
        let is_it = |shown: &&Shown| (shown.face_id, shown.onset, shown.apex) == (face_id, onset, apex);
        self.shown.iter().find(is_it).map(|shown| &shown.pictures)
    }

    pub(super) fn curves(&self) -> &Curves {
        &self.curves
    }
}
