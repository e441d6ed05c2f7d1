//! Where the eyes look: from place to place in quick jumps.

use crate::dice::Dice;
use crate::muscle::timing::ease;

use super::event::Times;
use super::pace::Pace;
use super::settings::LifeSettings;

/// A jump of the eyes to a new direction.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Jump {
    start: f64,
    takes_secs: f32,
    /// Yaw, pitch.
    to_rad: [f32; 2],
}

/// All that the eyes look at in a film.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gaze {
    first_rad: [f32; 2],
    jumps: Vec<Jump>,
}

impl Gaze {
    pub fn draw(settings: &LifeSettings, secs: f64, dice: &mut Dice) -> Gaze {
        let somewhere = |dice: &mut Dice, reach: f32| {
            [(dice.normal() * reach).clamp(-0.4, 0.4), (dice.normal() * reach * 0.6).clamp(-0.22, 0.22)]
        };
        let first_rad = somewhere(dice, 0.08);
        let pace = Pace { per_minute: settings.gaze_shifts_per_minute, busy_secs: 0.05, least_gap_secs: 0.2 };
        let jumps = pace.lay(secs, dice, |start, dice| {
            // People look back at the one they speak with.
            let reach = if dice.chance(0.5) { 0.05 } else { 0.18 };
            let jump = Jump { start, takes_secs: dice.between(0.03, 0.07), to_rad: somewhere(dice, reach) };
            Some((jump, start + f64::from(jump.takes_secs)))
        });
        Gaze { first_rad, jumps }
    }

    /// Yaw and pitch of the eyes.
    pub fn at(&self, secs: f64) -> [f32; 2] {
        let begun = self.jumps.partition_point(|jump| jump.start <= secs);
        let Some(jump) = self.jumps[..begun].last() else { return self.first_rad };
        let from = if begun > 1 { self.jumps[begun - 2].to_rad } else { self.first_rad };
        let share = ease((secs - jump.start) as f32 / jump.takes_secs);
        [0, 1].map(|i| from[i] + (jump.to_rad[i] - from[i]) * share)
    }

    pub fn events(&self) -> impl Iterator<Item = Times> {
        self.jumps.iter().map(|jump| {
            let takes = f64::from(jump.takes_secs);
            [jump.start, jump.start + 0.5 * takes, jump.start + takes]
        })
    }
}
