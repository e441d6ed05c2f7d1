//! Motion of the whole picture, so that smoothness acts only on what departs from it.
//!
//! Smoothness pulls neighbours to equal motion; a head that turns or comes nearer moves every pixel a little
//! differently, and would be pulled flat. So a robust affine motion is fitted to the flow on its grid,
//!
//! ```text
//! u ≈ c₀ + c₁ x + c₂ y        (and v likewise), weights t / (t + α) · 1 / (1 + r²/s²)
//! ```
//!
//! with t the trace of the motion tensor, α the smoothness, r what the fit leaves and s = 0.2 px, and taken off before
//! the equations are solved.

use super::constancy::Tensor;
use super::pyramid::Size;

/// Samples along the shorter side: a thousand points fix six numbers well enough.
const SAMPLES: usize = 28;
/// Reweightings.
const ROUNDS: usize = 4;
/// Scale of what counts as moving with the whole, px.
const SCALE_PX: f32 = 0.2;

/// c₀, c₁, c₂ of u and of v; coordinates are grid cells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Affine([[f32; 3]; 2]);

impl Affine {
    /// The affine motion that most of the flow follows; none when the images do not fix one.
    pub fn fit(flow: [&[f32]; 2], tensor: &Tensor, smoothness: f32, size: Size) -> Affine {
        let mut fitted = Affine::default();
        for _ in 0..ROUNDS {
            match fitted.refit(flow, tensor, smoothness, size) {
                Some(better) => fitted = better,
                None => return Affine::default(),
            }
        }
        fitted
    }

    fn refit(&self, flow: [&[f32]; 2], tensor: &Tensor, smoothness: f32, size: Size) -> Option<Affine> {
        let step = (size.width.min(size.height) / SAMPLES).max(1);
        // about the middle, which keeps the sums well conditioned
        let (mx, my) = (0.5 * size.width as f32, 0.5 * size.height as f32);
        let mut moments = [0.0_f64; 6];
        let mut sums = [[0.0_f64; 3]; 2];
        for y in (0..size.height).step_by(step) {
            let [mut row_moments, mut row_u, mut row_v] = [[0.0_f32; 6], [0.0; 6], [0.0; 6]];
            for x in (0..size.width).step_by(step) {
                let i = y * size.width + x;
                let [bu, bv] = self.at(x as f32, y as f32);
                let (u, v) = (flow[0][i], flow[1][i]);
                let square = (u - bu) * (u - bu) + (v - bv) * (v - bv);
                let trace = tensor[0][i] + tensor[2][i];
                let weight = trace / (trace + smoothness) / (1.0 + square / (SCALE_PX * SCALE_PX));
                let (px, py) = (x as f32 - mx, y as f32 - my);
                let terms = [weight, weight * px, weight * py, weight * px * px, weight * px * py, weight * py * py];
                for k in 0..6 {
                    row_moments[k] += terms[k];
                }
                for k in 0..3 {
                    row_u[k] += terms[k] * u;
                    row_v[k] += terms[k] * v;
                }
            }
            (0..6).for_each(|k| moments[k] += f64::from(row_moments[k]));
            (0..3).for_each(|k| sums[0][k] += f64::from(row_u[k]));
            (0..3).for_each(|k| sums[1][k] += f64::from(row_v[k]));
        }
        let mut out = [[0.0; 3]; 2];
        for (out, sums) in out.iter_mut().zip(sums) {
            let [c0, c1, c2] = solve(moments, sums)?.map(|c| c as f32);
            *out = [c0 - c1 * mx - c2 * my, c1, c2];
        }
        Some(Affine(out))
    }

    /// Motion at a cell, px.
    fn at(&self, x: f32, y: f32) -> [f32; 2] {
        self.0.map(|[c0, c1, c2]| c0 + c1 * x + c2 * y)
    }

    /// Adds the motion times `sign` to the flow.
    pub fn add(&self, sign: f32, size: Size, flow: &mut [Vec<f32>; 2]) {
        for (component, [c0, c1, c2]) in flow.iter_mut().zip(self.0) {
            for (y, row) in component.chunks_exact_mut(size.width).enumerate() {
                let (start, step) = (sign * (c0 + c2 * y as f32), sign * c1);
                row.iter_mut().enumerate().for_each(|(x, value)| *value += start + step * x as f32);
            }
        }
    }
}

/// Solves the normal equations with moments 1, x, y, xx, xy, yy; `None` when the points do not span the plane.
fn solve([n, x, y, xx, xy, yy]: [f64; 6], [s, sx, sy]: [f64; 3]) -> Option<[f64; 3]> {
    if n <= 1e-6 {
        return None;
    }
    let (mx, my, ms) = (x / n, y / n, s / n);
    let (vxx, vxy, vyy) = (xx / n - mx * mx, xy / n - mx * my, yy / n - my * my);
    let (vsx, vsy) = (sx / n - ms * mx, sy / n - ms * my);
    let determinant = vxx * vyy - vxy * vxy;
    // a spread of a cell either way at least
    if determinant < 1.0 {
        return None;
    }
    let (c1, c2) = ((vyy * vsx - vxy * vsy) / determinant, (vxx * vsy - vxy * vsx) / determinant);
    Some([ms - c1 * mx - c2 * my, c1, c2])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(size: Size, motion: impl Fn(f32, f32) -> [f32; 2]) -> [Vec<f32>; 2] {
        let at = |i: usize| motion((i % size.width) as f32, (i / size.width) as f32);
        [0, 1].map(|component| (0..size.len()).map(|i| at(i)[component]).collect())
    }

    fn textured(size: Size) -> Tensor {
        std::array::from_fn(|_| vec![1.0; size.len()])
    }

    #[test]
    fn a_turn_is_found_beside_a_part_that_moves_by_itself() {
        let size = Size { width: 60, height: 48 };
        let turn = |x: f32, y: f32| [0.5 - 0.01 * y, -1.0 + 0.01 * x];
        let mut flow = field(size, |x, y| {
            let [u, v] = turn(x, y);
            if x < 20.0 && y < 20.0 { [u + 4.0, v] } else { [u, v] }
        });
        let whole = Affine::fit([&flow[0], &flow[1]], &textured(size), 1.0, size);
        whole.add(-1.0, size, &mut flow);
        // the part pulls a little at four reweightings
        assert!((flow[0][40 * 60 + 50].abs()) < 0.05 && flow[1][40 * 60 + 50].abs() < 0.05);
        assert!((flow[0][10 * 60 + 10] - 4.0).abs() < 0.1);
    }

    #[test]
    fn parts_without_texture_have_no_say() {
        let size = Size { width: 40, height: 40 };
        let flow = field(size, |x, _| if x < 20.0 { [1.0, 0.0] } else { [9.0, 9.0] });
        let mut tensor = textured(size);
        for j in &mut tensor {
            (0..size.len()).filter(|i| i % 40 >= 20).for_each(|i| j[i] = 0.0);
        }
        let [u, v] = Affine::fit([&flow[0], &flow[1]], &tensor, 1.0, size).at(30.0, 10.0);
        assert!((u - 1.0).abs() < 1e-3 && v.abs() < 1e-3);
    }

    #[test]
    fn images_without_texture_or_extent_have_no_common_motion() {
        let size = Size { width: 30, height: 30 };
        let flow = field(size, |_, _| [3.0, 3.0]);
        let empty: Tensor = std::array::from_fn(|_| vec![0.0; size.len()]);
        assert_eq!(Affine::fit([&flow[0], &flow[1]], &empty, 1.0, size), Affine::default());
        let line = Size { width: 30, height: 1 };
        assert_eq!(Affine::fit([&flow[0], &flow[1]], &textured(line), 1.0, line), Affine::default());
    }
}
