//! Pictures of one face from the last seconds: all of the newest, few of the older ones. What is kept does not grow with the
//! film.

use std::collections::VecDeque;

use image::RgbImage;
use microau_core::landmarks::Landmarks;
use microau_core::score::Moment;

use super::picture::{Picture, PicturePair, Scene};

/// Pictures on each side of the onset whose landmarks help to place the crop.
const PLACING_REACH: usize = 2;

/// The pictures of one face, by the number of their reading.
pub(super) struct Album {
    pictures: VecDeque<(usize, Picture)>,
    /// Readings for which every picture is kept.
    all: usize,
    /// Of older ones, every so many are kept.
    every: usize,
    /// Readings after which a picture is dropped.
    most: usize,
}

impl Album {
    pub fn new(all: usize, every: usize, most: usize) -> Album {
        Album { pictures: VecDeque::new(), all, every: every.max(1), most }
    }

    /// Adds the picture of the newest reading.
    pub fn push(&mut self, reading: usize, moment: Moment, frame: &RgbImage, landmarks: &Landmarks) {
        self.pictures.push_back((reading, Picture::of(frame, landmarks, moment)));
        let (all, every, most) = (self.all, self.every, self.most);
        // one picture passes from the newest to the older ones at a time
        let ageing = self.pictures.partition_point(|(at, _)| reading - at >= all).checked_sub(1);
        if let Some(place) = ageing.filter(|&place| !self.pictures[place].0.is_multiple_of(every)) {
            self.pictures.remove(place);
        }
        while self.pictures.front().is_some_and(|(at, _)| reading - at >= most) {
            self.pictures.pop_front();
        }
    }

    /// Onset, apex and offset as far as there are pictures: the last one up to the onset, and the nearest to each of the others
    /// after it.
    pub fn scene(&self, onset: usize, apex: usize, offset: usize) -> Option<Scene> {
        let first = self.pictures.partition_point(|(at, _)| *at <= onset).saturating_sub(1);
        let (_, at_onset) = self.pictures.get(first)?;
        let near = first.saturating_sub(PLACING_REACH)..(first + PLACING_REACH + 1).min(self.pictures.len());
        let around = near.filter(|&place| place != first).map(|place| &self.pictures[place].1);
        let nearest = |reading: usize| {
            let later = self.pictures.range(first + 1..);
            later.min_by_key(|(at, _)| at.abs_diff(reading)).map(|(_, picture)| picture)
        };
        let forth = PicturePair::new(at_onset, nearest(apex)?, around);
        let back = forth.before(nearest(offset)?);
        Some(Scene { forth, back })
    }
}
