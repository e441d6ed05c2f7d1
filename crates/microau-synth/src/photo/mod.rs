//! Photo mode: a photograph moved by the head's muscles, so that real skin, light and noise enter training.
//!
//! The average head is laid over the photo by its 478 landmarks (`fit`); its vertices carry the photo as their texture
//! (`stage`); a clip's muscles, head path, gaze, blinks, course and camera come from the same [`crate::ClipScript`] as in
//! the rendered mode, so the labels are the same too (`film`). One portrait makes many people: each subject seed
//! mirrors, reshapes, relights and ages it in its own way (`look`).

mod blink;
pub(crate) mod film;
mod fit;
mod look;
mod plate;
mod portrait;
mod settings;
mod shading;
mod spline;
mod stage;
mod studio;
mod texture;

pub use film::PhotoFilm;
pub use portrait::Portrait;
pub use settings::PhotoSettings;
pub use studio::PhotoStudio;
