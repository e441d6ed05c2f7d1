//! Inference kernels for transformers on CPUs: packed matrix products with what follows them fused in, attention without a
//! matrix of scores, layer norm; in f32, bf16 and int8.
//!
//! Reading order: [`matrix`](Matrix) is how activations lie between products, [`weights`](Weights) and
//! [`activations`](Activations) are the two operands of one, `tile` is the innermost loop, [`multiply`] the loop around it,
//! [`Attention`] the same twice with a softmax between. All of it is safe code over the vectors of [`simd`], the one room with
//! `unsafe`; what differs between precisions is in `arithmetic`.
//!
//! ```
//! use microau_kernels::{Activations, Finish, Level, Matrix, Precision, Weights, multiply};
//!
//! let level = Level::best();
//! let weights = Weights::pack(Precision::F32, &[1.0, 0.0, 2.0, 1.0], 2, &[0.5, 0.0]); // [2 inputs, 2 outputs], bias
//! let mut rows = Activations::new(Precision::F32);
//! rows.pack(level, &Matrix::from_rows(&[3.0, 4.0], 2), None);
//! let mut out = Matrix::default();
//! multiply(level, &rows, &weights, Finish::Store, &mut out);
//! assert_eq!(out.to_rows(), [11.5, 4.0]);
//! ```

#![allow(clippy::needless_range_loop)] // indices of registers: unrolled, and plainer than iterators over them

mod activations;
mod arithmetic;
mod attention;
mod math;
mod matrix;
mod norm;
mod product;
mod roofline;
pub mod simd;
mod tile;
mod weights;

pub use activations::Activations;
pub use arithmetic::Precision;
pub use attention::Attention;
pub use matrix::Matrix;
pub use norm::LayerNorm;
pub use product::{Finish, multiply};
pub use roofline::peak_operations;
pub use simd::Level;
pub use weights::Weights;
