//! The perceptron of the heads on the engine: `x ← x + MLP(LN(x))`.

use microau_kernels::{Activations, Finish, LayerNorm, Level, Matrix, Precision, Weights, multiply};

use super::named::Named;

/// Two layers with GELU between them, behind a norm and around a residual.
pub(super) struct Mlp {
    norm: LayerNorm,
    up: Weights,
    down: Weights,
    hidden: Matrix,
}

impl Mlp {
    pub(super) fn new(named: &Named, norm: &str, mlp: &str) -> Mlp {
        let layer = |name: &str| named.linear(&format!("{mlp}.{name}")).pack(Precision::F32);
        Mlp { norm: named.norm(norm), up: layer("up"), down: layer("down"), hidden: Matrix::default() }
    }

    /// Adds to x what the perceptron makes of it.
    pub(super) fn add_to(&mut self, level: Level, rows: &mut Activations, x: &mut Matrix) {
        rows.pack(level, x, Some(&self.norm));
        multiply(level, rows, &self.up, Finish::Gelu, &mut self.hidden);
        rows.pack(level, &self.hidden, None);
        multiply(level, rows, &self.down, Finish::Add, x);
    }
}
