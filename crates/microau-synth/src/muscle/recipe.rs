//! From an AU to movements of the mesh. Several sculptors ("families") made units for the same muscle; a recipe mixes them
//! with weights of its own, so that a model learns the muscle and not the sculptor.

use microau_core::au::Au;

use crate::dice::Dice;
use crate::head::Head;
use crate::muscle::strand;
use crate::settings::MuscleSettings;
use crate::vec3::{V3, smoothstep, v3};

/// A unit by name with a weight. `{}` stands for the side, spelled as the family does.
type Share = (&'static str, f32);

/// The 51 face units, by AU (`Left`/`Right`).
fn face_units(au: Au) -> &'static [Share] {
    match au {
        Au::Au1 => &[("browInnerUp", 1.0)],
        Au::Au2 => &[("browOuterUp{}", 1.0)],
        Au::Au4 => &[("browDown{}", 1.0)],
        Au::Au5 => &[("eyeWide{}", 1.0)],
        Au::Au6 => &[("cheekSquint{}", 1.0), ("eyeSquint{}", 0.2)],
        Au::Au7 => &[("eyeSquint{}", 1.0), ("eyeBlink{}", 0.1)],
        Au::Au9 => &[("noseSneer{}", 1.0), ("browDown{}", 0.2)],
        Au::Au10 => &[("mouthUpperUp{}", 1.0)],
        Au::Au12 => &[("mouthSmile{}", 1.0)],
        Au::Au14 => &[("mouthDimple{}", 1.0)],
        Au::Au15 => &[("mouthFrown{}", 1.0)],
        Au::Au17 => &[("mouthShrugLower", 1.0), ("mouthShrugUpper", 0.3)],
        Au::Au20 => &[("mouthStretch{}", 1.0)],
        Au::Au23 => &[("mouthPress{}", 0.5), ("mouthRollUpper", 0.3), ("mouthRollLower", 0.3)],
        Au::Au24 => &[("mouthPress{}", 1.0), ("mouthRollUpper", 0.2), ("mouthRollLower", 0.2)],
        Au::Au25 => &[("mouthLowerDown{}", 0.5), ("mouthUpperUp{}", 0.3)],
        Au::Au26 => &[("jawOpen", 0.4)],
    }
}

/// MakeHuman's expression units (`left`/`right`) and, where they have no such muscle, nothing.
fn makehuman_units(au: Au) -> &'static [Share] {
    match au {
        Au::Au1 => &[("eyebrows-{}-inner-up", 1.0)],
        Au::Au2 => &[("eyebrows-{}-extern-up", 1.0)],
        Au::Au4 => &[("eyebrows-{}-down", 1.0)],
        Au::Au5 => &[("eye-{}-opened-up", 1.0)],
        Au::Au7 => &[("eye-{}-slit", 1.0)],
        Au::Au9 => &[("nose-{}-elevation", 1.0), ("eyebrows-{}-down", 0.25)],
        Au::Au10 => &[("mouth-elevation", 1.0), ("nose-{}-elevation", 0.25)],
        Au::Au12 => &[("mouth-corner-puller", 1.0)],
        Au::Au15 => &[("mouth-depression", 1.0)],
        Au::Au20 => &[("mouth-retraction", 1.0)],
        Au::Au26 => &[("mouth-open", 0.4)],
        _ => &[],
    }
}

/// Shapes put together from targets meant for identity (`l`/`r`).
fn sculpted_units(au: Au) -> &'static [Share] {
    match au {
        Au::Au1 => &[("eyebrows-angle-down", -0.55)],
        Au::Au2 => &[("eyebrows-angle-up", -0.8)],
        Au::Au4 => &[("eyebrows-trans-down", 0.8), ("eyebrows-angle-down", 0.3)],
        Au::Au6 => &[("{}-cheek-trans-up", 1.0), ("{}-eye-bag-height-incr", -0.5), ("{}-eye-height2-decr", 0.4)],
        Au::Au7 => &[("{}-eye-height1-decr", 0.5), ("{}-eye-height2-decr", 1.0), ("{}-eye-height3-decr", 0.6)],
        Au::Au9 => &[("nose-base-up", 0.6), ("nose-nostrils-angle-up", 0.8), ("eyebrows-trans-down", 0.15)],
        Au::Au10 => {
            &[("mouth-upperlip-ext-up", 1.0), ("mouth-upperlip-middle-up", 0.7), ("nose-nostrils-angle-up", 0.4)]
        }
        Au::Au12 => &[("mouth-angles-up", 1.0), ("mouth-scale-horiz-incr", 0.6), ("{}-cheek-trans-up", 0.3)],
        Au::Au14 => &[("mouth-dimples-in", 1.0), ("mouth-scale-horiz-incr", 0.7), ("mouth-angles-up", 0.15)],
        Au::Au15 => &[("mouth-angles-down", 1.0)],
        Au::Au17 => &[("mouth-trans-up", 0.55), ("chin-height-decr", 0.5)],
        Au::Au20 => &[("mouth-scale-horiz-incr", 1.0), ("mouth-dimples-out", 0.5)],
        _ => &[],
    }
}

/// Strands of the muscles themselves (`left`/`right`).
fn strands(au: Au) -> &'static [Share] {
    match au {
        Au::Au1 => &[("frontalis-medial-brow-{}", 1.0), ("frontalis-medial-head-{}", 0.7)],
        Au::Au2 => &[("frontalis-lateral-brow-{}", 1.0), ("frontalis-lateral-tail-{}", 0.8)],
        Au::Au4 => &[("corrugator-{}", 1.0), ("corrugator-belly-{}", 0.6), ("procerus", 0.2)],
        Au::Au6 => &[("orbicularis-cheek-{}", 1.0), ("orbicularis-below-{}", 0.7)],
        Au::Au9 => &[("levator-alae-wing-{}", 1.0), ("levator-alae-side-{}", 0.8), ("procerus", 0.3)],
        Au::Au10 => &[("levator-labii-{}", 1.0), ("levator-labii-middle-{}", 0.8)],
        Au::Au12 => &[("zygomaticus-major-{}", 1.0), ("zygomaticus-cheek-{}", 0.4), ("risorius-{}", 0.2)],
        Au::Au14 => &[("buccinator-{}", 0.8), ("buccinator-dimple-{}", 0.8)],
        Au::Au15 => &[("depressor-anguli-{}", 1.0), ("depressor-anguli-fold-{}", 0.4)],
        Au::Au17 => &[("mentalis", 1.0), ("mentalis-boss-{}", 0.5), ("mentalis-lip", 0.6)],
        Au::Au20 => &[("risorius-{}", 1.0)],
        _ => &[],
    }
}

/// Face units that may come along a little.
fn neighbours(au: Au) -> &'static [&'static str] {
    match au {
        Au::Au1 => &["eyeWide{}", "noseSneer{}"],
        Au::Au2 => &["eyeWide{}"],
        Au::Au4 => &["noseSneer{}", "eyeSquint{}"],
        Au::Au5 => &["browOuterUp{}", "eyeLookUp{}"],
        Au::Au6 => &["eyeSquint{}", "mouthUpperUp{}"],
        Au::Au7 => &["cheekSquint{}", "browDown{}"],
        Au::Au9 => &["browDown{}", "mouthUpperUp{}", "cheekSquint{}"],
        Au::Au10 => &["noseSneer{}", "cheekSquint{}"],
        Au::Au12 => &["mouthDimple{}", "cheekSquint{}", "mouthStretch{}"],
        Au::Au14 => &["mouthSmile{}", "mouthPress{}", "mouthStretch{}"],
        Au::Au15 => &["mouthStretch{}", "mouthShrugLower", "mouthLowerDown{}"],
        Au::Au17 => &["mouthFrown{}", "mouthRollLower", "mouthPress{}"],
        Au::Au20 => &["mouthDimple{}", "mouthFrown{}"],
        Au::Au23 => &["mouthPucker", "mouthRollLower"],
        Au::Au24 => &["mouthRollLower", "mouthPucker"],
        Au::Au25 => &["jawOpen"],
        Au::Au26 => &["mouthLowerDown{}"],
    }
}

/// Everything needed to name the units of a family: where they are and how they spell sides.
#[derive(Clone, Copy)]
struct Family {
    name: &'static str,
    sides: [&'static str; 2],
    units: fn(Au) -> &'static [Share],
}

const PEOPLE: [&str; 3] = ["unit_african", "unit_asian", "unit_caucasian"];

fn family(index: usize, people: usize) -> Family {
    match index {
        0 => Family { name: "face_unit", sides: ["Left", "Right"], units: face_units },
        1 => Family { name: PEOPLE[people.min(2)], sides: ["left", "right"], units: makehuman_units },
        2 => Family { name: "part", sides: ["l", "r"], units: sculpted_units },
        _ => Family { name: strand::FAMILY, sides: ["left", "right"], units: strands },
    }
}

/// Weighted targets with one weight per side of the face: subject's left, right.
pub(crate) type Pulls = Vec<(usize, [f32; 2])>;

/// How one AU is made in one clip, at strength 1 on both sides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recipe {
    pub au: Au,
    pub pulls: Pulls,
    /// Strength of the smooth noise that no sculptor made, and its seed.
    pub wobble: f32,
    pub wobble_seed: u32,
}

impl Recipe {
    /// A recipe drawn by the settings.
    pub fn sample(settings: &MuscleSettings, au: Au, dice: &mut Dice) -> Recipe {
        let people = dice.below(3);
        let first = dice.weighted(&settings.families).unwrap_or(0);
        let second = dice.weighted(&settings.families).unwrap_or(0);
        let mixed = dice.chance(settings.family_mix);
        let share = if mixed { dice.unit() } else { 0.0 };
        let mut pulls = Pulls::new();
        for (index, weight) in [(first, 1.0 - share), (second, share)] {
            // anatomy differs: no two people have the parts of a muscle in the same proportion
            let units = varied_units_of(au, family(index, people), &mut || dice.between(0.6, 1.4));
            pulls.extend(scaled(units, weight));
        }
        for name in neighbours(au) {
            let weight = dice.between(-0.25, 1.0).max(0.0) * settings.neighbour;
            pulls.extend(scaled(named("face_unit", name, ["Left", "Right"], 1.0), weight));
        }
        pulls.retain(|(_, weights)| weights.iter().any(|w| *w != 0.0));
        let wobble = dice.between(0.3, 1.0) * settings.wobble;
        Recipe { au, pulls, wobble, wobble_seed: dice.bits() }
    }

    /// The plain recipe of the first family: face units alone.
    pub fn plain(au: Au) -> Recipe {
        Recipe { au, pulls: units_of(au, family(0, 0)), wobble: 0.0, wobble_seed: 0 }
    }
}

/// Targets of a unit by its name pattern, both sides. Unknown names give nothing (a test holds all names against the head).
fn named(family: &str, pattern: &str, sides: [&str; 2], weight: f32) -> Pulls {
    let find =
        |name: &str| if family == strand::FAMILY { strand::find(name) } else { Head::get().target(family, name) };
    if pattern.contains("{}") {
        let side = |i: usize| find(&pattern.replace("{}", sides[i]));
        let left = side(0).map(|t| (t, [weight, 0.0]));
        left.into_iter().chain(side(1).map(|t| (t, [0.0, weight]))).collect()
    } else {
        find(pattern).map(|t| (t, [weight, weight])).into_iter().collect()
    }
}

/// The units of a family for an AU, scaled to the reach of the face units; face units where the family has none.
fn units_of(au: Au, family: Family) -> Pulls {
    varied_units_of(au, family, &mut || 1.0)
}

/// The same with a factor on the weight of each unit.
fn varied_units_of(au: Au, family: Family, factor: &mut dyn FnMut() -> f32) -> Pulls {
    let plain = pulls_by(face_units(au), "face_unit", ["Left", "Right"], &mut || 1.0);
    let own = pulls_by((family.units)(au), family.name, family.sides, factor);
    if own.is_empty() || family.name == "face_unit" {
        return plain;
    }
    let (wanted, reach) = (reach_dm(&plain), reach_dm(&own));
    if reach > 1e-6 { scaled(own, (wanted / reach).clamp(0.02, 2.5)) } else { plain }
}

fn pulls_by(units: &[Share], family: &str, sides: [&str; 2], factor: &mut dyn FnMut() -> f32) -> Pulls {
    units.iter().flat_map(|(name, weight)| named(family, name, sides, *weight * factor())).collect()
}

fn scaled(pulls: Pulls, weight: f32) -> Pulls {
    pulls.into_iter().map(|(t, w)| (t, w.map(|w| w * weight))).collect()
}

/// Largest displacement of the outer skin, decimetres.
fn reach_dm(pulls: &Pulls) -> f32 {
    let head = Head::get();
    let moved = displacement(pulls, [1.0, 1.0]);
    let outside = moved.iter().filter(|(v, _)| head.outside[usize::from(*v)]);
    outside.map(|(_, d)| d.length()).fold(0.0, f32::max)
}

/// Adds up pulls at one strength per side: (vertex, displacement in dm), by rising vertex. A target that belongs to both
/// sides is divided at the middle of the face, smoothly over 12 mm.
pub(crate) fn displacement(pulls: &Pulls, strengths: [f32; 2]) -> Vec<(u16, V3)> {
    let head = Head::get();
    let mut sum = vec![V3::ZERO; head.average_dm.len()];
    for (target, weights) in pulls {
        let [left, right] = [weights[0] * strengths[0], weights[1] * strengths[1]];
        let sided = weights[0] == 0.0 || weights[1] == 0.0;
        for (vertex, delta) in strand::deltas(*target) {
            let share =
                if sided { left + right } else { by_side(head.average_dm[usize::from(*vertex)].x, left, right) };
            sum[usize::from(*vertex)] += *delta * share;
        }
    }
    let moved = sum.into_iter().enumerate().filter(|(_, d)| *d != V3::ZERO);
    moved.map(|(v, d)| (v as u16, d)).collect()
}

/// The left value on the subject's left (x > 0), the right value on the right.
pub(crate) fn by_side(x_dm: f32, left: f32, right: f32) -> f32 {
    right + (left - right) * smoothstep(-0.06, 0.06, x_dm)
}

/// The movement of a recipe with its wobble, at given strengths of the sides (left, right).
pub(crate) fn movement(recipe: &Recipe, strengths: [f32; 2]) -> Vec<(u16, V3)> {
    let head = Head::get();
    let mut moved = displacement(&recipe.pulls, strengths);
    if recipe.wobble > 0.0 {
        for (vertex, d) in &mut moved {
            let p = head.average_dm[usize::from(*vertex)] * 3.0;
            let wave = |k: u32| smooth_noise(p, recipe.wobble_seed.wrapping_add(k));
            let length = d.length();
            let aside = v3(wave(1), wave(2), 0.5 * wave(3)) * (0.5 * recipe.wobble * length);
            *d = *d * (1.0 + recipe.wobble * wave(0)) + aside;
        }
    }
    moved
}

/// Smooth noise in -1..1 over space, one cell per unit.
fn smooth_noise(p: V3, seed: u32) -> f32 {
    let (cell, f) = ([p.x.floor(), p.y.floor(), p.z.floor()], [p.x, p.y, p.z].map(|v| v - v.floor()));
    let w = f.map(|t| t * t * (3.0 - 2.0 * t));
    let mut sum = 0.0;
    for corner in 0..8u32 {
        let on = [corner & 1, corner >> 1 & 1, corner >> 2 & 1];
        let mut key = seed;
        let mut weight = 1.0;
        for axis in 0..3 {
            key = hash(key ^ (cell[axis] as i32 + on[axis] as i32) as u32);
            weight *= if on[axis] == 1 { w[axis] } else { 1.0 - w[axis] };
        }
        sum += weight * (key as f32 / u32::MAX as f32 * 2.0 - 1.0);
    }
    sum
}

/// Scrambles 32 bits (the finaliser of MurmurHash3).
pub(crate) fn hash(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// A face unit by its name, `{}` for both sides: what moves that is no labelled AU.
pub(crate) fn face_unit(pattern: &str, strength: f32) -> Pulls {
    named("face_unit", pattern, ["Left", "Right"], strength)
}

/// What lids that close by a share pull.
pub(crate) fn closing_lids(closure: f32) -> Pulls {
    if closure > 0.0 { face_unit("eyeBlink{}", closure) } else { Pulls::new() }
}

/// What lids pull that follow eyes turned up (positive) or down by an angle.
pub(crate) fn following_lids(pitch_rad: f32) -> Pulls {
    let share = (pitch_rad.abs() / 0.6).min(1.0);
    match pitch_rad {
        up if up > 0.0 => face_unit("eyeLookUp{}", share),
        down if down < 0.0 => face_unit("eyeLookDown{}", share),
        _ => Pulls::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_named_in_a_recipe_is_in_the_head() {
        for au in Au::ALL {
            for (index, table) in [face_units, makehuman_units, sculpted_units, strands].iter().enumerate() {
                for people in 0..3 {
                    let family = family(index, people);
                    for (name, _) in table(au) {
                        let wanted = if name.contains("{}") { 2 } else { 1 };
                        assert_eq!(named(family.name, name, family.sides, 1.0).len(), wanted, "{} {name}", family.name);
                    }
                }
            }
            for name in neighbours(au) {
                assert!(!named("face_unit", name, ["Left", "Right"], 1.0).is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn a_left_strength_leaves_the_right_side_at_rest() {
        let head = Head::get();
        // AUs of the middle of the mouth are never shown on one side.
        for au in Au::CD6ME.into_iter().filter(|&au| au != Au::Au17) {
            for index in 0..4 {
                let pulls = units_of(au, family(index, 2));
                let moved = displacement(&pulls, [1.0, 0.0]);
                let largest = moved.iter().map(|(_, d)| d.length()).fold(0.0, f32::max);
                for (vertex, d) in moved {
                    let x = head.average_dm[usize::from(vertex)].x;
                    // The units of one side reach a little over the middle, as skin does; 20 mm beyond hardly anything moves.
                    assert!(
                        x > -0.2 || d.length() < 0.1 * largest,
                        "{au} family {index}: {} of {largest} at x {x}",
                        d.length()
                    );
                }
            }
        }
    }
}
