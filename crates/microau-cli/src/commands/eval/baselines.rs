//! `microau eval baselines`: what a run is compared with, on its own clips and folds.

use std::path::PathBuf;

use clap::Args;
use microau::ablate::side_by_side;
use microau::baselines;
use microau::eval::table::Format;
use microau::evaluate::Run;
use microau::files;

use crate::commands::train::TrainBar;
use crate::talk::{Outcome, print_data};

/// Arguments of `microau eval baselines`.
#[derive(Debug, Args)]
pub struct BaselinesArgs {
    /// Folder of a run that `microau train --data` wrote; baselines are kept in its folder baselines/
    #[arg(value_name = "RUN")]
    run: PathBuf,

    /// How the table is written
    #[arg(long, value_enum, default_value_t = super::Format::Text)]
    format: super::Format,
}

/// Runs `microau eval baselines`.
///
/// # Errors
/// When the run has no folds, or its clips cannot be read.
pub fn run(args: &BaselinesArgs) -> anyhow::Result<Outcome> {
    let bar = TrainBar::new();
    let made = baselines::run::run(&args.run, &|event| bar.show(&event))?;
    bar.clear();
    let mut runs = vec![Run::read(&args.run, None)?];
    for baseline in made {
        runs.push(Run::read(&args.run.join("baselines").join(baseline.name), None)?);
    }
    let sheet = side_by_side("Baselines on the same folds", &runs)?;
    files::write(&args.run.join("baselines").join("table.md"), sheet.render(Format::Markdown).as_bytes())?;
    print_data(sheet.render(args.format.into()))?;
    Ok(Outcome::Done)
}
