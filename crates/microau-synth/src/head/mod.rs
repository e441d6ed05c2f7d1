//! The CC0 head: mesh, targets, and what follows from its average shape alone (texture coordinates, ambient occlusion).

pub(crate) mod asset;
pub(crate) mod skin_map;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use crate::render::raster::{NOTHING, Visibility};
use crate::vec3::{V3, v3};
use asset::HeadAsset;
use skin_map::st_of;

/// The packed head, part of the program.
pub(crate) const HEAD_BYTES: &[u8] = include_bytes!("../../assets/head.bin");

/// Midpoint between the eyes to which every head is moved, decimetres.
pub(crate) const EYES_MIDPOINT_DM: V3 = v3(0.0, 7.284, 1.245);

static HEAD: LazyLock<Head> = LazyLock::new(Head::build);

/// What all heads share.
pub(crate) struct Head {
    pub asset: HeadAsset,
    /// Mean of the six young macro shapes, moved to [`EYES_MIDPOINT_DM`].
    pub average_dm: Vec<V3>,
    /// Place in the skin map per vertex, decimetres on the unrolled average head.
    pub st: Vec<[f32; 2]>,
    /// Share of the sky seen per vertex, 0..=1.
    pub openness: Vec<f32>,
    /// Vertices of the eyeballs: subject's left, right.
    pub eye_vertices: [Vec<u16>; 2],
    /// Per vertex: 1 on the skin outside (no mouth bag, eyes, teeth).
    pub outside: Vec<bool>,
    targets_by_name: HashMap<String, Vec<usize>>,
}

impl Head {
    /// The head, read on first use.
    pub fn get() -> &'static Head {
        &HEAD
    }

    /// Index of a target by family and name; `None` when there is none.
    pub fn target(&self, family: &str, name: &str) -> Option<usize> {
        let found = self.targets_by_name.get(name)?;
        found.iter().copied().find(|&i| self.asset.targets[i].family == family)
    }

    /// Triangles of a named part, empty when there is none.
    pub fn group(&self, name: &str) -> Range<usize> {
        self.asset.groups.get(name).cloned().unwrap_or(0..0)
    }

    fn build() -> Head {
        let asset = HeadAsset::read(HEAD_BYTES).expect("the packed head is part of the build and has a test");
        let mut targets_by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, target) in asset.targets.iter().enumerate() {
            targets_by_name.entry(target.name.clone()).or_default().push(index);
        }
        let eye_vertices = ["eye_left", "eye_right"].map(|name| vertices_of(&asset, name));
        let average_dm = average_shape(&asset, &eye_vertices);
        let st = average_dm.iter().map(|&p| st_of(p)).collect();
        let mut outside = vec![false; average_dm.len()];
        for vertex in vertices_of(&asset, "skin") {
            outside[usize::from(vertex)] = asset.masks["mouth_inside"][usize::from(vertex)] < 0.5;
        }
        let openness = openness(&asset, &average_dm);
        Head { asset, average_dm, st, openness, eye_vertices, outside, targets_by_name }
    }
}

/// Vertices of a part, each once, rising.
fn vertices_of(asset: &HeadAsset, group: &str) -> Vec<u16> {
    let range = asset.groups.get(group).cloned().unwrap_or(0..0);
    let mut vertices: Vec<u16> = asset.triangles[range].iter().flatten().copied().collect();
    vertices.sort_unstable();
    vertices.dedup();
    vertices
}

/// Middle of a set of vertices.
pub(crate) fn centre_of(positions: &[V3], vertices: &[u16]) -> V3 {
    let sum = vertices.iter().fold(V3::ZERO, |sum, &v| sum + positions[usize::from(v)]);
    sum * (1.0 / vertices.len().max(1) as f32)
}

/// Moves a head so that its eyes lie around [`EYES_MIDPOINT_DM`].
pub(crate) fn centre_on_eyes(positions: &mut [V3], eye_vertices: &[Vec<u16>; 2]) {
    let middle = centre_of(positions, &eye_vertices[0]).lerp(centre_of(positions, &eye_vertices[1]), 0.5);
    let shift = EYES_MIDPOINT_DM - middle;
    positions.iter_mut().for_each(|p| *p += shift);
}

fn average_shape(asset: &HeadAsset, eye_vertices: &[Vec<u16>; 2]) -> Vec<V3> {
    let mut positions = asset.positions_dm.clone();
    for target in asset.targets.iter().filter(|t| t.family == "macro" && t.name.ends_with("-young")) {
        let people = ["african-", "asian-", "caucasian-"].iter().any(|p| target.name.starts_with(p));
        for (vertex, delta) in target.deltas.iter().filter(|_| people) {
            positions[usize::from(*vertex)] += *delta * (1.0 / 6.0);
        }
    }
    centre_on_eyes(&mut positions, eye_vertices);
    positions
}

/// Vertex normals, by the area of the faces around; unit length.
pub(crate) fn normals(triangles: &[[u16; 3]], positions: &[V3], into: &mut Vec<V3>) {
    into.clear();
    into.resize(positions.len(), V3::ZERO);
    for &[a, b, c] in triangles {
        let (a, b, c) = (usize::from(a), usize::from(b), usize::from(c));
        let face = (positions[b] - positions[a]).cross(positions[c] - positions[a]);
        into[a] += face;
        into[b] += face;
        into[c] += face;
    }
    into.iter_mut().for_each(|n| *n = n.normalized());
}

/// Directions spread evenly over the sphere (a spiral of the golden angle).
fn spread_directions(count: usize) -> impl Iterator<Item = V3> {
    (0..count).map(move |i| {
        let y = 1.0 - 2.0 * (i as f32 + 0.5) / count as f32;
        let (s, c) = (i as f32 * 2.399_963_2).sin_cos();
        let r = (1.0 - y * y).sqrt();
        v3(r * c, y, r * s)
    })
}

/// How much of the directions above each vertex's surface is free, weighted by the cosine.
fn openness(asset: &HeadAsset, positions: &[V3]) -> Vec<f32> {
    let mut normal = Vec::new();
    normals(&asset.triangles, positions, &mut normal);
    let (mut free, mut all) = (vec![0.0f32; positions.len()], vec![1e-6f32; positions.len()]);
    for direction in spread_directions(72) {
        let lit = seen_from(&asset.triangles[..], positions, direction, 160, 0.03);
        for v in 0..positions.len() {
            let cosine = normal[v].dot(direction).max(0.0);
            all[v] += cosine;
            free[v] += cosine * lit[v];
        }
    }
    let raw: Vec<f32> = free.iter().zip(&all).map(|(f, a)| f / a).collect();
    smoothed(&asset.triangles, &raw)
}

/// Mean of each value with its neighbours': takes the grain out of sampled visibility.
pub(crate) fn smoothed(triangles: &[[u16; 3]], values: &[f32]) -> Vec<f32> {
    let mut sum: Vec<f32> = values.iter().map(|v| 2.0 * v).collect();
    let mut count = vec![2.0f32; values.len()];
    for &[a, b, c] in triangles {
        for (p, q) in [(a, b), (b, c), (c, a)] {
            sum[usize::from(p)] += values[usize::from(q)];
            sum[usize::from(q)] += values[usize::from(p)];
            count[usize::from(p)] += 1.0;
            count[usize::from(q)] += 1.0;
        }
    }
    sum.iter().zip(&count).map(|(s, c)| s / c).collect()
}

/// 1 for vertices that light from far away in `direction` reaches, 0 for those in shadow, soft between; `bias_dm`
/// is the depth at which a shadow begins.
pub(crate) fn seen_from(
    triangles: &[[u16; 3]],
    positions: &[V3],
    direction: V3,
    side: usize,
    bias_dm: f32,
) -> Vec<f32> {
    let up = if direction.y.abs() > 0.9 { v3(1.0, 0.0, 0.0) } else { v3(0.0, 1.0, 0.0) };
    let right = up.cross(direction).normalized();
    let up = direction.cross(right);
    let scale = side as f32 / 4.4;
    let place = |p: V3| {
        let p = p - v3(0.0, 7.0, 0.5);
        [p.dot(right) * scale + side as f32 * 0.5, side as f32 * 0.5 - p.dot(up) * scale, p.dot(direction)]
    };
    let points: Vec<[f32; 3]> = positions.iter().map(|&p| place(p)).collect();
    let mut seen = Visibility::new(side, side, triangles.len());
    for (number, t) in triangles.iter().enumerate() {
        seen.draw(number as u16, t.map(|v| points[usize::from(v)]));
    }
    points.iter().map(|p| lit_share(&seen, *p, bias_dm)).collect()
}

fn lit_share(seen: &Visibility, [x, y, near]: [f32; 3], bias_dm: f32) -> f32 {
    let mut lit = 0.0;
    for (dx, dy) in [(0.0, 0.0), (1.2, 0.4), (-0.4, 1.2), (-1.2, -0.4), (0.4, -1.2)] {
        let (i, j) = ((x + dx) as isize, (y + dy) as isize);
        if i < 0 || j < 0 || i >= seen.width as isize || j >= seen.height as isize {
            lit += 1.0;
            continue;
        }
        let at = j as usize * seen.width + i as usize;
        let free = seen.triangle[at] == NOTHING || seen.nearness[at] < near + bias_dm;
        lit += f32::from(u8::from(free));
    }
    lit / 5.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nostrils_see_less_sky_than_the_forehead() {
        let head = Head::get();
        let near = |p: V3| {
            (0..head.average_dm.len())
                .filter(|&v| head.outside[v])
                .min_by(|&a, &b| (head.average_dm[a] - p).length().total_cmp(&(head.average_dm[b] - p).length()))
                .unwrap()
        };
        let forehead = head.openness[near(v3(0.0, 7.8, 1.5))];
        let darkest = head.openness.iter().copied().fold(1.0, f32::min);
        assert!(forehead > 0.8, "{forehead}");
        assert!(darkest < 0.2, "{darkest}");
    }
}
