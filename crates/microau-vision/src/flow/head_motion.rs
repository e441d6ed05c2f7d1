//! What the head moved between two frames, read from dense flow, and taken out of it (method §1).
//!
//! Flow is averaged around each landmark that sits on bone (`RIGID`: nose root, eye corners, temples, hairline). A
//! similarity is fitted so that brows that rise or lids that blink nearby do not pull it: the best of all pairs of
//! points by the median of the distances, then reweighted least squares with Tukey's weights.

use microau_core::geom::{Point2, Similarity};
use microau_core::landmarks::{Landmarks, RIGID};
use microau_core::plane::{FlowField, Plane};

use super::dense::DenseFlow;
use super::error::FlowError;
use super::warp::warp;

/// Half the side of the square over which flow is averaged at a landmark, as a share of the distance between the eyes:
/// 7x7 px of a 224 px crop.
const WINDOW: f32 = 0.04;
/// A point this near to the border of the crop does not count, px: part of what it shows may have left the picture.
const MARGIN_PX: f32 = 2.0;
/// Two points closer than this share of the distance between the eyes fix no similarity.
const MIN_PAIR: f32 = 0.5;
/// Tukey's constant: 95 % efficient on Gaussian noise.
const TUKEY: f32 = 4.685;
/// Flow at a rigid point is not trusted to be better than this, px.
const NOISE_FLOOR_PX: f32 = 0.03;
/// Reweightings; the fit stands still after five or six.
const ROUNDS: usize = 8;

/// Motion of the head from the first frame to the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadMotion {
    /// `second_from_first`, in crop px. The identity when `support` is 0.
    pub similarity: Similarity,
    /// Root mean square of what the similarity leaves unexplained at the points it trusts, px.
    pub residual_px: f32,
    /// Rigid points inside the crop.
    pub points: usize,
    /// Of those, the number that moved with the head; 0 when no similarity could be fitted.
    pub support: usize,
}

impl HeadMotion {
    const NONE: HeadMotion = HeadMotion { similarity: Similarity::IDENTITY, residual_px: 0.0, points: 0, support: 0 };
}

/// Fits the motion of the head to flow; landmarks are those of the first frame in px of the flow. Parts of the face
/// outside of the crop are left out.
pub fn estimate(flow: &FlowField, landmarks: &Landmarks) -> HeadMotion {
    let (from, to) = rigid_motion(flow, landmarks);
    let min_px = MIN_PAIR * landmarks.inter_ocular();
    let points = from.len();
    let Some(start) = best_pair(&from, &to, min_px) else {
        return HeadMotion { points, ..HeadMotion::NONE };
    };
    let mut similarity = start;
    let mut weights = tukey_weights(&distances(&similarity, &from, &to));
    for _ in 0..ROUNDS {
        let Some(fitted) = Similarity::fit_weighted(&from, &to, &weights) else { break };
        similarity = fitted;
        weights = tukey_weights(&distances(&similarity, &from, &to));
    }
    let trusted: Vec<f32> = distances(&similarity, &from, &to)
        .into_iter()
        .zip(&weights)
        .filter_map(|(distance, &weight)| (weight > 0.0).then_some(distance))
        .collect();
    let square = trusted.iter().map(|d| d * d).sum::<f32>() / trusted.len().max(1) as f32;
    HeadMotion { similarity, residual_px: square.sqrt(), points, support: trusted.len() }
}

/// Flow without the motion of the head: for each pixel of the first frame its displacement in the frame of the first
/// head, `head⁻¹(x + u) - x`, px. A similarity without inverse removes nothing.
pub fn remove(flow: &FlowField, second_from_first: &Similarity) -> FlowField {
    let Some(first_from_second) = second_from_first.inverse() else { return flow.clone() };
    map_points(flow, |at, moved| first_from_second.apply(moved) - at)
}

/// Flow with the motion of a head added, the reverse of [`remove`].
pub fn add(flow: &FlowField, second_from_first: &Similarity) -> FlowField {
    map_points(flow, |at, moved| second_from_first.apply(moved) - at)
}

/// Flow without the head's motion, computed twice: the second time on a second image brought back by the similarity, so
/// that smoothness does not act on the head's own turn and zoom. The motion is that of both passes together.
///
/// # Errors
/// When the images differ in size.
pub fn stabilised_flow(
    engine: &mut DenseFlow,
    first: &Plane,
    second: &Plane,
    landmarks: &Landmarks,
) -> Result<(FlowField, HeadMotion), FlowError> {
    let moved = engine.compute(first, second)?;
    let rough = estimate(&moved, landmarks);
    if rough.support == 0 {
        return Ok((moved, rough));
    }
    let head = add(&FlowField::new(second.width, second.height), &rough.similarity);
    let flow = engine.flow_to(&warp(second, &head))?;
    let rest = estimate(&flow, landmarks);
    let similarity = rest.similarity.then(&rough.similarity);
    Ok((remove(&flow, &rest.similarity), HeadMotion { similarity, ..rest }))
}

/// Places of the rigid points inside the crop, in the first frame and in the second.
fn rigid_motion(flow: &FlowField, landmarks: &Landmarks) -> (Vec<Point2>, Vec<Point2>) {
    let (right, bottom) = (flow.width() as f32 - MARGIN_PX, flow.height() as f32 - MARGIN_PX);
    let radius = WINDOW * landmarks.inter_ocular();
    RIGID
        .iter()
        .map(|&i| landmarks.xy(i))
        .filter(|p| (MARGIN_PX..=right).contains(&p.x) && (MARGIN_PX..=bottom).contains(&p.y))
        .map(|p| (p, p + mean_flow(flow, p, radius)))
        .filter(|(_, q)| q.x.is_finite() && q.y.is_finite())
        .unzip()
}

/// Mean of 5x5 samples over a square.
fn mean_flow(flow: &FlowField, centre: Point2, radius: f32) -> Point2 {
    let offset = |i: usize| (i as f32 - 2.0) * 0.5 * radius;
    let samples = (0..25).map(|i| flow.sample(centre + Point2::new(offset(i % 5), offset(i / 5))));
    samples.fold(Point2::default(), |sum, p| sum + p) * (1.0 / 25.0)
}

/// The similarity through two points that has the least median distance over all points.
fn best_pair(from: &[Point2], to: &[Point2], min_px: f32) -> Option<Similarity> {
    let mut best: Option<(f32, Similarity)> = None;
    for i in 0..from.len() {
        for j in 0..i {
            if from[i].distance(from[j]) < min_px {
                continue;
            }
            let Some(candidate) = Similarity::fit(&[from[i], from[j]], &[to[i], to[j]]) else { continue };
            let median = median(distances(&candidate, from, to));
            if best.is_none_or(|(least, _)| median < least) {
                best = Some((median, candidate));
            }
        }
    }
    best.map(|(_, similarity)| similarity)
}

fn distances(similarity: &Similarity, from: &[Point2], to: &[Point2]) -> Vec<f32> {
    from.iter().zip(to).map(|(&f, &t)| similarity.apply(f).distance(t)).collect()
}

/// Tukey's biweight at a scale taken from the median distance.
fn tukey_weights(distances: &[f32]) -> Vec<f32> {
    // the median of a distance in the plane is 1.177 standard deviations of either coordinate
    let reach = TUKEY * (median(distances.to_vec()) / 1.177).max(NOISE_FLOOR_PX);
    distances.iter().map(|d| (1.0 - (d / reach).powi(2)).max(0.0).powi(2)).collect()
}

fn median(mut values: Vec<f32>) -> f32 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

/// A field made from each pixel's centre and the point it moved to.
fn map_points(flow: &FlowField, displacement: impl Fn(Point2, Point2) -> Point2) -> FlowField {
    let mut out = FlowField::new(flow.width(), flow.height());
    for y in 0..flow.height() {
        for x in 0..flow.width() {
            let at = Point2::new(x as f32 + 0.5, y as f32 + 0.5);
            let d = displacement(at, at + Point2::new(flow.u.at(x, y), flow.v.at(x, y)));
            out.u.set(x, y, d.x);
            out.v.set(x, y, d.y);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::geom::Point3;
    use proptest::prelude::*;

    /// A face of 80 px between the eyes in a 224 px crop: rigid points on their rough places, the rest at the chin.
    fn face() -> Landmarks {
        let mut points = vec![Point3::new(112.0, 200.0, 0.0); Landmarks::COUNT];
        let mut put = |indices: &[usize], x: f32, y: f32| {
            for (n, &i) in indices.iter().enumerate() {
                points[i] = Point3::new(x + 4.0 * n as f32, y + 2.0 * n as f32, 0.0);
            }
        };
        put(&RIGID[..8], 100.0, 70.0);
        put(&RIGID[14..20], 30.0, 60.0);
        put(&RIGID[20..26], 180.0, 60.0);
        put(&RIGID[26..], 90.0, 20.0);
        put(&microau_core::landmarks::EYE_RIGHT, 50.0, 66.0);
        put(&microau_core::landmarks::EYE_LEFT, 130.0, 66.0);
        Landmarks::new(points).unwrap()
    }

    fn head_flow(similarity: &Similarity) -> FlowField {
        add(&FlowField::new(224, 224), similarity)
    }

    proptest! {
        #[test]
        fn a_turn_zoom_and_shift_is_found_and_removed(
            angle in -0.03_f32..0.03, zoom in 0.98_f32..1.02, tx in -5.0_f32..5.0, ty in -5.0_f32..5.0,
        ) {
            let similarity = Similarity { a: zoom * angle.cos(), b: zoom * angle.sin(), tx, ty };
            let flow = head_flow(&similarity);
            let found = estimate(&flow, &face());
            prop_assert_eq!(found.support, RIGID.len());
            prop_assert!(found.residual_px < 1e-2);
            let rest = remove(&flow, &found.similarity);
            // f32 coordinates of some hundred px
            prop_assert!(rest.u.data.iter().chain(&rest.v.data).all(|d| d.abs() < 1e-2));
        }
    }

    #[test]
    fn a_forehead_that_rises_does_not_move_the_head() {
        let similarity = Similarity { a: 1.0, b: 0.01, tx: 1.0, ty: -2.0 };
        let mut flow = head_flow(&similarity);
        for y in 0..45 {
            flow.v.row_mut(y).iter_mut().for_each(|v| *v -= 3.0);
        }
        let found = estimate(&flow, &face());
        assert!(found.support < RIGID.len());
        assert!((found.similarity.tx - 1.0).abs() < 0.01 && (found.similarity.ty + 2.0).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_face_half_outside_of_the_crop_is_fitted_by_its_other_half() {
        let similarity = Similarity { a: 1.002, b: -0.004, tx: 0.5, ty: 1.5 };
        let landmarks = face().transformed(&Similarity { tx: -60.0, ..Similarity::IDENTITY });
        let found = estimate(&head_flow(&similarity), &landmarks);
        assert!(found.points < RIGID.len());
        assert!((found.similarity.b + 0.004).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn a_face_outside_of_the_crop_gives_the_identity_without_support() {
        let away = face().transformed(&Similarity { tx: 1000.0, ..Similarity::IDENTITY });
        let found = estimate(&FlowField::new(224, 224), &away);
        assert_eq!((found.similarity, found.support, found.points), (Similarity::IDENTITY, 0, 0));
        assert_eq!(estimate(&FlowField::default(), &face()).support, 0);
    }

    #[test]
    fn two_passes_find_the_head_and_leave_the_skin_still() {
        let texture = |p: Point2| 100.0 + 30.0 * ((0.4 * p.x).sin() + (0.33 * p.y).cos() + (0.2 * (p.x + p.y)).sin());
        let head = Similarity { a: 1.01, b: -0.012, tx: 2.0, ty: 1.0 };
        let back = head.inverse().unwrap();
        let centre = |i: usize| Point2::new((i % 224) as f32 + 0.5, (i / 224) as f32 + 0.5);
        let first = Plane::from_vec(224, 224, (0..224 * 224).map(|i| texture(centre(i))).collect());
        let second = Plane::from_vec(224, 224, (0..224 * 224).map(|i| texture(back.apply(centre(i)))).collect());
        let (flow, found) = stabilised_flow(&mut DenseFlow::medium(), &first, &second, &face()).unwrap();
        for p in [Point2::new(60.0, 60.0), Point2::new(160.0, 150.0)] {
            assert!(found.similarity.apply(p).distance(head.apply(p)) < 0.02, "{found:?}");
        }
        let inner = (0..224 * 224).filter(|i| (20..204).contains(&(i % 224)) && (20..204).contains(&(i / 224)));
        let left: Vec<f32> = inner.map(|i| flow.u.data[i].hypot(flow.v.data[i])).collect();
        assert!(left.iter().sum::<f32>() / (left.len() as f32) < 0.03);
    }

    #[test]
    fn adding_a_head_and_removing_it_leaves_the_muscle() {
        let similarity = Similarity { a: 1.01, b: 0.02, tx: 3.0, ty: -1.0 };
        let mut muscle = FlowField::new(32, 16);
        muscle.u.set(7, 5, 2.0);
        let back = remove(&add(&muscle, &similarity), &similarity);
        assert!(back.u.data.iter().zip(&muscle.u.data).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}
