//! The movement that explains most of what the parts of a face did in a film.
//!
//! A movement has one course, from rest to the apex and back to rest, or to stay; every part follows it by its own amount
//! in its own direction, and drifts evenly besides. Courses of many lengths are tried at every place:
//!
//! ```text
//! x_p(t) = a_p + d_p·t + m_p·c(t) + noise
//! gain(c) = Σ_p ( Σ_t c(t)·x'_p(t) )² / Σ_t c'(t)²        ' less what a line explains
//! ```
//!
//! The gain is what the best amounts m_p take off the sum of squares. All parts count, so a movement is found that
//! hardly shows in any of them; all frames count, so one bad frame does not matter, be it the first one, against which
//! motion is measured. Numbers were chosen on generated clips (examples/apex_search.rs, seed 77).

use microau_core::geom::Point2;

/// Each rise that is tried is longer by this factor than the one before, and by one frame at least.
const NEXT_RISE: f32 = 1.3;
/// Longest rise, frames: a second at 60 frames a second. What takes longer is more often a head than a face.
const LONGEST_RISE: usize = 64;
/// Lengths of the way back, in rises.
const FALLS: [f32; 3] = [0.67, 1.0, 1.5];
/// Times at the apex, in rises.
const HOLDS: [f32; 2] = [0.0, 1.0];
/// Fewest frames in which drift, and the error of the first frame, can be told from movement.
const LEAST_FOR_DRIFT: usize = 8;
/// Frames over which drift is taken to be even: longer than any course.
const EVEN_DRIFT: usize = 256;
/// Most stretches of even drift in a film: what is kept of a frame does not grow with the film.
const MOST_STRETCHES: usize = 16;
/// Least of the squares of a course that a line has to leave, so that it can be told from drift.
const LEAST_LEFT: f32 = 0.05;

/// Positions in a series of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// Last position at rest before the apex.
    pub onset: usize,
    /// Position of the strongest movement, after the onset.
    pub apex: usize,
    /// First position at rest after the apex; `None` when the movement stays.
    pub offset: Option<usize>,
}

/// Finds the strongest movement; `None` for fewer than two frames.
///
/// `motions[t][part]` is how far a part has moved at frame t from where it was at frame 0, of any unit, finite.
///
/// # Panics
/// When frames differ in the number of their parts.
pub fn peak(motions: &[Vec<Point2>]) -> Option<Peak> {
    let series = Series::new(motions);
    let starts = rises(motions.len()).flat_map(|rise| (0..motions.len() - rise).map(move |onset| (onset, rise)));
    let movements = starts.flat_map(|(onset, rise)| series.movements(onset, rise));
    movements.max_by(|(gain, _), (other, _)| gain.total_cmp(other)).map(|(_, peak)| peak)
}

/// Lengths of the way from onset to apex in a film of so many frames.
fn rises(count: usize) -> impl Iterator<Item = usize> {
    let next = |&rise: &usize| Some((rise + 1).max((rise as f32 * NEXT_RISE).round() as usize));
    std::iter::successors(Some(1), next).take_while(move |&rise| rise < count && rise <= LONGEST_RISE)
}

/// How far a movement of this length has gone after so many frames, 0 to 1: with the least jerk, as muscles move.
fn ease(frame: usize, length: usize) -> f32 {
    let x = frame as f32 / length as f32;
    x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
}

/// The motions of a film without drift.
struct Series {
    /// By frame: both coordinates of all parts, then the `lines`.
    rows: Vec<Vec<f32>>,
    /// By frame: the sum of its row and all rows after it; one more than there are frames.
    sums: Vec<Vec<f32>>,
    /// Number of orthonormal columns that span all drifts.
    lines: usize,
}

impl Series {
    fn new(motions: &[Vec<Point2>]) -> Self {
        let mut rows: Vec<Vec<f32>> =
            motions.iter().map(|motion| motion.iter().flat_map(|part| [part.x, part.y]).collect()).collect();
        let width = rows.first().map_or(0, Vec::len);
        assert!(rows.iter().all(|row| row.len() == width), "every frame has {} parts", width / 2);
        let lines = lines(rows.len());
        if rows.len() >= LEAST_FOR_DRIFT {
            // the first frame has no error against itself; all others have the one of the first, which is no jump
            rows[0] = rows[1].clone();
        }
        for line in &lines {
            let mut along = Sum::new(width);
            rows.iter().zip(line).for_each(|(row, &at)| along.add(row, at));
            for (row, &at) in rows.iter_mut().zip(line) {
                row.iter_mut().zip(&along.values).for_each(|(value, along)| *value -= along * at);
            }
        }
        for (t, row) in rows.iter_mut().enumerate() {
            row.extend(lines.iter().map(|line| line[t]));
        }
        let mut sum = Sum::new(width + lines.len());
        let mut sums = vec![sum.values.clone()];
        for row in rows.iter().rev() {
            sum.add(row, 1.0);
            sums.push(sum.values.clone());
        }
        sums.reverse();
        Self { rows, sums, lines: lines.len() }
    }

    /// All movements that begin at `onset` and rise for so many frames, each with its gain.
    fn movements(&self, onset: usize, rise: usize) -> Vec<(f32, Peak)> {
        let (count, apex) = (self.rows.len(), onset + rise);
        let mut up = Sum::new(self.rows[0].len());
        (1..=rise).for_each(|step| up.add(&self.rows[onset + step], ease(step, rise)));

        let mut stays = up.clone();
        stays.add_all(&self.sums[apex + 1], &self.sums[count], count - apex - 1);
        let mut movements = vec![(self.gain(&stays), Peak { onset, apex, offset: None })];
        for (hold, fall) in HOLDS.into_iter().flat_map(|hold| FALLS.map(|fall| (hold, fall))) {
            let [hold, fall] = [hold, fall].map(|rises| (rises * rise as f32).round() as usize);
            let (sinks, offset) = (apex + hold, apex + hold + fall.max(1));
            if offset >= count {
                continue;
            }
            let mut course = up.clone();
            course.add_all(&self.sums[apex + 1], &self.sums[sinks + 1], hold);
            (sinks + 1..offset).for_each(|t| course.add(&self.rows[t], ease(offset - t, offset - sinks)));
            movements.push((self.gain(&course), Peak { onset, apex: apex + hold / 2, offset: Some(offset) }));
        }
        movements
    }

    /// What a course takes off the sum of squares.
    fn gain(&self, course: &Sum) -> f32 {
        let (parts, lines) = course.values.split_at(course.values.len() - self.lines);
        dot(parts, parts) / (course.squares - dot(lines, lines)).max(LEAST_LEFT)
    }
}

/// Orthonormal series of so many frames that drift is made of: rest, in longer films even motion, and in long ones even
/// motion from stretch to stretch.
fn lines(count: usize) -> Vec<Vec<f32>> {
    let stretches = (count / EVEN_DRIFT).clamp(1, MOST_STRETCHES);
    let knots = if count < LEAST_FOR_DRIFT { 1 } else { stretches + 1 };
    let length = (count.max(2) - 1) as f32 / stretches as f32;
    // a tent over each knot; their sums are all lines that bend at the knots alone
    let tent = |knot: usize, t: usize| (1.0 - (t as f32 / length - knot as f32).abs()).max(0.0);
    let mut lines: Vec<Vec<f32>> = Vec::new();
    for knot in 0..knots {
        let mut line: Vec<f32> = match knots {
            1 => vec![1.0; count],
            _ => (0..count).map(|t| tent(knot, t)).collect(),
        };
        for other in &lines {
            let along = dot(&line, other);
            line.iter_mut().zip(other).for_each(|(value, other)| *value -= along * other);
        }
        let length = dot(&line, &line).sqrt();
        line.iter_mut().for_each(|value| *value /= length);
        lines.push(line);
    }
    lines
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A weighted sum of rows, with the sum of the squares of its weights.
#[derive(Clone)]
struct Sum {
    values: Vec<f32>,
    squares: f32,
}

impl Sum {
    fn new(width: usize) -> Self {
        Self { values: vec![0.0; width], squares: 0.0 }
    }

    fn add(&mut self, row: &[f32], weight: f32) {
        self.values.iter_mut().zip(row).for_each(|(value, row)| *value += weight * row);
        self.squares += weight * weight;
    }

    /// Adds `count` rows whose sum is the difference of two sums.
    fn add_all(&mut self, from: &[f32], to: &[f32], count: usize) {
        self.values.iter_mut().zip(from.iter().zip(to)).for_each(|(value, (from, to))| *value += from - to);
        self.squares += count as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A film of 40 frames in which one part drifts, and another by the same drift and a movement.
    fn film(movement: impl Fn(f32) -> f32) -> Vec<Vec<Point2>> {
        let drift = |t: f32| Point2::new(0.1 * t, -0.05 * t);
        (0..40).map(|t| t as f32).map(|t| vec![drift(t), drift(t) + Point2::new(0.0, movement(t))]).collect()
    }

    /// Up and down in a straight line, 1 at `apex`.
    fn tent(t: f32, apex: f32, frames: f32) -> f32 {
        (1.0 - (t - apex).abs() / frames).max(0.0)
    }

    #[test]
    fn a_movement_is_found_on_a_drift_that_goes_further() {
        let peak = peak(&film(|t| tent(t, 14.0, 5.0))).unwrap();
        assert_eq!(peak.apex, 14);
        assert!((8..=10).contains(&peak.onset) && (18..=20).contains(&peak.offset.unwrap()), "{peak:?}");
    }

    #[test]
    fn a_movement_is_found_in_a_long_film_whose_drift_turns() {
        let drift = |t: f32| 4.0 * (t / 600.0).sin();
        let part = |t: f32| vec![Point2::new(drift(t), tent(t, 700.0, 12.0)), Point2::new(drift(t), -drift(t))];
        let peak = peak(&(0..2000).map(|t| part(t as f32)).collect::<Vec<_>>()).unwrap();
        assert!((699..=701).contains(&peak.apex), "{peak:?}");
        assert!((683..=690).contains(&peak.onset), "{peak:?}");
    }

    #[test]
    fn lines_are_orthonormal_and_make_every_even_drift() {
        for count in [2, 7, 8, 40, 600, 9000] {
            let lines = lines(count);
            for (i, line) in lines.iter().enumerate() {
                for (j, other) in lines.iter().enumerate() {
                    // f32 sums of up to 9000 products
                    assert!((dot(line, other) - f32::from(u8::from(i == j))).abs() < 1e-4, "{count}: {i} {j}");
                }
            }
            let even: Vec<f32> =
                (0..count).map(|t| 3.0 - if count < 8 { 0.0 } else { t as f32 / count as f32 }).collect();
            let explained: f32 = lines.iter().map(|line| dot(line, &even).powi(2)).sum();
            assert!((explained / dot(&even, &even) - 1.0).abs() < 1e-4, "{count}");
        }
    }

    #[test]
    fn a_smile_that_stays_has_no_offset() {
        let peak = peak(&film(|t| ((t - 20.0) / 6.0).clamp(0.0, 1.0))).unwrap();
        assert_eq!(peak.offset, None, "{peak:?}");
        assert!((17..=20).contains(&peak.onset) && (26..=29).contains(&peak.apex), "{peak:?}");
    }

    #[test]
    fn a_single_bad_frame_does_not_beat_a_movement() {
        let peak = peak(&film(|t| tent(t, 25.0, 6.0) + if t == 8.0 { 1.5 } else { 0.0 })).unwrap();
        assert_eq!(peak.apex, 25);
    }

    #[test]
    fn a_bad_first_frame_does_not_matter() {
        let clean = film(|t| tent(t, 25.0, 6.0));
        let from_bad = film(|t| tent(t, 25.0, 6.0) + if t == 0.0 { 0.0 } else { 2.0 });
        assert_eq!(peak(&from_bad), peak(&clean));
    }

    #[test]
    fn a_movement_that_hardly_shows_in_any_part_shows_in_all() {
        // noise of a fixed sine each, as large as the movement
        let noise = |part: usize, t: usize| (1.7 * (part * t) as f32 + part as f32).sin();
        let part = |part: usize, t: usize| Point2::new(noise(part, t) + tent(t as f32, 17.0, 6.0), 0.0);
        let motions: Vec<Vec<Point2>> = (0..40).map(|t| (1..40).map(|p| part(p, t)).collect()).collect();
        let peak = peak(&motions).unwrap();
        assert!((16..=18).contains(&peak.apex), "{peak:?}");
    }

    #[test]
    fn a_film_at_rest_still_has_an_order() {
        for count in 2..20 {
            let peak = peak(&vec![vec![Point2::default(); 3]; count]).unwrap();
            assert!(peak.onset < peak.apex && peak.offset.is_none_or(|offset| peak.apex < offset && offset < count));
        }
    }

    #[test]
    fn two_frames_are_onset_and_apex() {
        let motions = vec![vec![Point2::default()], vec![Point2::new(3.0, 4.0)]];
        assert_eq!(peak(&motions), Some(Peak { onset: 0, apex: 1, offset: None }));
        assert_eq!(peak(&motions[..1]), None);
        assert_eq!(peak(&[]), None);
    }

    #[test]
    fn a_face_without_parts_still_has_an_order() {
        assert!(peak(&vec![Vec::new(); 12]).is_some());
    }
}
