//! What a face shows for a moment: action units with their strengths, how they are made, and when.

use microau_core::au::{Au, AuSet, Side};
use microau_core::sample::{AuLabels, Event};

use crate::dice::Dice;
use crate::muscle::recipe::{Recipe, movement};
use crate::muscle::timing::Course;
use crate::settings::MuscleSettings;
use crate::vec3::V3;

/// One AU of a clip at its apex.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Action {
    /// The AU.
    pub au: Au,
    /// Strength on the subject's left as a share of the full unit; 0 when the left side does not move.
    pub left: f32,
    /// Strength on the subject's right.
    pub right: f32,
}

impl Action {
    /// The side that moves alone, or `None` when both do.
    pub fn one_sided(&self) -> Option<Side> {
        match (self.left > 0.0, self.right > 0.0) {
            (true, false) => Some(Side::Left),
            (false, true) => Some(Side::Right),
            _ => None,
        }
    }
}

/// Action units that rise and fall together. Without any it still has its times: an expression could have been there.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// The AUs shown, by rising number.
    pub actions: Vec<Action>,
    pub(crate) recipes: Vec<Recipe>,
    /// Shift of each AU's rise against the others, as a share of the rise.
    pub(crate) lags: Vec<f32>,
    pub(crate) course: Course,
}

impl Expression {
    /// The given AUs at these times; strengths, sides and recipes by chance.
    pub(crate) fn sample(settings: &MuscleSettings, shown: AuSet, course: Course, seed: u64) -> Expression {
        let mut dice = Dice::new(seed, "muscles");
        let actions = shown.iter().map(|au| draw_action(settings, au, &mut dice)).collect();
        let recipes = shown.iter().map(|au| Recipe::sample(settings, au, &mut dice)).collect();
        let lags = shown.iter().map(|_| dice.between(-0.2, 0.3)).collect();
        Expression { actions, recipes, lags, course }
    }

    /// The AUs shown, with their sides.
    pub fn labels(&self) -> AuLabels {
        let mut labels = AuLabels::NONE;
        for action in &self.actions {
            labels.insert(action.au, action.one_sided());
        }
        labels
    }

    /// Onset, apex and offset: the last frame at rest, the first of full strength, the first at rest again.
    pub fn event(&self) -> Event {
        self.course.event()
    }

    /// Strength of an action at a frame as a share of its apex.
    pub(crate) fn strength(&self, index: usize, frame: f32) -> f32 {
        self.course.strength(frame, self.lags.get(index).copied().unwrap_or(0.0))
    }

    /// Strength of the action that is the farthest on its way at a frame.
    pub(crate) fn strongest(&self, frame: f32) -> f32 {
        (0..self.actions.len()).map(|i| self.strength(i, frame)).fold(0.0, f32::max)
    }

    /// What moves at a frame, of the actions' [`Expression::movements`], with the strength of each.
    pub(crate) fn active<'a, M>(&self, movements: &'a [Vec<M>], frame: f32) -> Vec<(&'a [M], f32)> {
        let now = movements.iter().enumerate().map(|(i, moved)| (&moved[..], self.strength(i, frame)));
        now.filter(|(_, strength)| *strength > 0.0).collect()
    }

    /// Per action: what it moves at its apex.
    pub(crate) fn movements(&self) -> Vec<Vec<(u16, V3)>> {
        self.actions.iter().zip(&self.recipes).map(|(a, r)| movement(r, [a.left, a.right])).collect()
    }
}

fn draw_action(settings: &MuscleSettings, au: Au, dice: &mut Dice) -> Action {
    let strength = dice.span(settings.strength);
    let lean = dice.signed() * settings.asymmetry * 0.5;
    let (alone, left_alone) = (dice.chance(settings.one_sided_share), dice.chance(0.5));
    let two_sided_only = matches!(au, Au::Au17 | Au::Au23 | Au::Au24 | Au::Au25 | Au::Au26);
    let (left, right) = (strength * (1.0 + lean), strength * (1.0 - lean));
    match (alone && !two_sided_only, left_alone) {
        (true, true) => Action { au, left: strength, right: 0.0 },
        (true, false) => Action { au, left: 0.0, right: strength },
        _ => Action { au, left, right },
    }
}
