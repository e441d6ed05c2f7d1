//! Who is shown: a recipe drawn from one seed, and the head it makes.

use crate::dice::Dice;
use crate::head::{Head, centre_of, centre_on_eyes};
use crate::settings::IdentitySettings;
use crate::vec3::V3;

/// A person, as numbers. The same seed and settings give the same person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Identity {
    /// (target, weight) on the base mesh.
    pub shape: Vec<(usize, f32)>,
    /// Stretch of the head along x, y, z.
    pub stretch: [f32; 3],
    pub appearance: Appearance,
}

/// Colours and painted features. Colours are linear light, 0..=1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Appearance {
    pub skin: V3,
    /// Colour of lips.
    pub lips: V3,
    /// 0 pale ..= 1 flushed: cheeks, nose, ears.
    pub flush: f32,
    /// Darkness under the eyes, 0..=1.
    pub tired: f32,
    pub freckles: f32,
    pub stubble: f32,
    /// Lines of age, 0..=1.
    pub lines: f32,
    pub hair: Hair,
    pub brows: Brows,
    pub eyes: Eyes,
    /// Colour of the clothes.
    pub cloth: V3,
    /// Seed of everything painted by chance.
    pub paint_seed: u64,
}

/// Hair of the scalp.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hair {
    pub colour: V3,
    /// Thickness over the scalp, decimetres; 0 for a shaved head.
    pub thickness_dm: f32,
    /// Shift of the hairline, decimetres, up positive.
    pub hairline_dm: f32,
    /// Depth of the bays at the temples, 0..=1.
    pub bays: f32,
    /// Fringe: how far hair hangs over the forehead, decimetres.
    pub fringe_dm: f32,
    /// Side at which hair is parted, -1..=1.
    pub parting: f32,
    /// Length below the ears, decimetres; 0 for short hair.
    pub curtain_dm: f32,
    /// Waviness of the strands, 0..=1.
    pub wave: f32,
}

/// Painted brows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Brows {
    pub colour: V3,
    /// Strokes per brow.
    pub strokes: usize,
    /// Height at the inner end, decimetres.
    pub thickness_dm: f32,
    /// Height of the arch over the straight line, decimetres.
    pub arch_dm: f32,
    /// Shift up, decimetres.
    pub lift_dm: f32,
    /// Relative length.
    pub length: f32,
    pub opacity: f32,
}

/// Eyes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Eyes {
    pub iris: V3,
    pub sclera: V3,
    /// Radius of the pupil over the radius of the iris.
    pub pupil: f32,
    /// Darkness of lashes, 0..=1.
    pub lashes: f32,
}

/// Skin colours in sRGB from light to dark, between which a tone is mixed; set by eye from daylight portraits.
const SKIN_TONES: [[f32; 3]; 7] = [
    [244.0, 212.0, 194.0],
    [234.0, 192.0, 166.0],
    [218.0, 168.0, 138.0],
    [190.0, 137.0, 104.0],
    [150.0, 102.0, 74.0],
    [108.0, 71.0, 52.0],
    [74.0, 48.0, 37.0],
];
const HAIR_TONES: [[f32; 3]; 7] = [
    [20.0, 17.0, 16.0],
    [34.0, 26.0, 22.0],
    [60.0, 42.0, 32.0],
    [96.0, 66.0, 44.0],
    [150.0, 108.0, 66.0],
    [190.0, 154.0, 104.0],
    [122.0, 58.0, 30.0],
];
const IRIS_TONES: [[f32; 3]; 6] = [
    [46.0, 28.0, 18.0],
    [74.0, 46.0, 26.0],
    [104.0, 74.0, 40.0],
    [98.0, 104.0, 66.0],
    [96.0, 124.0, 146.0],
    [112.0, 122.0, 126.0],
];

/// Linear light of an sRGB value in 0..=255.
pub(crate) fn linear(level: f32) -> f32 {
    let v = (level / 255.0).clamp(0.0, 1.0);
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// Linear light of an sRGB colour.
pub(crate) fn linear_rgb([r, g, b]: [f32; 3]) -> V3 {
    V3 { x: linear(r), y: linear(g), z: linear(b) }
}

fn tone(palette: &[[f32; 3]], at: f32) -> V3 {
    let place = at.clamp(0.0, 1.0) * (palette.len() - 1) as f32;
    let low = (place as usize).min(palette.len() - 2);
    linear_rgb(palette[low]).lerp(linear_rgb(palette[low + 1]), place - low as f32)
}

impl Identity {
    /// The person of a seed.
    pub fn sample(settings: &IdentitySettings, subject_seed: u64) -> Identity {
        let head = Head::get();
        let mut dice = Dice::new(subject_seed, "identity");
        let people = people_mix(&mut dice);
        let male = if dice.chance(0.5) { dice.between(0.65, 1.0) } else { dice.between(0.0, 0.35) };
        let age = dice.span(settings.age).powf(1.3);
        let mut shape = macro_shape(head, people, male, age);
        body_shape(head, &mut dice, male, age, &mut shape);
        part_shapes(head, &mut dice, settings.variety, age, &mut shape);
        let stretch = [0.035, 0.04, 0.04].map(|k| 1.0 + k * dice.normal() * settings.variety);
        let appearance = Appearance::sample(settings, &mut dice, people, male, age);
        Identity { shape, stretch, appearance }
    }
}

/// African, Asian, Caucasian shares: one mostly dominates.
fn people_mix(dice: &mut Dice) -> [f32; 3] {
    let mut shares = [dice.unit().powi(3), dice.unit().powi(3), dice.unit().powi(3)];
    shares[dice.below(3)] += 0.8;
    let total: f32 = shares.iter().sum();
    shares.map(|s| s / total)
}

fn macro_shape(head: &Head, people: [f32; 3], male: f32, age: f32) -> Vec<(usize, f32)> {
    let mut shape = Vec::new();
    for (name, share) in ["african", "asian", "caucasian"].iter().zip(people) {
        for (sex, sex_share) in [("female", 1.0 - male), ("male", male)] {
            for (years, years_share) in [("young", 1.0 - age), ("old", age)] {
                let found = head.target("macro", &format!("{name}-{sex}-{years}"));
                shape.extend(found.map(|t| (t, share * sex_share * years_share)));
            }
        }
    }
    shape
}

fn body_shape(head: &Head, dice: &mut Dice, male: f32, age: f32, shape: &mut Vec<(usize, f32)>) {
    let weight = (0.45 * dice.normal()).clamp(-0.8, 1.0);
    let muscle = (0.4 * dice.normal()).clamp(-0.8, 0.8);
    let weight_name = if weight < 0.0 { "averagemuscle-minweight" } else { "averagemuscle-maxweight" };
    let muscle_name = if muscle < 0.0 { "minmuscle-averageweight" } else { "maxmuscle-averageweight" };
    for (name, amount) in [(weight_name, weight.abs()), (muscle_name, muscle.abs())] {
        for (sex, sex_share) in [("female", 1.0 - male), ("male", male)] {
            for (years, years_share) in [("young", 1.0 - age), ("old", age)] {
                let found = head.target("macro", &format!("universal-{sex}-{years}-{name}"));
                shape.extend(found.map(|t| (t, amount * sex_share * years_share)));
            }
        }
    }
}

/// Largest weight of a target by its name; 0 leaves it out. Set by looking at sheets of heads at that weight.
fn part_limit(name: &str) -> f32 {
    let starts = |prefix: &str| name.starts_with(prefix);
    if name.contains("head-age") || name.contains("mouth-angles") || name.contains("dimples") {
        return 0.25;
    }
    if starts("asym") {
        return 0.3;
    }
    if starts("nose") {
        return if name.contains("trans") { 0.3 } else { 0.5 };
    }
    if starts("mouth") {
        return if name.contains("trans") || name.contains("ext") { 0.25 } else { 0.45 };
    }
    if name.contains("eye-height") || name.contains("eye-push") || name.contains("eye-trans") {
        return 0.35;
    }
    if name.contains("ear-") {
        return 0.4;
    }
    if starts("neck") || starts("eyebrows") {
        return 0.3;
    }
    0.5
}

fn part_shapes(head: &Head, dice: &mut Dice, variety: f32, age: f32, shape: &mut Vec<(usize, f32)>) {
    for (index, target) in head.asset.targets.iter().enumerate() {
        if target.family != "part" || target.name.starts_with("r-") {
            continue;
        }
        // Always the same number of throws, so that one target never shifts the luck of the next.
        let (chosen, amount, lean) = (dice.chance(0.3), dice.unit().powf(1.5), dice.signed());
        let old_lines = target.name == "head-age-incr" && age > 0.4;
        if !chosen && !old_lines {
            continue;
        }
        let weight = amount * part_limit(&target.name) * variety;
        shape.push((index, weight));
        if let Some(rest) = target.name.strip_prefix("l-") {
            let other = head.target("part", &format!("r-{rest}"));
            shape.extend(other.map(|t| (t, weight * (1.0 + 0.12 * lean))));
        }
    }
}

impl Appearance {
    fn sample(settings: &IdentitySettings, dice: &mut Dice, people: [f32; 3], male: f32, age: f32) -> Appearance {
        let [african, asian, caucasian] = people;
        let origin = 0.82 * african + 0.36 * asian + 0.2 * caucasian;
        let asked = dice.span(settings.skin_tone);
        let depth = (0.65 * origin + 0.35 * asked + 0.06 * dice.normal())
            .clamp(settings.skin_tone.lo() * 0.9, settings.skin_tone.hi().max(0.02));
        let mut skin = tone(&SKIN_TONES, depth);
        skin.y *= 1.0 + 0.04 * dice.normal();
        skin.z *= 1.0 + 0.05 * dice.normal();
        let dark_hair = (0.95 * african + 0.95 * asian + 0.35 * caucasian).clamp(0.0, 1.0);
        let mut hair_colour = tone(&HAIR_TONES, dice.unit() * (1.0 - 0.8 * dark_hair)) * dice.between(0.75, 1.25);
        let grey = if age > 0.35 { ((age - 0.35) * 1.6 * dice.between(0.3, 1.3)).clamp(0.0, 1.0) } else { 0.0 };
        hair_colour = hair_colour.lerp(linear_rgb([150.0, 148.0, 146.0]), grey);
        let painted = male < 0.5 && dice.chance(0.3);
        let reddish = linear_rgb([178.0, 84.0, 82.0]);
        let lips =
            (skin * 0.72).lerp(reddish * (0.35 + 0.75 * skin.x), if painted { 0.75 } else { dice.between(0.15, 0.5) });
        let eyes = Appearance::sample_eyes(dice, dark_hair, male);
        Appearance {
            skin,
            lips,
            flush: dice.between(0.1, 1.0) * (1.0 - 0.5 * depth),
            tired: dice.between(0.0, 0.8),
            freckles: if depth < 0.45 && dice.chance(0.3) { dice.between(0.2, 1.0) } else { 0.0 },
            stubble: if male > 0.5 && dice.chance(0.5) { dice.between(0.15, 1.0) } else { 0.0 },
            lines: (age * dice.between(0.6, 1.3)).clamp(0.0, 1.0),
            brows: Brows::sample(dice, hair_colour, male),
            hair: Hair::sample(settings, dice, hair_colour, male, age),
            eyes,
            cloth: linear_rgb([0, 1, 2].map(|_| dice.between(15.0, 220.0))),
            paint_seed: u64::from(dice.bits()) << 32 | u64::from(dice.bits()),
        }
    }

    fn sample_eyes(dice: &mut Dice, dark: f32, male: f32) -> Eyes {
        let iris = tone(&IRIS_TONES, dice.unit() * (1.0 - 0.85 * dark)) * dice.between(0.8, 1.3);
        let white = dice.between(205.0, 238.0);
        let sclera = linear_rgb([white, white - dice.between(2.0, 16.0), white - dice.between(6.0, 26.0)]);
        Eyes { iris, sclera, pupil: dice.between(0.28, 0.5), lashes: dice.between(0.25, 0.75) + 0.2 * (1.0 - male) }
    }
}

impl Brows {
    fn sample(dice: &mut Dice, hair: V3, male: f32) -> Brows {
        Brows {
            colour: hair * dice.between(0.5, 0.95),
            strokes: 180 + dice.below(260),
            thickness_dm: dice.between(0.05, 0.095) * (0.8 + 0.35 * male),
            arch_dm: dice.between(0.0, 0.05),
            lift_dm: dice.between(-0.02, 0.03),
            length: dice.between(0.88, 1.1),
            opacity: dice.between(0.45, 0.95),
        }
    }
}

impl Hair {
    fn sample(settings: &IdentitySettings, dice: &mut Dice, colour: V3, male: f32, age: f32) -> Hair {
        let has_hair = dice.chance(settings.hair_share);
        let long = dice.chance(if male > 0.5 { 0.06 } else { 0.65 });
        let thickness = dice.between(0.05, if male > 0.5 { 0.2 } else { 0.28 });
        let fringe = if dice.chance(0.25) { dice.between(0.1, 0.42) } else { 0.0 };
        let curtain = dice.between(0.4, 1.6);
        Hair {
            colour,
            thickness_dm: if has_hair { thickness } else { 0.0 },
            hairline_dm: dice.between(-0.08, 0.1) + if male > 0.5 { 0.12 * age } else { 0.0 },
            bays: dice.unit() * (0.3 + 0.7 * male),
            fringe_dm: fringe,
            parting: dice.signed() * 0.6,
            curtain_dm: if has_hair && long { curtain } else { 0.0 },
            wave: dice.unit(),
        }
    }
}

/// The head of a person at rest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RestHead {
    /// Vertices in head space, decimetres, eyes around [`crate::head::EYES_MIDPOINT_DM`].
    pub positions_dm: Vec<V3>,
    /// Middle of the eyeballs: subject's left, right.
    pub eye_centres: [V3; 2],
    pub eye_radius_dm: f32,
}

impl RestHead {
    /// Puts a head together.
    pub fn new(identity: &Identity) -> RestHead {
        let head = Head::get();
        let mut positions = head.asset.positions_dm.clone();
        for &(target, weight) in &identity.shape {
            for (vertex, delta) in &head.asset.targets[target].deltas {
                positions[usize::from(*vertex)] += *delta * weight;
            }
        }
        centre_on_eyes(&mut positions, &head.eye_vertices);
        let [kx, ky, kz] = identity.stretch;
        let middle = crate::head::EYES_MIDPOINT_DM;
        for p in &mut positions {
            let d = *p - middle;
            *p = middle + V3 { x: d.x * kx, y: d.y * ky, z: d.z * kz };
        }
        let eye_centres = [0, 1].map(|side| centre_of(&positions, &head.eye_vertices[side]));
        let eye = &head.eye_vertices[0];
        let reach: f32 = eye.iter().map(|&v| (positions[usize::from(v)] - eye_centres[0]).length()).sum();
        RestHead { eye_radius_dm: reach / eye.len() as f32, positions_dm: positions, eye_centres }
    }
}
