//! Training: from settings to a calibrated model in a run folder.
//!
//! [`sets`] makes the samples, [`fit`] the weights, [`calibrate`] makes probabilities mean what they
//! say, and [`floor`] is the linear classifier that every model must beat.

pub mod calibrate;
pub mod error;
pub mod fit;
pub mod floor;
pub mod gradients;
pub mod logistic;
pub mod run;
pub mod schedule;
pub mod sets;
pub mod settings;

pub use error::TrainError;
pub use run::run;
pub use settings::TrainSettings;
