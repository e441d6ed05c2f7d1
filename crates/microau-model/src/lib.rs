//! The method: Micro-AU CLIP in the `burn` tensor framework.
//!
//! Reading order: [`micro_au_clip`] tells the whole story in the order of docs/method.md; [`pta`] is its heart. Each file
//! that holds an equation restates it at its head. docs/paper.md maps every equation to its function and its test.
//!
//! The paper is known to this project by its abstract alone: the formulas are our reading of its ideas. Every choice of
//! ours is marked `Paper silent:`.
//!
//! Axes: `B` clips, `T` frames after the onset, `P` patches, `K` AUs, `H` heads, `D` width of tokens, `d` joint width.

pub mod attention;
pub mod batch;
pub mod calibration;
pub mod checkpoint;
pub mod clip;
pub mod config;
pub mod coupling;
pub mod device;
mod draw;
pub mod engine;
pub mod error;
pub mod flow_embedding;
pub mod gda;
pub mod head;
mod init;
pub mod labels;
pub mod loss;
pub mod micro_au_clip;
pub mod motion;
pub mod params;
pub mod prior;
pub mod prompt;
pub mod pta;
pub mod temporal;

pub use batch::{Batch, ClipInput};
pub use checkpoint::Checkpoint;
pub use config::MicroAuClipConfig;
pub use device::DeviceChoice;
pub use error::ModelError;
pub use micro_au_clip::{MicroAuClip, Output};
