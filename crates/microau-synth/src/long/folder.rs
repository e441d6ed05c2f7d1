//! Writes films with their truth below a folder; what is there under its name is whole.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use microau_core::time::FrameIndex;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dice::mix_seed;
use crate::error::SynthError;
use crate::files::{claim_folder, make_folder, remove_folder, replace_file};
use crate::frame_file::{FrameFormat, encoded};
use crate::photo::PhotoStudio;
use crate::render::film::Renderer;

use super::avi::AviWriter;
use super::film::{LongFilm, ahead};
use super::script::LongScript;
use super::settings::LongSettings;

/// Table of events.
pub const TRUTH_NAME: &str = "truth.csv";
/// Table of films.
pub const FILMS_NAME: &str = "films.csv";
/// File that says by which settings the films were made.
pub const MARKER_NAME: &str = "films.json";

/// Grows when the same settings give other files.
const VERSION: u32 = 1;

/// How a film is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FilmFormat {
    /// One AVI file with Motion JPEG, which knows its rate.
    Avi,
    /// A folder of JPEG files, compressed as the film's camera does.
    Jpg,
    /// A folder of PNG files, every pixel as recorded.
    Png,
}

/// How many films of how many people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmsPlan {
    /// What is filmed.
    pub settings: LongSettings,
    /// Number of films.
    pub films: usize,
    /// People who take turns, at least 1. With two faces the other one is nobody of these.
    pub subjects: usize,
    /// Seed of everything.
    pub seed: u64,
    /// How films are stored.
    pub format: FilmFormat,
}

/// What the marker holds.
#[derive(Serialize)]
struct Marker<'a> {
    films: u32,
    plan: &'a FilmsPlan,
    /// Names of the portraits.
    photos: Vec<&'a str>,
}

/// Largest turn of a photographed head, degrees: beyond it shows what the photograph did not see.
const MOST_PHOTO_TURN_DEG: f32 = 8.0;

impl FilmsPlan {
    /// Number of frames of all films.
    pub fn frame_count(&self) -> u64 {
        self.films as u64 * u64::from(self.settings.frame_count())
    }

    /// Name of a film, from 0, in the tables.
    pub fn film_name(&self, number: usize) -> String {
        let name = format!("f{:04}", number + 1);
        if self.format == FilmFormat::Avi { name + ".avi" } else { name }
    }

    /// Name of the person of a film, from 0.
    pub fn subject_name(&self, number: usize) -> String {
        format!("s{:03}", number % self.subjects.max(1) + 1)
    }

    /// A film, from 0, as numbers. `is_photo` says that it will show a photograph, whose head turns less.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] naming a setting outside its range.
    pub fn script(&self, number: usize, is_photo: bool) -> Result<LongScript, SynthError> {
        let mut settings = self.settings.clone();
        if is_photo {
            settings.life.most_turn_deg = settings.life.most_turn_deg.min(MOST_PHOTO_TURN_DEG);
        }
        let subject_seed = mix_seed(self.seed, (number % self.subjects.max(1)) as u64);
        LongScript::sample(&settings, subject_seed, mix_seed(self.seed ^ 0x0066_696c_6d73, number as u64))
    }

    /// Whether a film, from 0, is made of a photograph where there are some: every second person is one.
    fn is_photo(&self, number: usize, photos: Option<&PhotoStudio>) -> bool {
        photos.is_some() && number % self.subjects.max(1) % 2 == 1
    }

    fn check(&self) -> Result<(), SynthError> {
        self.settings.check()?;
        for (name, count) in [("films", self.films), ("subjects", self.subjects)] {
            if count == 0 {
                return Err(SynthError::BadSetting { name, expected: "1 or more", got: "0".to_owned() });
            }
        }
        Ok(())
    }
}

/// Writes the films of a plan below `folder`, which is made, and their truth.
///
/// A film is `f0001.avi`, or a folder of frames from `000001.jpg` on. `truth.csv` has one row an event,
/// `film,face,kind,onset,apex,offset,onset_secs,apex_secs,offset_secs,aus`; `films.csv` one row a film,
/// `film,subject,fps,frames,width,height`. Films appear under their names when they are complete and the tables after all of
/// them; a run that was stopped is gone on with by calling again. With `photos` every second person is one of its portraits. The same plan gives the same bytes on any number of
/// threads. Memory does not grow with length. `advance` is called with numbers of frames as they are done, from any thread.
///
/// # Errors
/// A setting outside its range, [`SynthError::Occupied`] when the folder holds something else, or what the system said when
/// a file could not be written.
pub fn write_films(
    plan: &FilmsPlan,
    photos: Option<&PhotoStudio>,
    folder: &Path,
    advance: &(dyn Fn(u64) + Sync),
) -> Result<(), SynthError> {
    plan.check()?;
    let names = photos.iter().flat_map(|studio| studio.portraits()).map(|portrait| portrait.name()).collect();
    let marker = Marker { films: VERSION, plan, photos: names };
    let marker = serde_json::to_string_pretty(&marker).expect("settings are plain data");
    claim_folder(folder, MARKER_NAME, &(marker + "\n"))?;
    let renderer = Renderer::new();
    // Many films are made side by side, few by all threads together.
    let is_crowd = plan.films >= rayon::current_num_threads();
    let shoot = |number: usize| {
        let whole = folder.join(plan.film_name(number));
        if whole.exists() {
            advance(u64::from(plan.settings.frame_count()));
            return Ok(());
        }
        let film = match photos.filter(|_| plan.is_photo(number, photos)) {
            Some(studio) => studio.long_film(&plan.script(number, true)?)?,
            None => renderer.long_film(&plan.script(number, false)?),
        };
        shoot(plan, &film, &whole, is_crowd, advance)
    };
    match is_crowd {
        true => (0..plan.films).into_par_iter().try_for_each(shoot)?,
        false => (0..plan.films).try_for_each(shoot)?,
    }
    let (mut truth, mut films) = (TRUTH_HEADER.to_owned(), FILMS_HEADER.to_owned());
    for number in 0..plan.films {
        let script = plan.script(number, plan.is_photo(number, photos))?;
        truth += &truth_rows(&plan.film_name(number), &script);
        let [width, height] = script.size_px();
        let (film, subject) = (plan.film_name(number), plan.subject_name(number));
        let (rate, frames) = (script.rate(), script.frame_count());
        writeln!(films, "{film},{subject},{rate},{frames},{width},{height}").expect("a text takes all");
    }
    replace_file(&folder.join(TRUTH_NAME), truth.as_bytes())?;
    replace_file(&folder.join(FILMS_NAME), films.as_bytes())
}

const TRUTH_HEADER: &str = "film,face,kind,onset,apex,offset,onset_secs,apex_secs,offset_secs,aus\n";
const FILMS_HEADER: &str = "film,subject,fps,frames,width,height\n";

fn truth_rows(film: &str, script: &LongScript) -> String {
    let mut rows = String::new();
    for happening in script.events() {
        let event = happening.event;
        let places = [event.onset, event.apex, event.offset.unwrap_or(FrameIndex(u64::from(script.frame_count())))];
        let frames = places.map(|frame| frame.to_string()).join(",");
        let secs = places.map(|frame| format!("{:.6}", script.rate().time_of(frame).as_secs_f64())).join(",");
        let (face, kind, aus) = (happening.face, happening.kind, &happening.aus);
        writeln!(rows, "{film},{face},{kind},{frames},{secs},{aus}").expect("a text takes all");
    }
    rows
}

/// Makes one film.
fn shoot(
    plan: &FilmsPlan,
    film: &LongFilm,
    whole: &Path,
    is_alone: bool,
    advance: &(dyn Fn(u64) + Sync),
) -> Result<(), SynthError> {
    let name = whole.file_name().unwrap_or_default().to_string_lossy();
    let partial = whole.with_file_name(format!(".{name}.partial"));
    let mut store = Store::new(plan, &partial)?;
    let file_of = |frame: u32| -> image::ImageResult<Vec<u8>> {
        match plan.format {
            FilmFormat::Avi | FilmFormat::Jpg => film.jpeg(frame),
            FilmFormat::Png => encoded(&film.frame(frame), FrameFormat::Png),
        }
    };
    let frames = 0..film.script().frame_count();
    let mut put = |(frame, bytes): (u32, image::ImageResult<Vec<u8>>)| {
        let bytes = bytes.map_err(|source| SynthError::Encode { path: whole.to_owned(), source })?;
        store.put(frame, &bytes)?;
        advance(1);
        Ok(())
    };
    match is_alone {
        true => frames.map(|frame| (frame, file_of(frame))).try_for_each(&mut put)?,
        false => ahead(frames, |frame| (frame, file_of(frame))).try_for_each(&mut put)?,
    }
    store.finish()?;
    fs::rename(&partial, whole).map_err(|source| SynthError::Write { path: whole.to_owned(), source })
}

/// Where the frames of a film go.
enum Store {
    Avi(Box<AviWriter>, PathBuf),
    Folder(PathBuf, &'static str),
}

impl Store {
    fn new(plan: &FilmsPlan, path: &Path) -> Result<Store, SynthError> {
        let folder = |format: FrameFormat| {
            remove_folder(path)?;
            make_folder(path)?;
            Ok(Store::Folder(path.to_owned(), format.extension()))
        };
        match plan.format {
            FilmFormat::Jpg => folder(FrameFormat::Jpg),
            FilmFormat::Png => folder(FrameFormat::Png),
            FilmFormat::Avi => {
                let writer = File::create(path)
                    .and_then(|file| AviWriter::new(file, plan.settings.size_px(), plan.settings.rate));
                let writer = writer.map_err(|source| SynthError::Write { path: path.to_owned(), source })?;
                Ok(Store::Avi(Box::new(writer), path.to_owned()))
            }
        }
    }

    fn put(&mut self, frame: u32, bytes: &[u8]) -> Result<(), SynthError> {
        match self {
            Store::Avi(writer, path) => {
                writer.push(bytes).map_err(|source| SynthError::Write { path: path.clone(), source })
            }
            Store::Folder(folder, extension) => {
                let path = folder.join(format!("{:06}.{extension}", frame + 1));
                fs::write(&path, bytes).map_err(|source| SynthError::Write { path, source })
            }
        }
    }

    fn finish(self) -> Result<(), SynthError> {
        match self {
            Store::Avi(writer, path) => writer.finish().map_err(|source| SynthError::Write { path, source }),
            Store::Folder(..) => Ok(()),
        }
    }
}
