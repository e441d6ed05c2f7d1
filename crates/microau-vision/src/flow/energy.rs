//! How much moves where: mean magnitude of flow over regions, for the search of the apex.

use microau_core::geom::{Point2, Polygon};
use microau_core::plane::{FlowField, Plane};

/// Mean magnitude of a flow weighted by a plane of its size, px; `None` when the weights add up to nothing.
///
/// Where the sizes differ only the common part counts.
pub fn motion_energy(flow: &FlowField, weights: &Plane) -> Option<f32> {
    let (width, height) = (flow.width().min(weights.width), flow.height().min(weights.height));
    let (mut energy, mut total) = (0.0_f64, 0.0_f64);
    for y in 0..height {
        let components = flow.u.row(y).iter().zip(flow.v.row(y)).zip(weights.row(y)).take(width);
        for ((&u, &v), &weight) in components {
            energy += f64::from(weight * (u * u + v * v).sqrt());
            total += f64::from(weight);
        }
    }
    (total > 0.0).then(|| (energy / total) as f32)
}

/// 1 at pixels whose centre lies in any of the polygons (crop px), else 0.
pub fn region_weights(polygons: &[Polygon], width: usize, height: usize) -> Plane {
    let mut out = Plane::new(width, height);
    for y in 0..height {
        for (x, value) in out.row_mut(y).iter_mut().enumerate() {
            let centre = Point2::new(x as f32 + 0.5, y as f32 + 0.5);
            *value = f32::from(polygons.iter().any(|polygon| polygon.contains(centre)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32, y: f32, side: f32) -> Polygon {
        Polygon([(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)].map(|(a, b)| Point2::new(x + a, y + b)).to_vec())
    }

    #[test]
    fn only_motion_inside_the_regions_counts() {
        let mut flow = FlowField::new(10, 8);
        flow.u.set(3, 3, 3.0);
        flow.v.set(3, 3, 4.0);
        flow.u.set(9, 7, 100.0);
        let weights = region_weights(&[square(2.0, 2.0, 2.0), square(3.0, 3.0, 1.0)], 10, 8);
        assert_eq!(weights.data.iter().sum::<f32>(), 4.0);
        assert_eq!(motion_energy(&flow, &weights), Some(1.25)); // 5 px over 4 pixels
    }

    #[test]
    fn regions_outside_of_the_crop_have_no_energy() {
        let weights = region_weights(&[square(50.0, 50.0, 9.0)], 10, 8);
        assert_eq!(motion_energy(&FlowField::new(10, 8), &weights), None);
    }
}
