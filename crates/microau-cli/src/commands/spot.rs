//! `microau spot`: when expressions happen, one line each.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use microau::DeviceChoice;
use microau::core::time::FrameRate;
use microau::detect::model_scorer::NANO;
use microau::detect::{DetectSettings, Detector, Input, ModelScorer, Moments, Request, Watch, output};
use microau::files;

use super::detect::{probability, say_errors};
use crate::progress::Bar;
use crate::talk::{Outcome, print_data};

/// Arguments of `microau spot`.
#[derive(Debug, Args)]
pub struct SpotArgs {
    /// Videos or image folders
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,

    /// Least confidence of an expression
    #[arg(long, value_name = "P", default_value_t = DetectSettings::default().spot_threshold, value_parser = probability)]
    confidence: f32,

    /// Frames a second of image folders, e.g. 200 or 30000/1001
    #[arg(long, value_name = "RATE", default_value = "30")]
    fps: FrameRate,

    /// `nano`, which is built in, or the path of a checkpoint, for the action units
    #[arg(long, value_name = "NAME|PATH", default_value = NANO)]
    model: String,

    /// What the model runs on: auto, cpu, or a graphics card such as cuda:0 or wgpu:0 in a build that has it
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Write the result to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For reading, one line an expression
    Table,
    /// One row an expression, with the columns of the truth of long films and the confidence
    Csv,
    /// The whole report, see docs/report-format.md
    Json,
}

/// Runs `microau spot`.
///
/// # Errors
/// When the model cannot be read, or the result cannot be written. An input that cannot be read is said and the others still
/// run.
pub fn run(args: &SpotArgs) -> anyhow::Result<Outcome> {
    if let Some(out) = &args.out {
        files::check(out)?;
    }
    let settings =
        DetectSettings { spot_threshold: args.confidence, folder_rate: args.fps, ..DetectSettings::default() };
    let mut scorer = ModelScorer::open(&args.model, args.device)?;
    let mut finder = microau::detect::faces::tracker()?;
    let mut detector = Detector::new(&mut finder, &mut scorer, settings);
    let (bar, mut report) = (Bar::new(), detector.report());
    for input in args.inputs.iter().map(|path| Input::film(path)) {
        let mut progress = |progress| bar.show(progress);
        let mut watch = Watch { progress: &mut progress, look: &mut |_| Ok(()), frame: None };
        let found = detector.detect(&Request::new(input, Moments::Spot), &mut watch);
        bar.show(microau::detect::Progress::Ended);
        say_errors(&found);
        report.inputs.push(found);
    }
    let text = match args.format {
        Format::Table => output::expressions::table(&report),
        Format::Csv => output::expressions::csv(&report),
        Format::Json => output::text(output::Format::Json, &report)?,
    };
    match &args.out {
        Some(path) => files::write(path, text.as_bytes())?,
        None => print_data(&text)?,
    }
    let all_read = report.inputs.iter().all(|input| input.errors.is_empty());
    Ok(if all_read { Outcome::Done } else { Outcome::SomeFailed })
}
