//! Layers of the skin map that all people share: noise of several sizes and where lips, lids, cheeks and beard lie.
//! Painted once per process; a person's skin is a mixture of them.

use std::sync::LazyLock;

use crate::head::Head;
use crate::head::skin_map::{MAP_HEIGHT, MAP_WIDTH, T_MAX, TEXELS_PER_DM, st_of_texel, texel_of};
use crate::muscle::recipe::hash;
use crate::render::raster::{NOTHING, Visibility};
use crate::vec3::smoothstep;

static LAYERS: LazyLock<Layers> = LazyLock::new(Layers::build);

/// One value per texel of the skin map.
pub(crate) type Layer = Vec<f32>;

/// The shared layers. Noises lie in -1..1, masks in 0..=1.
pub(crate) struct Layers {
    /// Clouds of 8 mm, 2.5 mm, 0.8 mm; grain of one texel.
    pub clouds: Layer,
    pub mottle: Layer,
    pub pores: Layer,
    pub grain: Layer,
    pub lips: Layer,
    pub lids: Layer,
    pub ears: Layer,
    /// Opening of the eyes, blurred over 1 mm: lashes and wet edge.
    pub lid_edge: Layer,
    pub cheeks: Layer,
    pub nose: Layer,
    pub under_eyes: Layer,
    pub beard: Layer,
    /// 0 on the ears, 1 elsewhere.
    pub no_ear: Layer,
    /// Shades of strands of hair, and how far the ends of strands reach, dm.
    pub strands: Layer,
    pub hair_edge: Layer,
    /// Texels that some part of the skin shows.
    pub used: Vec<bool>,
    /// Height of lines of age (forehead, glabella, crow's feet, nasolabial), mm.
    pub age_lines: Layer,
}

impl Layers {
    /// The layers, painted on first use.
    pub fn get() -> &'static Layers {
        &LAYERS
    }

    fn build() -> Layers {
        let ([lips, lids, ears, opening], used) = surface_masks();
        let place = |f: &dyn Fn(f32, f32) -> f32| paint_layer(|s, t| f(s.abs(), t));
        Layers {
            clouds: noise_layer(1, 0.085, 0.085, 3),
            mottle: noise_layer(2, 0.026, 0.026, 2),
            pores: noise_layer(3, 0.0125, 0.0125, 1),
            grain: noise_layer(4, 0.0063, 0.0063, 1),
            lips,
            lids: blurred(&lids, 2),
            no_ear: blurred(&ears, 3).iter().map(|ear| 1.0 - smoothstep(0.3, 0.7, *ear)).collect(),
            ears: blurred(&ears, 3),
            strands: paint_layer(|s, t| {
                0.6 * value_noise(s * 62.0, t * 3.2, 71) + 0.4 * value_noise(s * 140.0, t * 5.0, 72)
            }),
            hair_edge: paint_layer(|s, t| {
                0.035 * value_noise(s * 30.0, t * 3.0, 73) + 0.045 * value_noise(s * 115.0, t * 4.0, 75)
            }),
            used,
            lid_edge: blurred(&opening, 1),
            cheeks: place(&|s, t| bump(s - 0.47, t - 6.93, 0.26, 0.2)),
            nose: place(&|s, t| bump(s, t - 6.93, 0.15, 0.13)),
            under_eyes: place(&|s, t| bump(s - 0.27, t - 7.11 - 0.1 * (s - 0.27).powi(2), 0.16, 0.055)),
            beard: place(&beard),
            age_lines: place(&age_lines),
        }
    }
}

/// A bell of radii (rs, rt), 1 in the middle.
fn bump(ds: f32, dt: f32, rs: f32, rt: f32) -> f32 {
    (-(ds / rs).powi(2) - (dt / rt).powi(2)).exp()
}

/// Where a beard grows: upper lip, chin, jaw up to the sideburns.
fn beard(s: f32, t: f32) -> f32 {
    let upper_lip = smoothstep(6.86, 6.80, t) * smoothstep(0.40, 0.30, s);
    let jaw_top = 6.62 + 0.45 * smoothstep(0.45, 1.15, s);
    let jaw = smoothstep(jaw_top + 0.05, jaw_top - 0.08, t);
    let under = smoothstep(5.95, 6.2, t);
    let cheek_gap = 1.0 - 0.5 * bump(s - 0.42, t - 6.72, 0.1, 0.1);
    (upper_lip.max(jaw) * under * cheek_gap * smoothstep(1.45, 1.25, s)).clamp(0.0, 1.0)
}

/// A furrow: deepest where `across` is 0, `width` wide, with a soft rim.
fn furrow(across: f32, width: f32) -> f32 {
    let x = across / width;
    let valley = (-x * x).exp();
    let rim = (-(x.abs() - 1.6).powi(2)).exp();
    0.25 * rim - valley
}

/// Height of the lines that age leaves, with 1 as the deepest.
fn age_lines(s: f32, t: f32) -> f32 {
    let bow = 0.05 * (s / 0.5).powi(2);
    let forehead: f32 = [7.66, 7.76, 7.86]
        .iter()
        .enumerate()
        .map(|(i, at)| furrow(t - at + bow * (0.4 - 0.3 * i as f32) - 0.008 * (17.0 * s + 2.0 * i as f32).sin(), 0.012))
        .sum::<f32>()
        * smoothstep(0.62, 0.35, s);
    let nasolabial_s = 0.19 + 0.28 * (6.86 - t).max(0.0) + 0.35 * (6.86 - t).max(0.0).powi(2);
    let nasolabial = furrow(s - nasolabial_s, 0.018) * smoothstep(6.9, 6.84, t) * smoothstep(6.5, 6.62, t) * 1.4;
    let (dx, dy) = (s - 0.50, t - 7.27);
    let feet_angle = dy.atan2(dx);
    let feet = [-0.5, -0.1, 0.35f32].iter().map(|a| furrow((feet_angle - a) * dx.hypot(dy), 0.009)).sum::<f32>()
        * bump(dx - 0.13, dy, 0.1, 0.12)
        * smoothstep(0.02, 0.06, dx)
        * 0.8;
    let glabella = furrow(s - 0.075, 0.012) * bump(0.0, t - 7.45, 1.0, 0.08) * 0.7;
    let under = furrow(t - 7.135 - 0.35 * (s - 0.3).powi(2), 0.012)
        * bump(s - 0.3, 0.0, 0.16, 1.0)
        * smoothstep(0.1, 0.15, s)
        * 0.6;
    forehead * 0.7 + nasolabial + feet + glabella + under
}

fn paint_layer(f: impl Fn(f32, f32) -> f32) -> Layer {
    let mut layer = Vec::with_capacity(MAP_WIDTH * MAP_HEIGHT);
    for y in 0..MAP_HEIGHT {
        for x in 0..MAP_WIDTH {
            let [s, t] = st_of_texel(x as f32 + 0.5, y as f32 + 0.5);
            layer.push(f(s, t));
        }
    }
    layer
}

/// Smooth noise with cells of (`cell_s`, `cell_t`) dm, `octaves` sizes halving.
pub(crate) fn noise_layer(seed: u32, cell_s: f32, cell_t: f32, octaves: u32) -> Layer {
    paint_layer(|s, t| {
        let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
        for octave in 0..octaves {
            let k = (1 << octave) as f32;
            sum += weight * value_noise(s * k / cell_s, t * k / cell_t, seed * 97 + octave);
            total += weight;
            weight *= 0.55;
        }
        sum / total
    })
}

/// Smooth noise in -1..1 over the plane, one cell per unit.
pub(crate) fn value_noise(x: f32, y: f32, seed: u32) -> f32 {
    let (ix, iy) = (floor(x), floor(y));
    let (fx, fy) = (x - ix as f32, y - iy as f32);
    let (wx, wy) = (fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy));
    let at = |dx: i32, dy: i32| {
        let key = hash(hash(seed ^ (ix + dx) as u32) ^ (iy + dy) as u32);
        key as f32 * (2.0 / u32::MAX as f32) - 1.0
    };
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * wx;
    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * wx;
    top + (bottom - top) * wy
}

/// The whole number below, without a call into the mathematics library.
#[inline]
fn floor(x: f32) -> i32 {
    let whole = x as i32;
    whole - i32::from(x < whole as f32)
}

/// Lips, lids, ears by the vertices' masks, and the opening of the eyes, as the skin map sees them from outside.
fn surface_masks() -> ([Layer; 4], Vec<bool>) {
    let head = Head::get();
    let triangles = &head.asset.triangles;
    let mut seen = Visibility::new(MAP_WIDTH, MAP_HEIGHT, triangles.len());
    let point = |v: u16| {
        let [x, y] = texel_of(head.st[usize::from(v)]);
        let p = head.average_dm[usize::from(v)];
        [x, y, p.x.hypot(p.z - 0.3)]
    };
    let eyes = [head.group("eye_left"), head.group("eye_right")];
    let skin = head.group("skin");
    for number in skin.clone().chain(eyes[0].clone()).chain(eyes[1].clone()) {
        let corners = triangles[number].map(point);
        let wide = corners.iter().any(|a| corners.iter().any(|b| (a[0] - b[0]).abs() > 60.0));
        if !wide {
            seen.draw(number as u16, corners);
        }
    }
    let mut layers = [0, 1, 2, 3].map(|_| vec![0.0f32; MAP_WIDTH * MAP_HEIGHT]);
    let masks = ["lips", "lids", "ears"].map(|name| &head.asset.masks[name]);
    for (at, &number) in seen.triangle.iter().enumerate().filter(|(_, t)| **t != NOTHING) {
        if !skin.contains(&usize::from(number)) {
            layers[3][at] = 1.0;
            continue;
        }
        let (x, y) = ((at % MAP_WIDTH) as f32 + 0.5, (at / MAP_WIDTH) as f32 + 0.5);
        let weights = seen.barycentric(number, x, y);
        let corners = triangles[usize::from(number)];
        for (layer, mask) in layers.iter_mut().zip(masks) {
            layer[at] = (0..3).map(|i| weights[i] * mask[usize::from(corners[i])]).sum::<f32>().clamp(0.0, 1.0);
        }
    }
    // Look-ups blend neighbours, and lids reach below what is seen: a margin of eight texels is used too.
    let covered: Layer = seen.triangle.iter().map(|&t| if t == NOTHING { 0.0 } else { 1.0 }).collect();
    // On the vault of the head triangles are too wide to be drawn here.
    let top = (T_MAX - 7.4) * TEXELS_PER_DM;
    let near = blurred(&covered, 4);
    // Look-ups beyond the border read its edge.
    let is_edge = |x: usize, y: usize| x < 2 || x + 2 >= MAP_WIDTH || y + 2 >= MAP_HEIGHT;
    let is_used = |(at, &share): (usize, &f32)| {
        share > 0.0 || ((at / MAP_WIDTH) as f32) < top || is_edge(at % MAP_WIDTH, at / MAP_WIDTH)
    };
    let used = near.iter().enumerate().map(is_used).collect();
    (layers, used)
}

/// Box blur of the given radius, twice: close to a bell.
pub(crate) fn blurred(layer: &[f32], radius: usize) -> Layer {
    let mut layer = layer.to_vec();
    for _ in 0..2 {
        layer = box_blur(&layer, MAP_WIDTH, 1, radius);
        layer = box_blur(&layer, MAP_HEIGHT, MAP_WIDTH, radius);
    }
    layer
}

fn box_blur(layer: &[f32], length: usize, stride: usize, radius: usize) -> Layer {
    let mut out = vec![0.0; layer.len()];
    let lines = layer.len() / length;
    for line in 0..lines {
        let start = if stride == 1 { line * length } else { line };
        for i in 0..length {
            let (lo, hi) = (i.saturating_sub(radius), (i + radius).min(length - 1));
            let sum: f32 = (lo..=hi).map(|j| layer[start + j * stride]).sum();
            out[start + i * stride] = sum / (hi - lo + 1) as f32;
        }
    }
    out
}
