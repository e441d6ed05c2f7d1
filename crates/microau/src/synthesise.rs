//! Labelled clips on disk: the heads and photographs of `microau-synth`, the latter with landmarks found by vision; and
//! stand-ins of licensed data sets; long films for spotting.

use std::path::{Path, PathBuf};

use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_vision::frames::{self, FrameError};

use crate::detect::DetectError;
use crate::detect::faces::{FaceFinder, tracker};
use crate::detect::input::is_image_name;

pub use microau_synth::dataset::{ClipsPlan, FrameFormat, TABLE_NAME, generate_clips};
pub use microau_synth::long::{
    EventKind, FILMS_NAME, FilmEvent, FilmFormat, FilmsPlan, LongFilm, LongScript, LongSettings, TRUTH_NAME,
    write_films,
};
pub use microau_synth::stand_in::{FrameKind, Layout, PlannedClip, StandInPlan, StandInSettings, write_stand_in};
pub use microau_synth::{Renderer, SynthError, SynthSettings};

/// Why photographs cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhotoError {
    /// The folder or a picture in it cannot be read.
    #[error(transparent)]
    Frames(#[from] FrameError),
    /// The face networks cannot be set up.
    #[error(transparent)]
    Faces(#[from] DetectError),
    /// No face in a picture, or more than one.
    #[error("expected one face in a portrait, found {found}: {}", path.display())]
    NotOneFace {
        /// Number of faces found.
        found: usize,
        /// The picture.
        path: PathBuf,
    },
    /// The face cannot be used, because it is too small or cut off.
    #[error(transparent)]
    Portrait(#[from] SynthError),
}

impl PhotoError {
    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Frames(error) => error.hint(),
            Self::Faces(error) => error.hint(),
            Self::Portrait(error) => error.hint(),
            Self::NotOneFace { .. } => {
                Some("a portrait shows one neutral, frontal face, at least 200 px wide and whole".to_owned())
            }
        }
    }
}

/// A studio with the photographs of a folder, in the order of their names: neutral, frontal faces, one in each picture.
///
/// # Errors
/// [`PhotoError`] of the first picture that cannot be used.
pub fn studio_of(folder: &Path) -> Result<PhotoStudio, PhotoError> {
    Ok(PhotoStudio::new(portraits_of(folder)?, PhotoSettings::default())?)
}

/// The photographs of a folder with the landmarks of their faces, named by their paths, in that order.
///
/// # Errors
/// [`PhotoError`] of the first picture that cannot be used.
pub fn portraits_of(folder: &Path) -> Result<Vec<Portrait>, PhotoError> {
    let mut finder = tracker()?;
    pictures_in(folder)?.into_iter().map(|path| portrait(&path, &mut finder)).collect()
}

/// The pictures of a folder by name.
fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, FrameError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => FrameError::Missing { path: folder.to_owned() },
        _ => FrameError::Io { source, path: folder.to_owned() },
    };
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut pictures: Vec<PathBuf> = paths.into_iter().filter(|path| is_image_name(path)).collect();
    pictures.sort();
    if pictures.is_empty() {
        return Err(FrameError::EmptyFolder { path: folder.to_owned(), images_in: None });
    }
    Ok(pictures)
}

fn portrait(path: &Path, finder: &mut dyn FaceFinder) -> Result<Portrait, PhotoError> {
    let frame = frames::open(path)?
        .next_frame()?
        .ok_or_else(|| FrameError::EmptyFolder { path: path.to_owned(), images_in: None })?;
    finder.restart();
    let mut faces = finder.find(&frame.image);
    match (faces.pop(), faces.len()) {
        (Some(face), 0) => Ok(Portrait::new(&path.display().to_string(), frame.image, face.landmarks)?),
        (face, others) => {
            Err(PhotoError::NotOneFace { found: others + usize::from(face.is_some()), path: path.to_owned() })
        }
    }
}
