//! Many inputs: one result each, several at a time, and a summary. What is done is written at once, so a batch that was
//! interrupted has lost nothing and goes on with what is left.
//!
//! The folder of a batch holds one file an input, named after it; `batch.jsonl`, a line an input as it ends, by which a batch
//! goes on; and `summary.csv`.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::UNIX_EPOCH;

use microau_core::report::InputReport;
use microau_core::score::{AuInterval, ExpressionKind};
use microau_eval::table::Table;
use microau_model::DeviceChoice;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::DetectError;
use super::faces::tracker;
use super::model_scorer::ModelScorer;
use super::output::{Format, FrameFormat, Output, Place};
use super::pipeline::{Detector, FrameWatch, Watch};
use super::request::Request;
use super::settings::DetectSettings;
use crate::files;

/// Name of the list of what is done.
const DONE: &str = "batch.jsonl";
/// Name of the table of all inputs.
pub const SUMMARY: &str = "summary.csv";

/// How a batch is run.
#[derive(Clone, Debug)]
pub struct BatchSettings {
    /// `nano`, or the path of a checkpoint.
    pub model: String,
    /// What the model runs on.
    pub device: DeviceChoice,
    /// How each input is detected.
    pub detect: DetectSettings,
    /// How results are written.
    pub format: Format,
    /// How frames are written, in a file beside each result; `None` for no frames.
    pub frames: Option<FrameFormat>,
    /// Inputs at a time; 0 for one a core.
    pub jobs: usize,
    /// Whether inputs that are done already are passed over.
    pub resume: bool,
}

/// What came of one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// The input as the user wrote it.
    pub input: String,
    /// Name of its result in the folder; `None` when there is none.
    pub file: Option<String>,
    /// What the result depends on.
    key: String,
    /// Faces that moved.
    pub faces: usize,
    /// Micro-expressions that were spotted.
    pub micro: usize,
    /// Longer expressions that were spotted.
    pub longer: usize,
    /// All movements.
    pub movements: usize,
    /// What could not be done, each with its hint.
    pub errors: Vec<(String, Option<String>)>,
}

/// Detects all inputs into a folder; `ended` hears of each as it ends, and whether it was done before. Results are in the
/// order of the requests.
///
/// # Errors
/// When the model cannot be read or the folder cannot be written. An input that cannot be read is no error of the batch.
pub fn run(
    requests: &[Request],
    folder: &Path,
    settings: &BatchSettings,
    ended: &(dyn Fn(&Ended, bool) + Sync),
) -> Result<Vec<Ended>, DetectError> {
    files::make_folder(folder)?;
    ModelScorer::open(&settings.model, settings.device)?;
    let before = if settings.resume { done_before(folder) } else { HashMap::new() };
    let list = List::open(folder, settings.resume)?;
    let names = names(requests);
    let results: Vec<Mutex<Option<Result<Ended, DetectError>>>> = requests.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut worker: Option<Worker<'_>> = None;
        while let Some((place, request)) = {
            let place = next.fetch_add(1, Ordering::Relaxed);
            requests.get(place).map(|request| (place, request))
        } {
            let key = key(request, settings);
            let known = before.get(&key).filter(|it| it.file.as_ref().is_some_and(|file| folder.join(file).exists()));
            let result = match known {
                Some(done) => Ok((done.clone(), true)),
                None => Worker::ready(&mut worker, settings)
                    .and_then(|worker| worker.detect(request, folder, &names[place], key))
                    .and_then(|it| list.add(&it).map(|()| (it, false))),
            };
            if let Ok((it, was_done)) = &result {
                ended(it, *was_done);
            }
            *results[place].lock().expect("no holder panics") = Some(result.map(|(it, _)| it));
        }
    };
    let jobs = if settings.jobs == 0 { rayon::current_num_threads() } else { settings.jobs };
    std::thread::scope(|scope| (0..jobs.min(requests.len())).for_each(|_| drop(scope.spawn(work))));
    let all = results.into_iter().filter_map(|slot| slot.into_inner().expect("no holder panics"));
    let all: Vec<Ended> = all.collect::<Result<_, _>>()?;
    files::write(&folder.join(SUMMARY), summary(&all).as_bytes())?;
    Ok(all)
}

/// One thread's networks and model.
struct Worker<'s> {
    finder: microau_vision::face::FaceTracker,
    scorer: ModelScorer,
    settings: &'s BatchSettings,
}

impl<'s> Worker<'s> {
    fn ready<'w>(
        worker: &'w mut Option<Worker<'s>>,
        settings: &'s BatchSettings,
    ) -> Result<&'w mut Worker<'s>, DetectError> {
        if worker.is_none() {
            *worker = Some(Worker {
                finder: tracker()?,
                scorer: ModelScorer::open(&settings.model, settings.device)?,
                settings,
            });
        }
        Ok(worker.as_mut().expect("made just before"))
    }

    fn detect(&mut self, request: &Request, folder: &Path, name: &str, key: String) -> Result<Ended, DetectError> {
        let Worker { finder, scorer, settings } = self;
        let mut detector = Detector::new(finder, scorer, settings.detect);
        let about = detector.report();
        let path = |ending: &str| folder.join(format!("{name}.{ending}"));
        let frames_file = |format| {
            let place = Place::file(&path(&format!("frames.{}", FrameFormat::ending(format))))?;
            Output::of_frames(format, &about, place)
        };
        let mut frames = settings.frames.map(frames_file).transpose()?;
        let mut result = Output::of_intervals(settings.format, &about, Place::file(&path(settings.format.ending()))?)?;
        let wants_frames = frames.is_some() || settings.format.needs_frames();
        let input = request.input.to_string();
        result.begin(&input)?;
        frames.as_mut().map_or(Ok(()), |frames| frames.begin(&input))?;
        let mut see = |_: &super::Input, frame: &microau_core::score::FaceFrame| {
            result.frame(frame)?;
            frames.as_mut().map_or(Ok(()), |frames| frames.frame(frame))
        };
        let see: Option<FrameWatch<'_>> = if wants_frames { Some(&mut see) } else { None };
        let mut watch = Watch { progress: &mut |_| (), look: &mut |_| Ok(()), frame: see };
        let report = detector.detect(request, &mut watch);
        let is_read = report.video.is_some();
        if is_read {
            result.input(&report)?;
            result.end()?;
            frames.map_or(Ok(()), Output::end)?;
        }
        let file = is_read.then(|| format!("{name}.{}", settings.format.ending()));
        Ok(Ended::new(&report, file, key))
    }
}

impl Ended {
    fn new(report: &InputReport, file: Option<String>, key: String) -> Ended {
        let intervals = || report.faces.iter().flat_map(|face| &face.intervals);
        let of = |kind| intervals().filter(|it: &&AuInterval| it.spotted.is_some_and(|it| it.kind == kind)).count();
        Ended {
            input: report.input.clone(),
            file,
            key,
            faces: report.faces.len(),
            micro: of(ExpressionKind::Micro),
            longer: of(ExpressionKind::Macro),
            movements: intervals().count(),
            errors: report.errors.iter().map(|error| (error.message.clone(), error.hint.clone())).collect(),
        }
    }
}

/// What is done, on disk: a line is added when an input has ended and its result is at its place.
struct List {
    file: Mutex<std::fs::File>,
    path: PathBuf,
}

impl List {
    fn open(folder: &Path, goes_on: bool) -> Result<List, DetectError> {
        let path = folder.join(DONE);
        let file = std::fs::OpenOptions::new().create(true).write(true).append(goes_on).truncate(!goes_on).open(&path);
        let file = file.map_err(|source| DetectError::Write { source, path: path.clone() })?;
        Ok(List { file: Mutex::new(file), path })
    }

    fn add(&self, ended: &Ended) -> Result<(), DetectError> {
        // the line break stands first too, so that a line that was cut off spoils none but itself
        let line = format!("\n{}\n", serde_json::to_string(ended).expect("names and numbers are JSON"));
        let mut file = self.file.lock().expect("no holder panics");
        file.write_all(line.as_bytes()).map_err(|source| DetectError::Write { source, path: self.path.clone() })
    }
}

/// What an earlier run has done, by what it depends on. Inputs that failed are tried again.
fn done_before(folder: &Path) -> HashMap<String, Ended> {
    let text = std::fs::read_to_string(folder.join(DONE)).unwrap_or_default();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Ended>(line).ok());
    lines.map(|it| (it.key.clone(), it)).collect()
}

/// What a result depends on: the files by name, size and time, the settings, the program.
fn key(request: &Request, settings: &BatchSettings) -> String {
    let file = |path: &&Path| {
        let known = std::fs::metadata(path).ok();
        let size = known.as_ref().map(std::fs::Metadata::len);
        let time = known.and_then(|it| it.modified().ok()).and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        format!("{} {size:?} {time:?}", path.display())
    };
    let files: Vec<String> = request.input.paths().iter().map(file).collect();
    let BatchSettings { model, detect, format, frames, .. } = settings;
    let what = format!("{files:?} {:?} {model} {detect:?} {format:?} {frames:?}", request.moments);
    let sum = Sha256::digest(format!("{} {what}", env!("CARGO_PKG_VERSION")));
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Names of results: that of the input, with a number where several inputs have the same.
fn names(requests: &[Request]) -> Vec<String> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let name = |request: &Request| {
        let stem = request.input.stem();
        let count = taken.entry(stem.to_lowercase()).or_default();
        *count += 1;
        if *count == 1 { stem } else { format!("{stem}-{count}") }
    };
    requests.iter().map(name).collect()
}

fn summary(all: &[Ended]) -> String {
    let mut table = Table::new(["input", "file", "faces", "micro", "macro", "movements", "errors"]);
    for it in all {
        let errors: Vec<&str> = it.errors.iter().map(|(message, _)| message.as_str()).collect();
        let counts = [it.faces, it.micro, it.longer, it.movements].map(|count| count.to_string());
        let names = [it.input.clone(), it.file.clone().unwrap_or_default()];
        table.push(names.into_iter().chain(counts).chain([errors.join("; ")]));
    }
    table.to_csv()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Input, Moments};

    #[test]
    fn results_of_one_name_are_numbered() {
        let requests = ["a/film.mp4", "b/film.avi", "c/Film.mp4", "other.mp4"]
            .map(|path| Request::new(Input::film(Path::new(path)), Moments::Spot));
        assert_eq!(names(&requests), ["film", "film-2", "Film-3", "other"]);
    }
}
