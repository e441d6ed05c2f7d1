//! A training run judged from the scores that it left behind, and nothing else.
//!
//! ```text
//! RUN/scores.jsonl, or else RUN/[seed-*/]fold-*/scores.jsonl   →   figures   →   RUN/metrics.json, RUN/table.md
//! ```

use std::path::{Path, PathBuf};

use microau_core::au::Au;
use microau_eval::about::About;
use microau_eval::bootstrap::Bootstrap;
use microau_eval::compare::{Comparison, compare};
use microau_eval::emotion::judged::{EmotionRow, judged};
use microau_eval::measure::AuChoice;
use microau_eval::metrics::metrics;
use microau_eval::protocol::{Member, Protocol, composite, cross_dataset};
use microau_eval::run_figures::RunFigures;
use microau_eval::run_scores::{RunScores, Sample};
use microau_eval::scores::{self, LineProblem, ScoresError};
use microau_eval::sheets;
use microau_eval::table::Format;

use super::whole;
use crate::detect::DetectError;
use crate::files;
use crate::train::policies;

/// Name of the file of scores in a run or in one of its folds.
pub const SCORES_NAME: &str = "scores.jsonl";

/// How the folders of folds begin.
const FOLD_PREFIX: &str = "fold-";

/// How the folders of seeds begin, in which the folds stand when there are several.
const SEED_PREFIX: &str = "seed-";

/// How runs are judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JudgeOptions {
    /// Judge by a protocol: its samples, its action units, and folds that must be its own.
    pub protocol: Option<Protocol>,
    /// Judge these action units instead; those of the protocol, or all that were scored, when `None`.
    pub aus: Option<Vec<Au>>,
    /// Draw intervals.
    pub bootstrap: Option<Bootstrap>,
}

impl JudgeOptions {
    fn aus(&self) -> AuChoice {
        let of_protocol = || self.protocol.map_or(AuChoice::All, AuChoice::of);
        self.aus.clone().map_or_else(of_protocol, AuChoice::Given)
    }
}

/// The scores of a run folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Name of the folder.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// What was scored.
    pub scores: RunScores,
    /// Samples that the protocol has no place for, of those in the files.
    pub left_out: usize,
    /// What is known of the run beside its scores.
    pub about: About,
}

/// Why a run cannot be judged. `Display` is one line; [`RunError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// No scores in the folder.
    #[error("expected {SCORES_NAME} or {FOLD_PREFIX}*/{SCORES_NAME} in the run, found none: {}", folder.display())]
    NoScores {
        /// The folder.
        folder: PathBuf,
    },
    /// A run that has not come to its end.
    #[error("expected a finished run, got one without {missing} of {of} folds: {named}: {}", folder.display())]
    Unfinished {
        /// How many folds lack scores.
        missing: usize,
        /// How many there should be, those of each seed counted.
        of: usize,
        /// The first of those missing.
        named: String,
        /// The run.
        folder: PathBuf,
    },
    /// A run that is named twice.
    #[error("expected different runs, got one twice: {}", folder.display())]
    SameRun {
        /// The run.
        folder: PathBuf,
    },
    /// A file or folder that cannot be read.
    #[error("could not read ({source}): {}", path.display())]
    Read {
        /// What the system says.
        source: std::io::Error,
        /// The file or folder.
        path: PathBuf,
    },
    /// A line that cannot be taken for scores.
    #[error("{problem}: {}:{line}", path.display())]
    Line {
        /// What is wrong with it.
        problem: LineProblem,
        /// The file.
        path: PathBuf,
        /// Number of the line, from 1.
        line: usize,
    },
    /// Lines that make no run, or that the protocol does not fit.
    #[error("{source}: {}", folder.display())]
    Scores {
        /// What is wrong.
        source: Box<ScoresError>,
        /// The run.
        folder: PathBuf,
    },
    /// Two runs that cannot be compared.
    #[error("{source}: {}, {}", folders[0].display(), folders[1].display())]
    Compare {
        /// What is wrong.
        source: Box<ScoresError>,
        /// The runs.
        folders: [PathBuf; 2],
    },
    /// Nothing in the run has an annotated emotion.
    #[error("expected samples with an annotated emotion or objective class, got none: {}", folder.display())]
    NoEmotions {
        /// The run.
        folder: PathBuf,
    },
    /// A result cannot be written.
    #[error(transparent)]
    Write(#[from] DetectError),
}

impl RunError {
    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoScores { .. } => "name the folder that training wrote, the one that holds its folds",
            Self::Line { problem: LineProblem::CutOff, .. } => {
                "the line may be half-written by a run that was killed: the same `microau train` goes on with it"
            }
            Self::Line { .. } => "each line is one object of the keys that docs/evaluation.md lists",
            Self::Unfinished { .. } => "the same `microau train` goes on with it",
            Self::Scores { source, .. } => match **source {
                ScoresError::NoSuchAu { .. } => "choose units with --aus",
                ScoresError::Unscored { .. } => "a fold may not be done: resume the training",
                ScoresError::Protocol(_) => "name the protocol by which the run was trained",
                _ => return None,
            },
            Self::Compare { .. } => "compare runs over the same index and protocol",
            Self::Write(error) => return error.hint(),
            Self::NoEmotions { .. } => "the index needs the columns emotion or objective_class when the run is trained",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl Run {
    /// Reads the scores of a run folder, under a protocol only those of samples that it has a place for.
    ///
    /// # Errors
    /// [`RunError`] when there are none or not all that the run's folds and seeds should have, a line is broken, a sample was scored twice or a subject tested in two folds, or the
    /// folds are not those of the protocol.
    pub fn read(folder: &Path, protocol: Option<Protocol>) -> Result<Run, RunError> {
        let mut lines = Vec::new();
        for path in score_files(folder)? {
            let text =
                std::fs::read_to_string(&path).map_err(|source| RunError::Read { source, path: path.clone() })?;
            let broken = |bad: scores::BadLine| RunError::Line { problem: bad.problem, line: bad.line, path };
            lines.extend(scores::from_jsonl(&text).map_err(broken)?);
        }
        let settings = whole::settings(folder);
        whole::check(folder, settings.as_ref(), &lines)?;
        let of_run = |source| RunError::Scores { source: Box::new(source), folder: folder.to_owned() };
        let all = RunScores::new(lines).map_err(of_run)?;
        let scores = all.only(|dataset, sample| has_place(protocol, dataset, sample)).map_err(of_run)?;
        scores.check(protocol).map_err(of_run)?;
        let left_out = all.samples().len() - scores.samples().len();
        let about = About {
            judged_by: protocol,
            shortfall: protocol.and_then(|protocol| protocol.shortfall(scores.subjects_by_dataset())),
            trained_by: settings.and_then(|it| it.data).map(|data| String::from(data.protocol)),
            au_policies: policies::read(folder),
        };
        Ok(Run { name: name_of(folder), folder: folder.to_owned(), scores, left_out, about })
    }

    /// Computes every figure of the run.
    ///
    /// # Errors
    /// [`RunError::Scores`] when units are asked for that were not scored.
    pub fn judge(&self, options: &JudgeOptions) -> Result<RunFigures, RunError> {
        let of_run = |source| RunError::Scores { source: Box::new(source), folder: self.folder.clone() };
        let figures = RunFigures::new(&self.scores, &options.aus(), options.bootstrap).map_err(of_run)?;
        Ok(figures.with(self.about.clone()))
    }

    /// Writes `metrics.json` and `table.md` into the run.
    ///
    /// # Errors
    /// [`RunError::Write`].
    pub fn write(&self, figures: &RunFigures) -> Result<(), RunError> {
        let json = serde_json::to_string_pretty(&metrics(figures)).expect("figures can be written") + "\n";
        files::write(&self.folder.join("metrics.json"), json.as_bytes())?;
        let table = sheets::render(&sheets::of_runs(&[(&self.name, figures)], None), Format::Markdown);
        Ok(files::write(&self.folder.join("table.md"), table.as_bytes())?)
    }

    /// Emotions read from the scores, against the annotated ones.
    ///
    /// # Errors
    /// [`RunError::NoEmotions`].
    pub fn emotions(&self, bootstrap: Option<Bootstrap>) -> Result<Vec<EmotionRow>, RunError> {
        let rows = judged(&self.scores, bootstrap);
        if rows.is_empty() { Err(RunError::NoEmotions { folder: self.folder.clone() }) } else { Ok(rows) }
    }

    /// Compares this run with another on the same samples, by a paired bootstrap.
    ///
    /// # Errors
    /// [`RunError::Compare`] when the samples, their labels or the units differ.
    pub fn compare(&self, other: &Run, options: &JudgeOptions) -> Result<Comparison, RunError> {
        let folders = || [self.folder.clone(), other.folder.clone()];
        compare(&self.scores, &other.scores, &options.aus(), options.bootstrap)
            .map_err(|source| RunError::Compare { source: Box::new(source), folders: folders() })
    }
}

/// The files of scores in a run: that of the run, or else those of its folds by name, below its seeds too.
fn score_files(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let whole = folder.join(SCORES_NAME);
    if whole.is_file() {
        return Ok(vec![whole]);
    }
    let mut folds = folders(folder, FOLD_PREFIX)?;
    for seed in folders(folder, SEED_PREFIX)? {
        folds.extend(folders(&seed, FOLD_PREFIX)?);
    }
    let files: Vec<PathBuf> = folds.iter().map(|fold| fold.join(SCORES_NAME)).filter(|file| file.is_file()).collect();
    if files.is_empty() { Err(RunError::NoScores { folder: folder.to_owned() }) } else { Ok(files) }
}

/// What stands in a folder under names with this beginning, by name.
fn folders(parent: &Path, prefix: &str) -> Result<Vec<PathBuf>, RunError> {
    let unreadable = |source| RunError::Read { source, path: parent.to_owned() };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(parent).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn has_place(protocol: Option<Protocol>, dataset: &str, sample: &Sample) -> bool {
    let member = || Member {
        sample: sample.name.clone(),
        subject: sample.subject.clone(),
        dataset: dataset.to_owned(),
        emotion: sample.emotion.clone(),
    };
    match protocol {
        Some(Protocol::Cd6me) => cross_dataset::DATASETS.contains(&dataset),
        Some(Protocol::Composite) => composite::class_of(&member()).is_ok(),
        Some(Protocol::Loso | Protocol::Holdout) | None => true,
    }
}

/// The last part of a path, also of `.` and `..`.
fn name_of(folder: &Path) -> String {
    let whole = folder.canonicalize().unwrap_or(folder.to_owned());
    whole.file_name().map_or(folder.display().to_string(), |name| name.to_string_lossy().into_owned())
}
