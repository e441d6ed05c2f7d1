//! Where on the face each action unit shows, as polygons over the landmarks, and how much of each patch they cover.
//!
//! Our own geometry: per AU the convex hull of some landmarks around its muscle's visible effect, drawn for the
//! subject's left half (up to and with the midline) and mirrored for the right. `Paper silent:` the paper does not say
//! in its abstract how the region of an AU is found.

use crate::au::{Au, Side};
use crate::geom::{Polygon, Rect};
use crate::landmarks::{Landmarks, MIRROR};

/// A grid of square patches over a square crop; patch `p` is row `p / cols`, column `p % cols`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PatchGrid {
    /// Patches from left to right.
    pub cols: usize,
    /// Patches from top to bottom.
    pub rows: usize,
    /// Edge of a patch in px of the crop.
    pub patch_px: f32,
}

impl PatchGrid {
    /// The grid of `side x side` patches over a crop of `crop_px`.
    pub fn square(side: usize, crop_px: f32) -> PatchGrid {
        PatchGrid { cols: side, rows: side, patch_px: crop_px / side as f32 }
    }

    /// Number of patches P.
    pub fn len(&self) -> usize {
        self.cols * self.rows
    }

    /// Whether the grid has no patch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Area of patch `p` in the crop, px.
    pub fn rect(&self, p: usize) -> Rect {
        let (x0, y0) = ((p % self.cols) as f32 * self.patch_px, (p / self.cols) as f32 * self.patch_px);
        Rect { x0, y0, x1: x0 + self.patch_px, y1: y0 + self.patch_px }
    }
}

/// An AU that cannot be seen in a crop.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the region of {au} inside the crop, found it outside: the face is cut off or its landmarks are wrong"
)]
pub struct RegionOutside {
    /// The AU without a patch.
    pub au: Au,
}

/// The region of an AU on both sides of a face, in the px of the landmarks.
pub fn polygons(au: Au, landmarks: &Landmarks) -> [(Side, Polygon); 2] {
    Side::BOTH.map(|side| (side, polygon(au, side, landmarks)))
}

/// The region of an AU on one side of a face, in the px of the landmarks.
pub fn polygon(au: Au, side: Side, landmarks: &Landmarks) -> Polygon {
    let index = |&i: &usize| match side {
        Side::Left => i,
        Side::Right => usize::from(MIRROR[i]),
    };
    Polygon::hull(&left_outline(au).iter().map(|i| landmarks.xy(index(i))).collect::<Vec<_>>())
}

/// Share `r[k,p]` of each patch that the region of each AU covers: `[K, P]` row by row, in [0, 1] (method §1).
///
/// `landmarks` are in px of the crop. With a side, only that half of the region counts.
///
/// # Errors
/// [`RegionOutside`] names the first AU whose region covers no patch.
pub fn patch_weights(
    aus: &[Au],
    landmarks: &Landmarks,
    grid: PatchGrid,
    side: Option<Side>,
) -> Result<Vec<f32>, RegionOutside> {
    let mut weights = Vec::with_capacity(aus.len() * grid.len());
    for &au in aus {
        let shapes: Vec<(Polygon, Rect)> = Side::BOTH
            .into_iter()
            .filter(|&s| side.is_none_or(|only| only == s))
            .map(|s| polygon(au, s, landmarks))
            .filter_map(|shape| Rect::around(shape.0.iter().copied()).map(|bounds| (shape, bounds)))
            .collect();
        let start = weights.len();
        weights.extend((0..grid.len()).map(|p| covered(&shapes, grid.rect(p))));
        if weights[start..].iter().all(|&w| w <= 0.0) {
            return Err(RegionOutside { au });
        }
    }
    Ok(weights)
}

/// Share of a patch that lies inside the shapes, each with its bounds, in [0, 1]; slivers under a hundredth count as nothing.
fn covered(shapes: &[(Polygon, Rect)], patch: Rect) -> f32 {
    // most patches lie far from most regions
    let near = shapes.iter().filter(|(_, bounds)| bounds.intersection(&patch).area() > 0.0);
    let area: f32 = near.map(|(shape, _)| shape.clip_to_rect(patch).area()).sum();
    let share = (area / patch.area()).min(1.0);
    if share >= 0.01 { share } else { 0.0 }
}

/// Landmarks around the visible effect of an AU on the subject's left half.
#[rustfmt::skip]
fn left_outline(au: Au) -> &'static [usize] {
    match au {
        // inner half of the brow and the forehead above it
        Au::Au1 => &[8, 285, 295, 282, 334, 299, 337, 151],
        // outer half of the brow and the forehead above it
        Au::Au2 => &[295, 282, 283, 276, 300, 301, 298, 333, 299, 296],
        // the whole brow, the glabella, the fold above the lid
        Au::Au4 => &[168, 413, 441, 443, 444, 445, 276, 293, 334, 296, 336, 9],
        // upper lid with the upper half of the eye
        Au::Au5 => &[362, 414, 441, 442, 443, 444, 445, 467, 263],
        // under and outside the eye, upper cheek, crow's feet
        Au::Au6 => &[453, 357, 350, 329, 330, 280, 352, 345, 372, 383, 353, 446],
        // both lids
        Au::Au7 => &[463, 414, 286, 258, 257, 259, 260, 467, 359, 255, 339, 254, 253, 252, 256, 341],
        // root, flank and wing of the nose
        Au::Au9 => &[8, 285, 413, 453, 350, 329, 371, 358, 279, 4],
        // upper lip up to the nasolabial fold
        Au::Au10 => &[2, 326, 358, 423, 426, 436, 410, 291, 13],
        // corner of the lips and the cheek above it
        Au::Au12 => &[269, 405, 273, 422, 434, 416, 411, 425, 426],
        // just beside the corner of the lips
        Au::Au14 => &[269, 405, 273, 422, 434, 416, 436, 410],
        // corner of the lips down to the side of the chin
        Au::Au15 => &[270, 291, 287, 432, 434, 430, 431, 418, 406, 405],
        // lower lip and boss of the chin
        Au::Au17 => &[13, 291, 424, 431, 369, 152],
        // mouth and the cheek beside it
        Au::Au20 => &[0, 410, 436, 416, 434, 430, 406, 17],
        // lips with their edge
        Au::Au23 | Au::Au24 | Au::Au25 => &[164, 391, 410, 287, 335, 18],
        // lower lip, chin and jaw
        Au::Au26 => &[14, 291, 422, 364, 365, 378, 152],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Point3, Similarity};

    /// The canonical face mesh of MediaPipe, seen from the front, 80 px between the eyes in a crop of 224 px.
    fn face() -> Landmarks {
        let mut points: Vec<Point3> = include_str!("../tests/assets/canonical_face.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                let v: Vec<f32> = line.split_whitespace().map(|n| n.parse().unwrap()).collect();
                Point3::new(v[0], -v[1], -v[2])
            })
            .collect();
        points.resize(Landmarks::COUNT, Point3::default());
        let raw = Landmarks::new(points).unwrap();
        let eyes = [raw.eye_midpoint(Side::Right), raw.eye_midpoint(Side::Left)];
        let target = [0.32, 0.68].map(|x| crate::geom::Point2::new(224.0 * x, 224.0 * 0.33));
        raw.transformed(&Similarity::fit(&eyes, &target).unwrap())
    }

    #[test]
    fn every_region_covers_between_one_and_thirty_percent_of_the_crop() {
        let grid = PatchGrid::square(14, 224.0);
        for au in Au::ALL {
            let weights = patch_weights(&[au], &face(), grid, None).unwrap();
            let share = weights.iter().sum::<f32>() / grid.len() as f32;
            assert!((0.01..0.30).contains(&share), "{au}: {share}");
            assert!(weights.iter().all(|w| (0.0..=1.0).contains(w)));
        }
    }

    #[test]
    fn the_two_sides_of_a_region_add_up_to_it() {
        let grid = PatchGrid::square(28, 224.0);
        for au in Au::ALL {
            let weights = |side| patch_weights(&[au], &face(), grid, side).unwrap().iter().sum::<f32>();
            let (both, left, right) = (weights(None), weights(Some(Side::Left)), weights(Some(Side::Right)));
            // slivers under a hundredth of a patch are dropped on each side apart
            assert!((both - left - right).abs() < 0.5, "{au}: {both} {left} {right}");
            assert!((left - right).abs() < 0.05 * left, "{au}: a frontal face is symmetric, {left} {right}");
        }
    }

    #[test]
    fn regions_lie_where_anatomy_says() {
        let centre_y = |au| {
            let shape = polygon(au, Side::Left, &face());
            Rect::around(shape.0).unwrap().centre().y
        };
        let eyes_y = 0.33 * 224.0;
        assert!([Au::Au1, Au::Au2, Au::Au4].into_iter().all(|au| centre_y(au) < eyes_y));
        assert!((centre_y(Au::Au7) - eyes_y).abs() < 8.0);
        assert!(centre_y(Au::Au6) > eyes_y && centre_y(Au::Au6) < centre_y(Au::Au12));
        assert!(centre_y(Au::Au12) < centre_y(Au::Au15) && centre_y(Au::Au15) < centre_y(Au::Au17));
    }

    #[test]
    fn a_region_outside_the_crop_is_an_error_that_names_the_au() {
        let gone = face().transformed(&Similarity { a: 1.0, b: 0.0, tx: 9000.0, ty: 0.0 });
        let error = patch_weights(&[Au::Au12], &gone, PatchGrid::square(14, 224.0), None).unwrap_err();
        assert_eq!(error, RegionOutside { au: Au::Au12 });
    }
}
