//! A film being read: where it stands, who wants to know, and which frames were damaged.

use microau_core::time::FrameIndex;
use microau_vision::frames::{Frame, FrameError, FrameSource, VideoInfo};
use tracing::trace_span;

use super::error::DetectError;

/// What happens during a detection, for a progress bar.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// A pass over an input begins.
    Begun {
        /// The input.
        input: String,
        /// What is done: `searching` or `scoring`.
        pass: &'static str,
        /// Number of frames, where known.
        frames: Option<u64>,
    },
    /// So many frames of the pass are behind us.
    At(u64),
    /// The pass is over.
    Ended,
}

/// Sees every frame that is read, before anything is looked for in it. Its error ends the detection.
pub type FrameShown<'w> = &'w mut dyn FnMut(&Frame) -> Result<(), DetectError>;

/// A film that is read once from start to end. Damaged frames are noted and passed over.
pub struct Film<'w> {
    source: Box<dyn FrameSource>,
    position: u64,
    damaged: Vec<FrameError>,
    watch: &'w mut dyn FnMut(Progress),
    shown: Option<FrameShown<'w>>,
}

impl<'w> Film<'w> {
    /// A film at its first frame; `watch` hears of every frame.
    pub fn new(source: Box<dyn FrameSource>, watch: &'w mut dyn FnMut(Progress)) -> Self {
        Self { source, position: 0, damaged: Vec::new(), watch, shown: None }
    }

    /// Shows every frame to one more.
    pub fn show_to(&mut self, shown: FrameShown<'w>) {
        self.shown = Some(shown);
    }

    /// What is known of the film.
    pub fn info(&self) -> &VideoInfo {
        self.source.info()
    }

    /// Index of the next frame to be read, which is the number of frames behind us.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Frames that could not be decoded so far.
    pub fn into_damaged(self) -> Vec<FrameError> {
        self.damaged
    }

    /// The next frame that decodes, or `None` after the last.
    ///
    /// # Errors
    /// When the film cannot be read on.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, DetectError> {
        loop {
            match trace_span!("decode").in_scope(|| self.source.next_frame()) {
                Ok(frame) => {
                    if let Some(frame) = &frame {
                        self.advance_to(frame.index.0 + 1);
                        self.shown.as_mut().map_or(Ok(()), |shown| shown(frame))?;
                    }
                    return Ok(frame);
                }
                Err(error) => self.note(error)?,
            }
        }
    }

    /// The frame `index`, or the first one behind it that decodes; passes over the frames before.
    ///
    /// # Errors
    /// As [`Film::next_frame`].
    pub fn frame_from(&mut self, index: FrameIndex) -> Result<Option<Frame>, DetectError> {
        match trace_span!("decode").in_scope(|| self.source.skip(index.0.saturating_sub(self.position))) {
            Ok(passed) => self.advance_to(self.position + passed),
            Err(error) => self.note(error)?,
        }
        loop {
            match self.next_frame()? {
                Some(frame) if frame.index < index => {}
                other => return Ok(other),
            }
        }
    }

    fn advance_to(&mut self, position: u64) {
        self.position = position;
        (self.watch)(Progress::At(position));
    }

    fn note(&mut self, error: FrameError) -> Result<(), DetectError> {
        if !matches!(error, FrameError::Damaged { .. } | FrameError::Image { .. }) {
            return Err(error.into());
        }
        self.damaged.push(error);
        Ok(())
    }
}
