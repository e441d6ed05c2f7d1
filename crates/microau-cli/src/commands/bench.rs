//! `microau bench`: how fast a film is read on this machine, and where the time goes.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use microau::DeviceChoice;
use microau::bench::{self, Timing};
use microau::core::time::FrameRate;
use microau::detect::Input;
use microau::detect::model_scorer::NANO;
use microau::stages::StageClock;
use microau::synthesise::{FilmFormat, FilmsPlan, LongSettings, write_films};

use crate::progress::{Bar, counting};
use crate::talk::{Outcome, print_data};

/// Arguments of `microau bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Films to read [default: a generated one, made anew]
    #[arg(value_name = "FILM")]
    films: Vec<PathBuf>,

    /// `nano`, which is built in, or the path of a checkpoint
    #[arg(long, value_name = "NAME|PATH", default_value = NANO)]
    model: String,

    /// What the model runs on: auto, cpu, or a graphics card such as cuda:0 or wgpu:0 in a build that has it
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,

    /// How often each film is read; the run of middle length is shown
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,

    /// Length of the generated film
    #[arg(long, value_name = "S", default_value_t = 30.0)]
    seconds: f64,

    /// Its frames a second, from 25 to 240
    #[arg(long, value_name = "RATE", default_value = "30")]
    fps: FrameRate,

    /// Width of its frames, px
    #[arg(long, value_name = "PX", default_value_t = LongSettings::default().width_px)]
    width: usize,

    /// Height of its frames, px
    #[arg(long, value_name = "PX", default_value_t = LongSettings::default().height_px)]
    height: usize,

    /// How the timings are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For reading
    Table,
    /// Every number, one object a film
    Json,
}

/// Runs `microau bench`.
///
/// # Errors
/// When a film cannot be generated or read, or the model cannot be.
pub fn run(args: &BenchArgs) -> anyhow::Result<Outcome> {
    let clock = StageClock::install()?;
    let scratch = tempfile::tempdir()?;
    let films = if args.films.is_empty() { vec![generated(args, scratch.path())?] } else { args.films.clone() };
    let bar = Bar::new();
    let mut timings = Vec::new();
    for film in &films {
        let input = Input::film(film);
        let read = |_| bench::run(&input, &args.model, args.device, &clock, &mut |progress| bar.show(progress));
        let runs = (0..args.repeat).map(read).collect::<Result<Vec<_>, _>>()?;
        timings.extend(bench::median(runs));
    }
    match args.format {
        Format::Table => print_data(timings.iter().map(Timing::text).collect::<Vec<_>>().join("\n"))?,
        Format::Json => print_data(format!("{}\n", serde_json::to_string_pretty(&timings)?))?,
    }
    Ok(Outcome::Done)
}

/// A film of one person with an expression now and then.
fn generated(args: &BenchArgs, folder: &Path) -> anyhow::Result<PathBuf> {
    let settings = LongSettings {
        secs: args.seconds,
        rate: args.fps,
        width_px: args.width,
        height_px: args.height,
        ..LongSettings::default()
    };
    let plan = FilmsPlan { settings, films: 1, subjects: 1, seed: 7, format: FilmFormat::Avi };
    let bar = counting("frames of a film to read", plan.frame_count());
    let out = folder.join("films");
    write_films(&plan, None, &out, &|frames| bar.inc(frames))?;
    bar.finish_and_clear();
    Ok(out.join("f0001.avi"))
}
