//! What two images say about the flow: the motion tensor, on a grid of half their size.
//!
//! With W = the second image warped back by the flow so far, A = (first + W) / 2, T = W - first:
//!
//! ```text
//! J = Σ_window  γ₀ [Aₓ A_y T][Aₓ A_y T]ᵀ + γ₁ ( [Aₓₓ Aₓ_y Tₓ][..]ᵀ + [Aₓ_y A_yy T_y][..]ᵀ )
//! ```
//!
//! The first term says that grey values stay, the others that their gradients stay (Brox et al. 2004); the window is
//! that of Lucas and Kanade (as Bruhn et al. 2005 use it). Gradients are averaged over both images: taken from one
//! image alone, their noise shrinks the motion twice as much.
//!
//! | symbol | here | meaning |
//! |---|---|---|
//! | J | `Tensor` | j11, j12, j22 (motion), j13, j23 (change); halved in size by (1 3 3 1) / 8 |
//! | γ₀, γ₁ | `intensity`, `gradient` | weights |
//!
//! The half-size grid loses nothing, since the window is wider than its cells, and is a quarter of the work from here
//! on.

use rayon::prelude::*;

use super::pyramid::{Size, grow_row, halve_rows};
use super::spline::Spline;
use crate::simd::wide;

/// j11, j12, j22, j13, j23 on the half-size grid.
pub(super) type Tensor = [Vec<f32>; 5];

/// Grid rows worked on together: what their image rows take fits into the cache.
const BAND_ROWS: usize = 16;

/// Two normalised images of one level and the flow between them so far.
pub(super) struct Constancy<'a> {
    pub first: &'a [f32],
    pub second: &'a Spline,
    pub size: Size,
    /// u and v on the half-size grid, px of the images.
    pub flow: [&'a [f32]; 2],
    pub intensity: f32,
    pub gradient: f32,
}

/// Working memory of one band.
#[derive(Clone, Debug, Default)]
pub(super) struct Band {
    /// A and T, rows with one repeated value at both ends.
    mean: Vec<f32>,
    change: Vec<f32>,
    /// Displacements and warped values of one row.
    u: Vec<f32>,
    v: Vec<f32>,
    warped: Vec<f32>,
    /// 1 where the row's points lie inside the second image.
    inside: Vec<f32>,
    /// Tensor of the last four rows.
    ring: [[Vec<f32>; 5]; 4],
    line: Vec<f32>,
}

impl Constancy<'_> {
    /// Writes the tensor; bands of rows in parallel or one after the other, with the same result.
    pub fn tensor(&self, parallel: bool, band: &mut Band, out: &mut Tensor) {
        let grid = self.size.half();
        out.iter_mut().for_each(|j| j.resize(grid.len(), 0.0));
        let rows = BAND_ROWS * grid.width;
        let [a, b, c, d, e] = out;
        if parallel {
            let chunks = a
                .par_chunks_mut(rows)
                .zip(b.par_chunks_mut(rows))
                .zip(c.par_chunks_mut(rows))
                .zip(d.par_chunks_mut(rows))
                .zip(e.par_chunks_mut(rows));
            chunks.enumerate().for_each_init(Band::default, |band, (i, ((((a, b), c), d), e))| {
                self.band(i * BAND_ROWS, band, [a, b, c, d, e]);
            });
        } else {
            let chunks = a
                .chunks_mut(rows)
                .zip(b.chunks_mut(rows))
                .zip(c.chunks_mut(rows))
                .zip(d.chunks_mut(rows))
                .zip(e.chunks_mut(rows));
            for (i, ((((a, b), c), d), e)) in chunks.enumerate() {
                self.band(i * BAND_ROWS, band, [a, b, c, d, e]);
            }
        }
    }

    /// Grid rows from `from` on, as many as `out` holds.
    fn band(&self, from: usize, band: &mut Band, mut out: [&mut [f32]; 5]) {
        let grid_width = self.size.width.div_ceil(2);
        let to = from + out[0].len() / grid_width;
        let last = self.size.height - 1;
        // the four rows under a grid row, and one more on both sides for derivatives
        let first_row = (2 * from).saturating_sub(2);
        self.warp_band(first_row, (2 * to + 1).min(last), band);
        let mut next = (2 * from).saturating_sub(1);
        for row in from..to {
            while next <= (2 * row + 2).min(last) {
                self.tensor_row(next, first_row, band);
                next += 1;
            }
            let at = (row - from) * grid_width..(row - from + 1) * grid_width;
            let under = [(2 * row).saturating_sub(1), 2 * row, 2 * row + 1, 2 * row + 2].map(|y| y.min(last) % 4);
            for (i, out) in out.iter_mut().enumerate() {
                halve_rows(under.map(|y| &band.ring[y][i][..]), &mut band.line, &mut out[at.clone()]);
            }
        }
    }

    /// Fills A and T for image rows `from..=to`.
    fn warp_band(&self, from: usize, to: usize, band: &mut Band) {
        let width = self.size.width;
        for line in [&mut band.u, &mut band.v, &mut band.warped] {
            line.resize(width, 0.0);
        }
        let rows = to - from + 1;
        band.inside.resize(rows * width, 0.0);
        band.mean.resize(rows * (width + 2), 0.0);
        band.change.resize(rows * (width + 2), 0.0);
        for y in from..=to {
            grow_row(self.flow[0], y, 1.0, &mut band.line, &mut band.u);
            grow_row(self.flow[1], y, 1.0, &mut band.line, &mut band.v);
            let inside = &mut band.inside[(y - from) * width..][..width];
            self.second.warp_row(y, &band.u, &band.v, &mut band.warped, inside);
            let at = (y - from) * (width + 2)..(y - from + 1) * (width + 2);
            let (mean, change) = (&mut band.mean[at.clone()], &mut band.change[at]);
            let first = &self.first[y * width..(y + 1) * width];
            mean_and_change(first, &band.warped, &mut mean[1..=width], &mut change[1..=width]);
            for row in [mean, change] {
                (row[0], row[width + 1]) = (row[1], row[width]);
            }
        }
    }

    /// Tensor of image row `y`, from a band that begins at row `first_row`.
    fn tensor_row(&self, y: usize, first_row: usize, band: &mut Band) {
        let width = self.size.width;
        let last = self.size.height - 1;
        let start = |y: usize| (y - first_row) * (width + 2);
        let rows = [y.saturating_sub(1), y, (y + 1).min(last)].map(start);
        let mean = rows.map(|at| &band.mean[at..at + width + 2]);
        let change = rows.map(|at| &band.change[at..at + width + 2]);
        let inside = &band.inside[(y - first_row) * width..][..width];
        let j = &mut band.ring[y % 4];
        j.iter_mut().for_each(|j| j.resize(width, 0.0));
        let [j11, j12, j22, j13, j23] = j;
        products(mean, change, inside, [self.intensity, self.gradient], j11, j12, j22, j13, j23);
    }
}

wide! {
    fn mean_and_change(first: &[f32], warped: &[f32], mean: &mut [f32], change: &mut [f32]) {
        for (((m, c), &f), &w) in mean.iter_mut().zip(change).zip(first).zip(warped) {
            *m = 0.5 * (f + w);
            *c = w - f;
        }
    }

    /// Rows above, at and below, with one value more at both ends.
    fn products(
        mean: [&[f32]; 3],
        change: [&[f32]; 3],
        inside: &[f32],
        weights: [f32; 2],
        j11: &mut [f32],
        j12: &mut [f32],
        j22: &mut [f32],
        j13: &mut [f32],
        j23: &mut [f32],
    ) {
        let n = inside.len();
        let [a, b, c] = mean.map(|r| &r[..n + 2]);
        let [ta, tb, tc] = change.map(|r| &r[..n + 2]);
        let (j11, j12, j22, j13, j23) = (&mut j11[..n], &mut j12[..n], &mut j22[..n], &mut j13[..n], &mut j23[..n]);
        for x in 0..n {
            let (p, q) = (weights[0] * inside[x], weights[1] * inside[x]);
            let (ax, ay, t) = (0.5 * (b[x + 2] - b[x]), 0.5 * (c[x + 1] - a[x + 1]), tb[x + 1]);
            let axx = (b[x] + b[x + 2]) - 2.0 * b[x + 1];
            let ayy = (a[x + 1] + c[x + 1]) - 2.0 * b[x + 1];
            let axy = 0.25 * ((a[x] + c[x + 2]) - (a[x + 2] + c[x]));
            let (tx, ty) = (0.5 * (tb[x + 2] - tb[x]), 0.5 * (tc[x + 1] - ta[x + 1]));
            j11[x] = p * ax * ax + q * (axx * axx + axy * axy);
            j12[x] = p * ax * ay + q * (axx + ayy) * axy;
            j22[x] = p * ay * ay + q * (axy * axy + ayy * ayy);
            j13[x] = p * ax * t + q * (axx * tx + axy * ty);
            j23[x] = p * ay * t + q * (axy * tx + ayy * ty);
        }
    }
}
