//! Time on a film: the index of a frame, the exact rate, and whole microseconds. Never whole seconds, never floats.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Position of a frame from the start of its film, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrameIndex(pub u64);

impl fmt::Display for FrameIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A time or a duration in whole microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    /// The same in seconds.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

/// Frames a second as an exact fraction in lowest terms, e.g. 30000/1001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FrameRate {
    num: u32,
    den: u32,
}

/// A frame rate that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a frame rate above 0 such as 200, 29.97 or 30000/1001, got {got:?}")]
pub struct BadFrameRate {
    /// What was given.
    pub got: String,
}

impl FrameRate {
    /// `num / den` frames a second.
    ///
    /// # Errors
    /// When either number is 0.
    pub fn new(num: u32, den: u32) -> Result<FrameRate, BadFrameRate> {
        if num == 0 || den == 0 {
            return Err(BadFrameRate { got: format!("{num}/{den}") });
        }
        let divisor = gcd(num, den);
        Ok(FrameRate { num: num / divisor, den: den / divisor })
    }

    /// Whole frames a second; `fps` is at least 1.
    ///
    /// # Panics
    /// When `fps` is 0.
    pub const fn whole(fps: u32) -> FrameRate {
        assert!(fps > 0, "a frame rate is above 0");
        FrameRate { num: fps, den: 1 }
    }

    /// Numerator in lowest terms.
    pub const fn num(self) -> u32 {
        self.num
    }

    /// Denominator in lowest terms.
    pub const fn den(self) -> u32 {
        self.den
    }

    /// Frames a second.
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// When a frame starts, at constant rate from 0, rounded down to whole microseconds.
    pub fn time_of(self, frame: FrameIndex) -> Micros {
        let micros = u128::from(frame.0) * u128::from(self.den) * 1_000_000 / u128::from(self.num);
        Micros(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// `200` for whole rates, `30000/1001` for the others.
impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

impl FromStr for FrameRate {
    type Err = BadFrameRate;

    /// Reads `200`, `30000/1001` or a decimal of up to six places, `29.97`.
    fn from_str(text: &str) -> Result<FrameRate, BadFrameRate> {
        let bad = || BadFrameRate { got: text.to_owned() };
        if let Some((num, den)) = text.split_once('/') {
            return FrameRate::new(num.trim().parse().map_err(|_| bad())?, den.trim().parse().map_err(|_| bad())?);
        }
        let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        if decimals.len() > 6 {
            return Err(bad());
        }
        let den = 10_u32.pow(decimals.len() as u32);
        let num = format!("{whole}{decimals}").parse().map_err(|_| bad())?;
        FrameRate::new(num, den)
    }
}

impl TryFrom<String> for FrameRate {
    type Error = BadFrameRate;

    fn try_from(text: String) -> Result<FrameRate, BadFrameRate> {
        text.parse()
    }
}

impl From<FrameRate> for String {
    fn from(rate: FrameRate) -> String {
        rate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntsc_frames_start_at_exact_microseconds() {
        let rate = FrameRate::new(30_000, 1_001).unwrap();
        assert_eq!(rate.time_of(FrameIndex(1)), Micros(33_366)); // 1001/30000 s = 33366.67 us
        assert_eq!(rate.time_of(FrameIndex(30_000)), Micros(1_001_000_000));
    }

    #[test]
    fn rates_are_read_as_people_write_them() {
        assert_eq!("200".parse(), Ok(FrameRate::whole(200)));
        assert_eq!("29.97".parse::<FrameRate>().unwrap().to_string(), "2997/100");
        assert_eq!("30000/1001".parse(), FrameRate::new(30_000, 1_001));
        for bad in ["0", "", "-3", "1/0", "fast", "1.23456789", "1e9999"] {
            assert!(bad.parse::<FrameRate>().is_err(), "{bad}");
        }
    }
}
