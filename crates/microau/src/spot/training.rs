//! Fitting the judge of the spotter to generated long films, whose truth is known.
//!
//! Proposals of each film are kept on disk as they come, so that a training that was stopped goes on, and the judge can be fitted
//! anew in seconds.

use std::path::{Path, PathBuf};

use image::RgbImage;
use microau_core::score::{ExpressionKind, Moment, Spotted};
use microau_core::time::{FrameIndex, FrameRate};
use microau_eval::sheets;
use microau_eval::spotting::{self, Film, Movement, SpottingFigures, SpottingSettings, TrueKind, judge as judged};
use microau_eval::table::Format;
use microau_model::DeviceChoice;
use microau_synth::Renderer;
use microau_synth::long::{FilmEvent, LongFilm, LongScript, LongSettings};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::choose::{Span, overlap};
use super::judge::fit::{FitSettings, answering, foretelling};
use super::judge::{AT_A_GLANCE, Judge, Seen, in_full};
use super::proposals::{FaceStream, Proposal};
use super::spotter::{Spotter, stride};
use crate::detect::faces::{FaceFinder, FoundFace, tracker};
use crate::detect::gather::Gathered;
use crate::detect::model_scorer::{ModelScorer, NANO};
use crate::detect::{DetectError, DetectSettings};
use crate::files;

/// Least overlap (intersection over union) at which a proposal is the expression.
const FOUND: f64 = 0.5;
/// Least overlap at which onset and offset of the expression can be told from a proposal.
const TELLING: f64 = 0.3;
/// Least overlap at which nano is asked about a proposal in any case.
const NEAR: f64 = 0.2;
/// Of the others it is asked about every so many, each of which then counts for so many.
const ASKED_EVERY: usize = 4;

/// Long films of some people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmSet {
    /// Name of its folder.
    pub name: String,
    /// Number of films, each of another person.
    pub films: usize,
    /// Seed of people and films.
    pub seed: u64,
    /// Frames a second: the films take turns.
    pub rates: Vec<FrameRate>,
    /// How long films are and what happens in them; the rate is one of `rates`.
    #[serde(default)]
    pub generator: LongSettings,
}

/// How the judge of the spotter is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpotterTraining {
    /// Films that it learns from.
    pub train: Vec<FilmSet>,
    /// Films of other people that it is tested on.
    pub test: Vec<FilmSet>,
    /// How it is fitted.
    #[serde(default)]
    pub fit: FitSettings,
}

/// What spotting proposes in one film, and what is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FilmProposals {
    /// Expressions that are there.
    pub truth: Vec<Span>,
    /// Proposals.
    pub proposals: Vec<Answered>,
}

/// A proposal of which it is known whether it is an expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// When.
    pub span: Span,
    /// What it is judged by at a glance.
    pub features: Vec<f32>,
    /// What nano says of it; of most that are nothing it was not asked.
    pub seen: Option<Seen>,
    /// How many proposals it stands for among those that nano was asked about.
    pub weight: f64,
    /// Its overlap with the expression that it covers most; 0 where there is none.
    pub overlap: f64,
}

/// What a spotter found in one film.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmResult {
    /// What is there, and what was found.
    pub film: Film,
    /// Confidence of each that was found.
    pub confidences: Vec<f32>,
}

impl FilmResult {
    /// As it would be with a higher threshold.
    pub fn above(&self, threshold: f32) -> Film {
        let sure = self.film.found.iter().zip(&self.confidences).filter(|(_, confidence)| **confidence >= threshold);
        Film { found: sure.map(|(found, _)| found.clone()).collect(), ..self.film.clone() }
    }
}

/// What a training came to.
#[derive(Clone, Debug)]
pub struct SpotterResult {
    /// Where the judge is.
    pub path: PathBuf,
    /// Figures of each set of films of other people.
    pub figures: Vec<(String, SpottingFigures)>,
}

impl SpotterTraining {
    /// Reads settings from TOML.
    ///
    /// # Errors
    /// [`DetectError::Model`] with the file and what is wrong in it.
    pub fn read(path: &Path) -> Result<SpotterTraining, DetectError> {
        let wrong =
            |reason: String| DetectError::Model { message: format!("{}: {reason}", path.display()), hint: None };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let settings: SpotterTraining = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        for set in settings.train.iter().chain(&settings.test) {
            let setting = set.generator.check().map_err(|error| error.to_string());
            let rated =
                if set.rates.is_empty() { Err("expected at least one rate, got none".to_owned()) } else { Ok(()) };
            setting.and(rated).map_err(|reason| wrong(format!("set {}: {reason}", set.name)))?;
        }
        Ok(settings)
    }

    /// Films that are read, for a progress bar.
    pub fn films(&self) -> usize {
        self.train.iter().chain(&self.test).map(|set| set.films).sum()
    }
}

/// Fits the judge, tests it, and writes `spotter.safetensors` and `table.md` into `out`; goes on where it was stopped. `done`
/// hears of each film.
///
/// # Errors
/// When films cannot be generated, or files not written.
pub fn run(settings: &SpotterTraining, out: &Path, done: &(dyn Fn() + Sync)) -> Result<SpotterResult, DetectError> {
    let mut films = Vec::new();
    for set in &settings.train {
        films.extend(proposals(set, &out.join("proposals"), done)?);
    }
    let judge = judge_of(&films, &settings.fit);
    let path = out.join("spotter.safetensors");
    judge.save(&path)?;
    let threshold = DetectSettings::default().spot_threshold;
    let mut figures = Vec::new();
    for set in &settings.test {
        let films: Vec<Film> = tested(&judge, set, threshold, done)?.into_iter().map(|it| it.film).collect();
        figures.push((set.name.clone(), judged(&films, SpottingSettings::default())));
    }
    let tables = figures
        .iter()
        .map(|(name, figures)| format!("# {name}\n\n{}", sheets::render(&spotting::sheets(figures), Format::Markdown)));
    files::write(&out.join("table.md"), tables.collect::<Vec<_>>().join("\n").as_bytes())?;
    Ok(SpotterResult { path, figures })
}

/// Proposals of all films of a set, from `folder` as far as they are there; `done` hears of each film.
///
/// # Errors
/// When films cannot be generated, or files not written.
pub fn proposals(set: &FilmSet, folder: &Path, done: &(dyn Fn() + Sync)) -> Result<Vec<FilmProposals>, DetectError> {
    let folder = folder.join(&set.name);
    files::make_folder(&folder)?;
    let film = |place: usize| {
        let path = folder.join(format!("film-{place:03}.json"));
        let read = std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice::<FilmProposals>(&bytes).ok());
        let is_current = |it: &Answered| it.features.len() == AT_A_GLANCE;
        let film = match read.filter(|film| film.proposals.iter().all(is_current)) {
            Some(film) => film,
            None => {
                let film = propose(&GeneratedFilm::new(set, place)?)?;
                files::write(&path, &serde_json::to_vec(&film).expect("numbers are JSON"))?;
                film
            }
        };
        done();
        Ok(film)
    };
    (0..set.films).into_par_iter().map(film).collect()
}

/// The judge for the proposals of films.
pub fn judge_of(films: &[FilmProposals], settings: &FitSettings) -> Judge {
    let all = || films.iter().flat_map(|film| &film.proposals);
    let rows: Vec<Vec<f32>> = all().map(|it| it.features.clone()).collect();
    let answers: Vec<bool> = all().map(|it| it.overlap >= FOUND).collect();
    let glance = answering(&rows, &answers, &vec![1.0; rows.len()], settings);
    let asked = || all().filter_map(|it| Some((it, it.seen.as_ref()?)));
    let rows: Vec<Vec<f32>> = asked().map(|(it, seen)| in_full(&it.features, seen)).collect();
    let weights: Vec<f64> = asked().map(|(it, _)| it.weight).collect();
    let answers: Vec<bool> = asked().map(|(it, _)| it.overlap >= FOUND).collect();
    let overlaps: Vec<f64> = asked().map(|(it, _)| it.overlap).collect();
    let look = answering(&rows, &answers, &weights, settings);
    let cover = foretelling(&rows, &overlaps, &weights, settings);
    let shifts: Vec<Option<[f64; 2]>> = films.iter().flat_map(shifts).collect();
    let (rows, shifts): (Vec<Vec<f32>>, Vec<[f64; 2]>) =
        rows.into_iter().zip(shifts).filter_map(|(row, shift)| Some((row, shift?))).unzip();
    let shift = [0, 1].map(|end| {
        let of_end: Vec<f64> = shifts.iter().map(|shift| shift[end]).collect();
        foretelling(&rows, &of_end, &vec![1.0; rows.len()], settings)
    });
    Judge { glance, look, cover, shift }
}

/// Of each proposal of a film that nano was asked about: where onset and offset of its expression are from its own, in its
/// lengths.
fn shifts(film: &FilmProposals) -> impl Iterator<Item = Option<[f64; 2]>> {
    let asked = film.proposals.iter().filter(|it| it.seen.is_some());
    asked.map(|Answered { span, .. }| {
        let near = film.truth.iter().filter(|truth| overlap(span, truth) >= TELLING);
        let truth = near.max_by(|a, b| overlap(span, a).total_cmp(&overlap(span, b)))?;
        let length = span.offset - span.onset;
        Some([(truth.onset - span.onset) / length, (truth.offset - span.offset) / length])
    })
}

/// What a spotter with this judge finds in the films of a set, down to a confidence; `done` hears of each film.
///
/// # Errors
/// When films cannot be generated.
pub fn tested(
    judge: &Judge,
    set: &FilmSet,
    threshold: f32,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<FilmResult>, DetectError> {
    let film = |place: usize| {
        let film = GeneratedFilm::new(set, place)?;
        let mut spotter = Spotter::new(judge.clone(), film.rate.as_f64(), threshold)?;
        let mut found = Vec::new();
        film.read(|image, moment, faces| found.extend(spotter.see(image, moment, faces)))?;
        found.extend(spotter.finish());
        done();
        let (found, confidences) = found.iter().filter_map(movement).unzip();
        let name = format!("{}/{place:03}", set.name);
        let (subject, minutes) = (place.to_string(), Some(film.secs / 60.0));
        Ok(FilmResult { film: Film { name, subject, minutes, truth: film.events(), found }, confidences })
    };
    (0..set.films).into_par_iter().map(film).collect()
}

/// What was spotted as the challenges count it, with its confidence.
fn movement(it: &Gathered) -> Option<(Movement<ExpressionKind>, f32)> {
    let Spotted { kind, confidence } = it.spotted?;
    let span = spotting::Span::new(it.moments.onset.frame.0, it.moments.offset?.frame.0)?;
    Some((Movement { face: it.face_id, span, kind }, confidence))
}

/// A film of a set.
struct GeneratedFilm {
    film: LongFilm,
    rate: FrameRate,
    secs: f64,
    truth: Vec<Span>,
}

impl GeneratedFilm {
    fn new(set: &FilmSet, place: usize) -> Result<GeneratedFilm, DetectError> {
        let rate = set.rates[place % set.rates.len()];
        let settings = LongSettings { rate, ..set.generator.clone() };
        let seed = set.seed.wrapping_add(place as u64);
        let script = LongScript::sample(&settings, seed, seed)
            .map_err(|error| DetectError::Model { message: error.to_string(), hint: None })?;
        let secs = |frame: FrameIndex| rate.time_of(frame).as_secs_f64();
        let span = |it: &FilmEvent| Some(Span { onset: secs(it.event.onset), offset: secs(it.event.offset?) });
        let truth = script.expressions().filter_map(span).collect();
        let film = Renderer::new().long_film(&script);
        Ok(GeneratedFilm { film, rate, secs: settings.secs, truth })
    }

    /// Everything that happens.
    fn events(&self) -> Vec<Movement<TrueKind>> {
        let movement = |it: &FilmEvent| {
            let span = spotting::Span::new(it.event.onset.0, it.event.offset?.0)?;
            Some(Movement { face: it.face as u32, span, kind: TrueKind::of_name(it.kind.name()) })
        };
        self.film.script().events().iter().filter_map(movement).collect()
    }

    /// Shows the frames that a spotter reads, each with the faces in it.
    fn read(&self, mut see: impl FnMut(&RgbImage, Moment, &[FoundFace])) -> Result<(), DetectError> {
        let mut finder = tracker()?;
        for frame in (0..u64::from(self.film.script().frame_count())).step_by(stride(self.rate.as_f64()) as usize) {
            let image = self.film.frame(frame as u32);
            let faces = finder.find(&image);
            see(&image, Moment::new(FrameIndex(frame), self.rate.time_of(FrameIndex(frame))), &faces);
        }
        Ok(())
    }
}

/// Proposals of one film.
fn propose(film: &GeneratedFilm) -> Result<FilmProposals, DetectError> {
    let mut witness = ModelScorer::open(NANO, DeviceChoice::Cpu)?;
    let mut stream = FaceStream::new((film.rate.as_f64() / stride(film.rate.as_f64()) as f64) as f32);
    let mut proposals: Vec<Answered> = Vec::new();
    let mut answer = |all: &mut Vec<Answered>, it: Proposal| {
        let span = Span { onset: it.onset.secs, offset: it.offset.secs };
        let best = film.truth.iter().map(|truth| overlap(&span, truth)).fold(0.0, f64::max);
        let is_asked = best >= NEAR || all.len().is_multiple_of(ASKED_EVERY);
        let weight = if best >= NEAR { 1.0 } else { ASKED_EVERY as f64 };
        let seen = is_asked.then(|| Seen::of(&it, &mut witness)).flatten();
        all.push(Answered { span, features: it.features, seen, weight, overlap: best });
    };
    film.read(|image, moment, faces| {
        if let Some(face) = faces.first() {
            stream.see(image, face, moment).into_iter().for_each(|it| answer(&mut proposals, it));
        }
    })?;
    stream.finish().into_iter().for_each(|it| answer(&mut proposals, it));
    Ok(FilmProposals { truth: film.truth.clone(), proposals })
}
