//! The faces of a film frame by frame, as a job saw them: two files of records of one length, so that any frame is found at once
//! and the curves of an hour are read without its landmarks.
//!
//! `heads.bin`: frame, microseconds, face, confidence, whether scored, a probability each action unit. `landmarks.bin`: 478 points.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use microau_core::geom::Point3;
use microau_core::landmarks::Landmarks;
use microau_core::score::{FaceFrame, Moment};
use microau_core::time::{FrameIndex, Micros};

use super::Numbers;

/// Bytes of a head before its probabilities.
const HEAD: u64 = 28;
/// Bytes of the landmarks of a face.
const POINTS: u64 = 12 * Landmarks::COUNT as u64;

/// Faces on their way into the files.
pub(crate) struct TrackWriter {
    heads: BufWriter<File>,
    landmarks: BufWriter<File>,
    aus: usize,
}

impl TrackWriter {
    /// Empty files in the folder of a job, whose model has so many action units.
    pub fn create(folder: &Path, aus: usize) -> io::Result<Self> {
        let file = |name| File::create(folder.join(name)).map(BufWriter::new);
        Ok(Self { heads: file("heads.bin")?, landmarks: file("landmarks.bin")?, aus })
    }

    /// Appends a face; frames come in order.
    pub fn push(&mut self, face: &FaceFrame) -> io::Result<()> {
        let FaceFrame { face_id, at, confidence, landmarks, aus } = face;
        self.heads.write_all(&at.frame.0.to_le_bytes())?;
        self.heads.write_all(&at.micros.0.to_le_bytes())?;
        self.heads.write_all(&face_id.to_le_bytes())?;
        self.heads.write_all(&confidence.to_le_bytes())?;
        self.heads.write_all(&u32::from(!aus.is_empty()).to_le_bytes())?;
        for place in 0..self.aus {
            self.heads.write_all(&aus.get(place).copied().unwrap_or(0.0).to_le_bytes())?;
        }
        for point in landmarks.points() {
            for value in [point.x, point.y, point.z] {
                self.landmarks.write_all(&value.to_le_bytes())?;
            }
        }
        Ok(())
    }

    /// Writes what is still held back.
    pub fn finish(mut self) -> io::Result<()> {
        self.heads.flush()?;
        self.landmarks.flush()
    }
}

/// What is known of a face in a frame but its landmarks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Head {
    pub at: Moment,
    pub face_id: u32,
    pub confidence: f32,
    /// Probabilities in the model's order; none where the frame could not be scored.
    pub aus: Vec<f32>,
}

/// The faces of a job.
pub(crate) struct Track {
    folder: PathBuf,
    aus: usize,
}

impl Track {
    /// Those in the folder of a job, whose model has so many action units.
    pub fn open(folder: &Path, aus: usize) -> Self {
        Self { folder: folder.to_owned(), aus }
    }

    fn head_bytes(&self) -> u64 {
        HEAD + 4 * self.aus as u64
    }

    /// All heads in order.
    pub fn heads(&self) -> io::Result<impl Iterator<Item = io::Result<Head>>> {
        self.heads_from(0)
    }

    fn heads_from(&self, record: u64) -> io::Result<impl Iterator<Item = io::Result<Head>>> {
        let mut file = File::open(self.folder.join("heads.bin"))?;
        let (count, aus) = (file.metadata()?.len() / self.head_bytes(), self.aus);
        file.seek(SeekFrom::Start(record * self.head_bytes()))?;
        let mut numbers = Numbers(BufReader::new(file));
        Ok((record..count).map(move |_| read_head(&mut numbers, aus)))
    }

    /// The faces of the frames from one on, in order.
    pub fn faces_from(&self, frame: u64) -> io::Result<impl Iterator<Item = io::Result<FaceFrame>>> {
        let record = self.first_of(frame)?;
        let heads = self.heads_from(record)?;
        let mut file = File::open(self.folder.join("landmarks.bin"))?;
        file.seek(SeekFrom::Start(record * POINTS))?;
        let mut numbers = Numbers(BufReader::new(file));
        Ok(heads.map(move |head| {
            let Head { at, face_id, confidence, aus } = head?;
            Ok(FaceFrame { face_id, at, confidence, landmarks: read_landmarks(&mut numbers)?, aus })
        }))
    }

    /// The first record of a frame, or of the one behind it.
    fn first_of(&self, frame: u64) -> io::Result<u64> {
        let mut file = File::open(self.folder.join("heads.bin"))?;
        let (mut low, mut high) = (0, file.metadata()?.len() / self.head_bytes());
        while low < high {
            let middle = (low + high) / 2;
            file.seek(SeekFrom::Start(middle * self.head_bytes()))?;
            if Numbers(&mut file).u64()? < frame {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }
}

fn read_head(numbers: &mut Numbers<impl Read>, aus: usize) -> io::Result<Head> {
    let (frame, micros) = (numbers.u64()?, numbers.i64()?);
    let (face_id, confidence, is_scored) = (numbers.u32()?, numbers.f32()?, numbers.u32()? != 0);
    let values: Vec<f32> = (0..aus).map(|_| numbers.f32()).collect::<io::Result<_>>()?;
    let aus = if is_scored { values } else { Vec::new() };
    Ok(Head { at: Moment::new(FrameIndex(frame), Micros(micros)), face_id, confidence, aus })
}

fn read_landmarks(numbers: &mut Numbers<impl Read>) -> io::Result<Landmarks> {
    let mut point = || Ok(Point3::new(numbers.f32()?, numbers.f32()?, numbers.f32()?));
    let points: Vec<Point3> = (0..Landmarks::COUNT).map(|_| point()).collect::<io::Result<_>>()?;
    Landmarks::new(points).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::output::tests::frame;

    #[test]
    fn faces_read_back_as_they_were_from_any_frame_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = TrackWriter::create(folder.path(), 2).unwrap();
        let unscored = FaceFrame { aus: Vec::new(), ..frame(1, 3) };
        let faces = [frame(0, 0), frame(0, 3), unscored, frame(0, 7)];
        faces.iter().for_each(|face| writer.push(face).unwrap());
        writer.finish().unwrap();
        let track = Track::open(folder.path(), 2);
        let from = |frame| track.faces_from(frame).unwrap().map(Result::unwrap).collect::<Vec<_>>();
        assert_eq!(from(0), faces);
        assert_eq!((from(1).len(), from(3).len(), from(4).len(), from(8).len()), (3, 3, 1, 0));
        assert_eq!(track.heads().unwrap().count(), 4);
    }
}
