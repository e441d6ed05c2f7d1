//! The `microau` command: a door to the hall. stdout is data, stderr is talk.
//!
//! Exit codes: 0 done, 1 done but found what you asked to be told, 2 could not run, or could not read some input.

mod commands;
mod progress;
mod talk;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    commands::run(commands::Cli::parse())
}
