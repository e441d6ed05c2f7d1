//! Where in a stretch of a film something moves as an expression does: every course at every place, and the best of those that
//! stand for the same movement.
//!
//! Expressions last from a 25th of a second to several seconds. Short ones are sought in all readings, long ones in means of
//! several: that is three [`Tempo`]s, each with courses of the lengths that it shows best.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::course::{Course, without_line};
use super::reading::{CHANNELS, MOTIONS};

/// Shortest and longest courses of each tempo, its bins, all in seconds, and its least readings a second.
const TEMPOS: [(f32, f32, f32, f32); 3] =
    [(0.04, 0.62, 0.2, f32::INFINITY), (0.45, 2.4, 0.5, 15.0), (1.8, 7.0, 1.5, 5.0)];
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
/// Most hits with their middle in one bin, of each group of parts: where much moves, little is not crowded out elsewhere.
const MOST_HITS: usize = 3;

/// Channels of the parts above and below the middle of the face (AU1 to 9, AU10 to 17), and of all.
pub(super) const GROUPS: [Range<usize>; 3] = [0..56, 56..MOTIONS, 0..MOTIONS];

/// Readings at one rate, and the courses sought in them.
#[derive(Clone, Debug)]
pub(super) struct Tempo {
    /// Readings of the film that are averaged into one.
    pub step: usize,
    /// Readings a second, averaged.
    pub rate: f32,
    /// Averaged readings of one bin of hits.
    bin: usize,
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
        TEMPOS
            .iter()
            .map(|&(shortest, longest, bin, least_rate)| Tempo::new(rate, [shortest, longest, bin], least_rate))
            .collect()
    }

    fn new(rate: f32, [shortest, longest, bin]: [f32; 3], least_rate: f32) -> Tempo {
        let step = ((rate / least_rate).floor() as usize).max(1);
        let rate = rate / step as f32;
        let first = SHORTEST.max((shortest * rate).round() as usize);
        let last = first.max((longest * rate).round() as usize);
        let next = |&length: &usize| Some((length + 1).max((length as f32 * NEXT_LENGTH).round() as usize));
        let lengths = std::iter::successors(Some(first), next).take_while(|&length| length <= last);
        let bin = ((bin * rate).round() as usize).max(1);
        Tempo { step, rate, bin, courses: lengths.flat_map(Course::of_length).collect() }
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
        let mut hits: Vec<Hit> = by_group.into_iter().flat_map(|hits| self.strongest(hits)).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut seen = HashSet::new();
        hits.retain(|hit| seen.insert((hit.course, hit.onset)));
        hits
    }

    /// The strongest of the hits that stand for one movement, as many as there may be in a bin.
    fn strongest(&self, mut hits: Vec<Hit>) -> Vec<Hit> {
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut kept: Vec<Hit> = Vec::new();
        let mut bins: HashMap<usize, usize> = HashMap::new();
        for hit in hits {
            let count = bins.entry((hit.onset + self.courses[hit.course].length / 2) / self.bin).or_default();
            if *count < MOST_HITS
                && kept.iter().all(|other| overlap(&self.frames(&hit), &self.frames(other)) <= SAME_MOVEMENT)
            {
                *count += 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spot::course::ease;

    const RATE: f32 = 50.0;

    /// Readings of a face that drifts, with noise of a fixed sine each; the parts of one action unit move in `movement`
    /// (seconds) by four hundredths of the distance between the eyes.
    fn readings(secs: f32, movement: Range<f32>) -> Vec<Vec<f32>> {
        let noise = |t: usize, channel: usize| 0.1 * (1.7 * (t * (channel + 3)) as f32 + channel as f32).sin();
        let course = |at: f32| {
            let (middle, half) = ((movement.start + movement.end) / 2.0, (movement.end - movement.start) / 2.0);
            ease(1.0 - (at - middle).abs() / half)
        };
        let reading = |t: usize| {
            let at = t as f32 / RATE;
            let moved = |channel: usize| if (56..64).contains(&channel) { 4.0 * course(at) } else { 0.0 };
            (0..CHANNELS).map(|channel| noise(t, channel) + 0.3 * at + moved(channel)).collect()
        };
        (0..(secs * RATE) as usize).map(reading).collect()
    }

    #[test]
    fn a_movement_of_any_length_is_the_first_hit_of_a_tempo() {
        let tempos = Tempo::all(RATE);
        for (place, from, to) in [(0, 12.0, 12.1), (0, 12.0, 12.2), (0, 12.0, 12.5), (1, 12.0, 13.2), (2, 10.0, 14.0)] {
            let tempo = &tempos[place];
            let readings = readings(24.0, from..to);
            let stretch = tempo.stretch(readings.iter().map(Vec::as_slice));
            let margin = tempo.reach() / 2 + 1;
            let hits = tempo.hits(&stretch, margin..stretch.rows.len() - margin);
            let truth = (from * tempo.rate).round() as usize..(to * tempo.rate).round() as usize;
            let best = hits.iter().map(|hit| overlap(&tempo.frames(hit), &truth)).fold(0.0, f32::max);
            let first = overlap(&tempo.frames(&hits[0]), &truth);
            assert!(best > 0.6 && first > 0.4, "{from} to {to}: best {best}, first {first}");
        }
    }

    #[test]
    fn a_bin_has_few_hits_however_much_moves() {
        let tempo = &Tempo::all(RATE)[0];
        let readings = readings(6.0, 2.0..2.4);
        let hits = tempo.hits(&tempo.stretch(readings.iter().map(Vec::as_slice)), 50..250);
        let bins = 200_usize.div_ceil(tempo.bin) + 1;
        assert!(hits.len() <= GROUPS.len() * MOST_HITS * bins, "{}", hits.len());
    }

    #[test]
    fn slow_films_have_courses_too() {
        for rate in [10.0, 25.0, 29.97, 50.0, 66.7] {
            for tempo in Tempo::all(rate) {
                assert!(!tempo.courses.is_empty() && tempo.step >= 1);
                assert!((tempo.rate * tempo.step as f32 - rate).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn overlap_of_frames_is_intersection_over_union() {
        assert_eq!(overlap(&(0..10), &(5..15)), 1.0 / 3.0);
        assert_eq!(overlap(&(0..10), &(10..12)), 0.0);
        assert_eq!(overlap(&(3..3), &(3..3)), 0.0);
    }
}
