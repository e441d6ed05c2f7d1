//! `microau eval clips`: how well a model does on labelled clips.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use microau::DeviceChoice;
use microau::detect::ModelScorer;
use microau::eval::sheets::{self, Sheet};
use microau::evaluate::{self, Judged};
use microau::files;
use microau::train::TrainSettings;

use super::Format;
use crate::progress::counting;
use crate::talk::{Outcome, print_data, say_error};

/// Arguments of `microau eval clips`.
#[derive(Debug, Args)]
pub struct ClipsArgs {
    /// Tables of labelled clips: clip,subject,onset,apex,offset,aus,emotion; clips are relative to the folder of the table
    #[arg(value_name = "CSV", required_unless_present = "config")]
    tables: Vec<PathBuf>,

    /// Generate the [[test]] sets of these training settings
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Generate other identities and clips than the settings say
    #[arg(long, value_name = "N", requires = "config")]
    seed: Option<u64>,

    /// `nano`, which is built in, or the path of a checkpoint
    #[arg(long, value_name = "NAME|PATH", default_value = "nano")]
    model: String,

    /// What the model runs on: auto, cpu, or a graphics card such as cuda:0 or wgpu:0 in a build that has it
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceChoice,

    /// How the tables are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Write table.md and scores.jsonl, one line a clip, into a folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Runs `microau eval clips`.
///
/// # Errors
/// When settings, tables or the model cannot be read, or a result cannot be written. A clip that cannot be scored is said,
/// and the others count.
pub fn run(args: &ClipsArgs) -> anyhow::Result<Outcome> {
    let mut scorer = ModelScorer::open(&args.model, args.device)?;
    let mut results = generated(args, &scorer)?;
    for table in &args.tables {
        results.push(labelled(table, &mut scorer)?);
    }
    let missed = results.iter().flat_map(|result| &result.missed);
    missed.for_each(|missed| say_error(&missed.reason.message, missed.reason.hint.as_deref()));
    print_data(text(&results, args.format))?;
    if let Some(folder) = &args.out {
        write(folder, &results, &scorer)?;
    }
    let all_scored = results.iter().all(|result| result.missed.is_empty());
    Ok(if all_scored { Outcome::Done } else { Outcome::SomeFailed })
}

fn generated(args: &ClipsArgs, scorer: &ModelScorer) -> anyhow::Result<Vec<Judged>> {
    let Some(config) = &args.config else { return Ok(Vec::new()) };
    let mut sets = TrainSettings::read(config, &[])?.test;
    anyhow::ensure!(!sets.is_empty(), "expected a [[test]] set, found none: {}", config.display());
    let judge = |set: &mut microau::generated::SetSettings| {
        // sets stay apart from one another under any seed
        set.seed ^= args.seed.unwrap_or(0).rotate_left(32);
        let bar = counting(&format!("clips of {}", set.name), set.clips as u64);
        let judged = evaluate::generated(scorer.model(), set, &|clips| bar.inc(clips as u64))?;
        bar.finish_and_clear();
        Ok(judged)
    };
    sets.iter_mut().map(judge).collect()
}

fn labelled(table: &Path, scorer: &mut ModelScorer) -> anyhow::Result<Judged> {
    let index = microau::data::Index::read(table)?;
    let bar = counting("clips", index.clips.len() as u64);
    let judged = evaluate::labelled(scorer, &table.display().to_string(), &index, &mut || bar.inc(1))?;
    bar.finish_and_clear();
    Ok(judged)
}

fn text(results: &[Judged], format: Format) -> String {
    let one = |result: &Judged| {
        let missed = match result.missed.len() {
            0 => String::new(),
            count => format!("{count} more could not be scored."),
        };
        let notes = [result.evaluation.summary(), missed].into_iter().filter(|note| !note.is_empty()).collect();
        Sheet { title: result.set.clone(), table: result.evaluation.table(), notes }
    };
    sheets::render(&results.iter().map(one).collect::<Vec<_>>(), format.into())
}

fn write(folder: &Path, results: &[Judged], scorer: &ModelScorer) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let aus = &scorer.model().config().aus;
    let scores: String = results.iter().map(|result| result.scores_jsonl(aus)).collect();
    files::write(&folder.join("scores.jsonl"), scores.as_bytes())?;
    files::write(&folder.join("table.md"), text(results, Format::Markdown).as_bytes())?;
    Ok(())
}
