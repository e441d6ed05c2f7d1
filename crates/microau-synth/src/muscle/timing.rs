//! When a muscle pulls: rest, a fast rise to the apex, a slower fall, rest.

use microau_core::sample::Event;
use microau_core::time::FrameIndex;

use crate::dice::Dice;
use crate::settings::{Span, SynthSettings};

/// The course of one event on whole frames.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Course {
    /// Last frame at rest.
    pub onset: u32,
    /// First frame of full strength.
    pub apex: u32,
    /// Frames for which full strength is held after the apex.
    pub hold: u32,
    /// First frame at rest again.
    pub offset: u32,
    /// Bend of the rise: 1 symmetric, above 1 starts slowly.
    rise_bend: f32,
    fall_bend: f32,
}

impl Course {
    /// A course of random length, and the frames of a clip with some rest before and after it.
    pub fn sample(settings: &SynthSettings, dice: &mut Dice) -> (Course, u32) {
        let frames_of = |millis: f32| millis * settings.rate_fps as f32 / 1000.0;
        let event = frames_of(dice.span(settings.timing.event_millis));
        let rise = (event * dice.span(settings.timing.rise_share)).round().max(1.0) as u32;
        let fall = (event - rise as f32).round().max(1.0) as u32;
        let mut rest = |span: Span| frames_of(dice.span(span)).round() as u32;
        let onset = rest(settings.timing.rest_millis);
        let after = rest(settings.timing.rest_millis);
        let course = Course::new(onset, [rise, 0, fall], dice);
        (course, course.offset + after + 1)
    }

    /// A course from an onset over so many frames of rise, hold and fall; rise and fall take at least one.
    pub fn new(onset: u32, [rise, hold, fall]: [u32; 3], dice: &mut Dice) -> Course {
        let apex = onset + rise.max(1);
        let (rise_bend, fall_bend) = (dice.between(0.75, 1.25), dice.between(0.75, 1.35));
        Course { onset, apex, hold, offset: apex + hold + fall.max(1), rise_bend, fall_bend }
    }

    /// A course of given times in a clip of `frames` frames; out of order they are moved to onset < apex < offset < frames.
    pub fn of(event: Event, frames: u32, dice: &mut Dice) -> Course {
        let frames = frames.max(3);
        let number = |frame: FrameIndex| u32::try_from(frame.0).unwrap_or(u32::MAX);
        let onset = number(event.onset).min(frames - 3);
        let apex = number(event.apex).clamp(onset + 1, frames - 2);
        let offset = event.offset.map_or(frames - 1, number).clamp(apex + 1, frames - 1);
        Course::new(onset, [apex - onset, 0, offset - apex], dice)
    }

    /// The same as an annotated event.
    pub fn event(&self) -> Event {
        let frame = |f: u32| FrameIndex(u64::from(f));
        Event { onset: frame(self.onset), apex: frame(self.apex), offset: Some(frame(self.offset)) }
    }

    /// Share of the full strength at a frame, 0..=1; fractions of frames are allowed. `lag` shifts the rise of one muscle
    /// against the others, as a share of the rise; at onset and apex it changes nothing.
    pub fn strength(&self, frame: f32, lag: f32) -> f32 {
        let (onset, apex, offset) = (self.onset as f32, self.apex as f32, self.offset as f32);
        let held = apex + self.hold as f32;
        if frame <= onset || frame >= offset {
            0.0
        } else if frame <= apex {
            let x = (frame - onset) / (apex - onset);
            ease(x.powf((self.rise_bend * (1.0 + lag)).max(0.3)))
        } else if frame <= held {
            1.0
        } else {
            ease(((offset - frame) / (offset - held)).powf(self.fall_bend))
        }
    }
}

/// Minimum-jerk ease from 0 to 1: how a muscle moves when nothing hurries it.
pub(crate) fn ease(x: f32) -> f32 {
    let x = x.clamp(0.0, 1.0);
    x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_is_nothing_at_onset_and_offset_and_all_at_the_apex() {
        let settings = SynthSettings::default();
        for seed in 0..200 {
            let (course, frames) = Course::sample(&settings, &mut Dice::new(seed, "course"));
            assert!(course.onset < course.apex && course.apex < course.offset && course.offset < frames);
            let at = |frame: u32| course.strength(frame as f32, 0.1);
            assert_eq!((at(course.onset), at(course.apex), at(course.offset)), (0.0, 1.0, 0.0));
            for frame in course.onset..course.apex {
                assert!(at(frame + 1) > at(frame));
            }
            let millis = (course.offset - course.onset) as f32 / 60.0 * 1000.0;
            // The settings ask for 120..500 ms; rounding to frames of 17 ms adds at most one frame.
            assert!((100.0..=520.0).contains(&millis), "{millis}");
        }
    }
}
