//! Inference on CPUs, beside burn and from the same weights.
//!
//! What is trained stays in burn; what only looks can be read into this engine once: weights are packed for the processor,
//! memory is kept from call to call, and products are computed in the [`Precision`] one asks for. It gives what burn gives,
//! within 1e-4 in f32.

mod flow;
mod gda;
mod head;
mod mlp;
mod model;
mod motion;
mod named;
mod plain;
mod pta;
mod tower;

pub use microau_kernels::{Level, Precision};
pub use model::FastModel;
pub use tower::FastTower;
