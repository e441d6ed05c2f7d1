//! Painted brows: single hairs on the skin map, so that they move with the skin.

use crate::dice::Dice;
use crate::head::skin_map::{MAP_HEIGHT, MAP_WIDTH, texel_of};
use crate::identity::Brows;
use crate::render::paint::Texel;
use crate::vec3::{V3, smoothstep};

/// Middle line of a brow: u runs from 0 at the nose to 1 at the temple.
fn brow_line(brows: &Brows, u: f32) -> [f32; 2] {
    let s = 0.115 + (0.45 * brows.length) * u;
    let arch = brows.arch_dm * (1.0 - ((u - 0.62) / 0.62).powi(2));
    let t = 7.47 + brows.lift_dm + 0.02 * (u / 0.6).min(1.0) + arch
        - (0.07 + 0.5 * brows.arch_dm) * ((u - 0.58).max(0.0) / 0.42).powf(1.3);
    [s, t]
}

/// Paints both brows over the skin, hair by hair.
pub(crate) fn paint(brows: &Brows, seed: u64, texels: &mut [Texel]) {
    let mut dice = Dice::new(seed, "brows");
    for side in [1.0f32, -1.0] {
        for _ in 0..brows.strokes {
            let u = dice.unit();
            let taper = (0.55 + 0.45 * smoothstep(0.0, 0.2, u)) * (1.0 - 0.8 * u * u);
            let [s, t] = brow_line(brows, u);
            let place = dice.normal().clamp(-2.0, 2.0) * 0.36;
            let across = place * brows.thickness_dm * taper;
            // Hairs stand up at the nose, lie along the brow in its middle and turn down at the temple; the upper ones lean down,
            // the lower ones up.
            let angle = 1.1 * (1.0 - u).powi(2) - 0.25 - 0.3 * u - 0.55 * place * u.sqrt() + 0.2 * dice.signed();
            let length = dice.between(0.03, 0.06) * (1.0 - 0.3 * u);
            let (from, to) = ([s, t + across], [s + length * angle.cos(), t + across + length * angle.sin()]);
            let opacity = brows.opacity * dice.between(0.3, 0.8) * smoothstep(-0.05, 0.15, u);
            let colour = brows.colour * dice.between(0.75, 1.25);
            stroke(texels, [from[0] * side, from[1]], [to[0] * side, to[1]], colour, opacity);
        }
    }
}

/// A hair: a thin line that fades towards its tip.
fn stroke(texels: &mut [Texel], from: [f32; 2], to: [f32; 2], colour: V3, opacity: f32) {
    let ([x0, y0], [x1, y1]) = (texel_of(from), texel_of(to));
    let (dx, dy) = (x1 - x0, y1 - y0);
    let length_squared = (dx * dx + dy * dy).max(1e-6);
    let (left, right) = (x0.min(x1) - 2.0, x0.max(x1) + 2.0);
    let (top, bottom) = (y0.min(y1) - 2.0, y0.max(y1) + 2.0);
    for y in (top.max(0.0) as usize)..(bottom.clamp(0.0, MAP_HEIGHT as f32) as usize) {
        for x in (left.max(0.0) as usize)..(right.clamp(0.0, MAP_WIDTH as f32) as usize) {
            let (px, py) = (x as f32 + 0.5 - x0, y as f32 + 0.5 - y0);
            let along = ((px * dx + py * dy) / length_squared).clamp(0.0, 1.0);
            let off = (px - along * dx).hypot(py - along * dy);
            let cover = smoothstep(1.35, 0.2, off) * (1.0 - 0.7 * along) * opacity;
            let texel = &mut texels[y * MAP_WIDTH + x];
            texel[0] += (colour.x - texel[0]) * cover;
            texel[1] += (colour.y - texel[1]) * cover;
            texel[2] += (colour.z - texel[2]) * cover;
            texel[3] *= 1.0 - 0.5 * cover;
        }
    }
}
