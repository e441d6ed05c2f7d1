//! Frames per second of the renderer.
fn main() {}
