//! What is generated, as data: every range from which heads, muscles, light and cameras are drawn.
//!
//! A settings value is one *generator*. Holding out a generator (another unit family, another render style, another
//! camera) tests transfer better than holding out clips of the same one.

use microau_core::au::Au;
use serde::{Deserialize, Serialize};

use crate::error::SynthError;

/// A closed range `[lo, hi]` from which a value is drawn uniformly. Serialised as two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Span(pub [f32; 2]);

impl Span {
    /// The range from `lo` to `hi`.
    pub const fn new(lo: f32, hi: f32) -> Span {
        Span([lo, hi])
    }

    /// Lower end.
    pub const fn lo(self) -> f32 {
        self.0[0]
    }

    /// Upper end.
    pub const fn hi(self) -> f32 {
        self.0[1]
    }

    fn inside(self, lo: f32, hi: f32) -> bool {
        lo <= self.0[0] && self.0[0] <= self.0[1] && self.0[1] <= hi
    }
}

/// All settings of one generator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SynthSettings {
    /// Side of the square frames, px, 64..=1024.
    pub size_px: usize,
    /// Frames per second, 20..=500.
    pub rate_fps: u32,
    /// Who is shown.
    pub identity: IdentitySettings,
    /// What the muscles do.
    pub muscle: MuscleSettings,
    /// When they do it.
    pub timing: TimingSettings,
    /// What else moves.
    pub distractors: DistractorSettings,
    /// How the skin looks.
    pub look: LookSettings,
    /// Lights and background.
    pub light: LightSettings,
    /// Camera and recording.
    pub camera: CameraSettings,
}

/// Ranges of heads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentitySettings {
    /// Age between 0 (25 years) and 1 (80 years).
    pub age: Span,
    /// Strength of random shapes of the head's parts, 0..=1.5; 1 is a crowd, 0 the average head.
    pub variety: f32,
    /// Deepness of skin colour, 0 (lightest) ..= 1 (darkest), before its correlation with the head's shape.
    pub skin_tone: Span,
    /// Share of heads with hair on the scalp (the rest are shaved), 0..=1.
    pub hair_share: f32,
}

/// How AUs become movements of the mesh.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MuscleSettings {
    /// The AUs that may be chosen.
    pub aus: Vec<Au>,
    /// Weight of each sculptor of units when a recipe is drawn: 51 face units, MakeHuman's expression units, shapes put
    /// together from identity targets, strands of the muscles themselves. At least one positive; a clip mixes two of them now and then.
    pub families: [f32; 4],
    /// Probability that a recipe mixes two families, 0..=1.
    pub family_mix: f32,
    /// Strength as a share of the full unit, 0.01..=1.
    pub strength: Span,
    /// Largest weight of a neighbouring unit in a recipe, 0..=0.5.
    pub neighbour: f32,
    /// Largest relative difference between left and right of a two-sided AU, 0..=0.5.
    pub asymmetry: f32,
    /// Probability that a two-sided AU is shown on one side only, 0..=1.
    pub one_sided_share: f32,
    /// Probability that a clip with expression has one AU only, 0..=1 (0.73 in real annotations); the others have two or three.
    pub single_share: f32,
    /// How closely the company that AUs keep follows real annotations, 0..=1: 1 as they have it, exclusions too; 0 every
    /// two AUs alike, which teaches a model to see each for itself.
    pub company: f32,
    /// Share of clips without any expression (distractors only), 0..=1.
    pub neutral_share: f32,
    /// Spatial smooth noise added to a recipe, as a share of its strength, 0..=0.5: no two faces move alike.
    pub wobble: f32,
}

/// Times of the movement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimingSettings {
    /// From onset to offset, milliseconds, 60..=2000.
    pub event_millis: Span,
    /// Share of the event that lies before the apex, 0.2..=0.8.
    pub rise_share: Span,
    /// Neutral time before the onset and after the offset, milliseconds, 0..=2000.
    pub rest_millis: Span,
}

/// Movements that are no expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DistractorSettings {
    /// Drift of the head's angles, degrees a second, 0..=30.
    pub drift_deg_per_sec: Span,
    /// Drift of the head's place, head widths a second, 0..=0.5.
    pub drift_widths_per_sec: Span,
    /// Probability of a blink somewhere in the clip, 0..=1.
    pub blink_share: f32,
    /// Probability of a shift of gaze somewhere in the clip, 0..=1.
    pub gaze_shift_share: f32,
    /// Largest relative change of light within the clip (flicker), 0..=0.3.
    pub flicker: f32,
    /// Very weak movement of any unit that is not labelled, as a share of the full unit, 0..=0.05.
    pub twitch: f32,
}

/// Style of the skin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LookSettings {
    /// Height of wrinkles that come with an AU, 0..=2; 0 shows geometry only.
    pub wrinkle: Span,
    /// Strength of colour variation and pores, 0..=2.
    pub skin_detail: Span,
    /// Strength of shine, 0..=2.
    pub gloss: Span,
    /// Largest strength of stubble, freckles and lines of age, 0..=1.
    pub marks: f32,
}

/// Lights and background.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LightSettings {
    /// Direction of the key light away from the camera, degrees to either side, 0..=80.
    pub key_side_deg: Span,
    /// Direction of the key light above the camera, degrees, -30..=80.
    pub key_up_deg: Span,
    /// Share of light that is ambient, 0.1..=0.9.
    pub ambient: Span,
    /// Strength of colour casts, 0..=1.
    pub colour: f32,
    /// Strength of shadows, 0..=1.
    pub shadow: Span,
}

/// Camera and recording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CameraSettings {
    /// Distance between the eyes as a share of the frame's side, 0.1..=0.45.
    pub inter_ocular_share: Span,
    /// Largest shift of the face from its place in the frame, share of the side, 0..=0.2.
    pub shift_share: f32,
    /// Largest yaw and pitch of the head, degrees, 0..=25. Roll is half of it.
    pub pose_deg: f32,
    /// Distance from the head, decimetres, 4..=40 (near: strong perspective).
    pub distance_dm: Span,
    /// Deviation of noise in grey levels (0..255) at mid grey, 0..=20.
    pub noise_levels: Span,
    /// Deviation of blur, px, 0..=3.
    pub blur_px: Span,
    /// Exposure in stops, -2..=2.
    pub exposure_stops: Span,
    /// Contrast as an exponent of the tone curve, 0.5..=2.
    pub gamma: Span,
    /// Probability that the frames are grey, 0..=1.
    pub grey_share: f32,
    /// Quality of JPEG compression, 20..=100.
    pub jpeg_quality: Span,
    /// Probability that a clip is compressed at all, 0..=1.
    pub jpeg_share: f32,
}

impl Default for SynthSettings {
    fn default() -> Self {
        SynthSettings {
            size_px: 256,
            rate_fps: 60,
            identity: IdentitySettings::default(),
            muscle: MuscleSettings::default(),
            timing: TimingSettings::default(),
            distractors: DistractorSettings::default(),
            look: LookSettings::default(),
            light: LightSettings::default(),
            camera: CameraSettings::default(),
        }
    }
}

impl Default for IdentitySettings {
    fn default() -> Self {
        IdentitySettings { age: Span::new(0.0, 0.85), variety: 1.0, skin_tone: Span::new(0.0, 1.0), hair_share: 0.9 }
    }
}

impl Default for MuscleSettings {
    fn default() -> Self {
        MuscleSettings {
            aus: Au::CD6ME.to_vec(),
            families: [1.0, 0.6, 0.3, 0.5],
            family_mix: 0.4,
            strength: Span::new(0.15, 0.6),
            neighbour: 0.2,
            asymmetry: 0.15,
            one_sided_share: 0.15,
            single_share: 0.73,
            company: 1.0,
            neutral_share: 0.1,
            wobble: 0.12,
        }
    }
}

impl Default for TimingSettings {
    fn default() -> Self {
        TimingSettings {
            event_millis: Span::new(120.0, 500.0),
            rise_share: Span::new(0.35, 0.6),
            rest_millis: Span::new(60.0, 250.0),
        }
    }
}

impl Default for DistractorSettings {
    fn default() -> Self {
        DistractorSettings {
            drift_deg_per_sec: Span::new(0.0, 5.0),
            drift_widths_per_sec: Span::new(0.0, 0.06),
            blink_share: 0.15,
            gaze_shift_share: 0.2,
            flicker: 0.015,
            twitch: 0.012,
        }
    }
}

impl Default for LookSettings {
    fn default() -> Self {
        LookSettings {
            wrinkle: Span::new(0.4, 1.3),
            skin_detail: Span::new(0.5, 1.3),
            gloss: Span::new(0.3, 1.3),
            marks: 1.0,
        }
    }
}

impl Default for LightSettings {
    fn default() -> Self {
        LightSettings {
            key_side_deg: Span::new(0.0, 60.0),
            key_up_deg: Span::new(0.0, 55.0),
            ambient: Span::new(0.18, 0.6),
            colour: 0.5,
            shadow: Span::new(0.3, 0.9),
        }
    }
}

impl Default for CameraSettings {
    fn default() -> Self {
        CameraSettings {
            inter_ocular_share: Span::new(0.22, 0.34),
            shift_share: 0.04,
            pose_deg: 12.0,
            distance_dm: Span::new(6.0, 16.0),
            noise_levels: Span::new(0.3, 4.0),
            blur_px: Span::new(0.0, 0.7),
            exposure_stops: Span::new(-0.5, 0.4),
            gamma: Span::new(0.85, 1.2),
            grey_share: 0.1,
            jpeg_quality: Span::new(70.0, 98.0),
            jpeg_share: 0.8,
        }
    }
}

impl SynthSettings {
    /// Checks every value against its documented range.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] naming the first value outside.
    pub fn check(&self) -> Result<(), SynthError> {
        let SynthSettings { identity, muscle, timing, distractors, look, light, camera, .. } = self;
        whole("size_px", self.size_px, 64, 1024, "64..=1024")?;
        whole("rate_fps", self.rate_fps as usize, 20, 500, "20..=500")?;
        span("identity.age", identity.age, 0.0, 1.0, "two rising numbers in 0..=1")?;
        number("identity.variety", identity.variety, 1.5, "0..=1.5")?;
        span("identity.skin_tone", identity.skin_tone, 0.0, 1.0, "two rising numbers in 0..=1")?;
        share("identity.hair_share", identity.hair_share)?;
        span("muscle.strength", muscle.strength, 0.01, 1.0, "two rising numbers in 0.01..=1")?;
        number("muscle.neighbour", muscle.neighbour, 0.5, "0..=0.5")?;
        number("muscle.asymmetry", muscle.asymmetry, 0.5, "0..=0.5")?;
        number("muscle.wobble", muscle.wobble, 0.5, "0..=0.5")?;
        share("muscle.family_mix", muscle.family_mix)?;
        share("muscle.one_sided_share", muscle.one_sided_share)?;
        share("muscle.single_share", muscle.single_share)?;
        share("muscle.company", muscle.company)?;
        share("muscle.neutral_share", muscle.neutral_share)?;
        if muscle.aus.is_empty() {
            return Err(bad("muscle.aus", "at least one AU", "none".into()));
        }
        let weights = muscle.families;
        if weights.iter().any(|w| !w.is_finite() || *w < 0.0) || weights.iter().sum::<f32>() <= 0.0 {
            return Err(bad("muscle.families", "four weights, one of them positive", format!("{weights:?}")));
        }
        span("timing.event_millis", timing.event_millis, 60.0, 2000.0, "two rising numbers in 60..=2000")?;
        span("timing.rise_share", timing.rise_share, 0.2, 0.8, "two rising numbers in 0.2..=0.8")?;
        span("timing.rest_millis", timing.rest_millis, 0.0, 2000.0, "two rising numbers in 0..=2000")?;
        let drift = distractors.drift_deg_per_sec;
        span("distractors.drift_deg_per_sec", drift, 0.0, 30.0, "two rising numbers in 0..=30")?;
        let drift = distractors.drift_widths_per_sec;
        span("distractors.drift_widths_per_sec", drift, 0.0, 0.5, "two rising numbers in 0..=0.5")?;
        share("distractors.blink_share", distractors.blink_share)?;
        share("distractors.gaze_shift_share", distractors.gaze_shift_share)?;
        number("distractors.flicker", distractors.flicker, 0.3, "0..=0.3")?;
        number("distractors.twitch", distractors.twitch, 0.05, "0..=0.05")?;
        span("look.wrinkle", look.wrinkle, 0.0, 2.0, "two rising numbers in 0..=2")?;
        span("look.skin_detail", look.skin_detail, 0.0, 2.0, "two rising numbers in 0..=2")?;
        span("look.gloss", look.gloss, 0.0, 2.0, "two rising numbers in 0..=2")?;
        share("look.marks", look.marks)?;
        span("light.key_side_deg", light.key_side_deg, 0.0, 80.0, "two rising numbers in 0..=80")?;
        span("light.key_up_deg", light.key_up_deg, -30.0, 80.0, "two rising numbers in -30..=80")?;
        span("light.ambient", light.ambient, 0.1, 0.9, "two rising numbers in 0.1..=0.9")?;
        share("light.colour", light.colour)?;
        span("light.shadow", light.shadow, 0.0, 1.0, "two rising numbers in 0..=1")?;
        check_camera(camera)
    }
}

fn check_camera(camera: &CameraSettings) -> Result<(), SynthError> {
    let eyes = camera.inter_ocular_share;
    span("camera.inter_ocular_share", eyes, 0.1, 0.45, "two rising numbers in 0.1..=0.45")?;
    number("camera.shift_share", camera.shift_share, 0.2, "0..=0.2")?;
    number("camera.pose_deg", camera.pose_deg, 25.0, "0..=25")?;
    span("camera.distance_dm", camera.distance_dm, 4.0, 40.0, "two rising numbers in 4..=40")?;
    span("camera.noise_levels", camera.noise_levels, 0.0, 20.0, "two rising numbers in 0..=20")?;
    span("camera.blur_px", camera.blur_px, 0.0, 3.0, "two rising numbers in 0..=3")?;
    span("camera.exposure_stops", camera.exposure_stops, -2.0, 2.0, "two rising numbers in -2..=2")?;
    span("camera.gamma", camera.gamma, 0.5, 2.0, "two rising numbers in 0.5..=2")?;
    share("camera.grey_share", camera.grey_share)?;
    span("camera.jpeg_quality", camera.jpeg_quality, 20.0, 100.0, "two rising numbers in 20..=100")?;
    share("camera.jpeg_share", camera.jpeg_share)
}

fn bad(name: &'static str, expected: &'static str, got: String) -> SynthError {
    SynthError::BadSetting { name, expected, got }
}

pub(crate) fn span(
    name: &'static str,
    value: Span,
    lo: f32,
    hi: f32,
    expected: &'static str,
) -> Result<(), SynthError> {
    if value.inside(lo, hi) { Ok(()) } else { Err(bad(name, expected, format!("{:?}", value.0))) }
}

pub(crate) fn number(name: &'static str, value: f32, hi: f32, expected: &'static str) -> Result<(), SynthError> {
    if (0.0..=hi).contains(&value) { Ok(()) } else { Err(bad(name, expected, value.to_string())) }
}

pub(crate) fn share(name: &'static str, value: f32) -> Result<(), SynthError> {
    number(name, value, 1.0, "0..=1")
}

pub(crate) fn real(name: &'static str, value: f64, lo: f64, hi: f64, expected: &'static str) -> Result<(), SynthError> {
    if (lo..=hi).contains(&value) { Ok(()) } else { Err(bad(name, expected, value.to_string())) }
}

pub(crate) fn whole(
    name: &'static str,
    value: usize,
    lo: usize,
    hi: usize,
    expected: &'static str,
) -> Result<(), SynthError> {
    if (lo..=hi).contains(&value) { Ok(()) } else { Err(bad(name, expected, value.to_string())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_inside_their_ranges() {
        SynthSettings::default().check().unwrap();
    }

    #[test]
    fn a_value_outside_is_named() {
        let mut settings = SynthSettings::default();
        settings.camera.gamma = Span::new(1.2, 0.8);
        let message = settings.check().unwrap_err().to_string();
        assert!(message.contains("camera.gamma") && message.contains("0.5..=2"), "{message}");
    }

    #[test]
    fn not_a_number_is_outside_every_range() {
        let mut settings = SynthSettings::default();
        settings.muscle.wobble = f32::NAN;
        assert!(settings.check().is_err());
    }
}
