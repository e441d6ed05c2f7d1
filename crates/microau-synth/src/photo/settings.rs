//! How far a photograph is changed before and while it is filmed.

use serde::{Deserialize, Serialize};

use crate::error::SynthError;
use crate::settings::Span;

/// Ranges of the photo mode. What muscles, distractors, times and cameras do comes from [`crate::SynthSettings`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhotoSettings {
    /// Probability that a subject is the portrait in a mirror, 0..=1.
    pub mirror_share: f32,
    /// Deviation of the smooth random change of the face's shape, distances between the eyes, 0..=0.06.
    pub morph: f32,
    /// Largest relative change of width against height, 0..=0.15.
    pub aspect: f32,
    /// Strength of lines of age added to the skin, 0..=1.
    pub age_lines: Span,
    /// Strength of pores added to the skin, which give soft photographs a grain that moves with the face, 0..=2.
    pub pores: Span,
    /// Largest relative change of each colour, 0..=0.5.
    pub tint: f32,
    /// Exposure of the photograph in stops, -2..=2.
    pub exposure_stops: Span,
    /// Exponent of the photograph's tone curve, 0.5..=2.
    pub gamma: Span,
    /// Strength of a new light from a random side, laid over the photo's own by the head's shape, 0..=1.
    pub relight: Span,
    /// Probability that the surroundings of the head are replaced, 0..=1; otherwise they stay as they are.
    pub new_background_share: f32,
    /// Largest turn of the face away from the photo's own pose, degrees to each side, 0..=10.
    pub turn_deg: f32,
    /// Strength of furrows that come with an AU, as a factor of the script's own, 0..=2.
    pub furrow: f32,
}

impl Default for PhotoSettings {
    fn default() -> Self {
        PhotoSettings {
            mirror_share: 0.5,
            morph: 0.045,
            aspect: 0.06,
            age_lines: Span::new(0.0, 0.6),
            pores: Span::new(0.2, 1.0),
            tint: 0.12,
            exposure_stops: Span::new(-0.5, 0.1),
            gamma: Span::new(0.85, 1.2),
            relight: Span::new(0.0, 0.6),
            new_background_share: 0.4,
            turn_deg: 5.0,
            furrow: 1.0,
        }
    }
}

impl PhotoSettings {
    /// The photograph as it is: no change of shape, colour, light or surroundings, no turn.
    pub fn faithful() -> PhotoSettings {
        PhotoSettings {
            mirror_share: 0.0,
            morph: 0.0,
            aspect: 0.0,
            age_lines: Span::new(0.0, 0.0),
            pores: Span::new(0.0, 0.0),
            tint: 0.0,
            exposure_stops: Span::new(0.0, 0.0),
            gamma: Span::new(1.0, 1.0),
            relight: Span::new(0.0, 0.0),
            new_background_share: 0.0,
            turn_deg: 0.0,
            furrow: 1.0,
        }
    }

    /// Checks every value against its documented range.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] naming the first value outside.
    pub fn check(&self) -> Result<(), SynthError> {
        number("photo.mirror_share", self.mirror_share, 1.0, "0..=1")?;
        number("photo.morph", self.morph, 0.06, "0..=0.06")?;
        number("photo.aspect", self.aspect, 0.15, "0..=0.15")?;
        span("photo.age_lines", self.age_lines, 0.0, 1.0, "two rising numbers in 0..=1")?;
        span("photo.pores", self.pores, 0.0, 2.0, "two rising numbers in 0..=2")?;
        number("photo.tint", self.tint, 0.5, "0..=0.5")?;
        span("photo.exposure_stops", self.exposure_stops, -2.0, 2.0, "two rising numbers in -2..=2")?;
        span("photo.gamma", self.gamma, 0.5, 2.0, "two rising numbers in 0.5..=2")?;
        span("photo.relight", self.relight, 0.0, 1.0, "two rising numbers in 0..=1")?;
        number("photo.new_background_share", self.new_background_share, 1.0, "0..=1")?;
        number("photo.turn_deg", self.turn_deg, 10.0, "0..=10")?;
        number("photo.furrow", self.furrow, 2.0, "0..=2")
    }
}

fn number(name: &'static str, value: f32, most: f32, expected: &'static str) -> Result<(), SynthError> {
    if (0.0..=most).contains(&value) {
        Ok(())
    } else {
        Err(SynthError::BadSetting { name, expected, got: value.to_string() })
    }
}

fn span(name: &'static str, value: Span, least: f32, most: f32, expected: &'static str) -> Result<(), SynthError> {
    let is_inside = least <= value.lo() && value.lo() <= value.hi() && value.hi() <= most;
    let got = format!("{}..={}", value.lo(), value.hi());
    if is_inside { Ok(()) } else { Err(SynthError::BadSetting { name, expected, got }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_and_the_faithful_ones_lie_in_their_ranges() {
        assert!(PhotoSettings::default().check().is_ok());
        assert!(PhotoSettings::faithful().check().is_ok());
    }

    #[test]
    fn a_value_outside_is_refused_by_name() {
        let too_far = PhotoSettings { turn_deg: 45.0, ..PhotoSettings::default() };
        assert!(too_far.check().unwrap_err().to_string().contains("photo.turn_deg"));
        let falling = PhotoSettings { pores: Span::new(1.0, 0.2), ..PhotoSettings::default() };
        assert!(falling.check().is_err());
        let nowhere = PhotoSettings { morph: f32::NAN, ..PhotoSettings::default() };
        assert!(nowhere.check().is_err());
    }
}
