//! Speech: the mouth goes from sound to sound, three to six syllables a second, with the head keeping time a little.

use crate::dice::Dice;
use crate::muscle::recipe::{Pulls, face_unit};
use crate::muscle::timing::ease;

use super::event::Times;
use super::settings::LifeSettings;

/// Weighted face units, `{}` for both sides.
type Shape = &'static [(&'static str, f32)];

/// Shapes of the mouth that close it or nearly so.
const CONSONANTS: [Shape; 5] = [
    // m, b, p
    &[("mouthPress{}", 0.22), ("mouthRollLower", 0.15), ("mouthRollUpper", 0.12)],
    // f, v
    &[("mouthRollLower", 0.35), ("mouthUpperUp{}", 0.1), ("jawOpen", 0.03)],
    // s, t
    &[("jawOpen", 0.05), ("mouthStretch{}", 0.12), ("mouthLowerDown{}", 0.14)],
    // k, n, r
    &[("jawOpen", 0.1), ("mouthLowerDown{}", 0.1)],
    // sh
    &[("jawOpen", 0.06), ("mouthFunnel", 0.3)],
];

/// Shapes of the open mouth.
const VOWELS: [Shape; 5] = [
    // a
    &[("jawOpen", 0.3), ("mouthLowerDown{}", 0.22), ("mouthUpperUp{}", 0.06)],
    // e
    &[("jawOpen", 0.17), ("mouthStretch{}", 0.16), ("mouthLowerDown{}", 0.18)],
    // i
    &[("jawOpen", 0.08), ("mouthStretch{}", 0.25), ("mouthSmile{}", 0.08), ("mouthLowerDown{}", 0.15)],
    // o
    &[("jawOpen", 0.2), ("mouthFunnel", 0.4)],
    // u
    &[("jawOpen", 0.08), ("mouthPucker", 0.45), ("mouthFunnel", 0.12)],
];

/// A sound at its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sound {
    at: f64,
    shape: Shape,
    strength: f32,
}

/// A stretch of speech, from closed lips to closed lips.
#[derive(Debug, Clone, PartialEq)]
struct Speech {
    /// By time; the first and the last have no strength.
    sounds: Vec<Sound>,
    /// Pitch and yaw of the head keeping time, radians, at a frequency.
    beat_rad: [f32; 2],
    beat_hertz: f32,
}

impl Speech {
    fn draw(start: f64, about_secs: f32, dice: &mut Dice) -> Speech {
        let loudness = dice.between(0.6, 1.25);
        let syllable_secs = 1.0 / dice.between(3.0, 6.0);
        let silence = |at| Sound { at, shape: VOWELS[0], strength: 0.0 };
        let mut sounds = vec![silence(start)];
        let mut at = start;
        while at < start + f64::from(about_secs) {
            for (kind, share) in [(CONSONANTS, 0.35), (VOWELS, 0.65)] {
                at += f64::from(syllable_secs * share * dice.between(0.7, 1.4));
                let shape = kind[dice.below(kind.len())];
                sounds.push(Sound { at, shape, strength: loudness * dice.between(0.6, 1.1) });
            }
            if dice.chance(0.06) {
                // a breath between phrases
                at += f64::from(dice.between(0.1, 0.2));
                sounds.push(silence(at));
                at += f64::from(dice.between(0.05, 0.4));
                sounds.push(silence(at));
            }
        }
        sounds.push(silence(at + f64::from(dice.between(0.15, 0.35))));
        let beat_rad = [dice.between(0.2, 1.4).to_radians(), dice.between(0.0, 0.8).to_radians()];
        Speech { sounds, beat_rad, beat_hertz: dice.between(0.8, 1.8) }
    }

    fn start(&self) -> f64 {
        self.sounds[0].at
    }

    fn end(&self) -> f64 {
        self.sounds[self.sounds.len() - 1].at
    }

    fn times(&self) -> Times {
        let louder = |a: &&Sound, b: &&Sound| a.strength.total_cmp(&b.strength);
        [self.start(), self.sounds.iter().max_by(louder).map_or(self.start(), |sound| sound.at), self.end()]
    }
}

/// All speech of a film.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Talk(Vec<Speech>);

impl Talk {
    /// Speech over a share of the film, in stretches with silence between.
    pub fn draw(settings: &LifeSettings, secs: f64, dice: &mut Dice) -> Talk {
        let (mut speeches, share) = (Vec::new(), settings.talking_share);
        if share <= 0.0 {
            return Talk(speeches);
        }
        let mut at = 0.0;
        loop {
            let about_secs = dice.span(settings.talking_secs);
            let silence_secs = about_secs * (1.0 - share) / share.max(1e-3) * dice.between(0.4, 1.6);
            at += f64::from(silence_secs.max(0.5));
            let speech = Speech::draw(at, about_secs, dice);
            at = speech.end();
            if at + 0.5 > secs {
                break;
            }
            speeches.push(speech);
        }
        Talk(speeches)
    }

    fn speech_at(&self, secs: f64) -> Option<&Speech> {
        let begun = self.0.partition_point(|speech| speech.start() <= secs);
        self.0[..begun].last().filter(|speech| secs < speech.end())
    }

    /// When the speech ends that goes on somewhere between two moments.
    pub fn end_of_speech_in(&self, from: f64, to: f64) -> Option<f64> {
        self.0.iter().rfind(|speech| speech.start() < to && speech.end() > from).map(Speech::end)
    }

    /// What pulls at a moment.
    pub fn pulls(&self, secs: f64) -> Pulls {
        let Some(speech) = self.speech_at(secs) else { return Pulls::new() };
        let next = speech.sounds.partition_point(|sound| sound.at <= secs).clamp(1, speech.sounds.len() - 1);
        let (before, after) = (speech.sounds[next - 1], speech.sounds[next]);
        let share = ease(((secs - before.at) / (after.at - before.at)) as f32);
        let both = [(before, 1.0 - share), (after, share)];
        let pull = |(sound, share): (Sound, f32)| {
            sound.shape.iter().flat_map(move |(name, weight)| face_unit(name, weight * sound.strength * share))
        };
        both.into_iter().filter(|(sound, share)| sound.strength * share > 0.0).flat_map(pull).collect()
    }

    /// How the head keeps time: yaw and pitch, radians.
    pub fn beat(&self, secs: f64) -> [f32; 2] {
        let Some(speech) = self.speech_at(secs) else { return [0.0; 2] };
        let inside = (secs - speech.start()).min(speech.end() - secs) as f32;
        let wave = |hertz: f32| (std::f32::consts::TAU * hertz * (secs - speech.start()) as f32).sin();
        let [pitch, yaw] = speech.beat_rad.map(|rad| rad * ease(inside / 0.5));
        [yaw * wave(0.6 * speech.beat_hertz), pitch * wave(speech.beat_hertz)]
    }

    pub fn events(&self) -> impl Iterator<Item = Times> {
        self.0.iter().map(Speech::times)
    }
}
