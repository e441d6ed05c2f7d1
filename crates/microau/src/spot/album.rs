//! Pictures of one face from the last seconds: all of the newest, few of the older ones. What is kept does not grow with the
//! film.

use std::collections::VecDeque;
use std::sync::Arc;

use image::{RgbImage, imageops};
use microau_core::landmarks::Landmarks;
use microau_core::sample::Sample;
use microau_core::score::Moment;

use crate::detect::scorer::FaceClip;

/// Part of the crop's edge that is kept beyond the crop on each side, for heads that move.
const MARGIN: f32 = 0.15;
/// Pictures on each side of the onset whose landmarks place the crop.
const PLACING_REACH: usize = 2;

/// One picture.
struct Picture {
    /// Place of its reading among all of the face.
    reading: usize,
    moment: Moment,
    /// The part of the frame around the face.
    image: RgbImage,
    /// Where its left upper corner lies in the frame, px.
    corner: [u32; 2],
    /// Landmarks, px of the frame.
    landmarks: Landmarks,
}

/// The pictures of one face.
pub(super) struct Album {
    pictures: VecDeque<Picture>,
    /// Readings for which every picture is kept.
    all: usize,
    /// Of older ones, every so many are kept.
    every: usize,
    /// Readings after which a picture is dropped.
    most: usize,
}

/// Two pictures and what they show.
pub(super) struct Shown {
    pub onset: Moment,
    pub apex: Moment,
    pub clip: FaceClip,
}

impl Album {
    pub fn new(all: usize, every: usize, most: usize) -> Album {
        Album { pictures: VecDeque::new(), all, every: every.max(1), most }
    }

    /// Adds the picture of the newest reading.
    pub fn push(&mut self, reading: usize, moment: Moment, frame: &RgbImage, landmarks: &Landmarks) {
        let [x, y, width, height] = around(landmarks, frame.width(), frame.height());
        let image = imageops::crop_imm(frame, x, y, width, height).to_image();
        self.pictures.push_back(Picture { reading, moment, image, corner: [x, y], landmarks: landmarks.clone() });
        let (all, every, most) = (self.all, self.every, self.most);
        let is_kept = |it: &Picture| {
            let age = reading - it.reading;
            age < all || (age < most && it.reading.is_multiple_of(every))
        };
        // one picture passes the border between new and old at a time
        if let Some(place) = self.pictures.iter().rposition(|it| reading - it.reading >= all) {
            if !is_kept(&self.pictures[place]) {
                self.pictures.remove(place);
            }
        }
        while self.pictures.front().is_some_and(|it| reading - it.reading >= most) {
            self.pictures.pop_front();
        }
    }

    /// Onset and apex as far as there are pictures: the last one up to the onset, and the nearest to the apex after it.
    pub fn clip(&self, onset: usize, apex: usize) -> Option<Shown> {
        let first = self.pictures.partition_point(|it| it.reading <= onset).checked_sub(1).unwrap_or(0);
        let later = self.pictures.range(first + 1..);
        let (_, then) = later.map(|it| (it.reading.abs_diff(apex), it)).min_by_key(|(distance, _)| *distance)?;
        let at = &self.pictures[first];
        let placing = self
            .pictures
            .range(first.saturating_sub(PLACING_REACH)..(first + PLACING_REACH + 1).min(self.pictures.len()));
        let corner = [0, 1].map(|axis| at.corner[axis].min(then.corner[axis]));
        let size = [0, 1].map(|axis| at.end()[axis].max(then.end()[axis]) - corner[axis]);
        let shift = |landmarks: &Landmarks| {
            let [tx, ty] = corner.map(|px| -(px as f32));
            landmarks.transformed(&microau_core::geom::Similarity { a: 1.0, b: 0.0, tx, ty })
        };
        let own = std::iter::once(&at.landmarks);
        let others = placing.filter(|it| it.reading != at.reading).map(|it| &it.landmarks);
        let clip = FaceClip {
            onset: Arc::new(at.on(corner, size)),
            apex: Arc::new(then.on(corner, size)),
            placing: own.chain(others).map(shift).collect(),
        };
        Some(Shown { onset: at.moment, apex: then.moment, clip })
    }
}

impl Picture {
    /// Where its right lower corner lies in the frame, px.
    fn end(&self) -> [u32; 2] {
        [self.corner[0] + self.image.width(), self.corner[1] + self.image.height()]
    }

    /// The picture in its place on a larger part of the frame; black where it shows nothing.
    fn on(&self, corner: [u32; 2], size: [u32; 2]) -> RgbImage {
        let mut canvas = RgbImage::new(size[0], size[1]);
        let [x, y] = [0, 1].map(|axis| i64::from(self.corner[axis] - corner[axis]));
        imageops::replace(&mut canvas, &self.image, x, y);
        canvas
    }
}

/// The part of a frame that the crop of a face needs: x, y, width, height, px; at least one pixel.
fn around(landmarks: &Landmarks, width: u32, height: u32) -> [u32; 4] {
    use microau_core::au::Side;
    let middle = landmarks.eye_midpoint(Side::Left).lerp(landmarks.eye_midpoint(Side::Right), 0.5);
    let edge = landmarks.inter_ocular() / Sample::EYE_DISTANCE;
    let margin = MARGIN * edge;
    let span = |middle: f32, before: f32, size: u32| {
        let first = (middle - before * edge - margin).clamp(0.0, size as f32 - 1.0);
        let last = (middle + (1.0 - before) * edge + margin).clamp(first + 1.0, size as f32);
        (first as u32, (last.ceil() as u32).min(size))
    };
    let ((x0, x1), (y0, y1)) = (span(middle.x, 0.5, width), span(middle.y, Sample::EYE_LEVEL, height));
    [x0, y0, x1 - x0, y1 - y0]
}
