//! The skin map: where a point of the average head's surface lies in the texture.
//!
//! The head is unrolled from a vertical axis inside it: `s` runs around it (0 in the middle of the face, to the subject's
//! left), `t` upwards, both in decimetres on the surface, so that brows, lips and wrinkles can be drawn in real sizes. The
//! coordinates belong to the vertices, not to the moved points: what is painted stays glued to the skin.

use crate::vec3::V3;

/// Depth of the axis, decimetres.
const AXIS_Z_DM: f32 = 0.30;
/// Radius at which `s` is a true length.
const RADIUS_DM: f32 = 1.15;
/// Height above which the map follows the vault of the skull.
const VAULT_Y_DM: f32 = 7.3;

/// Left edge, top edge and texels of the map that is painted.
pub(crate) const S_MIN: f32 = -1.85;
pub(crate) const T_MAX: f32 = 8.80;
/// Texels per decimetre: about 100 between the eyes.
pub(crate) const TEXELS_PER_DM: f32 = 160.0;
pub(crate) const MAP_WIDTH: usize = 592;
pub(crate) const MAP_HEIGHT: usize = 496;

/// Place of a point of the average head on the unrolled skin.
pub(crate) fn st_of(p: V3) -> [f32; 2] {
    let (x, z) = (p.x, p.z - AXIS_Z_DM);
    let s = x.atan2(z) * RADIUS_DM;
    let t = if p.y < VAULT_Y_DM { p.y } else { VAULT_Y_DM + (p.y - VAULT_Y_DM).atan2(x.hypot(z)) * RADIUS_DM };
    [s, t]
}

/// Place on the unrolled skin in texels: texel (i, j) has its centre at (i + 0.5, j + 0.5), rows run down the face.
pub(crate) fn texel_of([s, t]: [f32; 2]) -> [f32; 2] {
    [(s - S_MIN) * TEXELS_PER_DM, (T_MAX - t) * TEXELS_PER_DM]
}

/// The inverse of [`texel_of`].
pub(crate) fn st_of_texel(x: f32, y: f32) -> [f32; 2] {
    [S_MIN + x / TEXELS_PER_DM, T_MAX - y / TEXELS_PER_DM]
}
