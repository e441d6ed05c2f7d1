//! How one subject's photograph is changed: shape, colour, light, surroundings. Drawn from the subject's seed.

use microau_core::geom::Point2;

use crate::dice::Dice;
use crate::photo::plate::Light;
use crate::photo::settings::PhotoSettings;
use crate::render::layers::value_noise;
use crate::vec3::{V3, smoothstep, v3};

/// The changes of one subject.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub is_mirrored: bool,
    /// Factors of width and height.
    stretch: [f32; 2],
    morph: f32,
    seed: u32,
    pub age_lines: f32,
    pub pores: f32,
    gain: [f32; 3],
    gamma: f32,
    relight: f32,
    /// Direction of the new light, camera axes (right, up, towards the camera).
    light_from: V3,
    light_colour: V3,
    /// Two colours of new surroundings, in linear light.
    background: Option<[V3; 2]>,
}

impl Look {
    /// The look of a subject.
    pub fn sample(settings: &PhotoSettings, subject_seed: u64) -> Look {
        let mut dice = Dice::new(subject_seed, "photo look");
        let aspect = settings.aspect * dice.signed();
        let exposure = dice.span(settings.exposure_stops).exp2();
        let gain = [0, 1, 2].map(|_| exposure * (1.0 + settings.tint * dice.signed()));
        let (side, up) = (dice.signed() * 1.3, dice.between(-0.4, 1.1));
        let warm = 0.25 * dice.signed();
        let mut colour = || {
            let grey = dice.unit().powi(2) * 0.9;
            v3(grey, grey, grey).lerp(v3(dice.unit().powi(2), dice.unit().powi(2), dice.unit().powi(2)), 0.35)
        };
        let colours = [colour(), colour()];
        let is_new = dice.chance(settings.new_background_share);
        Look {
            is_mirrored: dice.chance(settings.mirror_share),
            stretch: [1.0 + 0.5 * aspect, 1.0 - 0.5 * aspect],
            morph: settings.morph,
            seed: dice.bits(),
            age_lines: dice.span(settings.age_lines),
            pores: dice.span(settings.pores),
            gain,
            gamma: dice.span(settings.gamma),
            relight: dice.span(settings.relight),
            light_from: v3(side.sin() * up.cos(), up.sin(), side.cos() * up.cos()),
            light_colour: v3(1.0 + warm, 1.0, 1.0 - warm),
            background: is_new.then_some(colours),
        }
    }

    /// Where a place of the unchanged face goes; units are distances between the eyes, from their middle, y down.
    pub fn reshaped(&self, p: Point2) -> Point2 {
        let p = Point2::new(p.x * self.stretch[0], p.y * self.stretch[1]);
        p + self.bulge(p)
    }

    /// The inverse of [`Look::reshaped`].
    pub fn unshaped(&self, q: Point2) -> Point2 {
        let mut p = q;
        // Over the range of settings each round leaves at most two thirds of the error.
        for _ in 0..12 {
            p = q - self.bulge(p);
        }
        Point2::new(p.x / self.stretch[0], p.y / self.stretch[1])
    }

    fn bulge(&self, p: Point2) -> Point2 {
        if self.morph == 0.0 {
            return Point2::default();
        }
        let wave = |k: u32, cells: f32| value_noise(p.x * cells + 7.3, p.y * cells + 3.1, self.seed.wrapping_add(k));
        let fade = self.morph * 2.2 * smoothstep(3.0, 1.5, p.norm());
        let along = |k: u32| fade * (wave(k, 0.8) + 0.45 * wave(k + 1, 1.5));
        Point2::new(along(0), along(2))
    }

    /// A colour of the photograph in the subject's exposure, tint and contrast.
    pub fn toned(&self, light: Light) -> Light {
        let luma = 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2];
        // Contrast turns about middle grey, 0.18 of white.
        let k = if self.gamma == 1.0 { 1.0 } else { (luma.max(1e-4) / 0.18).powf(self.gamma - 1.0) };
        [light[0] * k * self.gain[0], light[1] * k * self.gain[1], light[2] * k * self.gain[2], 0.0]
    }

    /// Factor of each colour under the new light, for a normal in camera axes.
    pub fn relit(&self, normal: V3) -> V3 {
        let cosine = ((normal.dot(self.light_from) + 0.35) / 1.35).max(0.0);
        // 0.55 is about the mean cosine over a face, so that the new light keeps the exposure.
        let fresh = self.light_colour * (0.35 + 0.65 * cosine / 0.55);
        v3(1.0, 1.0, 1.0).lerp(fresh, self.relight)
    }

    /// New surroundings at a place (distances between the eyes, from their middle); `None` keeps the photo's own.
    pub fn surroundings(&self, p: Point2) -> Option<V3> {
        let [a, b] = self.background?;
        let t = 0.5 + 0.16 * p.y + 0.3 * value_noise(p.x * 0.9 + 31.0, p.y * 0.9, self.seed ^ 5);
        Some(a.lerp(b, t.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reshaped_place_comes_back() {
        let settings = PhotoSettings { morph: 0.06, aspect: 0.15, ..PhotoSettings::default() };
        for seed in 0..20 {
            let look = Look::sample(&settings, seed);
            for i in 0..100 {
                let p = Point2::new((i % 10) as f32 * 0.4 - 2.0, (i / 10) as f32 * 0.4 - 2.0);
                // A hundredth of the distance between the eyes is under one px.
                assert!(look.unshaped(look.reshaped(p)).distance(p) < 0.01, "seed {seed} at {p:?}");
            }
        }
    }

    #[test]
    fn the_faithful_look_changes_nothing() {
        let look = Look::sample(&PhotoSettings::faithful(), 3);
        let p = Point2::new(0.3, -0.8);
        assert_eq!(look.reshaped(p), p);
        assert_eq!(look.toned([0.1, 0.2, 0.3, 0.0]), [0.1, 0.2, 0.3, 0.0]);
        assert_eq!(look.relit(v3(0.0, 0.6, 0.8)), v3(1.0, 1.0, 1.0));
        assert!(look.surroundings(p).is_none() && !look.is_mirrored);
    }
}
