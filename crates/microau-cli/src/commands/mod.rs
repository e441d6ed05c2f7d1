//! The commands, one file each.

mod ablate;
mod bench;
mod data;
mod detect;
mod eval;
mod serve;
mod spot;
mod synth;
mod train;
mod train_spotter;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::talk::{Outcome, say_end};

/// Facial action units and micro-expressions, in pure Rust.
#[derive(Debug, Parser)]
#[command(name = "microau", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train variants on the same clips and folds and show what each part of the method does
    Ablate(ablate::AblateArgs),
    /// Time how fast films are read on this machine, stage by stage
    Bench(bench::BenchArgs),
    /// Say which action units fire, when and where, in videos, image folders or two images
    Detect(detect::DetectArgs),
    /// Read the datasets of the field: check them, index them, count them, prepare their clips
    Data(data::DataArgs),
    /// Judge runs by the scores they left behind, or a model on labelled clips
    Eval(eval::EvalArgs),
    /// Make the clips of an index into aligned crops, landmarks and flow; goes on where it was stopped
    Prepare(data::PrepareArgs),
    /// Serve a web application on this machine: drop films, look, correct, export; and an interface for programs
    Serve(serve::ServeArgs),
    /// Say when micro-expressions and longer ones happen in films of any length
    Spot(spot::SpotArgs),
    /// Make labelled micro-expressions from a 3-D head or from photographs
    Synth(synth::SynthArgs),
    /// Train a model and judge it beside the linear floor; goes on where it was stopped
    Train(train::TrainArgs),
    /// Fit the judge of the spotter to generated long films; goes on where it was stopped
    TrainSpotter(train_spotter::TrainSpotterArgs),
}

/// Runs a command and says how it ended.
pub fn run(cli: Cli) -> ExitCode {
    let ended = match cli.command {
        Command::Ablate(args) => ablate::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Detect(args) => detect::run(&args),
        Command::Data(args) => data::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Prepare(args) => data::prepare(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Spot(args) => spot::run(&args),
        Command::Synth(args) => synth::run(&args),
        Command::Train(args) => train::run(&args),
        Command::TrainSpotter(args) => train_spotter::run(&args),
    };
    match ended {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => ExitCode::from(2),
        Err(error) => {
            say_end(&error);
            ExitCode::from(2)
        }
    }
}
