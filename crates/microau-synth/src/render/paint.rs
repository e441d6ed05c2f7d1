//! The painted skin of one person: colour, shine and bumps per texel of the skin map.

use crate::head::skin_map::{MAP_HEIGHT, MAP_WIDTH, TEXELS_PER_DM, st_of_texel, texel_of};
use crate::identity::Appearance;
use crate::render::layers::Layers;
use crate::render::{brows, hair};
use crate::vec3::{V3, smoothstep, v3};

/// Red, green, blue in linear light, shine 0..=1, slope along s, slope along t, share of hair, unused.
pub(crate) type Texel = [f32; 8];

/// A person's skin map, in 16-bit steps: half the memory to fetch while shading, which is what shading waits for.
#[derive(Debug, Clone)]
pub(crate) struct Skin {
    texels: Vec<[i16; 8]>,
}

/// Size of one step of each value of a texel: colours and shares reach 1.36, slopes 4.
const STEPS: Texel =
    [1.0 / 24_000.0, 1.0 / 24_000.0, 1.0 / 24_000.0, 1.0 / 24_000.0, 1.0 / 8_000.0, 1.0 / 8_000.0, 1.0 / 24_000.0, 1.0];

impl Skin {
    /// Paints a person. `detail` scales pores and colour variation, `marks` freckles, stubble and lines.
    pub fn paint(who: &Appearance, detail: f32, marks: f32) -> Skin {
        let layers = Layers::get();
        let mut height = vec![0.0f32; MAP_WIDTH * MAP_HEIGHT];
        let mut texels = vec![[0.0f32; 8]; MAP_WIDTH * MAP_HEIGHT];
        // The person's own cut of the shared noise.
        let (own_x, own_y) = ((who.paint_seed >> 8) as usize % MAP_WIDTH, who.paint_seed as usize % MAP_HEIGHT);
        for y in 0..MAP_HEIGHT {
            let own_row = (y + own_y) % MAP_HEIGHT * MAP_WIDTH;
            for x in 0..MAP_WIDTH {
                let at = y * MAP_WIDTH + x;
                if !layers.used[at] {
                    continue;
                }
                let own = own_row + if x + own_x < MAP_WIDTH { x + own_x } else { x + own_x - MAP_WIDTH };
                let [s, t] = st_of_texel(x as f32 + 0.5, y as f32 + 0.5);
                let (colour, shine) = skin_colour(who, layers, at, own, detail, marks);
                let (colour, shine, cover) = hair::over(&who.hair, colour, shine, [s, t], [x, y]);
                let (colour, shine) = with_cloth(who, colour, shine, s, t, layers.pores[own]);
                let pores = 0.0007 * layers.pores[own] + 0.0002 * layers.grain[own] + 0.0008 * layers.mottle[own];
                let lines = 0.006 * layers.age_lines[at] * who.lines * marks;
                height[at] = (pores * detail + lines) * (1.0 - cover);
                texels[at] = [colour.x, colour.y, colour.z, shine, 0.0, 0.0, cover, 0.0];
            }
        }
        brows::paint(&who.brows, who.paint_seed, &mut texels);
        slopes(&height, &mut texels);
        // A cast from float to integer rounds towards zero and stays inside the integer's range.
        let pack = |texel: &Texel| std::array::from_fn(|i| (texel[i] / STEPS[i]) as i16);
        Skin { texels: texels.iter().map(pack).collect() }
    }

    /// Bilinear look-up, as [`sample`].
    #[inline]
    pub fn sample(&self, st: [f32; 2]) -> Texel {
        let (at, [wa, wb, wc, wd]) = corners(st);
        let (a, b) = (&self.texels[at], &self.texels[at + 1]);
        let (c, d) = (&self.texels[at + MAP_WIDTH], &self.texels[at + MAP_WIDTH + 1]);
        let mut sum = [0.0f32; 8];
        for i in 0..8 {
            let mixed = wa * f32::from(a[i]) + wb * f32::from(b[i]) + wc * f32::from(c[i]) + wd * f32::from(d[i]);
            sum[i] = mixed * STEPS[i];
        }
        sum
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

fn with_cloth(who: &Appearance, colour: V3, shine: f32, s: f32, t: f32, weave: f32) -> (V3, f32) {
    if t > 6.25 {
        return (colour, shine);
    }
    let neckline = 5.98 + 0.22 * smoothstep(0.35, 1.2, s.abs());
    let cover = smoothstep(neckline + 0.012, neckline - 0.012, t);
    (colour.lerp(who.cloth * (1.0 + 0.15 * weave), cover), shine * (1.0 - cover))
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
#[inline]
pub(crate) fn sample<const N: usize>(texels: &[[f32; N]], st: [f32; 2]) -> [f32; N] {
    let (at, [wa, wb, wc, wd]) = corners(st);
    let (a, b) = (&texels[at], &texels[at + 1]);
    let (c, d) = (&texels[at + MAP_WIDTH], &texels[at + MAP_WIDTH + 1]);
    std::array::from_fn(|i| wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i])
}

/// The upper left of the four texels around a place and the weights of the four.
#[inline]
fn corners(st: [f32; 2]) -> (usize, [f32; 4]) {
    let [x, y] = texel_of(st);
    let x = (x - 0.5).clamp(0.0, (MAP_WIDTH - 2) as f32);
    let y = (y - 0.5).clamp(0.0, (MAP_HEIGHT - 2) as f32);
    let (ix, iy) = (x as usize, y as usize);
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    (iy * MAP_WIDTH + ix, [(1.0 - fx) * (1.0 - fy), fx * (1.0 - fy), (1.0 - fx) * fy, fx * fy])
}
