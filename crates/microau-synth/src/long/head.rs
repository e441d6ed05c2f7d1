//! The head never stands still: it drifts and sways, turns, tilts, nods and leans.

use std::f32::consts::TAU;

use crate::dice::Dice;
use crate::muscle::timing::ease;
use crate::render::view::Pose;
use crate::settings::SynthSettings;
use crate::vec3::v3;

use super::event::{EventKind, Times};
use super::pace::Pace;
use super::settings::LifeSettings;

/// Yaw, pitch, roll (rad), shift to the subject's left, up, forward (dm).
type Place = [f32; 6];

/// Frequencies of the slow drift, Hz, and the share of its speed in each.
const DRIFT: [(f32, f32); 4] = [(0.035, 0.3), (0.09, 0.3), (0.2, 0.25), (0.45, 0.15)];
/// Largest amplitude of one of them: the head stays in its place in the end.
const REACH: Place = [0.05, 0.04, 0.03, 0.1, 0.05, 0.12];
/// Share of a speed that each of the six takes.
const SHARE: Place = [1.0, 0.7, 0.5, 1.0, 0.5, 1.0];

/// A wave: amplitude, frequency (Hz), phase.
type Wave = [f32; 3];

/// Drift and sway, as waves that never repeat together.
#[derive(Debug, Clone, PartialEq)]
struct Wander([Vec<Wave>; 6]);

impl Wander {
    fn draw(settings: &SynthSettings, dice: &mut Dice) -> Wander {
        let turn = dice.span(settings.distractors.drift_deg_per_sec).to_radians();
        // A head is about 1.6 dm wide.
        let slide = dice.span(settings.distractors.drift_widths_per_sec) * 1.6;
        Wander(std::array::from_fn(|axis| {
            let speed = SHARE[axis] * if axis < 3 { turn } else { slide };
            let drift = DRIFT.map(|(hertz, share)| {
                let hertz = hertz * dice.between(0.7, 1.4);
                let amplitude = (speed * share * dice.between(0.5, 1.5) / (TAU * hertz)).min(REACH[axis]);
                [amplitude, hertz, dice.between(0.0, TAU)]
            });
            let sway = [0.05 * speed * dice.unit(), dice.between(0.8, 2.5), dice.between(0.0, TAU)];
            drift.into_iter().chain([sway]).collect()
        }))
    }

    fn at(&self, secs: f64) -> Place {
        let sum = |waves: &Vec<Wave>| -> f32 {
            let wave = |[amplitude, hertz, phase]: &Wave| {
                // the phase in f64: an hour is many turns
                let turns = (f64::from(*hertz) * secs).fract() as f32;
                amplitude * (TAU * turns + phase).sin()
            };
            waves.iter().map(wave).sum()
        };
        std::array::from_fn(|axis| sum(&self.0[axis]))
    }
}

/// A movement of the head with a beginning and an end.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gesture {
    kind: EventKind,
    start: f64,
    /// There, staying, back; seconds.
    takes: [f32; 3],
    reach: Place,
    /// Times down and up of a nod; other gestures go once.
    cycles: f32,
}

impl Gesture {
    fn turn(start: f64, first_yaw_rad: f32, most_rad: f32, dice: &mut Dice) -> Gesture {
        let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let yaw = side * most_rad * dice.between(0.35, 1.0) - first_yaw_rad;
        let takes = [dice.between(0.35, 1.2), dice.between(0.2, 3.0), dice.between(0.35, 1.2)];
        let reach = [yaw, 0.15 * dice.signed() * yaw.abs(), 0.2 * dice.signed() * yaw.abs(), 0.0, 0.0, 0.0];
        Gesture { kind: EventKind::HeadTurn, start, takes, reach, cycles: 1.0 }
    }

    fn tilt(start: f64, dice: &mut Dice) -> Gesture {
        let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let roll = side * dice.between(3.0, 10.0_f32).to_radians();
        let takes = [dice.between(0.4, 1.2), dice.between(0.3, 4.0), dice.between(0.4, 1.2)];
        let reach = [0.15 * dice.signed() * roll.abs(), 0.0, roll, 0.0, 0.0, 0.0];
        Gesture { kind: EventKind::HeadTilt, start, takes, reach, cycles: 1.0 }
    }

    fn nod(start: f64, dice: &mut Dice) -> Gesture {
        let pitch = -dice.between(2.5, 8.0_f32).to_radians();
        let cycles = (1 + dice.below(3)) as f32;
        let takes = [cycles / dice.between(1.1, 2.4), 0.0, 0.0];
        Gesture { kind: EventKind::Nod, start, takes, reach: [0.0, pitch, 0.0, 0.0, 0.0, 0.0], cycles }
    }

    fn lean(start: f64, distance_dm: f32, dice: &mut Dice) -> Gesture {
        let ahead = distance_dm * dice.between(-0.06, 0.09);
        let takes = [dice.between(0.8, 2.0), dice.between(0.5, 5.0), dice.between(0.8, 2.0)];
        let reach = [0.0, dice.signed() * 0.05, 0.0, 0.0, -0.03 * ahead.max(0.0), ahead];
        Gesture { kind: EventKind::Lean, start, takes, reach, cycles: 1.0 }
    }

    fn end(&self) -> f64 {
        self.start + f64::from(self.takes.iter().sum::<f32>())
    }

    /// Share of the reach at a moment.
    fn share(&self, secs: f64) -> f32 {
        let (since, left) = ((secs - self.start) as f32, (self.end() - secs) as f32);
        match self.kind {
            EventKind::Nod if since > 0.0 && left > 0.0 => {
                0.5 - 0.5 * (TAU * self.cycles * since / self.takes[0]).cos()
            }
            EventKind::Nod => 0.0,
            _ => ease(since / self.takes[0]).min(ease(left / self.takes[2])),
        }
    }

    fn times(&self) -> Times {
        let rise = if self.kind == EventKind::Nod { 0.5 * self.takes[0] / self.cycles } else { self.takes[0] };
        [self.start, self.start + f64::from(rise), self.end()]
    }
}

/// Where the head is throughout a film.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeadPath {
    first: Place,
    wander: Wander,
    /// By time; one ends before the next begins.
    gestures: Vec<Gesture>,
}

impl HeadPath {
    pub fn draw(synth: &SynthSettings, life: &LifeSettings, distance_dm: f32, secs: f64, dice: &mut Dice) -> HeadPath {
        let reach = synth.camera.pose_deg.to_radians();
        // Most people look at the camera: the middle of the range is likelier than its ends.
        let mut angle = |k: f32| 0.5 * (dice.signed() + dice.signed()) * reach * k;
        let first = [angle(1.0), angle(0.8), angle(0.5), 0.0, 0.0, 0.0];
        let wander = Wander::draw(synth, dice);
        let rates = [life.turns_per_minute, life.tilts_per_minute, life.nods_per_minute, life.leans_per_minute];
        let pace = Pace { per_minute: rates.iter().sum(), busy_secs: 2.7, least_gap_secs: 0.3 };
        let gestures = pace.lay(secs, dice, |start, dice| {
            let gesture = match dice.weighted(&rates)? {
                0 => Gesture::turn(start, first[0], life.most_turn_deg.to_radians(), dice),
                1 => Gesture::tilt(start, dice),
                2 => Gesture::nod(start, dice),
                _ => Gesture::lean(start, distance_dm, dice),
            };
            Some((gesture, gesture.end()))
        });
        HeadPath { first, wander, gestures }
    }

    /// Pose at a moment, with a further yaw and pitch.
    pub fn pose(&self, secs: f64, [yaw, pitch]: [f32; 2]) -> Pose {
        let wander = self.wander.at(secs);
        let begun = self.gestures.partition_point(|gesture| gesture.start <= secs);
        let gesture = self.gestures[..begun].last();
        let share = gesture.map_or(0.0, |gesture| gesture.share(secs));
        let at = |i: usize| self.first[i] + wander[i] + gesture.map_or(0.0, |gesture| share * gesture.reach[i]);
        Pose { yaw_rad: at(0) + yaw, pitch_rad: at(1) + pitch, roll_rad: at(2), shift_dm: v3(at(3), at(4), at(5)) }
    }

    pub fn events(&self) -> impl Iterator<Item = (EventKind, Times)> {
        self.gestures.iter().map(|gesture| (gesture.kind, gesture.times()))
    }
}
