//! One job: a model looks at a film, and what it sees is written down.
//!
//! One pass spots movements and keeps pictures, faces and curves of every frame. What is taken for a clip is read twice more, to
//! search its one movement. What was written of a job that stopped is removed.

use std::cell::RefCell;
use std::io;
use std::time::Duration;

use axum::http::StatusCode;
use microau_core::report::{ErrorReport, InputReport, Report};
use microau_core::score::FaceFrame;
use microau_vision::frames::{DEFAULT_FOLDER_RATE, Frame};

use super::State;
use super::fault::Fault;
use super::folders::remove;
use super::live::{Found, Live, Stop};
use super::queue::Event;
use super::record::pictures::{self, PicturesWriter};
use super::record::track::TrackWriter;
use super::store::{Film, FilmKind, Job, JobKind, Problem, Summary};
use crate::detect::faces::tracker;
use crate::detect::request::FILM_SECS;
use crate::detect::{
    DetectError, DetectSettings, Detector, EventNumbers, Input, Look, ModelScorer, Moments, Numbering, Progress,
    Request, Watch,
};
use crate::files;

/// How a job ended.
#[derive(Debug)]
pub(crate) enum Ending {
    Done {
        summary: Option<Summary>,
        problems: Vec<Problem>,
    },
    Failed(Fault),
    Cancelled,
    /// It is to be done again.
    Later,
}

/// Does a job.
pub(crate) fn run(state: &State, job: &Job, live: &Live) -> Ending {
    let folder = state.folders.job(&job.film, &job.id);
    let done = Work::new(state, job, live).and_then(|mut work| work.detect());
    let limit = state.job_limit();
    let ending = match (done, live.stopped(limit)) {
        (Ok(report), None) => {
            let input = &report.inputs[0];
            let summary = Summary::of(input);
            return Ending::Done { summary, problems: input.errors.iter().map(Problem::from).collect() };
        }
        (_, Some(Stop::Cancelled)) => Ending::Cancelled,
        (_, Some(Stop::Closing)) => Ending::Later,
        (_, Some(Stop::TooLong)) => Ending::Failed(too_long(limit)),
        (Err(fault), None) => Ending::Failed(fault),
    };
    pictures::remove_unfinished(&state.folders.film(&job.film));
    // what is left is removed with the film, or when the job is done again
    let _ = remove(&folder);
    ending
}

fn too_long(limit: Duration) -> Fault {
    let minutes = limit.as_secs() / 60;
    Fault::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        format!("stopped after {minutes} minutes, the longest that a job may take"),
    )
    .hint("cut the film into shorter ones, or start the server with a larger --max-minutes")
}

/// All that one job needs.
struct Work<'a> {
    state: &'a State,
    live: &'a Live,
    job: &'a Job,
    film: Film,
    path: String,
    input: Input,
    finder: microau_vision::face::FaceTracker,
    scorer: ModelScorer,
}

/// Where pictures and faces of the first pass go, and what went wrong there.
struct Kept {
    pictures: Option<PicturesWriter>,
    track: TrackWriter,
    broken: Option<io::Error>,
}

impl<'a> Work<'a> {
    fn new(state: &'a State, job: &'a Job, live: &'a Live) -> Result<Self, Fault> {
        let film = state.film(&job.film)?;
        let folder = state.folders.film(&film.id);
        let path = match film.kind {
            FilmKind::Video => folder.join("film"),
            FilmKind::Frames => folder.join("frames"),
        };
        let told = |error: &DetectError| Fault::of_detect(error, &path.display().to_string(), &film.name);
        let checkpoint = state.checkpoint(&job.model)?;
        let device = state.settings.device.open().map_err(|error| told(&DetectError::of_device(&error)))?;
        let scorer = ModelScorer::checkpoint(&checkpoint, &device).map_err(|error| told(&error))?;
        let scorer = ModelScorer::new(&job.model_name, scorer, device);
        let finder = tracker().map_err(|error| told(&error))?;
        let input = Input::Film { name: film.name.clone(), path: path.clone() };
        Ok(Self { state, live, job, path: path.display().to_string(), film, input, finder, scorer })
    }

    fn detect(&mut self) -> Result<Report, Fault> {
        let moments = self.moments()?;
        self.live.has_passes(match moments {
            Moments::Search => 3,
            Moments::Given { .. } => 2,
            Moments::Spot | Moments::ByLength => 1,
        });
        let (mut report, spotted) = self.first_pass(moments == Moments::Spot)?;
        let mut found = spotted;
        if moments != Moments::Spot && self.live.stopped(self.state.job_limit()).is_none() {
            let of_clip = self.clip(moments);
            found.faces = of_clip.faces;
            found.errors.extend(of_clip.errors.into_iter().filter(|it| !found.errors.contains(it)).collect::<Vec<_>>());
        }
        report.inputs.push(found);
        let json = serde_json::to_vec(&report)?;
        let path = self.state.folders.job(&self.film.id, &self.job.id).join("report.json");
        files::write(&path, &json).map_err(|error| self.fault(&error))?;
        Ok(report)
    }

    /// What to look for, by what the user says and how long the film is.
    fn moments(&self) -> Result<Moments, Fault> {
        let source = self.input.open(self.settings().folder_rate).map_err(|error| self.fault(&error.into()))?;
        let info = source.info();
        if self.film.kind == FilmKind::Frames && info.frame_count == Some(2) {
            let pair = EventNumbers { onset: 0, apex: 1, offset: None };
            return Ok(Moments::Given { numbers: vec![pair], numbering: Numbering::Position });
        }
        let is_short = info.frame_count.is_some_and(|count| (count as f64) < FILM_SECS * info.rate.as_f64());
        let is_clip = match self.job.kind {
            JobKind::Auto => is_short,
            JobKind::Clip => true,
            JobKind::Film => false,
        };
        Ok(if is_clip { Moments::Search } else { Moments::Spot })
    }

    fn settings(&self) -> DetectSettings {
        let folder_rate = self.film.rate.unwrap_or(DEFAULT_FOLDER_RATE);
        DetectSettings { folder_rate, spot_threshold: self.job.confidence, ..DetectSettings::default() }
    }

    fn fault(&self, error: &DetectError) -> Fault {
        Fault::of_detect(error, &self.path, &self.film.name)
    }

    /// Spots, and keeps what every frame shows. Movements are told where they are what is looked for.
    fn first_pass(&mut self, tells: bool) -> Result<(Report, InputReport), Fault> {
        let (settings, film_folder) = (self.settings(), self.state.folders.film(&self.film.id));
        let job_folder = self.state.folders.job(&self.film.id, &self.job.id);
        remove(&job_folder)?;
        std::fs::create_dir_all(&job_folder)?;
        let limit = self.state.settings.max_pictures_mb.saturating_mul(1_000_000);
        let pictures =
            if pictures::are_there(&film_folder) { None } else { Some(PicturesWriter::create(&film_folder, limit)?) };
        let Self { state, live, job, film, input, finder, scorer, .. } = self;
        let aus = crate::detect::scorer::Scorer::info(scorer).aus.len();
        let kept = RefCell::new(Kept { pictures, track: TrackWriter::create(&job_folder, aus)?, broken: None });
        let (film_id, time) = (film.id.as_str(), state.job_limit());
        let mut shown = |frame: &Frame| kept.borrow_mut().shown(frame, live, time, film_id);
        let mut progress = |progress| tell_progress(state, live, job, progress);
        let mut see = |_: &Input, face: &FaceFrame| {
            kept.borrow_mut().see(face);
            Ok(())
        };
        let mut look = |look: Look<'_>| {
            if tells {
                tell_found(state, live, job, &look);
            }
            Ok(())
        };
        let mut detector = Detector::new(finder, scorer, settings).showing(&mut shown);
        let report = detector.report();
        let mut watch = Watch { progress: &mut progress, look: &mut look, frame: Some(&mut see) };
        let request = Request { input: input.clone(), moments: Moments::Spot };
        let found = detector.detect(&request, &mut watch);
        let Kept { pictures, track, broken } = kept.into_inner();
        broken.map_or(Ok(()), Err)?;
        let found = self.readable(found);
        if found.video.is_none() {
            let error = found.errors.into_iter().next();
            return Err(error.map_or_else(|| Fault::missing("film"), unreadable));
        }
        track.finish()?;
        pictures.map_or(Ok(()), PicturesWriter::finish)?;
        Ok((report, found))
    }

    /// The one movement of a clip.
    fn clip(&mut self, moments: Moments) -> InputReport {
        let settings = self.settings();
        let Self { state, live, job, film, input, finder, scorer, .. } = self;
        let (film_id, time) = (film.id.as_str(), state.job_limit());
        let mut shown = |_: &Frame| is_to_go_on(live, time, film_id);
        let mut progress = |progress| tell_progress(state, live, job, progress);
        let mut look = |look: Look<'_>| {
            tell_found(state, live, job, &look);
            Ok(())
        };
        let mut detector = Detector::new(finder, scorer, settings).showing(&mut shown);
        let mut watch = Watch { progress: &mut progress, look: &mut look, frame: None };
        let found = detector.detect(&Request { input: input.clone(), moments }, &mut watch);
        self.readable(found)
    }

    /// Without the path of the upload in what could not be done.
    fn readable(&self, mut found: InputReport) -> InputReport {
        for ErrorReport { message, hint } in &mut found.errors {
            *message = message.replace(&self.path, &self.film.name);
            *hint = hint.as_ref().map(|hint| hint.replace(&self.path, &self.film.name));
        }
        found
    }
}

fn unreadable(ErrorReport { message, hint }: ErrorReport) -> Fault {
    let fault = Fault::new(StatusCode::UNPROCESSABLE_ENTITY, message);
    hint.into_iter().fold(fault, Fault::hint)
}

impl Kept {
    /// Keeps the picture of a frame; ends the pass when that cannot be, or the job is to stop.
    fn shown(&mut self, frame: &Frame, live: &Live, time: Duration, film: &str) -> Result<(), DetectError> {
        if let (None, Some(pictures)) = (&self.broken, &mut self.pictures) {
            self.broken = pictures.push(frame).err();
        }
        if self.broken.is_some() {
            return Err(DetectError::Stopped { input: film.to_owned() });
        }
        is_to_go_on(live, time, film)
    }

    fn see(&mut self, face: &FaceFrame) {
        if self.broken.is_none() {
            self.broken = self.track.push(face).err();
        }
    }
}

fn is_to_go_on(live: &Live, time: Duration, film: &str) -> Result<(), DetectError> {
    live.stopped(time).map_or(Ok(()), |_| Err(DetectError::Stopped { input: film.to_owned() }))
}

fn tell_progress(state: &State, live: &Live, job: &Job, progress: Progress) {
    let is_time = match progress {
        Progress::Begun { pass, frames, .. } => {
            live.begin(pass, frames);
            true
        }
        Progress::At(frame) => live.at(frame),
        Progress::Ended => false,
    };
    if is_time {
        state.queue.tell(Event::Job(Box::new(state.queue.view(job.clone()))));
    }
}

fn tell_found(state: &State, live: &Live, job: &Job, look: &Look<'_>) {
    let (film, job, interval) = (job.film.clone(), job.id.clone(), look.interval.clone());
    let found = Found { film, job, face_id: look.face_id, interval };
    live.found(found.clone());
    state.queue.tell(Event::Movement(Box::new(found)));
}
