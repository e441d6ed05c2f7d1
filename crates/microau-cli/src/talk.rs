//! What is said on stderr: one line for what went wrong, one for what can be done about it.

use std::io::{self, Write};

use microau::bench::BenchError;
use microau::data::Problems;
use microau::detect::DetectError;
use microau::evaluate::{RunError, SpottingError};
use microau::serve::ServeError;
use microau::synthesise::{PhotoError, SynthError};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was done.
    Done,
    /// Done, but some input could not be read; what was wrong has been said.
    SomeFailed,
}

/// Says one line.
pub fn say(line: &str) {
    // nobody is left to be told when stderr is gone
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Says what went wrong, and what to do.
pub fn say_error(message: &str, hint: Option<&str>) {
    say(&format!("error: {message}"));
    if let Some(hint) = hint {
        say(&format!("hint: {hint}"));
    }
}

/// Says an error that ended a command, its causes on the same line. Problems of a table are lines of their own.
pub fn say_end(error: &anyhow::Error) {
    if let Some(problems) = error.chain().find_map(|cause| cause.downcast_ref::<Problems>()) {
        return say(&problems.to_string());
    }
    let of_detect = error.downcast_ref::<DetectError>().and_then(DetectError::hint);
    let of_run = || error.downcast_ref::<RunError>().and_then(RunError::hint);
    let of_spotting = || error.downcast_ref::<SpottingError>().and_then(SpottingError::hint);
    let of_photo = || error.downcast_ref::<PhotoError>().and_then(PhotoError::hint);
    let of_synth = || error.downcast_ref::<SynthError>().and_then(SynthError::hint);
    let of_serve = || error.downcast_ref::<ServeError>().and_then(ServeError::hint);
    let of_bench = || error.downcast_ref::<BenchError>().and_then(BenchError::hint);
    let hint = of_detect
        .or_else(of_run)
        .or_else(of_spotting)
        .or_else(of_photo)
        .or_else(of_synth)
        .or_else(of_serve)
        .or_else(of_bench);
    say_error(&with_causes(error), hint.as_deref());
}

/// An error and its causes on one line, less those that the text before them tells already.
fn with_causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |line, cause| match line.as_str() {
        "" => cause,
        told if told.contains(&cause) => line,
        _ => format!("{line}: {cause}"),
    })
}

/// stdout; a reader that went away, as `head` does, is no error.
#[derive(Clone, Copy, Debug)]
pub struct Data;

impl Write for Data {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        gone_is_fine(io::stdout().write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        gone_is_fine(io::stdout().flush(), ())
    }
}

fn gone_is_fine<T>(done: io::Result<T>, as_if: T) -> io::Result<T> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(as_if),
        done => done,
    }
}

/// Writes data to stdout.
///
/// # Errors
/// When stdout cannot be written to, and not because its reader went away.
pub fn print_data(data: impl AsRef<[u8]>) -> io::Result<()> {
    Data.write_all(data.as_ref()).and_then(|()| Data.flush())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_is_told_already_is_not_told_twice() {
        let source = || std::io::Error::other("disk full");
        let error = anyhow::Error::new(DetectError::Write { source: source(), path: "out.csv".into() });
        assert_eq!(with_causes(&error), "could not write (disk full): out.csv");
        let error = anyhow::Error::new(source()).context("cannot make the folder out");
        assert_eq!(with_causes(&error), "cannot make the folder out: disk full");
    }
}
