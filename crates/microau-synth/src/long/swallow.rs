//! Swallowing: lips and chin press for half a second.

use crate::dice::Dice;
use crate::muscle::recipe::{Pulls, face_unit};
use crate::muscle::timing::ease;

use super::event::Times;
use super::pace::Pace;
use super::settings::LifeSettings;

/// What a swallow of full strength pulls.
const UNITS: [(&str, f32); 4] =
    [("mouthPress{}", 0.25), ("mouthRollLower", 0.18), ("mouthShrugLower", 0.3), ("mouthShrugUpper", 0.08)];

/// Share of a swallow that lies before its strongest moment.
const RISE: f32 = 0.4;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Swallow {
    start: f64,
    takes_secs: f32,
    strength: f32,
}

/// All swallows of a film.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Swallows(Vec<Swallow>);

impl Swallows {
    pub fn draw(settings: &LifeSettings, secs: f64, dice: &mut Dice) -> Swallows {
        let pace = Pace { per_minute: settings.swallows_per_minute, busy_secs: 0.7, least_gap_secs: 3.0 };
        Swallows(pace.lay(secs, dice, |start, dice| {
            let swallow = Swallow { start, takes_secs: dice.between(0.5, 0.9), strength: dice.between(0.4, 1.0) };
            Some((swallow, start + f64::from(swallow.takes_secs)))
        }))
    }

    /// What pulls at a moment.
    pub fn pulls(&self, secs: f64) -> Pulls {
        let begun = self.0.partition_point(|swallow| swallow.start <= secs);
        let Some(swallow) = self.0[..begun].last() else { return Pulls::new() };
        let x = (secs - swallow.start) as f32 / swallow.takes_secs;
        let strength = swallow.strength * ease(x / RISE).min(ease((1.0 - x) / (1.0 - RISE)));
        if strength <= 0.0 {
            return Pulls::new();
        }
        UNITS.iter().flat_map(|(name, weight)| face_unit(name, weight * strength)).collect()
    }

    pub fn events(&self) -> impl Iterator<Item = Times> {
        self.0.iter().map(|swallow| {
            let takes = f64::from(swallow.takes_secs);
            [swallow.start, swallow.start + takes * f64::from(RISE), swallow.start + takes]
        })
    }
}
