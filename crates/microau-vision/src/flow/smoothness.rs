//! The equations of the flow on its grid: what the images say plus robust smoothness.
//!
//! Minimised over the flow (u, v), with (u₀, v₀) the flow at which the tensor was taken:
//!
//! ```text
//! Σ (du dv 1) J (du dv 1)ᵀ + α Σ ε sqrt( |∇u|² + |∇v|² + ε² ) ,   du = u - u₀, dv = v - v₀
//! ```
//!
//! | symbol | here | meaning |
//! |---|---|---|
//! | J | `Tensor` | motion tensor |
//! | α | `smoothness` | weight |
//! | ε | `edge` | gradient where the penalty turns from quadratic to total variation |
//!
//! (u, v) is what departs from the motion of the whole picture (`affine`). The square root is taken as a weight from
//! the flow so far, so each pixel gets two linear equations in its own flow and its four neighbours'.

use super::constancy::Tensor;
use super::pyramid::Size;
use super::relax::{Board, Row};
use crate::simd::wide;

/// Sets up the equations; keeps the memory for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Equations {
    stiffness: Vec<f32>,
    rows: [Vec<f32>; 8],
}

impl Equations {
    /// Writes the equations and the flow to the board. `smoothness` and `edge` are per grid cell.
    pub fn set_up(
        &mut self,
        tensor: &Tensor,
        flow: [&[f32]; 2],
        size: Size,
        smoothness: f32,
        edge: f32,
        board: &mut Board,
    ) {
        let Size { width, height } = size;
        let row = |y: usize| y * width..(y + 1) * width;
        self.stiffness.resize(size.len(), 0.0);
        for y in 0..height {
            let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)];
            let [u, v] = flow.map(|f| rows.map(|y| &f[row(y)]));
            stiffness(u, v, edge, &mut self.stiffness[row(y)]);
        }
        self.rows.iter_mut().for_each(|r| r.resize(width + 1, 0.0));
        board.resize(size);
        let [across, up, down, m11, m12, m22, b1, b2] = &mut self.rows;
        for y in 0..height {
            let own = &self.stiffness[row(y)];
            // an edge has the mean weight of its two pixels; there is none across the border
            (across[0], across[width]) = (0.0, 0.0);
            edges(own, &own[1..], smoothness, &mut across[1..width]);
            match y {
                0 => up.fill(0.0),
                _ => edges(own, &self.stiffness[row(y - 1)], smoothness, &mut up[..width]),
            }
            match y + 1 == height {
                true => down.fill(0.0),
                false => edges(own, &self.stiffness[row(y + 1)], smoothness, &mut down[..width]),
            }
            let j = std::array::from_fn(|i| &tensor[i][row(y)]);
            equations(j, flow.map(|f| &f[row(y)]), [across, up, down], m11, m12, m22, b1, b2);
            board.set_row(
                y,
                &Row { across, up, down, inverse: [m11, m12, m22], b: [b1, b2], flow: flow.map(|f| &f[row(y)]) },
            );
        }
    }
}

wide! {
    /// Weights of smoothness, 1 for a constant flow, from the rows above, at and below. Squares of forward and backward
    /// differences are averaged, so that a mirrored flow has the mirrored weights; none cross the border.
    fn stiffness(u: [&[f32]; 3], v: [&[f32]; 3], edge: f32, out: &mut [f32]) {
        let n = out.len();
        let ([ua, u, ub], [va, v, vb]) = (u.map(|row| &row[..n]), v.map(|row| &row[..n]));
        for x in 0..n {
            let (up, vp) = (u[x] - ua[x], v[x] - va[x]);
            let (un, vn) = (ub[x] - u[x], vb[x] - v[x]);
            out[x] = (up * up + vp * vp) + (un * un + vn * vn);
        }
        if n > 1 {
            let border = |inner: usize, outer: usize| {
                let (du, dv) = (u[inner] - u[outer], v[inner] - v[outer]);
                du * du + dv * dv
            };
            out[0] += border(1, 0);
            out[n - 1] += border(n - 2, n - 1);
        }
        for x in 1..n.max(2) - 1 {
            let (ul, vl) = (u[x] - u[x - 1], v[x] - v[x - 1]);
            let (ur, vr) = (u[x + 1] - u[x], v[x + 1] - v[x]);
            out[x] += (ul * ul + vl * vl) + (ur * ur + vr * vr);
        }
        let square = edge * edge;
        for value in out.iter_mut() {
            *value = edge / (0.5 * *value + square).sqrt();
        }
    }

    fn edges(one: &[f32], other: &[f32], weight: f32, out: &mut [f32]) {
        for ((o, &a), &b) in out.iter_mut().zip(one).zip(other) {
            *o = 0.5 * weight * (a + b);
        }
    }

    /// Inverse matrix and right side of each pixel.
    fn equations(
        j: [&[f32]; 5],
        flow: [&[f32]; 2],
        weights: [&[f32]; 3],
        m11: &mut [f32],
        m12: &mut [f32],
        m22: &mut [f32],
        b1: &mut [f32],
        b2: &mut [f32],
    ) {
        let n = j[0].len();
        let [j11, j12, j22, j13, j23] = j.map(|a| &a[..n]);
        let [u0, v0] = flow.map(|a| &a[..n]);
        let (left, right, up, down) = (&weights[0][..n], &weights[0][1..n + 1], &weights[1][..n], &weights[2][..n]);
        let (m11, m12, m22, b1, b2) = (&mut m11[..n], &mut m12[..n], &mut m22[..n], &mut b1[..n], &mut b2[..n]);
        for x in 0..n {
            // the last term keeps a lone pixel without texture solvable
            let stiff = (left[x] + right[x]) + (up[x] + down[x]) + 1e-6;
            let (a11, a22) = (j11[x] + stiff, j22[x] + stiff);
            let scale = 1.0 / (a11 * a22 - j12[x] * j12[x]);
            m11[x] = a22 * scale;
            m12[x] = -j12[x] * scale;
            m22[x] = a11 * scale;
            b1[x] = (j11[x] * u0[x] + j12[x] * v0[x]) - j13[x];
            b2[x] = (j12[x] * u0[x] + j22[x] * v0[x]) - j23[x];
        }
    }
}
