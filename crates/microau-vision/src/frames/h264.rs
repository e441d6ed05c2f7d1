//! The H.264 decoder behind one small interface: samples in, planes out, in order of decoding.

use std::borrow::Cow;

use rust_h264::decoder::{ChromaFormat, Decoder, Frame};
use rust_h264::error::DecodeError;
use rust_h264::nal::{NalUnit, NalUnitType, parse_avcc, parse_avcc_config, parse_sps_info};

use super::contain::contain;
use super::yuv::{Chroma, Colour, Matrix, Planes};

/// Largest picture of H.264 level 6.2, in macroblocks of 16x16 px. A damaged header may ask for terabytes.
const MAX_MACROBLOCKS: u64 = 139_264;

/// What became of a sample.
#[derive(Debug)]
pub(super) enum Decoded {
    /// Its picture.
    Picture(Planes),
    /// It holds no picture of its own: empty, or the first of two fields.
    Nothing,
    /// It does not decode; why.
    Damaged(String),
    /// The stream uses what the decoder does not know; what.
    Unsupported(String),
}

/// Decoder of one track. `T` is what the caller knows a sample by.
pub(super) struct H264<T> {
    decoder: Decoder,
    /// SPS and PPS of the track's header, to start again after damage.
    parameter_sets: Vec<NalUnit<'static>>,
    length_bytes: usize,
    colour: Colour,
    /// Whether a sample holds a whole picture: no interlacing.
    progressive: bool,
    /// The sample whose picture is not finished.
    open: Option<T>,
    /// The decoder was lost; frames that refer to earlier ones cannot be decoded before the next key frame.
    wants_key_frame: bool,
}

impl<T: Copy> H264<T> {
    /// A decoder for a track with this `avcC` record.
    ///
    /// # Errors
    /// What is wrong with the record.
    pub(super) fn new(record: &[u8]) -> Result<Self, String> {
        let config = contain(|| parse_avcc_config(record)).and_then(|config| config.map_err(str::to_owned))?;
        let parameter_sets = config.sps_nals.into_iter().chain(config.pps_nals).map(owned).collect();
        let mut track = Self {
            decoder: Decoder::new(),
            parameter_sets,
            length_bytes: config.length_size,
            colour: Colour::default(),
            progressive: true,
            open: None,
            wants_key_frame: false,
        };
        track.restart()?;
        Ok(track)
    }

    /// Decodes one sample and tells what became of it, or of an earlier one, in order of decoding.
    pub(super) fn feed(&mut self, sample: &[u8], name: T) -> Vec<(T, Decoded)> {
        let mut results = Vec::new();
        let mut started = false;
        for unit in parse_avcc(sample, self.length_bytes) {
            let is_slice = matches!(unit.nal_unit_type, NalUnitType::Slice | NalUnitType::SliceIdr);
            if is_slice && self.wants_key_frame && unit.nal_unit_type != NalUnitType::SliceIdr {
                results.push((name, Decoded::Damaged("it refers to a damaged frame".to_owned())));
                return results;
            }
            match self.decode(&unit) {
                Ok(frame) if is_slice => {
                    // The decoder hands out a picture when the next one starts.
                    match (frame, self.open) {
                        (Some(frame), Some(open)) => results.push((open, Decoded::Picture(self.planes(frame)))),
                        (None, Some(open)) if !started => results.push((open, Decoded::Nothing)),
                        _ => {}
                    }
                    self.open = Some(name);
                    started = true;
                    self.wants_key_frame = false;
                }
                Ok(_) => {}
                Err(failure) if is_slice => {
                    results.extend(self.open.take().filter(|_| !started).map(|open| (open, Decoded::Nothing)));
                    results.push((name, failure));
                    return results;
                }
                // Damaged side information is passed over; damaged parameter sets show in the slices.
                Err(_) => {}
            }
        }
        if !started {
            results.push((name, Decoded::Nothing));
        } else if self.progressive {
            results.extend(self.flush());
        }
        results
    }

    /// Finishes the picture that is still open. Call at the end of the track.
    pub(super) fn flush(&mut self) -> Option<(T, Decoded)> {
        let open = self.open.take()?;
        match contain(|| self.decoder.flush()) {
            Ok(Some(frame)) => Some((open, Decoded::Picture(self.planes(frame)))),
            Ok(None) => Some((open, Decoded::Nothing)),
            Err(reason) => {
                self.lose();
                Some((open, Decoded::Damaged(reason)))
            }
        }
    }

    fn decode(&mut self, unit: &NalUnit<'_>) -> Result<Option<Frame>, Decoded> {
        if unit.nal_unit_type == NalUnitType::Sps {
            self.note_sps(unit).map_err(Decoded::Damaged)?;
        }
        match contain(|| self.decoder.decode_nal(unit)) {
            Ok(Ok(frame)) => Ok(frame),
            Ok(Err(DecodeError::Unsupported(what))) => Err(Decoded::Unsupported(what.to_owned())),
            Ok(Err(error)) => Err(Decoded::Damaged(error.to_string())),
            Err(reason) => {
                self.lose();
                Err(Decoded::Damaged(reason))
            }
        }
    }

    /// Takes colours and interlacing from a sequence header, and refuses sizes that no level allows.
    fn note_sps(&mut self, unit: &NalUnit<'_>) -> Result<(), String> {
        let info = contain(|| parse_sps_info(unit)).and_then(|info| info.map_err(|error| error.to_string()))?;
        let macroblocks = u64::from(info.coded_width / 16) * u64::from(info.coded_height / 16);
        if macroblocks == 0 || macroblocks > MAX_MACROBLOCKS || info.width == 0 || info.height == 0 {
            return Err(format!("the header asks for {}x{} px", info.coded_width, info.coded_height));
        }
        self.colour = Colour { matrix: Matrix::from_code(info.matrix), full_range: info.full_range };
        self.progressive = info.progressive;
        Ok(())
    }

    /// Gives up a decoder that panicked: its state is unknown.
    fn lose(&mut self) {
        self.open = None;
        self.wants_key_frame = true;
        // The parameter sets decoded when the track was opened.
        let _ = self.restart();
    }

    fn restart(&mut self) -> Result<(), String> {
        self.decoder = Decoder::new();
        for unit in std::mem::take(&mut self.parameter_sets) {
            let result = match unit.nal_unit_type {
                NalUnitType::Sps => self.note_sps(&unit),
                _ => Ok(()),
            };
            result?;
            contain(|| self.decoder.decode_nal(&unit))?.map_err(|error| error.to_string())?;
            self.parameter_sets.push(unit);
        }
        Ok(())
    }

    fn planes(&self, frame: Frame) -> Planes {
        Planes {
            width_px: frame.width,
            height_px: frame.height,
            bits: frame.bit_depth,
            chroma: match frame.chroma_format {
                ChromaFormat::Yuv420 => Chroma::Half,
                ChromaFormat::Yuv422 => Chroma::HalfWidth,
            },
            y: frame.y,
            u: frame.u,
            v: frame.v,
            colour: self.colour,
        }
    }
}

fn owned(unit: NalUnit<'_>) -> NalUnit<'static> {
    NalUnit {
        nal_ref_idc: unit.nal_ref_idc,
        nal_unit_type: unit.nal_unit_type,
        rbsp: Cow::Owned(unit.rbsp.into_owned()),
    }
}
