//! Long films: one or two faces for seconds or an hour, with all that faces do, and the truth of it for spotting.
//!
//! * [`LongSettings`]: how long, how often, at which rate and size; people, muscles, light and camera as for clips.
//! * [`LongScript`]: a film as numbers, drawn from a subject seed and a film seed, with its [`FilmEvent`]s.
//! * [`LongFilm`]: its frames, in order or at random; none is held.
//!
//! [`write_films`] writes films and their truth to disk. Times are drawn in seconds and put on frames last: the same seeds at another rate give the same film.

mod avi;
mod event;
mod expressions;
mod face;
mod film;
mod folder;
mod gaze;
mod head;
mod lids;
mod pace;
mod script;
mod settings;
mod sitter;
mod swallow;
mod talk;

pub use event::{EventKind, FilmEvent};
pub use film::LongFilm;
pub use folder::{FILMS_NAME, FilmFormat, FilmsPlan, MARKER_NAME, TRUTH_NAME, write_films};
pub use script::LongScript;
pub use settings::{ExpressionSettings, LifeSettings, LongSettings};
