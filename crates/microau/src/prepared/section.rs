//! A part of a film as a film: what lies before and behind it is not seen.

use microau_core::time::FrameIndex;
use microau_vision::frames::{Frame, FrameError, FrameSource, VideoInfo};

/// The frames of a film from one to another; they keep their indices.
pub(super) struct Section {
    film: Box<dyn FrameSource>,
    last: Option<FrameIndex>,
}

impl Section {
    /// The frames from `first` to `last`, or to the end of the film.
    ///
    /// # Errors
    /// When the film cannot be read up to `first`.
    pub(super) fn new(
        mut film: Box<dyn FrameSource>,
        first: FrameIndex,
        last: Option<FrameIndex>,
    ) -> Result<Section, FrameError> {
        film.skip(first.0)?;
        Ok(Section { film, last })
    }
}

impl FrameSource for Section {
    fn info(&self) -> &VideoInfo {
        self.film.info()
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let last = self.last;
        Ok(self.film.next_frame()?.filter(|frame| last.is_none_or(|last| frame.index <= last)))
    }
}
