//! What a hit is judged by: how long, how strong, where on the face, what else moved, and what the model of the action units
//! says of it.

use super::course::{Course, without_line};
use super::reading::{CHANNELS, MOTIONS, companion};
use super::scan::{GROUPS, Hit, Stretch, Tempo, fits, scores};

/// Channels of one action unit: four parts, two coordinates.
const AU_CHANNELS: usize = 8;
/// Seconds on each side of a hit that count as its neighbourhood.
const NEIGHBOURHOOD: f32 = 1.5;
/// Number of features, without those of a model.
pub(super) const FEATURES: usize = 4 + 3 + 3 + 2 + 2 * (MOTIONS / AU_CHANNELS) + 2 + 4 + 3 * (CHANNELS - MOTIONS) + 3;

/// The features of a hit, [`FEATURES`] of them, on scales where a step is about a doubling.
pub(super) fn features(tempo: &Tempo, stretch: &Stretch, hit: &Hit) -> Vec<f32> {
    let course = &tempo.courses[hit.course];
    let (rows, noise) = (&stretch.rows, &stretch.noise);
    let first = hit.onset - course.rest;
    let own = &rows[first..first + course.span()];
    let amounts = course.amounts(own);
    let reach = (NEIGHBOURHOOD * tempo.rate) as usize;
    let around = &rows[hit.onset.saturating_sub(reach)..(hit.onset + course.length + reach).min(rows.len())];

    let mut all = vec![
        (course.length as f32 / tempo.rate).ln(),
        course.apex as f32 / course.length as f32,
        course.hold,
        tempo.rate.ln(),
    ];
    all.extend(scores(course, &amounts, noise).map(f32::ln_1p));
    all.extend(fits(course, &amounts, own, noise));
    all.extend([0, 1].map(|group: usize| mean(&noise[GROUPS[group].clone()]).ln()));
    all.extend(of_units(&amounts));
    all.extend([0, 1].map(|group: usize| asymmetry(&amounts[GROUPS[group].clone()])));
    all.extend(neighbours(course, rows, noise, hit));
    for channel in MOTIONS..CHANNELS {
        all.push(amounts[channel].asinh());
        all.push(deviation(around, channel).ln_1p());
        all.push((rows[hit.onset + course.length][channel] - rows[hit.onset][channel]).asinh());
    }
    all.extend(lids(&rows[hit.onset..=hit.onset + course.length], around));
    all
}

/// For each action unit how far its parts moved, and how far up or down together.
fn of_units(amounts: &[f32]) -> impl Iterator<Item = f32> + '_ {
    amounts[..MOTIONS].chunks_exact(AU_CHANNELS).flat_map(|unit| {
        let length = unit.chunks_exact(2).map(|m| m[0].hypot(m[1])).sum::<f32>() / 4.0;
        let down = unit.chunks_exact(2).map(|m| m[1]).sum::<f32>() / 4.0;
        [(4.0 * length).ln_1p(), (4.0 * down).asinh()]
    })
}

/// How far the two sides differ, 0 to 1: of each unit the first half of its channels is one side.
fn asymmetry(amounts: &[f32]) -> f32 {
    let squares = |side: usize| {
        amounts
            .chunks_exact(AU_CHANNELS)
            .flat_map(move |unit| &unit[4 * side..4 * side + 4])
            .map(|m| m * m)
            .sum::<f32>()
    };
    let (one, other) = (squares(0), squares(1));
    (one - other).abs() / (one + other).max(f32::MIN_POSITIVE)
}

/// The same course before and after: what goes on like this is speech or a head in motion. Upper and lower part of the face.
fn neighbours(course: &Course, rows: &[Vec<f32>], noise: &[f32], hit: &Hit) -> [f32; 4] {
    let first = hit.onset - course.rest;
    let shift = course.length + course.length.div_ceil(2);
    let at = |first: Option<usize>| {
        let own = first.and_then(|first| rows.get(first..first + course.span()));
        own.map_or([0.0; 3], |own| scores(course, &course.amounts(own), noise))
    };
    let (before, after) = (at(first.checked_sub(shift)), at(Some(first + shift)));
    [before[0], after[0], before[1], after[1]].map(f32::ln_1p)
}

/// How far the eyes shut in a course against their rest around it, how far the jaw opens, and how far they are shut at rest.
fn lids(own: &[Vec<f32>], around: &[Vec<f32>]) -> [f32; 3] {
    let (shut, jaw) = (MOTIONS + companion::SHUT, MOTIONS + companion::JAW);
    let rest = |channel: usize| {
        let mut values: Vec<f32> = around.iter().map(|row| row[channel]).collect();
        let quarter = values.len() / 4;
        *values.select_nth_unstable_by(quarter, f32::total_cmp).1
    };
    let most = |channel: usize| own.iter().map(|row| row[channel]).fold(f32::MIN, f32::max);
    [(most(shut) - rest(shut)).asinh(), (most(jaw) - rest(jaw)).asinh(), rest(shut).asinh()]
}

/// Standard deviation of a channel around its trend.
fn deviation(rows: &[Vec<f32>], channel: usize) -> f32 {
    let mut series: Vec<f32> = rows.iter().map(|row| row[channel]).collect();
    without_line(&mut series);
    (series.iter().map(|x| x * x).sum::<f32>() / series.len() as f32).sqrt()
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hit_has_as_many_features_all_finite() {
        for tempo in Tempo::all(30.0) {
            let count = 2 * tempo.reach() + 40;
            let row = |t: usize| (0..CHANNELS).map(|c| ((t * (c + 2)) as f32).sin()).collect::<Vec<f32>>();
            let readings: Vec<Vec<f32>> = (0..count * tempo.step).map(row).collect();
            let still = vec![vec![0.0; CHANNELS]; count * tempo.step];
            for readings in [readings, still] {
                let stretch = tempo.stretch(readings.iter().map(Vec::as_slice));
                for course in [0, tempo.courses.len() - 1] {
                    let hit = Hit { course, onset: tempo.reach(), score: 1.0 };
                    let features = features(&tempo, &stretch, &hit);
                    assert_eq!(features.len(), FEATURES);
                    assert!(features.iter().all(|x| x.is_finite()), "{features:?}");
                }
            }
        }
    }

    #[test]
    fn a_movement_of_one_side_is_asymmetric() {
        let unit = |left: f32, right: f32| [[left; 4], [right; 4]].concat();
        assert_eq!(asymmetry(&unit(1.0, 1.0)), 0.0);
        assert_eq!(asymmetry(&unit(1.0, 0.0)), 1.0);
        assert_eq!(asymmetry(&unit(0.0, 0.0)), 0.0);
    }
}
