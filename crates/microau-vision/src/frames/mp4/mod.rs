//! mp4 and mov with H.264, in pure Rust.
//!
//! The index is read once (some 40 bytes a frame); compressed frames are read one by one. Decoding order differs from
//! presentation order, and the index tells both exactly, so a frame is held only until all before it are out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use image::DynamicImage;
use image::metadata::Orientation;
use microau_core::time::{FrameIndex, FrameRate, Micros};

mod boxes;
mod index;
mod samples;
mod timeline;

use super::h264::{Decoded, H264};
use super::yuv::Planes;
use super::{DEFAULT_FOLDER_RATE, Frame, FrameError, FrameSource, VideoInfo, picture, rate};
use samples::Sample;
use timeline::{HIDDEN, Timeline};

/// Most pictures that may wait for an earlier one. H.264 allows 16; more is a damaged index, and costs memory.
const MAX_WAITING: usize = 64;

/// An mp4 film as a stream of frames.
pub struct Mp4 {
    info: VideoInfo,
    path: PathBuf,
    file: File,
    ticks_per_sec: u32,
    orientation: Orientation,
    samples: Vec<Sample>,
    timeline: Timeline,
    decoder: H264<usize>,
    next_sample: usize,
    next_rank: u32,
    /// By rank, what was decoded before its turn.
    waiting: BTreeMap<u32, Decoded>,
    /// A failure from which there is no going on has been told.
    over: bool,
}

impl Mp4 {
    /// Opens the first video track, reads its index and decodes its first picture.
    ///
    /// # Errors
    /// When the file is no mp4, is cut short, has no video track, or its codec is not H.264 with 8 or 10 bits in
    /// 4:2:0 or 4:2:2 ([`FrameError::NeedsFfmpeg`]).
    pub fn open(path: &Path) -> Result<Self, FrameError> {
        let mut file = File::open(path).map_err(|source| FrameError::from_io(source, path))?;
        let track = index::read(&mut file, path)?;
        let malformed = |reason: String| FrameError::Malformed { container: "mp4", reason, path: path.to_owned() };
        let decoder = H264::new(&track.avcc).map_err(malformed)?;
        let (rate, rate_constant) = rate::from_ticks(&track.timeline.ticks, track.ticks_per_sec)
            .or_else(|| Some((FrameRate::new(track.ticks_per_sec, track.first_step).ok()?, true)))
            .unwrap_or((DEFAULT_FOLDER_RATE, true));
        let info = VideoInfo {
            width_px: 0,
            height_px: 0,
            rate,
            rate_known: track.timeline.ticks.len() > 1 || track.first_step > 0,
            rate_constant,
            frame_count: Some(track.timeline.ticks.len() as u64),
            codec: "h264".to_owned(),
            container: "mp4".to_owned(),
            numbers: None,
        };
        let mut film = Self {
            info,
            path: path.to_owned(),
            file,
            ticks_per_sec: track.ticks_per_sec,
            orientation: track.orientation,
            samples: track.samples,
            timeline: track.timeline,
            decoder,
            next_sample: 0,
            next_rank: 0,
            waiting: BTreeMap::new(),
            over: false,
        };
        film.decode_first()?;
        Ok(film)
    }

    /// The next frame as decoded, before rotation and conversion to RGB.
    ///
    /// # Errors
    /// As [`FrameSource::next_frame`].
    pub fn next_planes(&mut self) -> Result<Option<(FrameIndex, Micros, Planes)>, FrameError> {
        loop {
            if self.over {
                return Ok(None);
            }
            let Some(decoded) = self.waiting.remove(&self.next_rank) else {
                if self.next_rank as usize >= self.timeline.ticks.len() || !self.decode_more()? {
                    self.over = true;
                }
                continue;
            };
            let rank = self.next_rank;
            self.next_rank += 1;
            let frame = FrameIndex(u64::from(rank));
            match decoded {
                Decoded::Picture(planes) => {
                    self.check_size(&planes, frame)?;
                    let tick = self.timeline.ticks[rank as usize];
                    return Ok(Some((frame, rate::micros(tick, self.ticks_per_sec), planes)));
                }
                Decoded::Nothing => {}
                Decoded::Damaged(reason) | Decoded::Unsupported(reason) => {
                    return Err(FrameError::Damaged { frame, reason, path: self.path.clone() });
                }
            }
        }
    }

    /// Decodes up to the first picture, for its size, and to know whether the decoder can.
    fn decode_first(&mut self) -> Result<(), FrameError> {
        loop {
            for decoded in self.waiting.values() {
                if let Decoded::Picture(planes) = decoded {
                    let (width_px, height_px) = (planes.width_px, planes.height_px);
                    let turned = picture::swaps_sides(self.orientation);
                    (self.info.width_px, self.info.height_px) =
                        if turned { (height_px, width_px) } else { (width_px, height_px) };
                    return Ok(());
                }
                if let Decoded::Unsupported(what) = decoded {
                    let (codec, container) = (format!("h264 ({what})"), "mp4".to_owned());
                    return Err(FrameError::NeedsFfmpeg { codec, container, path: self.path.clone() });
                }
            }
            if !self.decode_more()? {
                let reason = match self.waiting.pop_first() {
                    Some((_, Decoded::Damaged(reason))) => format!("no frame decodes: {reason}"),
                    _ => "it holds no frames".to_owned(),
                };
                return Err(FrameError::Malformed { container: "mp4", reason, path: self.path.clone() });
            }
        }
    }

    /// Decodes one sample; `false` at the end of the track.
    fn decode_more(&mut self) -> Result<bool, FrameError> {
        let at = self.next_sample;
        self.next_sample += 1;
        let results = match self.samples.get(at).copied() {
            Some(sample) => {
                let bytes = self.read_sample(sample).inspect_err(|_| self.over = true)?;
                self.decoder.feed(&bytes, at)
            }
            None => match self.decoder.flush() {
                Some(last) => vec![last],
                None => return Ok(false),
            },
        };
        for (sample, decoded) in results {
            let rank = self.timeline.ranks[sample];
            if rank != HIDDEN && rank >= self.next_rank {
                self.waiting.insert(rank, decoded);
            }
        }
        if self.waiting.len() > MAX_WAITING {
            self.over = true;
            let reason = "frames are stored far from the time they are shown".to_owned();
            return Err(FrameError::Malformed { container: "mp4", reason, path: self.path.clone() });
        }
        Ok(true)
    }

    fn read_sample(&mut self, sample: Sample) -> Result<Vec<u8>, FrameError> {
        // The index has been held against the length of the file: no more is asked for than there is.
        let mut bytes = vec![0; sample.bytes as usize];
        self.file
            .seek(SeekFrom::Start(sample.offset))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| FrameError::from_io(source, &self.path))?;
        Ok(bytes)
    }

    fn check_size(&mut self, planes: &Planes, frame: FrameIndex) -> Result<(), FrameError> {
        let turned = picture::swaps_sides(self.orientation);
        let size_px = |width, height| if turned { (height, width) } else { (width, height) };
        let (expected_px, got_px) =
            ((self.info.width_px, self.info.height_px), size_px(planes.width_px, planes.height_px));
        if expected_px != got_px {
            self.over = true;
            return Err(FrameError::SizeChanged { expected_px, got_px, frame, path: self.path.clone() });
        }
        Ok(())
    }
}

impl FrameSource for Mp4 {
    fn info(&self) -> &VideoInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let Some((index, time, planes)) = self.next_planes()? else { return Ok(None) };
        let mut image = planes.to_rgb();
        if self.orientation != Orientation::NoTransforms {
            let mut picture = DynamicImage::ImageRgb8(image);
            picture.apply_orientation(self.orientation);
            image = picture.into_rgb8();
        }
        Ok(Some(Frame { index, time, number: None, image }))
    }

    /// Decodes, since later frames refer to these, but converts nothing to RGB.
    fn skip(&mut self, count: u64) -> Result<u64, FrameError> {
        for passed in 0..count {
            if self.next_planes()?.is_none() {
                return Ok(passed);
            }
        }
        Ok(count)
    }
}
