//! Successive over-relaxation of the flow equations on a chequerboard.
//!
//! For every pixel, with its four neighbours n and their edge weights w:
//!
//! ```text
//! ( J + Σ w ) (u, v)ᵀ = b + Σ w_n (u_n, v_n)ᵀ
//! ```
//!
//! Pixels of one colour have neighbours of the other colour only, so each colour is kept in arrays of its own (half a
//! row long, one value of padding on both sides) and a row of one colour is updated by plain wide loads.

use super::pyramid::Size;
use crate::simd::wide;

/// Values of the pixels of one colour.
#[derive(Clone, Debug, Default)]
pub(super) struct Colour {
    pub left: Vec<f32>,
    pub right: Vec<f32>,
    pub up: Vec<f32>,
    pub down: Vec<f32>,
    /// Inverse of the 2x2 matrix of the pixel: m11, m12, m22.
    pub inverse: [Vec<f32>; 3],
    pub b: [Vec<f32>; 2],
    pub flow: [Vec<f32>; 2],
}

impl Colour {
    fn resize(&mut self, len: usize) {
        let Colour { left, right, up, down, inverse, b, flow } = self;
        for array in [left, right, up, down].into_iter().chain(inverse).chain(b).chain(flow) {
            array.clear();
            array.resize(len, 0.0);
        }
    }
}

/// The equations of an image, both colours.
#[derive(Clone, Debug, Default)]
pub(super) struct Board {
    pub colours: [Colour; 2],
    width: usize,
    height: usize,
    stride: usize,
}

/// Equations of one row of pixels before they are dealt out to the colours.
pub(super) struct Row<'a> {
    /// Weights of the edges to the left: `left[x]` lies between x-1 and x; `width + 1` values.
    pub across: &'a [f32],
    pub up: &'a [f32],
    pub down: &'a [f32],
    pub inverse: [&'a [f32]; 3],
    pub b: [&'a [f32]; 2],
    pub flow: [&'a [f32]; 2],
}

impl Board {
    pub fn resize(&mut self, size: Size) {
        let Size { width, height } = size;
        (self.width, self.height, self.stride) = (width, height, width.div_ceil(2) + 2);
        let len = self.stride * height;
        self.colours.iter_mut().for_each(|c| c.resize(len));
    }

    /// First x of a colour in a row.
    fn offset(colour: usize, y: usize) -> usize {
        (colour + y) & 1
    }

    pub fn set_row(&mut self, y: usize, row: &Row) {
        let start = y * self.stride + 1;
        for (index, colour) in self.colours.iter_mut().enumerate() {
            let x0 = Self::offset(index, y);
            let n = (self.width + 1 - x0) / 2;
            let range = start..start + n;
            every_second(&row.across[x0..], &mut colour.left[range.clone()]);
            every_second(&row.across[x0 + 1..], &mut colour.right[range.clone()]);
            every_second(&row.up[x0..], &mut colour.up[range.clone()]);
            every_second(&row.down[x0..], &mut colour.down[range.clone()]);
            for (from, to) in row.inverse.iter().zip(&mut colour.inverse) {
                every_second(&from[x0..], &mut to[range.clone()]);
            }
            for (from, to) in row.b.iter().zip(&mut colour.b).chain(row.flow.iter().zip(&mut colour.flow)) {
                every_second(&from[x0..], &mut to[range.clone()]);
            }
        }
    }

    pub fn read_flow(&self, component: usize, flow: &mut [f32]) {
        for (y, row) in flow.chunks_exact_mut(self.width).enumerate() {
            let start = y * self.stride + 1;
            let even = &self.colours[y & 1].flow[component][start..start + self.width.div_ceil(2)];
            let odd = &self.colours[1 - (y & 1)].flow[component][start..start + self.width.div_ceil(2)];
            interleave(even, odd, row);
        }
    }

    /// `sweeps` sweeps over both colours. Rows are taken in a slanted order that keeps them in the cache and gives the
    /// same result as one colour after the other.
    pub fn relax(&mut self, sweeps: usize, over: f32) {
        let halves = 2 * sweeps;
        for front in 0..self.height + halves {
            for pass in 0..halves.min(front + 1) {
                let y = front - pass;
                if y < self.height {
                    self.relax_row(pass & 1, y, over);
                }
            }
        }
    }

    fn relax_row(&mut self, index: usize, y: usize, over: f32) {
        let (one, two) = self.colours.split_at_mut(1);
        let (own, other) = if index == 0 { (&mut one[0], &two[0]) } else { (&mut two[0], &one[0]) };
        let x0 = Self::offset(index, y);
        let n = (self.width + 1 - x0) / 2;
        let at = y * self.stride + 1;
        let above = y.saturating_sub(1) * self.stride + 1;
        let below = (y + 1).min(self.height - 1) * self.stride + 1;
        // the left neighbour of x = 2i + x0 is value i - 1 + x0 of the other colour
        let side = at + x0 - 1;
        let [u, v] = &mut own.flow;
        let [ou, ov] = &other.flow;
        update(
            [&own.left[at..at + n], &own.right[at..at + n], &own.up[at..at + n], &own.down[at..at + n]],
            [&own.inverse[0][at..at + n], &own.inverse[1][at..at + n], &own.inverse[2][at..at + n]],
            [&own.b[0][at..at + n], &own.b[1][at..at + n]],
            [&ou[side..side + n + 1], &ou[above..above + n], &ou[below..below + n]],
            [&ov[side..side + n + 1], &ov[above..above + n], &ov[below..below + n]],
            over,
            &mut u[at..at + n],
            &mut v[at..at + n],
        );
    }
}

wide! {
    fn every_second(from: &[f32], to: &mut [f32]) {
        let n = to.len();
        let from = &from[..(2 * n).saturating_sub(1)];
        for i in 0..n {
            to[i] = from[2 * i];
        }
    }

    fn interleave(even: &[f32], odd: &[f32], row: &mut [f32]) {
        let pairs = row.len() / 2;
        let (both, last) = row.split_at_mut(2 * pairs);
        let (first, second) = (&even[..pairs], &odd[..pairs]);
        for x in 0..pairs {
            both[2 * x] = first[x];
            both[2 * x + 1] = second[x];
        }
        if let [last] = last {
            *last = even[pairs];
        }
    }

    fn update(
        weights: [&[f32]; 4],
        inverse: [&[f32]; 3],
        b: [&[f32]; 2],
        other_u: [&[f32]; 3],
        other_v: [&[f32]; 3],
        over: f32,
        u: &mut [f32],
        v: &mut [f32],
    ) {
        let n = u.len();
        let v = &mut v[..n];
        let [l, r, t, d] = weights.map(|w| &w[..n]);
        let [m11, m12, m22] = inverse.map(|m| &m[..n]);
        let [b1, b2] = b.map(|b| &b[..n]);
        let (ul, ur, ut, ud) = (&other_u[0][..n], &other_u[0][1..n + 1], &other_u[1][..n], &other_u[2][..n]);
        let (vl, vr, vt, vd) = (&other_v[0][..n], &other_v[0][1..n + 1], &other_v[1][..n], &other_v[2][..n]);
        for i in 0..n {
            let ru = b1[i] + (l[i] * ul[i] + r[i] * ur[i]) + (t[i] * ut[i] + d[i] * ud[i]);
            let rv = b2[i] + (l[i] * vl[i] + r[i] * vr[i]) + (t[i] * vt[i] + d[i] * vd[i]);
            let new_u = m11[i] * ru + m12[i] * rv;
            let new_v = m12[i] * ru + m22[i] * rv;
            u[i] += over * (new_u - u[i]);
            v[i] += over * (new_v - v[i]);
        }
    }
}
