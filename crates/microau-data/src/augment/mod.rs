//! Varies a sample while its landmarks, regions, sides and labels stay true.
//!
//! Geometry (mirror, shift, scale, rotation) moves pixels, flow and landmarks together and turns the flow vectors along;
//! a mirror exchanges left and right in the labels. The rest imitates what differs between films: strength of the
//! movement, head motion left over, errors of the flow, light and camera noise.

mod identity;

use microau_core::au::{AuSet, Side};
use microau_core::geom::{Point2, Similarity};
use microau_core::plane::{FlowField, Plane};
use microau_core::sample::{AuLabels, Sample};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

pub use self::identity::mixed_with;

/// How far samples are varied; 0 (or `false`, or a range of 1 to 1) leaves a thing as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Augment {
    /// Share of samples over whose crops parts of another face are laid ([`mixed_with`]).
    pub identity_mix: f32,
    /// Mirror every second sample.
    pub mirror: bool,
    /// Shift of the crop to each side, share of its edge.
    pub shift: f32,
    /// Change of size, share: 0.05 is 0.95 to 1.05.
    pub scale: f32,
    /// Rotation to each side, degrees.
    pub rotation_deg: f32,
    /// Least and most factor on the strength of the flow. Pixels do not follow, so leave it at 1 for modes with pixels.
    pub gain: [f32; 2],
    /// Local factor on the strength of the flow, standard deviation of its logarithm: no two faces move alike. This and the
    /// next two leave pixels as they are, so leave them at 0 for modes with pixels.
    pub local_gain: f32,
    /// Local turn of the flow, standard deviation in degrees.
    pub local_turn_deg: f32,
    /// Local shift of the flow against the landmarks, standard deviation as a share of the edge of the crop.
    pub local_shift: f32,
    /// Head motion left over, standard deviation in units of the flow at the edge of the crop.
    pub residual: f32,
    /// Smooth error of the flow, standard deviation in its units.
    pub smooth_noise: f32,
    /// Error of the flow pixel by pixel, standard deviation in its units.
    pub noise: f32,
    /// Change of brightness and contrast, share, the same for both crops.
    pub light: f32,
    /// Camera noise, standard deviation in grey levels of 255.
    pub pixel_noise: f32,
}

impl Default for Augment {
    fn default() -> Augment {
        Augment {
            identity_mix: 0.0,
            mirror: true,
            shift: 0.02,
            scale: 0.05,
            rotation_deg: 4.0,
            gain: [0.7, 1.3],
            local_gain: 0.0,
            local_turn_deg: 0.0,
            local_shift: 0.0,
            residual: 0.15,
            smooth_noise: 0.1,
            noise: 0.05,
            light: 0.2,
            pixel_noise: 3.0,
        }
    }
}

/// A varied copy of a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Augmented {
    /// The sample.
    pub sample: Sample,
    /// Its labels, left and right exchanged where it is mirrored.
    pub labels: AuLabels,
    /// Whether it is mirrored.
    pub is_mirrored: bool,
}

impl Augment {
    /// The same variation for samples whose pixels were looked at already: a mirror, and what concerns the flow alone.
    pub fn mirror_and_flow(&self) -> Augment {
        Augment { shift: 0.0, scale: 0.0, rotation_deg: 0.0, light: 0.0, pixel_noise: 0.0, ..self.clone() }
    }

    /// A varied copy of a sample and of its labels; all randomness comes from `rng`.
    pub fn apply(&self, sample: &Sample, labels: &AuLabels, rng: &mut impl Rng) -> Augmented {
        let is_mirrored = self.mirror && rng.random_bool(0.5);
        let (mut sample, labels) =
            if is_mirrored { (mirrored(sample), mirrored_labels(labels)) } else { (sample.clone(), *labels) };
        sample = moved(&sample, &placement(sample.crop_px, self, rng));
        vary_locally(&mut sample.flow, self, rng);
        disturb_flow(&mut sample.flow, self, rng);
        relight(&mut sample, self, rng);
        Augmented { sample, labels, is_mirrored }
    }
}

/// The sample of the mirrored film.
pub fn mirrored(sample: &Sample) -> Sample {
    let flip = |rgb: &[u8]| -> Vec<u8> {
        let rows = rgb.chunks_exact((sample.crop_px * 3).max(1));
        rows.flat_map(|row| row.rchunks_exact(3).flatten().copied()).collect()
    };
    Sample {
        crop_px: sample.crop_px,
        onset_rgb: flip(&sample.onset_rgb),
        apex_rgb: flip(&sample.apex_rgb),
        flow: sample.flow.mirrored(),
        landmarks: sample.landmarks.mirrored(sample.crop_px as f32),
    }
}

/// Labels with left and right exchanged.
pub fn mirrored_labels(labels: &AuLabels) -> AuLabels {
    let mut out = AuLabels::NONE;
    for side in Side::BOTH {
        let aus: AuSet = labels.on(side.other());
        aus.iter().for_each(|au| out.insert(au, Some(side)));
    }
    labels.open().iter().for_each(|au| out.leave_open(au));
    out
}

/// A random similarity about the middle of the crop, old px to new px.
fn placement(crop_px: usize, settings: &Augment, rng: &mut impl Rng) -> Similarity {
    let size = crop_px as f32;
    let mut spread = |most: f32| most * rng.random_range(-1.0..=1.0_f32);
    let factor = 1.0 + spread(settings.scale);
    let angle = spread(settings.rotation_deg).to_radians();
    let shift = Point2::new(size * spread(settings.shift), size * spread(settings.shift));
    let (a, b, centre) = (factor * angle.cos(), factor * angle.sin(), 0.5 * size);
    let tx = centre - (a * centre - b * centre) + shift.x;
    let ty = centre - (b * centre + a * centre) + shift.y;
    Similarity { a, b, tx, ty }
}

/// Pixels, flow and landmarks carried by a similarity of the crop.
fn moved(sample: &Sample, new_from_old: &Similarity) -> Sample {
    let Some(old_from_new) = new_from_old.inverse() else { return sample.clone() };
    if *new_from_old == Similarity::IDENTITY {
        return sample.clone();
    }
    Sample {
        crop_px: sample.crop_px,
        onset_rgb: moved_rgb(&sample.onset_rgb, sample.crop_px, &old_from_new),
        apex_rgb: moved_rgb(&sample.apex_rgb, sample.crop_px, &old_from_new),
        flow: moved_flow(&sample.flow, new_from_old, &old_from_new),
        landmarks: sample.landmarks.transformed(new_from_old),
    }
}

fn moved_rgb(rgb: &[u8], size: usize, old_from_new: &Similarity) -> Vec<u8> {
    if rgb.is_empty() {
        return Vec::new();
    }
    let channel =
        |c: usize| Plane::from_vec(size, size, rgb.iter().skip(c).step_by(3).map(|&v| f32::from(v)).collect());
    let planes = [channel(0), channel(1), channel(2)];
    let mut out = Vec::with_capacity(rgb.len());
    for y in 0..size {
        for x in 0..size {
            let old = old_from_new.apply(Point2::new(x as f32 + 0.5, y as f32 + 0.5));
            out.extend(planes.iter().map(|plane| plane.sample(old).round() as u8));
        }
    }
    out
}

fn moved_flow(flow: &FlowField, new_from_old: &Similarity, old_from_new: &Similarity) -> FlowField {
    let stride = Sample::FLOW_STRIDE as f32;
    let mut out = FlowField::new(flow.width(), flow.height());
    for y in 0..flow.height() {
        for x in 0..flow.width() {
            let crop = Point2::new((x as f32 + 0.5) * stride, (y as f32 + 0.5) * stride);
            let vector = flow.sample(old_from_new.apply(crop) * (1.0 / stride));
            // a displacement turns with the crop, and stays in units of the (scaled) distance between the eyes
            let scale = new_from_old.scale();
            out.u.set(x, y, (new_from_old.a * vector.x - new_from_old.b * vector.y) / scale);
            out.v.set(x, y, (new_from_old.b * vector.x + new_from_old.a * vector.y) / scale);
        }
    }
    out
}

/// The movement as another face would make it: stronger here, weaker there, in directions and places a little different.
fn vary_locally(flow: &mut FlowField, settings: &Augment, rng: &mut impl Rng) {
    if settings.local_gain == 0.0 && settings.local_turn_deg == 0.0 && settings.local_shift == 0.0 {
        return;
    }
    let (width, height) = (flow.width(), flow.height());
    let mut blobs = |sd: f32| {
        let values = (0..LOCAL_BLOBS * LOCAL_BLOBS).map(|_| sd * normal(rng)).collect();
        Plane::from_vec(LOCAL_BLOBS, LOCAL_BLOBS, values)
    };
    let (gains, turns) = (blobs(settings.local_gain), blobs(settings.local_turn_deg.to_radians()));
    let shifts = [blobs(settings.local_shift * width as f32), blobs(settings.local_shift * height as f32)];
    let mut varied = FlowField::new(width, height);
    let per_px = Point2::new(LOCAL_BLOBS as f32 / width as f32, LOCAL_BLOBS as f32 / height as f32);
    for y in 0..height {
        for x in 0..width {
            let place = Point2::new(x as f32 + 0.5, y as f32 + 0.5);
            let blob = Point2::new(place.x * per_px.x, place.y * per_px.y);
            let vector = flow.sample(place + Point2::new(shifts[0].sample(blob), shifts[1].sample(blob)));
            let (sin, cos) = turns.sample(blob).sin_cos();
            let gain = gains.sample(blob).exp();
            varied.u.set(x, y, gain * (cos * vector.x - sin * vector.y));
            varied.v.set(x, y, gain * (sin * vector.x + cos * vector.y));
        }
    }
    *flow = varied;
}

/// Edge of the grid of local variation: blobs of a fifth of the crop, about half the distance between the eyes.
const LOCAL_BLOBS: usize = 5;

/// Other strength, head motion left over, and errors as flow algorithms make them.
fn disturb_flow(flow: &mut FlowField, settings: &Augment, rng: &mut impl Rng) {
    let gain = rng.random_range(settings.gain[0]..=settings.gain[1].max(settings.gain[0]));
    let (width, height) = (flow.width(), flow.height());
    let motion: [f32; 4] = std::array::from_fn(|_| settings.residual * normal(rng));
    for (plane, turned) in [(&mut flow.u, false), (&mut flow.v, true)] {
        let blobs: Vec<f32> = (0..BLOBS * BLOBS).map(|_| settings.smooth_noise * normal(rng)).collect();
        let blobs = Plane::from_vec(BLOBS, BLOBS, blobs);
        for y in 0..height {
            for x in 0..width {
                let (sx, sy) = ((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / height as f32);
                let (cx, cy) = (2.0 * sx - 1.0, 2.0 * sy - 1.0);
                let head = if turned {
                    motion[1] + motion[3] * cx + motion[2] * cy
                } else {
                    motion[0] + motion[2] * cx - motion[3] * cy
                };
                let smooth = blobs.sample(Point2::new(sx * BLOBS as f32, sy * BLOBS as f32));
                let value = gain * plane.at(x, y) + head + smooth + settings.noise * cheap_normal(rng);
                plane.set(x, y, value);
            }
        }
    }
}

/// Edge of the grid of smooth errors: blobs of a ninth of the crop.
const BLOBS: usize = 9;

/// Brightness, contrast and noise; the light is the same for both crops, the noise is not.
fn relight(sample: &mut Sample, settings: &Augment, rng: &mut impl Rng) {
    if sample.onset_rgb.is_empty() || (settings.light == 0.0 && settings.pixel_noise == 0.0) {
        return;
    }
    let contrast = 1.0 + settings.light * rng.random_range(-1.0..=1.0_f32);
    let brightness = 255.0 * 0.5 * settings.light * rng.random_range(-1.0..=1.0_f32);
    for value in sample.onset_rgb.iter_mut().chain(&mut sample.apex_rgb) {
        let lit = (f32::from(*value) - 128.0) * contrast + 128.0 + brightness;
        *value = (lit + settings.pixel_noise * cheap_normal(rng)).round().clamp(0.0, 255.0) as u8;
    }
}

/// A standard normal number (Box-Muller).
fn normal(rng: &mut impl Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.random::<f32>()).ln()).sqrt();
    radius * (std::f32::consts::TAU * rng.random::<f32>()).cos()
}

/// A number of mean 0 and variance 1 that is near enough to normal for noise: the sum of four uniform bytes.
fn cheap_normal(rng: &mut impl Rng) -> f32 {
    let sum: i32 = rng.next_u32().to_le_bytes().into_iter().map(i32::from).sum();
    // four uniform bytes have mean 510 and standard deviation 147.8
    (sum - 510) as f32 / 147.8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::sample;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const STILL: Augment = Augment {
        identity_mix: 0.0,
        mirror: false,
        shift: 0.0,
        scale: 0.0,
        rotation_deg: 0.0,
        gain: [1.0, 1.0],
        local_gain: 0.0,
        local_turn_deg: 0.0,
        local_shift: 0.0,
        residual: 0.0,
        smooth_noise: 0.0,
        noise: 0.0,
        light: 0.0,
        pixel_noise: 0.0,
    };

    #[test]
    fn nothing_switched_on_changes_nothing() {
        let original = sample(3);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let Augmented { sample: varied, labels, .. } = STILL.apply(&original.sample, &original.labels, &mut rng);
        assert_eq!(varied, original.sample);
        assert_eq!(labels, original.labels);
    }

    #[test]
    fn the_same_seed_gives_the_same_sample() {
        let original = sample(5);
        let run = |seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            Augment::default().apply(&original.sample, &original.labels, &mut rng)
        };
        assert_eq!(run(4), run(4));
        assert_ne!(run(4).sample.flow, run(5).sample.flow);
    }

    #[test]
    fn a_mirror_turns_the_flow_and_exchanges_the_sides() {
        let original = sample(2);
        let twin = mirrored(&original.sample);
        assert_eq!(twin.flow.u.at(0, 1), -original.sample.flow.u.at(3, 1));
        assert_eq!(twin.onset_rgb[..3], original.sample.onset_rgb[21..24]);
        assert_eq!(mirrored_labels(&original.labels).to_string(), "1+R2");
        assert_eq!(mirrored(&twin), original.sample);
    }

    #[test]
    fn a_quarter_turn_turns_the_vectors_and_moves_the_landmarks() {
        let mut original = sample(0).sample;
        original.flow.u.data.fill(1.0);
        original.flow.v.data.fill(0.0);
        // x' = 8 - y, y' = x: a quarter turn clockwise on screen about the middle of the 8 px crop
        let turn = Similarity { a: 0.0, b: 1.0, tx: 8.0, ty: 0.0 };
        let turned = moved(&original, &turn);
        assert!(turned.flow.u.data.iter().all(|u| u.abs() < 1e-6));
        assert!(turned.flow.v.data.iter().all(|v| (v - 1.0).abs() < 1e-6));
        let (p, q) = (original.landmarks.xy(7), turned.landmarks.xy(7));
        assert!((q.x - (8.0 - p.y)).abs() < 1e-6 && (q.y - p.x).abs() < 1e-6);
    }

    #[test]
    fn local_variation_turns_and_scales_but_keeps_rest_at_rest() {
        let local = Augment { local_gain: 0.3, local_turn_deg: 10.0, local_shift: 0.01, ..STILL };
        let mut flow = FlowField::new(40, 40);
        flow.u.data.fill(2.0);
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        vary_locally(&mut flow, &local, &mut rng);
        let lengths: Vec<f32> = flow.u.data.iter().zip(&flow.v.data).map(|(u, v)| u.hypot(*v)).collect();
        let mean = lengths.iter().sum::<f32>() / 1600.0;
        // 25 factors of median 1 and deviation 0.3
        assert!((mean / 2.0 - 1.0).abs() < 0.25, "{mean}");
        assert!(lengths.iter().any(|length| (length - mean).abs() > 0.1));
        assert!(flow.u.data.iter().all(|u| *u > 0.0), "a turn of 10 degrees does not turn round");
        let mut rest = FlowField::new(40, 40);
        vary_locally(&mut rest, &local, &mut rng);
        assert!(rest.u.data.iter().chain(&rest.v.data).all(|v| *v == 0.0));
    }

    #[test]
    fn cheap_noise_has_mean_0_and_variance_1() {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        let values: Vec<f64> = (0..100_000).map(|_| f64::from(cheap_normal(&mut rng))).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 1e5;
        // standard error of the mean 0.003
        assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }
}
