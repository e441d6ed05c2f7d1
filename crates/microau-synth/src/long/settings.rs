//! How long films are, how often things happen in them, and at which rate and size they are filmed.

use microau_core::time::FrameRate;
use serde::{Deserialize, Serialize};

use crate::error::SynthError;
use crate::settings::{self, Span, SynthSettings};

/// All settings of a generator of long films.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LongSettings {
    /// People, muscles, looks, light, camera, drift and flicker. Lengths, counts, rate and size of clips are not used; shares
    /// of the frame's side are those of the part of the frame that a face has, see [`LongSettings::size_px`].
    pub synth: SynthSettings,
    /// Length, seconds, 1..=7200.
    pub secs: f64,
    /// Frames a second, 25..=240.
    pub rate: FrameRate,
    /// Width of the frames, px, 64..=4096.
    pub width_px: usize,
    /// Height of the frames, px, 64..=4096.
    pub height_px: usize,
    /// Faces side by side, 1..=2.
    pub faces: usize,
    /// What is to be spotted.
    pub expressions: ExpressionSettings,
    /// What is not.
    pub life: LifeSettings,
}

/// Expressions: how often, how long, how strong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpressionSettings {
    /// Micro-expressions a minute and face, 0..=60; fewer where there is no room.
    pub micro_per_minute: f32,
    /// Longer expressions a minute and face, 0..=60.
    pub macro_per_minute: f32,
    /// Micro-expressions from onset to offset, milliseconds, 40..=500. Their strength is that of clips.
    pub micro_millis: Span,
    /// Longer expressions from onset to offset, milliseconds, 500..=10000.
    pub macro_millis: Span,
    /// Strength of longer expressions as a share of the full unit, 0.01..=1.
    pub macro_strength: Span,
    /// Least time between two expressions of a face, and before the first, seconds, 0.5..=60.
    pub least_gap_secs: f32,
    /// Share of the expressions that would fall into speech and are shown all the same, by the upper face; the others wait.
    pub amid_talk: f32,
}

/// Movements that are no expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LifeSettings {
    /// Share of the film in which a face talks, 0..=0.9.
    pub talking_share: f32,
    /// Length of a stretch of speech, seconds, 0.5..=60.
    pub talking_secs: Span,
    /// Blinks a minute, 0..=60.
    pub blinks_per_minute: f32,
    /// Share of blinks that come in twos, 0..=0.5.
    pub double_blink_share: f32,
    /// Share of blinks with the lids shut for a quarter of a second and more, 0..=0.5.
    pub long_blink_share: f32,
    /// Shifts of gaze a minute, 0..=200.
    pub gaze_shifts_per_minute: f32,
    /// Turns of the head a minute, 0..=20.
    pub turns_per_minute: f32,
    /// Largest yaw of a turned head, degrees, 0..=30.
    pub most_turn_deg: f32,
    /// Tilts towards a shoulder a minute, 0..=20.
    pub tilts_per_minute: f32,
    /// Nods a minute, 0..=20.
    pub nods_per_minute: f32,
    /// Times a minute that the head leans nearer or away, 0..=20.
    pub leans_per_minute: f32,
    /// Swallows a minute, 0..=10.
    pub swallows_per_minute: f32,
}

impl Default for LongSettings {
    fn default() -> Self {
        let mut synth = SynthSettings::default();
        // A video shows more than a crop of the face, and people face the camera they speak to.
        synth.camera.inter_ocular_share = Span::new(0.23, 0.27);
        synth.camera.shift_share = 0.02;
        synth.camera.pose_deg = 8.0;
        synth.camera.distance_dm = Span::new(7.0, 16.0);
        // Films are compressed more than single frames.
        synth.camera.jpeg_quality = Span::new(65.0, 92.0);
        LongSettings {
            synth,
            secs: 60.0,
            rate: FrameRate::whole(30),
            width_px: 640,
            height_px: 360,
            faces: 1,
            expressions: ExpressionSettings::default(),
            life: LifeSettings::default(),
        }
    }
}

impl Default for ExpressionSettings {
    fn default() -> Self {
        ExpressionSettings {
            micro_per_minute: 6.0,
            macro_per_minute: 4.0,
            micro_millis: Span::new(40.0, 500.0),
            macro_millis: Span::new(500.0, 4000.0),
            macro_strength: Span::new(0.35, 0.9),
            least_gap_secs: 0.5,
            amid_talk: 0.3,
        }
    }
}

impl Default for LifeSettings {
    fn default() -> Self {
        // Adults at rest blink about 17 times a minute, and move their eyes more often than that.
        LifeSettings {
            talking_share: 0.25,
            talking_secs: Span::new(1.5, 8.0),
            blinks_per_minute: 17.0,
            double_blink_share: 0.08,
            long_blink_share: 0.05,
            gaze_shifts_per_minute: 25.0,
            turns_per_minute: 2.0,
            most_turn_deg: 20.0,
            tilts_per_minute: 1.0,
            nods_per_minute: 1.5,
            leans_per_minute: 0.7,
            swallows_per_minute: 1.0,
        }
    }
}

impl LongSettings {
    /// The same without any expression: whatever is spotted there is wrong.
    pub fn calm(mut self) -> LongSettings {
        (self.expressions.micro_per_minute, self.expressions.macro_per_minute) = (0.0, 0.0);
        self
    }

    /// Width and height of the frames, px. A face has its part of the width; shares of its size are of the height or, if it
    /// is less, of 1.1 times that part.
    pub fn size_px(&self) -> [usize; 2] {
        [self.width_px, self.height_px]
    }

    /// Frames of a film, at least 1.
    pub fn frame_count(&self) -> u32 {
        (self.secs * self.rate.as_f64()).round().max(1.0) as u32
    }

    /// Checks every value against its documented range.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] naming the first value outside.
    pub fn check(&self) -> Result<(), SynthError> {
        self.synth.check()?;
        settings::real("secs", self.secs, 1.0, 7200.0, "1..=7200")?;
        settings::real("rate", self.rate.as_f64(), 25.0, 240.0, "25..=240")?;
        settings::whole("width_px", self.width_px, 64, 4096, "64..=4096")?;
        settings::whole("height_px", self.height_px, 64, 4096, "64..=4096")?;
        settings::whole("faces", self.faces, 1, 2, "1..=2")?;
        self.expressions.check()?;
        self.life.check()
    }
}

impl ExpressionSettings {
    fn check(&self) -> Result<(), SynthError> {
        settings::number("expressions.micro_per_minute", self.micro_per_minute, 60.0, "0..=60")?;
        settings::number("expressions.macro_per_minute", self.macro_per_minute, 60.0, "0..=60")?;
        let micro = self.micro_millis;
        settings::span("expressions.micro_millis", micro, 40.0, 500.0, "two rising numbers in 40..=500")?;
        let slow = self.macro_millis;
        settings::span("expressions.macro_millis", slow, 500.0, 10_000.0, "two rising numbers in 500..=10000")?;
        let strength = self.macro_strength;
        settings::span("expressions.macro_strength", strength, 0.01, 1.0, "two rising numbers in 0.01..=1")?;
        let gap = f64::from(self.least_gap_secs);
        settings::real("expressions.least_gap_secs", gap, 0.5, 60.0, "0.5..=60")?;
        settings::share("expressions.amid_talk", self.amid_talk)
    }
}

impl LifeSettings {
    fn check(&self) -> Result<(), SynthError> {
        settings::number("life.talking_share", self.talking_share, 0.9, "0..=0.9")?;
        settings::span("life.talking_secs", self.talking_secs, 0.5, 60.0, "two rising numbers in 0.5..=60")?;
        settings::number("life.blinks_per_minute", self.blinks_per_minute, 60.0, "0..=60")?;
        settings::number("life.double_blink_share", self.double_blink_share, 0.5, "0..=0.5")?;
        settings::number("life.long_blink_share", self.long_blink_share, 0.5, "0..=0.5")?;
        settings::number("life.gaze_shifts_per_minute", self.gaze_shifts_per_minute, 200.0, "0..=200")?;
        settings::number("life.turns_per_minute", self.turns_per_minute, 20.0, "0..=20")?;
        settings::number("life.most_turn_deg", self.most_turn_deg, 30.0, "0..=30")?;
        settings::number("life.tilts_per_minute", self.tilts_per_minute, 20.0, "0..=20")?;
        settings::number("life.nods_per_minute", self.nods_per_minute, 20.0, "0..=20")?;
        settings::number("life.leans_per_minute", self.leans_per_minute, 20.0, "0..=20")?;
        settings::number("life.swallows_per_minute", self.swallows_per_minute, 10.0, "0..=10")
    }
}
