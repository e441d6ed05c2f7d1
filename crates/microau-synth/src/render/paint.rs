//! The painted skin of one person: colour, shine and bumps per texel of the skin map.

use crate::dice::Dice;
use crate::head::skin_map::{MAP_HEIGHT, MAP_WIDTH, TEXELS_PER_DM, st_of_texel, texel_of};
use crate::identity::{Appearance, Brows, Hair};
use crate::render::layers::{Layers, value_noise};
use crate::vec3::{V3, smoothstep, v3};

/// Red, green, blue in linear light, shine 0..=1, slope along s, slope along t, share of hair, unused.
pub(crate) type Texel = [f32; 8];

/// A person's skin map.
#[derive(Debug, Clone)]
pub(crate) struct Skin {
    pub texels: Vec<Texel>,
}

impl Skin {
    /// Paints a person. `detail` scales pores and colour variation, `marks` freckles, stubble and lines.
    pub fn paint(who: &Appearance, detail: f32, marks: f32) -> Skin {
        let layers = Layers::get();
        let mut height = vec![0.0f32; MAP_WIDTH * MAP_HEIGHT];
        let mut texels = vec![[0.0f32; 8]; MAP_WIDTH * MAP_HEIGHT];
        let offset = (who.paint_seed % 1_000) as f32 * 0.137;
        for y in 0..MAP_HEIGHT {
            for x in 0..MAP_WIDTH {
                let at = y * MAP_WIDTH + x;
                // The person's own cut of the shared noise.
                let own = (y + who.paint_seed as usize % 211) % MAP_HEIGHT * MAP_WIDTH
                    + (x + (who.paint_seed >> 8) as usize % 307) % MAP_WIDTH;
                let [s, t] = st_of_texel(x as f32 + 0.5, y as f32 + 0.5);
                let (colour, shine) = skin_colour(who, layers, at, own, detail, marks);
                let (colour, shine, hair) = with_hair(&who.hair, colour, shine, s, t, layers.ears[at], offset);
                let (colour, shine) = with_cloth(who, colour, shine, s, t);
                height[at] = (0.0007 * layers.pores[own] + 0.0002 * layers.grain[own] + 0.0008 * layers.mottle[own])
                    * detail
                    * (1.0 - hair)
                    + 0.006 * layers.age_lines[at] * who.lines * marks * (1.0 - hair);
                texels[at] = [colour.x, colour.y, colour.z, shine, 0.0, 0.0, hair, 0.0];
            }
        }
        paint_brows(&who.brows, who.paint_seed, &mut texels);
        slopes(&height, &mut texels);
        Skin { texels }
    }
}

/// Skin without hair: colour and shine.
fn skin_colour(who: &Appearance, layers: &Layers, at: usize, own: usize, detail: f32, marks: f32) -> (V3, f32) {
    let shade = 1.0
        + detail
            * (0.09 * layers.clouds[own]
                + 0.07 * layers.mottle[own]
                + 0.05 * layers.pores[own]
                + 0.03 * layers.grain[own]);
    let blood =
        0.14 * layers.clouds[at] + who.flush * (layers.cheeks[at] + 0.9 * layers.nose[at] + 0.5 * layers.ears[at]);
    let mut colour = who.skin * shade;
    colour = colour * v3(1.0 + 0.03 * blood, 1.0 - 0.2 * blood, 1.0 - 0.18 * blood);
    colour = colour * v3(1.0, 1.0, 1.0).lerp(v3(0.72, 0.64, 0.68), who.tired * layers.under_eyes[at]);
    colour = colour * v3(1.0, 1.0, 1.0).lerp(v3(0.82, 0.70, 0.68), 0.7 * layers.lids[at]);
    if who.freckles > 0.0 {
        let spots = smoothstep(0.42, 0.8, 0.65 * layers.mottle[own] + 0.75 * layers.pores[own])
            * (0.25 + layers.cheeks[at] + layers.nose[at]).min(1.0);
        colour = colour * v3(1.0, 1.0, 1.0).lerp(v3(0.74, 0.62, 0.50), spots * who.freckles * marks);
    }
    if who.stubble > 0.0 {
        let dots = 0.45 + 0.55 * smoothstep(-0.3, 0.6, layers.grain[own]);
        let tint = who.hair.colour * 0.6 + who.skin * 0.25;
        colour = colour.lerp(tint, layers.beard[at] * dots * 0.75 * who.stubble * marks);
    }
    let lips = smoothstep(0.25, 0.75, layers.lips[at]);
    let lip_colour = who.lips * (1.0 + 0.12 * layers.mottle[own] + 0.1 * layers.pores[at]);
    colour = colour.lerp(lip_colour, lips);
    let lashes = smoothstep(0.06, 0.5, layers.lid_edge[at]);
    colour = colour.lerp(v3(0.012, 0.009, 0.008), lashes * who.eyes.lashes);
    let shine =
        0.55 + 0.25 * layers.nose[at] + 0.1 * layers.clouds[own] + 0.3 * lips - 0.3 * layers.beard[at] * who.stubble;
    (colour, shine.clamp(0.05, 1.2))
}

/// Height over which hair grows at a place of the scalp, as t in dm.
pub(crate) fn hairline_t(hair: &Hair, s: f32) -> f32 {
    let a = s.abs();
    let front = 8.02 + hair.hairline_dm - 0.05 * (a / 0.5).powi(2);
    let bay = 0.16 * hair.bays * smoothstep(0.15, 0.42, a) * smoothstep(0.75, 0.5, a);
    let temple = front + bay - (front + bay - 7.62) * smoothstep(0.58, 0.86, a);
    let sideburn = temple - (temple - 7.12) * smoothstep(0.86, 1.0, a);
    let over_ear = sideburn + (7.5 - 7.12) * smoothstep(1.16, 1.26, a);
    over_ear - (7.5 - 6.45) * smoothstep(1.75, 2.1, a)
}

/// How much hair covers a place of the skin map, 0..=1, without the ragged edge.
pub(crate) fn hair_cover(hair: &Hair, s: f32, t: f32, edge_dm: f32) -> f32 {
    if hair.thickness_dm <= 0.0 {
        return 0.0;
    }
    let line = hairline_t(hair, s);
    let fringe =
        hair.fringe_dm * smoothstep(0.75, 0.55, s.abs()) * smoothstep(0.0, 0.25, (s - hair.parting * 0.5).abs());
    smoothstep(line - fringe - edge_dm, line - fringe + edge_dm, t)
}

fn with_hair(hair: &Hair, colour: V3, shine: f32, s: f32, t: f32, ear: f32, offset: f32) -> (V3, f32, f32) {
    if hair.thickness_dm <= 0.0 || t < hairline_t(hair, s) - hair.fringe_dm - 0.12 {
        return (colour, shine, 0.0);
    }
    let bend = hair.wave * 0.12 * (t * 9.0 + 3.0 * s).sin();
    let flow = s + bend + 0.25 * hair.parting * (t - 8.0);
    let strand = 0.6 * value_noise((flow + offset) * 62.0, t * 3.2, 71)
        + 0.4 * value_noise((flow + offset) * 140.0, t * 5.0, 72);
    let lock = value_noise((flow + offset) * 30.0, t * 3.0, 73);
    let single = value_noise((flow + offset) * 115.0, t * 4.0, 75);
    let ragged = 0.035 * lock + 0.045 * single;
    let cover = hair_cover(hair, s, t + ragged, 0.075) * (1.0 - smoothstep(0.3, 0.7, ear));
    let lit = hair.colour * (1.0 + 0.5 * strand);
    (colour.lerp(lit, cover), shine * (1.0 - cover) + 0.35 * cover, cover)
}

fn with_cloth(who: &Appearance, colour: V3, shine: f32, s: f32, t: f32) -> (V3, f32) {
    let neckline = 5.98 + 0.22 * smoothstep(0.35, 1.2, s.abs());
    let cover = smoothstep(neckline + 0.012, neckline - 0.012, t);
    let weave = 1.0 + 0.1 * value_noise(s * 70.0, t * 70.0, 74);
    (colour.lerp(who.cloth * weave, cover), shine * (1.0 - cover))
}

/// Middle line of a brow: u runs from 0 at the nose to 1 at the temple.
fn brow_line(brows: &Brows, u: f32) -> [f32; 2] {
    let s = 0.115 + (0.45 * brows.length) * u;
    let arch = brows.arch_dm * (1.0 - ((u - 0.62) / 0.62).powi(2));
    let t = 7.47 + brows.lift_dm + 0.02 * (u / 0.6).min(1.0) + arch
        - (0.07 + 0.5 * brows.arch_dm) * ((u - 0.58).max(0.0) / 0.42).powf(1.3);
    [s, t]
}

fn paint_brows(brows: &Brows, seed: u64, texels: &mut [Texel]) {
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

/// Slopes of a height map in dm per dm, along s (right) and t (up).
fn slopes(height: &[f32], texels: &mut [Texel]) {
    let k = 0.5 * TEXELS_PER_DM;
    for y in 1..MAP_HEIGHT - 1 {
        for x in 1..MAP_WIDTH - 1 {
            let at = y * MAP_WIDTH + x;
            texels[at][4] = (height[at + 1] - height[at - 1]) * k;
            texels[at][5] = (height[at - MAP_WIDTH] - height[at + MAP_WIDTH]) * k;
        }
    }
}

/// Bilinear look-up at a place of the skin map, edge texels beyond the border.
pub(crate) fn sample<const N: usize>(texels: &[[f32; N]], [s, t]: [f32; 2]) -> [f32; N] {
    let [x, y] = texel_of([s, t]);
    let x = (x - 0.5).clamp(0.0, (MAP_WIDTH - 2) as f32);
    let y = (y - 0.5).clamp(0.0, (MAP_HEIGHT - 2) as f32);
    let (ix, iy) = (x as usize, y as usize);
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let at = iy * MAP_WIDTH + ix;
    let (a, b) = (&texels[at], &texels[at + 1]);
    let (c, d) = (&texels[at + MAP_WIDTH], &texels[at + MAP_WIDTH + 1]);
    let (wa, wb, wc, wd) = ((1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy);
    std::array::from_fn(|i| wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i])
}
