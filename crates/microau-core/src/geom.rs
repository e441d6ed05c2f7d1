//! Points, similarities, rectangles and polygons in an image.

use serde::{Deserialize, Serialize};

/// A point, or a displacement, in an image, px.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point2 {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
}

impl Point2 {
    /// The point (x, y).
    pub const fn new(x: f32, y: f32) -> Point2 {
        Point2 { x, y }
    }

    /// Length of the vector from the origin.
    pub fn norm(self) -> f32 {
        self.x.hypot(self.y)
    }

    /// Distance to another point.
    pub fn distance(self, other: Point2) -> f32 {
        (self - other).norm()
    }

    /// The point a share `t` of the way to another.
    pub fn lerp(self, other: Point2, t: f32) -> Point2 {
        Point2::new(self.x + t * (other.x - self.x), self.y + t * (other.y - self.y))
    }
}

impl std::ops::Add for Point2 {
    type Output = Point2;

    fn add(self, other: Point2) -> Point2 {
        Point2::new(self.x + other.x, self.y + other.y)
    }
}

impl std::ops::Sub for Point2 {
    type Output = Point2;

    fn sub(self, other: Point2) -> Point2 {
        Point2::new(self.x - other.x, self.y - other.y)
    }
}

impl std::ops::Mul<f32> for Point2 {
    type Output = Point2;

    fn mul(self, factor: f32) -> Point2 {
        Point2::new(self.x * factor, self.y * factor)
    }
}

/// A point with depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point3 {
    /// To the right.
    pub x: f32,
    /// Down.
    pub y: f32,
    /// Away from the camera, in the scale of x.
    pub z: f32,
}

impl Point3 {
    /// The point (x, y, z).
    pub const fn new(x: f32, y: f32, z: f32) -> Point3 {
        Point3 { x, y, z }
    }

    /// The point without its depth.
    pub const fn xy(self) -> Point2 {
        Point2::new(self.x, self.y)
    }
}

/// Rotation, uniform scale and shift: `x' = a x - b y + tx`, `y' = b x + a y + ty`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Similarity {
    /// Scale times the cosine of the angle.
    pub a: f32,
    /// Scale times the sine of the angle.
    pub b: f32,
    /// Shift to the right, px.
    pub tx: f32,
    /// Shift down, px.
    pub ty: f32,
}

impl Similarity {
    /// The one that leaves every point in place.
    pub const IDENTITY: Similarity = Similarity { a: 1.0, b: 0.0, tx: 0.0, ty: 0.0 };

    /// Where a point goes.
    #[inline]
    pub fn apply(&self, p: Point2) -> Point2 {
        Point2::new(self.a * p.x - self.b * p.y + self.tx, self.b * p.x + self.a * p.y + self.ty)
    }

    /// Uniform scale, at least 0.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// Angle from the x axis towards the y axis (clockwise on screen), radians in (-pi, pi].
    pub fn angle_rad(&self) -> f32 {
        self.b.atan2(self.a)
    }

    /// The way back; `None` when the scale is 0 or not finite.
    pub fn inverse(&self) -> Option<Similarity> {
        let square = self.a * self.a + self.b * self.b;
        if !(square.is_finite() && square > 1e-20) {
            return None;
        }
        let (a, b) = (self.a / square, -self.b / square);
        Some(Similarity { a, b, tx: -(a * self.tx - b * self.ty), ty: -(b * self.tx + a * self.ty) })
    }

    /// This one first, then `next`.
    pub fn then(&self, next: &Similarity) -> Similarity {
        let shift = next.apply(Point2::new(self.tx, self.ty));
        Similarity {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            tx: shift.x,
            ty: shift.y,
        }
    }

    /// The similarity that brings `from` nearest to `to` in least squares; `None` for fewer than two distinct points.
    ///
    /// # Panics
    /// When the two slices differ in length.
    pub fn fit(from: &[Point2], to: &[Point2]) -> Option<Similarity> {
        Similarity::fit_weighted(from, to, &vec![1.0; from.len()])
    }

    /// The same with a weight of 0 or more for each pair of points. Sums are taken in f64 about the centroid.
    ///
    /// # Panics
    /// When the slices differ in length.
    pub fn fit_weighted(from: &[Point2], to: &[Point2], weights: &[f32]) -> Option<Similarity> {
        assert!(from.len() == to.len() && from.len() == weights.len(), "one target and one weight a point");
        let pairs = || from.iter().zip(to).zip(weights).map(|((f, t), &w)| (f, t, f64::from(w)));
        let total: f64 = pairs().map(|(_, _, w)| w).sum();
        let centre =
            |axis: fn(&Point2, &Point2) -> f32| pairs().map(|(f, t, w)| w * f64::from(axis(f, t))).sum::<f64>() / total;
        let (fx, fy) = (centre(|f, _| f.x), centre(|f, _| f.y));
        let (tx, ty) = (centre(|_, t| t.x), centre(|_, t| t.y));
        let (mut spread, mut dot, mut cross) = (0.0, 0.0, 0.0);
        for (f, t, w) in pairs() {
            let (px, py) = (f64::from(f.x) - fx, f64::from(f.y) - fy);
            let (qx, qy) = (f64::from(t.x) - tx, f64::from(t.y) - ty);
            spread += w * (px * px + py * py);
            dot += w * (px * qx + py * qy);
            cross += w * (px * qy - py * qx);
        }
        if !(spread.is_finite() && spread > 1e-12) {
            return None;
        }
        let (a, b) = (dot / spread, cross / spread);
        let shift = (tx - (a * fx - b * fy), ty - (b * fx + a * fy));
        Some(Similarity { a: a as f32, b: b as f32, tx: shift.0 as f32, ty: shift.1 as f32 })
    }
}

/// An upright rectangle `[x0, x1) x [y0, y1)`, px.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

impl Rect {
    /// Width, px; 0 when the edges are crossed.
    pub fn width(&self) -> f32 {
        (self.x1 - self.x0).max(0.0)
    }

    /// Height, px; 0 when the edges are crossed.
    pub fn height(&self) -> f32 {
        (self.y1 - self.y0).max(0.0)
    }

    /// Area, px².
    pub fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// Middle of the rectangle.
    pub fn centre(&self) -> Point2 {
        Point2::new(0.5 * (self.x0 + self.x1), 0.5 * (self.y0 + self.y1))
    }

    /// The same rectangle elsewhere.
    pub fn moved(&self, by: Point2) -> Rect {
        Rect { x0: self.x0 + by.x, y0: self.y0 + by.y, x1: self.x1 + by.x, y1: self.y1 + by.y }
    }

    /// Smallest rectangle that holds all points; `None` without points.
    pub fn around(points: impl IntoIterator<Item = Point2>) -> Option<Rect> {
        points.into_iter().fold(None, |rect: Option<Rect>, p| {
            let r = rect.unwrap_or(Rect { x0: p.x, y0: p.y, x1: p.x, y1: p.y });
            Some(Rect { x0: r.x0.min(p.x), y0: r.y0.min(p.y), x1: r.x1.max(p.x), y1: r.y1.max(p.y) })
        })
    }

    /// The part common to both; empty rectangles have no area.
    pub fn intersection(&self, other: &Rect) -> Rect {
        let (x0, y0) = (self.x0.max(other.x0), self.y0.max(other.y0));
        Rect { x0, y0, x1: self.x1.min(other.x1).max(x0), y1: self.y1.min(other.y1).max(y0) }
    }

    /// Area in common over area of both together, in [0, 1]; 0 when both are empty.
    pub fn iou(&self, other: &Rect) -> f32 {
        let common = self.intersection(other).area();
        let union = self.area() + other.area() - common;
        if union > 0.0 { common / union } else { 0.0 }
    }
}

/// A closed polygon by its corners, px; the last is joined to the first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Polygon(pub Vec<Point2>);

impl Polygon {
    /// Area by the shoelace formula, px², at least 0 whatever the direction of the corners.
    pub fn area(&self) -> f32 {
        let twice: f64 =
            self.edges().map(|(p, q)| f64::from(p.x) * f64::from(q.y) - f64::from(q.x) * f64::from(p.y)).sum();
        (0.5 * twice.abs()) as f32
    }

    /// Whether a point lies inside (even-odd rule).
    pub fn contains(&self, point: Point2) -> bool {
        let crossings = self.edges().filter(|(p, q)| {
            (p.y > point.y) != (q.y > point.y) && point.x < p.x + (point.y - p.y) / (q.y - p.y) * (q.x - p.x)
        });
        crossings.count() % 2 == 1
    }

    /// The convex hull of points (monotone chain), corners in order.
    pub fn hull(points: &[Point2]) -> Polygon {
        let mut sorted = points.to_vec();
        sorted.sort_by(|p, q| p.x.total_cmp(&q.x).then(p.y.total_cmp(&q.y)));
        sorted.dedup();
        if sorted.len() < 3 {
            return Polygon(sorted);
        }
        let turn = |o: Point2, p: Point2, q: Point2| (p.x - o.x) * (q.y - o.y) - (p.y - o.y) * (q.x - o.x);
        let chain = |points: &mut dyn Iterator<Item = Point2>| {
            let mut chain: Vec<Point2> = Vec::new();
            for point in points {
                while chain.len() >= 2 && turn(chain[chain.len() - 2], chain[chain.len() - 1], point) <= 0.0 {
                    chain.pop();
                }
                chain.push(point);
            }
            chain.pop();
            chain
        };
        let mut corners = chain(&mut sorted.iter().copied());
        corners.extend(chain(&mut sorted.iter().rev().copied()));
        Polygon(corners)
    }

    /// The polygon grown by a factor about the mean of its corners.
    pub fn scaled(&self, factor: f32) -> Polygon {
        let n = self.0.len().max(1) as f32;
        let centre = self.0.iter().fold(Point2::default(), |sum, &p| sum + p) * (1.0 / n);
        Polygon(self.0.iter().map(|&p| centre + (p - centre) * factor).collect())
    }

    /// The part inside a rectangle (Sutherland-Hodgman). Exact area for every simple polygon.
    pub fn clip_to_rect(&self, rect: Rect) -> Polygon {
        let left = clip(&self.0, |p| p.x - rect.x0);
        let right = clip(&left, |p| rect.x1 - p.x);
        let top = clip(&right, |p| p.y - rect.y0);
        Polygon(clip(&top, |p| rect.y1 - p.y))
    }

    fn edges(&self) -> impl Iterator<Item = (Point2, Point2)> + '_ {
        let ends = self.0.iter().skip(1).chain(self.0.first());
        self.0.iter().copied().zip(ends.copied())
    }
}

/// Corners of the part of a polygon where `inside` is at least 0; `inside` is linear in the point.
fn clip(corners: &[Point2], inside: impl Fn(Point2) -> f32) -> Vec<Point2> {
    let mut kept = Vec::with_capacity(corners.len() + 4);
    for (i, &p) in corners.iter().enumerate() {
        let q = corners[(i + 1) % corners.len()];
        let (at_p, at_q) = (inside(p), inside(q));
        if at_p >= 0.0 {
            kept.push(p);
        }
        if (at_p >= 0.0) != (at_q >= 0.0) {
            kept.push(p.lerp(q, at_p / (at_p - at_q)));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_quarter_turn_with_scale_two_is_fitted_exactly() {
        let from = [Point2::new(0.0, 0.0), Point2::new(1.0, 0.0), Point2::new(0.0, 1.0)];
        let to = [Point2::new(5.0, 7.0), Point2::new(5.0, 9.0), Point2::new(3.0, 7.0)];
        let fitted = Similarity::fit(&from, &to).unwrap();
        assert!((fitted.scale() - 2.0).abs() < 1e-6);
        assert!((fitted.angle_rad() - std::f32::consts::FRAC_PI_2).abs() < 1e-6);
    }

    #[test]
    fn a_single_point_fixes_no_similarity() {
        let p = [Point2::new(3.0, 4.0); 4];
        assert_eq!(Similarity::fit(&p, &p), None);
        assert_eq!(Similarity::fit(&[], &[]), None);
    }

    #[test]
    fn a_triangle_half_inside_a_square_keeps_half_its_area() {
        let triangle = Polygon(vec![Point2::new(-1.0, 0.0), Point2::new(1.0, 0.0), Point2::new(0.0, 1.0)]);
        let right_half = Rect { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 };
        assert!((triangle.clip_to_rect(right_half).area() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn the_hull_of_a_square_with_a_point_inside_is_the_square() {
        let points = [(0.0, 0.0), (1.0, 0.0), (0.4, 0.5), (1.0, 1.0), (0.0, 1.0)].map(|(x, y)| Point2::new(x, y));
        let hull = Polygon::hull(&points);
        assert_eq!(hull.0.len(), 4);
        assert!((hull.area() - 1.0).abs() < 1e-6);
    }

    fn similarity() -> impl Strategy<Value = Similarity> {
        (0.2_f32..5.0, -3.0_f32..3.0, -100.0_f32..100.0, -100.0_f32..100.0).prop_map(|(s, angle, tx, ty)| Similarity {
            a: s * angle.cos(),
            b: s * angle.sin(),
            tx,
            ty,
        })
    }

    proptest! {
        #[test]
        fn there_and_back_is_the_identity(s in similarity(), x in -500.0_f32..500.0, y in -500.0_f32..500.0) {
            let p = Point2::new(x, y);
            let back = s.inverse().unwrap().apply(s.apply(p));
            // f32 holds coordinates of some thousand px to about 1e-3
            prop_assert!(back.distance(p) < 2e-2, "{back:?}");
            prop_assert!(s.then(&s.inverse().unwrap()).apply(p).distance(p) < 2e-2);
        }

        #[test]
        fn tiles_of_a_polygon_add_up_to_it(points in prop::collection::vec((0.0_f32..8.0, 0.0_f32..8.0), 3..9)) {
            let hull = Polygon::hull(&points.iter().map(|&(x, y)| Point2::new(x, y)).collect::<Vec<_>>());
            let tiles = (0..64).map(|i| {
                let (x0, y0) = ((i % 8) as f32, (i / 8) as f32);
                hull.clip_to_rect(Rect { x0, y0, x1: x0 + 1.0, y1: y0 + 1.0 }).area()
            });
            prop_assert!((tiles.sum::<f32>() - hull.area()).abs() < 1e-3);
        }
    }
}
