//! Lids that close over a photographed eye.
//!
//! The head's own blink unit would stretch the few px of lid that a photo shows over the whole eye. Instead the skin
//! between brow and lashes is drawn down together, most at the lashes, until they meet the lower lid.

use microau_core::geom::Point2;

/// Share of the way from lashes to brow over which the skin follows.
const TO_BROW: f32 = 0.75;
/// Height over which the skin follows: above the lashes at most, and below the lower ones, distances between the eyes.
const ABOVE: f32 = 0.30;
const BELOW: f32 = 0.14;
/// Share of the opening that the lower lid rises.
const RISE: f32 = 0.12;
/// How far the lids come forward over the eyeball, distances between the eyes.
const FORWARD: f32 = 0.10;

/// Edges of the lids, from one corner of the eye to the other, by rising x: upper and lower.
const UPPER: [[usize; 9]; 2] =
    [[362, 398, 384, 385, 386, 387, 388, 466, 263], [33, 246, 161, 160, 159, 158, 157, 173, 133]];
const LOWER: [[usize; 9]; 2] =
    [[362, 382, 381, 380, 374, 373, 390, 249, 263], [33, 7, 163, 144, 145, 153, 154, 155, 133]];

/// Lower edge of the brow over the middle of the eye.
const BROW: [[usize; 3]; 2] = [[283, 282, 295], [53, 52, 65]];

/// The lids of one eye on the plate.
#[derive(Debug, Clone)]
pub(crate) struct Lids {
    upper: Vec<Point2>,
    lower: Vec<Point2>,
    above_px: f32,
    unit_px: f32,
}

impl Lids {
    /// The lids of an eye (0 is the subject's left), from the places of the landmarks.
    pub fn new(side: usize, landmark: impl Fn(usize) -> Point2, unit_px: f32) -> Lids {
        let upper = UPPER[side].map(&landmark).to_vec();
        let brow = BROW[side].map(|i| landmark(i).y).iter().sum::<f32>() / BROW[side].len() as f32;
        let above_px = (TO_BROW * (upper[4].y - brow)).clamp(0.05 * unit_px, ABOVE * unit_px);
        Lids { upper, lower: LOWER[side].map(&landmark).to_vec(), above_px, unit_px }
    }

    /// Displacement (right, down, nearer) of the skin at `p` when the eye is fully closed; `None` away from the lids.
    pub fn closed(&self, p: Point2) -> Option<[f32; 3]> {
        let (first, last) = (self.upper[0].x, self.upper[8].x);
        if p.x <= first || p.x >= last {
            return None;
        }
        let (top, bottom) = (height_at(&self.upper, p.x), height_at(&self.lower, p.x));
        let gap = (bottom - top).max(0.0);
        let is_upper = p.y < 0.5 * (top + bottom);
        let away = if is_upper { (top - p.y) / self.above_px } else { (p.y - bottom) / (BELOW * self.unit_px) };
        if away >= 1.0 {
            return None;
        }
        let near = 1.0 - away.max(0.0);
        let share = near * near * (3.0 - 2.0 * near);
        let down = if is_upper { (1.0 - RISE) * gap } else { -RISE * gap };
        let forward = if is_upper { FORWARD * self.unit_px } else { 0.0 };
        Some([0.0, share * down, share * forward])
    }
}

/// Height of a polyline of rising x at `x`.
fn height_at(line: &[Point2], x: f32) -> f32 {
    let found = line.windows(2).find(|w| x <= w[1].x);
    found.map_or(line[line.len() - 1].y, |w| {
        let t = ((x - w[0].x) / (w[1].x - w[0].x).max(1e-3)).clamp(0.0, 1.0);
        w[0].y + t * (w[1].y - w[0].y)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An eye 40 px wide and 10 px open in the middle.
    fn lids() -> Lids {
        let landmark = |i: usize| {
            let place = |row: &[usize; 9], sign: f32| {
                let k = row.iter().position(|&r| r == i)? as f32;
                Some(Point2::new(5.0 * k, 50.0 + sign * 5.0 * (1.0 - ((k - 4.0) / 4.0).powi(2))))
            };
            let brow = Point2::new(20.0, 25.0);
            place(&UPPER[0], -1.0).or(place(&LOWER[0], 1.0)).unwrap_or(brow)
        };
        Lids::new(0, landmark, 80.0)
    }

    #[test]
    fn closed_lids_meet_and_corners_stay() {
        let lids = lids();
        let [_, upper, _] = lids.closed(Point2::new(20.0, 45.0)).unwrap();
        let [_, lower, _] = lids.closed(Point2::new(20.0, 55.0)).unwrap();
        assert!((45.0 + upper - 55.0 - lower).abs() < 1e-3, "{upper} {lower}");
        assert!(lids.closed(Point2::new(0.2, 50.0)).unwrap()[1].abs() < 0.5);
        assert!(lids.closed(Point2::new(41.0, 50.0)).is_none());
    }

    #[test]
    fn the_brow_stays_where_it_is() {
        assert!(lids().closed(Point2::new(20.0, 25.0)).is_none());
    }
}
