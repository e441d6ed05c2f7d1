//! Figures of spotting over films: pooled, with intervals by subject, and film by film.

use std::collections::BTreeMap;

use microau_core::score::ExpressionKind;

use super::film::{Counts, FilmCounts, Nearest};
use super::{Film, LEAST_IOU, TrueKind, Which};
use crate::bootstrap::{Bootstrap, Subjects};
use crate::run_figures::Cell;

/// How spotting is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpottingSettings {
    /// Least overlap of a hit, above 0 and at most 1.
    pub least_iou: f64,
    /// Draw intervals by subject.
    pub bootstrap: Option<Bootstrap>,
}

impl Default for SpottingSettings {
    /// As the challenges judge, without intervals.
    fn default() -> Self {
        Self { least_iou: LEAST_IOU, bootstrap: None }
    }
}

/// The figures of some expressions over all films.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// The counts.
    pub counts: Counts,
    /// Share of the spotted that are hits.
    pub precision: Cell,
    /// Share of the true that were hit.
    pub recall: Cell,
    /// Harmonic mean of both.
    pub f1: Cell,
    /// False alarms a minute of film; undefined where the length of a film is unknown.
    pub alarms_per_minute: Cell,
    /// The same on films without expressions; undefined where there is none.
    pub calm_alarms_per_minute: Cell,
}

/// The counts of one film.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmRow {
    /// Its name.
    pub name: String,
    /// How long it is.
    pub minutes: Option<f64>,
    /// Its counts.
    pub counts: FilmCounts,
}

/// What false alarms fell on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRow {
    /// What stands in the truth there.
    pub on: Nearest,
    /// How often that is in the truth; 0 for nothing.
    pub in_truth: u64,
    /// False alarms as micro-expressions.
    pub micro: u64,
    /// False alarms as longer expressions.
    pub longer: u64,
}

/// All figures of spotting.
#[derive(Clone, Debug, PartialEq)]
pub struct SpottingFigures {
    /// How they were judged.
    pub settings: SpottingSettings,
    /// Film by film, in the order given.
    pub films: Vec<FilmRow>,
    /// Number of subjects.
    pub subjects: usize,
    /// What false alarms fell on: expressions, then distractors by name, then nothing.
    pub alarms: Vec<AlarmRow>,
    pooled: [Measures; 4],
}

impl SpottingFigures {
    /// The figures of some expressions over all films.
    pub fn of(&self, which: Which) -> &Measures {
        &self.pooled[which as usize]
    }
}

/// Judges what was spotted in films.
pub fn judge(films: &[Film], settings: SpottingSettings) -> SpottingFigures {
    let row = |film: &Film| FilmRow {
        name: film.name.clone(),
        minutes: film.minutes,
        counts: FilmCounts::of(film, settings.least_iou),
    };
    let rows: Vec<FilmRow> = films.iter().map(row).collect();
    let pooled = Which::ALL.map(|which| measures(&rows, films, which, settings.bootstrap));
    let mut subjects: Vec<&str> = films.iter().map(|film| film.subject.as_str()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    SpottingFigures { settings, alarms: alarms(films, &rows), films: rows, subjects: subjects.len(), pooled }
}

fn measures(rows: &[FilmRow], films: &[Film], which: Which, bootstrap: Option<Bootstrap>) -> Measures {
    let counts = pooled(rows, which, |_| 1, |_| true);
    let mut cells = values(rows, which, |_| 1).map(|value| Cell { value, ..Cell::default() });
    if let Some(bootstrap) = bootstrap {
        let subjects = Subjects::new(films.iter().map(|film| (0, film.subject.as_str())));
        let drawn = bootstrap.run(&subjects, |weights| values(rows, which, |film| weights[film]).into());
        for (cell, replicates) in cells.iter_mut().zip(drawn) {
            cell.interval = cell.value.and(replicates.interval(bootstrap.level));
        }
    }
    let [precision, recall, f1, alarms_per_minute, calm_alarms_per_minute] = cells;
    Measures { counts, precision, recall, f1, alarms_per_minute, calm_alarms_per_minute }
}

/// Precision, recall, F1, alarms a minute on all films and on calm ones, each film counted as often as `weight` says.
fn values(rows: &[FilmRow], which: Which, weight: impl Fn(usize) -> u64 + Copy) -> [Option<f64>; 5] {
    let all = pooled(rows, which, weight, |_| true);
    let calm = |row: &FilmRow| row.counts.is_calm();
    let per_minute = |is_meant: fn(&FilmRow) -> bool| {
        let counts = pooled(rows, which, weight, is_meant);
        let minutes = minutes(rows, weight, is_meant)?;
        (minutes > 0.0).then(|| counts.false_alarms() as f64 / minutes)
    };
    [all.precision(), all.recall(), all.f1(), per_minute(|_| true), per_minute(calm)]
}

fn pooled(rows: &[FilmRow], which: Which, weight: impl Fn(usize) -> u64, is_meant: fn(&FilmRow) -> bool) -> Counts {
    let meant = rows.iter().enumerate().filter(|(_, row)| is_meant(row));
    meant.fold(Counts::default(), |sum, (i, row)| sum.plus(row.counts.of_which(which), weight(i)))
}

/// Length of films together; `None` when one that counts is of unknown length.
fn minutes(rows: &[FilmRow], weight: impl Fn(usize) -> u64, is_meant: fn(&FilmRow) -> bool) -> Option<f64> {
    let meant = rows.iter().enumerate().filter(|(i, row)| weight(*i) > 0 && is_meant(row));
    meant.map(|(i, row)| row.minutes.map(|minutes| minutes * weight(i) as f64)).sum()
}

fn alarms(films: &[Film], rows: &[FilmRow]) -> Vec<AlarmRow> {
    let row = |on: &Nearest| AlarmRow { on: on.clone(), in_truth: 0, micro: 0, longer: 0 };
    let expressions =
        [ExpressionKind::Micro, ExpressionKind::Macro].map(|kind| Nearest::Kind(TrueKind::Expression(kind)));
    let mut by_kind: BTreeMap<Nearest, AlarmRow> = expressions.map(|on| (on.clone(), row(&on))).into();
    by_kind.insert(Nearest::Nothing, row(&Nearest::Nothing));
    for movement in films.iter().flat_map(|film| &film.truth) {
        let on = Nearest::Kind(movement.kind.clone());
        by_kind.entry(on).or_insert_with_key(row).in_truth += 1;
    }
    for alarm in rows.iter().flat_map(|row| &row.counts.alarms) {
        let row = by_kind.entry(alarm.nearest.clone()).or_insert_with_key(row);
        match alarm.found.kind {
            ExpressionKind::Micro => row.micro += 1,
            ExpressionKind::Macro => row.longer += 1,
        }
    }
    by_kind.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::film::tests::{film, movement};
    use super::*;

    fn calm_film() -> Film {
        let found = vec![movement(ExpressionKind::Macro, 5, 80)];
        let (name, subject) = ("b".to_owned(), "s2".to_owned());
        Film { name, subject, minutes: Some(3.0), truth: Vec::new(), found }
    }

    #[test]
    fn counts_are_pooled_over_films_and_not_averaged() {
        let figures = judge(&[film(), calm_film()], SpottingSettings::default());
        let micro = figures.of(Which::Micro);
        assert_eq!([micro.precision.value, micro.recall.value], [Some(1.0 / 4.0), Some(1.0 / 2.0)]);
        assert_eq!(micro.f1.value, Some(2.0 / 6.0));
        assert_eq!(figures.of(Which::Both).precision.value, Some(1.0 / 5.0));
    }

    #[test]
    fn alarms_a_minute_are_over_all_films_and_over_calm_ones() {
        let figures = judge(&[film(), calm_film()], SpottingSettings::default());
        let both = figures.of(Which::Both);
        assert_eq!(both.alarms_per_minute.value, Some(4.0 / 4.0));
        assert_eq!(both.calm_alarms_per_minute.value, Some(1.0 / 3.0));
        assert_eq!(figures.of(Which::Micro).calm_alarms_per_minute.value, Some(0.0));
        assert_eq!(judge(&[film()], SpottingSettings::default()).of(Which::Both).calm_alarms_per_minute.value, None);
    }

    #[test]
    fn the_rate_of_alarms_is_unknown_with_the_length_of_a_film() {
        let unknown = Film { minutes: None, ..film() };
        let figures = judge(&[unknown, calm_film()], SpottingSettings::default());
        assert_eq!(figures.of(Which::Both).alarms_per_minute.value, None);
        assert_eq!(figures.of(Which::Both).calm_alarms_per_minute.value, Some(1.0 / 3.0));
    }

    #[test]
    fn every_false_alarm_is_in_the_table_of_what_it_fell_on() {
        let figures = judge(&[film(), calm_film()], SpottingSettings::default());
        let rows = figures.alarms.iter().map(|row| (row.in_truth, row.micro, row.longer));
        // micro, macro, blink, nothing
        assert_eq!(rows.collect::<Vec<_>>(), [(2, 0, 0), (1, 1, 0), (1, 1, 0), (0, 1, 1)]);
    }

    #[test]
    fn intervals_come_from_drawing_subjects() {
        let bootstrap = Some(Bootstrap { replicates: 200, ..Bootstrap::default() });
        let figures = judge(&[film(), calm_film()], SpottingSettings { bootstrap, ..SpottingSettings::default() });
        let interval = figures.of(Which::Both).precision.interval.unwrap();
        // both films, the first twice, the second twice
        assert_eq!((interval.low, interval.high), (0.0, 1.0 / 4.0));
        assert_eq!(figures.subjects, 2);
    }
}
