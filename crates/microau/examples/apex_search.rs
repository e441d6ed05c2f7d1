//! How well the apex search does on clips whose onset and apex are known, and what that means for the action units.
//!
//! ```text
//! microau synth clips --out clips --subjects 24 --clips 120 --seed 78
//! cargo run --release -p microau --example apex_search -- clips
//! ```
//!
//! Takes folders with a `labels.csv`. Prints a line for each clip whose apex is missed, then figures for each folder.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use microau::DeviceChoice;
use microau::core::sample::Event;
use microau::core::score::AuInterval;
use microau::detect::faces::{FaceFinder, tracker};
use microau::detect::model_scorer::NANO;
use microau::detect::{DetectSettings, Detector, EventNumbers, Input, ModelScorer, Moments, Numbering, Request, Watch};
use microau::eval::figure::Figure;
use microau::evaluate::evaluate;
use microau::synthesise::TABLE_NAME;
use microau_data::index::{Index, IndexedClip};
use rayon::prelude::*;

/// An apex counts as found when it is off by no more than this share of the time between onset and offset.
const NEAR: f64 = 0.2;

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    for folder in &folders {
        if let Err(problem) = measure(folder) {
            eprintln!("error: {problem}: {}", folder.display());
            return ExitCode::from(2);
        }
    }
    if folders.is_empty() {
        eprintln!("expected folders of clips with a {TABLE_NAME}");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

/// What one clip gave: its first face with the moments given, and with them searched.
struct Outcome<'a> {
    clip: &'a IndexedClip,
    given: Option<AuInterval>,
    searched: Option<AuInterval>,
}

impl Outcome<'_> {
    /// By how much the apex is off, as a share of the movement; without a face by all of it.
    fn apex_miss(&self) -> f64 {
        let Event { onset, apex, offset } = event(self.clip);
        let length = offset.map_or(2 * (apex.0 - onset.0), |offset| offset.0 - onset.0);
        self.searched.as_ref().map_or(1.0, |found| found.apex.frame.0.abs_diff(apex.0) as f64 / length as f64)
    }

    /// By how many frames the onset is late; below 0 it is early.
    fn onset_lag(&self) -> Option<i64> {
        self.searched.as_ref().map(|found| found.onset.frame.0 as i64 - event(self.clip).onset.0 as i64)
    }
}

/// The movement of a generated clip.
fn event(clip: &IndexedClip) -> Event {
    clip.event().expect("generated clips have an apex")
}

fn measure(folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let index = Index::read(&folder.join(TABLE_NAME))?;
    let ready = || {
        (
            tracker().expect("the networks are sound"),
            ModelScorer::open(NANO, DeviceChoice::Cpu).expect("nano is built in"),
        )
    };
    let outcomes: Vec<Outcome<'_>> =
        index.clips.par_iter().map_init(ready, |(finder, scorer), clip| outcome(clip, finder, scorer)).collect();
    let moving: Vec<&Outcome<'_>> = outcomes.iter().filter(|it| !it.clip.labels().present().is_empty()).collect();

    let missed: Vec<_> = moving.iter().filter(|it| it.apex_miss() > NEAR).collect();
    for it in &missed {
        let Event { onset, apex, offset } = event(it.clip);
        let frame = |moment: Option<u64>| moment.map_or("-".to_owned(), |frame| frame.to_string());
        let found = it.searched.as_ref();
        println!(
            "{:10} {:8} truth {onset} {apex} {}, found {} {} {}",
            it.clip.clip,
            it.clip.labels().to_string(),
            frame(offset.map(|offset| offset.0)),
            frame(found.map(|it| it.onset.frame.0)),
            frame(found.map(|it| it.apex.frame.0)),
            frame(found.and_then(|it| it.offset).map(|offset| offset.frame.0)),
        );
    }
    let mut lags: Vec<i64> = moving.iter().filter_map(|it| it.onset_lag()).collect();
    lags.sort_unstable();
    let mut errors: Vec<i64> = lags.iter().map(|lag| lag.abs()).collect();
    errors.sort_unstable();
    println!("{}", folder.display());
    println!(
        "  apex within a fifth of the movement in {} of {} clips, {:.1} %",
        moving.len() - missed.len(),
        moving.len(),
        100.0 * (moving.len() - missed.len()) as f64 / moving.len().max(1) as f64
    );
    if let (Some(middle), Some(lag)) = (errors.get(errors.len() / 2), lags.get(lags.len() / 2)) {
        println!("  onset off by {middle} frames in the median, late by {lag}");
    }
    println!(
        "  mean F1: given {}, searched {}",
        mean_f1(&outcomes, |it| &it.given)?,
        mean_f1(&outcomes, |it| &it.searched)?
    );
    Ok(())
}

fn outcome<'a>(clip: &'a IndexedClip, finder: &mut dyn FaceFinder, scorer: &mut ModelScorer) -> Outcome<'a> {
    let Event { onset, apex, offset } = event(clip);
    let numbers = vec![EventNumbers { onset: onset.0, apex: apex.0, offset: offset.map(|offset| offset.0) }];
    let given = Moments::Given { numbers, numbering: Numbering::Position };
    let mut detector = Detector::new(finder, scorer, DetectSettings::default());
    let mut first = |moments| {
        let request = Request::new(Input::film(&clip.frames), moments);
        let report =
            detector.detect(&request, &mut Watch { progress: &mut |_| (), look: &mut |_| Ok(()), frame: None });
        report.faces.into_iter().next().and_then(|face| face.intervals.into_iter().next())
    };
    Outcome { clip, given: first(given), searched: first(Moments::Search) }
}

/// Mean F1 over the action units and the share of false alarms on clips without expression, in words.
fn mean_f1(
    outcomes: &[Outcome<'_>],
    interval: impl for<'a> Fn(&'a Outcome<'_>) -> &'a Option<AuInterval>,
) -> Result<String, Box<dyn std::error::Error>> {
    let seen: Vec<(&IndexedClip, &AuInterval)> =
        outcomes.iter().filter_map(|it| interval(it).as_ref().map(|interval| (it.clip, interval))).collect();
    let Some((_, first)) = seen.first() else { return Ok("n/a (no face)".to_owned()) };
    let aus: Vec<_> = first.aus.iter().map(|score| score.au).collect();
    let labels: Vec<_> = seen.iter().map(|(clip, _)| clip.labels()).collect();
    let probs: Vec<Vec<f32>> =
        seen.iter().map(|(_, interval)| interval.aus.iter().map(|score| score.probability).collect()).collect();
    let result = evaluate(&aus, &labels, &probs)?;
    let number = |value: Option<f64>| value.map_or("n/a".to_owned(), |value| format!("{value:.3}"));
    let (f1, alarm) = (number(result.means[Figure::BinaryF1]), number(result.highest_false_alarm()));
    Ok(format!("{f1} ({} clips, highest false alarm {alarm})", seen.len()))
}
