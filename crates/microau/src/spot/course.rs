//! The courses that an expression can take, from rest over its apex back to rest, and how well a stretch of a film fits one.
//!
//! ```text
//! x(t) = a + d·t + m·c(t) + noise           over the course and a stretch of rest on each side of it
//! m    = Σ c'(t)·x(t) / Σ c'(t)²            c' is c without what a + d·t explains
//! ```
//!
//! What is explained, `m²·Σ c'²`, is counted in units of the noise, so that channels and films can be compared.

/// Shares of a course at which the apex comes, without a hold.
const APEXES: [f32; 3] = [0.35, 0.5, 0.65];
/// Shares of a course that are spent at the apex.
const HOLDS: [f32; 3] = [0.0, 0.4, 0.7];
/// Holds from this number of frames on.
const LEAST_FOR_HOLD: usize = 6;
/// Rest on each side, as a share of the course.
const REST: f32 = 0.5;
/// Least rest on each side, frames.
const LEAST_REST: usize = 3;
/// Least of the squares of a course that a line has to leave.
const LEAST_LEFT: f32 = 0.05;

/// One course.
#[derive(Clone, Debug)]
pub(super) struct Course {
    /// Frames from the onset to the first frame at rest again.
    pub length: usize,
    /// Frames from the onset to the apex, the middle of the hold.
    pub apex: usize,
    /// Share of the course spent at the apex.
    pub hold: f32,
    /// Frames of rest on each side.
    pub rest: usize,
    /// c' from `rest` frames before the onset to `rest` frames after the offset.
    weights: Vec<f32>,
    /// Σ c'²
    squares: f32,
}

impl Course {
    /// All courses of one length, frames; at least 2.
    pub fn of_length(length: usize) -> Vec<Course> {
        let holds = if length < LEAST_FOR_HOLD { &HOLDS[..1] } else { &HOLDS[..] };
        let shapes = holds.iter().flat_map(|&hold| APEXES.map(|apex| (hold, apex)));
        let mut courses: Vec<Course> = shapes.filter_map(|(hold, apex)| Course::new(length, hold, apex)).collect();
        // short courses have few shapes
        courses.dedup_by(|a, b| a.weights == b.weights);
        courses
    }

    fn new(length: usize, hold: f32, apex: f32) -> Option<Course> {
        let moving = length as f32 * (1.0 - hold);
        let rise = (moving * apex).round().clamp(1.0, length as f32 - 1.0);
        let sinks = (rise + length as f32 * hold).round().min(length as f32 - 1.0);
        let rest = LEAST_REST.max((REST * length as f32).round() as usize);
        let shape = |t: f32| match t {
            t if t <= rise => ease(t / rise),
            t if t <= sinks => 1.0,
            t => ease((length as f32 - t) / (length as f32 - sinks)),
        };
        let frames = 2 * rest + length + 1;
        let mut weights: Vec<f32> = (0..frames).map(|t| shape(t as f32 - rest as f32)).collect();
        without_line(&mut weights);
        let squares = weights.iter().map(|c| c * c).sum::<f32>();
        let apex = ((rise + sinks) / 2.0).round() as usize;
        (squares >= LEAST_LEFT).then_some(Course { length, apex, hold, rest, weights, squares })
    }

    /// Frames over which a course is held against a film: itself and its rest.
    pub fn span(&self) -> usize {
        self.weights.len()
    }

    /// m of each channel, for the course that begins its first rest at `rows[0]`.
    ///
    /// # Panics
    /// When there are fewer rows than the [`span`](Self::span).
    pub fn amounts(&self, rows: &[Vec<f32>]) -> Vec<f32> {
        let mut sums = vec![0.0; rows[0].len()];
        for (row, &weight) in rows[..self.span()].iter().zip(&self.weights) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
        }
        sums.iter_mut().for_each(|sum| *sum /= self.squares);
        sums
    }

    /// What amounts explain in each channel: the squares of `m·c'`.
    pub fn explained<'a>(&'a self, amounts: &'a [f32]) -> impl Iterator<Item = f32> + 'a {
        amounts.iter().map(|m| m * m * self.squares)
    }
}

/// How far a movement has gone after a share of its time, 0 to 1: with the least jerk, as muscles move.
pub(super) fn ease(share: f32) -> f32 {
    let x = share.clamp(0.0, 1.0);
    x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)
}

/// Takes mean and trend out of a series.
pub(super) fn without_line(series: &mut [f32]) {
    let count = series.len() as f32;
    let middle = (count - 1.0) / 2.0;
    let mean = series.iter().sum::<f32>() / count;
    let squares: f32 = (0..series.len()).map(|t| (t as f32 - middle).powi(2)).sum();
    let slope = series.iter().enumerate().map(|(t, x)| (t as f32 - middle) * x).sum::<f32>() / squares.max(1.0);
    series.iter_mut().enumerate().for_each(|(t, x)| *x -= mean + slope * (t as f32 - middle));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_amount_of_a_movement_is_found_on_any_drift() {
        for course in [2, 5, 12, 40].into_iter().flat_map(Course::of_length) {
            let Course { rest, length, .. } = course;
            let fresh = Course::of_length(length).into_iter().find(|it| it.weights == course.weights).unwrap();
            // weights are the course without a line, so any line may be put on it
            let rows: Vec<Vec<f32>> =
                course.weights.iter().enumerate().map(|(t, c)| vec![2.5 * c + 7.0 - 0.3 * t as f32, 1.0]).collect();
            let amounts = fresh.amounts(&rows);
            assert!((amounts[0] - 2.5).abs() < 1e-3 && amounts[1].abs() < 1e-3, "{amounts:?}");
            assert_eq!(course.span(), 2 * rest + length + 1);
            assert!(0 < course.apex && course.apex < length, "{course:?}");
        }
    }

    #[test]
    fn a_line_leaves_nothing() {
        let mut line: Vec<f32> = (0..30).map(|t| 4.0 - 0.5 * t as f32).collect();
        without_line(&mut line);
        assert!(line.iter().all(|x| x.abs() < 1e-4), "{line:?}");
    }

    #[test]
    fn courses_of_one_length_differ() {
        for length in 2..40 {
            let courses = Course::of_length(length);
            assert!(!courses.is_empty());
            assert!((1..courses.len()).all(|i| (0..i).all(|j| courses[i].weights != courses[j].weights)), "{length}");
        }
    }
}
