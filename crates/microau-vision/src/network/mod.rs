//! Neural networks that read pixels or landmarks, behind one trait, so that the engine can be swapped.
//!
//! The engine here is our own and reads TensorFlow Lite models as they are published:
//!
//! * [`Bundle`]: the members of a stored zip, which is what a MediaPipe `.task` file is
//! * `tflite`: flatbuffer → `graph`, float16 weights widened to float32
//! * `plan`: graph → steps with bias, shortcut and activation fused into the convolutions, and buffers shared by lifetime
//! * [`LiteNetwork`]: runs the steps, on one thread, without allocating
//!
//! Layout everywhere: rows of channels (NHWC), each row padded with zeros to a multiple of 8 floats.

mod bundle;
mod depthwise;
mod error;
mod flatbuffer;
mod fuse;
mod gemm;
mod graph;
mod lite;
mod patches;
mod placing;
mod plan;
mod rowwise;
mod tensor;
mod tflite;

pub use bundle::Bundle;
pub use error::NetworkError;
pub use lite::LiteNetwork;

/// A network that maps one float tensor to some others.
pub trait Network: Send {
    /// Number of floats of the input.
    fn input_len(&self) -> usize;

    /// Number of outputs.
    fn output_count(&self) -> usize;

    /// Runs the network on a row-major input without padding (an image is height x width x channels).
    ///
    /// # Errors
    /// [`NetworkError::InputLength`] when the input has another length than [`Network::input_len`].
    fn run(&mut self, input: &[f32]) -> Result<(), NetworkError>;

    /// Output `index` of the last run, row-major without padding; zeros before the first run.
    ///
    /// # Panics
    /// When there is no such output.
    fn output(&self, index: usize) -> &[f32];
}
