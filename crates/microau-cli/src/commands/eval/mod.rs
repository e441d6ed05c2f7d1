//! `microau eval`: how good scores are, of runs that were trained or of a model on labelled clips.

mod baselines;
mod clips;
mod compare;
mod emotion;
mod runs;
mod spotting;

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use microau::core::au::Au;
use microau::eval::bootstrap::Bootstrap;
use microau::eval::protocol::Protocol;
use microau::eval::table;
use microau::evaluate::{JudgeOptions, Run};

use crate::talk::{Outcome, say};

/// Arguments of `microau eval`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct EvalArgs {
    #[command(subcommand)]
    what: Option<What>,

    #[command(flatten)]
    runs: runs::RunsArgs,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Fit trivial and simple rivals to the folds of a run and judge them beside it
    Baselines(baselines::BaselinesArgs),
    /// Judge a model on labelled clips with given onset and apex: generated afresh, or your own
    Clips(clips::ClipsArgs),
    /// Say how far two runs on the same samples differ, with a paired bootstrap by subject
    Compare(compare::CompareArgs),
    /// Read emotions from the action units of runs, by rules that no emotion label was used to fit
    Emotion(emotion::EmotionArgs),
    /// Judge what was spotted in long films against a table of what is in them, as the MEGC challenges count
    Spotting(spotting::SpottingArgs),
}

/// How runs are judged; shared by the subcommands.
#[derive(Debug, Args)]
struct JudgeArgs {
    /// Judge by a protocol: its samples and action units, and folds that must be its own
    #[arg(long, value_name = "NAME")]
    protocol: Option<Protocol>,

    /// Resamplings by subject for the intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = Bootstrap::default().replicates)]
    bootstrap: usize,

    /// How the tables are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl JudgeArgs {
    fn bootstrap(&self) -> Option<Bootstrap> {
        (self.bootstrap > 0).then(|| Bootstrap { replicates: self.bootstrap, ..Bootstrap::default() })
    }

    fn options(&self, aus: &[Au]) -> JudgeOptions {
        let aus = (!aus.is_empty()).then(|| aus.to_vec());
        JudgeOptions { protocol: self.protocol, aus, bootstrap: self.bootstrap() }
    }

    /// Reads runs and says what the protocol left out of them, or finds missing.
    fn read(&self, folders: &[PathBuf]) -> anyhow::Result<Vec<Run>> {
        let runs = Run::read_all(folders, self.protocol)?;
        for run in &runs {
            if let (Some(protocol), 1..) = (self.protocol, run.left_out) {
                say(&format!("note: {}: {} samples have no place in {}", run.name, run.left_out, protocol.name()));
            }
            run.about.shortfall.iter().for_each(|shortfall| say(&format!("note: {}: {shortfall}", run.name)));
        }
        Ok(runs)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For reading
    Text,
    /// For a document
    Markdown,
    /// For a paper; needs the package booktabs
    Latex,
    /// For another program
    Csv,
}

impl From<Format> for table::Format {
    fn from(format: Format) -> table::Format {
        match format {
            Format::Text => table::Format::Text,
            Format::Markdown => table::Format::Markdown,
            Format::Latex => table::Format::Latex,
            Format::Csv => table::Format::Csv,
        }
    }
}

/// Runs `microau eval`.
///
/// # Errors
/// When something cannot be read, judged or written.
pub fn run(args: &EvalArgs) -> anyhow::Result<Outcome> {
    match &args.what {
        Some(What::Baselines(args)) => baselines::run(args),
        Some(What::Clips(args)) => clips::run(args),
        Some(What::Compare(args)) => compare::run(args),
        Some(What::Emotion(args)) => emotion::run(args),
        Some(What::Spotting(args)) => spotting::run(args),
        None => runs::run(&args.runs),
    }
}
