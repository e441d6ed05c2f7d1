//! The chunks of a RIFF AVI file: the header of its first video stream and where its frames lie.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use microau_core::time::FrameRate;

use crate::frames::FrameError;

/// Headers of a stream are small; more is damage.
const MAX_HEADER_BYTES: u64 = 64 << 10;

/// A chunk's payload in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    /// First byte in the file.
    pub(super) offset: u64,
    /// Length in bytes.
    pub(super) bytes: u32,
}

/// The header of a video stream.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream {
    /// Two digits that start the names of its chunks.
    digits: [u8; 2],
    /// `None` where the header says 0.
    pub(super) rate: Option<FrameRate>,
    /// Frames the header promises.
    pub(super) frame_count: u32,
    /// Payload of `strf`: a bitmap header, maybe with a palette.
    pub(super) format: Vec<u8>,
}

/// What a walk over the file finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Riff {
    /// The first video stream.
    pub(super) video: Option<Stream>,
    /// Its frames, in order.
    pub(super) frames: Vec<Chunk>,
    /// Some chunk promises more bytes than the file has.
    pub(super) cut_short: bool,
    streams: usize,
}

impl Riff {
    /// Walks over all chunks of a file, reading headers only.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read(file: &mut File, path: &Path) -> Result<Self, FrameError> {
        let mut riff = Self::default();
        let result = file.seek(SeekFrom::End(0)).and_then(|end| riff.walk(file, 0, end, 0));
        result.map_err(|source| FrameError::from_io(source, path))?;
        Ok(riff)
    }

    /// Walks over the chunks between two places in the file.
    fn walk(&mut self, file: &mut File, start: u64, end: u64, depth: usize) -> std::io::Result<()> {
        let mut at = start;
        while end.saturating_sub(at) >= 8 {
            let mut head = [0; 12];
            let known = (end - at).min(12) as usize;
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut head[..known])?;
            let name = [head[0], head[1], head[2], head[3]];
            let bytes = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
            let payload = at + 8;
            // A recorder that was switched off leaves the length of the outer lists at 0.
            let unfinished = bytes == 0 && matches!(&name, b"RIFF" | b"LIST");
            let promised_end = if unfinished { end } else { payload + u64::from(bytes) };
            let payload_end = promised_end.min(end);
            if promised_end > end {
                self.cut_short = true;
            }
            match &name {
                // Four levels are what the format has: RIFF, movi, rec, and one to spare.
                b"RIFF" | b"LIST" if known == 12 && depth < 4 => {
                    if head[8..12] == *b"strl" {
                        self.stream(file, payload + 4, payload_end)?;
                    } else {
                        self.walk(file, payload + 4, payload_end, depth + 1)?;
                    }
                }
                _ if promised_end <= end && self.is_frame(name) => {
                    self.frames.push(Chunk { offset: payload, bytes });
                }
                _ => {}
            }
            // Chunks start at even places.
            at = payload_end + (payload_end & 1);
        }
        Ok(())
    }

    fn is_frame(&self, name: [u8; 4]) -> bool {
        let of_stream = self.video.as_ref().is_some_and(|stream| stream.digits == name[..2]);
        of_stream && matches!(&name[2..], b"dc" | b"db" | b"DC" | b"DB")
    }

    /// Reads the headers of one stream and keeps those of the first with pictures.
    fn stream(&mut self, file: &mut File, start: u64, end: u64) -> std::io::Result<()> {
        let mut list = vec![0; end.saturating_sub(start).min(MAX_HEADER_BYTES) as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut list)?;
        let number = self.streams;
        self.streams += 1;
        let (Some(header), Some(format)) = (child(&list, b"strh"), child(&list, b"strf")) else { return Ok(()) };
        if self.video.is_some() || !header.starts_with(b"vids") || number > 99 {
            return Ok(());
        }
        let word = |at: usize| Some(u32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?));
        let (scale, rate) = (word(20).unwrap_or(0), word(24).unwrap_or(0));
        self.video = Some(Stream {
            digits: [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8],
            rate: FrameRate::new(rate, scale).ok(),
            frame_count: word(32).unwrap_or(0),
            format: format.to_vec(),
        });
        Ok(())
    }
}

/// Payload of the first chunk of a name, as much of it as there is.
fn child<'a>(list: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let mut at = 0;
    loop {
        let head = list.get(at..at + 8)?;
        let bytes = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let end = (at + 8).saturating_add(bytes).min(list.len());
        if head.starts_with(name) {
            return Some(&list[at + 8..end]);
        }
        at = end + (end & 1);
    }
}
