//! Where in a stretch of a film something moves as an expression does: every course at every place, and the best of those that
//! stand for the same movement.
//!
//! Expressions last from a 25th of a second to several seconds. Short ones are sought in all readings, long ones in means of
//! several: that is three [`Tempo`]s, each with courses of the lengths that it shows best.

use std::ops::Range;

use super::course::{Course, without_line};
use super::reading::{CHANNELS, MOTIONS};

/// Shortest and longest courses of each tempo, seconds, and its least readings a second.
const TEMPOS: [(f32, f32, f32); 3] = [(0.04, 0.62, f32::INFINITY), (0.45, 2.4, 15.0), (1.8, 7.0, 5.0)];
/// Each course is longer by this factor than the one before, and by one reading at least.
const NEXT_LENGTH: f32 = 1.25;
/// Shortest course, readings.
const SHORTEST: usize = 2;
/// Noise of a channel is not trusted to be less than this, hundredths of the distance between the eyes.
const NOISE_FLOOR: f32 = 0.05;
/// Least score of a hit: explained motion, in units of the noise, a channel.
const LEAST_SCORE: f32 = 2.0;
/// Hits that overlap by more than this share (intersection over union) stand for one movement, as far as one group of parts
/// can tell.
const SAME_MOVEMENT: f32 = 0.6;
/// Most hits a second and group of parts.
const MOST_HITS: f32 = 8.0;

/// Channels of the parts above and below the middle of the face (AU1 to 9, AU10 to 17), and of all.
pub(super) const GROUPS: [Range<usize>; 3] = [0..56, 56..MOTIONS, 0..MOTIONS];

/// Readings at one rate, and the courses sought in them.
#[derive(Clone, Debug)]
pub(super) struct Tempo {
    /// Readings of the film that are averaged into one.
    pub step: usize,
    /// Readings a second, averaged.
    pub rate: f32,
    /// Rising in length.
    pub courses: Vec<Course>,
}

/// A course that fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    /// Place among the courses of the tempo.
    pub course: usize,
    /// Place of the onset among the averaged readings.
    pub onset: usize,
    /// Its best score in a group.
    pub score: f32,
}

/// Averaged readings of a stretch, and how noisy each channel is.
pub(super) struct Stretch {
    pub rows: Vec<Vec<f32>>,
    pub noise: Vec<f32>,
}

impl Tempo {
    /// The tempos for a film with so many readings a second.
    pub fn all(rate: f32) -> Vec<Tempo> {
        TEMPOS.iter().map(|&(shortest, longest, least_rate)| Tempo::new(rate, shortest, longest, least_rate)).collect()
    }

    fn new(rate: f32, shortest: f32, longest: f32, least_rate: f32) -> Tempo {
        let step = ((rate / least_rate).floor() as usize).max(1);
        let rate = rate / step as f32;
        let first = SHORTEST.max((shortest * rate).round() as usize);
        let last = first.max((longest * rate).round() as usize);
        let next = |&length: &usize| Some((length + 1).max((length as f32 * NEXT_LENGTH).round() as usize));
        let lengths = std::iter::successors(Some(first), next).take_while(|&length| length <= last);
        Tempo { step, rate, courses: lengths.flat_map(Course::of_length).collect() }
    }

    /// Averaged readings on each side of a place that its longest course needs.
    pub fn reach(&self) -> usize {
        self.courses.last().map_or(0, Course::span)
    }

    /// Averaged readings of some of a film; those left over at the end are dropped.
    pub fn stretch<'a>(&self, readings: impl Iterator<Item = &'a [f32]>) -> Stretch {
        let mut rows: Vec<Vec<f32>> = Vec::new();
        let (mut sum, mut count) = (vec![0.0; CHANNELS], 0);
        for reading in readings {
            sum.iter_mut().zip(reading).for_each(|(sum, value)| *sum += value);
            count += 1;
            if count == self.step {
                rows.push(sum.iter().map(|sum| sum / count as f32).collect());
                (sum, count) = (vec![0.0; CHANNELS], 0);
            }
        }
        let noise = noise(&rows);
        Stretch { rows, noise }
    }

    /// The courses that fit best and have their middle in `zone` (averaged readings); strongest first.
    pub fn hits(&self, stretch: &Stretch, zone: Range<usize>) -> Vec<Hit> {
        let most = ((zone.len() as f32 / self.rate * MOST_HITS).ceil() as usize).max(1);
        let mut by_group: [Vec<Hit>; 3] = Default::default();
        for (place, course) in self.courses.iter().enumerate() {
            let half = course.length / 2;
            for middle in zone.clone() {
                let Some(first) = middle.checked_sub(half + course.rest) else { continue };
                let Some(rows) = stretch.rows.get(first..first + course.span()) else { continue };
                let amounts = course.amounts(rows);
                let scores = scores(course, &amounts, &stretch.noise);
                for (hits, score) in by_group.iter_mut().zip(scores) {
                    if score >= LEAST_SCORE {
                        hits.push(Hit { course: place, onset: first + course.rest, score });
                    }
                }
            }
        }
        let mut hits: Vec<Hit> = by_group.into_iter().flat_map(|hits| self.strongest(hits, most)).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut seen = std::collections::HashSet::new();
        hits.retain(|hit| seen.insert((hit.course, hit.onset)));
        hits
    }

    /// The strongest of the hits that stand for one movement.
    fn strongest(&self, mut hits: Vec<Hit>, most: usize) -> Vec<Hit> {
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut kept: Vec<Hit> = Vec::new();
        for hit in hits {
            if kept.len() >= most {
                break;
            }
            if kept.iter().all(|other| overlap(&self.frames(&hit), &self.frames(other)) <= SAME_MOVEMENT) {
                kept.push(hit);
            }
        }
        kept
    }

    /// From the onset to the first averaged reading at rest.
    pub fn frames(&self, hit: &Hit) -> Range<usize> {
        hit.onset..hit.onset + self.courses[hit.course].length
    }
}

/// Mean of what is explained, in units of the noise, over the channels of each group.
pub(super) fn scores(course: &Course, amounts: &[f32], noise: &[f32]) -> [f32; 3] {
    let units: Vec<f32> =
        course.explained(amounts).zip(noise).map(|(explained, noise)| explained / (noise * noise)).collect();
    GROUPS.map(|group| units[group.clone()].iter().sum::<f32>() / group.len() as f32)
}

/// Share of the motion of each group that a course explains, 0 to 1.
pub(super) fn fits(course: &Course, amounts: &[f32], rows: &[Vec<f32>], noise: &[f32]) -> [f32; 3] {
    let units = |channel: usize| noise[channel] * noise[channel];
    let explained: Vec<f32> = course.explained(amounts).collect();
    let all = |channel: usize| {
        let mut series: Vec<f32> = rows[..course.span()].iter().map(|row| row[channel]).collect();
        without_line(&mut series);
        series.iter().map(|x| x * x).sum::<f32>()
    };
    GROUPS.map(|group| {
        let sum = |value: &dyn Fn(usize) -> f32| group.clone().map(|c| value(c) / units(c)).sum::<f32>();
        sum(&|c| explained[c]) / sum(&all).max(f32::MIN_POSITIVE)
    })
}

/// Intersection over union of two stretches of time.
pub(super) fn overlap(a: &Range<usize>, b: &Range<usize>) -> f32 {
    let shared = a.end.min(b.end).saturating_sub(a.start.max(b.start));
    let whole = a.end.max(b.end) - a.start.min(b.start);
    if whole == 0 { 0.0 } else { shared as f32 / whole as f32 }
}

/// Noise of each channel: the median change from one row to the next, as a standard deviation of a row.
fn noise(rows: &[Vec<f32>]) -> Vec<f32> {
    /// From the median of |a - b| to the standard deviation of a, for normal noise.
    const SD_OF_MEDIAN: f32 = 1.4826 / std::f32::consts::SQRT_2;
    let of = |channel: usize| {
        let mut changes: Vec<f32> = rows.windows(2).map(|pair| (pair[1][channel] - pair[0][channel]).abs()).collect();
        let middle = changes.len() / 2;
        if changes.is_empty() {
            return NOISE_FLOOR;
        }
        let (_, median, _) = changes.select_nth_unstable_by(middle, f32::total_cmp);
        (*median * SD_OF_MEDIAN).max(NOISE_FLOOR)
    };
    (0..CHANNELS).map(of).collect()
}
