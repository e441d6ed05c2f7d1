//! Blinks: they move the lids further than any action unit sought, so while one lasts, the parts around the eyes are
//! taken to move evenly from where they were before it to where they are after it.

use microau_core::geom::Point2;

/// Least shutting of an eye beyond its rest that counts as a blink, in shares of a shut eye. Tightened lids (AU7) stay
/// below on all but one of 170 generated clips, the weakest blinks reach it.
const BLINK: f32 = 0.15;
/// Shutting beyond rest at which a blink begins and ends.
const OPEN: f32 = 0.04;

/// Takes the blinks out of the motions of the parts that they move.
///
/// `motions[t][part]` are of any unit, `shut[t]` from 0 to 1 how far the eyes are shut, `touched[part]` whether a blink
/// moves the part. Eyes that are never open are left as they are.
pub fn bridge(motions: &mut [Vec<Point2>], shut: &[f32], touched: &[bool]) {
    let blinks = blinks(shut);
    let open: Vec<usize> = (0..motions.len()).filter(|&t| !blinks[t]).collect();
    for t in (0..motions.len()).filter(|&t| blinks[t]) {
        let after = open.partition_point(|&frame| frame < t);
        let ends = [after.checked_sub(1), Some(after)].map(|place| place.and_then(|place| open.get(place)));
        let (Some(&from), Some(&to)) = (ends[0].or(ends[1]), ends[1].or(ends[0])) else { return };
        let share = if from == to { 0.0 } else { (t - from) as f32 / (to - from) as f32 };
        for part in (0..touched.len()).filter(|&part| touched[part]) {
            motions[t][part] = motions[from][part].lerp(motions[to][part], share);
        }
    }
}

/// Which frames lie in a blink, from opening to opening and a frame beyond: lids move before the networks see it.
fn blinks(shut: &[f32]) -> Vec<bool> {
    let mut sorted = shut.to_vec();
    sorted.sort_by(f32::total_cmp);
    let Some(&rest) = sorted.get(sorted.len() / 4) else { return Vec::new() };
    let mut blinks = vec![false; shut.len()];
    let mut begin = 0;
    for run in shut.chunk_by(|a, b| (a - rest >= OPEN) == (b - rest >= OPEN)) {
        let end = begin + run.len();
        if run.iter().any(|shut| shut - rest >= BLINK) {
            blinks[begin.saturating_sub(1)..(end + 1).min(shut.len())].fill(true);
        }
        begin = end;
    }
    blinks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One part around the eyes and one elsewhere, both at `t`, with a jump of the first while the eyes are shut.
    fn film(shut: &[f32]) -> Vec<Vec<Point2>> {
        let motion = |(t, &shut): (usize, &f32)| {
            let at = Point2::new(t as f32, 0.0);
            vec![at + Point2::new(0.0, 9.0 * shut), at]
        };
        shut.iter().enumerate().map(motion).collect()
    }

    fn bridged(shut: &[f32]) -> Vec<Vec<Point2>> {
        let mut motions = film(shut);
        bridge(&mut motions, shut, &[true, false]);
        motions
    }

    #[test]
    fn a_blink_is_bridged_from_opening_to_opening() {
        let motions = bridged(&[0.1, 0.1, 0.1, 0.12, 0.3, 0.8, 0.4, 0.2, 0.12, 0.1]);
        // frames 4 to 7 are shut further than open eyes are, and one frame more on each side
        for (t, motion) in motions.iter().enumerate().take(9).skip(3) {
            let as_before_and_after = Point2::new(t as f32, 0.9);
            assert!(motion[0].distance(as_before_and_after) < 1e-5, "{motion:?}");
            assert_eq!(motion[1], Point2::new(t as f32, 0.0));
        }
    }

    #[test]
    fn tightened_lids_are_no_blink() {
        let shut = [0.1, 0.1, 0.15, 0.22, 0.15, 0.1];
        assert_eq!(bridged(&shut), film(&shut));
    }

    #[test]
    fn a_blink_at_an_end_of_the_film_stands_still() {
        let motions = bridged(&[0.9, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.8]);
        assert_eq!([0, 1, 2].map(|t| motions[t][0]), [Point2::new(3.0, 0.0); 3]);
        assert_eq!(motions[7][0], Point2::new(5.0, 0.0));
    }

    #[test]
    fn eyes_that_are_never_open_are_left_as_they_are() {
        assert_eq!(bridged(&[]), film(&[]));
        let shut = [0.0, 0.9, 0.9];
        assert_eq!(bridged(&shut), film(&shut), "frame 0 lies beside the blink");
    }
}
