//! Small pictures of every frame of a film in one file, and an index by which each is found.
//!
//! They are made in the one pass in which the film is looked at, so that any film that can be detected can be shown, whether the
//! browser knows its codec or not. A record of the index is four numbers: frame, microseconds, place in the pack, bytes (0
//! where there was no more room).

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use image::imageops;
use microau_core::time::{FrameIndex, FrameRate, Micros};
use microau_vision::frames::Frame;

use super::Numbers;

/// Most px of a picture from left to right.
const MOST_WIDTH_PX: u32 = 480;
/// Quality of JPEG at which a brow can still be judged.
const QUALITY: u8 = 78;
/// Bytes of one record of the index.
const RECORD: u64 = 32;

/// Pictures on their way; they are at their place once they are whole.
pub(crate) struct PicturesWriter {
    folder: PathBuf,
    pack: BufWriter<File>,
    index: BufWriter<File>,
    at: u64,
    limit: u64,
    buffer: Vec<u8>,
}

impl PicturesWriter {
    /// An empty pack in a folder; pictures beyond `limit` bytes are left out.
    pub fn create(folder: &Path, limit: u64) -> io::Result<Self> {
        let file = |name| File::create(folder.join(name)).map(BufWriter::new);
        let (pack, index) = (file("pictures.pack.new")?, file("pictures.idx.new")?);
        Ok(Self { folder: folder.to_owned(), pack, index, at: 0, limit, buffer: Vec::new() })
    }

    /// Appends a frame; frames come in order.
    pub fn push(&mut self, frame: &Frame) -> io::Result<()> {
        self.buffer.clear();
        if self.at < self.limit {
            encode(&frame.image, &mut self.buffer);
        }
        let length = if self.at + self.buffer.len() as u64 > self.limit { 0 } else { self.buffer.len() as u64 };
        for number in [frame.index.0, frame.time.0 as u64, self.at, length] {
            self.index.write_all(&number.to_le_bytes())?;
        }
        if length > 0 {
            self.pack.write_all(&self.buffer)?;
            self.at += length;
        }
        Ok(())
    }

    /// Puts the pictures at their place, the index last: it says that they are there.
    pub fn finish(mut self) -> io::Result<()> {
        self.pack.flush()?;
        self.index.flush()?;
        for name in ["pictures.pack", "pictures.idx"] {
            std::fs::rename(self.folder.join(format!("{name}.new")), self.folder.join(name))?;
        }
        Ok(())
    }
}

/// A picture of at most [`MOST_WIDTH_PX`] as JPEG.
fn encode(image: &RgbImage, to: &mut Vec<u8>) {
    let (width, height) = image.dimensions();
    let mut to = Cursor::new(to);
    let encoder = JpegEncoder::new_with_quality(&mut to, QUALITY);
    let written = if width > MOST_WIDTH_PX {
        let height = (u64::from(height) * u64::from(MOST_WIDTH_PX) / u64::from(width)).max(1) as u32;
        imageops::thumbnail(image, MOST_WIDTH_PX, height).write_with_encoder(encoder)
    } else {
        image.write_with_encoder(encoder)
    };
    written.expect("a picture in memory can be encoded");
}

/// Whether all pictures of a film are there.
pub(crate) fn are_there(folder: &Path) -> bool {
    folder.join("pictures.idx").is_file()
}

/// Removes what of pictures did not become whole.
pub(crate) fn remove_unfinished(folder: &Path) {
    for name in ["pictures.pack.new", "pictures.idx.new"] {
        // one that is not there is gone already
        let _ = std::fs::remove_file(folder.join(name));
    }
}

/// The picture of a frame as JPEG; `None` when the pack holds none of it.
pub(crate) fn read(folder: &Path, frame: u64) -> io::Result<Option<Vec<u8>>> {
    let mut index = File::open(folder.join("pictures.idx"))?;
    let (mut low, mut high) = (0, index.metadata()?.len() / RECORD);
    while low < high {
        let middle = (low + high) / 2;
        index.seek(SeekFrom::Start(middle * RECORD))?;
        let mut numbers = Numbers(&mut index);
        let (at_frame, _, at, length) = (numbers.u64()?, numbers.i64()?, numbers.u64()?, numbers.u64()?);
        match at_frame.cmp(&frame) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal if length == 0 => return Ok(None),
            std::cmp::Ordering::Equal => {
                let mut pack = File::open(folder.join("pictures.pack"))?;
                pack.seek(SeekFrom::Start(at))?;
                let mut bytes = Vec::new();
                pack.take(length).read_to_end(&mut bytes)?;
                return Ok(Some(bytes));
            }
        }
    }
    Ok(None)
}

/// When the frames of a film are shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    /// Frame and microseconds, in order.
    known: Vec<(u64, i64)>,
    /// Frames that have a picture.
    pub pictures: u64,
    rate: Option<FrameRate>,
}

impl Times {
    /// Those of a film, with its rate for frames of which nothing is known.
    pub fn read(folder: &Path, rate: Option<FrameRate>) -> io::Result<Self> {
        let mut times = Self { rate, ..Self::default() };
        let path = folder.join("pictures.idx");
        if !path.is_file() {
            return Ok(times);
        }
        let file = File::open(path)?;
        let records = file.metadata()?.len() / RECORD;
        let mut numbers = Numbers(BufReader::new(file));
        for _ in 0..records {
            let (frame, micros, _, length) = (numbers.u64()?, numbers.i64()?, numbers.u64()?, numbers.u64()?);
            times.known.push((frame, micros));
            times.pictures += u64::from(length > 0);
        }
        Ok(times)
    }

    /// Number of frames, damaged ones included.
    pub fn frames(&self) -> u64 {
        self.known.last().map_or(0, |(frame, _)| frame + 1)
    }

    /// When a frame is shown.
    pub fn of(&self, frame: u64) -> Micros {
        match self.known.binary_search_by_key(&frame, |(frame, _)| *frame) {
            Ok(place) => Micros(self.known[place].1),
            Err(_) => self.rate.map_or(Micros(0), |rate| rate.time_of(FrameIndex(frame))),
        }
    }

    /// Whether frames are shown at any other time than their rate says, by more than a millisecond.
    pub fn is_variable(&self) -> bool {
        let expected = |frame: u64| self.rate.map_or(Micros(0), |rate| rate.time_of(FrameIndex(frame)));
        self.known.iter().any(|&(frame, micros)| (expected(frame).0 - micros).abs() > 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn frame(index: u64, width: u32) -> Frame {
        let image = RgbImage::from_fn(width, 100, |x, y| Rgb([x as u8, y as u8, index as u8]));
        Frame { index: FrameIndex(index), time: Micros(index as i64 * 40_000), number: None, image }
    }

    #[test]
    fn a_picture_is_found_by_its_frame_and_is_no_wider_than_it_must_be() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = PicturesWriter::create(folder.path(), 1 << 20).unwrap();
        // frame 2 is damaged
        [0, 1, 3].iter().for_each(|&index| writer.push(&frame(index, 960)).unwrap());
        assert!(!are_there(folder.path()));
        writer.finish().unwrap();
        assert!(are_there(folder.path()));
        for (index, there) in [(0, true), (1, true), (2, false), (3, true), (4, false)] {
            let bytes = read(folder.path(), index).unwrap();
            assert_eq!(bytes.is_some(), there, "{index}");
            let size = bytes.map(|bytes| {
                let picture = image::load_from_memory(&bytes).unwrap();
                (picture.width(), picture.height())
            });
            assert_eq!(size, there.then_some((480, 50)));
        }
        let times = Times::read(folder.path(), Some(FrameRate::whole(25))).unwrap();
        assert_eq!((times.frames(), times.pictures, times.of(3), times.of(2)), (4, 3, Micros(120_000), Micros(80_000)));
        assert!(!times.is_variable());
    }

    #[test]
    fn beyond_the_limit_frames_keep_their_times_and_have_no_picture() {
        let folder = tempfile::tempdir().unwrap();
        let mut one = Vec::new();
        encode(&frame(0, 100).image, &mut one);
        let mut writer = PicturesWriter::create(folder.path(), one.len() as u64 + 10).unwrap();
        (0..3).for_each(|index| writer.push(&frame(index, 100)).unwrap());
        writer.finish().unwrap();
        assert!(read(folder.path(), 0).unwrap().is_some() && read(folder.path(), 2).unwrap().is_none());
        let times = Times::read(folder.path(), None).unwrap();
        assert_eq!((times.frames(), times.pictures), (3, 1));
    }
}
