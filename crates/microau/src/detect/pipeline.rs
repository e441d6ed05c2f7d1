//! The way from an input to its report, told as prose.
//!
//! frames → faces and landmarks → (spotting, or search of the apex) → onset and apex of each face → scores → intervals →
//! report. A film is read once when its expressions are spotted or given, twice when one is searched; its frames are never all
//! held.

use std::collections::BTreeMap;

use microau_core::report::{InputReport, Program, Report, Settings, VideoReport};
use microau_core::sample::Event;
use microau_core::score::{AuInterval, FaceFrame, FoundBy, Moment};

use super::ahead::{self, Seen};
use super::error::DetectError;
use super::faces::FaceFinder;
use super::film::{Film, FrameShown, Progress};
use super::findings::Findings;
use super::gather::{Wanted, WantedFace, gather};
use super::input::Input;
use super::request::{EventNumbers, FILM_SECS, Moments, Numbering, Request, check_end};
use super::scorer::{Attention, Scorer};
use super::scoring::Scoring;
use super::settings::DetectSettings;
use crate::spot;
use crate::spot::judge::Judge;
use crate::spot::neutral::Neutral;
use crate::spot::spotter::Spotter;

/// Where a model looked in one interval, for heat maps.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The input.
    pub input: &'a Input,
    /// Number of the face.
    pub face_id: u32,
    /// The interval as reported.
    pub interval: &'a AuInterval,
    /// Where the model looked, per action unit of the interval.
    pub attention: &'a Attention,
}

/// Who wants to know what happens on the way.
pub struct Watch<'a> {
    /// Hears of every frame.
    pub progress: &'a mut dyn FnMut(Progress),
    /// Sees where the model looked in every interval.
    pub look: &'a mut dyn FnMut(Look<'_>) -> Result<(), DetectError>,
    /// Sees every face in every frame of a film that is spotted, with the curves of its action units. Without it frames are
    /// read as sparsely as spotting allows.
    pub frame: Option<FrameWatch<'a>>,
}

/// Sees a face in a frame of an input.
pub type FrameWatch<'a> = &'a mut dyn FnMut(&Input, &FaceFrame) -> Result<(), DetectError>;

/// Detects the action units of films.
pub struct Detector<'a> {
    finder: &'a mut dyn FaceFinder,
    scorer: &'a mut dyn Scorer,
    settings: DetectSettings,
    shown: Option<FrameShown<'a>>,
}

impl<'a> Detector<'a> {
    /// A detector from its two parts.
    pub fn new(finder: &'a mut dyn FaceFinder, scorer: &'a mut dyn Scorer, settings: DetectSettings) -> Self {
        Self { finder, scorer, settings, shown: None }
    }

    /// The same, showing every frame that it reads in any pass; with an error the detection of that input ends.
    pub fn showing(self, shown: FrameShown<'a>) -> Self {
        Self { shown: Some(shown), ..self }
    }

    /// An empty report about this detector, to which the inputs are added.
    pub fn report(&self) -> Report {
        let program = Program { name: "microau".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
        let DetectSettings { threshold, placing_frames, .. } = self.settings;
        Report::new(program, self.scorer.info(), Settings { threshold, placing_frames })
    }

    /// What is found in one input. What could not be done stands among its errors.
    pub fn detect(&mut self, request: &Request, watch: &mut Watch<'_>) -> InputReport {
        self.read(request, watch).unwrap_or_else(|error| InputReport::failed(request.input.to_string(), error.report()))
    }

    fn read(&mut self, request: &Request, watch: &mut Watch<'_>) -> Result<InputReport, DetectError> {
        let mut findings = Findings::default();
        let wanted = match &request.moments {
            Moments::ByLength => {
                let moments = if self.is_film(&request.input)? { Moments::Spot } else { Moments::Search };
                return self.read(&Request { input: request.input.clone(), moments }, watch);
            }
            Moments::Spot => {
                let video = self.spot(&request.input, watch, &mut findings)?;
                return Ok(findings.report(&request.input, video));
            }
            Moments::Search => self.search(&request.input, watch, &mut findings)?,
            Moments::Given { numbers, numbering } => self.given(&request.input, numbers, *numbering, &mut findings)?,
        };
        let video = self.score(&request.input, &wanted, watch, &mut findings)?;
        Ok(findings.report(&request.input, video))
    }

    /// Whether an input is too long for a clip; one that does not tell its length is.
    fn is_film(&self, input: &Input) -> Result<bool, DetectError> {
        let source = input.open(self.settings.folder_rate)?;
        let info = source.info();
        Ok(info.frame_count.is_none_or(|count| count as f64 >= FILM_SECS * info.rate.as_f64()))
    }

    /// The movements a user gave, as frames of the film. Those that cannot be are noted and left out.
    fn given(
        &self,
        input: &Input,
        numbers: &[EventNumbers],
        numbering: Numbering,
        findings: &mut Findings,
    ) -> Result<Vec<Wanted>, DetectError> {
        let source = input.open(self.settings.folder_rate)?;
        enough_frames(source.info().frame_count, input)?;
        let events = numbers.iter().map(|numbers| numbers.event(numbering, source.info(), input));
        let wanted = |event| Wanted { event, face: None, found_by: FoundBy::Given };
        Ok(events.filter_map(|event| findings.keep(event)).map(wanted).collect())
    }

    /// The movement of each face, searched in a first pass.
    fn search(
        &mut self,
        input: &Input,
        watch: &mut Watch<'_>,
        findings: &mut Findings,
    ) -> Result<Vec<Wanted>, DetectError> {
        let source = input.open(self.settings.folder_rate)?;
        let frames = source.info().frame_count;
        (watch.progress)(Progress::Begun { input: input.to_string(), pass: "searching", frames });
        let (shown, placing_frames) = (&mut self.shown, self.settings.placing_frames);
        let (movements, passed) = spot::movements(source, &mut *self.finder, placing_frames, |frame| {
            (watch.progress)(Progress::At(frame.index.0 + 1));
            shown.as_mut().map_or(Ok(()), |shown| shown(frame))
        })?;
        let frames = passed.frames;
        findings.frames = Some(frames);
        findings.damaged(passed.damaged);
        (watch.progress)(Progress::Ended);
        enough_frames(Some(frames), input)?;
        if movements.is_empty() {
            return Err(DetectError::NoFace { frames, input: input.to_string() });
        }
        let wanted = |spot::Movement { face_id, at_onset, at_apex, event }| Wanted {
            event,
            face: Some(WantedFace { face_id, at_onset, at_apex }),
            found_by: FoundBy::Search,
        };
        Ok(movements.into_iter().map(wanted).collect())
    }

    /// Spots the expressions of a film and scores each as soon as it is settled, in one pass.
    fn spot(
        &mut self,
        input: &Input,
        watch: &mut Watch<'_>,
        findings: &mut Findings,
    ) -> Result<VideoReport, DetectError> {
        let source = input.open(self.settings.folder_rate)?;
        let info = source.info().clone();
        let mut spotter = Spotter::new(Judge::built_in().clone(), info.rate.as_f64(), self.settings.spot_threshold)?;
        let mut rests: BTreeMap<u32, Neutral> = BTreeMap::new();
        let (scorer, settings, shown) = (&mut *self.scorer, self.settings, &mut self.shown);
        let Watch { progress, look, frame: see } = watch;
        let stride = if see.is_some() { 1 } else { spotter.stride() };
        progress(Progress::Begun { input: input.to_string(), pass: "spotting", frames: info.frame_count });
        let mut seen = false;
        let passed = ahead::read(source, &mut *self.finder, stride, |Seen { frame, faces }| {
            let moment = Moment::new(frame.index, frame.time);
            progress(Progress::At(frame.index.0 + 1));
            shown.as_mut().map_or(Ok(()), |shown| shown(&frame))?;
            seen |= !faces.is_empty();
            if let Some(see) = see.as_mut() {
                for face in &faces {
                    let rest = rests.entry(face.face_id).or_default();
                    let aus = rest.probabilities(scorer, &frame.image, &face.landmarks, moment);
                    findings.keep(see(input, &face.in_frame(moment, aus)));
                }
            }
            if spotter.reads(frame.index) {
                for it in spotter.see(&frame.image, moment, &faces) {
                    Scoring { scorer: &mut *scorer, settings, input, look: &mut **look, findings: &mut *findings }
                        .add(it);
                }
            }
            Ok(())
        })?;
        for it in spotter.finish() {
            Scoring { scorer: &mut *scorer, settings, input, look: &mut **look, findings: &mut *findings }.add(it);
        }
        let frames = passed.frames;
        findings.frames = Some(frames);
        let video = findings.video(&info);
        findings.damaged(passed.damaged);
        (watch.progress)(Progress::Ended);
        enough_frames(Some(frames), input)?;
        if !seen {
            findings.keep::<()>(Err(DetectError::NoFace { frames, input: input.to_string() }));
        }
        Ok(video)
    }

    /// Picks onset and apex of every movement out of the film and scores them.
    fn score(
        &mut self,
        input: &Input,
        wanted: &[Wanted],
        watch: &mut Watch<'_>,
        findings: &mut Findings,
    ) -> Result<VideoReport, DetectError> {
        let mut film = self.open(input, "scoring", watch.progress)?;
        show(&mut film, &mut self.shown);
        let (finder, scorer, settings) = (&mut *self.finder, &mut *self.scorer, self.settings);
        let look = &mut *watch.look;
        let mut unseen: Vec<usize> = Vec::new();
        gather(&mut film, finder, wanted, settings.placing_frames, &mut |place, clips| {
            if clips.as_ref().is_some_and(Vec::is_empty) {
                unseen.push(place);
            }
            for clip in clips.into_iter().flatten() {
                Scoring { scorer: &mut *scorer, settings, input, look: &mut *look, findings: &mut *findings }.add(clip);
            }
            Ok(())
        })?;
        let (read, video) = (film.position(), findings.video(film.info()));
        findings.damaged(film.into_damaged());
        for (place, wanted) in wanted.iter().enumerate() {
            findings.keep(was_there(&wanted.event, read, unseen.contains(&place), input));
        }
        (watch.progress)(Progress::Ended);
        Ok(video)
    }

    fn open<'w>(
        &self,
        input: &Input,
        pass: &'static str,
        progress: &'w mut dyn FnMut(Progress),
    ) -> Result<Film<'w>, DetectError> {
        let source = input.open(self.settings.folder_rate)?;
        progress(Progress::Begun { input: input.to_string(), pass, frames: source.info().frame_count });
        Ok(Film::new(source, progress))
    }
}

/// Lets a film show its frames to whom they are to be shown.
fn show<'w>(film: &mut Film<'w>, shown: &'w mut Option<FrameShown<'_>>) {
    if let Some(shown) = shown.as_deref_mut() {
        film.show_to(shown);
    }
}

/// Says why an event has no clips: its frames lie past the end, or no face is in both. `read` frames were there. That a
/// frame is damaged has been said.
fn was_there(event: &Event, read: u64, unseen: bool, input: &Input) -> Result<(), DetectError> {
    check_end(event, read, input)?;
    if unseen {
        let Event { onset, apex, .. } = *event;
        return Err(DetectError::NoFaceAtEvent { onset, apex, input: input.to_string() });
    }
    Ok(())
}

fn enough_frames(count: Option<u64>, input: &Input) -> Result<(), DetectError> {
    match count {
        Some(got) if got < 2 => Err(DetectError::TooFewFrames { got, input: input.to_string() }),
        _ => Ok(()),
    }
}
