//! How fast a film is read, and where the time goes.

use std::time::{Duration, Instant};

use microau_core::report::{ErrorReport, VideoReport};
use microau_eval::table::Table;
use microau_model::DeviceChoice;
use serde::Serialize;
use tracing::trace_span;

use crate::detect::{
    DetectError, DetectSettings, Detector, Input, ModelScorer, Moments, Progress, Request, Watch, faces, output,
};
use crate::stages::{STAGES, StageClock};

/// Why a film was not timed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// The model or the face networks cannot be set up.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The film cannot be read, shows no face, or has damaged frames.
    #[error("{}", .0.message)]
    Film(ErrorReport),
    /// The report cannot be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
}

impl BenchError {
    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        match self {
            BenchError::Detect(error) => error.hint(),
            BenchError::Film(report) => report.hint.clone(),
            BenchError::Write(_) => None,
        }
    }
}

/// One detection of one film, from opening the model to the bytes of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Timing {
    /// The film.
    pub input: String,
    /// Its size, rate and number of frames.
    pub video: VideoReport,
    /// From the start to the first frame behind us, seconds: model and networks opened, and that frame looked at.
    pub first_frame_secs: f64,
    /// The whole, seconds.
    pub secs: f64,
    /// Each stage that was entered, in order.
    pub stages: Vec<Stage>,
    /// Largest memory of the process during the detection, MiB; none where the system does not tell (only Linux does).
    pub peak_mib: Option<f64>,
}

/// A stage of a [`Timing`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// Its name in [`STAGES`].
    pub name: &'static str,
    /// How often it was entered.
    pub calls: u64,
    /// Time in it on all threads together, seconds.
    pub secs: f64,
}

impl Timing {
    /// Number of frames of the film.
    pub fn frames(&self) -> u64 {
        self.video.frame_count.unwrap_or_default()
    }

    /// Frames of the film a second of ours.
    pub fn frames_a_second(&self) -> f64 {
        self.frames() as f64 / self.secs
    }

    /// Seconds of the film a second of ours.
    pub fn times_real_time(&self) -> f64 {
        self.frames_a_second() / self.video.frame_rate.as_f64()
    }

    /// For reading: one line of sums, and a table of the stages.
    pub fn text(&self) -> String {
        let VideoReport { width_px, height_px, ref frame_rate, .. } = self.video;
        let memory = self.peak_mib.map_or(String::new(), |mib| format!(", peak memory {mib:.0} MiB"));
        let sums = format!(
            "{}: {width_px}x{height_px}, {} frames at {frame_rate}/s\n{:.2} s: {:.0} frames/s, {:.1} times real time; \
             first frame after {:.0} ms{memory}\n",
            self.input,
            self.frames(),
            self.secs,
            self.frames_a_second(),
            self.times_real_time(),
            1e3 * self.first_frame_secs,
        );
        format!("{sums}\n{}\nSeconds of all threads together: stages run beside one another.\n", self.table().to_text())
    }

    fn table(&self) -> Table {
        let all: f64 = self.stages.iter().map(|stage| stage.secs).sum();
        let mut table = Table::new(["stage", "s", "share", "ms a frame", "calls", "what"]).left_from(5);
        for stage in &self.stages {
            let what = STAGES.iter().find(|(name, _)| *name == stage.name).map_or("", |(_, what)| what);
            table.push([
                stage.name.to_owned(),
                format!("{:.3}", stage.secs),
                format!("{:.1} %", 100.0 * stage.secs / all.max(f64::MIN_POSITIVE)),
                format!("{:.3}", 1e3 * stage.secs / self.frames().max(1) as f64),
                stage.calls.to_string(),
                what.to_owned(),
            ]);
        }
        table
    }
}

/// Spots and scores a film as `microau detect FILM --as film --format json` does, and times it.
///
/// # Errors
/// [`BenchError`] when the model cannot be read, or the film cannot be read without an error.
pub fn run(
    input: &Input,
    model: &str,
    device: DeviceChoice,
    clock: &StageClock,
    progress: &mut dyn FnMut(Progress),
) -> Result<Timing, BenchError> {
    forget_peak();
    clock.take();
    let begun = Instant::now();
    let mut first_frame = None;
    let mut scorer = ModelScorer::open(model, device)?;
    let mut finder = faces::tracker()?;
    let mut detector = Detector::new(&mut finder, &mut scorer, DetectSettings::default());
    let mut report = detector.report();
    let mut heard = |it: Progress| {
        if matches!(it, Progress::At(_)) {
            first_frame.get_or_insert_with(|| begun.elapsed());
        }
        progress(it);
    };
    let mut watch = Watch { progress: &mut heard, look: &mut |_| Ok(()), frame: None };
    let found = detector.detect(&Request::new(input.clone(), Moments::Spot), &mut watch);
    if let Some(error) = found.errors.first() {
        return Err(BenchError::Film(error.clone()));
    }
    let video = found.video.clone().expect("a film without errors was opened");
    report.inputs.push(found);
    trace_span!("write").in_scope(|| output::bytes(output::Format::Json, &report))?;
    let secs = begun.elapsed().as_secs_f64();
    let mut spent = clock.take();
    let stage = |(name, _)| {
        let it = spent.remove(name)?;
        Some(Stage { name, calls: it.calls, secs: it.time.as_secs_f64() })
    };
    Ok(Timing {
        input: input.to_string(),
        video,
        first_frame_secs: first_frame.as_ref().map_or(secs, Duration::as_secs_f64),
        secs,
        stages: STAGES.into_iter().filter_map(stage).collect(),
        peak_mib: peak_mib(),
    })
}

/// The one of several timings of a film whose length is in the middle.
pub fn median(mut timings: Vec<Timing>) -> Option<Timing> {
    timings.sort_by(|a, b| a.secs.total_cmp(&b.secs));
    let middle = timings.len().checked_sub(1)? / 2;
    Some(timings.swap_remove(middle))
}

/// Begins the largest memory anew, where the system lets us.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Largest resident memory of this process, MiB.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<f64>().ok()? / 1024.0)
}
