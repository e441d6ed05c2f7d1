//! `microau eval RUN…`: every figure of runs, computed again from their scores.

use std::path::PathBuf;

use clap::Args;
use microau::core::au::Au;
use microau::eval::sheets;

use super::JudgeArgs;
use crate::talk::{Outcome, print_data};

/// Arguments of `microau eval RUN…`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// Folders that training wrote: scores.jsonl or fold-*/scores.jsonl; metrics.json and table.md are written into each
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,

    /// Action units to judge instead of those of the protocol, e.g. 1,2,4,12
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    aus: Vec<Au>,

    /// Show what others published beside, labelled so
    #[arg(long)]
    published: bool,

    #[command(flatten)]
    judge: JudgeArgs,
}

/// Runs `microau eval RUN…`.
///
/// # Errors
/// When a run cannot be read or judged, or its results cannot be written.
pub fn run(args: &RunsArgs) -> anyhow::Result<Outcome> {
    let options = args.judge.options(&args.aus);
    let runs = args.judge.read(&args.runs)?;
    let judged = runs.iter().map(|run| Ok((run, run.judge(&options)?))).collect::<anyhow::Result<Vec<_>>>()?;
    for (run, figures) in &judged {
        run.write(figures)?;
    }
    let named: Vec<_> = judged.iter().map(|(run, figures)| (run.name.as_str(), figures)).collect();
    let published = args.published.then_some(args.judge.protocol);
    print_data(&sheets::render(&sheets::of_runs(&named, published), args.judge.format.into()))?;
    Ok(Outcome::Done)
}
