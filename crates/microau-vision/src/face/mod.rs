//! Faces in a film: found, followed, described by 478 landmarks and 52 blendshapes, and cut out aligned.
//!
//! The networks are Google's face landmarker (MediaPipe), embedded in the binary and run by [`crate::network`]. The steps
//! between them follow MediaPipe's own graphs, so that landmarks agree with it to hundredths of a px:
//!
//! frame → [`detector`] (box, six key points) → square of 1.5 times the box, turned by the eyes → [`mesh`] (478 points and
//! a presence logit: the gate against false faces) → [`blendshapes`]. [`FaceTracker`] joins them over time: the square of the
//! next frame comes from the landmarks of this one, and the detector runs only when a face is missing.
//!
//! Landmarks are not smoothed in time: the motions looked for are smaller than what a smoothing filter takes away.

pub mod align;
pub mod blendshapes;
pub mod detector;
pub mod mesh;
mod networks;
pub mod roi;
mod texture;
mod tiles;
mod tracker;

pub use networks::FaceNetworks;
pub use tracker::{FaceTracker, TrackedFace, TrackerSettings};
