//! Frames and the faces in them, each read on a thread of its own, a few ahead of whoever looks at them.

use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};

use microau_core::time::FrameIndex;
use microau_vision::frames::{Frame, FrameError, FrameSource};

use super::error::DetectError;
use super::faces::{FaceFinder, FoundFace};
use super::film::Film;

/// Frames that wait for the next thread, at most: what is held does not grow with the film.
const AHEAD: usize = 4;

/// A frame and the faces in it.
pub struct Seen {
    /// The frame.
    pub frame: Frame,
    /// Its faces, by id.
    pub faces: Vec<FoundFace>,
}

/// A film behind us.
pub struct Passed {
    /// Number of its frames.
    pub frames: u64,
    /// Those that could not be decoded.
    pub damaged: Vec<FrameError>,
}

/// Shows one in `stride` frames of a film, from the first on and in order, with the faces in it.
///
/// # Errors
/// Those of `see`, after which nothing more is read; and when the film cannot be read on: what could be read has been shown by
/// then.
pub fn read(
    source: Box<dyn FrameSource>,
    finder: &mut dyn FaceFinder,
    stride: u64,
    see: impl FnMut(Seen) -> Result<(), DetectError>,
) -> Result<Passed, DetectError> {
    let (show, shown) = sync_channel(AHEAD);
    let (find, found) = sync_channel(AHEAD);
    finder.restart();
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || decode(source, stride, &show));
        let searcher = scope.spawn(move || {
            // whoever looks at the frames may want no more of them
            shown.into_iter().map(|frame| seen(frame, finder)).try_for_each(|it| find.send(it)).ok();
        });
        let told = found.into_iter().try_for_each(see);
        searcher.join().unwrap_or_else(|panic| resume_unwind(panic));
        let passed = reader.join().unwrap_or_else(|panic| resume_unwind(panic));
        told.and(passed)
    })
}

fn decode(source: Box<dyn FrameSource>, stride: u64, show: &SyncSender<Frame>) -> Result<Passed, DetectError> {
    let mut unwatched = |_| ();
    let mut film = Film::new(source, &mut unwatched);
    let mut next = 0;
    while let Some(frame) = film.frame_from(FrameIndex(next))? {
        next = frame.index.0 + stride;
        if show.send(frame).is_err() {
            // nobody looks any more
            break;
        }
    }
    Ok(Passed { frames: film.position(), damaged: film.into_damaged() })
}

fn seen(frame: Frame, finder: &mut dyn FaceFinder) -> Seen {
    let faces = finder.find(&frame.image);
    Seen { frame, faces }
}
