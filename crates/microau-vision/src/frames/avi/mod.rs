//! AVI films with Motion JPEG or raw pixels, in pure Rust.
//!
//! Frames are found by walking the chunks, not by the index at the end of the file, which is often wrong or missing;
//! this also covers files over 2 GB (OpenDML), which go on in further `RIFF` parts.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use image::RgbImage;
use microau_core::time::FrameIndex;

mod raw;
mod riff;

use super::{DEFAULT_FOLDER_RATE, Frame, FrameError, FrameSource, VideoInfo, mjpeg};
use raw::RawFormat;
use riff::{Chunk, Riff};

/// An AVI film as a stream of frames.
pub struct Avi {
    info: VideoInfo,
    path: PathBuf,
    file: File,
    frames: Vec<Chunk>,
    pixels: Pixels,
    next: usize,
}

/// How the frames are stored.
enum Pixels {
    MotionJpeg,
    Raw(RawFormat),
}

impl Avi {
    /// Opens the first video stream and finds its frames.
    ///
    /// # Errors
    /// When the file is no AVI, is cut short, has no video stream, or its codec is neither Motion JPEG nor raw
    /// ([`FrameError::NeedsFfmpeg`]).
    pub fn open(path: &Path) -> Result<Self, FrameError> {
        let mut file = File::open(path).map_err(|source| FrameError::from_io(source, path))?;
        let riff = Riff::read(&mut file, path)?;
        let malformed =
            |reason: &str| FrameError::Malformed { container: "avi", reason: reason.to_owned(), path: path.to_owned() };
        let stream = riff
            .video
            .ok_or_else(|| FrameError::NoVideoTrack { container: "avi".to_owned(), path: path.to_owned() })?;
        if riff.cut_short && riff.frames.len() < stream.frame_count as usize {
            let missing = format!(
                "{} of {} frames are missing",
                stream.frame_count as usize - riff.frames.len(),
                stream.frame_count
            );
            return Err(FrameError::Truncated { missing, path: path.to_owned() });
        }
        if riff.frames.is_empty() {
            return Err(malformed("it holds no frames"));
        }
        let bitmap =
            raw::BitmapHeader::read(&stream.format).ok_or_else(|| malformed("its format header is cut off"))?;
        let (pixels, codec) = match &bitmap.compression {
            b"MJPG" | b"mjpg" | b"JPEG" | b"jpeg" | b"dmb1" => (Pixels::MotionJpeg, "mjpeg"),
            _ => match RawFormat::new(&bitmap, &stream.format) {
                Some(raw) => (Pixels::Raw(raw), "rawvideo"),
                None => return Err(needs_ffmpeg(codec_name(bitmap.compression), path)),
            },
        };
        let info = VideoInfo {
            width_px: bitmap.width_px,
            height_px: bitmap.height_px,
            rate: stream.rate.unwrap_or(DEFAULT_FOLDER_RATE),
            rate_known: stream.rate.is_some(),
            rate_constant: true,
            frame_count: Some(riff.frames.len() as u64),
            codec: codec.to_owned(),
            container: "avi".to_owned(),
            numbers: None,
        };
        let mut film = Self { info, path: path.to_owned(), file, frames: riff.frames, pixels, next: 0 };
        film.look_at_first()?;
        Ok(film)
    }

    /// JPEG pictures have a size of their own, which counts. Half the height means two fields in a frame.
    fn look_at_first(&mut self) -> Result<(), FrameError> {
        if !matches!(self.pixels, Pixels::MotionJpeg) {
            return Ok(());
        }
        let (width_px, height_px) = self.decode(0)?.dimensions();
        if height_px * 2 == self.info.height_px {
            return Err(needs_ffmpeg("mjpeg (interlaced)".to_owned(), &self.path));
        }
        (self.info.width_px, self.info.height_px) = (width_px, height_px);
        Ok(())
    }

    /// Decodes a frame. An empty chunk stands for a frame that was dropped while recording: the one before is shown on.
    fn decode(&mut self, position: usize) -> Result<RgbImage, FrameError> {
        let filled = self.frames[..=position].iter().rev().find(|chunk| chunk.bytes > 0);
        let damaged = |reason: String, path: &Path| FrameError::Damaged {
            frame: FrameIndex(position as u64),
            reason,
            path: path.to_owned(),
        };
        let Some(chunk) = filled else {
            return Err(damaged("it is empty and none came before".to_owned(), &self.path));
        };
        let mut bytes = vec![0; chunk.bytes as usize];
        self.file
            .seek(SeekFrom::Start(chunk.offset))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| FrameError::from_io(source, &self.path))?;
        match &self.pixels {
            Pixels::MotionJpeg => mjpeg::decode(&bytes),
            Pixels::Raw(raw) => raw.decode(&bytes),
        }
        .map_err(|reason| damaged(reason, &self.path))
    }
}

impl FrameSource for Avi {
    fn info(&self) -> &VideoInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.next >= self.frames.len() {
            return Ok(None);
        }
        let index = FrameIndex(self.next as u64);
        self.next += 1;
        let image = self.decode(self.next - 1)?;
        let (expected_px, got_px) = ((self.info.width_px, self.info.height_px), image.dimensions());
        if expected_px != got_px {
            self.next = self.frames.len();
            return Err(FrameError::SizeChanged { expected_px, got_px, frame: index, path: self.path.clone() });
        }
        Ok(Some(Frame { index, time: self.info.rate.time_of(index), number: None, image }))
    }

    fn skip(&mut self, count: u64) -> Result<u64, FrameError> {
        let left = self.frames.len() - self.next;
        let passed = usize::try_from(count).unwrap_or(usize::MAX).min(left);
        self.next += passed;
        Ok(passed as u64)
    }
}

fn needs_ffmpeg(codec: String, path: &Path) -> FrameError {
    FrameError::NeedsFfmpeg { codec, container: "avi".to_owned(), path: path.to_owned() }
}

/// The name of a codec as ffmpeg spells it, from its four letters in AVI.
fn codec_name(compression: [u8; 4]) -> String {
    match &compression.map(|letter| letter.to_ascii_uppercase()) {
        b"XVID" | b"DIVX" | b"DX50" | b"FMP4" | b"MP4V" => "mpeg4".to_owned(),
        b"MP43" | b"DIV3" => "msmpeg4v3".to_owned(),
        b"MP42" | b"DIV2" => "msmpeg4v2".to_owned(),
        b"H264" | b"X264" | b"AVC1" => "h264".to_owned(),
        b"HEVC" | b"H265" => "hevc".to_owned(),
        b"CVID" => "cinepak".to_owned(),
        b"HFYU" => "huffyuv".to_owned(),
        b"FFV1" => "ffv1".to_owned(),
        b"FFVH" => "ffvhuff".to_owned(),
        b"DVSD" => "dvvideo".to_owned(),
        b"\x01\0\0\0" => "msrle (8 bit)".to_owned(),
        letters => format!("'{}'", letters.escape_ascii()),
    }
}
