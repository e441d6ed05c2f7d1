//! Spotting: where in a film something moves.
//!
//! A film taken as one clip has one movement per face: the parts of the face are measured in every frame against the
//! first one ([`motion`]), blinks are bridged ([`blink`]), and the movement is sought that explains most of what the parts
//! did ([`apex_search`]).
//!
//! A film of any length is read by the [`spotter`]: the parts are measured against a reference that slides along (`sliding`),
//! courses of many lengths are laid over them (`course`, `scan`), what fits is judged by its features and by what the model
//! of the action units says of it (`features`, [`judge`]), and of proposals that stand for one movement the likeliest is
//! believed ([`choose`]). [`neutral`] gives the curves of the action units.

mod album;
pub mod apex_search;
pub mod blink;
pub mod choose;
mod course;
mod features;
pub mod judge;
pub mod motion;
pub mod neutral;
mod parts;
mod picture;
mod pose;
mod proposals;
mod reading;
mod scan;
mod sliding;
pub mod spotter;
mod track;
pub mod training;

use microau_core::geom::Rect;
use microau_core::sample::Event;
use microau_vision::frames::{Frame, FrameSource};

use crate::detect::DetectError;
use crate::detect::ahead::{self, Passed, Seen};
use crate::detect::faces::FaceFinder;
use track::Tracks;

/// The one movement of a face in a clip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Movement {
    /// Number of the face.
    pub face_id: u32,
    /// Box around the face at the onset, px of the frame.
    pub at_onset: Rect,
    /// Box around the face at the apex, px of the frame.
    pub at_apex: Rect,
    /// When it moved.
    pub event: Event,
}

/// Reads a film to its end and finds the movement of every face that is there for at least two frames; `shown` sees every frame.
///
/// `placing_frames` is the number of first frames of a face whose landmarks are averaged to place its crop.
///
/// # Errors
/// When the film cannot be read on, or `shown` wants no more.
pub fn movements(
    source: Box<dyn FrameSource>,
    finder: &mut dyn FaceFinder,
    placing_frames: usize,
    mut shown: impl FnMut(&Frame) -> Result<(), DetectError>,
) -> Result<(Vec<Movement>, Passed), DetectError> {
    let mut tracks = Tracks::new(placing_frames);
    let passed = ahead::read(source, finder, 1, |Seen { frame, faces }| {
        shown(&frame)?;
        tracks.see(frame, faces);
        Ok(())
    })?;
    Ok((tracks.movements(), passed))
}
