//! Blinks: single, double and long.

use crate::dice::Dice;
use crate::muscle::timing::ease;

use super::event::{EventKind, Times};
use super::pace::Pace;
use super::settings::LifeSettings;

/// Lids that close, stay shut and open.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Shut {
    start: f64,
    /// Closing, shut, opening; seconds. Lids close faster than they open.
    takes: [f32; 3],
    /// How far they close, 0..=1.
    depth: f32,
}

impl Shut {
    fn draw(start: f64, shut_secs: f32, dice: &mut Dice) -> Shut {
        let takes = [dice.between(0.06, 0.1), shut_secs, dice.between(0.1, 0.19)];
        Shut { start, takes, depth: dice.between(0.75, 1.0) }
    }

    fn end(&self) -> f64 {
        self.start + f64::from(self.takes.iter().sum::<f32>())
    }

    fn closure(&self, secs: f64) -> f32 {
        let since = (secs - self.start) as f32;
        let left = (self.end() - secs) as f32;
        self.depth * ease(since / self.takes[0]).min(ease(left / self.takes[2]))
    }
}

/// One event of the lids.
#[derive(Debug, Clone, PartialEq)]
struct Blink {
    kind: EventKind,
    shuts: Vec<Shut>,
}

impl Blink {
    fn draw(start: f64, settings: &LifeSettings, dice: &mut Dice) -> Blink {
        let flutter = dice.between(0.0, 0.04);
        let first = Shut::draw(start, flutter, dice);
        let weights = [1.0, settings.double_blink_share, settings.long_blink_share];
        let weights = [(1.0 - weights[1] - weights[2]).max(0.0), weights[1], weights[2]];
        match dice.weighted(&weights) {
            Some(1) => {
                let again = first.end() + f64::from(dice.between(0.02, 0.16));
                Blink { kind: EventKind::DoubleBlink, shuts: vec![first, Shut::draw(again, 0.0, dice)] }
            }
            Some(2) => {
                let shut_secs = dice.between(0.25, 0.8);
                Blink { kind: EventKind::LongBlink, shuts: vec![Shut::draw(start, shut_secs, dice)] }
            }
            _ => Blink { kind: EventKind::Blink, shuts: vec![first] },
        }
    }

    fn end(&self) -> f64 {
        self.shuts.last().map_or(0.0, Shut::end)
    }

    fn times(&self) -> Times {
        let first = self.shuts[0];
        [first.start, first.start + f64::from(first.takes[0]), self.end()]
    }
}

/// All blinks of a film.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lids(Vec<Blink>);

impl Lids {
    pub fn draw(settings: &LifeSettings, secs: f64, dice: &mut Dice) -> Lids {
        let pace = Pace { per_minute: settings.blinks_per_minute, busy_secs: 0.3, least_gap_secs: 0.25 };
        let draw = |at, dice: &mut Dice| {
            let blink = Blink::draw(at, settings, dice);
            let end = blink.end();
            Some((blink, end))
        };
        Lids(pace.lay(secs, dice, draw))
    }

    /// How far the lids are closed, 0..=1.
    pub fn closure(&self, secs: f64) -> f32 {
        let begun = self.0.partition_point(|blink| blink.shuts[0].start <= secs);
        let last = self.0[..begun].last();
        last.map_or(0.0, |blink| blink.shuts.iter().map(|shut| shut.closure(secs)).fold(0.0, f32::max))
    }

    pub fn events(&self) -> impl Iterator<Item = (EventKind, Times)> {
        self.0.iter().map(|blink| (blink.kind, blink.times()))
    }
}
