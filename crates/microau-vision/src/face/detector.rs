//! Boxes around faces: the short-range BlazeFace network and the reading of its answers.
//!
//! The network sees 128 x 128 px and answers for 896 anchors. It is blind to faces under about 30 of its px: those are
//! found by looking at squares of the frame (`tiles`).

use image::RgbImage;
use microau_core::geom::{Point2, Rect};
use tracing::trace_span;

use super::roi::{Outside, Roi};
use crate::network::Network;

/// Side of the picture that the network sees, px.
const INPUT_PX: usize = 128;
/// Grids of anchors: cells a side, anchors a cell.
const GRIDS: [(usize, usize); 2] = [(16, 2), (8, 6)];
/// Numbers for each anchor: box (centre x, y, width, height), then six points.
const NUMBERS: usize = 16;
/// Overlap from which boxes are the same face.
const SAME_FACE_IOU: f32 = 0.3;

/// A face found by the detector, in frame px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Probability that this is a face, in (0, 1).
    pub score: f32,
    /// Box from the brows to the chin.
    pub bounds: Rect,
    /// Subject's right eye, left eye, tip of the nose, mouth, right ear, left ear.
    pub key_points: [Point2; 6],
}

/// Finds faces in single frames.
pub struct FaceDetector {
    network: Box<dyn Network>,
    anchors: Vec<Point2>,
    input: Vec<f32>,
    min_score: f32,
}

impl FaceDetector {
    /// A detector over a network with input `[128, 128, 3]` in [-1, 1] and outputs `[896, 16]` and `[896]`; keeps faces with
    /// a score of at least `min_score`.
    pub fn new(network: Box<dyn Network>, min_score: f32) -> FaceDetector {
        FaceDetector { network, anchors: anchors(), input: vec![0.0; INPUT_PX * INPUT_PX * 3], min_score }
    }

    /// Faces in the whole frame, the best first.
    pub fn detect(&mut self, frame: &RgbImage) -> Vec<Detection> {
        let _stage = trace_span!("detect").entered();
        self.candidates(frame, Roi::whole(frame)).map_or_else(Vec::new, merged)
    }

    /// Faces in some squares of the frame, for those too small for [`FaceDetector::detect`], with a score of at least
    /// `min_score`; the best first.
    pub fn detect_in(&mut self, frame: &RgbImage, squares: &[Roi], min_score: f32) -> Vec<Detection> {
        let _stage = trace_span!("detect").entered();
        let all = squares.iter().filter_map(|&square| self.candidates(frame, square)).flatten();
        let mut faces = merged(all.collect());
        faces.retain(|face| face.score >= min_score);
        faces
    }

    /// Every anchor that sees a face in a square, before merging.
    fn candidates(&mut self, frame: &RgbImage, square: Roi) -> Option<Vec<Detection>> {
        if !square.is_usable() {
            return None;
        }
        square.read(frame, Outside::Black, INPUT_PX, (1.0 / 127.5, -1.0), &mut self.input);
        self.network.run(&self.input).expect("the input has the length that the network was checked for");
        let (boxes, logits) = (self.network.output(0), self.network.output(1));
        let decoded =
            boxes.chunks_exact(NUMBERS).zip(logits).zip(&self.anchors).filter_map(|((numbers, &logit), &anchor)| {
                let score = 1.0 / (1.0 + (-logit.clamp(-100.0, 100.0)).exp());
                (score >= self.min_score).then(|| decode(numbers, anchor, score, square))
            });
        Some(decoded.collect())
    }
}

/// Centres of the anchors, in units of the input's side.
fn anchors() -> Vec<Point2> {
    let cells = |side: usize| (0..side * side).map(move |cell| (cell % side, cell / side));
    let centre = |at: usize, side: usize| (at as f32 + 0.5) / side as f32;
    let of_grid = |(side, each)| {
        cells(side).flat_map(move |(x, y)| std::iter::repeat_n(Point2::new(centre(x, side), centre(y, side)), each))
    };
    GRIDS.into_iter().flat_map(of_grid).collect()
}

fn decode(numbers: &[f32], anchor: Point2, score: f32, square: Roi) -> Detection {
    let unit = |i: usize| Point2::new(numbers[i], numbers[i + 1]) * (1.0 / INPUT_PX as f32);
    let (centre, half) = (anchor + unit(0), unit(2) * 0.5);
    let (low, high) = (square.frame_from_unit(centre - half), square.frame_from_unit(centre + half));
    let key_points = std::array::from_fn(|point| square.frame_from_unit(anchor + unit(4 + 2 * point)));
    Detection { score, bounds: Rect { x0: low.x, y0: low.y, x1: high.x, y1: high.y }, key_points }
}

/// Weighted non-maximum suppression: the best box and all that overlap it become their mean, weighted by score.
fn merged(mut candidates: Vec<Detection>) -> Vec<Detection> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while let Some(&best) = candidates.first() {
        let (same, others): (Vec<_>, Vec<_>) = candidates
            .iter()
            .partition(|c| std::ptr::eq(*c, &candidates[0]) || c.bounds.iou(&best.bounds) > SAME_FACE_IOU);
        faces.push(weighted_mean(&same, best.score));
        candidates = others;
    }
    faces
}

fn weighted_mean(same: &[Detection], score: f32) -> Detection {
    let total: f32 = same.iter().map(|d| d.score).sum();
    let mean = |of: &dyn Fn(&Detection) -> f32| same.iter().map(|d| d.score * of(d)).sum::<f32>() / total;
    Detection {
        score,
        bounds: Rect {
            x0: mean(&|d| d.bounds.x0),
            y0: mean(&|d| d.bounds.y0),
            x1: mean(&|d| d.bounds.x1),
            y1: mean(&|d| d.bounds.y1),
        },
        key_points: std::array::from_fn(|i| Point2::new(mean(&|d| d.key_points[i].x), mean(&|d| d.key_points[i].y))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x0: f32, score: f32) -> Detection {
        Detection {
            score,
            bounds: Rect { x0, y0: 0.0, x1: x0 + 10.0, y1: 10.0 },
            key_points: [Point2::new(x0, 0.0); 6],
        }
    }

    #[test]
    fn there_are_896_anchors_in_the_order_of_the_network() {
        let anchors = anchors();
        assert_eq!(anchors.len(), 896);
        assert_eq!([anchors[0], anchors[1], anchors[2]].map(|a| a.x), [0.5 / 16.0, 0.5 / 16.0, 1.5 / 16.0]);
        assert_eq!(anchors[512 + 6], Point2::new(1.5 / 8.0, 0.5 / 8.0));
    }

    #[test]
    fn overlapping_boxes_become_their_weighted_mean_and_others_stay() {
        let faces = merged(vec![at(2.0, 0.6), at(0.0, 0.9), at(100.0, 0.7)]);
        assert_eq!(faces.len(), 2);
        assert_eq!((faces[0].score, faces[1].score), (0.9, 0.7));
        // (0.9 * 0 + 0.6 * 2) / 1.5
        assert!((faces[0].bounds.x0 - 0.8).abs() < 1e-6);
        assert!((faces[0].key_points[3].x - 0.8).abs() < 1e-6);
    }

    #[test]
    fn boxes_without_area_are_merged_away_too() {
        let mut flat = at(0.0, 0.9);
        flat.bounds.x1 = flat.bounds.x0;
        assert_eq!(merged(vec![flat, flat]).len(), 2);
    }
}
