//! A clip made ready for its frames: the person's head and skin, its movements, light and background; then frame by frame.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use image::RgbImage;
use microau_core::geom::Point3;
use microau_core::landmarks::Landmarks;

use crate::dice::mix_seed;
use crate::head::{Head, normals, seen_from, smoothed};
use crate::identity::{Identity, RestHead};
use crate::muscle::recipe::{displacement, movement};
use crate::render::background::Background;
use crate::render::hair::{Curtain, hair_cover};
use crate::render::paint::Skin;
use crate::render::raster::{NOTHING, Visibility};
use crate::render::shade::{Furrow, Material, Scene, Surface};
use crate::render::view::Projection;
use crate::script::ClipScript;
use crate::truth::{self, TrueFlow};
use crate::vec3::{V3, smoothstep, v3};

/// Samples per pixel along each axis.
const SUBSAMPLES: usize = 2;

/// One person ready to be filmed: geometry at rest and painted skin.
#[derive(Debug)]
pub(crate) struct Subject {
    identity: Identity,
    paint_key: [u32; 2],
    pub rest: RestHead,
    pub skin: Skin,
    /// Outward shift of the scalp by hair, per vertex, dm.
    hair_dm: Vec<f32>,
    curtain: Option<Curtain>,
    /// Triangles of the head, then of long hair.
    triangles: Vec<[u16; 3]>,
    materials: Vec<Material>,
}

impl Subject {
    fn new(script: &ClipScript) -> Subject {
        let head = Head::get();
        let look = &script.identity.appearance;
        let hair = &look.hair;
        let cover = |v: usize| {
            let [s, t] = head.st[v];
            let scalp = hair_cover(hair, s, t, 0.13) * (1.0 - smoothstep(0.05, 0.4, head.asset.masks["ears"][v]));
            if head.outside[v] { scalp * hair.thickness_dm } else { 0.0 }
        };
        let hair_dm = (0..head.st.len()).map(cover).collect();
        let rest = RestHead::new(&script.identity);
        let curtain = Curtain::new(hair, &rest, look.paint_seed);
        let (mut triangles, mut materials) = (head.asset.triangles.clone(), head_materials());
        if let Some(curtain) = &curtain {
            let first = head.st.len() as u16;
            triangles.extend(curtain.triangles.iter().map(|t| t.map(|v| v + first)));
            materials.resize(triangles.len(), Material::Hair);
        }
        Subject {
            curtain,
            triangles,
            materials,
            identity: script.identity.clone(),
            paint_key: Subject::paint_key(script),
            rest,
            skin: Skin::paint(look, script.skin_detail, script.marks),
            hair_dm,
        }
    }

    fn paint_key(script: &ClipScript) -> [u32; 2] {
        [script.skin_detail.to_bits(), script.marks.to_bits()]
    }

    fn is_of(&self, script: &ClipScript) -> bool {
        self.identity == script.identity && self.paint_key == Subject::paint_key(script)
    }
}

/// Makes pictures of scripts; remembers the last few people, whose skin is costly to paint.
#[derive(Debug, Default)]
pub struct Renderer {
    people: Mutex<Vec<Arc<Subject>>>,
}

/// People that a renderer remembers.
const REMEMBERED: usize = 6;

impl Renderer {
    /// A renderer that has seen nobody yet.
    pub fn new() -> Renderer {
        Renderer::default()
    }

    /// A clip made ready; its frames can then be rendered in any order and on any thread.
    pub fn film(&self, script: &ClipScript) -> Film {
        Film::new(script.clone(), self.subject(script))
    }

    /// One frame of a clip. For several frames of one clip make a [`Film`].
    pub fn frame(&self, script: &ClipScript, frame: u32) -> Rendered {
        self.film(script).frame(frame)
    }

    /// The onset and the apex frame of a clip.
    pub fn pair(&self, script: &ClipScript) -> Pair {
        self.film(script).pair()
    }

    fn subject(&self, script: &ClipScript) -> Arc<Subject> {
        let known = |people: &Vec<Arc<Subject>>| people.iter().find(|s| s.is_of(script)).cloned();
        let lock = || self.people.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(subject) = known(&lock()) {
            return subject;
        }
        // Painted outside the lock: other threads go on with other people.
        let subject = Arc::new(Subject::new(script));
        let mut people = lock();
        if people.len() >= REMEMBERED {
            people.remove(0);
        }
        people.push(subject.clone());
        subject
    }
}

/// A picture and where the landmarks truly are in it.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// The recorded frame.
    pub image: RgbImage,
    /// The 478 points by the mesh, px of the frame.
    pub landmarks: Landmarks,
}

/// The two frames a detector compares.
#[derive(Debug, Clone)]
pub struct Pair {
    /// The last frame at rest.
    pub onset: Rendered,
    /// The frame of full strength.
    pub apex: Rendered,
}

/// A clip ready to be rendered.
#[derive(Debug, Clone)]
pub struct Film {
    pub(crate) script: ClipScript,
    pub(crate) subject: Arc<Subject>,
    /// Per action: what it moves at its apex.
    movements: Vec<Vec<(u16, V3)>>,
    furrows: Option<Arc<Vec<Furrow>>>,
    /// Key light that arrives per vertex.
    key_light: Vec<f32>,
    background: Background,
    /// The sensor's tone curve.
    tone: Vec<f32>,
}

/// Material of each triangle of the head.
fn head_materials() -> Vec<Material> {
    let head = Head::get();
    let mut materials = vec![Material::Unseen; head.asset.triangles.len()];
    for (name, material) in [
        ("skin", Material::Skin),
        ("eye_left", Material::EyeLeft),
        ("eye_right", Material::EyeRight),
        ("teeth_upper", Material::Teeth),
        ("teeth_lower", Material::Teeth),
        ("tongue", Material::Tongue),
    ] {
        materials[head.group(name)].fill(material);
    }
    materials
}

thread_local! {
    /// The z-buffer and the light of each thread, kept between frames.
    static CANVAS: RefCell<Option<(Visibility, Vec<V3>)>> = const { RefCell::new(None) };
}

/// The moving mesh at one frame.
struct Posed {
    /// Vertices of the skin: what landmarks belong to.
    skin_dm: Vec<V3>,
    /// Vertices as drawn: the scalp lifted by its hair, long hair after them. Empty unless posed for a picture.
    shown_dm: Vec<V3>,
    normals: Vec<V3>,
    projection: Projection,
    /// Per vertex: place in the frame (px) and nearness.
    points: Vec<[f32; 3]>,
}

impl Film {
    fn new(script: ClipScript, subject: Arc<Subject>) -> Film {
        let movements =
            script.actions.iter().zip(&script.recipes).map(|(a, r)| movement(r, [a.left, a.right])).collect();
        let furrows = crate::muscle::wrinkle::furrows(&script);
        let background = Background::new(script.room_seed, script.size_px);
        let tone = script.sensor.tone_table();
        let mut film = Film { script, subject, movements, furrows, key_light: Vec::new(), background, tone };
        film.key_light = film.light_per_vertex();
        film
    }

    /// The script this film was made of.
    pub fn script(&self) -> &ClipScript {
        &self.script
    }

    /// Renders a frame; frames past the end show the last state.
    pub fn frame(&self, frame: u32) -> Rendered {
        let frame = frame.min(self.script.frame_count().saturating_sub(1));
        let posed = self.pose(frame as f32, true);
        let seed = mix_seed(mix_seed(self.script.subject_seed, self.script.clip_seed), u64::from(frame) + 1);
        let flicker = 1.0 + self.script.flicker * ((seed % 2001) as f32 / 1000.0 - 1.0);
        let image = self.with_light(&posed, frame, |light| {
            self.script.sensor.record_through(&self.tone, light, self.script.size_px, flicker, seed)
        });
        Rendered { image, landmarks: self.landmarks_of(&posed, frame) }
    }

    /// Renders the onset and the apex.
    pub fn pair(&self) -> Pair {
        let course = &self.script.course;
        Pair { onset: self.frame(course.onset), apex: self.frame(course.apex) }
    }

    /// True motion of every visible point of the head between two frames.
    pub fn true_flow(&self, first: u32, second: u32) -> TrueFlow {
        let buffers = [first, second].map(|frame| {
            let posed = self.pose(frame as f32, true);
            let side = self.script.size_px;
            let mut buffer = Visibility::new(side, side, self.subject.triangles.len());
            self.draw(&mut buffer, &posed.points, 1.0);
            (buffer, posed.points)
        });
        truth::flow_between(&self.subject.triangles, &buffers[0].0, &buffers[1].1, &buffers[1].0)
    }

    /// Where each vertex of the head mesh lies at a frame, px; z is the depth relative to the eyes at the same scale, away
    /// from the camera positive.
    pub fn mesh_points(&self, frame: u32) -> Vec<Point3> {
        let posed = self.pose(frame as f32, false);
        posed.points.iter().take(Head::get().st.len()).map(|&p| self.point_of(&posed, p)).collect()
    }

    /// Triangles of the outer skin, as indices into [`Film::mesh_points`].
    pub fn skin_triangles() -> &'static [[u16; 3]] {
        let head = Head::get();
        &head.asset.triangles[head.group("skin")]
    }

    /// The 478 landmarks at a frame, without rendering it.
    pub fn landmarks(&self, frame: u32) -> Landmarks {
        self.landmarks_of(&self.pose(frame as f32, false), frame)
    }

    fn landmarks_of(&self, posed: &Posed, frame: u32) -> Landmarks {
        let points = truth::landmark_points(&self.subject.rest, &posed.skin_dm, &self.script.gaze(frame as f32));
        let placed = points.iter().map(|&p| self.point_of(posed, posed.projection.project(p))).collect();
        Landmarks::new(placed).expect("the embedding has one place per landmark")
    }

    fn point_of(&self, posed: &Posed, [x, y, nearness]: [f32; 3]) -> Point3 {
        let eyes = posed.projection.project(crate::head::EYES_MIDPOINT_DM)[2];
        Point3::new(x, y, (1.0 / nearness - 1.0 / eyes) * posed.projection.scale_at(eyes))
    }

    /// The mesh at a frame. Normals are only worked out for pictures.
    fn pose(&self, frame: f32, for_picture: bool) -> Posed {
        let mut positions = self.subject.rest.positions_dm.clone();
        for (index, moved) in self.movements.iter().enumerate() {
            let strength = self.script.strength(index, frame);
            if strength > 0.0 {
                moved.iter().for_each(|(v, d)| positions[usize::from(*v)] += *d * strength);
            }
        }
        for (vertex, d) in displacement(&self.script.bystanders(frame), [1.0, 1.0]) {
            positions[usize::from(vertex)] += d;
        }
        let projection = Projection::new(self.script.view, self.script.pose(frame));
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

    fn light_per_vertex(&self) -> Vec<f32> {
        let posed = self.pose(0.0, true);
        let to_key = posed.projection.head_direction(self.script.lights.key_direction).normalized();
        let triangles = &self.subject.triangles[..];
        let mut lit = seen_from(triangles, &posed.shown_dm, to_key, 192, 0.035);
        for _ in 0..1 + (3.0 * self.script.lights.softness) as usize {
            lit = smoothed(triangles, &lit);
        }
        lit
    }

    /// Hands the light of a frame, pixel by pixel, to `record`.
    fn with_light<T>(&self, posed: &Posed, frame: u32, record: impl FnOnce(&[V3]) -> T) -> T {
        let side = self.script.size_px * SUBSAMPLES;
        let triangles = self.subject.triangles.len();
        CANVAS.with_borrow_mut(|kept| {
            if kept.as_ref().is_none_or(|(buffer, _)| buffer.width != side) {
                *kept = Some((Visibility::new(side, side, triangles), Vec::new()));
            }
            let (buffer, light) = kept.as_mut().expect("just made");
            buffer.planes.resize(triangles.max(buffer.planes.len()), [0.0; 6]);
            buffer.clear();
            self.draw(buffer, &posed.points, SUBSAMPLES as f32);
            self.shade(buffer, posed, frame, light);
            record(light)
        })
    }

    /// Draws everything, `k` samples per pixel along each axis.
    fn draw(&self, buffer: &mut Visibility, points: &[[f32; 3]], k: f32) {
        let scaled: Vec<[f32; 3]> = points.iter().map(|[x, y, z]| [x * k, y * k, *z]).collect();
        for (number, corners) in self.subject.triangles.iter().enumerate() {
            if self.subject.materials[number] != Material::Unseen {
                buffer.draw(number as u16, corners.map(|v| scaled[usize::from(v)]));
            }
        }
    }

    fn shade(&self, buffer: &Visibility, posed: &Posed, frame: u32, light: &mut Vec<V3>) {
        let scene = self.scene(posed, frame);
        let surfaces = self.surfaces(posed);
        let size = self.script.size_px;
        light.clear();
        for y in 0..size {
            for x in 0..size {
                light.push(self.pixel(buffer, &scene, &surfaces, x, y));
            }
        }
    }

    /// Light of one pixel: samples of one material at one depth are averaged and shaded once; an edge is shaded on each side.
    fn pixel(&self, buffer: &Visibility, scene: &Scene, surfaces: &[Surface], x: usize, y: usize) -> V3 {
        let (triangles, material) = (&self.subject.triangles[..], &self.subject.materials[..]);
        let at = 2 * y * buffer.width + 2 * x;
        let places = [at, at + 1, at + buffer.width, at + buffer.width + 1];
        let seen = places.map(|p| buffer.triangle[p]);
        let behind = self.background.pixels[y * self.script.size_px + x];
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

    fn scene<'a>(&'a self, posed: &Posed, frame: u32) -> Scene<'a> {
        let to_head = |d: V3| posed.projection.head_direction(d).normalized();
        let strength =
            (0..self.script.actions.len()).map(|i| self.script.strength(i, frame as f32)).fold(0.0, f32::max);
        let furrows = self.furrows.as_ref().filter(|_| strength > 0.0).map(|f| (&f[..], strength));
        let to_camera = to_head(v3(0.0, 0.0, 1.0));
        let [to_key, to_fill] = [self.script.lights.key_direction, self.script.lights.fill_direction].map(to_head);
        Scene {
            who: &self.script.identity.appearance,
            skin: &self.subject.skin,
            furrows,
            lights: &self.script.lights,
            to_key,
            to_fill,
            to_camera,
            key_half: (to_key + to_camera).normalized(),
            fill_half: (to_fill + to_camera).normalized(),
            up: to_head(v3(0.0, 1.0, 0.0)),
            gaze: self.script.gaze(frame as f32),
            gloss: self.script.gloss,
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
