//! `microau synth`: labelled micro-expressions.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use microau::synthesise::{ClipsPlan, FrameFormat, SynthSettings, TABLE_NAME, generate_clips, studio_of};

use crate::progress::counting;
use crate::talk::{Outcome, say};

/// Arguments of `microau synth`.
#[derive(Debug, Args)]
pub struct SynthArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write clips as folders of frames, and a table of their labels
    Clips(ClipsArgs),
}

/// Arguments of `microau synth clips`.
#[derive(Debug, Args)]
struct ClipsArgs {
    /// Folder to write to: SUBJECT/CLIP/000001.jpg and on, and labels.csv; made when missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// Number of people
    #[arg(long, value_name = "N", default_value_t = ClipsPlan::default().subjects)]
    subjects: usize,

    /// Number of clips of all people together
    #[arg(long, value_name = "N", default_value_t = ClipsPlan::default().clips)]
    clips: usize,

    /// The same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = ClipsPlan::default().seed)]
    seed: u64,

    /// Folder of portraits, one neutral, frontal face in each: every second person becomes one of them
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,

    /// How frames are stored
    #[arg(long, value_enum, default_value_t = Format::Jpg)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Small
    Jpg,
    /// Every pixel as rendered
    Png,
}

/// Runs `microau synth`.
///
/// # Errors
/// When a photograph cannot be used or a clip cannot be written.
pub fn run(args: &SynthArgs) -> anyhow::Result<Outcome> {
    match &args.what {
        What::Clips(args) => clips(args),
    }
}

fn clips(args: &ClipsArgs) -> anyhow::Result<Outcome> {
    let format = match args.format {
        Format::Jpg => FrameFormat::Jpg,
        Format::Png => FrameFormat::Png,
    };
    let plan = ClipsPlan { subjects: args.subjects, clips: args.clips, seed: args.seed, format };
    let studio = args.photos.as_deref().map(studio_of).transpose()?;
    let bar = counting("clips", plan.clips as u64);
    let advance = |clips: usize| bar.inc(clips as u64);
    let frames = generate_clips(&SynthSettings::default(), &plan, studio.as_ref(), &args.out, &advance)?;
    bar.finish_and_clear();
    say(&format!("{} clips, {frames} frames: {}", plan.clips, args.out.join(TABLE_NAME).display()));
    Ok(Outcome::Done)
}
