//! Squares that cover a frame, for a second, closer look.

use super::roi::Roi;
use microau_core::geom::Point2;

/// Squares smaller than this show no more by being enlarged, px.
const SMALLEST_PX: f32 = 96.0;
/// A square of more than this share of the longer side shows no more than the whole frame does.
const LARGEST_SHARE: f32 = 0.8;

/// Levels of squares over a frame: of its shorter side, of half of it, and so on. In each, half of a square overlaps the
/// next, so that a face of up to half a square lies whole in one. Ends before the squares exceed `most` in all.
pub fn levels(width_px: u32, height_px: u32, most: usize) -> impl Iterator<Item = Vec<Roi>> {
    let (width, height) = (width_px as f32, height_px as f32);
    let (long, short) = (width.max(height), width.min(height));
    let sides = std::iter::successors(Some(short), |side| Some(side / 2.0)).take_while(|side| *side >= SMALLEST_PX);
    let closer = sides.filter(move |side| *side < LARGEST_SHARE * long);
    closer.map(move |side| level(width, height, side)).scan(0, move |count, squares| {
        *count += squares.len();
        (*count <= most).then_some(squares)
    })
}

fn level(width: f32, height: f32, side: f32) -> Vec<Roi> {
    let centres = |length: f32| {
        let steps = ((length - side) / (side / 2.0)).ceil().max(1.0);
        let count = if length > side { steps as usize + 1 } else { 1 };
        (0..count).map(move |i| side / 2.0 + (length - side) * i as f32 / steps)
    };
    let square = |x, y| Roi { centre: Point2::new(x, y), side, angle_rad: 0.0 };
    centres(height).flat_map(|y| centres(width).map(move |x| square(x, y))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_reach_from_border_to_border_and_overlap_by_half() {
        let levels: Vec<Vec<Roi>> = levels(640, 360, 40).collect();
        assert_eq!(levels.iter().map(Vec::len).collect::<Vec<_>>(), [3, 21]);
        let (first, second, last) = (levels[1][0], levels[1][1], levels[1][20]);
        assert_eq!((first.centre, first.side), (Point2::new(90.0, 90.0), 180.0));
        assert!(second.centre.x - first.centre.x <= 90.0);
        assert_eq!(last.centre, Point2::new(550.0, 270.0));
    }

    #[test]
    fn there_are_never_more_squares_than_asked_for() {
        for most in [0, 2, 3, 23, 24, 1000] {
            assert!(levels(640, 360, most).map(|level| level.len()).sum::<usize>() <= most);
        }
    }

    #[test]
    fn frames_too_small_or_too_narrow_have_none() {
        assert_eq!(levels(60, 900, 40).count() + levels(0, 0, 40).count() + levels(100, 100, 40).count(), 0);
        assert_eq!(levels(512, 512, 40).next().map(|level| level.len()), Some(9));
    }
}
