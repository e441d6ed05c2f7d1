//! `microau detect`: which action units fire, when and where.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use microau::DeviceChoice;
use microau::core::report::{InputReport, Report};
use microau::core::score::FaceFrame;
use microau::core::time::FrameRate;
use microau::detect::batch::{self, BatchSettings, Ended};
use microau::detect::heatmap::HeatmapFolder;
use microau::detect::output::{self, FrameFormat, Output, Place};
use microau::detect::overlay::Overlay;
use microau::detect::page::{Page, Sights};
use microau::detect::pairs::{self, Pairs};
use microau::detect::{
    DetectError, DetectSettings, Detector, EventNumbers, FrameWatch, Input, Look, ModelScorer, Moments, Numbering,
    Request, Watch,
};
use microau::files;

use crate::progress::{self, Bar};
use crate::talk::{Data, Outcome, print_data, say, say_error};

/// Arguments of `microau detect`.
#[derive(Debug, Args)]
pub struct DetectArgs {
    /// Videos or image folders; or exactly two images, the onset and the apex. With --pairs, keeps the rows whose input
    /// is one of these or lies inside one
    #[arg(value_name = "INPUT", required_unless_present = "pairs")]
    inputs: Vec<PathBuf>,

    /// What a video is: a clip of one movement, of which onset and apex are searched, or a film in which expressions are
    /// spotted. By itself, what is shorter than three seconds is a clip
    #[arg(long = "as", value_name = "KIND", value_enum, default_value_t = Kind::Auto)]
    #[arg(conflicts_with_all = ["onset", "pairs"])]
    kind: Kind,

    /// Least confidence of a spotted expression
    #[arg(long, value_name = "P", default_value_t = DetectSettings::default().spot_threshold, value_parser = probability)]
    confidence: f32,

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

    /// What the model runs on: auto, cpu, or a graphics card such as cuda:0 or wgpu:0 in a build that has it
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,

    /// Least probability that counts as present
    #[arg(long, value_name = "P", default_value_t = 0.5, value_parser = probability)]
    threshold: f32,

    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Write the result to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Write one result for each input into a folder, with a summary; for many inputs
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "frames", "overlay", "report", "heatmaps"])]
    out_dir: Option<PathBuf>,

    /// With --out-dir: inputs at a time, 0 for one a core
    #[arg(long, value_name = "N", default_value_t = 0, requires = "out_dir")]
    jobs: usize,

    /// With --out-dir: go on where it was stopped, and pass over what is done
    #[arg(long, requires = "out_dir")]
    resume: bool,

    /// Write one row for each frame and face, with the curves of its action units; the ending says how: .csv, .jsonl,
    /// .parquet. What is shorter than a film is taken for one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["onset", "pairs"])]
    frames: Option<PathBuf>,

    /// Write the film with regions, curves of action units and intervals drawn into it, as mp4; for one film
    #[arg(long, value_name = "FILE", conflicts_with_all = ["onset", "pairs"])]
    overlay: Option<PathBuf>,

    /// Write pictures of where the model looked, one folder for each input
    #[arg(long, value_name = "DIR")]
    heatmaps: Option<PathBuf>,

    /// Write a page for reading, one HTML file that needs nothing else: time line, curves, pictures, limits. Every frame is
    /// read for it
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// The formats of docs/formats.md.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// The whole report, see docs/report-format.md
    Json,
    /// One row for each face and movement
    Csv,
    /// One JSON object a line, each with its type
    Jsonl,
    /// One row for each frame and face, as OpenFace 2 writes it, for one film
    Openface,
    /// One row for each face and movement, in columns; needs --out
    Parquet,
    /// Tiers of ELAN, for one input
    Eaf,
    /// WebVTT, a cue a movement, for one input
    Vtt,
    /// SubRip, likewise
    Srt,
}

impl From<Format> for output::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Table => Self::Table,
            Format::Json => Self::Json,
            Format::Csv => Self::Csv,
            Format::Jsonl => Self::Jsonl,
            Format::Openface => Self::Openface,
            Format::Parquet => Self::Parquet,
            Format::Eaf => Self::Eaf,
            Format::Vtt => Self::Vtt,
            Format::Srt => Self::Srt,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// By its length
    Auto,
    /// A clip of one movement
    Clip,
    /// A film of any length
    Film,
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
    if let Some(folder) = &args.out_dir {
        return into_folder(args, folder, &pairs);
    }
    check_format(args, &pairs.requests)?;
    check_places(args, &pairs.requests)?;
    let mut scorer = ModelScorer::open(&args.model, args.device)?;
    let mut page = Page::new(scorer.story());
    let mut finder = microau::detect::faces::tracker()?;
    let mut detector = Detector::new(&mut finder, &mut scorer, settings(args));
    for (_, error) in &pairs.refused {
        say_error(&error.to_string(), error.hint().as_deref());
    }
    let mut seen = Seen::new(args, &detector.report())?;
    let mut report = detect_all(&mut detector, &pairs.requests, args, &mut seen, &mut page)?;
    pairs.add_refused(&mut report);
    seen.frames.into_iter().try_for_each(Output::end)?;
    write(&report, args)?;
    if let Some(path) = &args.report {
        files::write(path, page.html(&report).as_bytes())?;
    }
    if let (Some(overlay), [request], [found]) = (seen.overlay, &pairs.requests[..], &report.inputs[..]) {
        let bar = Bar::new();
        overlay.draw(&request.input, args.fps, found, &mut |progress| bar.show(progress))?;
    }
    let all_read = report.inputs.iter().all(|input| input.errors.is_empty());
    Ok(if all_read { Outcome::Done } else { Outcome::SomeFailed })
}

/// One result for each input, several at a time.
fn into_folder(args: &DetectArgs, folder: &Path, pairs: &Pairs) -> anyhow::Result<Outcome> {
    let settings = BatchSettings {
        model: args.model.clone(),
        device: args.device,
        detect: settings(args),
        format: args.format.into(),
        frames: None,
        jobs: args.jobs,
        resume: args.resume,
    };
    for (_, error) in &pairs.refused {
        say_error(&error.to_string(), error.hint().as_deref());
    }
    let bar = progress::counting("inputs", pairs.requests.len() as u64);
    let all = batch::run(&pairs.requests, folder, &settings, &|_, _| bar.inc(1))?;
    bar.finish_and_clear();
    for ended in &all {
        for (message, hint) in &ended.errors {
            say_error(message, hint.as_deref());
        }
    }
    let sum = |of: fn(&Ended) -> usize| all.iter().map(of).sum::<usize>();
    let (micro, longer, movements) = (sum(|it| it.micro), sum(|it| it.longer), sum(|it| it.movements));
    say(&format!(
        "{} of {} inputs read: {micro} micro-expressions, {longer} longer ones, {movements} movements in all; {}",
        all.iter().filter(|it| it.file.is_some()).count(),
        all.len(),
        folder.join(batch::SUMMARY).display()
    ));
    let all_read = pairs.refused.is_empty() && all.iter().all(|it| it.errors.is_empty());
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
        _ => match args.kind {
            // frames are seen in films alone
            Kind::Auto if needs_frames(args) => Moments::Spot,
            Kind::Auto => Moments::ByLength,
            Kind::Clip => Moments::Search,
            Kind::Film => Moments::Spot,
        },
    };
    let inputs = Input::from_paths(&args.inputs);
    let requests = inputs.into_iter().map(|input| Request::new(input, moments.clone())).collect();
    Ok(Pairs { requests, ..Pairs::default() })
}

/// Finds out that a format does not fit what is asked for.
fn check_format(args: &DetectArgs, requests: &[Request]) -> anyhow::Result<()> {
    let format = output::Format::from(args.format);
    let (name, count) = (format.name(), requests.len());
    anyhow::ensure!(!format.holds_one_input() || count <= 1, "expected one input for the format {name}, got {count}");
    args.frames.as_deref().map(FrameFormat::of_path).transpose()?;
    anyhow::ensure!(args.overlay.is_none() || count <= 1, "expected one input for --overlay, got {count}");
    let is_film = requests.iter().all(|request| request.moments == Moments::Spot);
    anyhow::ensure!(is_film || !needs_frames(args), "expected films for frames, got clips or given moments");
    anyhow::ensure!(
        format.is_text() || args.out.is_some(),
        "expected --out FILE for the format {name}, which is no text"
    );
    Ok(())
}

/// Whether something is asked for that is made of frames.
fn needs_frames(args: &DetectArgs) -> bool {
    args.frames.is_some() || args.overlay.is_some() || output::Format::from(args.format).needs_frames()
}

/// Finds out that a result could not be written before there is one.
fn check_places(args: &DetectArgs, requests: &[Request]) -> Result<(), DetectError> {
    for out in [&args.out, &args.frames, &args.overlay, &args.report].into_iter().flatten() {
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
    let (threshold, folder_rate, spot_threshold) = (args.threshold, args.fps, args.confidence);
    DetectSettings { threshold, folder_rate, spot_threshold, ..DetectSettings::default() }
}

/// Where what is seen in frames goes, as far as it is asked for.
struct Seen {
    frames: Vec<Output>,
    overlay: Option<Overlay>,
}

impl Seen {
    fn new(args: &DetectArgs, report: &Report) -> anyhow::Result<Self> {
        let mut frames = Vec::new();
        if output::Format::from(args.format).needs_frames() {
            let stdout = || Ok(Place::Stream(Box::new(Data)));
            let place = args.out.as_deref().map_or_else(stdout, Place::file)?;
            frames.push(Output::of_frames(FrameFormat::Openface, report, place)?);
        }
        if let Some(path) = &args.frames {
            frames.push(Output::of_frames(FrameFormat::of_path(path)?, report, Place::file(path)?)?);
        }
        let overlay = args.overlay.as_deref().map(|path| Overlay::new(path, report)).transpose()?;
        Ok(Self { frames, overlay })
    }

    fn frame(&mut self, frame: &FaceFrame) -> Result<(), DetectError> {
        self.frames.iter_mut().try_for_each(|output| output.frame(frame))?;
        self.overlay.as_mut().map_or(Ok(()), |overlay| overlay.frame(frame))
    }
}

fn detect_all(
    detector: &mut Detector<'_>,
    requests: &[Request],
    args: &DetectArgs,
    seen: &mut Seen,
    page: &mut Page,
) -> Result<Report, DetectError> {
    let bar = Bar::new();
    let mut heatmaps = args.heatmaps.as_deref().map(HeatmapFolder::new);
    let mut report = detector.report();
    for (place, request) in requests.iter().enumerate() {
        seen.frames.iter_mut().try_for_each(|output| output.begin(&request.input.to_string()))?;
        let mut sights = Sights::default();
        let Sights { album, curves } = &mut sights;
        let mut look = |look: Look<'_>| {
            if args.report.is_some() {
                album.add(look);
            }
            heatmaps.as_mut().map_or(Ok(()), |folder| folder.write(look))
        };
        let mut see = |_: &Input, frame: &FaceFrame| {
            if args.report.is_some() {
                curves.add(frame);
            }
            seen.frame(frame)
        };
        let mut progress = |progress| bar.show(progress);
        let sees_frames = needs_frames(args) || args.report.is_some();
        let frame: Option<FrameWatch<'_>> = if sees_frames { Some(&mut see) } else { None };
        let input = detector.detect(request, &mut Watch { progress: &mut progress, look: &mut look, frame });
        seen.frames.iter_mut().try_for_each(|output| output.input(&input))?;
        bar.show(microau::detect::Progress::Ended);
        say_errors(&input);
        report.inputs.push(input);
        page.add(place, sights);
    }
    Ok(report)
}

pub(super) fn say_errors(input: &InputReport) {
    for error in &input.errors {
        say_error(&error.message, error.hint.as_deref());
    }
}

fn write(report: &Report, args: &DetectArgs) -> anyhow::Result<()> {
    let format = output::Format::from(args.format);
    if format.needs_frames() {
        return Ok(());
    }
    let Some(path) = &args.out else {
        return Ok(print_data(&output::bytes(format, report)?)?);
    };
    let mut output = Output::of_intervals(format, report, Place::file(path)?)?;
    report.inputs.iter().try_for_each(|input| output.input(input))?;
    Ok(output.end()?)
}

fn frame_number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a frame number, counted from 0".to_owned())
}

pub(super) fn probability(text: &str) -> Result<f32, String> {
    let probability = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    probability.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}
