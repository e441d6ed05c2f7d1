//! Optical strain: how much the skin is stretched and sheared, whatever the head does.
//!
//! ```text
//! e = ½ ( ∇u + ∇uᵀ ) ,   strain = sqrt( e_xx² + e_yy² + 2 e_xy² )          (Shreve et al. 2009)
//! ```
//!
//! Shifts and small turns of the head have no strain.

use microau_core::plane::{FlowField, Plane};

/// Magnitude of the optical strain of a flow, px per px, at least 0: central differences, one-sided at the border.
pub fn strain(flow: &FlowField) -> Plane {
    let (width, height) = (flow.width(), flow.height());
    let mut out = Plane::new(width, height);
    for y in 0..height {
        let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
        let per_row = 1.0 / (below - above).max(1) as f32;
        for x in 0..width {
            let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
            let per_column = 1.0 / (right - left).max(1) as f32;
            let along = |plane: &Plane| (plane.at(right, y) - plane.at(left, y)) * per_column;
            let across = |plane: &Plane| (plane.at(x, below) - plane.at(x, above)) * per_row;
            let (xx, yy) = (along(&flow.u), across(&flow.v));
            let xy = 0.5 * (across(&flow.u) + along(&flow.v));
            out.set(x, y, (xx * xx + yy * yy + 2.0 * xy * xy).sqrt());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// u = a x + b y, v = c x + d y.
    fn linear(a: f32, b: f32, c: f32, d: f32) -> FlowField {
        let mut flow = FlowField::new(9, 6);
        for i in 0..54 {
            let (x, y) = ((i % 9) as f32, (i / 9) as f32);
            flow.u.data[i] = a * x + b * y;
            flow.v.data[i] = c * x + d * y;
        }
        flow
    }

    fn is_everywhere(plane: &Plane, expected: f32) -> bool {
        plane.data.iter().all(|v| (v - expected).abs() < 1e-5)
    }

    #[test]
    fn strain_of_stretch_and_shear_is_that_of_the_formula() {
        assert!(is_everywhere(&strain(&linear(0.3, 0.0, 0.0, 0.4)), 0.5));
        // e_xy = (0.2 + 0.4) / 2 = 0.3
        assert!(is_everywhere(&strain(&linear(0.0, 0.2, 0.4, 0.0)), 0.3 * 2.0_f32.sqrt()));
    }

    #[test]
    fn a_turning_head_has_no_strain() {
        assert!(is_everywhere(&strain(&linear(0.0, -0.02, 0.02, 0.0)), 0.0));
    }

    #[test]
    fn the_smallest_fields_have_a_strain() {
        assert_eq!(strain(&FlowField::new(1, 1)).data, [0.0]);
        assert!(strain(&FlowField::default()).data.is_empty());
    }
}
