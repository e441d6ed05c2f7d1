//! The progress bar on stderr: drawn when stderr is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use microau::detect::Progress;

/// One bar that is used for input after input.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar that draws nothing until something begins, and nothing at all when stderr is no terminal.
    pub fn new() -> Self {
        Self(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()))
    }

    /// Shows what happens.
    pub fn show(&self, progress: Progress) {
        match progress {
            Progress::Begun { input, pass, frames } => {
                self.0.reset();
                self.0.set_style(style(frames.is_some()));
                frames.map_or_else(|| self.0.unset_length(), |frames| self.0.set_length(frames));
                self.0.set_message(format!("{pass} {input}"));
            }
            Progress::At(frame) => self.0.set_position(frame),
            Progress::Ended => self.0.finish_and_clear(),
        }
    }
}

/// A bar that counts things up to `total`.
pub fn counting(what: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let template = "{bar:30} {pos}/{len} {msg}, {eta} left";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well formed"));
    bar.with_message(what.to_owned())
}

fn style(is_length_known: bool) -> ProgressStyle {
    let template =
        if is_length_known { "{msg} {bar:30} {pos}/{len} frames, {eta} left" } else { "{msg} {spinner} {pos} frames" };
    ProgressStyle::with_template(template).expect("the template is well formed")
}
