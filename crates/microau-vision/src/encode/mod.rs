//! Frames as a film: H.264 in mp4, one frame at a time, in pure Rust.
//!
//! The stream is Constrained Baseline without frames that point ahead, which every player shows. Colours are BT.601 of limited
//! range with half the chroma, which is what players take a film for that does not say.

mod planes;

use std::io::{Seek, SeekFrom, Write};
use std::num::NonZeroU32;

use image::RgbImage;
use microau_core::time::{FrameRate, Micros};
use rusty_h264_common::YuvFrame;
use rusty_h264_encoder::{Encoder, EncoderConfig};
use shiguredo_mp4::TrackKind;
use shiguredo_mp4::bitstream::h264::{
    H264NalUnitType, H264SampleEntryConfig, LengthSize, build_avc1_box_from_annexb, parse_annexb_nal_units,
};
use shiguredo_mp4::boxes::SampleEntry;
use shiguredo_mp4::mux::{Mp4FileMuxer, Sample};

/// Quantiser of H.264, 0 to 51: letters 16 px high stay sharp.
const QUANTISER: u8 = 22;

/// Seconds between frames at which a player can start.
const KEY_SECS: f64 = 2.0;

/// Least ticks a second of a film's clock, so that films of variable rate keep their times.
const LEAST_TICKS: u32 = 90_000;

/// Why a film cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// Frames too small or too large for H.264.
    #[error("expected frames of 16 to 4096 px a side, got {width_px} x {height_px}")]
    Size {
        /// Width of the frames.
        width_px: u32,
        /// Height of the frames.
        height_px: u32,
    },
    /// A frame of another size than the first.
    #[error("expected a frame of {expected:?} px, got {got:?}")]
    OtherSize {
        /// Width and height of the film.
        expected: (u32, u32),
        /// Width and height of the frame.
        got: (u32, u32),
    },
    /// The encoder or the boxes around its output refused.
    #[error("could not encode: {message}")]
    Encode {
        /// What they said.
        message: String,
    },
    /// No frame was given.
    #[error("expected at least one frame, got none")]
    Empty,
    /// What was written to refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl EncodeError {
    fn of(cause: impl std::fmt::Display) -> Self {
        Self::Encode { message: cause.to_string() }
    }
}

/// A film being written.
pub struct Mp4Writer<W> {
    to: W,
    encoder: Encoder,
    muxer: Mp4FileMuxer,
    clock: Clock,
    planes: YuvFrame,
    /// Written, but not yet told to the muxer: how long it is shown is known with the next.
    pending: Option<(Sample, u64)>,
    position: u64,
}

impl<W: Write + Seek> Mp4Writer<W> {
    /// A film without frames yet; `rate` says how long its last one is shown. Odd sizes lose their last column or row.
    ///
    /// # Errors
    /// [`EncodeError::Size`], [`EncodeError::Io`].
    pub fn new(mut to: W, width_px: u32, height_px: u32, rate: FrameRate) -> Result<Self, EncodeError> {
        if [width_px, height_px].iter().any(|side| !(16..=4096).contains(side)) {
            return Err(EncodeError::Size { width_px, height_px });
        }
        let (width, height) = (width_px as usize & !1, height_px as usize & !1);
        let mut config = EncoderConfig::baseline(width, height);
        config.qp = QUANTISER;
        config.framerate = rate.as_f64() as f32;
        config.gop_size = (KEY_SECS * rate.as_f64()).round().max(1.0) as u32;
        config.min_keyint = config.gop_size;
        let encoder = Encoder::new(config).map_err(EncodeError::of)?;
        let muxer = Mp4FileMuxer::new().map_err(EncodeError::of)?;
        to.write_all(muxer.initial_boxes_bytes())?;
        let position = muxer.initial_boxes_bytes().len() as u64;
        let planes = YuvFrame::black(width, height);
        Ok(Self { to, encoder, muxer, clock: Clock::of(rate), planes, pending: None, position })
    }

    /// Width and height of the film in px: even.
    pub fn size(&self) -> (u32, u32) {
        (self.planes.width as u32, self.planes.height as u32)
    }

    /// The next frame and when it is shown; times rise.
    ///
    /// # Errors
    /// [`EncodeError`].
    pub fn push(&mut self, image: &RgbImage, time: Micros) -> Result<(), EncodeError> {
        let (expected, got) = (self.size(), (image.width() & !1, image.height() & !1));
        if got != expected {
            return Err(EncodeError::OtherSize { expected, got });
        }
        planes::fill(&mut self.planes, image);
        let stream = self.encoder.try_encode(&self.planes).map_err(EncodeError::of)?;
        let at = self.clock.ticks(time);
        self.settle(Some(at))?;
        let sample = self.write_sample(&stream)?;
        self.pending = Some((sample, at));
        Ok(())
    }

    /// Writes what players need to find the frames, and gives back what was written to.
    ///
    /// # Errors
    /// [`EncodeError::Empty`], and when the film cannot be written.
    pub fn finish(mut self) -> Result<W, EncodeError> {
        if self.pending.is_none() {
            return Err(EncodeError::Empty);
        }
        self.settle(None)?;
        let boxes = self.muxer.finalize().map_err(EncodeError::of)?;
        for (offset, bytes) in boxes.offset_and_bytes_pairs() {
            self.to.seek(SeekFrom::Start(offset))?;
            self.to.write_all(bytes)?;
        }
        self.to.flush()?;
        Ok(self.to)
    }

    /// Writes the slices of a frame, each behind its length.
    fn write_sample(&mut self, stream: &[u8]) -> Result<Sample, EncodeError> {
        let units = parse_annexb_nal_units(stream).map_err(EncodeError::of)?;
        let is_slice = |kind| matches!(kind, H264NalUnitType::IdrSlice | H264NalUnitType::NonIdrSlice);
        let mut bytes = Vec::with_capacity(stream.len());
        for unit in units.iter().filter(|unit| is_slice(unit.nal_unit_type)) {
            bytes.extend((unit.data.len() as u32).to_be_bytes());
            bytes.extend(unit.data);
        }
        // the first sample says what the stream is
        let entry = H264SampleEntryConfig { length_size: LengthSize::FourBytes };
        let is_first = self.pending.is_none();
        let sample_entry = is_first.then(|| build_avc1_box_from_annexb(stream, &entry).map(SampleEntry::Avc1));
        let sample = Sample {
            track_kind: TrackKind::Video,
            sample_entry: sample_entry.transpose().map_err(EncodeError::of)?,
            keyframe: units.iter().any(|unit| unit.nal_unit_type == H264NalUnitType::IdrSlice),
            timescale: self.clock.scale,
            duration: 0,
            composition_time_offset: None,
            data_offset: self.position,
            data_size: bytes.len(),
        };
        self.to.write_all(&bytes)?;
        self.position += bytes.len() as u64;
        Ok(sample)
    }

    /// Tells the muxer of the frame before, which is shown until tick `next`, or for one frame.
    fn settle(&mut self, next: Option<u64>) -> Result<(), EncodeError> {
        let Some((sample, at)) = &mut self.pending else { return Ok(()) };
        let shown = next.map_or(u64::from(self.clock.frame), |next| next.saturating_sub(*at));
        sample.duration = u32::try_from(shown).unwrap_or(u32::MAX).max(1);
        self.muxer.append_sample(sample).map_err(EncodeError::of)
    }
}

/// A clock whose ticks hold a film's times: at constant rate exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clock {
    /// Ticks a second: a multiple of the numerator of the rate.
    scale: NonZeroU32,
    /// Ticks a frame.
    frame: u32,
}

impl Clock {
    fn of(rate: FrameRate) -> Clock {
        let times = LEAST_TICKS.div_ceil(rate.num());
        let scale = NonZeroU32::new(rate.num().saturating_mul(times)).expect("a rate is above 0");
        Clock { scale, frame: rate.den().saturating_mul(times) }
    }

    /// The tick nearest to a time; times are rounded down to microseconds, so at constant rate it is the exact one.
    fn ticks(self, time: Micros) -> u64 {
        let micros = u128::try_from(time.0).unwrap_or(0);
        ((micros * u128::from(self.scale.get()) + 500_000) / 1_000_000) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::time::FrameIndex;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_clock_holds_the_times_of_constant_rates_exactly(
            (num, den) in prop::sample::select(vec![(25, 1), (30, 1), (30_000, 1001), (200, 1), (240_000, 1001), (2997, 100)]),
            frame in 0..1_000_000u64,
        ) {
            let rate = FrameRate::new(num, den).unwrap();
            let clock = Clock::of(rate);
            prop_assert_eq!(clock.ticks(rate.time_of(FrameIndex(frame))), frame * u64::from(clock.frame));
        }
    }

    #[test]
    fn sizes_that_no_player_shows_are_refused() {
        let film = |w, h| Mp4Writer::new(std::io::Cursor::new(Vec::new()), w, h, FrameRate::whole(30));
        assert!(matches!(film(8, 64), Err(EncodeError::Size { .. })));
        assert!(matches!(film(64, 5000), Err(EncodeError::Size { .. })));
        assert_eq!(film(65, 49).unwrap().size(), (64, 48));
        assert!(matches!(film(64, 48).unwrap().finish(), Err(EncodeError::Empty)));
        let error = film(64, 48).unwrap().push(&RgbImage::new(32, 48), Micros(0)).unwrap_err();
        assert_eq!(error.to_string(), "expected a frame of (64, 48) px, got (32, 48)");
    }
}
