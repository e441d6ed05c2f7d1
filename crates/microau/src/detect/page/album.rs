//! The pictures that the page will show of one input, kept while it is scored: those of its strongest movements.

use microau_core::score::AuInterval;
use microau_core::time::FrameIndex;

use super::pictures::Pictures;
use super::{MOST_CARDS, strength};
use crate::detect::pipeline::Look;

/// Pictures of the strongest movements of an input, at most [`MOST_CARDS`].
#[derive(Debug, Default)]
pub struct Album {
    /// Strongest first, the earlier of two that are as strong.
    kept: Vec<Kept>,
}

/// The pictures of one movement.
#[derive(Debug)]
struct Kept {
    face_id: u32,
    onset: FrameIndex,
    apex: FrameIndex,
    strength: f32,
    pictures: Pictures,
}

impl Album {
    /// Takes the pictures of a movement, if it is among the strongest so far.
    pub fn add(&mut self, look: Look<'_>) {
        let Look { face_id, interval, attention, .. } = look;
        let strength = strength(interval);
        let place = self.kept.partition_point(|other| other.strength >= strength);
        if place < MOST_CARDS {
            let (onset, apex) = (interval.onset.frame, interval.apex.frame);
            let pictures = Pictures::new(interval, attention);
            self.kept.insert(place, Kept { face_id, onset, apex, strength, pictures });
            self.keep_strongest(MOST_CARDS);
        }
    }

    /// How strong the movements are whose pictures are kept, strongest first.
    pub(super) fn strengths(&self) -> Vec<f32> {
        self.kept.iter().map(|kept| kept.strength).collect()
    }

    /// Lets all pictures go but those of the `most` strongest movements.
    pub(super) fn keep_strongest(&mut self, most: usize) {
        self.kept.truncate(most);
    }

    /// The pictures of a movement, where they were kept.
    pub(super) fn pictures(&self, face_id: u32, interval: &AuInterval) -> Option<&Pictures> {
        let (onset, apex) = (interval.onset.frame, interval.apex.frame);
        let is_it = |kept: &&Kept| (kept.face_id, kept.onset, kept.apex) == (face_id, onset, apex);
        self.kept.iter().find(is_it).map(|kept| &kept.pictures)
    }
}
