//! Faces followed from frame to frame.

use image::RgbImage;
use microau_core::geom::{Point2, Rect};
use microau_core::landmarks::Landmarks;

use super::blendshapes::{BlendshapeReader, Blendshapes};
use super::detector::{Detection, FaceDetector};
use super::mesh::{FaceMesh, Mesh};
use super::networks::FaceNetworks;
use super::roi::{Roi, bounds};
use super::tiles;
use crate::network::NetworkError;

/// Overlap of bounds from which two faces are one.
const SAME_FACE_IOU: f32 = 0.5;
/// Overlap of a detector's box with the bounds of a followed face from which the box is of that face. The box is smaller
/// than the bounds and turned less, so a true pair overlaps by 0.5 to 0.8.
const KNOWN_FACE_IOU: f32 = 0.3;
/// Overlap of a new face with where a lost one was last from which it is that one again.
const RETURNED_IOU: f32 = 0.2;
/// Share of the last step in how a face is thought to move.
const MOTION_KEPT: f32 = 0.3;

/// How faces are found and followed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackerSettings {
    /// Most faces followed at once, at least 1.
    pub max_faces: usize,
    /// While fewer faces than that are followed, the detector looks for more every so many frames, at least 1. When none is
    /// followed, or one was just lost, it looks at every frame.
    pub redetect_every: u32,
    /// Least score of the detector, in (0, 1).
    pub min_detection_score: f32,
    /// Least probability that a face is there, by the mesh network, in (0, 1). The gate against false faces.
    pub min_presence: f32,
    /// While fewer faces than this are followed after a look at the whole frame, a closer look is taken at squares of it, for
    /// small faces; at most once in `redetect_every` frames. More than 1 for films of groups.
    pub expected_faces: usize,
    /// Most squares that such a closer look takes, about 1 ms each; 0 turns it off.
    pub max_tiles: usize,
    /// Least score of the detector in such a look, in (0, 1). Parts of faces and things look more like faces from near: on
    /// photographs of groups and on a film without faces, true faces had at least 0.77 in some square and false ones that
    /// passed the presence gate at most 0.68.
    pub min_tile_score: f32,
    /// Frames for which the id of a lost face is kept for a face that turns up where it was, or where it would be by now had it
    /// gone on as it moved.
    pub remember_frames: u32,
    /// Whether blendshapes are computed.
    pub blendshapes: bool,
}

impl Default for TrackerSettings {
    fn default() -> TrackerSettings {
        TrackerSettings {
            max_faces: 4,
            redetect_every: 10,
            min_detection_score: 0.5,
            min_presence: 0.5,
            expected_faces: 1,
            max_tiles: 40,
            min_tile_score: 0.75,
            remember_frames: 30,
            blendshapes: true,
        }
    }
}

/// One face in one frame.
#[derive(Clone, Debug)]
pub struct TrackedFace {
    /// The same number for the same face in every frame, from 0 in order of appearance.
    pub face_id: u32,
    /// Landmarks in frame px, not smoothed.
    pub landmarks: Landmarks,
    /// Probability that a face is there, in (0, 1).
    pub presence: f32,
    /// Coefficients of expression, unless switched off.
    pub blendshapes: Option<Blendshapes>,
    /// Whether the detector found it in this frame; otherwise it was followed from the frame before.
    pub detected: bool,
}

/// Finds faces in the frames of a film and follows them. Frames go in in order.
pub struct FaceTracker {
    settings: TrackerSettings,
    detector: FaceDetector,
    mesh: FaceMesh,
    blendshapes: BlendshapeReader,
    followed: Vec<Followed>,
    lost: Vec<Lost>,
    next_id: u32,
    frames_since_detection: u32,
    frames_since_search: u32,
}

/// A face seen in the last frame.
struct Followed {
    face_id: u32,
    mesh: Mesh,
    /// How its centre moves, px a frame, over the last few frames.
    motion: Point2,
    detected: bool,
}

impl Followed {
    /// Where it should be in the next frame.
    fn foreseen(&self) -> Rect {
        bounds(&self.mesh.landmarks).moved(self.motion)
    }

    /// The same face a frame later.
    fn placed(self, mesh: Mesh) -> Followed {
        let step = bounds(&mesh.landmarks).centre() - bounds(&self.mesh.landmarks).centre();
        let motion = self.motion.lerp(step, MOTION_KEPT);
        Followed { mesh, motion, detected: false, ..self }
    }
}

/// A face seen before.
struct Lost {
    face_id: u32,
    /// Where it was last.
    bounds: Rect,
    /// Where it would be, had it gone on as it moved.
    foreseen: Rect,
    motion: Point2,
    frames_ago: u32,
}

impl Lost {
    fn new(face: &Followed) -> Lost {
        let (bounds, foreseen) = (bounds(&face.mesh.landmarks), face.foreseen());
        Lost { face_id: face.face_id, bounds, foreseen, motion: face.motion, frames_ago: 0 }
    }

    fn age(&mut self) {
        self.frames_ago += 1;
        self.foreseen = self.foreseen.moved(self.motion);
    }

    /// How well a face agrees with it.
    fn overlap(&self, bounds: &Rect) -> f32 {
        self.bounds.iou(bounds).max(self.foreseen.iou(bounds))
    }
}

impl FaceTracker {
    /// A tracker with the embedded networks.
    ///
    /// # Errors
    /// None in a sound binary; see [`FaceNetworks::embedded`].
    pub fn new(settings: TrackerSettings) -> Result<FaceTracker, NetworkError> {
        Ok(FaceTracker::with_networks(FaceNetworks::embedded()?, settings))
    }

    /// A tracker with other networks of the same shapes.
    pub fn with_networks(networks: FaceNetworks, settings: TrackerSettings) -> FaceTracker {
        FaceTracker {
            detector: FaceDetector::new(networks.detector, settings.min_detection_score),
            mesh: FaceMesh::new(networks.mesh),
            blendshapes: BlendshapeReader::new(networks.blendshapes),
            settings,
            followed: Vec::new(),
            lost: Vec::new(),
            next_id: 0,
            frames_since_detection: u32::MAX,
            frames_since_search: u32::MAX,
        }
    }

    /// Forgets all faces: the next frame is of another film. Ids begin at 0 again.
    pub fn reset(&mut self) {
        self.followed.clear();
        self.lost.clear();
        self.next_id = 0;
        self.frames_since_detection = u32::MAX;
        self.frames_since_search = u32::MAX;
    }

    /// The faces of the next frame, by rising id.
    pub fn track(&mut self, frame: &RgbImage) -> Vec<TrackedFace> {
        self.age();
        let any_lost = self.follow(frame);
        if self.is_detection_due(any_lost) {
            self.detect(frame);
        }
        self.followed.sort_by_key(|face| face.face_id);
        self.describe()
    }

    fn age(&mut self) {
        let keep = self.settings.remember_frames;
        self.lost.iter_mut().for_each(Lost::age);
        self.lost.retain(|lost| lost.frames_ago <= keep);
        self.frames_since_detection = self.frames_since_detection.saturating_add(1);
        self.frames_since_search = self.frames_since_search.saturating_add(1);
    }

    /// Places each known face anew from where it was; returns whether one was lost. Where a face passes before another, both are
    /// placed on the one in front: it is the one that is where it was going, the other is lost until it is seen again.
    fn follow(&mut self, frame: &RgbImage) -> bool {
        let mut placed: Vec<(f32, Followed, Option<Mesh>)> = Vec::new();
        for before in std::mem::take(&mut self.followed) {
            let mesh = self.place(frame, Roi::from_landmarks(&before.mesh.landmarks));
            let agrees = mesh.as_ref().map_or(0.0, |mesh| bounds(&mesh.landmarks).iou(&before.foreseen()));
            placed.push((agrees, before, mesh));
        }
        placed.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
        let mut any_lost = false;
        for (_, before, mesh) in placed {
            let is_other = |mesh: &Mesh| self.overlap(&bounds(&mesh.landmarks)) <= SAME_FACE_IOU;
            match mesh.filter(is_other) {
                Some(mesh) => self.followed.push(before.placed(mesh)),
                None => {
                    self.lost.push(Lost::new(&before));
                    any_lost = true;
                }
            }
        }
        any_lost
    }

    fn is_detection_due(&self, any_lost: bool) -> bool {
        let room = self.followed.len() < self.settings.max_faces.max(1);
        let waited = self.frames_since_detection >= self.settings.redetect_every.max(1);
        room && (any_lost || self.followed.is_empty() || waited)
    }

    fn detect(&mut self, frame: &RgbImage) {
        self.frames_since_detection = 0;
        let found = self.detector.detect(frame);
        self.admit(frame, found);
        let wanted = self.settings.expected_faces.min(self.settings.max_faces.max(1));
        if self.followed.len() >= wanted || self.frames_since_search < self.settings.redetect_every.max(1) {
            return;
        }
        self.frames_since_search = 0;
        for squares in tiles::levels(frame.width(), frame.height(), self.settings.max_tiles) {
            let found = self.detector.detect_in(frame, &squares, self.settings.min_tile_score);
            self.admit(frame, found);
            if self.followed.len() >= wanted {
                break;
            }
        }
    }

    /// Follows, from now on, what was detected, is not followed yet, and is a face.
    fn admit(&mut self, frame: &RgbImage, found: Vec<Detection>) {
        for detection in found {
            if self.followed.len() >= self.settings.max_faces.max(1) {
                return;
            }
            if self.overlap(&detection.bounds) > KNOWN_FACE_IOU {
                continue;
            }
            let Some(mesh) = self.place(frame, Roi::from_detection(&detection)) else { continue };
            let bounds = bounds(&mesh.landmarks);
            if self.overlap(&bounds) <= SAME_FACE_IOU {
                let face_id = self.returned_or_new(&bounds);
                self.followed.push(Followed { face_id, mesh, motion: Point2::default(), detected: true });
            }
        }
    }

    /// Landmarks in a square, if a face is there.
    fn place(&mut self, frame: &RgbImage, roi: Roi) -> Option<Mesh> {
        let least = self.settings.min_presence;
        self.mesh.place(frame, roi).filter(|mesh| logistic(mesh.presence_logit) >= least)
    }

    /// Largest overlap of a rectangle with a followed face.
    fn overlap(&self, bounds_px: &Rect) -> f32 {
        self.followed.iter().map(|face| bounds(&face.mesh.landmarks).iou(bounds_px)).fold(0.0, f32::max)
    }

    fn returned_or_new(&mut self, bounds: &Rect) -> u32 {
        let overlap = |lost: &Lost| lost.overlap(bounds);
        let best = (0..self.lost.len()).max_by(|&a, &b| overlap(&self.lost[a]).total_cmp(&overlap(&self.lost[b])));
        match best.filter(|&index| overlap(&self.lost[index]) > RETURNED_IOU) {
            Some(index) => self.lost.swap_remove(index).face_id,
            None => {
                self.next_id += 1;
                self.next_id - 1
            }
        }
    }

    fn describe(&mut self) -> Vec<TrackedFace> {
        let (reader, wanted) = (&mut self.blendshapes, self.settings.blendshapes);
        let describe = |face: &Followed| TrackedFace {
            face_id: face.face_id,
            landmarks: face.mesh.landmarks.clone(),
            presence: logistic(face.mesh.presence_logit),
            blendshapes: wanted.then(|| reader.read(&face.mesh.landmarks)),
            detected: face.detected,
        };
        self.followed.iter().map(describe).collect()
    }
}

fn logistic(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
