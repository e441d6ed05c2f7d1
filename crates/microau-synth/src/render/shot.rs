//! A person before the camera: posed moment by moment and shaded into the light of a frame.

use std::cell::RefCell;
use std::sync::Arc;

use microau_core::geom::Point3;
use microau_core::landmarks::Landmarks;

use crate::head::{EYES_MIDPOINT_DM, Head, normals, seen_from, smoothed};
use crate::muscle::recipe::{Pulls, closing_lids, displacement};
use crate::render::light::Lights;
use crate::render::raster::{NOTHING, Visibility};
use crate::render::shade::{Furrow, Material, Scene, Surface};
use crate::render::subject::Subject;
use crate::render::view::{Pose, Projection, View};
use crate::truth;
use crate::vec3::{Rotation, V3, smoothstep, v3};

/// Samples per pixel along each axis.
const SUBSAMPLES: usize = 2;

/// What an AU moves: a vertex of the head and its displacement, dm.
pub(crate) type HeadMove = (u16, V3);

/// A face at one moment: all that moves, by vertices of the head or of another mesh.
#[derive(Debug, Clone)]
pub(crate) struct Moment<'a, M = HeadMove> {
    pub pose: Pose,
    /// Turn of the eyes: yaw, pitch.
    pub gaze_rad: [f32; 2],
    /// How far the lids are closed by a blink, 0..=1.
    pub closure: f32,
    /// What an AU moves at full strength, and its strength now.
    pub movements: Vec<(&'a [M], f32)>,
    /// What else moves besides the lids.
    pub bystanders: Pulls,
    /// Wrinkles at full strength and their strength now.
    pub furrows: Option<(&'a [Furrow], f32)>,
}

impl Moment<'_> {
    fn gaze(&self) -> Rotation {
        let [yaw, pitch] = self.gaze_rad;
        Rotation::head(yaw, pitch, 0.0)
    }
}

/// A part of a frame, px.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Region {
    /// The part of a frame in which points lie, and a pixel around them; `None` when they lie outside.
    pub fn around(points: &[[f32; 3]], width: usize, height: usize) -> Option<Region> {
        let range = |axis: usize, size: usize| {
            let (lo, hi) = points.iter().fold((f32::MAX, f32::MIN), |(lo, hi), p| (lo.min(p[axis]), hi.max(p[axis])));
            ((lo - 1.0).clamp(0.0, size as f32) as usize, (hi + 2.0).clamp(0.0, size as f32) as usize)
        };
        let ((left, right), (top, bottom)) = (range(0, width), range(1, height));
        (left < right && top < bottom).then(|| Region { left, top, width: right - left, height: bottom - top })
    }
}

/// What a turn of the head does to the shoulders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Neck {
    /// They turn with it: for clips, in which it hardly turns.
    Stiff,
    /// They stay; the neck between bends.
    Bending,
}

/// Heights between which a bending neck bends, decimetres on the average head: below the chin.
const NECK_DM: [f32; 2] = [5.45, 5.95];

/// A person in light before a camera.
#[derive(Debug, Clone)]
pub(crate) struct Shot {
    pub subject: Arc<Subject>,
    pub view: View,
    lights: Lights,
    neck: Neck,
    /// Key light that arrives per vertex.
    key_light: Vec<f32>,
}

thread_local! {
    /// The z-buffer of each thread, kept between frames.
    static BUFFER: RefCell<Visibility> = RefCell::new(Visibility::new(0, 0, 0));
}

/// The moving mesh at one frame.
pub(crate) struct Posed {
    /// Vertices of the skin: what landmarks belong to.
    skin_dm: Vec<V3>,
    /// Vertices as drawn: the scalp lifted by its hair, long hair after them. Empty unless posed for a picture.
    shown_dm: Vec<V3>,
    normals: Vec<V3>,
    projection: Projection,
    /// Per vertex: place in the frame (px) and nearness.
    pub points: Vec<[f32; 3]>,
}

impl Shot {
    /// A person whose shadows fall as they do at a first moment.
    pub fn new(subject: Arc<Subject>, view: View, lights: Lights, neck: Neck, first: &Moment) -> Shot {
        let mut shot = Shot { subject, view, lights, neck, key_light: Vec::new() };
        shot.key_light = shot.light_per_vertex(first);
        shot
    }

    /// The mesh at a moment. Normals are only worked out for pictures.
    pub fn pose(&self, moment: &Moment, for_picture: bool) -> Posed {
        let mut positions = self.subject.rest.positions_dm.clone();
        for (moved, strength) in &moment.movements {
            moved.iter().for_each(|(v, d)| positions[usize::from(*v)] += *d * *strength);
        }
        let mut pulls = closing_lids(moment.closure);
        pulls.extend_from_slice(&moment.bystanders);
        for (vertex, d) in displacement(&pulls, [1.0, 1.0]) {
            positions[usize::from(vertex)] += d;
        }
        let projection = Projection::new(self.view, moment.pose);
        if self.neck == Neck::Bending {
            keep_shoulders(&mut positions, &projection);
        }
        let (mut normal, mut shown) = (Vec::new(), Vec::new());
        if for_picture {
            shown.extend_from_slice(&positions);
            shown.extend(self.subject.curtain.iter().flat_map(|c| &c.positions_dm));
            normals(&self.subject.triangles, &shown, &mut normal);
            let hair = self.subject.hair_dm.iter().enumerate().filter(|(_, h)| **h > 0.0);
            hair.for_each(|(v, h)| shown[v] += normal[v] * *h);
        }
        let seen = if for_picture { &shown } else { &positions };
        let points = seen.iter().map(|&p| projection.project(p)).collect();
        Posed { skin_dm: positions, shown_dm: shown, normals: normal, projection, points }
    }

    /// The 478 landmarks, px of the frame.
    pub fn landmarks(&self, posed: &Posed, moment: &Moment) -> Landmarks {
        let points = truth::landmark_points(&self.subject.rest, &posed.skin_dm, &moment.gaze());
        let placed = points.iter().map(|&p| Shot::place(posed, posed.projection.project(p))).collect();
        Landmarks::new(placed).expect("the embedding has one place per landmark")
    }

    /// A projected point with its depth relative to the eyes at the scale of x, away from the camera positive.
    pub fn place(posed: &Posed, [x, y, nearness]: [f32; 3]) -> Point3 {
        let eyes = posed.projection.project(EYES_MIDPOINT_DM)[2];
        Point3::new(x, y, (1.0 / nearness - 1.0 / eyes) * posed.projection.scale_at(eyes))
    }

    /// Draws the person over the light of a frame of `width` px, inside a region of it.
    pub fn expose(&self, posed: &Posed, moment: &Moment, region: Region, light: &mut [V3], width: usize) {
        let (scene, surfaces) = (self.scene(posed, moment), self.surfaces(posed));
        BUFFER.with_borrow_mut(|buffer| {
            buffer.reset(region.width * SUBSAMPLES, region.height * SUBSAMPLES, self.subject.triangles.len());
            let corner = [region.left as f32, region.top as f32];
            self.draw(buffer, &posed.points, corner, SUBSAMPLES as f32);
            for y in 0..region.height {
                let row = (region.top + y) * width + region.left;
                for x in 0..region.width {
                    let behind = &mut light[row + x];
                    *behind = self.pixel(buffer, &scene, &surfaces, *behind, x, y);
                }
            }
        });
    }

    /// Draws everything, `k` samples per pixel along each axis, from a corner of the frame on.
    pub fn draw(&self, buffer: &mut Visibility, points: &[[f32; 3]], [left, top]: [f32; 2], k: f32) {
        let scaled: Vec<[f32; 3]> = points.iter().map(|[x, y, z]| [(x - left) * k, (y - top) * k, *z]).collect();
        for (number, corners) in self.subject.triangles.iter().enumerate() {
            if self.subject.materials[number] != Material::Unseen {
                buffer.draw(number as u16, corners.map(|v| scaled[usize::from(v)]));
            }
        }
    }

    fn light_per_vertex(&self, first: &Moment) -> Vec<f32> {
        let posed = self.pose(first, true);
        let to_key = posed.projection.head_direction(self.lights.key_direction).normalized();
        let triangles = &self.subject.triangles[..];
        let mut lit = seen_from(triangles, &posed.shown_dm, to_key, 192, 0.035);
        for _ in 0..1 + (3.0 * self.lights.softness) as usize {
            lit = smoothed(triangles, &lit);
        }
        lit
    }

    /// Light of one pixel: samples of one material at one depth are averaged and shaded once; an edge is shaded on each side.
    fn pixel(&self, buffer: &Visibility, scene: &Scene, surfaces: &[Surface], behind: V3, x: usize, y: usize) -> V3 {
        let (triangles, material) = (&self.subject.triangles[..], &self.subject.materials[..]);
        let at = 2 * y * buffer.width + 2 * x;
        let places = [at, at + 1, at + buffer.width, at + buffer.width + 1];
        let seen = places.map(|p| buffer.triangle[p]);
        if seen == [NOTHING; 4] {
            return behind;
        }
        let (left, top) = (2.0 * x as f32, 2.0 * y as f32);
        if seen[0] == seen[1] && seen[0] == seen[2] && seen[0] == seen[3] {
            let surface = interpolate(buffer, triangles, surfaces, seen[0], left + 1.0, top + 1.0);
            return scene.light_of(material[usize::from(seen[0])], &surface);
        }
        let mut sum = V3::ZERO;
        let mut done = [false; 4];
        for first in 0..4 {
            if done[first] {
                continue;
            }
            if seen[first] == NOTHING {
                sum += behind * 0.25;
                continue;
            }
            let kind = material[usize::from(seen[first])];
            let depth = buffer.nearness[places[first]];
            let (mut total, mut count) = ([0.0f32; 8], 0.0f32);
            for i in first..4 {
                let close = (buffer.nearness[places[i]] - depth).abs() < 0.02 * depth;
                if !done[i] && seen[i] != NOTHING && material[usize::from(seen[i])] == kind && close {
                    let (sx, sy) = (left + 0.5 + (i & 1) as f32, top + 0.5 + (i >> 1) as f32);
                    let surface = interpolate(buffer, triangles, surfaces, seen[i], sx, sy);
                    (0..8).for_each(|k| total[k] += surface[k]);
                    count += 1.0;
                    done[i] = true;
                }
            }
            let surface = total.map(|v| v / count);
            sum += scene.light_of(kind, &surface) * (0.25 * count);
        }
        sum
    }

    fn scene<'a>(&'a self, posed: &Posed, moment: &Moment<'a>) -> Scene<'a> {
        let to_head = |d: V3| posed.projection.head_direction(d).normalized();
        let to_camera = to_head(v3(0.0, 0.0, 1.0));
        let [to_key, to_fill] = [self.lights.key_direction, self.lights.fill_direction].map(to_head);
        Scene {
            who: &self.subject.person.identity.appearance,
            skin: &self.subject.skin,
            furrows: moment.furrows.filter(|(_, strength)| *strength > 0.0),
            lights: &self.lights,
            to_key,
            to_fill,
            to_camera,
            key_half: (to_key + to_camera).normalized(),
            fill_half: (to_fill + to_camera).normalized(),
            up: to_head(v3(0.0, 1.0, 0.0)),
            gaze: moment.gaze(),
            gloss: self.subject.person.gloss,
        }
    }

    /// What is interpolated, per vertex.
    fn surfaces(&self, posed: &Posed) -> Vec<Surface> {
        let head = Head::get();
        let inside = &head.asset.masks["mouth_inside"];
        let mut surfaces: Vec<Surface> = (0..head.st.len())
            .map(|v| {
                let ([s, t], n) = (head.st[v], posed.normals[v]);
                [s, t, n.x, n.y, n.z, self.key_light[v], head.openness[v], inside[v]]
            })
            .collect();
        for (i, (st, open)) in self.subject.curtain.iter().flat_map(|c| c.st.iter().zip(&c.openness)).enumerate() {
            let (v, [s, t]) = (head.st.len() + i, *st);
            let n = posed.normals[v];
            surfaces.push([s, t, n.x, n.y, n.z, self.key_light[v], *open, 0.0]);
        }
        for (side, vertices) in head.eye_vertices.iter().enumerate() {
            let (centre, radius) = (self.subject.rest.eye_centres[side], self.subject.rest.eye_radius_dm);
            for &v in vertices {
                let d = (posed.skin_dm[usize::from(v)] - centre) * (1.0 / radius);
                let surface = &mut surfaces[usize::from(v)];
                (surface[0], surface[1], surface[7]) = (d.x, d.y, d.z);
            }
        }
        surfaces
    }
}

/// Turns what is below the neck back by what the head turns.
fn keep_shoulders(positions: &mut [V3], projection: &Projection) {
    for (p, average) in positions.iter_mut().zip(&Head::get().average_dm).filter(|(_, a)| a.y < NECK_DM[1]) {
        *p = projection.unturned(*p).lerp(*p, smoothstep(NECK_DM[0], NECK_DM[1], average.y));
    }
}

#[inline]
fn interpolate(
    buffer: &Visibility,
    triangles: &[[u16; 3]],
    surfaces: &[Surface],
    number: u16,
    x: f32,
    y: f32,
) -> Surface {
    let [wa, wb, wc] = buffer.barycentric(number, x, y);
    let [a, b, c] = triangles[usize::from(number)].map(|v| &surfaces[usize::from(v)]);
    std::array::from_fn(|i| wa * a[i] + wb * b[i] + wc * c[i])
}
