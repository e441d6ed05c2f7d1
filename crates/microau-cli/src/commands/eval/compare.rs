//! `microau eval compare`: how far two runs on the same samples differ.

use std::path::PathBuf;

use clap::Args;
use microau::core::au::Au;
use microau::eval::sheets;

use super::JudgeArgs;
use crate::talk::{Outcome, print_data};

/// Arguments of `microau eval compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The two runs; differences are the first minus the second
    #[arg(value_names = ["RUN_A", "RUN_B"], num_args = 2, required = true)]
    runs: Vec<PathBuf>,

    /// Action units to compare instead of those of the protocol, e.g. 1,2,4,12
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    aus: Vec<Au>,

    #[command(flatten)]
    judge: JudgeArgs,
}

/// Runs `microau eval compare`.
///
/// # Errors
/// When a run cannot be read, or the runs were not tested on the same samples.
pub fn run(args: &CompareArgs) -> anyhow::Result<Outcome> {
    let options = args.judge.options(&args.aus);
    let runs = args.judge.read(&args.runs)?;
    let [first, second] = runs.as_slice() else { anyhow::bail!("expected two runs, got {}", runs.len()) };
    let mut sheet = sheets::of_comparison([&first.name, &second.name], &first.compare(second, &options)?);
    sheet.notes.extend(first.about.notes());
    print_data(sheet.render(args.judge.format.into()))?;
    Ok(Outcome::Done)
}
