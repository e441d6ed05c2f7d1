//! The faces of a film over time, each with the motion of its parts.
//!
//! Of every frame behind us a few numbers are kept; pictures only of the first frames of a face, until its crop is placed.

use std::collections::BTreeMap;
use std::sync::Arc;

use image::RgbImage;
use microau_core::geom::{Point2, Rect};
use microau_core::landmarks::Landmarks;
use microau_core::sample::Event;
use microau_core::time::FrameIndex;
use microau_vision::frames::Frame;

use super::Movement;
use super::apex_search::peak;
use super::blink::bridge;
use super::motion::MotionMeter;
use crate::detect::faces::FoundFace;

/// All faces of a film so far.
pub(super) struct Tracks {
    placing_frames: usize,
    tracks: BTreeMap<u32, Track>,
}

impl Tracks {
    pub(super) fn new(placing_frames: usize) -> Self {
        Self { placing_frames, tracks: BTreeMap::new() }
    }

    pub(super) fn see(&mut self, frame: Frame, faces: Vec<FoundFace>) {
        let image = Arc::new(frame.image);
        for face in faces {
            let track = self.tracks.entry(face.face_id).or_default();
            track.see(frame.index, &image, face, self.placing_frames);
        }
    }

    /// The strongest movement of every face that was there for two frames or more, by face.
    pub(super) fn movements(self) -> Vec<Movement> {
        self.tracks.into_iter().filter_map(|(face_id, track)| track.movement(face_id)).collect()
    }
}

/// One face.
#[derive(Default)]
struct Track {
    /// Frames before the crop is placed.
    waiting: Vec<Waiting>,
    meter: Option<MotionMeter>,
    seen: Vec<Seen>,
}

struct Waiting {
    image: Arc<RgbImage>,
    landmarks: Landmarks,
}

/// What is kept of a frame: some hundred bytes.
struct Seen {
    frame: FrameIndex,
    bounds: Rect,
    /// How far the more closed eye is shut, 0 to 1.
    shut: f32,
    /// Motion of the parts of the face since its first frame; empty until the crop is placed.
    motion: Vec<Point2>,
}

impl Track {
    fn see(&mut self, frame: FrameIndex, image: &Arc<RgbImage>, face: FoundFace, placing_frames: usize) {
        let motion = self.meter.as_mut().map_or(Vec::new(), |meter| meter.motion(image));
        self.seen.push(Seen { frame, bounds: face.bounds(), shut: face.blink, motion });
        if self.meter.is_none() {
            self.waiting.push(Waiting { image: Arc::clone(image), landmarks: face.landmarks });
            if self.waiting.len() >= placing_frames {
                self.place();
            }
        }
    }

    /// Places the crop by the frames that wait, and measures them.
    fn place(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let landmarks: Vec<Landmarks> = waiting.iter().map(|it| it.landmarks.clone()).collect();
        let Some(first) = waiting.first() else { return };
        self.meter = MotionMeter::new(&first.image, &landmarks);
        let Some(meter) = &mut self.meter else { return };
        for (place, (seen, it)) in self.seen.iter_mut().zip(&waiting).enumerate() {
            seen.motion = if place == 0 { meter.rest() } else { meter.motion(&it.image) };
        }
    }

    fn movement(mut self, face_id: u32) -> Option<Movement> {
        self.place();
        let touched = self.meter.as_ref()?.around_the_eyes();
        let mut motions: Vec<Vec<Point2>> = self.seen.iter_mut().map(|seen| std::mem::take(&mut seen.motion)).collect();
        let shut: Vec<f32> = self.seen.iter().map(|seen| seen.shut).collect();
        bridge(&mut motions, &shut, &touched);
        let peak = peak(&motions)?;
        let at = |place: usize| self.seen[place].frame;
        let event = Event { onset: at(peak.onset), apex: at(peak.apex), offset: peak.offset.map(at) };
        let bounds = |place: usize| self.seen[place].bounds;
        Some(Movement { face_id, at_onset: bounds(peak.onset), at_apex: bounds(peak.apex), event })
    }
}
