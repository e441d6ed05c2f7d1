//! `microau train`: from settings to a model.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use microau::eval::sheets;
use microau::eval::table::Format;
use microau::train::generated_run::table;
use microau::train::{self, Event, TrainSettings, Trained};

use crate::talk::{Outcome, print_data, say};

/// Arguments of `microau train`.
#[derive(Debug, Args)]
pub struct TrainArgs {
    /// Settings of the run, TOML
    #[arg(long, value_name = "FILE")]
    config: PathBuf,

    /// Index of clips to learn from, as `microau data index` writes it; may be given several times
    #[arg(long, value_name = "INDEX")]
    data: Vec<PathBuf>,

    /// Who is tested: loso, cd6me, composite, holdout, or none to train one model on all clips
    #[arg(long, value_name = "NAME")]
    protocol: Option<String>,

    /// Change a setting, `KEY=VALUE` with dots for tables: model.gda=false
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,

    /// Folder of the run; a run that was stopped goes on from there
    #[arg(long, value_name = "DIR", required_unless_present = "show_settings")]
    out: Option<PathBuf>,

    /// Print all settings with their defaults, and end
    #[arg(long)]
    show_settings: bool,
}

/// Runs `microau train`.
///
/// # Errors
/// When settings cannot work, or the run's folder holds another run or cannot be written.
pub fn run(args: &TrainArgs) -> anyhow::Result<Outcome> {
    let settings = TrainSettings::read(&args.config, &overrides(args))?;
    let Some(out) = args.out.as_ref().filter(|_| !args.show_settings) else {
        print_data(&settings.to_toml())?;
        return Ok(Outcome::Done);
    };
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template("{prefix}{msg} {bar:30} {pos}/{len}, {eta} left").expect("well formed"));
    let trained = train::run(&settings, out, &|event| match event {
        Event::Preparing(what, clips) => {
            bar.reset();
            bar.set_length(clips as u64);
            bar.set_message(what.to_owned());
        }
        Event::Prepared(clips) => bar.inc(clips as u64),
        Event::Fitting(models, steps) => {
            bar.reset();
            bar.set_length(steps as u64);
            bar.set_message(if models == 1 { "steps".to_owned() } else { format!("steps of {models} fits") });
        }
        Event::Resumed(steps) => bar.inc(steps as u64),
        Event::Step(report) => {
            bar.inc(1);
            bar.set_prefix(format!("loss {:.4} ", report.losses.first().map_or(f32::NAN, |&(_, loss)| loss)));
        }
        Event::Note(note) => bar.suspend(|| say(&format!("note: {note}"))),
    })?;
    bar.finish_and_clear();
    match &trained {
        Trained::OnGenerated(results) => {
            print_data(&table(results))?;
            say(&format!("model: {}", out.join("checkpoint.safetensors").display()));
        }
        Trained::Judged(name, figures) => {
            print_data(&sheets::render(&sheets::of_runs(&[(name, figures)], None), Format::Text))?;
            say(&format!("run: {} (page.html, table.md, metrics.json, scores.jsonl)", out.display()));
        }
        Trained::Model(path) => say(&format!("model: {}", path.display())),
    }
    Ok(Outcome::Done)
}

/// The settings that arguments of their own change, then those of `--set`.
fn overrides(args: &TrainArgs) -> Vec<String> {
    let paths: Vec<String> = args.data.iter().map(|path| format!("{:?}", path.display().to_string())).collect();
    let data = (!paths.is_empty()).then(|| format!("data.index=[{}]", paths.join(", ")));
    let protocol = args.protocol.as_ref().map(|name| format!("data.protocol={name:?}"));
    data.into_iter().chain(protocol).chain(args.set.iter().cloned()).collect()
}
