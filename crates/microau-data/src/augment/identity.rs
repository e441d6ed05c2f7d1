//! Another face over the still parts of a clip: whose face it is changes, what moves does not.
//!
//! The same smooth patches of another onset crop are laid over onset and apex alike, so that their difference keeps its
//! place and sign and only grows weaker below a patch. After the idea of mixing local static faces; crops are canonical, so
//! that features of the two faces lie on each other.

use microau_core::plane::Plane;
use microau_core::sample::Sample;
use rand::{Rng, RngExt};

/// Most patches that are laid on.
const MOST_PATCHES: u32 = 4;
/// Least and most radius of a patch (one standard deviation), shares of the crop's edge.
const RADIUS: [f32; 2] = [0.08, 0.25];
/// Most share of the other face in the middle of a patch.
const MOST_SHARE: f32 = 0.6;

/// A sample with parts of the face of `other`; unchanged where either keeps no pixels or their crops differ in size.
pub fn mixed_with(sample: &Sample, other: &Sample, rng: &mut impl Rng) -> Sample {
    let fits = !sample.onset_rgb.is_empty() && sample.onset_rgb.len() == other.onset_rgb.len();
    if !fits {
        return sample.clone();
    }
    let share = shares(sample.crop_px, rng);
    let over = |rgb: &[u8]| -> Vec<u8> {
        let pixels = rgb.chunks_exact(3).zip(other.onset_rgb.chunks_exact(3)).zip(&share.data);
        let mix = |own: u8, other: u8, share: f32| f32::from(own) + share * (f32::from(other) - f32::from(own));
        pixels.flat_map(|((a, b), &share)| [0, 1, 2].map(|c| mix(a[c], b[c], share).round() as u8)).collect()
    };
    Sample { onset_rgb: over(&sample.onset_rgb), apex_rgb: over(&sample.apex_rgb), ..sample.clone() }
}

/// The share of the other face at each pixel, 0 to [`MOST_SHARE`]: the strongest of some round patches.
fn shares(size: usize, rng: &mut impl Rng) -> Plane {
    let edge = size as f32;
    let patches: Vec<[f32; 4]> = (0..rng.random_range(1..=MOST_PATCHES))
        .map(|_| {
            let [x, y] = [rng.random_range(0.0..edge), rng.random_range(0.0..edge)];
            [x, y, edge * rng.random_range(RADIUS[0]..=RADIUS[1]), rng.random_range(0.0..=MOST_SHARE)]
        })
        .collect();
    let at = |x: usize, y: usize| {
        let of_patch = |&[px, py, radius, share]: &[f32; 4]| {
            let square = (x as f32 + 0.5 - px).powi(2) + (y as f32 + 0.5 - py).powi(2);
            share * (-0.5 * square / (radius * radius)).exp()
        };
        patches.iter().map(of_patch).fold(0.0, f32::max)
    };
    Plane::from_vec(size, size, (0..size * size).map(|i| at(i % size, i / size)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::sample;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn what_stands_still_stands_still_under_another_face() {
        let mut still = sample(1).sample;
        still.apex_rgb = still.onset_rgb.clone();
        let mut other = sample(2).sample;
        other.onset_rgb.reverse();
        let all: Vec<Sample> =
            (0..20).map(|seed| mixed_with(&still, &other, &mut ChaCha8Rng::seed_from_u64(seed))).collect();
        assert!(all.iter().all(|mixed| mixed.onset_rgb == mixed.apex_rgb && mixed.flow == still.flow));
        assert!(all.iter().filter(|mixed| mixed.onset_rgb != still.onset_rgb).count() > 10);
    }

    #[test]
    fn a_face_mixed_with_itself_stays_itself() {
        let own = sample(1).sample;
        let mixed = mixed_with(&own, &own, &mut ChaCha8Rng::seed_from_u64(3));
        assert_eq!(mixed.onset_rgb, own.onset_rgb);
    }

    #[test]
    fn a_movement_keeps_its_sign() {
        let mut moving = sample(1).sample;
        moving.onset_rgb.fill(100);
        moving.apex_rgb.fill(140);
        for seed in 0..20 {
            let mixed = mixed_with(&moving, &sample(5).sample, &mut ChaCha8Rng::seed_from_u64(seed));
            // at least the share that is left of 40, less the rounding
            let least = 40.0 * (1.0 - MOST_SHARE) - 1.0;
            let pairs = mixed.onset_rgb.iter().zip(&mixed.apex_rgb);
            assert!(pairs.into_iter().all(|(&a, &b)| f32::from(b) - f32::from(a) >= least));
        }
    }

    #[test]
    fn samples_without_pixels_are_left_alone() {
        let mut flow_only = sample(1).sample;
        flow_only.onset_rgb.clear();
        flow_only.apex_rgb.clear();
        assert_eq!(mixed_with(&flow_only, &sample(2).sample, &mut ChaCha8Rng::seed_from_u64(3)), flow_only);
    }
}
