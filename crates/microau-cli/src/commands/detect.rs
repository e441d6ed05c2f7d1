//! `microau detect`: which action units fire, when and where.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use microau::core::report::{InputReport, Report};
use microau::core::time::FrameRate;
use microau::detect::heatmap::HeatmapFolder;
use microau::detect::page::{Page, Sights};
use microau::detect::pairs::{self, Pairs};
use microau::detect::{
    DetectError, DetectSettings, Detector, EventNumbers, Input, ModelScorer, Moments, Numbering, Request, Watch, output,
};
use microau::files;

use crate::progress::Bar;
use crate::talk::{Outcome, print_data, say_error};

/// Arguments of `microau detect`.
#[derive(Debug, Args)]
pub struct DetectArgs {
    /// Videos or image folders; or exactly two images, the onset and the apex. With --pairs, keeps the rows whose input
    /// is one of these or lies inside one
    #[arg(value_name = "INPUT", required_unless_present = "pairs")]
    inputs: Vec<PathBuf>,

    /// Frame before the movement, counted from 0. Without it the apex is searched
    #[arg(long, value_name = "N", requires = "apex", conflicts_with = "pairs", value_parser = frame_number)]
    #[arg(allow_negative_numbers = true)]
    onset: Option<u64>,

    /// Frame of the strongest movement, counted from 0
    #[arg(long, value_name = "N", requires = "onset", conflicts_with = "pairs", value_parser = frame_number)]
    #[arg(allow_negative_numbers = true)]
    apex: Option<u64>,

    /// Frame at which the movement is over, counted from 0
    #[arg(long, value_name = "N", requires = "apex", conflicts_with = "pairs", value_parser = frame_number)]
    #[arg(allow_negative_numbers = true)]
    offset: Option<u64>,

    /// Table with the columns input,onset,apex and, if known, offset; inputs are relative to the folder of the table
    #[arg(long, value_name = "CSV")]
    pairs: Option<PathBuf>,

    /// What frame numbers mean: the position from 0, or for image folders the number in the name of the file
    #[arg(long, value_enum, default_value_t = NumberingArg::Position)]
    numbering: NumberingArg,

    /// Frames a second of image folders, e.g. 200 or 30000/1001
    #[arg(long, value_name = "RATE", default_value = "30")]
    fps: FrameRate,

    /// `nano`, which is built in, or the path of a checkpoint
    #[arg(long, value_name = "NAME|PATH", default_value = "nano")]
    model: String,

    /// Least probability that counts as present
    #[arg(long, value_name = "P", default_value_t = 0.5, value_parser = probability)]
    threshold: f32,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Write the result to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Write pictures of where the model looked, one folder for each input
    #[arg(long, value_name = "DIR")]
    heatmaps: Option<PathBuf>,

    /// Write a page for reading: timeline, curves, pictures of every movement, limits. One HTML file that needs nothing else
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// The whole report, see docs/report-format.md
    Json,
    /// One row for each face and movement
    Csv,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum NumberingArg {
    /// Position from 0
    Position,
    /// Number in the file name
    Names,
}

/// Runs `microau detect`.
///
/// # Errors
/// When the model or the table of pairs cannot be read, or the result cannot be written. An input or a row of the table
/// that cannot be read is said and the others still run.
pub fn run(args: &DetectArgs) -> anyhow::Result<Outcome> {
    let pairs = pairs(args)?;
    check_places(args, &pairs.requests)?;
    let mut scorer = ModelScorer::open(&args.model)?;
    let mut page = Page::new(scorer.story());
    let mut finder = microau::detect::faces::tracker()?;
    let mut detector = Detector::new(&mut finder, &mut scorer, settings(args));
    for (_, error) in &pairs.refused {
        say_error(&error.to_string(), error.hint().as_deref());
    }
    let mut report = detect_all(&mut detector, &pairs.requests, args, &mut page);
    pairs.add_refused(&mut report);
    write(&report, args)?;
    if let Some(path) = &args.report {
        files::write(path, page.html(&report).as_bytes())?;
    }
    let all_read = report.inputs.iter().all(|input| input.errors.is_empty());
    Ok(if all_read { Outcome::Done } else { Outcome::SomeFailed })
}

/// What is asked for, from the table of pairs or from the command line.
fn pairs(args: &DetectArgs) -> Result<Pairs, DetectError> {
    let numbering = match args.numbering {
        NumberingArg::Position => Numbering::Position,
        NumberingArg::Names => Numbering::Names,
    };
    if let Some(table) = &args.pairs {
        return pairs::read(table, &args.inputs, numbering);
    }
    let moments = match (args.onset, args.apex) {
        (Some(onset), Some(apex)) => {
            Moments::Given { numbers: vec![EventNumbers { onset, apex, offset: args.offset }], numbering }
        }
        _ => Moments::Search,
    };
    let inputs = Input::from_paths(&args.inputs);
    let requests = inputs.into_iter().map(|input| Request::new(input, moments.clone())).collect();
    Ok(Pairs { requests, ..Pairs::default() })
}

/// Finds out that a result could not be written before there is one.
fn check_places(args: &DetectArgs, requests: &[Request]) -> Result<(), DetectError> {
    for out in args.out.iter().chain(&args.report) {
        let same = |path: &Path| path.canonicalize().is_ok_and(|path| out.canonicalize().is_ok_and(|out| path == out));
        if requests.iter().flat_map(|request| request.input.paths()).any(same) {
            return Err(DetectError::OverInput { path: out.clone() });
        }
        files::check(out)?;
    }
    if let Some(heatmaps) = &args.heatmaps {
        files::make_folder(heatmaps)?;
    }
    Ok(())
}

fn settings(args: &DetectArgs) -> DetectSettings {
    DetectSettings { threshold: args.threshold, folder_rate: args.fps, ..DetectSettings::default() }
}

fn detect_all(detector: &mut Detector<'_>, requests: &[Request], args: &DetectArgs, page: &mut Page) -> Report {
    let bar = Bar::new();
    let mut heatmaps = args.heatmaps.as_deref().map(HeatmapFolder::new);
    let mut report = detector.report();
    for (place, request) in requests.iter().enumerate() {
        let mut sights = Sights::default();
        let mut look = |look: microau::detect::Look<'_>| {
            if args.report.is_some() {
                sights.look(look);
            }
            heatmaps.as_mut().map_or(Ok(()), |folder| folder.write(look))
        };
        let mut progress = |progress| bar.show(progress);
        let input = detector.detect(request, &mut Watch { progress: &mut progress, look: &mut look });
        bar.show(microau::detect::Progress::Ended);
        say_errors(&input);
        report.inputs.push(input);
        page.add(place, sights);
    }
    report
}

fn say_errors(input: &InputReport) {
    for error in &input.errors {
        say_error(&error.message, error.hint.as_deref());
    }
}

fn write(report: &Report, args: &DetectArgs) -> anyhow::Result<()> {
    let text = match args.format {
        Format::Table => output::table::write(report),
        Format::Json => output::json::write(report),
        Format::Csv => output::csv::write(report),
    };
    match &args.out {
        Some(path) => files::write(path, text.as_bytes())?,
        None => print_data(&text)?,
    }
    Ok(())
}

fn frame_number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a frame number, counted from 0".to_owned())
}

fn probability(text: &str) -> Result<f32, String> {
    let probability = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    probability.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}
