//! An image pulled back along a flow.

use microau_core::plane::{FlowField, Plane};

use super::pyramid::Size;
use super::spline::Spline;

/// The image seen through a flow, `out(x, y) = image(x + u, y + v)`, from the cubic spline through its pixels; outside
/// of the image its edge goes on.
///
/// With the flow from a first to a second image, the second warped by it looks like the first. The result has the size
/// of the image; where the flow is smaller than the image, or its values are not finite, pixels stay where they are.
pub fn warp(image: &Plane, flow: &FlowField) -> Plane {
    let size = Size { width: image.width, height: image.height };
    let mut out = Plane::new(image.width, image.height);
    let (mut u, mut v) = (vec![0.0; size.width], vec![0.0; size.width]);
    let mut inside = vec![0.0; size.width];
    let mut spline = Spline::default();
    spline.set(&image.data, size);
    for y in 0..size.height {
        fill(&flow.u, y, &mut u);
        fill(&flow.v, y, &mut v);
        spline.warp_row(y, &u, &v, out.row_mut(y), &mut inside);
    }
    out
}

/// Row `y` of a component, 0 where there is none.
fn fill(component: &Plane, y: usize, row: &mut [f32]) {
    row.fill(0.0);
    if y < component.height {
        for (to, &from) in row.iter_mut().zip(component.row(y)) {
            *to = if from.is_finite() { from } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_pixel_shift_copies_pixels() {
        let image = Plane::from_vec(20, 9, (0..180).map(|i| ((i * 31) % 97) as f32).collect());
        let mut flow = FlowField::new(20, 9);
        flow.u.data.fill(2.0);
        flow.v.data.fill(-1.0);
        let out = warp(&image, &flow);
        for y in 1..9 {
            for x in 0..18 {
                assert!((out.at(x, y) - image.at(x + 2, y - 1)).abs() < 1e-2);
            }
        }
        // the spline gives its own pixels back but for 1e-5 of values up to 97, with a gain of 3 both ways
        assert!((out.at(19, 4) - image.at(19, 3)).abs() < 1e-2);
    }

    #[test]
    fn a_parabola_is_interpolated_exactly() {
        // cubic splines reproduce polynomials of the third degree
        let parabola = |x: f32, y: f32| 0.25 * x * x - 0.5 * x * y + 3.0;
        let image = Plane::from_vec(24, 24, (0..576).map(|i| parabola((i % 24) as f32, (i / 24) as f32)).collect());
        let mut flow = FlowField::new(24, 24);
        flow.u.data.iter_mut().enumerate().for_each(|(i, u)| *u = ((i % 7) as f32) / 3.0 - 1.0);
        flow.v.data.fill(0.375);
        let out = warp(&image, &flow);
        for y in 8..16 {
            for x in 8..16 {
                let expected = parabola(x as f32 + flow.u.at(x, y), y as f32 + 0.375);
                // the corners near by turn the spline a little
                assert!((out.at(x, y) - expected).abs() < 2e-2, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_flow_of_another_size_or_not_finite_leaves_pixels_in_place() {
        let image = Plane::from_vec(9, 2, (0..18).map(|i| i as f32).collect());
        let mut flow = FlowField::new(3, 1);
        flow.u.data = vec![f32::NAN, f32::INFINITY, 0.0];
        let out = warp(&image, &flow);
        assert!(out.data.iter().zip(&image.data).all(|(a, b)| (a - b).abs() < 1e-2));
    }
}
