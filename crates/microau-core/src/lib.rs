//! The nouns of Micro-AU, pure: no input or output, no tensors, no pixels decoded.
//!
//! Every other crate speaks in these words: facial action units ([`au`]), time on a film ([`time`]), points and shapes
//! in an image ([`geom`]), float images and flow ([`plane`]), the 478 facial landmarks ([`landmarks`]), the region of
//! the face in which an action unit shows ([`region`]), what is known of a clip ([`sample`]), what a model says of it
//! ([`score`], [`emotion`]) and the report of it all ([`report`]).
//!
//! **Coordinates.** Images are continuous: x to the right, y down; pixel (i, j) covers `[i, i+1) x [j, j+1)` and its
//! centre lies at (i + 0.5, j + 0.5). **Sides** are the subject's own: the subject's left is on the right of the picture.

pub mod au;
pub mod emotion;
pub mod geom;
pub mod landmarks;
pub mod plane;
pub mod region;
pub mod report;
pub mod sample;
pub mod score;
pub mod time;
