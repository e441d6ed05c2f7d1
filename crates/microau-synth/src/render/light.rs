//! Lights of a clip: one key light with a shadow, one fill light, and light from all around.

use crate::dice::Dice;
use crate::settings::LightSettings;
use crate::vec3::{V3, v3};

/// The lights, directions in world space (towards the light), colours in linear light.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lights {
    pub key_direction: V3,
    pub key: V3,
    pub fill_direction: V3,
    pub fill: V3,
    pub sky: V3,
    pub ground: V3,
    /// How dark the key light's shadow is, 0..=1.
    pub shadow: f32,
    /// 0 hard, 1 very soft.
    pub softness: f32,
}

fn direction(side_rad: f32, up_rad: f32) -> V3 {
    v3(side_rad.sin() * up_rad.cos(), up_rad.sin(), side_rad.cos() * up_rad.cos())
}

/// A light's colour: between warm and cool, bright 1.
fn cast(dice: &mut Dice, strength: f32) -> V3 {
    let warm = dice.signed() * strength;
    let green = dice.signed() * strength * 0.25;
    v3(1.0 + 0.2 * warm, 1.0 + 0.08 * green, 1.0 - 0.24 * warm)
}

impl Lights {
    /// Lights drawn by the settings.
    pub fn sample(settings: &LightSettings, dice: &mut Dice) -> Lights {
        let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let key_side = dice.span(settings.key_side_deg).to_radians() * side;
        let key_up = dice.span(settings.key_up_deg).to_radians();
        let ambient = dice.span(settings.ambient);
        let fill_share = dice.between(0.05, 0.45) * (1.0 - ambient);
        let key_share = 1.0 - ambient - fill_share;
        let fill_side = -side * dice.between(0.3, 1.3);
        let fill_up = dice.between(-0.2, 0.6);
        let sky = cast(dice, settings.colour) * (ambient * dice.between(1.0, 1.25));
        let ground = cast(dice, settings.colour) * (ambient * dice.between(0.35, 0.95));
        Lights {
            key_direction: direction(key_side, key_up),
            key: cast(dice, settings.colour) * (key_share * 1.25),
            fill_direction: direction(fill_side, fill_up),
            fill: cast(dice, settings.colour) * (fill_share * 1.1),
            sky,
            ground,
            shadow: dice.span(settings.shadow),
            softness: dice.between(0.2, 1.0),
        }
    }
}
