//! Dense optical flow of our own, made for micro-movements: 0.2-6 px on a face crop, under noise and changing light.
//!
//! ```
//! use microau_core::plane::Plane;
//! use microau_vision::flow::DenseFlow;
//!
//! let (onset, apex) = (Plane::new(64, 64), Plane::new(64, 64));
//! let flow = DenseFlow::medium().compute(&onset, &apex)?;
//! assert_eq!((flow.width(), flow.height()), (64, 64));
//! # Ok::<(), microau_vision::flow::FlowError>(())
//! ```
//!
//! Local mean and contrast are taken out of both images (`contrast`), then coarse to fine (`dense`): the second image
//! is warped by the flow so far (`spline`), both give a motion tensor (`constancy`), the motion of the whole is taken
//! off (`affine`), and robust smoothness fills in where the images say little (`smoothness`, solved in `relax`).
//! Figures against OpenCV: docs/benchmarks/flow.md.

mod affine;
mod constancy;
mod contrast;
mod dense;
mod energy;
mod error;
mod filter;
pub mod head_motion;
mod pyramid;
mod relax;
mod settings;
mod smoothness;
mod spline;
mod strain;
mod warp;

pub use dense::DenseFlow;
pub use energy::{motion_energy, region_weights};
pub use error::FlowError;
pub use settings::FlowSettings;
pub use strain::strain;
pub use warp::warp;
