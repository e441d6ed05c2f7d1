//! Takes the slow drift of a head out of the motion of its parts.
//!
//! One similarity does not describe a head that turns: what it leaves grows with time and would outdo any
//! micro-movement by the end of a clip. So of each part of the face the steady velocity is taken away: the median of
//! its velocities over a fifth of the clip (after Theil and Sen). A movement that comes and goes, or comes and stays,
//! fills less than half of the clip and does not move the median.

use microau_core::geom::Point2;

/// Steps over which a velocity is measured: this share of the clip.
const LAG_SHARE: usize = 5;
/// Fewest steps: below them a velocity is mostly noise.
const LEAST_LAG: usize = 3;

/// Largest motion of any part at each frame once its drift is taken away.
///
/// `motions[t][part]` is where the part moved from frame 0 to frame t, of any unit; the result has the same unit.
///
/// # Panics
/// When frames differ in the number of their parts.
pub fn energies(motions: &[Vec<Point2>]) -> Vec<f32> {
    let parts = motions.first().map_or(0, Vec::len);
    let drifts: Vec<Point2> = (0..parts).map(|part| drift(motions, part)).collect();
    let energy = |(t, motion): (usize, &Vec<Point2>)| {
        let steady = motion.iter().zip(&drifts).map(|(&moved, &drift)| moved.distance(drift * t as f32));
        steady.fold(0.0, f32::max)
    };
    assert!(motions.iter().all(|motion| motion.len() == parts), "every frame has {parts} parts");
    motions.iter().enumerate().map(energy).collect()
}

/// Steady velocity of one part, a frame.
fn drift(motions: &[Vec<Point2>], part: usize) -> Point2 {
    let lag = (motions.len() / LAG_SHARE).max(LEAST_LAG);
    let along = |coordinate: fn(Point2) -> f32| {
        let pairs = motions.iter().zip(motions.iter().skip(lag));
        median(pairs.map(|(from, to)| (coordinate(to[part]) - coordinate(from[part])) / lag as f32).collect())
    };
    Point2::new(along(|p| p.x), along(|p| p.y))
}

/// The middle value, 0 for none.
fn median(mut values: Vec<f32>) -> f32 {
    let middle = values.len() / 2;
    if values.is_empty() { 0.0 } else { *values.select_nth_unstable_by(middle, f32::total_cmp).1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A film of 40 frames in which one part drifts and another moves as given, on top of the drift.
    fn film(movement: impl Fn(f32) -> f32) -> Vec<Vec<Point2>> {
        let drift = |t: f32| Point2::new(0.1 * t, -0.05 * t);
        (0..40).map(|t| t as f32).map(|t| vec![drift(t), drift(t) + Point2::new(0.0, movement(t))]).collect()
    }

    fn largest(energies: &[f32]) -> usize {
        (0..energies.len()).max_by(|&a, &b| energies[a].total_cmp(&energies[b])).unwrap()
    }

    #[test]
    fn a_movement_is_seen_on_a_drift_that_goes_further() {
        let energies = energies(&film(|t| (1.0 - (t - 14.0).abs() / 5.0).max(0.0)));
        assert_eq!(largest(&energies), 14);
        assert!((energies[14] - 1.0).abs() < 1e-4 && energies[39] < 1e-4, "rounding alone: {energies:?}");
    }

    #[test]
    fn a_smile_that_stays_is_no_drift() {
        let energies = energies(&film(|t| ((t - 20.0) / 6.0).clamp(0.0, 1.0)));
        assert!(energies[..=20].iter().all(|&energy| energy < 1e-4));
        assert!(energies[26..].iter().all(|&energy| (energy - 1.0).abs() < 1e-4));
    }

    #[test]
    fn a_drift_alone_is_rest() {
        assert!(energies(&film(|_| 0.0)).iter().all(|&energy| energy < 1e-4));
    }

    #[test]
    fn two_frames_keep_their_motion() {
        let motions = vec![vec![Point2::default()], vec![Point2::new(3.0, 4.0)]];
        assert_eq!(energies(&motions), [0.0, 5.0]);
    }
}
