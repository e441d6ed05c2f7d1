//! Wrinkles: furrows across the direction in which an AU compresses the skin.
//!
//! AU6, AU9, AU1 and AU4 hardly move the outline of anything at micro strength; they show in shading. The strain of each
//! AU's units is measured on the average head: where the skin shortens most, lines are traced across that direction and
//! pressed in as furrows that deepen with the strength of the AU. A person has one of [`VARIANTS`] sets of lines per AU.

use std::sync::{Arc, OnceLock};

use microau_core::au::Au;

use crate::dice::{Dice, mix_seed};
use crate::expression::Action;
use crate::head::skin_map::{MAP_HEIGHT, MAP_WIDTH, TEXELS_PER_DM, st_of_texel, texel_of};
use crate::head::{Head, normals};
use crate::muscle::recipe::{Recipe, by_side, displacement};
use crate::person::Person;
use crate::render::layers::value_noise;
use crate::render::shade::Furrow;
use crate::vec3::{smoothstep, v3};

/// Different sets of lines per AU.
const VARIANTS: usize = 6;
/// Depth of the deepest furrow of a full unit, decimetres.
const DEPTH_DM: f32 = 0.010;

/// Texel and furrow at full strength, by rising texel.
type Sparse = Vec<(u32, Furrow)>;

/// Where an AU may wrinkle: ellipses on one side (s, t, radius s, radius t) in dm, gap between lines, width of a line.
struct Field {
    places: &'static [[f32; 4]],
    gap_dm: f32,
    width_dm: f32,
    /// Direction in (s, t) to which the lines lean, and how strongly, 0..=1: folds that run along an edge of the face.
    lean: ([f32; 2], f32),
    /// Strength of pebbles around the first place.
    bumpy: f32,
}

const fn lines(places: &'static [[f32; 4]], gap_dm: f32, width_dm: f32) -> Field {
    Field { places, gap_dm, width_dm, lean: ([1.0, 0.0], 0.0), bumpy: 0.0 }
}

/// Where anatomy lets skin fold; between these places the strain of the units decides.
fn field(au: Au) -> Field {
    match au {
        Au::Au1 => lines(&[[0.10, 7.72, 0.26, 0.17]], 0.075, 0.014),
        Au::Au2 => lines(&[[0.42, 7.68, 0.2, 0.14]], 0.07, 0.014),
        Au::Au4 => lines(&[[0.06, 7.46, 0.1, 0.13], [0.2, 7.58, 0.16, 0.06]], 0.05, 0.013),
        Au::Au5 => lines(&[[0.30, 7.39, 0.15, 0.04]], 0.04, 0.011),
        Au::Au6 => lines(&[[0.62, 7.24, 0.12, 0.13], [0.34, 7.08, 0.2, 0.08]], 0.042, 0.011),
        Au::Au7 => Field {
            lean: ([1.0, 0.0], 0.8),
            ..lines(&[[0.32, 7.15, 0.17, 0.05], [0.55, 7.26, 0.06, 0.06]], 0.035, 0.010)
        },
        Au::Au9 => lines(&[[0.09, 7.27, 0.1, 0.13], [0.17, 7.0, 0.08, 0.14], [0.05, 7.42, 0.08, 0.06]], 0.04, 0.011),
        Au::Au10 => lines(&[[0.25, 6.86, 0.09, 0.12], [0.1, 6.8, 0.1, 0.04]], 0.06, 0.016),
        Au::Au12 => lines(&[[0.34, 6.74, 0.1, 0.16], [0.6, 7.18, 0.1, 0.08]], 0.06, 0.016),
        Au::Au14 => lines(&[[0.36, 6.62, 0.08, 0.1]], 0.05, 0.016),
        Au::Au15 => lines(&[[0.33, 6.53, 0.08, 0.08], [0.12, 6.42, 0.12, 0.04]], 0.05, 0.015),
        Au::Au17 => Field {
            lean: ([1.0, 0.0], 0.7),
            bumpy: 1.0,
            ..lines(&[[0.0, 6.32, 0.16, 0.11], [0.1, 6.44, 0.12, 0.04], [0.1, 6.44, 0.12, 0.04]], 0.05, 0.013)
        },
        Au::Au20 => lines(&[[0.42, 6.6, 0.1, 0.12]], 0.06, 0.015),
        Au::Au23 | Au::Au24 => lines(&[[0.0, 6.74, 0.2, 0.05], [0.0, 6.5, 0.2, 0.05]], 0.04, 0.010),
        Au::Au25 | Au::Au26 => lines(&[[0.38, 6.5, 0.08, 0.12]], 0.06, 0.015),
    }
}

impl Field {
    fn weight(&self, [s, t]: [f32; 2]) -> f32 {
        let bell = |p: &[f32; 4]| (-(((s.abs() - p[0]) / p[2]).powi(2) + ((t - p[1]) / p[3]).powi(2)) * 1.4).exp();
        self.places.iter().map(bell).fold(0.0, f32::max)
    }
}

/// The furrows of a person's AUs at their apex, over the skin map; `None` when nothing wrinkles.
pub(crate) fn furrows(person: &Person, actions: &[Action]) -> Option<Arc<Vec<Furrow>>> {
    if actions.is_empty() || person.wrinkle <= 0.0 {
        return None;
    }
    let mut sum: Vec<Furrow> = vec![[0.0; 3]; MAP_WIDTH * MAP_HEIGHT];
    let aged = 0.75 + 0.6 * person.identity.appearance.lines;
    for action in actions {
        let variant = mix_seed(person.seed, u64::from(action.au.number())) as usize % VARIANTS;
        // Skin folds early: half of the strength shows more than half of the furrow.
        let [left, right] = [action.left, action.right].map(|v| person.wrinkle * aged * v.max(0.0).powf(0.85));
        for (texel, furrow) in full_unit(action.au, variant) {
            let [s, _] = st_of_texel((*texel as usize % MAP_WIDTH) as f32 + 0.5, 0.0);
            let strength = by_side(s, left, right);
            let place = &mut sum[*texel as usize];
            (0..3).for_each(|i| place[i] += furrow[i] * strength);
        }
    }
    Some(Arc::new(sum))
}

/// Furrows of a full unit, made on first use.
fn full_unit(au: Au, variant: usize) -> &'static Sparse {
    static UNITS: [[OnceLock<Sparse>; VARIANTS]; Au::ALL.len()] =
        [const { [const { OnceLock::new() }; VARIANTS] }; Au::ALL.len()];
    let index = Au::ALL.iter().position(|&a| a == au).expect("every AU is in ALL");
    UNITS[index][variant].get_or_init(|| trace(au, variant))
}

/// Strain of the skin on a grid over the skin map: shortening 0.. and its direction.
struct Strain {
    /// Per cell: xx, xy, yy of the strain in (s, t).
    cells: Vec<[f32; 3]>,
}

/// Texels per cell of the strain grid.
const CELL: usize = 4;
const GRID_W: usize = MAP_WIDTH / CELL;
const GRID_H: usize = MAP_HEIGHT / CELL;

impl Strain {
    /// The strain that an AU's plain recipe makes at full strength.
    fn of(au: Au) -> Strain {
        let head = Head::get();
        let mut normal = Vec::new();
        normals(&head.asset.triangles, &head.average_dm, &mut normal);
        let mut moved = vec![[0.0f32; 2]; head.average_dm.len()];
        for (vertex, d) in displacement(&Recipe::plain(au).pulls, [1.0, 1.0]) {
            let n = normal[usize::from(vertex)];
            let along = v3(n.z, 0.0, -n.x).normalized();
            moved[usize::from(vertex)] = [d.dot(along), d.dot(n.cross(along))];
        }
        let mut sums = vec![[0.0f32; 4]; GRID_W * GRID_H];
        for &corners in &head.asset.triangles[head.group("skin")] {
            let corners = corners.map(usize::from);
            if corners.iter().all(|&v| head.outside[v]) {
                splat(&mut sums, corners.map(|v| head.st[v]), corners.map(|v| moved[v]));
            }
        }
        let cells = sums.iter().map(|c| if c[3] > 0.0 { [c[0] / c[3], c[1] / c[3], c[2] / c[3]] } else { [0.0; 3] });
        let mut strain = Strain { cells: cells.collect() };
        (0..3).for_each(|_| strain.smooth());
        strain
    }

    fn smooth(&mut self) {
        let old = self.cells.clone();
        for y in 1..GRID_H - 1 {
            for x in 1..GRID_W - 1 {
                let at = y * GRID_W + x;
                let around = |k: usize| old[at - 1][k] + old[at + 1][k] + old[at - GRID_W][k] + old[at + GRID_W][k];
                self.cells[at] = [0, 1, 2].map(|k| 0.4 * old[at][k] + 0.15 * around(k));
            }
        }
    }

    /// Shortening (0 where the skin stretches) and the direction across it, in (s, t).
    fn at(&self, [s, t]: [f32; 2]) -> (f32, [f32; 2]) {
        let [x, y] = texel_of([s, t]);
        let (x, y) = ((x / CELL as f32) as usize, (y / CELL as f32) as usize);
        let [xx, xy, yy] = self.cells[y.min(GRID_H - 1) * GRID_W + x.min(GRID_W - 1)];
        let (mean, half) = (0.5 * (xx + yy), (0.5 * (xx - yy)).hypot(xy));
        let shortening = (half - mean).max(0.0);
        // Angle of the largest stretch, which lies across the strongest shortening.
        let angle = 0.5 * (2.0 * xy).atan2(xx - yy);
        (shortening, [angle.cos(), angle.sin()])
    }
}

/// Adds a triangle's strain to the cells under its middle and corners.
fn splat(sums: &mut [[f32; 4]], st: [[f32; 2]; 3], moved: [[f32; 2]; 3]) {
    let edge = |p: [[f32; 2]; 3], i: usize| [p[i][0] - p[0][0], p[i][1] - p[0][1]];
    let ([ax, ay], [bx, by]) = (edge(st, 1), edge(st, 2));
    let ([au, av], [bu, bv]) = (edge(moved, 1), edge(moved, 2));
    let area = ax * by - bx * ay;
    if area.abs() < 1e-6 || ax.abs() > 0.5 || bx.abs() > 0.5 {
        return;
    }
    let inverse = 1.0 / area;
    let (us, ut) = ((au * by - bu * ay) * inverse, (bu * ax - au * bx) * inverse);
    let (vs, vt) = ((av * by - bv * ay) * inverse, (bv * ax - av * bx) * inverse);
    let strain = [us, 0.5 * (ut + vs), vt];
    if strain.iter().any(|e| e.abs() > 1.5) {
        return;
    }
    for (wa, wb, wc) in [(0.34, 0.33, 0.33), (0.7, 0.15, 0.15), (0.15, 0.7, 0.15), (0.15, 0.15, 0.7)] {
        let s = wa * st[0][0] + wb * st[1][0] + wc * st[2][0];
        let t = wa * st[0][1] + wb * st[1][1] + wc * st[2][1];
        let [x, y] = texel_of([s, t]);
        if x < 0.0 || y < 0.0 || x >= MAP_WIDTH as f32 || y >= MAP_HEIGHT as f32 {
            continue;
        }
        let cell = &mut sums[(y as usize / CELL).min(GRID_H - 1) * GRID_W + (x as usize / CELL).min(GRID_W - 1)];
        (0..3).for_each(|k| cell[k] += strain[k] * area.abs());
        cell[3] += area.abs();
    }
}

/// A line of folded skin: places and depths 0..=1.
type Line = Vec<([f32; 2], f32)>;

fn trace(au: Au, variant: usize) -> Sparse {
    let (strain, field) = (Strain::of(au), field(au));
    let mut dice = Dice::new(variant as u64 * 100 + u64::from(au.number()), "wrinkles");
    let strongest = strongest_shortening(&strain, &field).max(1e-4);
    let pull = |p: [f32; 2]| (strain.at(p).0 / strongest).min(1.0) * smoothstep(0.08, 0.5, field.weight(p));
    let direction = |p: [f32; 2]| leaned(strain.at(p).1, field.lean);
    let mut lines: Vec<Line> = Vec::new();
    for _ in 0..600 {
        let place = field.places[dice.below(field.places.len())];
        let side = if dice.chance(0.5) { 1.0 } else { -1.0 };
        let seed = [(place[0] + dice.normal() * place[2] * 0.7) * side, place[1] + dice.normal() * place[3] * 0.7];
        let gap = field.gap_dm * dice.between(0.75, 1.25);
        let crowded = lines.iter().flatten().any(|(q, _)| (q[0] - seed[0]).hypot(q[1] - seed[1]) < gap);
        if !crowded && pull(seed) > dice.between(0.2, 0.5) {
            let reach = dice.between(0.08, 0.3);
            lines.push(follow(&direction, &pull, seed, reach, gap, &lines));
        }
    }
    let mut height = vec![0.0f32; MAP_WIDTH * MAP_HEIGHT];
    lines.iter().for_each(|line| press(&mut height, line, field.width_dm * dice.between(0.85, 1.25)));
    if field.bumpy > 0.0 {
        pebble(&mut height, &field, variant);
    }
    sparse(&height)
}

/// A direction turned towards another by a share.
fn leaned([x, y]: [f32; 2], ([lx, ly], share): ([f32; 2], f32)) -> [f32; 2] {
    let sign = if x * lx + y * ly < 0.0 { -1.0 } else { 1.0 };
    let (x, y) = (x * sign * (1.0 - share) + lx * share, y * sign * (1.0 - share) + ly * share);
    let length = x.hypot(y).max(1e-6);
    [x / length, y / length]
}

fn strongest_shortening(strain: &Strain, field: &Field) -> f32 {
    let mut strongest = 0.0f32;
    for cell in 0..GRID_W * GRID_H {
        let st = st_of_texel(((cell % GRID_W) * CELL) as f32, ((cell / GRID_W) * CELL) as f32);
        if field.weight(st) > 0.5 {
            strongest = strongest.max(strain.at(st).0);
        }
    }
    strongest * 0.8
}

/// A line from `seed` both ways across the shortening, until the pull fades, it is long enough or meets another line.
fn follow(
    direction: &impl Fn([f32; 2]) -> [f32; 2],
    pull: &impl Fn([f32; 2]) -> f32,
    seed: [f32; 2],
    reach: f32,
    gap: f32,
    others: &[Line],
) -> Line {
    const STEP: f32 = 0.008;
    let start = direction(seed);
    let mut halves: [Line; 2] = [Vec::new(), Vec::new()];
    for (half, sign) in halves.iter_mut().zip([1.0f32, -1.0]) {
        let (mut at, mut heading) = (seed, [start[0] * sign, start[1] * sign]);
        for step in 1..=(reach / STEP) as usize {
            let [dx, dy] = direction(at);
            let turn = if dx * heading[0] + dy * heading[1] < 0.0 { -1.0 } else { 1.0 };
            heading = [0.7 * heading[0] + 0.3 * turn * dx, 0.7 * heading[1] + 0.3 * turn * dy];
            at = [at[0] + STEP * heading[0], at[1] + STEP * heading[1]];
            let depth = pull(at);
            let met = others.iter().flatten().any(|(q, _)| (q[0] - at[0]).hypot(q[1] - at[1]) < 0.5 * gap);
            if depth < 0.08 || met {
                break;
            }
            half.push((at, depth * (1.0 - step as f32 * STEP / reach).max(0.0).sqrt()));
        }
    }
    let [ahead, mut behind] = halves;
    behind.reverse();
    behind.push((seed, pull(seed)));
    behind.extend(ahead);
    behind
}

/// Presses a line into a height map (dm): a valley with soft rims.
fn press(height: &mut [f32], line: &Line, width_dm: f32) {
    let mut touched: std::collections::BTreeMap<usize, (f32, f32)> = std::collections::BTreeMap::new();
    let reach = (3.0 * width_dm * TEXELS_PER_DM).ceil() as isize;
    for (place, depth) in line {
        let [x, y] = texel_of(*place);
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (i, j) = (x as isize + dx, y as isize + dy);
                if i < 0 || j < 0 || i >= MAP_WIDTH as isize || j >= MAP_HEIGHT as isize {
                    continue;
                }
                let off = (i as f32 + 0.5 - x).hypot(j as f32 + 0.5 - y) / TEXELS_PER_DM;
                let entry = touched.entry(j as usize * MAP_WIDTH + i as usize).or_insert((f32::MAX, 0.0));
                if off < entry.0 {
                    *entry = (off, *depth);
                }
            }
        }
    }
    for (texel, (off, depth)) in touched {
        let x = off / width_dm;
        let profile = 0.3 * (-(x - 1.7) * (x - 1.7) * 1.4).exp() - (-x * x).exp();
        height[texel] += DEPTH_DM * depth * profile;
    }
}

/// The pebbled chin of AU17.
fn pebble(height: &mut [f32], field: &Field, variant: usize) {
    for (at, h) in height.iter_mut().enumerate() {
        let st = st_of_texel((at % MAP_WIDTH) as f32 + 0.5, (at / MAP_WIDTH) as f32 + 0.5);
        let [s, t, rs, rt] = field.places[0];
        let weight = (-(((st[0].abs() - s) / rs).powi(2) + ((st[1] - t) / rt).powi(2)) * 1.4).exp();
        if weight > 0.05 {
            let dents = value_noise(st[0] / 0.03, st[1] / 0.03, 300 + variant as u32).min(0.2);
            *h += 0.7 * DEPTH_DM * field.bumpy * weight * dents;
        }
    }
}

fn sparse(height: &[f32]) -> Sparse {
    let k = 0.5 * TEXELS_PER_DM;
    let mut out = Sparse::new();
    for y in 1..MAP_HEIGHT - 1 {
        for x in 1..MAP_WIDTH - 1 {
            let at = y * MAP_WIDTH + x;
            let along = (height[at + 1] - height[at - 1]) * k;
            let upward = (height[at - MAP_WIDTH] - height[at + MAP_WIDTH]) * k;
            let cavity = (-height[at] / DEPTH_DM).clamp(0.0, 1.0);
            if along.abs() + upward.abs() > 1e-3 || cavity > 1e-3 {
                out.push((at as u32, [along, upward, 0.7 * cavity]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raised_inner_brows_fold_the_forehead_across_and_lowered_brows_fold_the_glabella_upright() {
        // Lines across the forehead: their slopes run up and down; lines between the brows: to the sides.
        let energy = |au: Au, low: f32, high: f32| {
            let mut sums = [0.0f32; 2];
            for variant in 0..VARIANTS {
                for (texel, furrow) in full_unit(au, variant) {
                    let [s, t] =
                        st_of_texel((*texel as usize % MAP_WIDTH) as f32, (*texel as usize / MAP_WIDTH) as f32);
                    if s.abs() < 0.3 && (low..high).contains(&t) {
                        sums[0] += furrow[0] * furrow[0];
                        sums[1] += furrow[1] * furrow[1];
                    }
                }
            }
            sums
        };
        let [along, upward] = energy(Au::Au1, 7.55, 8.0);
        assert!(upward > 2.0 * along, "AU1: {along} along, {upward} upward");
        let [along, upward] = energy(Au::Au4, 7.3, 7.56);
        assert!(along > upward, "AU4: {along} along, {upward} upward");
    }

    #[test]
    fn every_au_wrinkles_somewhere_and_nowhere_beyond_its_field() {
        for au in Au::ALL {
            for variant in 0..VARIANTS {
                let furrows = full_unit(au, variant);
                assert!(furrows.len() > 100, "{au} variant {variant}: {}", furrows.len());
                let steepest = furrows.iter().map(|(_, f)| f[0].hypot(f[1])).fold(0.0, f32::max);
                assert!(steepest < 4.0, "{au}: {steepest}");
            }
        }
    }
}
