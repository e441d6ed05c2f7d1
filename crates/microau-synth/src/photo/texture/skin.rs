//! The skin of the plate: where it is, new light on it, lines of age and pores.

use super::kind_at;
use crate::head::skin_map::{MAP_HEIGHT, MAP_WIDTH, texel_of};
use crate::head::{Head, normals};
use crate::photo::look::Look;
use crate::photo::plate::{Light, softened};
use crate::photo::stage::{Kind, Stage};
use crate::render::layers::{Layer, Layers};
use crate::render::raster::Visibility;
use crate::vec3::{V3, smoothstep, v3};

/// Likeness to the colour of the cheeks and forehead: hair, caps and glasses get no wrinkles.
pub(super) fn share(stage: &Stage, seen: &Visibility) -> Vec<f32> {
    let hue = |c: &Light| {
        let sum = (c[0] + c[1] + c[2]).max(1e-4);
        [c[0] / sum, c[1] / sum, (c[0] + c[1] + c[2]).max(1e-4).ln()]
    };
    // Cheeks, sides of the nose, chin: landmarks on bare skin.
    let places = [50, 280, 101, 330, 205, 425, 36, 266, 199, 4, 117, 346];
    let colours: Vec<[f32; 3]> = places.iter().map(|&i| hue(&stage.plate.sample(stage.marks[i].vertex.xy))).collect();
    let middle = [0, 1, 2].map(|c| median(colours.iter().map(|h| h[c])));
    let likeness = |at: usize| {
        if kind_at(stage, seen, at) != Some(Kind::Skin) {
            return 0.0;
        }
        let h = hue(&stage.plate.pixels[at]);
        let off = ((h[0] - middle[0]) / 0.07).powi(2)
            + ((h[1] - middle[1]) / 0.05).powi(2)
            + ((h[2] - middle[2]) / 0.9).powi(2);
        (-0.5 * off).exp()
    };
    let raw: Vec<f32> = (0..stage.plate.pixels.len()).map(likeness).collect();
    let radius = (0.02 * stage.inter_ocular_px).round().max(1.0) as usize;
    softened(&raw, stage.plate.width, radius).iter().map(|v| smoothstep(0.15, 0.6, *v)).collect()
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut sorted: Vec<f32> = values.collect();
    sorted.sort_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// Multiplies a new light over the plate, by the head's normals where it is and by a ball's around it.
pub(super) fn relight(stage: &mut Stage, look: &Look, seen: &Visibility) {
    let head = Head::get();
    let mut normal = Vec::new();
    normals(&head.asset.triangles, &head.average_dm, &mut normal);
    let mut of_vertex = vec![V3::ZERO; stage.vertices.len()];
    for (v, slot) in stage.slots.iter().enumerate() {
        if let Some(slot) = slot {
            of_vertex[usize::from(*slot)] = stage.fit.turned(normal[v]);
        }
    }
    let width = stage.plate.width;
    let unit = 1.0 / (2.4 * stage.inter_ocular_px);
    let mut factors = [0, 1, 2].map(|_| Vec::with_capacity(stage.plate.pixels.len()));
    for at in 0..stage.plate.pixels.len() {
        let (x, y) = ((at % width) as f32 + 0.5, (at / width) as f32 + 0.5);
        let mut n = v3((x - stage.eyes.x) * unit, (stage.eyes.y + 0.3 / unit - y) * unit, 0.8);
        if kind_at(stage, seen, at) == Some(Kind::Skin) {
            let weights = seen.barycentric(seen.triangle[at], x, y);
            let corners = stage.triangles[usize::from(seen.triangle[at])].0;
            n = (0..3).fold(V3::ZERO, |sum, i| sum + of_vertex[usize::from(corners[i])] * weights[i]);
        }
        let factor = look.relit(n.normalized());
        factors.iter_mut().zip([factor.x, factor.y, factor.z]).for_each(|(plane, f)| plane.push(f));
    }
    let radius = (0.07 * stage.inter_ocular_px).round().max(1.0) as usize;
    for (c, plane) in factors.iter().enumerate() {
        for (pixel, factor) in stage.plate.pixels.iter_mut().zip(softened(plane, width, radius)) {
            pixel[c] *= factor;
        }
    }
}

/// Lines of age and pores in the skin map's own coordinates, as brightness: furrows are darker, their lower edge lighter.
pub(super) fn add_lines_and_pores(stage: &mut Stage, look: &Look, seen: &Visibility) {
    if look.age_lines <= 0.0 && look.pores <= 0.0 {
        return;
    }
    let layers = Layers::get();
    for at in 0..stage.plate.pixels.len() {
        let share = stage.skin_share[at];
        if share <= 0.01 || kind_at(stage, seen, at) != Some(Kind::Skin) {
            continue;
        }
        let (x, y) = ((at % stage.plate.width) as f32 + 0.5, (at / stage.plate.width) as f32 + 0.5);
        let weights = seen.barycentric(seen.triangle[at], x, y);
        let corners = stage.triangles[usize::from(seen.triangle[at])].0.map(|v| &stage.vertices[usize::from(v)]);
        let st = [0, 1].map(|k| (0..3).map(|i| weights[i] * corners[i].st[k]).sum::<f32>());
        let part: f32 = (0..3).map(|i| weights[i] * corners[i].part).sum();
        let (here, above) = (layer_at(&layers.age_lines, st), layer_at(&layers.age_lines, [st[0], st[1] + 0.008]));
        let line = 0.16 * here + 0.20 * (above - here);
        let grain = 0.028 * layer_at(&layers.pores, st) + 0.02 * layer_at(&layers.mottle, st);
        let factor = 1.0 + share * part * (look.age_lines * line.clamp(-0.4, 0.3) + look.pores * grain);
        (0..3).for_each(|c| stage.plate.pixels[at][c] *= factor);
    }
}

/// A value of the skin map, bilinear.
fn layer_at(layer: &Layer, st: [f32; 2]) -> f32 {
    let [x, y] = texel_of(st);
    let x = (x - 0.5).clamp(0.0, (MAP_WIDTH - 2) as f32);
    let y = (y - 0.5).clamp(0.0, (MAP_HEIGHT - 2) as f32);
    let (ix, iy) = (x as usize, y as usize);
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let at = iy * MAP_WIDTH + ix;
    let top = layer[at] + fx * (layer[at + 1] - layer[at]);
    let bottom = layer[at + MAP_WIDTH] + fx * (layer[at + MAP_WIDTH + 1] - layer[at + MAP_WIDTH]);
    top + fy * (bottom - top)
}
