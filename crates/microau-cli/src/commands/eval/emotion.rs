//! `microau eval emotion`: emotions read from the action units of runs, each score beside its oracle.

use std::path::PathBuf;

use clap::Args;
use microau::eval::sheets::{self, Sheet};

use super::JudgeArgs;
use crate::talk::{Outcome, print_data};

/// Arguments of `microau eval emotion`.
#[derive(Debug, Args)]
pub struct EmotionArgs {
    /// Folders that training wrote: scores.jsonl or fold-*/scores.jsonl
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<PathBuf>,

    /// Show what others published beside, labelled so
    #[arg(long)]
    published: bool,

    #[command(flatten)]
    judge: JudgeArgs,
}

/// Runs `microau eval emotion`.
///
/// # Errors
/// When a run cannot be read, or has no annotated emotion.
pub fn run(args: &EmotionArgs) -> anyhow::Result<Outcome> {
    let mut sheets: Vec<Sheet> = Vec::new();
    for run in args.judge.read(&args.runs)? {
        let rows = run.emotions(args.judge.bootstrap())?;
        let mut of_run = sheets::of_emotions(&run.name, &rows, args.published);
        of_run[0].notes.extend(run.about.notes());
        sheets.extend(of_run);
    }
    print_data(sheets::render(&sheets, args.judge.format.into()))?;
    Ok(Outcome::Done)
}
