//! `microau synth`: labelled micro-expressions.

mod long;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use microau::synthesise::{
    ClipsPlan, FrameFormat, FrameKind, Layout, StandInSettings, SynthSettings, TABLE_NAME, generate_clips, studio_of,
    write_stand_in,
};

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

    /// Write a stand-in of a licensed data set: its workbooks, folders, names and counts, with generated faces
    Dataset(DatasetArgs),

    /// Write long films of faces that talk, blink, turn and now and then show an expression, with the truth for spotting
    Long(long::LongArgs),
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

/// Stand-in settings unless others are given.
const USUAL: StandInSettings = StandInSettings::new(Layout::Casme2, 7);

/// Arguments of `microau synth dataset`.
#[derive(Debug, Args)]
struct DatasetArgs {
    /// The data set imitated
    #[arg(long, value_name = "L", value_parser = layout)]
    layout: Layout,

    /// Folder to write to: a new or an empty one, or that of a run of the same settings that was stopped
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = USUAL.seed)]
    seed: u64,

    /// Fewer events than the data set has; counts shrink in proportion
    #[arg(long, value_name = "N")]
    clips: Option<usize>,

    /// Fewer people than the data set has
    #[arg(long, value_name = "N")]
    subjects: Option<usize>,

    /// Frames before each onset and after each offset
    #[arg(long, value_name = "M", default_value_t = USUAL.margin)]
    margin: u32,

    /// Width and height of the frames, px [default: by the layout]
    #[arg(long, value_name = "WxH", value_parser = frame_size)]
    frame_size: Option<FrameSize>,

    /// Faces cut out, in the folders and under the names of the set's own crops, instead of whole frames
    #[arg(long)]
    cropped: bool,

    /// Quality of frames stored as JPEG
    #[arg(long, value_name = "Q", default_value_t = USUAL.jpeg_quality)]
    quality: u8,

    /// AUs meet by chance alone, each as often as in the data set: shows what a method makes of units that know nothing of one
    /// another
    #[arg(long)]
    independent: bool,
}

/// Width and height, px.
#[derive(Clone, Copy, Debug)]
struct FrameSize([u32; 2]);

fn frame_size(text: &str) -> Result<FrameSize, String> {
    let sides = text.split_once('x').and_then(|(width, height)| Some([width.parse().ok()?, height.parse().ok()?]));
    sides.map(FrameSize).ok_or_else(|| "expected a width and a height such as 320x240".to_owned())
}

fn layout(text: &str) -> Result<Layout, String> {
    let names = || Layout::ALL.map(Layout::name).join(", ");
    Layout::ALL.into_iter().find(|layout| layout.name() == text).ok_or_else(|| format!("expected one of {}", names()))
}

/// Runs `microau synth`.
///
/// # Errors
/// When a photograph cannot be used, a clip cannot be written, or a folder holds something else.
pub fn run(args: &SynthArgs) -> anyhow::Result<Outcome> {
    match &args.what {
        What::Clips(args) => clips(args),
        What::Dataset(args) => dataset(args),
        What::Long(args) => long::run(args),
    }
}

fn dataset(args: &DatasetArgs) -> anyhow::Result<Outcome> {
    let settings = StandInSettings {
        clips: args.clips,
        subjects: args.subjects,
        margin: args.margin,
        frame_size: args.frame_size.map(|size| size.0),
        kind: if args.cropped { FrameKind::Cropped } else { FrameKind::Raw },
        jpeg_quality: args.quality,
        independent: args.independent,
        ..StandInSettings::new(args.layout, args.seed)
    };
    let plan = settings.plan()?;
    let bar = counting("events", (plan.clips.len() + plan.strays.len()) as u64);
    let frames = write_stand_in(&plan, &args.out, &|events| bar.inc(events as u64))?;
    bar.finish_and_clear();
    let (events, title) = (plan.clips.len(), args.layout.title());
    say(&format!("stand-in for {title}: {events} events, {frames} frames: {}", args.out.display()));
    Ok(Outcome::Done)
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
