//! Paints a subject's plate: the photograph reshaped, toned and relit, skin with lines and pores, new surroundings, and
//! what lies under lids and lips.

use image::imageops::FilterType;
use microau_core::geom::{Point2, Polygon, Similarity};
use microau_core::landmarks::LIPS_INNER;

use crate::head::skin_map::{MAP_HEIGHT, MAP_WIDTH, texel_of};
use crate::head::{Head, normals};
use crate::photo::look::Look;
use crate::photo::plate::{Light, Plate, softened};
use crate::photo::portrait::Portrait;
use crate::photo::stage::{Kind, Stage};
use crate::render::layers::{Layer, Layers};
use crate::render::raster::{NOTHING, Visibility};
use crate::vec3::{V3, smoothstep, v3};

/// px around an opening over which its content goes on under lid or lip, distances between the eyes.
const UNDER: f32 = 0.16;
/// px of the plate between places where the change of shape is worked out.
const SHAPE_STEP: usize = 6;
/// Gap between the inner lips from which a mouth counts as open, distances between the eyes.
const LEAST_GAP: f32 = 0.03;

/// The photograph on the plate: reshaped and toned.
pub(crate) fn photographed(
    portrait: &Portrait,
    look: &Look,
    plate_from_photo: &Similarity,
    eyes: Point2,
    unit_px: f32,
    [width, height]: [usize; 2],
) -> Plate {
    let image = portrait.image();
    // A photo much finer than the plate is made smaller first: cubic sampling alone would alias.
    let shrink = (plate_from_photo.scale() * 1.25).min(1.0);
    let small = [image.width(), image.height()].map(|n| ((n as f32 * shrink).round() as u32).max(1));
    let shrunk = (shrink < 0.9).then(|| image::imageops::resize(image, small[0], small[1], FilterType::CatmullRom));
    let photo = Plate::of_image(shrunk.as_ref().unwrap_or(image));
    let ratio = Point2::new(photo.width as f32 / image.width() as f32, photo.height as f32 / image.height() as f32);
    let photo_from_plate = plate_from_photo.inverse().unwrap_or(Similarity::IDENTITY);
    // The change of shape is smooth: it is worked out every few px and read between.
    let columns = width.div_ceil(SHAPE_STEP) + 2;
    let at_knot = |k: usize| {
        let q = Point2::new((k % columns * SHAPE_STEP) as f32, (k / columns * SHAPE_STEP) as f32);
        let p = photo_from_plate.apply(look.unshaped((q - eyes) * (1.0 / unit_px)) * unit_px + eyes);
        Point2::new(p.x * ratio.x, p.y * ratio.y)
    };
    let knots: Vec<Point2> = (0..columns * (height.div_ceil(SHAPE_STEP) + 2)).map(at_knot).collect();
    let pixel = |x: usize, y: usize| {
        let at = y / SHAPE_STEP * columns + x / SHAPE_STEP;
        let share = |i: usize| ((i % SHAPE_STEP) as f32 + 0.5) / SHAPE_STEP as f32;
        let top = knots[at].lerp(knots[at + 1], share(x));
        let bottom = knots[at + columns].lerp(knots[at + columns + 1], share(x));
        look.toned(photo.sample(top.lerp(bottom, share(y))))
    };
    let pixels = (0..width * height).map(|at| pixel(at % width, at / width)).collect();
    Plate { width, height, pixels }
}

/// Light, skin and surroundings, once the mesh lies over the face; `seen` is the mesh at rest.
pub(crate) fn finish(stage: &mut Stage, look: &Look, seen: &Visibility) {
    stage.skin_share = skin_share(stage, seen);
    relight(stage, look, seen);
    add_lines_and_pores(stage, look, seen);
    surround(stage, look);
    stage.under = under(stage, seen);
}

/// What a pixel of the plate shows at rest; `None` for the surroundings.
fn kind_at(stage: &Stage, seen: &Visibility, at: usize) -> Option<Kind> {
    let number = seen.triangle[at];
    (number != NOTHING).then(|| stage.triangles[usize::from(number)].1)
}

/// Likeness to the colour of the cheeks and forehead: hair, caps and glasses get no wrinkles.
fn skin_share(stage: &Stage, seen: &Visibility) -> Vec<f32> {
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
fn relight(stage: &mut Stage, look: &Look, seen: &Visibility) {
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
fn add_lines_and_pores(stage: &mut Stage, look: &Look, seen: &Visibility) {
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

/// Replaces what lies outside an oval around head and shoulders.
fn surround(stage: &mut Stage, look: &Look) {
    if look.surroundings(Point2::default()).is_none() {
        return;
    }
    let unit = 1.0 / stage.inter_ocular_px;
    for at in 0..stage.plate.pixels.len() {
        let (x, y) = ((at % stage.plate.width) as f32 + 0.5, (at / stage.plate.width) as f32 + 0.5);
        let p = (Point2::new(x, y) - stage.eyes) * unit;
        // Hair reaches about 1.6 distances between the eyes to the side and 2 above them.
        let away = (p.x / 1.75).hypot((p.y - 0.2).min(0.0) / 2.1);
        let cover = smoothstep(0.92, 1.12, away);
        if let Some(colour) = look.surroundings(p).filter(|_| cover > 0.0) {
            let pixel = &mut stage.plate.pixels[at];
            for (c, fresh) in [colour.x, colour.y, colour.z].into_iter().enumerate() {
                pixel[c] += cover * (fresh - pixel[c]);
            }
        }
    }
}

/// The plate with what lies in the openings of eyes and mouth going on a little under lids and lips: each pixel beside an
/// opening takes the colour of the nearest pixels inside. A closed mouth is dark inside.
fn under(stage: &Stage, seen: &Visibility) -> Plate {
    let mut plate = stage.plate.clone();
    let inner: Vec<Point2> = LIPS_INNER.iter().map(|&i| stage.marks[i].vertex.xy).collect();
    let mouth = Opening::of_mouth(stage, inner);
    let eyes = [0, 1].map(|side| Opening::of_eye(stage, seen, side));
    for opening in [&eyes[0], &eyes[1], &mouth] {
        opening.go_on(stage, &mut plate);
    }
    plate
}

/// An opening of the face on the plate: a window of pixels and which of them lie inside.
struct Opening {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    is_inside: Vec<bool>,
    /// Colour under the lips of a closed mouth.
    dark: Option<Light>,
}

impl Opening {
    fn window(stage: &Stage, middle: Point2, half: [f32; 2], is_inside: impl Fn(usize, Point2) -> bool) -> Opening {
        let span = |at: f32, half: f32, len: usize| {
            let lo = (at - half).clamp(0.0, len as f32) as usize;
            (lo, (at + half).clamp(0.0, len as f32) as usize - lo)
        };
        let (left, width) = span(middle.x, half[0] * stage.inter_ocular_px, stage.plate.width);
        let (top, height) = span(middle.y, half[1] * stage.inter_ocular_px, stage.plate.height);
        let inside = |i: usize| {
            let (x, y) = (left + i % width, top + i / width);
            is_inside(y * stage.plate.width + x, Point2::new(x as f32 + 0.5, y as f32 + 0.5))
        };
        let is_inside = (0..width * height).map(inside).collect();
        Opening { left, top, width, height, is_inside, dark: None }
    }

    fn of_eye(stage: &Stage, seen: &Visibility, side: usize) -> Opening {
        Opening::window(stage, stage.eye[side].iris, [0.42, 0.3], |at, _| {
            kind_at(stage, seen, at) == Some(Kind::Eye(side))
        })
    }

    fn of_mouth(stage: &Stage, inner: Vec<Point2>) -> Opening {
        let [upper, lower] = [13, 14].map(|i| stage.marks[i].vertex.xy);
        let middle = upper.lerp(lower, 0.5);
        if upper.distance(lower) > LEAST_GAP * stage.inter_ocular_px {
            let lips = Polygon(inner);
            return Opening::window(stage, middle, [0.6, 0.45], |_, p| lips.contains(p));
        }
        let near = LEAST_GAP * stage.inter_ocular_px;
        let on_line = |_, p: Point2| {
            let corners = inner.iter().zip(inner.iter().cycle().skip(1));
            corners.map(|(a, b)| from_segment(p, *a, *b)).fold(f32::MAX, f32::min) < near
        };
        let mut opening = Opening::window(stage, middle, [0.6, 0.45], on_line);
        let line = inner.iter().fold([0.0f32; 4], |sum, &p| {
            let c = stage.plate.sample(p);
            std::array::from_fn(|k| sum[k] + c[k] / LIPS_INNER.len() as f32)
        });
        opening.dark = Some([0.30 * line[0], 0.2 * line[1], 0.2 * line[2], 0.0]);
        opening
    }

    fn go_on(&self, stage: &Stage, plate: &mut Plate) {
        let reach = (UNDER * stage.inter_ocular_px).ceil() as usize;
        for j in 0..self.height {
            for i in 0..self.width {
                if self.is_inside[j * self.width + i] {
                    continue;
                }
                if let Some((away, colour)) = self.nearest(stage, i, j, reach) {
                    // The first px beside the edge keeps its own colour in part: edges in photos are soft.
                    let share = smoothstep(0.0, 2.0, away);
                    let pixel = &mut plate.pixels[(self.top + j) * stage.plate.width + self.left + i];
                    let fresh = self.dark.unwrap_or(colour);
                    (0..3).for_each(|c| pixel[c] += share * (fresh[c] - pixel[c]));
                }
            }
        }
    }

    /// Distance to the nearest pixel inside, and the mean colour of those about as near.
    fn nearest(&self, stage: &Stage, i: usize, j: usize, reach: usize) -> Option<(f32, Light)> {
        let mut found: Vec<(f32, usize)> = Vec::new();
        let mut nearest = reach as f32;
        for y in j.saturating_sub(reach)..(j + reach + 1).min(self.height) {
            for x in i.saturating_sub(reach)..(i + reach + 1).min(self.width) {
                if self.is_inside[y * self.width + x] {
                    let away = ((x as f32 - i as f32).powi(2) + (y as f32 - j as f32).powi(2)).sqrt();
                    nearest = nearest.min(away);
                    found.push((away, (self.top + y) * stage.plate.width + self.left + x));
                }
            }
        }
        let (mut sum, mut total) = ([0.0f32; 4], 0.0f32);
        for (away, at) in found.iter().filter(|(away, _)| *away < nearest + 1.6) {
            let weight = (nearest - away).exp();
            (0..3).for_each(|c| sum[c] += weight * stage.plate.pixels[*at][c]);
            total += weight;
        }
        (total > 0.0).then(|| (nearest, sum.map(|v| v / total)))
    }
}

fn from_segment(p: Point2, a: Point2, b: Point2) -> f32 {
    let d = b - a;
    let t = ((p.x - a.x) * d.x + (p.y - a.y) * d.y) / (d.x * d.x + d.y * d.y).max(1e-9);
    p.distance(a + d * t.clamp(0.0, 1.0))
}
