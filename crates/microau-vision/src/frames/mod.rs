//! Films, folders of images and pairs of images as one stream of RGB frames.
//!
//! [`open`] looks at the bytes, not at the name:
//!
//! | input | read by |
//! |---|---|
//! | folder of jpg, png, bmp, tiff (8 or 16 bit, grey or colour), or one image | [`folder`] |
//! | mp4, mov with H.264 | [`mp4`], in pure Rust |
//! | avi with MJPEG or raw pixels | [`avi`], in pure Rust |
//! | anything else | [`ffmpeg`] as a child process, when it is on the `PATH` |
//!
//! A source holds only the frames that reordering demands, so memory does not grow with the length of the film (but
//! for some 40 bytes a frame of index).

use std::path::Path;

use image::RgbImage;
use microau_core::time::{FrameIndex, FrameRate, Micros};

pub mod avi;
mod contain;
mod error;
pub mod ffmpeg;
pub mod folder;
mod h264;
mod mjpeg;
pub mod mp4;
pub mod names;
mod picture;
mod rate;
mod sniff;
pub mod yuv;

pub use error::FrameError;

use ffmpeg::Ffmpeg;
use sniff::Kind;

/// The rate that is assumed where the input has none: image folders and pairs.
pub const DEFAULT_FOLDER_RATE: FrameRate = FrameRate::whole(30);

/// What is known of a film before its frames are read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VideoInfo {
    /// Width of the frames as they are shown, after cropping and rotation.
    pub width_px: u32,
    /// Height of the frames as they are shown.
    pub height_px: u32,
    /// Frames a second: exact for constant rate, the mean for variable rate.
    pub rate: FrameRate,
    /// Whether the input states its rate. `false` for image folders, where `rate` is what the caller assumed.
    pub rate_known: bool,
    /// Whether every frame starts at `rate.time_of(index)`, give or take the film's own clock tick.
    pub rate_constant: bool,
    /// Number of frames, where the input says it without being decoded.
    pub frame_count: Option<u64>,
    /// Codec as ffmpeg spells it: `h264`, `mjpeg`, `rawvideo`, `hevc` …; for folders the format, `png`.
    pub codec: String,
    /// Kind of file: `mp4`, `avi`, `folder`, `images`, or what ffprobe calls it.
    pub container: String,
    /// For folders, the number in the name of each file, by frame index. Annotation tables name frames by it.
    /// `None` for films, and where a name has no number or two have the same.
    pub numbers: Option<Vec<u64>>,
}

impl VideoInfo {
    /// The frame that annotation tables call `number`: the file of that number in a folder, the index in a film.
    pub fn index_of_number(&self, number: u64) -> Option<FrameIndex> {
        match &self.numbers {
            Some(numbers) => numbers.iter().position(|&n| n == number).map(|index| FrameIndex(index as u64)),
            None => self.frame_count.is_none_or(|count| number < count).then_some(FrameIndex(number)),
        }
    }
}

/// One frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Position in order of presentation, from 0.
    pub index: FrameIndex,
    /// When the frame is shown, since the first; rounded down.
    pub time: Micros,
    /// The number in the name of its file. `None` for films.
    pub number: Option<u64>,
    /// 8-bit RGB, as shown.
    pub image: RgbImage,
}

/// A stream of frames in order of presentation, one at a time.
pub trait FrameSource: Send {
    /// What is known of the film.
    fn info(&self) -> &VideoInfo;

    /// The next frame, or `None` after the last.
    ///
    /// # Errors
    /// When the frame does not decode. After [`FrameError::Damaged`] or [`FrameError::Image`] the next call goes on
    /// with the frame behind it; after any other error the next calls return `None`.
    fn next_frame(&mut self) -> Result<Option<Frame>, FrameError>;

    /// Passes over up to `count` frames as cheaply as the input allows; returns how many there were.
    ///
    /// # Errors
    /// As [`FrameSource::next_frame`].
    fn skip(&mut self, count: u64) -> Result<u64, FrameError> {
        for passed in 0..count {
            if self.next_frame()?.is_none() {
                return Ok(passed);
            }
        }
        Ok(count)
    }
}

/// Choices for [`open_with`].
#[derive(Clone, Debug, PartialEq)]
pub struct OpenSettings {
    /// Rate of image folders, which state none. Datasets record at 30 to 200 frames a second.
    pub folder_rate: FrameRate,
    /// The ffmpeg to fall back on; `None` to decode with what is built in only.
    pub ffmpeg: Option<Ffmpeg>,
}

impl Default for OpenSettings {
    /// [`DEFAULT_FOLDER_RATE`], and the ffmpeg found on the `PATH`.
    fn default() -> Self {
        Self { folder_rate: DEFAULT_FOLDER_RATE, ffmpeg: Ffmpeg::on_path() }
    }
}

/// Opens a film, a folder of images, or one image, with the default settings.
///
/// # Errors
/// When there is nothing, it is no film, it is cut short, or nothing at hand decodes it. Each kind has a
/// [`hint`](FrameError::hint).
pub fn open(path: &Path) -> Result<Box<dyn FrameSource>, FrameError> {
    open_with(path, &OpenSettings::default())
}

/// Opens a film, a folder of images, or one image.
///
/// # Errors
/// As [`open`].
pub fn open_with(path: &Path, settings: &OpenSettings) -> Result<Box<dyn FrameSource>, FrameError> {
    let metadata = std::fs::metadata(path).map_err(|source| FrameError::from_io(source, path))?;
    if metadata.is_dir() {
        return Ok(Box::new(folder::ImageFolder::open(path, settings.folder_rate)?));
    }
    let kind = sniff::kind_of_file(path)?;
    let needs_ffmpeg = |container: &str| FrameError::NeedsFfmpeg {
        codec: "unknown".to_owned(),
        container: container.to_owned(),
        path: path.to_owned(),
    };
    let built_in: Result<Box<dyn FrameSource>, FrameError> = match kind {
        Kind::Image => folder::ImageFolder::of_files(&[path], settings.folder_rate).map(|source| Box::new(source) as _),
        Kind::Mp4 => mp4::Mp4::open(path).map(|source| Box::new(source) as _),
        Kind::Avi => avi::Avi::open(path).map(|source| Box::new(source) as _),
        Kind::NotMedia(got) => Err(FrameError::NotMedia { got: got.to_owned(), path: path.to_owned() }),
        Kind::Other(container) => Err(needs_ffmpeg(container)),
        Kind::Unknown => Err(needs_ffmpeg("an unknown container")),
    };
    let Some(ffmpeg) = &settings.ffmpeg else { return built_in };
    match built_in {
        Err(FrameError::NeedsFfmpeg { .. }) => match ffmpeg.open(path) {
            // Neither we nor ffmpeg know what it is.
            Err(FrameError::Ffmpeg { path, .. }) if kind == Kind::Unknown => {
                Err(FrameError::NotMedia { got: "an unknown kind of file".to_owned(), path })
            }
            result => result.map(|source| Box::new(source) as _),
        },
        result => result,
    }
}

/// Opens two images of one size as a film of two frames, the onset first.
///
/// # Errors
/// When one is missing or no image.
pub fn open_pair(onset: &Path, apex: &Path) -> Result<Box<dyn FrameSource>, FrameError> {
    Ok(Box::new(folder::ImageFolder::of_files(&[onset, apex], DEFAULT_FOLDER_RATE)?))
}
