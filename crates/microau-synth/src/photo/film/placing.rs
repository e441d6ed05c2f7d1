//! Where the head, its landmarks and its surroundings lie in a frame.

use microau_core::geom::{Point2, Point3};
use microau_core::landmarks::{IRIS_LEFT, Landmarks};

use super::PhotoShot;
use super::movement::{Moved, carry};
use crate::muscle::recipe::displacement;
use crate::photo::stage::{Mark, Vertex};
use crate::render::shot::Moment;
use crate::render::view::Pose;
use crate::vec3::{Rotation, v3};

/// Share of the script's first turn that a photograph is given; it cannot show what it did not see.
const TURN_SHARE: f32 = 0.4;
/// Depth behind the face's outline down to which the turn in space is followed.
const MOST_BEHIND_DM: f32 = 0.25;
/// px of a frame between places at which its surroundings are worked out.
const AROUND_STEP: usize = 8;
/// The head at one moment.
pub(super) struct Posed {
    turn: Rotation,
    roll: Rotation,
    /// Where yaw and pitch carry the face's outline, and the head's own shift, px.
    shift: Point2,
    grow: f32,
}

/// Places on the plate every few px of a frame, read between.
pub(super) struct Around {
    columns: usize,
    knots: Vec<Point2>,
}

impl Around {
    /// The place at a continuous point of the frame.
    pub(super) fn at(&self, x: f32, y: f32) -> Point2 {
        let (x, y) = (x * (1.0 / AROUND_STEP as f32), y * (1.0 / AROUND_STEP as f32));
        let (ix, iy) = (x as usize, y as usize);
        let row = &self.knots[iy * self.columns + ix..];
        let top = row[0].lerp(row[1], x - ix as f32);
        top.lerp(row[self.columns].lerp(row[self.columns + 1], x - ix as f32), y - iy as f32)
    }
}

impl PhotoShot {
    /// The 478 landmarks at a moment whose vertices lie at `points`, px of the frame.
    pub fn landmarks(&self, points: &[[f32; 3]], moment: &Moment<Moved>) -> Landmarks {
        let posed = self.posed(moment.pose);
        let first = self.posed(self.first);
        let eyes_near = self.stage.pivot.z + 0.945 * self.stage.scale;
        let gaze = self.gaze_px(moment.gaze_rad);
        let place = |(index, mark): (usize, &Mark)| {
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

    /// Places of all vertices at a moment: frame px and nearness in plate px.
    pub fn points(&self, moment: &Moment<Moved>) -> Vec<[f32; 3]> {
        let mut moved = vec![[0.0f32; 3]; self.stage.vertices.len()];
        let mut add = |list: &[Moved], strength: f32| {
            for (slot, d) in list {
                (0..3).for_each(|k| moved[usize::from(*slot)][k] += d[k] * strength);
            }
        };
        for (list, strength) in &moment.movements {
            add(list, *strength);
        }
        add(&self.blink, moment.closure);
        add(&carry(&self.stage, displacement(&moment.bystanders, [1.0, 1.0])), 1.0);
        let (posed, first) = (self.posed(moment.pose), self.posed(self.first));
        self.stage.vertices.iter().zip(&moved).map(|(v, d)| self.place(&posed, &first, v, *d)).collect()
    }

    pub(super) fn posed(&self, now: Pose) -> Posed {
        let start = self.first;
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
            grow: 1.0 + now.shift_dm.z / self.view.distance_dm.max(1.0),
        }
    }

    /// Where a vertex with a displacement on the plate lies in the frame. Inside the face it turns in space; outside it
    /// goes with the face's outline, far away less and less.
    pub(super) fn place(&self, posed: &Posed, first: &Posed, vertex: &Vertex, d: [f32; 3]) -> [f32; 3] {
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
        let origin = self.view.eyes_px;
        let (x, y) = (at[0] + self.stage.pivot.x - self.anchor.x, at[1] + self.stage.pivot.y - self.anchor.y);
        [origin[0] + x * self.zoom, origin[1] + y * self.zoom, at[2]]
    }

    /// Where the middle of the eyes lies in the plate's space once the head has its first turn.
    pub(super) fn eyes_at_first(&self) -> Point2 {
        let first = self.posed(self.first);
        let near_px = self.stage.pivot.z + 0.945 * self.stage.scale;
        let none = [[0.0; 2]; 2];
        let xy = self.stage.eyes;
        let eyes = Vertex { xy, near_px, axes: none, part: 1.0, follow: 1.0, st: [0.0; 2], shade: [0.0; 2] };
        let [x, y, _] = self.place(&first, &first, &eyes, [0.0; 3]);
        let origin = self.view.eyes_px;
        Point2::new((x - origin[0]) / self.zoom + self.anchor.x, (y - origin[1]) / self.zoom + self.anchor.y)
    }

    /// Shift of the irises on the plate away from the photo's own gaze: subject's left, right; px.
    pub(super) fn gaze_px(&self, now: [f32; 2]) -> [Point2; 2] {
        let turn = |i: usize| now[i].sin() - self.first_gaze_rad[i].sin();
        self.stage.eye.map(|eye| Point2::new(turn(0) * eye.ball_px, -turn(1) * eye.ball_px))
    }

    /// Where the plate shows what the surroundings of a frame show.
    pub(super) fn around(&self, now: Pose) -> Around {
        let (posed, first) = (self.posed(now), self.posed(self.first));
        let [columns, rows] = self.size_px.map(|size| size.div_ceil(AROUND_STEP) + 2);
        let origin = self.view.eyes_px;
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
        Around { columns, knots: (0..columns * rows).map(knot).collect() }
    }
}
