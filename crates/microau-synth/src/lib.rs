//! Labelled micro-expressions rendered from a 3-D head.
//!
//! The licensed corpora cannot be shipped, so this crate makes clips whose labels are known by construction: MakeHuman's
//! CC0 head, random people, muscles that pull for a fraction of a second, light, a camera and its faults.
//!
//! * [`SynthSettings`]: one generator, as ranges.
//! * [`ClipScript`]: one clip as numbers, drawn from a subject seed and a clip seed.
//! * [`Renderer`] and [`Film`]: pictures with true landmarks.
//! * [`long`]: long films for spotting, with all that faces do besides.
//! * [`stand_in`]: the field's data sets imitated, workbooks and folders and all.
//!
//! Head space is in decimetres with x to the subject's left, y up and z forward; pictures have x right and y down.

pub mod dataset;
mod dice;
mod error;
mod expression;
mod files;
mod frame_file;
mod head;
mod identity;
pub mod long;
mod muscle;
mod person;
pub mod photo;
mod render;
mod script;
mod settings;
pub mod stand_in;
mod truth;
mod vec3;

pub use error::SynthError;
pub use expression::{Action, Expression};
pub use render::film::{Film, Pair, Rendered, Renderer};
pub use script::ClipScript;
pub use settings::{
    CameraSettings, DistractorSettings, IdentitySettings, LightSettings, LookSettings, MuscleSettings, Span,
    SynthSettings, TimingSettings,
};
pub use truth::TrueFlow;
