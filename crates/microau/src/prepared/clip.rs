//! One clip of an index as a sample: frames → face → landmarks → [`prepare`](crate::prepare), as detection does it.

use image::RgbImage;
use microau_core::landmarks::Landmarks;
use microau_core::sample::Event;
use microau_core::score::FoundBy;
use microau_core::time::FrameIndex;
use microau_data::LabelledSample;
use microau_data::index::{FrameNumbers, IndexedClip};
use microau_vision::face::{FaceTracker, TrackerSettings};
use microau_vision::frames::{DEFAULT_FOLDER_RATE, FrameSource};
use microau_vision::network::NetworkError;

use super::section::Section;
use crate::detect::faces::FaceFinder;
use crate::detect::film::Film;
use crate::detect::request::{EventNumbers, Numbering, check_end};
use crate::detect::{DetectError, DetectSettings, Input};
use crate::generated::SampleForm;
use crate::prepare::Preparer;
use crate::spot;

/// What is needed to make clips into samples, one a thread.
pub(super) struct Bench {
    tracker: FaceTracker,
    /// Follows faces with their blinks, which the search of an apex bridges; made when the first is searched.
    searcher: Option<FaceTracker>,
    preparer: Preparer,
}

/// A tracker of the one face that datasets show.
fn tracker(blendshapes: bool) -> Result<FaceTracker, NetworkError> {
    FaceTracker::new(TrackerSettings { max_faces: 1, blendshapes, ..TrackerSettings::default() })
}

impl Bench {
    pub(super) fn new(form: SampleForm) -> Result<Bench, NetworkError> {
        let preparer = Preparer::new(form.crop_px, form.keep_pixels);
        Ok(Bench { tracker: tracker(false)?, searcher: None, preparer })
    }

    /// The sample of a clip. A clip without an apex after its onset gets the one that a search finds.
    ///
    /// # Errors
    /// [`DetectError`]: its frames cannot be read, or show no face.
    pub(super) fn sample(&mut self, clip: &IndexedClip) -> Result<LabelledSample, DetectError> {
        let input = Input::Film { name: clip.sample_id(), path: clip.frames.clone() };
        let (event, apex) = self.event(clip, &input)?;
        let (onset, placing, at_apex) = self.frames(event, &input)?;
        let no_face = || DetectError::NoFaceAtEvent { onset: event.onset, apex: event.apex, input: input.to_string() };
        let prepared = self.preparer.sample(&onset, &at_apex, &placing).map_err(|_| no_face())?;
        Ok(LabelledSample {
            clip: clip.sample_id(),
            subject: clip.subject.clone(),
            dataset: clip.dataset.clone(),
            labels: clip.labels(),
            emotion: clip.emotion.clone(),
            objective_class: clip.objective_class,
            apex,
            sample: prepared.sample,
        })
    }

    /// Onset and apex as positions in the film, and how the apex came to be known.
    fn event(&mut self, clip: &IndexedClip, input: &Input) -> Result<(Event, FoundBy), DetectError> {
        let film = input.open(DEFAULT_FOLDER_RATE)?;
        let numbering = match clip.numbers {
            FrameNumbers::Positions => Numbering::Position,
            FrameNumbers::Names => Numbering::Names,
        };
        if let Some(Event { onset, apex, .. }) = clip.event() {
            // the offset is not looked at: whether its frame is there does not matter
            let numbers = EventNumbers { onset: onset.0, apex: apex.0, offset: None };
            return Ok((numbers.event(numbering, film.info(), input)?, FoundBy::Given));
        }
        let position = |what, number| numbering.frame(what, number, film.info(), input);
        let onset = position("onset", clip.onset)?;
        let last = clip.offset.and_then(|offset| position("offset", offset).ok());
        Ok((self.searched(film, onset, last, input)?, FoundBy::Search))
    }

    /// The movement from an onset on, its apex searched up to the last frame.
    fn searched(
        &mut self,
        film: Box<dyn FrameSource>,
        onset: FrameIndex,
        last: Option<FrameIndex>,
        input: &Input,
    ) -> Result<Event, DetectError> {
        let section = Box::new(Section::new(film, onset, last)?);
        let placing_frames = DetectSettings::default().placing_frames;
        let searcher = match &mut self.searcher {
            Some(searcher) => searcher,
            none => {
                let made = tracker(true).map_err(|error| DetectError::Faces { message: error.to_string() })?;
                none.insert(made)
            }
        };
        let (movements, _) = spot::movements(section, searcher, placing_frames, |_| Ok(()))?;
        let apex = movements.first().map(|movement| movement.event.apex).filter(|&apex| apex > onset);
        let apex = apex.ok_or_else(|| DetectError::NoMovement { onset, input: input.to_string() })?;
        Ok(Event { onset, apex, offset: last.filter(|&last| last >= apex) })
    }

    /// The onset frame, the landmarks of the first frames from it on, and the apex frame.
    fn frames(&mut self, event: Event, input: &Input) -> Result<(RgbImage, Vec<Landmarks>, RgbImage), DetectError> {
        let Event { onset, apex, .. } = event;
        let mut silent = |_| ();
        let mut film = Film::new(input.open(DEFAULT_FOLDER_RATE)?, &mut silent);
        let placing_frames = DetectSettings::default().placing_frames as u64;
        let (mut first, mut placing, mut face_id) = (None, Vec::new(), None);
        self.tracker.restart();
        for index in (onset.0..apex.0.min(onset.0 + placing_frames)).map(FrameIndex) {
            let Some(frame) = film.frame_from(index)?.filter(|frame| frame.index == index) else { break };
            let mut faces = self.tracker.find(&frame.image).into_iter();
            let face = faces.find(|face| face_id.is_none_or(|id| face.face_id == id));
            if first.is_none() {
                let face = face.as_ref().ok_or_else(|| DetectError::NoFaceAtEvent {
                    onset,
                    apex,
                    input: input.to_string(),
                })?;
                face_id = Some(face.face_id);
                first = Some(frame.image);
            }
            placing.extend(face.map(|face| face.landmarks));
        }
        let last = film.frame_from(apex)?.filter(|frame| frame.index == apex).map(|frame| frame.image);
        match (first, last) {
            (Some(first), Some(last)) => Ok((first, placing, last)),
            _ => {
                check_end(&event, film.position(), input)?;
                let damaged = film.into_damaged().into_iter().next();
                Err(damaged
                    .map_or(DetectError::NoFaceAtEvent { onset, apex, input: input.to_string() }, DetectError::Frames))
            }
        }
    }
}
