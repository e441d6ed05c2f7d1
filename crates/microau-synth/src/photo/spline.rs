//! Thin-plate spline from the plane to the plane: a smooth map that brings given points near given places.
//!
//! `M(p) = A p + b + Σ_i w_i φ(|p − p_i|²)` with `φ(d) = (d + ε²) ln(d + ε²)`; the weights solve
//! `(K + λ n I) w + P a = q, Pᵀ w = 0` (Bookstein 1989, with the smoothing of Wahba 1990).

/// The map.
#[derive(Debug, Clone)]
pub(crate) struct Spline {
    centres: Vec<[f64; 2]>,
    /// Per centre: weight for x and y.
    weights: Vec<[f64; 2]>,
    /// Constant, factor of x, factor of y; each for x and y.
    affine: [[f64; 2]; 3],
}

/// ε², in the square of the source's unit (dm): keeps the bending finite where two centres nearly meet.
const SOFT: f64 = 4e-4;

/// Where a point goes, and how its neighbourhood is turned and stretched: columns are the images of the two axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub xy: [f32; 2],
    /// `[d x'/dx, d y'/dx], [d x'/dy, d y'/dy]`.
    pub axes: [[f32; 2]; 2],
}

impl Spline {
    /// The spline that brings `from` near `to`; a point of `stiffness` (λ) 0 is passed through. `None` when the points fix
    /// no plane map (fewer than three, or on one line).
    pub fn fit(from: &[[f64; 2]], to: &[[f64; 2]], stiffness: impl Fn(usize) -> f64) -> Option<Spline> {
        let n = from.len().min(to.len());
        if n < 3 {
            return None;
        }
        let size = n + 3;
        let mut rows = vec![vec![0.0f64; size + 2]; size];
        for i in 0..n {
            for j in 0..n {
                rows[i][j] = kernel(from[i], from[j]).0;
            }
            rows[i][i] += stiffness(i) * n as f64;
            for (k, v) in [1.0, from[i][0], from[i][1]].into_iter().enumerate() {
                rows[i][n + k] = v;
                rows[n + k][i] = v;
            }
            (rows[i][size], rows[i][size + 1]) = (to[i][0], to[i][1]);
        }
        let solved = solve(rows)?;
        let affine = [solved[n], solved[n + 1], solved[n + 2]];
        Some(Spline { centres: from[..n].to_vec(), weights: solved[..n].to_vec(), affine })
    }

    /// Where a point goes.
    pub fn place(&self, [x, y]: [f32; 2]) -> Placed {
        let p = [f64::from(x), f64::from(y)];
        let [b, ax, ay] = self.affine;
        let mut at = [b[0] + ax[0] * p[0] + ay[0] * p[1], b[1] + ax[1] * p[0] + ay[1] * p[1]];
        let mut axes = [ax, ay];
        for (centre, weight) in self.centres.iter().zip(&self.weights) {
            let (value, slope) = kernel(p, *centre);
            let (dx, dy) = (2.0 * (p[0] - centre[0]) * slope, 2.0 * (p[1] - centre[1]) * slope);
            for c in 0..2 {
                at[c] += weight[c] * value;
                axes[0][c] += weight[c] * dx;
                axes[1][c] += weight[c] * dy;
            }
        }
        Placed { xy: at.map(|v| v as f32), axes: axes.map(|axis| axis.map(|v| v as f32)) }
    }
}

/// φ and its derivative by the squared distance.
fn kernel(p: [f64; 2], q: [f64; 2]) -> (f64, f64) {
    let d = (p[0] - q[0]).powi(2) + (p[1] - q[1]).powi(2) + SOFT;
    let log = d.ln();
    (d * log, log + 1.0)
}

/// Solves a system with two right sides (the last two columns) by elimination with row exchange.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<[f64; 2]>> {
    let n = rows.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        let size = rows[pivot][column].abs();
        if size <= 1e-12 || size.is_nan() {
            return None;
        }
        rows.swap(column, pivot);
        let (done, rest) = rows.split_at_mut(column + 1);
        let top = &done[column];
        for row in rest {
            let factor = row[column] / top[column];
            if factor != 0.0 {
                for (value, above) in row[column..].iter_mut().zip(&top[column..]) {
                    *value -= factor * above;
                }
            }
        }
    }
    let mut solved = vec![[0.0f64; 2]; n];
    for row in (0..n).rev() {
        for c in 0..2 {
            let known: f64 = (row + 1..n).map(|k| rows[row][k] * solved[k][c]).sum();
            solved[row][c] = (rows[row][n + c] - known) / rows[row][row];
        }
    }
    solved.iter().flatten().all(|v| v.is_finite()).then_some(solved)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scattered() -> Vec<[f64; 2]> {
        (0..40).map(|i| [f64::from(i * 37 % 41) * 0.05, f64::from(i * 23 % 43) * 0.05]).collect()
    }

    #[test]
    fn an_affine_map_is_found_whatever_the_stiffness() {
        let from = scattered();
        let to: Vec<[f64; 2]> = from.iter().map(|[x, y]| [3.0 + 2.0 * x - y, 1.0 + 0.5 * x + 4.0 * y]).collect();
        for stiffness in [0.0, 1e-3, 1.0] {
            let placed = Spline::fit(&from, &to, |_| stiffness).unwrap().place([0.7, 0.3]);
            assert!((placed.xy[0] - 4.1).abs() < 1e-4 && (placed.xy[1] - 2.55).abs() < 1e-4, "{placed:?}");
            assert!((placed.axes[0][0] - 2.0).abs() < 1e-3 && (placed.axes[1][1] - 4.0).abs() < 1e-3);
        }
    }

    #[test]
    fn without_stiffness_every_point_reaches_its_place() {
        let from = scattered();
        let to: Vec<[f64; 2]> = from.iter().map(|[x, y]| [x + (5.0 * y).sin(), y * x]).collect();
        let spline = Spline::fit(&from, &to, |_| 0.0).unwrap();
        for (p, q) in from.iter().zip(&to) {
            let placed = spline.place([p[0] as f32, p[1] as f32]).xy;
            assert!((f64::from(placed[0]) - q[0]).abs() < 1e-4 && (f64::from(placed[1]) - q[1]).abs() < 1e-4);
        }
    }

    #[test]
    fn the_axes_are_the_slopes_of_the_map() {
        let from = scattered();
        let to: Vec<[f64; 2]> = from.iter().map(|[x, y]| [x + (3.0 * y).sin(), y + x * x]).collect();
        let spline = Spline::fit(&from, &to, |_| 1e-4).unwrap();
        let (here, beside) = (spline.place([0.8, 0.9]), spline.place([0.801, 0.9]));
        // A step of 1e-3 in f32: differences are good to about 1e-3 of the slope.
        assert!(((beside.xy[0] - here.xy[0]) / 1e-3 - here.axes[0][0]).abs() < 0.02);
        assert!(((beside.xy[1] - here.xy[1]) / 1e-3 - here.axes[0][1]).abs() < 0.02);
    }

    #[test]
    fn points_on_a_line_fix_no_map() {
        let line: Vec<[f64; 2]> = (0..5).map(|i| [f64::from(i), 2.0 * f64::from(i)]).collect();
        assert!(Spline::fit(&line, &line, |_| 0.0).is_none());
        assert!(Spline::fit(&line[..2], &line[..2], |_| 0.0).is_none());
    }
}
