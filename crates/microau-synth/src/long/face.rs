//! One face of a film: who, where, and all that it does.

use std::f32::consts::TAU;

use microau_core::au::Au;
use microau_core::time::FrameRate;

use crate::dice::{Dice, mix_seed};
use crate::muscle::recipe::{Pulls, Recipe, following_lids};
use crate::person::Person;
use crate::render::shot::Moment;
use crate::render::view::View;

use super::event::{EventKind, FilmEvent};
use super::expressions::{self, Shown};
use super::gaze::Gaze;
use super::head::HeadPath;
use super::lids::Lids;
use super::settings::LongSettings;
use super::swallow::Swallows;
use super::talk::Talk;

/// A very weak movement that never ends.
#[derive(Debug, Clone, PartialEq)]
struct Twitch {
    pulls: Pulls,
    hertz: f32,
    phase: f32,
}

/// A face, as numbers.
#[derive(Debug, Clone)]
pub(super) struct FaceScript {
    pub person: Person,
    pub view: View,
    /// By time.
    pub shown: Vec<Shown>,
    head: HeadPath,
    lids: Lids,
    gaze: Gaze,
    talk: Talk,
    swallows: Swallows,
    twitches: Vec<Twitch>,
}

impl FaceScript {
    /// The face of a number, from 0, left to right, of a film.
    pub fn draw(settings: &LongSettings, subject_seed: u64, film_seed: u64, number: usize) -> FaceScript {
        let subject_seed = if number == 0 { subject_seed } else { mix_seed(subject_seed, number as u64) };
        let seed = mix_seed(subject_seed, film_seed);
        let dice = |purpose| Dice::new(seed, purpose);
        let (life, secs) = (&settings.life, settings.secs);
        let view = draw_view(settings, number, &mut dice("view"));
        let talk = Talk::draw(life, secs, &mut dice("talk"));
        FaceScript {
            person: Person::sample(&settings.synth, subject_seed),
            view,
            shown: expressions::draw(settings, &talk, secs, seed),
            head: HeadPath::draw(&settings.synth, life, view.distance_dm, secs, &mut dice("head")),
            lids: Lids::draw(life, secs, &mut dice("lids")),
            gaze: Gaze::draw(life, secs, &mut dice("gaze")),
            talk,
            swallows: Swallows::draw(life, secs, &mut dice("swallows")),
            twitches: draw_twitches(settings.synth.distractors.twitch, &mut dice("twitches")),
        }
    }

    /// Index in [`FaceScript::shown`] of the expression that moves at a frame.
    pub fn showing(&self, frame: u32) -> Option<usize> {
        let begun = self.shown.partition_point(|shown| shown.expression.course.onset < frame);
        let last = begun.checked_sub(1)?;
        (frame < self.shown[last].expression.course.offset).then_some(last)
    }

    /// The face at a moment without its expression.
    pub fn moment<M: 'static>(&self, secs: f64) -> Moment<'_, M> {
        let gaze_rad = self.gaze.at(secs);
        let mut bystanders = following_lids(gaze_rad[1]);
        bystanders.extend(self.talk.pulls(secs));
        bystanders.extend(self.swallows.pulls(secs));
        for twitch in &self.twitches {
            let turns = (f64::from(twitch.hertz) * secs).fract() as f32;
            let share = 0.5 + 0.5 * (TAU * turns + twitch.phase).sin();
            bystanders.extend(twitch.pulls.iter().map(|(target, weights)| (*target, weights.map(|w| w * share))));
        }
        Moment {
            pose: self.head.pose(secs, self.talk.beat(secs)),
            gaze_rad,
            closure: self.lids.closure(secs),
            movements: Vec::new(),
            bystanders,
            furrows: None,
        }
    }

    /// All that happens, in no order.
    pub fn events(&self, face: usize, rate: FrameRate) -> impl Iterator<Item = FilmEvent> {
        let shown = self.shown.iter().map(move |shown| FilmEvent {
            face,
            kind: shown.kind,
            event: shown.expression.event(),
            aus: shown.expression.labels(),
        });
        let talk = self.talk.events().map(|times| (EventKind::Talking, times));
        let gaze = self.gaze.events().map(|times| (EventKind::Gaze, times));
        let swallows = self.swallows.events().map(|times| (EventKind::Swallow, times));
        let passing = talk.chain(gaze).chain(swallows).chain(self.lids.events()).chain(self.head.events());
        shown.chain(passing.map(move |(kind, times)| FilmEvent::passing(face, kind, times, rate)))
    }
}

/// Where faces lie side by side, each as large as its part of the frame allows.
fn draw_view(settings: &LongSettings, number: usize, dice: &mut Dice) -> View {
    let (camera, [width, height]) = (&settings.synth.camera, settings.size_px().map(|v| v as f32));
    let room = width / settings.faces as f32;
    let side = height.min(1.1 * room);
    let distance_dm = dice.span(camera.distance_dm).max(4.0);
    let mut shift = || dice.signed() * camera.shift_share * side;
    // So low that shoulders reach the lower edge.
    let eyes_px = [room * (number as f32 + 0.5) + shift(), height - 0.575 * side + shift()];
    View::new(distance_dm, dice.span(camera.inter_ocular_share) * side, eyes_px)
}

fn draw_twitches(largest: f32, dice: &mut Dice) -> Vec<Twitch> {
    let twitch = |_| {
        let au = Au::ALL[dice.below(Au::ALL.len())];
        let amount = dice.unit() * largest;
        let pulls = Recipe::plain(au).pulls.into_iter().map(|(t, w)| (t, w.map(|w| w * amount))).collect();
        Twitch { pulls, hertz: dice.between(0.2, 1.3), phase: dice.between(0.0, TAU) }
    };
    (0..3).map(twitch).collect()
}
