//! Float images of one channel, and dense optical flow.

use crate::geom::Point2;

/// A float image of one channel, row by row from the top left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plane {
    /// Columns, px.
    pub width: usize,
    /// Rows, px.
    pub height: usize,
    /// `height x width` values; pixel (x, y) is at `y * width + x`.
    pub data: Vec<f32>,
}

impl Plane {
    /// A plane of zeros.
    pub fn new(width: usize, height: usize) -> Plane {
        Plane { width, height, data: vec![0.0; width * height] }
    }

    /// A plane over given values, `height x width`.
    ///
    /// # Panics
    /// When the number of values is not `width * height`.
    pub fn from_vec(width: usize, height: usize, data: Vec<f32>) -> Plane {
        assert_eq!(data.len(), width * height, "a {width}x{height} plane holds as many values");
        Plane { width, height, data }
    }

    /// Value of pixel (x, y).
    ///
    /// # Panics
    /// Outside the plane.
    #[inline]
    pub fn at(&self, x: usize, y: usize) -> f32 {
        debug_assert!(x < self.width && y < self.height);
        self.data[y * self.width + x]
    }

    /// Sets pixel (x, y).
    ///
    /// # Panics
    /// Outside the plane.
    #[inline]
    pub fn set(&mut self, x: usize, y: usize, value: f32) {
        debug_assert!(x < self.width && y < self.height);
        self.data[y * self.width + x] = value;
    }

    /// Row `y`, `width` values.
    #[inline]
    pub fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..(y + 1) * self.width]
    }

    /// Row `y` to write to.
    #[inline]
    pub fn row_mut(&mut self, y: usize) -> &mut [f32] {
        &mut self.data[y * self.width..(y + 1) * self.width]
    }

    /// Value at a continuous point, bilinear between the four nearest pixel centres; outside the plane the edge goes on.
    /// 0 for an empty plane.
    #[inline]
    pub fn sample(&self, point: Point2) -> f32 {
        if self.data.is_empty() {
            return 0.0;
        }
        let (x0, x1, fx) = neighbours(point.x, self.width);
        let (y0, y1, fy) = neighbours(point.y, self.height);
        let top = self.at(x0, y0) + fx * (self.at(x1, y0) - self.at(x0, y0));
        let bottom = self.at(x0, y1) + fx * (self.at(x1, y1) - self.at(x0, y1));
        top + fy * (bottom - top)
    }

    /// Mean of all values; 0 for an empty plane.
    pub fn mean(&self) -> f32 {
        let sum: f64 = self.data.iter().map(|&v| f64::from(v)).sum();
        if self.data.is_empty() { 0.0 } else { (sum / self.data.len() as f64) as f32 }
    }

    /// The plane with left and right exchanged.
    pub fn mirrored(&self) -> Plane {
        let mut out = self.clone();
        (0..self.height).for_each(|y| out.row_mut(y).reverse());
        out
    }
}

/// Indices of the pixel centres before and after a continuous coordinate, clamped to the plane, and the share of the second.
#[inline]
fn neighbours(coordinate: f32, len: usize) -> (usize, usize, f32) {
    let position = (coordinate - 0.5).clamp(0.0, (len - 1) as f32);
    let before = position as usize;
    (before, (before + 1).min(len - 1), position - before as f32)
}

/// Dense optical flow: for each pixel of the first image, where it went in the second, in px.
///
/// `second(x + u, y + v)` shows what `first(x, y)` shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowField {
    /// Displacement to the right, px.
    pub u: Plane,
    /// Displacement downwards, px.
    pub v: Plane,
}

impl FlowField {
    /// A field without motion.
    pub fn new(width: usize, height: usize) -> FlowField {
        FlowField { u: Plane::new(width, height), v: Plane::new(width, height) }
    }

    /// Columns, px.
    pub fn width(&self) -> usize {
        self.u.width
    }

    /// Rows, px.
    pub fn height(&self) -> usize {
        self.u.height
    }

    /// Displacement at a continuous point of the first image, bilinear, px.
    pub fn sample(&self, point: Point2) -> Point2 {
        Point2::new(self.u.sample(point), self.v.sample(point))
    }

    /// The flow of the mirrored pair of images: left and right exchanged, u negated.
    pub fn mirrored(&self) -> FlowField {
        let mut u = self.u.mirrored();
        u.data.iter_mut().for_each(|value| *value = -*value);
        FlowField { u, v: self.v.mirrored() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_at_a_pixel_centre_is_the_pixel() {
        let plane = Plane::from_vec(3, 2, vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(plane.sample(Point2::new(1.5, 0.5)), 1.0);
        assert_eq!(plane.sample(Point2::new(2.0, 1.0)), 3.0); // the mean of 1, 2, 4, 5
    }

    #[test]
    fn outside_a_plane_its_edge_goes_on() {
        let plane = Plane::from_vec(2, 1, vec![1.0, 2.0]);
        assert_eq!(plane.sample(Point2::new(-9.0, -9.0)), 1.0);
        assert_eq!(plane.sample(Point2::new(9.0, 9.0)), 2.0);
        assert_eq!(Plane::default().sample(Point2::new(0.0, 0.0)), 0.0);
    }

    #[test]
    fn mirroring_a_flow_twice_gives_it_back() {
        let flow =
            FlowField { u: Plane::from_vec(3, 1, vec![1.0, 2.0, 3.0]), v: Plane::from_vec(3, 1, vec![4.0, 5.0, 6.0]) };
        assert_eq!(flow.mirrored().u.data, [-3.0, -2.0, -1.0]);
        assert_eq!(flow.mirrored().mirrored(), flow);
    }
}
