//! A film with what was found drawn into it: regions, curves of action units, intervals.
//!
//! Intervals are known when a film is over, so frames are read twice: in the first pass what is seen of each face goes into a
//! temporary file (a spool), in the second it is drawn, frame by frame. Memory does not grow with the film.

mod picture;
mod spool;

use std::path::Path;

use microau_core::report::{InputReport, Report};
use microau_core::score::FaceFrame;
use microau_core::time::FrameRate;
use microau_vision::encode::{EncodeError, Mp4Writer};

use super::error::DetectError;
use super::film::{Film, Progress};
use super::input::Input;
use crate::files::WholeFile;
use picture::Painter;
use spool::Spool;

/// An overlay of one film, to be drawn when the film is over.
pub struct Overlay {
    spool: Spool,
    file: WholeFile,
    about: Report,
}

impl Overlay {
    /// An overlay that will be at a path; `about` says which model speaks.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn new(path: &Path, about: &Report) -> Result<Self, DetectError> {
        let file = WholeFile::create(path)?;
        let spool = Spool::new().map_err(|source| DetectError::Write { source, path: path.to_owned() })?;
        let about = Report { inputs: Vec::new(), ..about.clone() };
        Ok(Self { spool, file, about })
    }

    /// Keeps what is seen of a face in a frame; frames come in order.
    ///
    /// # Errors
    /// [`DetectError::Write`] when there is no place for it.
    pub fn frame(&mut self, frame: &FaceFrame) -> Result<(), DetectError> {
        self.spool.push(frame).map_err(|source| self.failed(source))
    }

    /// Reads the film once more and writes it with everything drawn. `rate` is that of image folders.
    ///
    /// # Errors
    /// When the film cannot be read or the overlay not be written; then there is none.
    pub fn draw(
        self,
        input: &Input,
        rate: FrameRate,
        found: &InputReport,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), DetectError> {
        let path = self.file.path().to_owned();
        let failed = |source| DetectError::Write { source, path: path.clone() };
        let encoded = |error| match error {
            EncodeError::Io(source) => failed(source),
            other => failed(std::io::Error::other(other)),
        };
        let source = input.open(rate)?;
        let info = source.info().clone();
        progress(Progress::Begun { input: input.to_string(), pass: "drawing", frames: info.frame_count });
        let mut film = Film::new(source, progress);
        let mut writer = Mp4Writer::new(self.file, info.width_px, info.height_px, info.rate).map_err(encoded)?;
        let painter = Painter::new(&self.about, found);
        let mut spool = self.spool.read().map_err(failed)?;
        while let Some(mut frame) = film.next_frame()? {
            let faces = spool.of_frame(frame.index).map_err(failed)?;
            painter.paint(&mut frame.image, frame.index, &faces);
            writer.push(&frame.image, frame.time).map_err(encoded)?;
        }
        drop(film);
        progress(Progress::Ended);
        writer.finish().map_err(encoded)?.finish()
    }

    fn failed(&self, source: std::io::Error) -> DetectError {
        DetectError::Write { source, path: self.file.path().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::output::tests::{empty_report, film_report, frame, interval_at};
    use super::*;
    use image::{Rgb, RgbImage};

    #[test]
    fn a_folder_of_frames_becomes_a_film_of_its_rate_and_size_with_something_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let frames = folder.path().join("clip");
        std::fs::create_dir(&frames).unwrap();
        let grey = RgbImage::from_pixel(321, 240, Rgb([128, 128, 128]));
        (0..6).for_each(|number| grey.save(frames.join(format!("{number}.png"))).unwrap());
        let path = folder.path().join("out/overlay.mp4");
        let mut overlay = Overlay::new(&path, &empty_report()).unwrap();
        (0..6).for_each(|number| overlay.frame(&frame(0, number)).unwrap());
        let found = film_report("clip", vec![interval_at(2, 4)]);
        overlay.draw(&Input::film(&frames), FrameRate::whole(25), &found, &mut |_| {}).unwrap();

        let mut film = Input::film(&path).open(FrameRate::whole(30)).unwrap();
        let info = film.info();
        // the odd column is lost
        assert_eq!((info.width_px, info.height_px, info.rate), (320, 240, FrameRate::whole(25)));
        let read: Vec<_> = std::iter::from_fn(|| film.next_frame().unwrap()).collect();
        assert_eq!(read.len(), 6);
        let drawn = |frame: usize| read[frame].image.pixels().filter(|pixel| pixel.0[0].abs_diff(128) > 40).count();
        // the panel is in every frame, the caption of the interval in those within it
        assert!(drawn(0) > 500 && drawn(3) > drawn(0) + 200, "{} and {}", drawn(0), drawn(3));
        assert_eq!(std::fs::read_dir(folder.path().join("out")).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn an_overlay_that_was_not_drawn_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut overlay = Overlay::new(&folder.path().join("a.mp4"), &empty_report()).unwrap();
        overlay.frame(&frame(0, 0)).unwrap();
        let missing = Input::film(&folder.path().join("missing.mp4"));
        assert!(overlay.draw(&missing, FrameRate::whole(25), &film_report("a", Vec::new()), &mut |_| {}).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
