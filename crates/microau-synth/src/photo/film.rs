//! A clip in photo mode: the mesh moved frame by frame, and the plate seen through it.

use std::cell::RefCell;
use std::sync::Arc;

use image::RgbImage;
use microau_core::geom::{Point2, Point3};
use microau_core::landmarks::{IRIS_LEFT, Landmarks};
use microau_core::plane::{FlowField, Plane};

use crate::dice::mix_seed;
use crate::muscle::recipe::{displacement, movement};
use crate::photo::blink::Lids;
use crate::photo::settings::PhotoSettings;
use crate::photo::stage::{Kind, Stage, Vertex};
use crate::render::film::{Pair, Rendered};
use crate::render::paint;
use crate::render::raster::{NOTHING, Visibility};
use crate::render::shade::Furrow;
use crate::script::ClipScript;
use crate::truth::TrueFlow;
use crate::vec3::{Rotation, V3, smoothstep, v3};

/// Samples of the z-buffer along each side of a pixel.
const SUBSAMPLES: usize = 2;
/// Share of the script's first turn that a photograph is given; it cannot show what it did not see.
const TURN_SHARE: f32 = 0.4;
/// Depth behind the face's outline down to which the turn in space is followed.
const MOST_BEHIND_DM: f32 = 0.25;
/// px of a frame between places at which its surroundings are worked out.
const AROUND_STEP: usize = 8;
/// Darkest and brightest factor by which furrows shade skin.
const FURROW_SHADE: [f32; 2] = [0.55, 1.5];

/// A vertex of the stage with its displacement on the plate at full strength: right, down, nearer, px.
type Moved = (u16, [f32; 3]);

/// A clip of a portrait, ready to be filmed.
#[derive(Debug, Clone)]
pub struct PhotoFilm {
    script: ClipScript,
    stage: Arc<Stage>,
    movements: Vec<Vec<Moved>>,
    /// What a full blink moves.
    blink: Vec<Moved>,
    /// The script without its blink: what else moves that is no AU.
    unblinking: ClipScript,
    furrows: Option<Arc<Vec<Furrow>>>,
    furrow_strength: f32,
    turn_limit_rad: f32,
    /// Frame px per plate px.
    zoom: f32,
    /// Place in the plate's space that falls on the script's place of the eyes.
    anchor: Point2,
}

/// The head at one moment.
struct Posed {
    turn: Rotation,
    roll: Rotation,
    /// Where yaw and pitch carry the face's outline, and the head's own shift, px.
    shift: Point2,
    grow: f32,
}

/// What the pixels of one frame share.
struct Moment<'a> {
    furrows: Option<(&'a [Furrow], f32)>,
    gaze: [Point2; 2],
    around: Around,
}

/// Places on the plate every few px of a frame, read between.
struct Around {
    columns: usize,
    knots: Vec<Point2>,
}

impl Around {
    /// The place at a continuous point of the frame.
    fn at(&self, x: f32, y: f32) -> Point2 {
        let (x, y) = (x * (1.0 / AROUND_STEP as f32), y * (1.0 / AROUND_STEP as f32));
        let (ix, iy) = (x as usize, y as usize);
        let row = &self.knots[iy * self.columns + ix..];
        let top = row[0].lerp(row[1], x - ix as f32);
        top.lerp(row[self.columns].lerp(row[self.columns + 1], x - ix as f32), y - iy as f32)
    }
}

thread_local! {
    /// The z-buffer of each thread, kept between frames.
    static BUFFER: RefCell<Option<Visibility>> = const { RefCell::new(None) };
}

impl PhotoFilm {
    pub(crate) fn new(script: ClipScript, stage: Arc<Stage>, settings: &PhotoSettings) -> PhotoFilm {
        let carried = |moved: Vec<(u16, V3)>| carry(&stage, moved);
        let movements =
            script.actions.iter().zip(&script.recipes).map(|(a, r)| carried(movement(r, [a.left, a.right]))).collect();
        let furrows = crate::muscle::wrinkle::furrows(&script);
        let zoom = inter_ocular_px(&script) / stage.inter_ocular_px;
        let mut unblinking = script.clone();
        unblinking.blink = None;
        let mut film = PhotoFilm {
            blink: blink_of(&stage),
            unblinking,
            furrow_strength: settings.furrow,
            turn_limit_rad: settings.turn_deg.to_radians(),
            anchor: stage.eyes,
            script,
            stage,
            movements,
            furrows,
            zoom,
        };
        film.anchor = film.eyes_at_start();
        film
    }

    /// The script this film was made of.
    pub fn script(&self) -> &ClipScript {
        &self.script
    }

    /// Makes a frame; frames past the end show the last state.
    pub fn frame(&self, frame: u32) -> Rendered {
        let frame = frame.min(self.script.frame_count().saturating_sub(1));
        let points = self.points(frame as f32);
        let light = self.light(&points, frame);
        let seed = mix_seed(mix_seed(self.script.subject_seed, self.script.clip_seed), u64::from(frame) + 1);
        let flicker = 1.0 + self.script.flicker * ((seed % 2001) as f32 / 1000.0 - 1.0);
        let image: RgbImage = self.script.sensor.record(&light, self.script.size_px, flicker, seed);
        Rendered { image, landmarks: self.landmarks_of(&points, frame as f32) }
    }

    /// Makes the onset and the apex.
    pub fn pair(&self) -> Pair {
        Pair { onset: self.frame(self.script.course.onset), apex: self.frame(self.script.course.apex) }
    }

    /// The 478 landmarks at a frame, without making it, px of the frame.
    pub fn landmarks(&self, frame: u32) -> Landmarks {
        self.landmarks_of(&self.points(frame as f32), frame as f32)
    }

    /// True motion from one frame to another, valid over the head; px of the frame. The turn of the eyes is not in it.
    pub fn true_flow(&self, first: u32, second: u32) -> TrueFlow {
        let size = self.script.size_px;
        let (from, to) = (self.points(first as f32), self.points(second as f32));
        let mut seen = Visibility::new(size, size, self.stage.triangles.len());
        self.draw(&mut seen, &from, 1.0);
        let (mut flow, mut valid) = (FlowField::new(size, size), Plane::new(size, size));
        for at in (0..size * size).filter(|&at| seen.triangle[at] != NOTHING) {
            let number = seen.triangle[at];
            let (x, y) = (at % size, at / size);
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let weights = seen.barycentric(number, px, py);
            let corners = self.stage.triangles[usize::from(number)].0;
            let place = |k: usize| (0..3).map(|i| weights[i] * to[usize::from(corners[i])][k]).sum::<f32>();
            flow.u.set(x, y, place(0) - px);
            flow.v.set(x, y, place(1) - py);
            valid.set(x, y, 1.0);
        }
        TrueFlow { flow, valid }
    }

    fn landmarks_of(&self, points: &[[f32; 3]], frame: f32) -> Landmarks {
        let posed = self.posed(frame);
        let first = self.posed(0.0);
        let eyes_near = self.stage.pivot.z + 0.945 * self.stage.scale;
        let gaze = self.gaze_px(frame);
        let place = |(index, mark): (usize, &crate::photo::stage::Mark)| {
            let mut vertex = mark.vertex;
            if index >= Landmarks::COUNT - 10 {
                let side = usize::from(!IRIS_LEFT.contains(&index));
                vertex.xy = vertex.xy + gaze[side];
            }
            let rest = self.place(&posed, &first, &vertex, [0.0; 3]);
            let mut at = rest;
            if let Some((slots, weights)) = mark.anchor {
                // The landmark takes the movement that the muscles give to the mesh around it.
                for (slot, weight) in slots.iter().zip(weights) {
                    let still = self.place(&posed, &first, &self.stage.vertices[usize::from(*slot)], [0.0; 3]);
                    (0..3).for_each(|k| at[k] += weight * (points[usize::from(*slot)][k] - still[k]));
                }
            }
            Point3::new(at[0], at[1], -(at[2] - eyes_near) * self.zoom)
        };
        let placed = self.stage.marks.iter().enumerate().map(place).collect();
        Landmarks::new(placed).expect("the stage has one mark per landmark")
    }

    /// Places of all vertices at a frame: frame px and nearness in plate px.
    fn points(&self, frame: f32) -> Vec<[f32; 3]> {
        let mut moved = vec![[0.0f32; 3]; self.stage.vertices.len()];
        let mut add = |list: &[Moved], strength: f32| {
            for (slot, d) in list {
                (0..3).for_each(|k| moved[usize::from(*slot)][k] += d[k] * strength);
            }
        };
        for (index, list) in self.movements.iter().enumerate() {
            let strength = self.script.strength(index, frame);
            if strength > 0.0 {
                add(list, strength);
            }
        }
        add(&self.blink, self.script.closure(frame));
        add(&carry(&self.stage, displacement(&self.unblinking.bystanders(frame), [1.0, 1.0])), 1.0);
        let (posed, first) = (self.posed(frame), self.posed(0.0));
        self.stage.vertices.iter().zip(&moved).map(|(v, d)| self.place(&posed, &first, v, *d)).collect()
    }

    fn posed(&self, frame: f32) -> Posed {
        let (start, now) = (self.script.path.start, self.script.pose(frame));
        let limit = self.turn_limit_rad;
        let first = |angle: f32| (angle * TURN_SHARE).clamp(-limit, limit);
        let yaw = first(start.yaw_rad) + now.yaw_rad - start.yaw_rad;
        let pitch = first(start.pitch_rad) + now.pitch_rad - start.pitch_rad;
        let turn = Rotation::head(yaw, pitch, 0.0);
        let outline = turn.apply(v3(0.0, 0.0, self.stage.outline_near_px - self.stage.pivot.z));
        let scale = self.stage.scale;
        Posed {
            turn,
            roll: Rotation::head(0.0, 0.0, now.roll_rad),
            shift: Point2::new(outline.x + now.shift_dm.x * scale, -outline.y - now.shift_dm.y * scale),
            grow: 1.0 + now.shift_dm.z / self.script.view.distance_dm.max(1.0),
        }
    }

    /// Where a vertex with a displacement on the plate lies in the frame. Inside the face it turns in space; outside it
    /// goes with the face's outline, far away less and less.
    fn place(&self, posed: &Posed, first: &Posed, vertex: &Vertex, d: [f32; 3]) -> [f32; 3] {
        let flat = |posed: &Posed| {
            let (x, y) = (vertex.xy.x + d[0] - self.stage.pivot.x, vertex.xy.y + d[1] - self.stage.pivot.y);
            // What lies far behind the outline would slide out past it.
            let least = self.stage.outline_near_px - MOST_BEHIND_DM * self.stage.scale;
            let near = (vertex.near_px + d[2]).max(least) - self.stage.pivot.z;
            let mut at = v3(x, -y, near);
            if vertex.part > 0.0 {
                let whole = posed.turn.apply(at);
                let outline = self.stage.outline_near_px - self.stage.pivot.z;
                let carried = posed.turn.apply(v3(0.0, 0.0, outline));
                let inner = v3(whole.x - carried.x, whole.y - carried.y, whole.z);
                at = at + (inner - at) * vertex.part;
            }
            let rolled = posed.roll.apply(v3(at.x + posed.shift.x, at.y - posed.shift.y, 0.0));
            let order = vertex.near_px + d[2] + at.z - near;
            [rolled.x * posed.grow, -rolled.y * posed.grow, order]
        };
        let mut at = flat(posed);
        if vertex.follow < 1.0 {
            let start = flat(first);
            (0..2).for_each(|k| at[k] = start[k] + vertex.follow * (at[k] - start[k]));
        }
        let origin = self.script.view.eyes_px;
        let (x, y) = (at[0] + self.stage.pivot.x - self.anchor.x, at[1] + self.stage.pivot.y - self.anchor.y);
        [origin[0] + x * self.zoom, origin[1] + y * self.zoom, at[2]]
    }

    /// Where the middle of the eyes lies in the plate's space once the head has its first turn.
    fn eyes_at_start(&self) -> Point2 {
        let first = self.posed(0.0);
        let near_px = self.stage.pivot.z + 0.945 * self.stage.scale;
        let none = [[0.0; 2]; 2];
        let xy = self.stage.eyes;
        let eyes = Vertex { xy, near_px, axes: none, part: 1.0, follow: 1.0, st: [0.0; 2], shade: [0.0; 2] };
        let [x, y, _] = self.place(&first, &first, &eyes, [0.0; 3]);
        let origin = self.script.view.eyes_px;
        Point2::new((x - origin[0]) / self.zoom + self.anchor.x, (y - origin[1]) / self.zoom + self.anchor.y)
    }

    /// Shift of the irises on the plate away from the photo's own gaze: subject's left, right; px.
    fn gaze_px(&self, frame: f32) -> [Point2; 2] {
        let (now, rest) = (self.script.gaze_rad(frame), self.script.gaze.from_rad);
        let turn = |i: usize| now[i].sin() - rest[i].sin();
        self.stage.eye.map(|eye| Point2::new(turn(0) * eye.ball_px, -turn(1) * eye.ball_px))
    }

    /// Where the plate shows what the surroundings of a frame show.
    fn around(&self, frame: f32) -> Around {
        let (posed, first) = (self.posed(frame), self.posed(0.0));
        let columns = self.script.size_px.div_ceil(AROUND_STEP) + 2;
        let origin = self.script.view.eyes_px;
        let knot = |k: usize| {
            let q = Point2::new((k % columns * AROUND_STEP) as f32, (k / columns * AROUND_STEP) as f32);
            let mut p = self.stage.eyes + Point2::new(q.x - origin[0], q.y - origin[1]) * (1.0 / self.zoom);
            // The head is rolled by a few degrees: each round leaves a tenth of the error or less.
            for _ in 0..4 {
                let [x, y, _] = self.place(&posed, &first, &self.stage.surround(p), [0.0; 3]);
                p = p - Point2::new(x - q.x, y - q.y) * (1.0 / self.zoom);
            }
            p
        };
        Around { columns, knots: (0..columns * columns).map(knot).collect() }
    }

    fn draw(&self, buffer: &mut Visibility, points: &[[f32; 3]], k: f32) {
        for (number, (corners, _)) in self.stage.triangles.iter().enumerate() {
            let place = |v: u16| {
                let [x, y, z] = points[usize::from(v)];
                [x * k, y * k, z]
            };
            buffer.draw(number as u16, corners.map(place));
        }
    }

    fn light(&self, points: &[[f32; 3]], frame: u32) -> Vec<V3> {
        let side = self.script.size_px * SUBSAMPLES;
        let triangles = self.stage.triangles.len();
        BUFFER.with_borrow_mut(|kept| {
            let fits = kept.as_ref().is_some_and(|b| b.width == side && b.planes.len() == triangles);
            if !fits {
                *kept = Some(Visibility::new(side, side, triangles));
            }
            let buffer = kept.as_mut().expect("just made");
            buffer.clear();
            self.draw(buffer, points, SUBSAMPLES as f32);
            let strength =
                (0..self.script.actions.len()).map(|i| self.script.strength(i, frame as f32)).fold(0.0, f32::max);
            let furrows =
                self.furrows.as_ref().filter(|_| strength > 0.0).map(|f| (&f[..], strength * self.furrow_strength));
            let moment = Moment { furrows, gaze: self.gaze_px(frame as f32), around: self.around(frame as f32) };
            let size = self.script.size_px;
            (0..size * size).map(|at| self.pixel(buffer, at % size, at / size, &moment)).collect()
        })
    }

    /// Light of one pixel: its four samples are read together per layer (skin, or what lies under it).
    fn pixel(&self, buffer: &Visibility, x: usize, y: usize, moment: &Moment) -> V3 {
        let at = 2 * y * buffer.width + 2 * x;
        let places = [at, at + 1, at + buffer.width, at + buffer.width + 1];
        let mut layers = [Layer::default(), Layer::default()];
        let numbers = places.map(|place| buffer.triangle[place]);
        let (left, top) = ((2 * x) as f32, (2 * y) as f32);
        if numbers[1..].iter().all(|&number| number == numbers[0]) {
            // Within one triangle places are linear: the middle stands for the four samples.
            self.read(buffer, numbers[0], Point2::new(left + 1.0, top + 1.0), moment, &mut layers);
        } else {
            for (i, number) in numbers.into_iter().enumerate() {
                let place = Point2::new(left + 0.5 + (i & 1) as f32, top + 0.5 + (i >> 1) as f32);
                self.read(buffer, number, place, moment, &mut layers);
            }
        }
        let [skin, under] = layers;
        let total = skin.count + under.count;
        if total == 0.0 {
            return V3::ZERO;
        }
        let mut sum = V3::ZERO;
        if skin.count > 0.0 {
            let place = skin.place();
            let [r, g, b, _] = self.stage.plate.sample(place);
            let factor = moment.furrows.map_or(1.0, |(map, strength)| self.furrow_factor(&skin, map, strength, place));
            sum += v3(r, g, b) * (factor * skin.count);
        }
        if under.count > 0.0 {
            let [r, g, b, _] = self.stage.under.sample(under.place());
            sum += v3(r, g, b) * under.count;
        }
        sum * (1.0 / total)
    }

    /// Adds one sample to the layer it belongs to.
    #[inline]
    fn read(&self, buffer: &Visibility, number: u16, at: Point2, moment: &Moment, layers: &mut [Layer; 2]) {
        let [skin, under] = layers;
        if number == NOTHING {
            under.add_place(moment.around.at(0.5 * at.x, 0.5 * at.y));
            return;
        }
        let weights = buffer.barycentric(number, at.x, at.y);
        let (corners, kind) = self.stage.triangles[usize::from(number)];
        let corners = corners.map(|v| &self.stage.vertices[usize::from(v)]);
        match kind {
            Kind::Skin => skin.add(weights, corners, moment.furrows.is_some()),
            Kind::Eye(side) => under.add_place(self.looked(side, mixed(weights, corners), moment.gaze[side])),
            Kind::Mouth => under.add(weights, corners, false),
        }
    }

    /// Where the photo shows what a turned eye shows at `q`: the iris moves as a disc, the white gives way around it.
    fn looked(&self, side: usize, q: Point2, gaze: Point2) -> Point2 {
        if gaze == Point2::default() {
            return q;
        }
        let eye = self.stage.eye[side];
        let away = (q - eye.iris - gaze).norm() / eye.iris_px.max(0.5);
        q - gaze * smoothstep(2.6, 1.1, away)
    }

    /// How a furrow changes the light of the skin: its slopes by the photo's light, its depth by shadow.
    fn furrow_factor(&self, skin: &Layer, map: &[Furrow], strength: f32, place: Point2) -> f32 {
        let k = 1.0 / skin.count;
        let [slope_s, slope_t, depth] = paint::sample(map, [skin.st[0] * k, skin.st[1] * k]);
        let plate = &self.stage.plate;
        let (x, y) =
            ((place.x.max(0.0) as usize).min(plate.width - 1), (place.y.max(0.0) as usize).min(plate.height - 1));
        let share = strength * self.stage.skin_share[y * plate.width + x];
        let slope = slope_s * skin.shade[0] * k + slope_t * skin.shade[1] * k;
        let factor = (1.0 + share * slope) * (1.0 - 0.35 * (share * depth).clamp(0.0, 0.8));
        factor.clamp(FURROW_SHADE[0], FURROW_SHADE[1])
    }
}

/// Samples of one layer within a pixel.
#[derive(Default)]
struct Layer {
    count: f32,
    sum: Point2,
    st: [f32; 2],
    shade: [f32; 2],
}

impl Layer {
    fn add_place(&mut self, place: Point2) {
        self.sum = self.sum + place;
        self.count += 1.0;
    }

    #[inline]
    fn add(&mut self, weights: [f32; 3], corners: [&Vertex; 3], shaded: bool) {
        self.add_place(mixed(weights, corners));
        if shaded {
            for k in 0..2 {
                self.st[k] += (0..3).map(|i| weights[i] * corners[i].st[k]).sum::<f32>();
                self.shade[k] += (0..3).map(|i| weights[i] * corners[i].shade[k] * corners[i].part).sum::<f32>();
            }
        }
    }

    fn place(&self) -> Point2 {
        self.sum * (1.0 / self.count)
    }
}

fn mixed(weights: [f32; 3], corners: [&Vertex; 3]) -> Point2 {
    corners[0].xy * weights[0] + corners[1].xy * weights[1] + corners[2].xy * weights[2]
}

/// Distance between the eyes in the frames of a script, px.
pub(crate) fn inter_ocular_px(script: &ClipScript) -> f32 {
    // The eyes of the average head are 0.6156 dm apart and 0.945 dm in front of the pivot.
    script.view.focal_px * 0.6156 / (script.view.distance_dm - 0.945).max(0.5)
}

/// What both lids move in a full blink.
fn blink_of(stage: &Stage) -> Vec<Moved> {
    let landmark = |i: usize| stage.marks[i].vertex.xy;
    let lids = [0, 1].map(|side| Lids::new(side, landmark, stage.inter_ocular_px));
    let moved = stage.slots.iter().flatten().filter_map(|&slot| {
        let vertex = &stage.vertices[usize::from(slot)];
        let d = lids.iter().find_map(|lids| lids.closed(vertex.xy))?;
        Some((slot, d.map(|v| v * vertex.part)))
    });
    moved.collect()
}

/// A movement of the head's vertices on the plate.
fn carry(stage: &Stage, moved: Vec<(u16, V3)>) -> Vec<Moved> {
    let carried = moved.into_iter().filter_map(|(v, d)| {
        let slot = stage.slots[usize::from(v)]?;
        let vertex = &stage.vertices[usize::from(slot)];
        let d = stage.fit.turned(d) * vertex.part;
        let [right, up] = vertex.axes;
        Some((slot, [d.x * right[0] + d.y * up[0], d.x * right[1] + d.y * up[1], d.z * stage.scale]))
    });
    carried.collect()
}
