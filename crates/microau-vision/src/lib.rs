//! Pixels to aligned faces: frames are decoded, faces found, followed and cut out aligned, and motion between frames measured.

pub mod encode;
pub mod face;
pub mod flow;
pub mod frames;
pub mod network;
mod simd;
