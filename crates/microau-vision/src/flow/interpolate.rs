//! Values of an image between its pixels: cubic (Catmull-Rom), eight pixels at a time where the flow is smooth.

use super::pyramid::Size;
use super::simd::wide;

/// Pixels handled together.
const LANES: usize = 8;

wide! {
    /// `out(x, y) = image(x + u, y + v)` for row `y`, cubic; `inside` is 1 where that point lies in the image, else 0.
    ///
    /// Where the whole pixel parts of eight neighbouring displacements agree the sixteen taps are sixteen plain loads.
    pub(super) fn warp_row(image: &[f32], size: Size, y: usize, u: &[f32], v: &[f32], out: &mut [f32], inside: &mut [f32]) {
        let Size { width, height } = size;
        let (right, bottom) = ((width - 1) as f32, (height - 1) as f32);
        let mut x = 0;
        while x < width {
            let n = LANES.min(width - x);
            let mut fx = [0.0_f32; LANES];
            let mut fy = [0.0_f32; LANES];
            let mut ix = [0_i32; LANES];
            let mut iy = [0_i32; LANES];
            let mut ok = [0.0_f32; LANES];
            let mut uu = [0.0_f32; LANES];
            let mut vv = [0.0_f32; LANES];
            uu[..n].copy_from_slice(&u[x..x + n]);
            vv[..n].copy_from_slice(&v[x..x + n]);
            for i in 0..LANES {
                let px = (x + i) as f32 + uu[i];
                let py = y as f32 + vv[i];
                let cx = px.max(0.0).min(right);
                let cy = py.max(0.0).min(bottom);
                ok[i] = if cx == px && cy == py { 1.0 } else { 0.0 };
                ix[i] = cx as i32;
                iy[i] = cy as i32;
                fx[i] = cx - ix[i] as f32;
                fy[i] = cy - iy[i] as f32;
            }
            let mut together = n == LANES;
            for i in 0..LANES {
                together &= ix[i] == ix[0] + i as i32 && iy[i] == iy[0];
            }
            let (x0, y0) = (ix[0] as usize, iy[0] as usize);
            together &= x0 >= 1 && x0 + LANES + 2 <= width && y0 >= 1 && y0 + 2 < height;
            let mut sum = [0.0_f32; LANES];
            if together {
                let wx = weights(&fx);
                let wy = weights(&fy);
                for (j, wy) in wy.iter().enumerate() {
                    let row = &image[(y0 + j - 1) * width + x0 - 1..][..LANES + 3];
                    for i in 0..LANES {
                        let along = wx[0][i] * row[i] + wx[1][i] * row[i + 1] + (wx[2][i] * row[i + 2] + wx[3][i] * row[i + 3]);
                        sum[i] += wy[i] * along;
                    }
                }
            } else {
                for i in 0..n {
                    sum[i] = cubic(image, width, height, ix[i], iy[i], fx[i], fy[i]);
                }
            }
            out[x..x + n].copy_from_slice(&sum[..n]);
            inside[x..x + n].copy_from_slice(&ok[..n]);
            x += n;
        }
    }
}

/// The four Catmull-Rom weights at share `t` between the two middle samples.
#[inline(always)]
fn weights(t: &[f32; LANES]) -> [[f32; LANES]; 4] {
    let mut w = [[0.0; LANES]; 4];
    for i in 0..LANES {
        let four = catmull_rom(t[i]);
        for (w, f) in w.iter_mut().zip(four) {
            w[i] = f;
        }
    }
    w
}

#[inline(always)]
fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [0.5 * (2.0 * t2 - t3 - t), 0.5 * (3.0 * t3 - 5.0 * t2) + 1.0, 0.5 * (4.0 * t2 - 3.0 * t3 + t), 0.5 * (t3 - t2)]
}

/// One value at whole part (ix, iy) and share (fx, fy); taps beyond the border repeat the edge.
#[inline(always)]
fn cubic(image: &[f32], width: usize, height: usize, ix: i32, iy: i32, fx: f32, fy: f32) -> f32 {
    let (wx, wy) = (catmull_rom(fx), catmull_rom(fy));
    let column = |k: i32| (ix + k - 1).clamp(0, width as i32 - 1) as usize;
    let columns = [column(0), column(1), column(2), column(3)];
    let mut sum = 0.0;
    for (j, wy) in wy.iter().enumerate() {
        let row = &image[(iy + j as i32 - 1).clamp(0, height as i32 - 1) as usize * width..][..width];
        let along =
            wx[0] * row[columns[0]] + wx[1] * row[columns[1]] + (wx[2] * row[columns[2]] + wx[3] * row[columns[3]]);
        sum += wy * along;
    }
    sum
}
