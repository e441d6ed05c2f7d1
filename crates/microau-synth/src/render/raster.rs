//! Which triangle is seen where: a z-buffer of triangle numbers, shaded later ("deferred").

/// No triangle covers the sample.
pub(crate) const NOTHING: u16 = u16::MAX;

/// How far a triangle reaches over its edges, in barycentric units: rounding must not leave a hole between neighbours.
const SEAM: f32 = 1e-4;

/// Triangle number and nearness per sample. Sample (i, j) sits at (i + 0.5, j + 0.5).
#[derive(Debug, Clone)]
pub(crate) struct Visibility {
    pub width: usize,
    pub height: usize,
    pub triangle: Vec<u16>,
    /// Larger is nearer; negative infinity where nothing is.
    pub nearness: Vec<f32>,
    /// Per triangle: second and third barycentric coordinate as planes `a x + b y + c`.
    pub planes: Vec<[f32; 6]>,
}

/// An edge of a triangle along a row of samples: its barycentric coordinate grows by `step` a sample.
#[derive(Clone, Copy)]
struct Edge {
    step: f32,
    inverse: f32,
}

impl Edge {
    fn new(step: f32) -> Edge {
        Edge { step, inverse: if step.abs() > 1e-12 { 1.0 / step } else { 0.0 } }
    }

    /// Narrows a span of samples to where a coordinate that starts at `l` is not negative.
    #[inline]
    fn cut(&self, l: f32, span: &mut (f32, f32)) {
        let root = (-SEAM - l) * self.inverse;
        if self.inverse == 0.0 {
            if l < -SEAM {
                span.1 = -1.0;
            }
        } else if self.step > 0.0 {
            span.0 = span.0.max(root);
        } else {
            span.1 = span.1.min(root);
        }
    }
}

impl Visibility {
    /// An empty buffer for meshes of `triangles` triangles.
    pub fn new(width: usize, height: usize, triangles: usize) -> Visibility {
        Visibility {
            width,
            height,
            triangle: vec![NOTHING; width * height],
            nearness: vec![f32::NEG_INFINITY; width * height],
            planes: vec![[0.0; 6]; triangles],
        }
    }

    /// Forgets what was drawn and takes this size, on the memory it has.
    pub fn reset(&mut self, width: usize, height: usize, triangles: usize) {
        (self.width, self.height) = (width, height);
        self.triangle.clear();
        self.triangle.resize(width * height, NOTHING);
        self.nearness.clear();
        self.nearness.resize(width * height, f32::NEG_INFINITY);
        self.planes.resize(triangles, [0.0; 6]);
    }

    /// Draws one triangle over what is farther. Points are (x, y, nearness), samples; back sides (clockwise in an image
    /// with y down) are left out.
    pub fn draw(&mut self, number: u16, p: [[f32; 3]; 3]) {
        let [[x0, y0, z0], [x1, y1, z1], [x2, y2, z2]] = p;
        let area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0);
        // Seen from the front, a triangle that turns left in head space (y up) has negative area here (y down).
        if area >= -1e-9 || !area.is_finite() {
            return;
        }
        let inverse = 1.0 / area;
        let (a1, b1) = ((y2 - y0) * inverse, -(x2 - x0) * inverse);
        let (a2, b2) = (-(y1 - y0) * inverse, (x1 - x0) * inverse);
        let (c1, c2) = (-a1 * x0 - b1 * y0, -a2 * x0 - b2 * y0);
        self.planes[usize::from(number)] = [a1, b1, c1, a2, b2, c2];
        let first_x = (x0.min(x1).min(x2) - 0.5).ceil().max(0.0) as usize;
        let first_y = (y0.min(y1).min(y2) - 0.5).ceil().max(0.0) as usize;
        let last_x = (x0.max(x1).max(x2) - 0.5).floor().min(self.width as f32 - 1.0);
        let last_y = (y0.max(y1).max(y2) - 0.5).floor().min(self.height as f32 - 1.0);
        if last_x < first_x as f32 || last_y < first_y as f32 {
            return;
        }
        let (last_x, last_y) = (last_x as usize, last_y as usize);
        let (dz1, dz2) = (z1 - z0, z2 - z0);
        let dz_dx = dz1 * a1 + dz2 * a2;
        let edges = [Edge::new(a1), Edge::new(a2), Edge::new(-a1 - a2)];
        for y in first_y..=last_y {
            let (px, py) = (first_x as f32 + 0.5, y as f32 + 0.5);
            let l1 = a1 * px + b1 * py + c1;
            let l2 = a2 * px + b2 * py + c2;
            let mut span = (0.0, (last_x - first_x) as f32);
            edges.iter().zip([l1, l2, 1.0 - l1 - l2]).for_each(|(edge, l)| edge.cut(l, &mut span));
            if span.0 > span.1 {
                continue;
            }
            // The whole number above, without a call into the mathematics library.
            let first = span.0 as usize;
            let first = first + usize::from((first as f32) < span.0);
            let last = span.1 as usize;
            if first > last {
                continue;
            }
            let mut z = z0 + dz1 * l1 + dz2 * l2 + dz_dx * first as f32;
            let row = y * self.width + first_x;
            let Some(nearness) = self.nearness.get_mut(row + first..row + last + 1) else { continue };
            let triangle = &mut self.triangle[row + first..row + last + 1];
            for (near, seen) in nearness.iter_mut().zip(triangle) {
                if z > *near {
                    *near = z;
                    *seen = number;
                }
                z += dz_dx;
            }
        }
    }

    /// Barycentric coordinates of triangle `number` at a place in samples; outside 0..1 beyond its edges.
    pub fn barycentric(&self, number: u16, x: f32, y: f32) -> [f32; 3] {
        let [a1, b1, c1, a2, b2, c2] = self.planes[usize::from(number)];
        let (l1, l2) = (a1 * x + b1 * y + c1, a2 * x + b2 * y + c2);
        [1.0 - l1 - l2, l1, l2]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_square_covers_half_of_the_samples_and_the_nearer_wins() {
        let mut seen = Visibility::new(10, 10, 2);
        seen.draw(0, [[0.0, 0.0, 1.0], [0.0, 10.0, 1.0], [10.0, 0.0, 1.0]]);
        // Samples (i + .5, j + .5) with x + y <= 10: 10 + 9 + ... + 1.
        assert_eq!(seen.triangle.iter().filter(|&&t| t == 0).count(), 55);
        seen.draw(1, [[0.0, 0.0, 0.5], [0.0, 10.0, 2.0], [10.0, 0.0, 0.5]]);
        assert_eq!(seen.triangle[8 * 10], 1);
        assert_eq!(seen.triangle[0], 0, "a farther triangle does not cover");
        let b = seen.barycentric(0, 5.0, 2.5);
        assert!((b[0] - 0.25).abs() < 1e-6 && (b[1] - 0.25).abs() < 1e-6, "{b:?}");
    }

    #[test]
    fn back_sides_and_broken_points_are_left_out() {
        let mut seen = Visibility::new(4, 4, 1);
        seen.draw(0, [[0.0, 0.0, 1.0], [4.0, 0.0, 1.0], [0.0, 4.0, 1.0]]);
        seen.draw(0, [[f32::NAN, 0.0, 1.0], [4.0, 0.0, 1.0], [0.0, 4.0, 1.0]]);
        assert!(seen.triangle.iter().all(|&t| t == NOTHING));
    }
}
