//! `microau train`: from settings to a model.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use microau::train::run::{Event, table};
use microau::train::{self, TrainSettings};

use crate::talk::{Outcome, print_data, say};

/// Arguments of `microau train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Settings of the run, TOML
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// Change a setting, `KEY=VALUE` with dots for tables: model.gda=false
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Folder of the run; a run that was stopped goes on from there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs `microau train`.
///
/// # Errors
/// When settings cannot work, or the run's folder holds another run or cannot be written.
pub fn run(args: &TrainArgs) -> anyhow::Result<Outcome> {
    let settings = TrainSettings::read(&args.config, &args.set)?;
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}, {eta} left").expect("well formed"));
    let results = train::run(&settings, &args.out, &|event| match event {
        Event::Preparing(set, clips) => {
            bar.reset();
            bar.set_length(clips as u64);
            bar.set_message(format!("clips of {set}"));
        }
        Event::Prepared(clips) => bar.inc(clips as u64),
        Event::Step(report, steps) => {
            bar.set_length(steps as u64);
            bar.set_position(report.step as u64 + 1);
            bar.set_message(format!("step, loss {:.4},", report.losses.first().map_or(f32::NAN, |&(_, loss)| loss)));
        }
    })?;
    bar.finish_and_clear();
    print_data(&table(&results))?;
    say(&format!("model: {}", args.out.join("checkpoint.safetensors").display()));
    Ok(Outcome::Done)
}
