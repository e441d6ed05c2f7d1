//! `microau data`: the field's datasets from their folders to an index, its figures, and prepared clips.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use microau::chart;
use microau::data::datasets::{self, Layout, ReadSettings};
use microau::data::stats::Stats;
use microau::data::{Index, Problems};
use microau::detect::DetectError;
use microau::generated::SampleForm;
use microau::train::overrides;
use microau::{dataset_tables, files, prepared};

use crate::progress::counting;
use crate::talk::{Outcome, print_data, say, say_error};

/// Arguments of `microau data`.
#[derive(Debug, Args)]
pub struct DataArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Say everything that is wrong with a dataset
    Check(ReadArgs),
    /// Write the clips of a dataset into an index
    Index(IndexArgs),
    /// Count the clips of an index, by action unit, emotion, class and subject
    Stats(StatsArgs),
    /// Make the clips of an index into aligned crops, landmarks and flow; goes on where it was stopped
    Prepare(PrepareArgs),
}

/// Which dataset is read, and how.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// Folder of the dataset, as it was handed out
    dir: PathBuf,

    /// Which dataset it is: casme, casme2, samm, smic, mmew, 4dme, casme_squared, casme3a, casme3c, samm_lv, dfme, generic
    #[arg(long)]
    layout: Layout,

    /// The table of annotations, where it is not found by its name
    #[arg(long, value_name = "FILE")]
    annotations: Option<PathBuf>,

    /// Folder below which the frames lie, where there are several or none is found
    #[arg(long, value_name = "DIR")]
    frames: Option<PathBuf>,

    /// How marks are read and corrections taken: policy.k=open, policy.alternative=all, corrections=row-keyed
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

/// Arguments of `microau data index`.
#[derive(Debug, Args)]
pub struct IndexArgs {
    #[command(flatten)]
    read: ReadArgs,

    /// The index
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Arguments of `microau data stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    /// An index, or a table of your own clips
    index: PathBuf,

    /// Draw which action units go together: clips with both, and phi; .svg or .png
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

/// Arguments of `microau prepare` and `microau data prepare`.
#[derive(Debug, Args)]
pub struct PrepareArgs {
    /// An index, or a table of your own clips
    index: PathBuf,

    /// Folder of the prepared clips, of any indices; what is there already is kept
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Edge of the crop, px: that of the model which is to see them
    #[arg(long, value_name = "PX", default_value_t = prepared::DEFAULT_CROP_PX, value_parser = even)]
    crop: usize,

    /// Keep the crops of onset and apex beside the flow
    #[arg(long)]
    pixels: bool,
}

/// Runs `microau data`.
///
/// # Errors
/// When a dataset or index cannot be read at all, or a result cannot be written.
pub fn run(args: &DataArgs) -> anyhow::Result<Outcome> {
    match &args.what {
        What::Check(args) => check(args),
        What::Index(args) => index(args),
        What::Stats(args) => stats(args),
        What::Prepare(args) => prepare(args),
    }
}

fn check(args: &ReadArgs) -> anyhow::Result<Outcome> {
    let (index, problems, settings) = read(args)?;
    print_data(format!("{problems}\n{}\n", summary(&index, &settings)))?;
    Ok(outcome(&problems))
}

fn index(args: &IndexArgs) -> anyhow::Result<Outcome> {
    files::check(&args.out)?;
    let (index, problems, settings) = read(&args.read)?;
    say(&problems.to_string());
    anyhow::ensure!(!index.clips.is_empty(), "no clip can be used; nothing is written");
    index.write(&args.out).map_err(|source| DetectError::Write { source, path: args.out.clone() })?;
    say(&summary(&index, &settings));
    Ok(outcome(&problems))
}

fn stats(args: &StatsArgs) -> anyhow::Result<Outcome> {
    let stats = Stats::of(&Index::read(&args.index)?);
    if let Some(picture) = &args.picture {
        draw(&stats, picture)?;
    }
    print_data(dataset_tables::text(&stats))?;
    Ok(Outcome::Done)
}

fn draw(stats: &Stats, picture: &Path) -> anyhow::Result<()> {
    let datasets: Vec<&str> = stats.datasets.keys().map(String::as_str).collect();
    let title = datasets.join(" + ");
    let ending = picture.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("svg") => files::write(picture, chart::pairs_svg(&title, &stats.pairs).as_bytes())?,
        Some("png") => files::write_png(picture, &chart::pairs_png(&title, &stats.pairs))?,
        _ => anyhow::bail!("expected a picture that ends with .svg or .png, got {}", picture.display()),
    }
    Ok(())
}

/// Runs `microau prepare`.
///
/// # Errors
/// When the index cannot be read or the store not be written.
pub fn prepare(args: &PrepareArgs) -> anyhow::Result<Outcome> {
    let index = Index::read(&args.index)?;
    let form = SampleForm { crop_px: args.crop, keep_pixels: args.pixels };
    let bar = counting("clips", index.clips.len() as u64);
    let done = prepared::prepare(&index, form, &args.out, &|clips| bar.inc(clips as u64))?;
    bar.finish_and_clear();
    for failed in &done.failed {
        say_error(&failed.reason.message, failed.reason.hint.as_deref());
    }
    let prepared::Preparation { samples, searched, kept, failed } = &done;
    let (clips, problems) = (index.clips.len(), args.out.join(prepared::PROBLEMS_NAME));
    say(&format!("prepared {samples} of {clips} clips: {kept} were there, {searched} with an apex that was searched"));
    if !failed.is_empty() {
        say(&format!("clips that failed: {}, listed in {}", failed.len(), problems.display()));
    }
    Ok(if failed.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

fn read(args: &ReadArgs) -> anyhow::Result<(Index, Problems, ReadSettings)> {
    let mut settings: ReadSettings = overrides::of_defaults(&args.set).map_err(anyhow::Error::msg)?;
    settings.annotations = args.annotations.clone().or(settings.annotations);
    settings.frames = args.frames.clone().or(settings.frames);
    let (index, problems) = datasets::read(args.layout, &args.dir, &settings);
    Ok((index, problems, settings))
}

fn summary(index: &Index, settings: &ReadSettings) -> String {
    let (clips, subjects) = (index.clips.len(), index.subjects().len());
    format!("clips that can be used: {clips}, subjects: {subjects}\naction units: {}", settings.policy)
}

fn outcome(problems: &Problems) -> Outcome {
    if problems.has_errors() { Outcome::SomeFailed } else { Outcome::Done }
}

/// The edge of a crop: flow has half of it.
fn even(text: &str) -> Result<usize, String> {
    let edge = text.parse().ok().filter(|edge| (32..=1024).contains(edge) && edge % 2 == 0);
    edge.ok_or_else(|| "expected an even number from 32 to 1024".to_owned())
}
