//! From rows of a table to clips of the index, frames checked on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use microau_core::time::FrameRate;

use super::ReadSettings;
use super::corrections::{self, frame};
use super::find::FrameRoot;
use super::recipe::{RawRow, Source};
use crate::annotation::{Annotation, AuCodes};
use crate::frames::{ENDINGS, FrameFiles};
use crate::index::{FrameNumbers, IndexedClip, in_order, objective_class};
use crate::problems::{Place, Problems, Severity};

/// A movement longer than this is told, s: micro-expressions last half a second.
const LONG_S: u64 = 2;

/// The clips of the rows, in their order. A row that cannot be used is told and left out.
pub(super) fn assemble(
    source: &Source,
    rows: &[RawRow],
    root: Option<&FrameRoot>,
    settings: &ReadSettings,
    problems: &mut Problems,
) -> Vec<IndexedClip> {
    let mut bench =
        Bench { source, root, settings, problems, listed: BTreeMap::new(), has_apex: false, names: BTreeSet::new() };
    let clips = rows.iter().filter_map(|row| bench.clip(row)).collect();
    bench.note_rest();
    clips
}

/// What a row is read with.
struct Bench<'a> {
    source: &'a Source,
    root: Option<&'a FrameRoot>,
    settings: &'a ReadSettings,
    problems: &'a mut Problems,
    /// Folders listed so far; several movements may lie in one.
    listed: BTreeMap<PathBuf, FrameFiles>,
    /// Whether a row so far bears an apex.
    has_apex: bool,
    /// Samples named so far.
    names: BTreeSet<(String, String)>,
}

/// Where a row's frames are.
struct Folder {
    path: PathBuf,
    files: Option<FrameFiles>,
}

impl Bench<'_> {
    fn clip(&mut self, row: &RawRow) -> Option<IndexedClip> {
        let recipe = self.source.recipe;
        let before = self.problems.count(Severity::Error);
        let folder = self.folder(row);
        let files = folder.as_ref().and_then(|folder| folder.files.as_ref());
        let row = &corrections::corrected(
            row,
            recipe,
            files,
            self.settings.corrections,
            &self.settings.policy,
            self.problems,
        );
        if row.subject.is_empty() {
            self.refuse(row, "subject", &row.subject, "a name");
        }
        if row.clip.is_empty() {
            self.refuse(row, "clip", &row.clip, "a name");
        }
        let frames = self.frames(row);
        if let (Some((onset, apex, offset)), Some(files)) = (frames, files) {
            self.check_files(row, onset, apex, offset, files);
        }
        let (aus, class, rate) = (self.aus(row), self.objective_class(row), self.rate(row));
        let subject = format!("{}-{}", recipe.layout, (recipe.subject)(&row.subject));
        let clip = self.unique(row, &subject);
        if self.problems.count(Severity::Error) > before {
            return None;
        }
        let (onset, apex, offset) = frames?;
        self.has_apex |= apex.is_some();
        if let Some(rate) = rate {
            self.check_length(row, onset, offset, rate);
        }
        Some(IndexedClip {
            clip,
            subject,
            dataset: recipe.layout.to_string(),
            onset,
            apex,
            offset,
            numbers: FrameNumbers::Names,
            rate,
            aus: aus?,
            au_policy: row.aus.as_ref().map(|_| self.settings.policy.to_string()),
            emotion: emotion(&row.emotion),
            objective_class: class,
            frames: folder.map(|folder| folder.path).unwrap_or_default(),
        })
    }

    fn refuse(&mut self, row: &RawRow, field: &str, value: &str, expected: &str) {
        self.problems.add(Severity::Error, &row.place, field, value, format!("expected {expected}"));
    }

    fn warn(&mut self, row: &RawRow, field: &str, value: impl Into<String>, message: impl Into<String>) {
        self.problems.add(Severity::Warning, &row.place, field, value, message);
    }

    /// The folder of the frames with what lies in it, listed once.
    fn folder(&mut self, row: &RawRow) -> Option<Folder> {
        let root = self.root?;
        let Some(path) = root.frames_of(self.source.recipe, row) else {
            let tried = (self.source.recipe.tails)(row).join(" or ");
            let expected = format!("a folder of frames below {}", root.path.display());
            if !self.source.recipe.is_annotation_only {
                self.refuse(row, "frames", &tried, &expected);
            }
            return None;
        };
        if !self.listed.contains_key(&path) {
            match FrameFiles::read(&path) {
                Ok(files) => {
                    self.check_folder(row, &path, &files);
                    self.listed.insert(path.clone(), files);
                }
                Err(error) => {
                    self.refuse(row, "frames", &path.display().to_string(), &format!("a readable folder: {error}"))
                }
            }
        }
        let files = self.listed.get(&path).cloned();
        Some(Folder { path, files })
    }

    fn check_folder(&mut self, row: &RawRow, path: &Path, files: &FrameFiles) {
        let shown = path.display().to_string();
        if files.numbers.is_empty() {
            let got = format!("{shown}: {} other files", files.others);
            self.refuse(row, "frames", &got, &format!("images with numbers in their names ({})", ENDINGS.join(", ")));
        }
        if files.endings.len() > 1 {
            let counts: Vec<String> = files.endings.iter().map(|(ending, n)| format!("{n} {ending}")).collect();
            self.warn(
                row,
                "frames",
                shown.clone(),
                format!("expected images of one kind, found {}", counts.join(", ")),
            );
        }
        if !files.unnumbered.is_empty() {
            let names = files.unnumbered.join(", ");
            self.warn(row, "frames", shown.clone(), format!("images without a number in their names: {names}"));
        }
        if !files.repeated.is_empty() {
            let numbers: Vec<String> = files.repeated.iter().map(u64::to_string).collect();
            self.warn(row, "frames", shown, format!("two images bear each of these numbers: {}", numbers.join(", ")));
        }
    }

    /// Onset, apex and offset in order; what stands otherwise is told.
    fn frames(&mut self, row: &RawRow) -> Option<(u64, Option<u64>, Option<u64>)> {
        let [onset, apex, offset] = [("onset", &row.onset), ("apex", &row.apex), ("offset", &row.offset)]
            .map(|(field, cell)| frame(cell).map_err(|()| self.refuse(row, field, cell, "a frame number")).ok());
        let (onset, apex, offset) = (onset?, apex?, offset?);
        let Some(onset) = onset else {
            self.refuse(row, "onset", &row.onset, "a frame number");
            return None;
        };
        if apex.is_none() && self.source.recipe.has_apex {
            self.warn(row, "apex", row.apex.clone(), "expected a frame number; the apex is searched when it is needed");
        }
        if !in_order(onset, apex, offset) {
            let got = format!("{onset}, {}, {}", row.apex, row.offset);
            self.refuse(row, "onset, apex, offset", &got, "onset <= apex <= offset, and onset < offset");
            return None;
        }
        if apex == Some(onset) {
            let message = "expected an apex after the onset; it is searched when it is needed";
            self.warn(row, "apex", row.apex.clone(), message);
        }
        Some((onset, apex, offset))
    }

    /// Onset and apex must be there as files; what else is missing between is told.
    fn check_files(&mut self, row: &RawRow, onset: u64, apex: Option<u64>, offset: Option<u64>, files: &FrameFiles) {
        if files.numbers.is_empty() {
            return;
        }
        let (first, last) = (files.numbers[0], files.numbers[files.numbers.len() - 1]);
        let there = |frame: u64| match (first..=last).contains(&frame) {
            true => format!("it is missing among {first} to {last}"),
            false => format!("there are {first} to {last}"),
        };
        for (field, frame) in [("onset", Some(onset)), ("apex", apex)] {
            if let Some(frame) = frame.filter(|&frame| !files.contains(frame)) {
                self.refuse(row, field, &frame.to_string(), &format!("a frame file of that number; {}", there(frame)));
            }
        }
        if let Some(missing) = files.missing(onset, offset.or(apex).unwrap_or(onset)) {
            self.warn(row, "frames", missing, "expected every frame from onset to offset; these are not there");
        }
    }

    fn check_length(&mut self, row: &RawRow, onset: u64, offset: Option<u64>, rate: FrameRate) {
        let frames = offset.map_or(0, |offset| offset - onset);
        if frames.saturating_mul(rate.den().into()) > LONG_S.saturating_mul(rate.num().into()) {
            let message = format!("longer than {LONG_S} s at {rate} frames a second: is it a micro-expression?");
            self.warn(row, "offset", format!("{frames} frames"), message);
        }
    }

    fn aus(&mut self, row: &RawRow) -> Option<AuCodes> {
        let Some(cell) = &row.aus else { return Some(AuCodes::unannotated()) };
        let annotation = match cell.parse::<Annotation>() {
            Ok(annotation) => annotation,
            Err(error) => {
                self.problems.add(Severity::Error, &row.place, "action units", cell.clone(), error.to_string());
                return None;
            }
        };
        for words in &annotation.notes {
            self.problems.add(Severity::Note, &row.place, "action units", words.clone(), "words, passed over");
        }
        let codes = annotation.codes(&self.settings.policy);
        if codes == AuCodes::default() {
            self.warn(row, "action units", cell.clone(), "no unit counts: taken as a clip without action units");
        }
        Some(codes)
    }

    fn objective_class(&mut self, row: &RawRow) -> Option<microau_core::emotion::ObjectiveClass> {
        let text = row.objective_class.trim();
        let class = objective_class(text);
        if class.is_none() && !text.is_empty() {
            self.warn(row, "objective class", text, "expected a class from I to VII; left empty");
        }
        class
    }

    fn rate(&mut self, row: &RawRow) -> Option<FrameRate> {
        if row.rate.is_empty() {
            return FrameRate::new(self.source.recipe.rate_fps, 1).ok();
        }
        let rate = row.rate.parse().ok();
        if rate.is_none() {
            self.refuse(row, "fps", &row.rate, "a frame rate such as 200");
        }
        rate
    }

    /// The name of a clip, made the only one of its subject where the dataset repeats names.
    fn unique(&mut self, row: &RawRow, subject: &str) -> String {
        let mut name = row.clip.clone();
        for count in 2.. {
            if self.names.insert((subject.to_owned(), name.clone())) {
                break;
            }
            if !self.source.recipe.repeats_names {
                self.refuse(row, "clip", &row.clip, "each clip of a subject once");
                break;
            }
            name = format!("{}{count}", row.clip);
        }
        name
    }

    /// What is to be told of the dataset as a whole.
    fn note_rest(&mut self) {
        let recipe = self.source.recipe;
        let whole = Place::whole(&self.source.workbook.path);
        if !recipe.has_apex && !self.has_apex {
            let message = "the dataset has no apex frames: they are searched when they are needed";
            self.problems.add(Severity::Note, &whole, "apex", "", message);
        }
        let subjects: BTreeSet<&str> = self.names.iter().map(|(subject, _)| subject.as_str()).collect();
        let hidden = recipe.not_to_be_shown.iter().map(|subject| format!("{}-{subject}", recipe.layout));
        let hidden: Vec<String> = hidden.filter(|subject| subjects.contains(subject.as_str())).collect();
        if !hidden.is_empty() {
            let message = "the licence forbids to publish pictures of these subjects";
            self.problems.add(Severity::Note, &whole, "subject", hidden.join(", "), message);
        }
        let Some(root) = self.root.filter(|_| recipe.clip_depth > 0) else { return };
        let used: Vec<PathBuf> = self.listed.keys().cloned().collect();
        for folder in root.without_row(recipe, &used) {
            let shown = folder.strip_prefix(&root.path).unwrap_or(&folder).display().to_string();
            self.problems.add(Severity::Note, &whole, "folder", shown, "a folder of frames that no row is about");
        }
    }
}

/// An emotion in small letters, under the one name that all datasets share.
fn emotion(cell: &str) -> Option<String> {
    let name = cell.trim().to_lowercase();
    let shared = match name.as_str() {
        "" => return None,
        "happy" => "happiness",
        "sad" => "sadness",
        "other" => "others",
        other => other,
    };
    Some(shared.to_owned())
}
