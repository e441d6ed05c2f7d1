//! Faces of a film in a temporary file: written in order of frames, read in the same order.
//!
//! One record a face: frame, microseconds, id, confidence, number of action units, their probabilities, then 478 landmarks;
//! all in the byte order of the machine, which is the one that reads them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, Write};

use microau_core::geom::Point3;
use microau_core::landmarks::Landmarks;
use microau_core::score::{FaceFrame, Moment};
use microau_core::time::{FrameIndex, Micros};

/// Faces on their way into the file.
pub(super) struct Spool {
    file: BufWriter<File>,
}

impl Spool {
    /// An empty file that is gone with this.
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::new(tempfile::tempfile()?) })
    }

    /// Appends a face.
    pub fn push(&mut self, face: &FaceFrame) -> io::Result<()> {
        let FaceFrame { face_id, at, confidence, landmarks, aus } = face;
        self.file.write_all(&at.frame.0.to_ne_bytes())?;
        self.file.write_all(&at.micros.0.to_ne_bytes())?;
        self.file.write_all(&face_id.to_ne_bytes())?;
        self.file.write_all(&confidence.to_ne_bytes())?;
        self.file.write_all(&(aus.len() as u32).to_ne_bytes())?;
        self.file.write_all(bytemuck::cast_slice(aus))?;
        let points: Vec<[f32; 3]> = landmarks.points().iter().map(|point| [point.x, point.y, point.z]).collect();
        self.file.write_all(bytemuck::cast_slice(&points))
    }

    /// The faces from the first on.
    pub fn read(self) -> io::Result<Unspool> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Unspool { file: BufReader::new(file), next: None })
    }
}

/// Faces on their way out of the file.
pub(super) struct Unspool {
    file: BufReader<File>,
    next: Option<FaceFrame>,
}

impl Unspool {
    /// The faces of a frame; those of frames before it are passed over.
    pub fn of_frame(&mut self, frame: FrameIndex) -> io::Result<Vec<FaceFrame>> {
        let mut faces = Vec::new();
        while let Some(face) = self.next.take().map_or_else(|| self.record(), |face| Ok(Some(face)))? {
            if face.at.frame > frame {
                self.next = Some(face);
                break;
            }
            if face.at.frame == frame {
                faces.push(face);
            }
        }
        Ok(faces)
    }

    /// The next record; `None` at the end.
    fn record(&mut self) -> io::Result<Option<FaceFrame>> {
        let frame = match self.bytes() {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            frame => u64::from_ne_bytes(frame?),
        };
        let micros = i64::from_ne_bytes(self.bytes()?);
        let face_id = u32::from_ne_bytes(self.bytes()?);
        let confidence = f32::from_ne_bytes(self.bytes()?);
        let mut aus = vec![0.0_f32; u32::from_ne_bytes(self.bytes()?) as usize];
        self.file.read_exact(bytemuck::cast_slice_mut(&mut aus))?;
        let mut points = vec![[0.0_f32; 3]; Landmarks::COUNT];
        self.file.read_exact(bytemuck::cast_slice_mut(&mut points))?;
        let points = points.into_iter().map(|[x, y, z]| Point3::new(x, y, z)).collect();
        let landmarks = Landmarks::new(points).expect("as many as were written");
        let at = Moment::new(FrameIndex(frame), Micros(micros));
        Ok(Some(FaceFrame { face_id, at, confidence, landmarks, aus }))
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::output::tests::frame;
    use super::*;

    #[test]
    fn faces_come_out_by_frame_as_they_went_in() {
        let faces = [frame(0, 3), frame(1, 3), FaceFrame { aus: Vec::new(), ..frame(1, 5) }, frame(0, 9)];
        let mut spool = Spool::new().unwrap();
        faces.iter().for_each(|face| spool.push(face).unwrap());
        let mut read = spool.read().unwrap();
        assert_eq!(read.of_frame(FrameIndex(2)).unwrap(), []);
        assert_eq!(read.of_frame(FrameIndex(3)).unwrap(), faces[..2]);
        // frame 5 did not decode the second time
        assert_eq!(read.of_frame(FrameIndex(6)).unwrap(), []);
        assert_eq!(read.of_frame(FrameIndex(9)).unwrap(), faces[3..]);
        assert_eq!(read.of_frame(FrameIndex(10)).unwrap(), []);
    }
}
