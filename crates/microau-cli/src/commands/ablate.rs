//! `microau ablate`: several trainings on the same clips and folds, in one table.

use std::path::PathBuf;

use clap::Args;
use microau::ablate;
use microau::eval::table::Format;
use microau::files;

use super::train::TrainBar;
use crate::talk::{Outcome, print_data, say};

/// Arguments of `microau ablate`.
#[derive(Debug, Args)]
pub struct AblateArgs {
    /// Settings of the variants, TOML; the first is what the others are held against
    #[arg(value_name = "CONFIG", required = true)]
    configs: Vec<PathBuf>,

    /// Change a setting of all, `KEY=VALUE` with dots for tables: data.seeds=[1,2,3]
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Folder of the runs, one below it for each variant, and of table.md
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs `microau ablate`.
///
/// # Errors
/// When a variant cannot be trained, or the variants were not tested on the same samples.
pub fn run(args: &AblateArgs) -> anyhow::Result<Outcome> {
    let bar = TrainBar::new();
    let begin = |name: &str, place: usize, of: usize| bar.suspend(|| say(&format!("{place} of {of}: {name}")));
    let sheet = ablate::run(&args.configs, &args.set, &args.out, &begin, &|event| bar.show(&event))?;
    bar.clear();
    files::write(&args.out.join("table.md"), sheet.render(Format::Markdown).as_bytes())?;
    print_data(sheet.render(Format::Text))?;
    Ok(Outcome::Done)
}
