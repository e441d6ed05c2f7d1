//! The photo's own light, read from how bright the skin is at which turn, and with it how a furrow brightens and darkens.
//!
//! Brightness over the normal n is taken as `a + b·n` (the first order of spherical harmonics), least squares over the
//! vertices on bare skin.

use crate::head::{Head, normals};
use crate::photo::stage::Stage;
use crate::vec3::{V3, v3};

/// Photo light is mostly soft and from above; this much of such a light is always taken in, so that furrows show under
/// flat light as they do for a camera's flash.
const LIGHT_FROM_ABOVE: V3 = v3(0.0, 0.42, 0.12);
/// Largest relative brightening by a slope of 1.
const MOST_SHADE: f32 = 1.6;

/// Fills in [`crate::photo::stage::Vertex::shade`].
pub(crate) fn light_vertices(stage: &mut Stage) {
    let head = Head::get();
    let mut normal = Vec::new();
    normals(&head.asset.triangles, &head.average_dm, &mut normal);
    let light = read_light(stage, &normal);
    for (v, slot) in stage.slots.iter().enumerate() {
        let Some(slot) = slot else { continue };
        let n = normal[v];
        let along = v3(n.z, 0.0, -n.x).normalized();
        let upward = n.cross(along);
        let shade = [along, upward].map(|axis| (-light.dot(axis)).clamp(-MOST_SHADE, MOST_SHADE));
        stage.vertices[usize::from(*slot)].shade = shade;
    }
}

/// `b / mean brightness` in head space.
fn read_light(stage: &Stage, normal: &[V3]) -> V3 {
    let (mut matrix, mut right) = ([[0.0f64; 4]; 4], [0.0f64; 4]);
    let mut total = 0.0f64;
    for (v, slot) in stage.slots.iter().enumerate() {
        let Some(slot) = slot else { continue };
        let vertex = &stage.vertices[usize::from(*slot)];
        let (x, y) = (vertex.xy.x as usize, vertex.xy.y as usize);
        if vertex.part < 0.9 || x >= stage.plate.width || y >= stage.plate.height {
            continue;
        }
        let weight = f64::from(stage.skin_share[y * stage.plate.width + x]);
        let c = stage.plate.sample(vertex.xy);
        let bright = f64::from(0.3 * c[0] + 0.6 * c[1] + 0.1 * c[2]);
        let n = normal[v];
        let row = [1.0, f64::from(n.x), f64::from(n.y), f64::from(n.z)];
        for i in 0..4 {
            (0..4).for_each(|j| matrix[i][j] += weight * row[i] * row[j]);
            right[i] += weight * row[i] * bright;
        }
        total += weight;
    }
    // A little of the identity keeps the answer small where the data say nothing.
    (0..4).for_each(|i| matrix[i][i] += 0.02 * total + 1e-9);
    let [a, bx, by, bz] = solved(matrix, right);
    let mean = (a + 0.7 * bz).abs().max(1e-4);
    v3((bx / mean) as f32, (by / mean) as f32, (bz / mean) as f32) + LIGHT_FROM_ABOVE
}

/// Gauss-Jordan on a positive definite matrix.
fn solved(mut matrix: [[f64; 4]; 4], mut right: [f64; 4]) -> [f64; 4] {
    for k in 0..4 {
        let pivot = matrix[k][k];
        (0..4).for_each(|j| matrix[k][j] /= pivot);
        right[k] /= pivot;
        for i in (0..4).filter(|&i| i != k) {
            let factor = matrix[i][k];
            (0..4).for_each(|j| matrix[i][j] -= factor * matrix[k][j]);
            right[i] -= factor * right[k];
        }
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        let matrix = [[4.0, 1.0, 0.0, 0.0], [1.0, 3.0, 1.0, 0.0], [0.0, 1.0, 2.0, 0.5], [0.0, 0.0, 0.5, 5.0]];
        // For x = (1, 2, 3, 4): 4+2, 1+6+3, 2+6+2, 1.5+20.
        let x = solved(matrix, [6.0, 10.0, 10.0, 21.5]);
        for (got, expected) in x.iter().zip([1.0, 2.0, 3.0, 4.0]) {
            assert!((got - expected).abs() < 1e-9);
        }
    }
}
