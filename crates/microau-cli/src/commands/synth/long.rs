//! `microau synth long`: long films for spotting, with their truth.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use microau::core::time::FrameRate;
use microau::synthesise::{FILMS_NAME, FilmFormat, FilmsPlan, LongSettings, TRUTH_NAME, studio_of, write_films};

use crate::progress::counting;
use crate::talk::{Outcome, say};

/// Arguments of `microau synth long`.
#[derive(Debug, Args)]
pub struct LongArgs {
    /// Folder to write to: films, truth.csv and films.csv; a new or an empty one, or that of a run of the same settings that
    /// was stopped
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// The same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,

    /// Number of films
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: usize,

    /// Number of people who take turns [default: another one in each film]
    #[arg(long, value_name = "N")]
    subjects: Option<usize>,

    /// Length of each film
    #[arg(long, value_name = "M", conflicts_with = "seconds")]
    minutes: Option<f64>,

    /// Length of each film [default: 60]
    #[arg(long, value_name = "S")]
    seconds: Option<f64>,

    /// Frames a second, from 25 to 240
    #[arg(long, value_name = "RATE", default_value = "30")]
    fps: FrameRate,

    /// Width of the frames, px
    #[arg(long, value_name = "PX", default_value_t = LongSettings::default().width_px)]
    width: usize,

    /// Height of the frames, px
    #[arg(long, value_name = "PX", default_value_t = LongSettings::default().height_px)]
    height: usize,

    /// People side by side, 1 or 2
    #[arg(long, value_name = "N", default_value_t = 1)]
    faces: usize,

    /// Micro-expressions (40 to 500 ms) a minute and face; 0 for none
    #[arg(long, value_name = "N", default_value_t = LongSettings::default().expressions.micro_per_minute)]
    micro: f32,

    /// Longer expressions (to 4 s) a minute and face; 0 for none
    #[arg(long = "macro", value_name = "N", default_value_t = LongSettings::default().expressions.macro_per_minute)]
    macro_: f32,

    /// Share of the time in which a face talks, 0 to 0.9
    #[arg(long, value_name = "SHARE", default_value_t = LongSettings::default().life.talking_share)]
    talking: f32,

    /// Folder of portraits, one neutral, frontal face in each: every second person becomes one of them
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,

    /// How films are stored
    #[arg(long, value_enum, default_value_t = Format::Avi)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One Motion JPEG file a film, which knows its rate
    Avi,
    /// A folder of frames a film
    Jpg,
    /// The same, every pixel as recorded
    Png,
}

impl LongArgs {
    fn plan(&self) -> FilmsPlan {
        let mut settings = LongSettings {
            secs: self.minutes.map_or(self.seconds.unwrap_or(60.0), |minutes| 60.0 * minutes),
            rate: self.fps,
            width_px: self.width,
            height_px: self.height,
            faces: self.faces,
            ..LongSettings::default()
        };
        (settings.expressions.micro_per_minute, settings.expressions.macro_per_minute) = (self.micro, self.macro_);
        settings.life.talking_share = self.talking;
        let format = match self.format {
            Format::Avi => FilmFormat::Avi,
            Format::Jpg => FilmFormat::Jpg,
            Format::Png => FilmFormat::Png,
        };
        let subjects = self.subjects.unwrap_or(self.count);
        FilmsPlan { settings, films: self.count, subjects, seed: self.seed, format }
    }
}

/// Writes the films.
///
/// # Errors
/// When a setting lies outside its range, a photograph cannot be used, a film cannot be written, or the folder holds something else.
pub fn run(args: &LongArgs) -> anyhow::Result<Outcome> {
    let plan = args.plan();
    let studio = args.photos.as_deref().map(studio_of).transpose()?;
    let bar = counting("frames", plan.frame_count());
    write_films(&plan, studio.as_ref(), &args.out, &|frames| bar.inc(frames))?;
    bar.finish_and_clear();
    let (films, frames, out) = (plan.films, plan.frame_count(), args.out.display());
    say(&format!("{films} films, {frames} frames: {out} ({TRUTH_NAME}, {FILMS_NAME})"));
    Ok(Outcome::Done)
}
