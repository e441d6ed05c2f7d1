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
        print_data(settings.to_toml())?;
        return Ok(Outcome::Done);
    };
    let bar = TrainBar::new();
    let trained = train::run(&settings, out, &|event| bar.show(&event))?;
    bar.clear();
    match &trained {
        Trained::OnGenerated(results) => {
            print_data(table(results))?;
            say(&format!("model: {}", out.join("checkpoint.safetensors").display()));
        }
        Trained::Judged(name, figures) => {
            print_data(sheets::render(&sheets::of_runs(&[(name, figures)], None), Format::Text))?;
            say(&format!("run: {} (page.html, table.md, metrics.json, scores.jsonl)", out.display()));
        }
        Trained::Model(path) => say(&format!("model: {}", path.display())),
    }
    Ok(Outcome::Done)
}

/// The settings that arguments of their own change, then those of `--set`.
fn overrides(args: &TrainArgs) -> Vec<String> {
    let paths: Vec<String> = args.data.iter().map(|path| format!("{:?}", path.display().to_string())).collect();
    // an index takes the place of a stand-in that the settings generate
    let index =
        (!paths.is_empty()).then(|| ["data.stand_in=".to_owned(), format!("data.index=[{}]", paths.join(", "))]);
    let protocol = args.protocol.as_ref().map(|name| format!("data.protocol={name:?}"));
    index.into_iter().flatten().chain(protocol).chain(args.set.iter().cloned()).collect()
}

/// The progress of a training: what is done to clips, then steps with the loss of the last one.
pub struct TrainBar(ProgressBar);

impl TrainBar {
    /// A bar on stderr, drawn when that is a terminal.
    pub fn new() -> TrainBar {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let template = "{prefix}{msg} {bar:30} {pos}/{len}, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("the template is well formed"));
        TrainBar(bar)
    }

    /// Shows what happens; notes are lines of their own.
    pub fn show(&self, event: &Event<'_>) {
        match event {
            Event::Preparing(what, clips) => self.begin((*what).to_owned(), *clips),
            Event::Fitting(1, steps) => self.begin("steps".to_owned(), *steps),
            Event::Fitting(models, steps) => self.begin(format!("steps of {models} fits"), *steps),
            Event::Prepared(done) | Event::Resumed(done) => self.0.inc(*done as u64),
            Event::Step(report) => {
                self.0.inc(1);
                let loss = report.losses.first().map_or(f32::NAN, |&(_, loss)| loss);
                self.0.set_prefix(format!("loss {loss:.4} "));
            }
            Event::Note(note) => self.suspend(|| say(&format!("note: {note}"))),
        }
    }

    /// Does something on stderr beside the bar.
    pub fn suspend(&self, talk: impl FnOnce()) {
        self.0.suspend(talk);
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    fn begin(&self, what: String, length: usize) {
        self.0.reset();
        self.0.set_prefix("");
        self.0.set_length(length as u64);
        self.0.set_message(what);
    }
}
