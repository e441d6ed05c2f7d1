//! `microau eval spotting`: which expressions of long films were found.

use std::path::PathBuf;

use clap::Args;
use microau::eval::bootstrap::Bootstrap;
use microau::eval::sheets;
use microau::eval::spotting::{self, LEAST_IOU, SpottingSettings};
use microau::evaluate::SpottedFilms;

use super::Format;
use crate::talk::{Outcome, print_data, say, say_error};

/// Arguments of `microau eval spotting`.
#[derive(Debug, Args)]
pub struct SpottingArgs {
    /// Table of what is in the films: film,face,kind,onset,offset and, if known, subject. The kinds micro and macro are to be
    /// found, all others are distractors; an empty kind names a film without movements
    #[arg(long, value_name = "CSV")]
    truth: PathBuf,

    /// Reports of the films as JSON, or folders of them
    #[arg(long, value_name = "REPORT", required = true, num_args = 1..)]
    found: Vec<PathBuf>,

    /// Least overlap of a hit: frames of both over frames of either
    #[arg(long, value_name = "IOU", default_value_t = LEAST_IOU, value_parser = overlap)]
    iou: f64,

    /// Resamplings by subject for the intervals; 0 for none
    #[arg(long, value_name = "N", default_value_t = Bootstrap::default().replicates)]
    bootstrap: usize,

    /// How the tables are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs `microau eval spotting`.
///
/// # Errors
/// When the table or a report cannot be read, or a film has no result. An input that is no film of the table is said and left
/// out; one that could not be read to its end is said and judged by what was found in it.
pub fn run(args: &SpottingArgs) -> anyhow::Result<Outcome> {
    let spotted = SpottedFilms::read(&args.truth, &args.found)?;
    spotted.faulty.iter().for_each(|(input, fault)| say(&format!("judged by what was found in it: {input}: {fault}")));
    spotted.unknown.iter().for_each(|input| say_error(&format!("not in the table, left out: {input}"), None));
    let bootstrap = (args.bootstrap > 0).then(|| Bootstrap { replicates: args.bootstrap, ..Bootstrap::default() });
    let figures = spotting::judge(&spotted.films, SpottingSettings { least_iou: args.iou, bootstrap });
    print_data(sheets::render(&spotting::sheets(&figures), args.format.into()))?;
    Ok(if spotted.unknown.is_empty() { Outcome::Done } else { Outcome::SomeFailed })
}

fn overlap(text: &str) -> Result<f64, String> {
    let overlap = text.parse().ok().filter(|&overlap: &f64| overlap > 0.0 && overlap <= 1.0);
    overlap.ok_or_else(|| "expected a number above 0 and at most 1".to_owned())
}
