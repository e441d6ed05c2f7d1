//! Detection: from a film to the report of its action units.
//!
//! Read [`pipeline`] first. The face networks ([`faces`]) and the model ([`scorer`]) stand behind traits, so the way
//! between them is tested with fakes.

pub mod ahead;
pub mod batch;
pub mod error;
pub mod faces;
pub mod film;
mod findings;
pub mod gather;
pub mod heatmap;
pub mod input;
pub mod interval;
pub mod model_scorer;
pub mod output;
pub mod overlay;
pub mod page;
pub mod pairs;
pub mod pipeline;
pub mod request;
pub mod scorer;
mod scoring;
pub mod settings;

pub use error::DetectError;
pub use film::{FrameShown, Progress};
pub use input::Input;
pub use model_scorer::ModelScorer;
pub use pipeline::{Detector, FrameWatch, Look, Watch};
pub use request::{EventNumbers, Moments, Numbering, Request};
pub use settings::DetectSettings;
