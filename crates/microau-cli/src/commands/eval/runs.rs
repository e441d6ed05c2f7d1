//! `microau eval RUN…`: every figure of runs, computed again from their scores.

use std::path::PathBuf;

use clap::Args;
use microau::core::au::Au;
use microau::eval::sheets;

use super::JudgeArgs;
use crate::talk::{Outcome, print_data, say, say_error};

/// Arguments of `microau eval RUN…`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// Folders that training wrote: scores.jsonl or fold-*/scores.jsonl; metrics.json and table.md are written into each, unless --aus is given
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
/// When a run cannot be read or judged. Results that cannot be written are said after the tables.
pub fn run(args: &RunsArgs) -> anyhow::Result<Outcome> {
    let options = args.judge.options(&args.aus);
    let runs = args.judge.read(&args.runs)?;
    let judged = runs.iter().map(|run| Ok((run, run.judge(&options)?))).collect::<anyhow::Result<Vec<_>>>()?;
    let named: Vec<_> = judged.iter().map(|(run, figures)| (run.name.as_str(), figures)).collect();
    let published = args.published.then_some(args.judge.protocol);
    print_data(sheets::render(&sheets::of_runs(&named, published), args.judge.format.into()))?;
    if options.aus.is_some() {
        say("note: metrics.json and table.md are left as they are: they hold all units of a run");
        return Ok(Outcome::Done);
    }
    let mut outcome = Outcome::Done;
    for error in judged.iter().filter_map(|(run, figures)| run.write(figures).err()) {
        say_error(&error.to_string(), error.hint().as_deref());
        outcome = Outcome::SomeFailed;
    }
    Ok(outcome)
}
