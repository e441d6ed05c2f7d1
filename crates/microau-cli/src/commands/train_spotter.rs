//! `microau train-spotter`: the judge of the spotter, fitted to generated long films.

use std::path::PathBuf;

use clap::Args;
use microau::eval::{sheets, spotting, table::Format};
use microau::spot::training::{self, SpotterTraining};

use crate::progress;
use crate::talk::{Outcome, print_data, say};

/// Arguments of `microau train-spotter`.
#[derive(Debug, Args)]
pub struct TrainSpotterArgs {
    /// Settings of the training, TOML
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// Folder of the training; one that was stopped goes on from there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs `microau train-spotter`.
///
/// # Errors
/// When settings cannot work, or the folder cannot be written.
pub fn run(args: &TrainSpotterArgs) -> anyhow::Result<Outcome> {
    let settings = SpotterTraining::read(&args.config)?;
    let bar = progress::counting("films", settings.films() as u64);
    let result = training::run(&settings, &args.out, &|| bar.inc(1))?;
    bar.finish_and_clear();
    for (name, figures) in &result.figures {
        print_data(format!("{name}\n{}\n", sheets::render(&spotting::sheets(figures), Format::Text)))?;
    }
    say(&format!("judge: {}", result.path.display()));
    Ok(Outcome::Done)
}
