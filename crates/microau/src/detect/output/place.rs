//! A sink with its place: a file that is there whole or not at all, or a stream.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use microau_core::report::{InputReport, Report};
use microau_core::score::FaceFrame;

use super::{Format, FrameFormat, Sink, frame_sink, sink};
use crate::detect::DetectError;
use crate::files::WholeFile;

/// Where an output goes.
pub enum Place {
    /// A file; it is there once the output has ended.
    File(WholeFile),
    /// A stream such as stdout.
    Stream(Box<dyn Write + Send>),
}

impl Place {
    /// The file at a path; makes its folder.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn file(path: &Path) -> Result<Self, DetectError> {
        WholeFile::create(path).map(Place::File)
    }

    fn path(&self) -> PathBuf {
        match self {
            Place::File(file) => file.path().to_owned(),
            Place::Stream(_) => PathBuf::from("stdout"),
        }
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Place::File(file) => file.write(bytes),
            Place::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Place::File(file) => file.flush(),
            Place::Stream(stream) => stream.flush(),
        }
    }
}

/// A result on its way to its place.
pub struct Output {
    sink: Box<dyn Sink<Place>>,
    path: PathBuf,
}

impl Output {
    /// Intervals in one format; `report` says which model speaks, its inputs are not looked at.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn of_intervals(format: Format, report: &Report, place: Place) -> Result<Self, DetectError> {
        let path = place.path();
        let sink = sink(format, report, place).map_err(|source| DetectError::Write { source, path: path.clone() })?;
        Ok(Self { sink, path })
    }

    /// Frames in one format, likewise.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn of_frames(format: FrameFormat, report: &Report, place: Place) -> Result<Self, DetectError> {
        let path = place.path();
        let sink = frame_sink(format, report, place);
        let sink = sink.map_err(|source| DetectError::Write { source, path: path.clone() })?;
        Ok(Self { sink, path })
    }

    /// An input begins, named as in its report.
    ///
    /// # Errors
    /// [`DetectError::Write`], also when the format holds one input and this is another.
    pub fn begin(&mut self, input: &str) -> Result<(), DetectError> {
        let done = self.sink.begin(input);
        self.told(done)
    }

    /// One face in one frame of the input that began last.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn frame(&mut self, frame: &FaceFrame) -> Result<(), DetectError> {
        let done = self.sink.frame(frame);
        self.told(done)
    }

    /// All that was found in an input.
    ///
    /// # Errors
    /// [`DetectError::Write`], also when the format holds one input and this is another.
    pub fn input(&mut self, input: &InputReport) -> Result<(), DetectError> {
        let done = self.sink.input(input);
        self.told(done)
    }

    /// Puts the file at its place. Without it there is no file.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn end(self) -> Result<(), DetectError> {
        match self.sink.end() {
            Ok(Place::File(file)) => file.finish(),
            Ok(Place::Stream(mut stream)) => {
                stream.flush().map_err(|source| DetectError::Write { source, path: self.path })
            }
            Err(source) => Err(DetectError::Write { source, path: self.path }),
        }
    }

    fn told(&self, done: io::Result<()>) -> Result<(), DetectError> {
        done.map_err(|source| DetectError::Write { source, path: self.path.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty_report, film_report, interval_at};
    use super::*;

    #[test]
    fn a_file_is_there_once_the_output_has_ended_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.csv");
        let mut output = Output::of_intervals(Format::Csv, &empty_report(), Place::file(&path).unwrap()).unwrap();
        output.input(&film_report("a.mp4", vec![interval_at(3, 12)])).unwrap();
        assert!(!path.exists());
        output.end().unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 2);
    }

    #[test]
    fn an_output_that_did_not_end_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.parquet");
        drop(Output::of_frames(FrameFormat::Parquet, &empty_report(), Place::file(&path).unwrap()).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_error_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.vtt");
        let mut output = Output::of_intervals(Format::Vtt, &empty_report(), Place::file(&path).unwrap()).unwrap();
        output.input(&film_report("a.mp4", Vec::new())).unwrap();
        let error = output.input(&film_report("b.mp4", Vec::new())).unwrap_err().to_string();
        assert!(error.contains("holds one input") && error.ends_with("a.vtt"), "{error}");
    }
}
