//! Hair: painted strands over the scalp, and a curtain of long hair behind the face.

use crate::dice::Dice;
use crate::head::Head;
use crate::head::skin_map::{MAP_WIDTH, TEXELS_PER_DM};
use crate::identity::{Hair, RestHead};
use crate::render::layers::Layers;
use crate::vec3::{V3, smoothstep, v3};

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

/// Hair laid over skin of a colour and shine at a place of the skin map: colour, shine and the share that hair covers.
pub(crate) fn over(hair: &Hair, colour: V3, shine: f32, [s, t]: [f32; 2], [x, y]: [usize; 2]) -> (V3, f32, f32) {
    if hair.thickness_dm <= 0.0 || t < hairline_t(hair, s) - hair.fringe_dm - 0.2 {
        return (colour, shine, 0.0);
    }
    let layers = Layers::get();
    let bend = hair.wave * 0.12 * (t * 9.0 + 3.0 * s).sin() + 0.25 * hair.parting * (t - 8.0);
    let place = x as f32 + (bend + 4.0 + hair.parting) * TEXELS_PER_DM;
    let (column, share) = (place as usize, place.fract());
    let strand = |layer: &[f32]| {
        let row = &layer[y * MAP_WIDTH..(y + 1) * MAP_WIDTH];
        let (a, b) = (row[column % MAP_WIDTH], row[(column + 1) % MAP_WIDTH]);
        a + (b - a) * share
    };
    let cover = hair_cover(hair, s, t + strand(&layers.hair_edge), 0.075) * layers.no_ear[y * MAP_WIDTH + x];
    let lit = hair.colour * (1.0 + 0.5 * strand(&layers.strands));
    (colour.lerp(lit, cover), shine * (1.0 - cover) + 0.35 * cover, cover)
}

/// Long hair that hangs behind and beside the face: a surface around the head, seen from both sides.
#[derive(Debug, Clone)]
pub(crate) struct Curtain {
    pub positions_dm: Vec<V3>,
    /// Place for the strands' noise per vertex.
    pub st: Vec<[f32; 2]>,
    /// Openness to light per vertex.
    pub openness: Vec<f32>,
    /// Indices into the curtain's own vertices.
    pub triangles: Vec<[u16; 3]>,
}

const COLUMNS: usize = 34;
const ROWS: usize = 12;

impl Curtain {
    /// The curtain of a person; `None` for short hair.
    pub fn new(hair: &Hair, rest: &RestHead, seed: u64) -> Option<Curtain> {
        if hair.curtain_dm <= 0.0 {
            return None;
        }
        let mut dice = Dice::new(seed, "curtain");
        let front_rad = dice.between(1.15, 1.75);
        let flare = dice.between(-0.05, 0.12);
        let outline = Outline::of(&rest.positions_dm);
        let mut curtain = Curtain { positions_dm: vec![], st: vec![], openness: vec![], triangles: vec![] };
        for inner in [false, true] {
            let first = curtain.positions_dm.len() as u16;
            let mut dice = Dice::new(seed, "curtain strands");
            for column in 0..COLUMNS {
                let turn = column as f32 / (COLUMNS - 1) as f32;
                let angle = front_rad + (std::f32::consts::TAU - 2.0 * front_rad) * turn;
                let length = hair.curtain_dm * dice.between(0.82, 1.0);
                let lift = dice.between(-0.025, 0.025);
                for row in 0..ROWS {
                    let down = row as f32 / (ROWS - 1) as f32;
                    let y = 7.95 - (0.95 + length) * down;
                    let wave = hair.wave * 0.05 * (y * 8.0 + 3.0 * turn).sin() * down;
                    let body = hair.thickness_dm * (0.85 + 0.2 * smoothstep(0.0, 0.3, down));
                    let radius = outline.radius_dm(angle, y.max(7.15))
                        + body
                        + lift * down
                        + wave
                        + flare * smoothstep(0.5, 1.0, down);
                    let radius = if inner { radius - 0.02 } else { radius };
                    curtain.positions_dm.push(v3(radius * angle.sin(), y, outline.axis_z + radius * angle.cos()));
                    curtain.st.push([angle * 1.15 + 0.6 * wave, y]);
                    curtain.openness.push(if inner { 0.18 } else { 0.75 - 0.25 * smoothstep(0.3, 1.0, down) });
                }
            }
            curtain.add_triangles(first, inner);
        }
        Some(curtain)
    }

    fn add_triangles(&mut self, first: u16, inner: bool) {
        for column in 0..COLUMNS as u16 - 1 {
            for row in 0..ROWS as u16 - 1 {
                let at = first + column * ROWS as u16 + row;
                let (right, below) = (at + ROWS as u16, at + 1);
                let across = right + 1;
                let pair = [[at, below, right], [right, below, across]];
                self.triangles.extend(pair.map(|[a, b, c]| if inner { [a, c, b] } else { [a, b, c] }));
            }
        }
    }
}

/// How far the head reaches around a vertical axis, by angle and height.
struct Outline {
    axis_z: f32,
    /// Radius per height step and angle step.
    radii: Vec<[f32; Outline::ANGLES]>,
}

impl Outline {
    const ANGLES: usize = 48;
    const HEIGHTS: usize = 12;
    const LOWEST: f32 = 7.0;
    const STEP: f32 = 0.1;

    fn of(positions: &[V3]) -> Outline {
        let axis_z = 0.3;
        let mut radii = vec![[0.35f32; Outline::ANGLES]; Outline::HEIGHTS];
        let head = Head::get();
        for (p, _) in
            positions.iter().zip(&head.outside).filter(|(p, outside)| **outside && p.y > Outline::LOWEST - 0.1)
        {
            let d = v3(p.x, 0.0, p.z - axis_z);
            let angle = d.x.atan2(d.z).rem_euclid(std::f32::consts::TAU);
            let at = (angle / std::f32::consts::TAU * Outline::ANGLES as f32) as usize % Outline::ANGLES;
            let level = ((p.y - Outline::LOWEST) / Outline::STEP).max(0.0) as usize;
            let level = level.min(Outline::HEIGHTS - 1);
            for near in [at + Outline::ANGLES - 1, at, at + 1] {
                let radius = &mut radii[level][near % Outline::ANGLES];
                *radius = radius.max(d.length());
            }
        }
        Outline { axis_z, radii }
    }

    fn radius_dm(&self, angle: f32, y: f32) -> f32 {
        let place = angle.rem_euclid(std::f32::consts::TAU) / std::f32::consts::TAU * Outline::ANGLES as f32 - 0.5;
        let level = ((y - Outline::LOWEST) / Outline::STEP - 0.5).clamp(0.0, (Outline::HEIGHTS - 1) as f32);
        let (low, share) = (level as usize, level.fract());
        let around = |row: &[f32; Outline::ANGLES]| {
            let place = place.rem_euclid(Outline::ANGLES as f32);
            let (i, f) = (place as usize % Outline::ANGLES, place.fract());
            row[i] + (row[(i + 1) % Outline::ANGLES] - row[i]) * f
        };
        let (a, b) = (around(&self.radii[low]), around(&self.radii[(low + 1).min(Outline::HEIGHTS - 1)]));
        a + (b - a) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::settings::IdentitySettings;

    #[test]
    fn long_hair_hangs_outside_the_skull_and_short_hair_has_no_curtain() {
        let identity = Identity::sample(&IdentitySettings::default(), 3);
        let rest = RestHead::new(&identity);
        let long = Hair { curtain_dm: 1.0, thickness_dm: 0.1, ..identity.appearance.hair.clone() };
        let curtain = Curtain::new(&long, &rest, 1).unwrap();
        let highest = curtain.positions_dm.iter().map(|p| p.y).fold(f32::MIN, f32::max);
        assert!(curtain.triangles.iter().flatten().all(|&v| usize::from(v) < curtain.positions_dm.len()));
        assert!((7.9..8.0).contains(&highest), "{highest}");
        assert!(Curtain::new(&Hair { curtain_dm: 0.0, ..long }, &rest, 1).is_none());
    }
}
