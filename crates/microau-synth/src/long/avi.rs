//! Motion JPEG in an AVI file, frame by frame: one file a film, with its rate.
//!
//! After a gigabyte the file goes on in a further `RIFF` part, as OpenDML has it, so that length has no limit. What the
//! header says of lengths is filled in at the end.

use std::fs::File;
use std::io::{BufWriter, Result, Seek, SeekFrom, Write};

use microau_core::time::FrameRate;

/// Bytes of frames after which a part is ended.
const PART_BYTES: u64 = 1 << 30;
/// Where the header holds what is only known at the end: frames of the first part, of the film, and of the film again.
const FRAMES_OF_FIRST_PART: u64 = 48;
const FRAMES_OF_STREAM: u64 = 140;
const FRAMES_OF_ALL: u64 = 232;
/// Key frame: every picture of Motion JPEG stands for itself.
const KEY_FRAME: u32 = 0x10;

/// A film being written.
pub(super) struct AviWriter {
    file: BufWriter<File>,
    /// Bytes written.
    at: u64,
    /// Where the lengths of the open part and of its list of frames belong.
    part_length_at: u64,
    list_length_at: u64,
    /// Place relative to the list's name, and length, of each frame of the first part.
    index: Vec<[u32; 2]>,
    is_first_part: bool,
    frames: u32,
}

impl AviWriter {
    /// Begins a film of `[width, height]` px.
    pub fn new(file: File, size_px: [usize; 2], rate: FrameRate) -> Result<AviWriter> {
        let header = header(size_px.map(|v| v as u32), rate);
        let mut avi = AviWriter {
            file: BufWriter::new(file),
            at: 0,
            part_length_at: 0,
            list_length_at: 0,
            index: Vec::new(),
            is_first_part: true,
            frames: 0,
        };
        avi.begin_part(b"AVI ", &header)?;
        Ok(avi)
    }

    /// Adds a frame.
    pub fn push(&mut self, jpeg: &[u8]) -> Result<()> {
        if self.at - self.part_length_at > PART_BYTES {
            self.end_part()?;
            self.begin_part(b"AVIX", &[])?;
        }
        if self.is_first_part {
            let place = self.at - (self.list_length_at + 4);
            self.index.push([place as u32, jpeg.len() as u32]);
        }
        self.put(b"00dc")?;
        self.put(&(jpeg.len() as u32).to_le_bytes())?;
        self.put(jpeg)?;
        self.put(&[0][..jpeg.len() % 2])?;
        self.frames += 1;
        Ok(())
    }

    /// Ends the film.
    pub fn finish(mut self) -> Result<()> {
        self.end_part()?;
        let (first, all) = (self.index.len() as u32, self.frames);
        for (at, frames) in [(FRAMES_OF_FIRST_PART, first), (FRAMES_OF_STREAM, all), (FRAMES_OF_ALL, all)] {
            self.fill_in(at, frames)?;
        }
        self.file.flush()
    }

    fn begin_part(&mut self, name: &[u8; 4], header: &[u8]) -> Result<()> {
        self.put(b"RIFF\0\0\0\0")?;
        self.part_length_at = self.at - 4;
        self.put(name)?;
        self.put(header)?;
        self.put(b"LIST\0\0\0\0")?;
        self.list_length_at = self.at - 4;
        self.put(b"movi")
    }

    fn end_part(&mut self) -> Result<()> {
        self.fill_in(self.list_length_at, (self.at - self.list_length_at - 4) as u32)?;
        if self.is_first_part {
            let entry = |[place, length]: &[u32; 2]| words(*b"00dc", &[KEY_FRAME, *place, *length]);
            let index: Vec<u8> = self.index.iter().flat_map(entry).collect();
            self.put(&chunk(b"idx1", &index))?;
            self.is_first_part = false;
        }
        self.fill_in(self.part_length_at, (self.at - self.part_length_at - 4) as u32)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.at += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    fn fill_in(&mut self, at: u64, number: u32) -> Result<()> {
        self.file.seek(SeekFrom::Start(at))?;
        self.file.write_all(&number.to_le_bytes())?;
        self.file.seek(SeekFrom::Start(self.at))?;
        Ok(())
    }
}

/// The list `hdrl`: the film, its one stream, and the length of all parts together.
fn header([width, height]: [u32; 2], rate: FrameRate) -> Vec<u8> {
    let micros = (1e6 / rate.as_f64()).round() as u32;
    let has_index = 0x10;
    let film = chunk(b"avih", &words_of(&[micros, 0, 0, has_index, 0, 0, 1, 0, width, height, 0, 0, 0, 0]));
    let box_ = [0, (height << 16) | width];
    let stream = [0, 0, 0, rate.den(), rate.num(), 0, 0, 0, u32::MAX, 0, box_[0], box_[1]];
    let stream = chunk(b"strh", &[b"vidsMJPG".to_vec(), words_of(&stream)].concat());
    let bitmap = [words_of(&[40, width, height, 1 | 24 << 16]), words(*b"MJPG", &[3 * width * height, 0, 0, 0, 0])];
    let format = chunk(b"strf", &bitmap.concat());
    let streams = list(b"strl", &[stream, format].concat());
    let all = list(b"odml", &chunk(b"dmlh", &words_of(&[0])));
    list(b"hdrl", &[film, streams, all].concat())
}

fn words_of(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// A name, then numbers.
fn words(name: [u8; 4], numbers: &[u32]) -> Vec<u8> {
    [name.to_vec(), words_of(numbers)].concat()
}

fn chunk(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    [words(*name, &[payload.len() as u32]), payload.to_vec()].concat()
}

fn list(name: &[u8; 4], chunks: &[u8]) -> Vec<u8> {
    chunk(b"LIST", &[name, chunks].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_lies_where_the_header_has_it() {
        // After "RIFF", its length and "AVI ".
        let header = [vec![0; 12], header([640, 360], FrameRate::whole(30))].concat();
        let after = |name: &[u8]| header.windows(4).position(|w| w == name).unwrap() as u64 + 8;
        assert_eq!(after(b"avih") + 16, FRAMES_OF_FIRST_PART);
        assert_eq!(after(b"strh") + 32, FRAMES_OF_STREAM);
        assert_eq!(after(b"dmlh"), FRAMES_OF_ALL);
    }
}
