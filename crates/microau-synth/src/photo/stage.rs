//! A portrait made ready for one subject: the changed photograph ("plate") and the head's mesh laid over it.
//!
//! Plate px: x right, y down, the eyes level, their middle at [`Stage::eyes`]; nearness points to the camera in the same scale.

use std::ops::Range;

use microau_core::au::Side;
use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::{FACE_OVAL, IRIS_LEFT, IRIS_RIGHT, Landmarks};

use crate::error::SynthError;
use crate::head::{Head, normals};
use crate::photo::fit::{Fit, head_landmarks};
use crate::photo::look::Look;
use crate::photo::plate::Plate;
use crate::photo::portrait::Portrait;
use crate::photo::shading;
use crate::photo::texture;
use crate::render::raster::Visibility;
use crate::truth;
use crate::vec3::{V3, smoothstep, v3};

/// Size of the plate and height of the eyes in it, distances between the eyes.
const PLATE_EYES: [f32; 3] = [5.2, 5.6, 2.5];
/// Distance outside the face's outline over which the muscles' movement fades, decimetres.
const FADE_DM: [f32; 2] = [0.06, 0.36];

/// What a triangle shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Skin: moves with the muscles.
    Skin,
    /// An eyeball: moves with the head and turns with the gaze. 0 is the subject's left.
    Eye(usize),
    /// Teeth, tongue and the inside of the mouth: move with the head.
    Mouth,
}

/// A vertex of the mesh on the plate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vertex {
    pub xy: Point2,
    pub near_px: f32,
    /// Images of a decimetre to the right and up; zero where muscles move nothing.
    pub axes: [[f32; 2]; 2],
    /// Share of the muscles' movement and of the turn in space that the vertex takes, 0..=1.
    pub part: f32,
    /// Share of the head's shift that the vertex takes, 0..=1: less than 1 in the surroundings alone.
    pub follow: f32,
    /// Place in the skin map.
    pub st: [f32; 2],
    /// Relative brightening by a slope of 1 along s and along t.
    pub shade: [f32; 2],
}

/// An eye of the photo on the plate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eye {
    pub iris: Point2,
    pub iris_px: f32,
    /// px by which the iris moves for a turn of one radian.
    pub ball_px: f32,
}

/// A landmark: where the photo has it, and the vertices whose movement it takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub vertex: Vertex,
    /// Vertices of the stage with their weights; `None` for the irises.
    pub anchor: Option<([u16; 3], [f32; 3])>,
}

/// One subject of the photo mode.
#[derive(Debug)]
pub(crate) struct Stage {
    pub inter_ocular_px: f32,
    /// Middle of the eyes, plate px.
    pub eyes: Point2,
    /// px per decimetre.
    pub scale: f32,
    /// About which the head turns: plate px and nearness.
    pub pivot: V3,
    /// Nearness of the face's outline.
    pub outline_near_px: f32,
    pub fit: Fit,
    pub plate: Plate,
    /// The plate with eyes and mouth gone on under lids and lips.
    pub under: Plate,
    /// How much a pixel of the plate looks like the subject's skin, 0..=1.
    pub skin_share: Vec<f32>,
    pub vertices: Vec<Vertex>,
    /// Vertex of the head -> vertex of the stage, where the muscles move it.
    pub slots: Vec<Option<u16>>,
    pub triangles: Vec<([u16; 3], Kind)>,
    pub eye: [Eye; 2],
    /// The 478 landmarks.
    pub marks: Vec<Mark>,
}

impl Stage {
    /// Makes a subject of a portrait, with `inter_ocular_px` between the eyes of the plate.
    ///
    /// # Errors
    /// [`SynthError::BadPortrait`] when the landmarks are so degenerate that the head cannot be laid over them.
    pub fn new(portrait: &Portrait, look: &Look, inter_ocular_px: f32) -> Result<Stage, SynthError> {
        let flipped = look.is_mirrored.then(|| portrait.mirrored());
        let portrait = flipped.as_ref().unwrap_or(portrait);
        let bad = || SynthError::BadPortrait {
            name: portrait.name().to_owned(),
            expected: "landmarks of a face",
            got: "points that fix no map of the head".to_owned(),
        };
        let eyes = Point2::new(0.5 * PLATE_EYES[0], PLATE_EYES[2]) * inter_ocular_px;
        let half = Point2::new(0.5 * inter_ocular_px, 0.0);
        let from = [Side::Right, Side::Left].map(|side| portrait.landmarks().eye_midpoint(side));
        let plate_from_photo = Similarity::fit(&from, &[eyes - half, eyes + half]).ok_or_else(bad)?;
        let landmarks = reshaped(&portrait.landmarks().transformed(&plate_from_photo), look, eyes, inter_ocular_px);
        let on_head = head_landmarks();
        let fit = Fit::new(&on_head, &landmarks).ok_or_else(bad)?;
        let size = [PLATE_EYES[0], PLATE_EYES[1]].map(|k| (k * inter_ocular_px).round().max(8.0) as usize);
        let mut stage = Stage {
            inter_ocular_px,
            eyes,
            scale: fit.scale,
            pivot: V3::ZERO,
            outline_near_px: 0.0,
            plate: texture::photographed(portrait, look, &plate_from_photo, eyes, inter_ocular_px, size),
            under: Plate { width: 0, height: 0, pixels: Vec::new() },
            skin_share: Vec::new(),
            vertices: Vec::new(),
            slots: vec![None; Head::get().average_dm.len()],
            triangles: Vec::new(),
            eye: [Side::Left, Side::Right].map(|side| eye_of(&landmarks, side, fit.scale)),
            marks: Vec::new(),
            fit,
        };
        stage.mark(&landmarks, &on_head);
        stage.lay_mesh(&on_head);
        let seen = stage.seen_at_rest();
        texture::finish(&mut stage, look, &seen);
        shading::light_vertices(&mut stage);
        Ok(stage)
    }

    /// The mesh at rest, one sample a pixel of the plate.
    fn seen_at_rest(&self) -> Visibility {
        let mut seen = Visibility::new(self.plate.width, self.plate.height, self.triangles.len());
        for (number, (corners, _)) in self.triangles.iter().enumerate() {
            let point = |v: u16| {
                let vertex = &self.vertices[usize::from(v)];
                [vertex.xy.x, vertex.xy.y, vertex.near_px]
            };
            seen.draw(number as u16, corners.map(point));
        }
        seen
    }

    fn mark(&mut self, landmarks: &Landmarks, on_head: &[V3]) {
        for (index, &h) in on_head.iter().enumerate() {
            let near_px = self.fit.near_px(h);
            let none = [[0.0; 2]; 2];
            let xy = landmarks.xy(index);
            let vertex = Vertex { xy, near_px, axes: none, part: 1.0, follow: 1.0, st: [0.0; 2], shade: [0.0; 2] };
            self.marks.push(Mark { vertex, anchor: None });
        }
        let outline = FACE_OVAL.map(|i| self.marks[i].vertex.near_px);
        self.outline_near_px = outline.iter().sum::<f32>() / outline.len() as f32;
        // The head turns about the top of the neck: 0.384 dm below and 0.945 dm behind the eyes.
        let eyes_near = [33, 133, 362, 263].map(|i| self.marks[i].vertex.near_px).iter().sum::<f32>() / 4.0;
        self.pivot = v3(self.eyes.x, self.eyes.y + 0.384 * self.scale, eyes_near - 0.945 * self.scale);
    }

    fn lay_mesh(&mut self, on_head: &[V3]) {
        let head = Head::get();
        let outline: Vec<V3> = FACE_OVAL.iter().map(|&i| self.fit.turned(on_head[i])).collect();
        let mut normal = Vec::new();
        normals(&head.asset.triangles, &head.average_dm, &mut normal);
        let place = |v: usize| part_of(self.fit.turned(head.average_dm[v]), self.fit.turned(normal[v]), &outline);
        let part: Vec<f32> = (0..head.average_dm.len()).map(place).collect();
        let inside = &head.asset.masks["mouth_inside"];
        let groups: [(Kind, Range<usize>); 6] = [
            (Kind::Skin, head.group("skin")),
            (Kind::Eye(0), head.group("eye_left")),
            (Kind::Eye(1), head.group("eye_right")),
            (Kind::Mouth, head.group("teeth_upper")),
            (Kind::Mouth, head.group("teeth_lower")),
            (Kind::Mouth, head.group("tongue")),
        ];
        let mut fixed: Vec<Option<u16>> = vec![None; head.average_dm.len()];
        for (kind, range) in groups {
            for &corners in &head.asset.triangles[range] {
                let ids = corners.map(usize::from);
                if ids.iter().all(|&v| part[v] <= 0.0) || ids.iter().any(|&v| normal[v].z < -0.5 && kind == Kind::Skin)
                {
                    continue;
                }
                let is_mouth = kind == Kind::Skin && ids.iter().all(|&v| inside[v] > 0.5);
                let kind = if is_mouth { Kind::Mouth } else { kind };
                let corners = ids.map(|v| {
                    let moves = kind == Kind::Skin;
                    let known = if moves { self.slots[v] } else { fixed[v] };
                    known.unwrap_or_else(|| {
                        let slot = self.vertices.len() as u16;
                        let list = if moves { &mut self.slots } else { &mut fixed };
                        list[v] = Some(slot);
                        self.vertices.push(laid(&self.fit, head, v, part[v], moves));
                        slot
                    })
                });
                self.triangles.push((corners, kind));
            }
        }
        for (mark, anchor) in self.marks.iter_mut().zip(truth::embedding()) {
            let slots = head.asset.triangles[usize::from(anchor.triangle)].map(|v| self.slots[usize::from(v)]);
            if let [Some(a), Some(b), Some(c)] = slots {
                mark.anchor = Some(([a, b, c], anchor.weights));
            }
        }
    }

    /// A place of the surroundings on the plate as a vertex: it goes with the head's outline, far away less and less.
    pub fn surround(&self, xy: Point2) -> Vertex {
        let away = (xy - self.eyes - Point2::new(0.0, 0.4 * self.inter_ocular_px)).norm() / self.inter_ocular_px;
        let follow = 0.25 + 0.75 * smoothstep(3.2, 1.7, away);
        let none = [[0.0; 2]; 2];
        Vertex { xy, near_px: 0.0, axes: none, part: 0.0, follow, st: [0.0; 2], shade: [0.0; 2] }
    }
}

fn laid(fit: &Fit, head: &Head, v: usize, part: f32, moves: bool) -> Vertex {
    let fitted = fit.place(head.average_dm[v]);
    let axes = if moves { fitted.axes } else { [[0.0; 2]; 2] };
    Vertex { xy: fitted.xy, near_px: fitted.near_px, axes, part, follow: 1.0, st: head.st[v], shade: [0.0; 2] }
}

/// 1 within the outline of the face, fading outside by the distance in the camera's plane; near the outline and beyond it
/// also where the surface turns away from the camera, so that nothing tears where the head's rim meets the surroundings.
fn part_of(p: V3, normal: V3, outline: &[V3]) -> f32 {
    let (mut nearest, mut is_inside) = (f32::MAX, false);
    for (i, a) in outline.iter().enumerate() {
        let b = outline[(i + 1) % outline.len()];
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let t = (((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy).max(1e-9)).clamp(0.0, 1.0);
        nearest = nearest.min((p.x - a.x - t * dx).powi(2) + (p.y - a.y - t * dy).powi(2));
        let crosses = (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * dx;
        is_inside ^= crosses;
    }
    let nearest = nearest.sqrt();
    let facing = smoothstep(0.05, 0.3, normal.z);
    if is_inside {
        let deep = smoothstep(0.1, 0.4, nearest);
        facing + (1.0 - facing) * deep
    } else {
        facing * smoothstep(FADE_DM[1], FADE_DM[0], nearest)
    }
}

fn eye_of(landmarks: &Landmarks, side: Side, scale: f32) -> Eye {
    let iris = if side == Side::Left { IRIS_LEFT } else { IRIS_RIGHT };
    let centre = landmarks.xy(iris[0]);
    let reach: f32 = iris[1..].iter().map(|&i| landmarks.xy(i).distance(centre)).sum();
    // The eyeball of the head has a radius of 0.14 dm.
    Eye { iris: centre, iris_px: 0.25 * reach, ball_px: 0.14 * scale }
}

fn reshaped(landmarks: &Landmarks, look: &Look, eyes: Point2, unit_px: f32) -> Landmarks {
    let moved = landmarks.points().iter().map(|p| {
        let q = look.reshaped((p.xy() - eyes) * (1.0 / unit_px)) * unit_px + eyes;
        microau_core::geom::Point3::new(q.x, q.y, p.z)
    });
    Landmarks::new(moved.collect()).expect("as many points as before")
}
