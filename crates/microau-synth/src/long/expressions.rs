//! The expressions of a film: which, when and how strong.

use microau_core::au::Au;

use crate::dice::{Dice, mix_seed};
use crate::expression::Expression;
use crate::muscle::pairs;
use crate::muscle::timing::Course;
use crate::settings::{MuscleSettings, Span};

use super::event::EventKind;
use super::pace::Pace;
use super::settings::LongSettings;
use super::talk::Talk;

/// AUs that show above a speaking mouth.
const UPPER: [Au; 7] = [Au::Au1, Au::Au2, Au::Au4, Au::Au5, Au::Au6, Au::Au7, Au::Au9];

/// Seconds of silence beside an expression of the mouth.
const SILENCE_SECS: f64 = 0.3;

/// An expression of a film.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shown {
    pub kind: EventKind,
    pub expression: Expression,
}

/// The expressions of a face by time, each a while after the last. While it talks a face only shows AUs of its upper half:
/// what else the mouth shows cannot be told from speech.
pub(super) fn draw(settings: &LongSettings, talk: &Talk, secs: f64, seed: u64) -> Vec<Shown> {
    let wanted = &settings.expressions;
    let rates = [wanted.micro_per_minute, wanted.macro_per_minute];
    let per_minute: f32 = rates.iter().sum();
    let middle = |span: Span| 0.5e-3 * (span.lo() + span.hi());
    let busy = [middle(wanted.micro_millis), middle(wanted.macro_millis)];
    let busy_secs = (rates[0] * busy[0] + rates[1] * busy[1]) / per_minute.max(1e-6);
    let pace = Pace { per_minute, busy_secs, least_gap_secs: wanted.least_gap_secs };
    let mut number = 0;
    pace.lay(secs, &mut Dice::new(seed, "expressions"), |start, dice| {
        number += 1;
        let is_macro = dice.weighted(&rates) == Some(1);
        let length = Length::draw(settings, is_macro, dice);
        let mut muscle = muscle_settings(settings, is_macro);
        let upper = only_upper(&muscle.aus);
        let mut start = start;
        if !upper.is_empty() && dice.chance(wanted.amid_talk) {
            if length.speech_end(talk, start).is_some() {
                muscle.aus = upper;
            }
        } else {
            // said first, shown after
            while let Some(over) = length.speech_end(talk, start) {
                start = over + 1.01 * SILENCE_SECS;
            }
        }
        let shown = pairs::draw(&muscle, dice);
        let course = length.course(start, dice);
        let expression = Expression::sample(&muscle, shown, course, mix_seed(seed, number));
        let kind = if is_macro { EventKind::Macro } else { EventKind::Micro };
        Some((Shown { kind, expression }, f64::from(course.offset) / length.fps))
    })
}

fn only_upper(aus: &[Au]) -> Vec<Au> {
    aus.iter().copied().filter(|au| UPPER.contains(au)).collect()
}

fn muscle_settings(settings: &LongSettings, is_macro: bool) -> MuscleSettings {
    let muscle = MuscleSettings { neutral_share: 0.0, ..settings.synth.muscle.clone() };
    if is_macro { MuscleSettings { strength: settings.expressions.macro_strength, ..muscle } } else { muscle }
}

/// Frames of rise, hold and fall.
struct Length {
    frames: [u32; 3],
    fps: f64,
}

impl Length {
    fn draw(settings: &LongSettings, is_macro: bool, dice: &mut Dice) -> Length {
        let (wanted, fps) = (&settings.expressions, settings.rate.as_f64());
        let span = if is_macro { wanted.macro_millis } else { wanted.micro_millis };
        let frames = |millis: f32| f64::from(millis) * fps / 1000.0;
        // At least two frames, since onset, apex and offset differ; a macro is longer than any micro.
        let least =
            if is_macro { (frames(span.lo()).floor() + 1.0).max(3.0) } else { frames(span.lo()).ceil().max(2.0) };
        let most = frames(span.hi()).floor().max(least);
        let total = frames(dice.span(span)).round().clamp(least, most);
        let held = if is_macro { dice.between(0.0, 0.5) } else { 0.0 };
        let rise_share = dice.span(settings.synth.timing.rise_share);
        let hold = (total * f64::from(held)).floor();
        let rise = ((total - hold) * f64::from(rise_share)).round().clamp(1.0, total - hold - 1.0);
        Length { frames: [rise as u32, hold as u32, (total - hold - rise) as u32], fps }
    }

    /// When the speech ends that goes on during an expression of this length or just beside it.
    fn speech_end(&self, talk: &Talk, start: f64) -> Option<f64> {
        let takes = f64::from(self.frames.iter().sum::<u32>() + 1) / self.fps;
        talk.end_of_speech_in(start - SILENCE_SECS, start + takes + SILENCE_SECS)
    }

    fn course(&self, start: f64, dice: &mut Dice) -> Course {
        Course::new((start * self.fps).ceil() as u32, self.frames, dice)
    }
}
