//! The index: one CSV row a labelled clip, the same for every dataset.
//!
//! `clip,subject,dataset,onset,apex,offset,fps,aus,emotion,objective_class,frames,au_policy`. `clip` is named as in the dataset's
//! own table; `subject` begins with the dataset (`casme2-01`); `onset`, `apex` and `offset` are the numbers in the names
//! of the frame files, and positions from 0 where `frames` is a film; `apex` and `offset` may be empty; `aus` is FACS
//! notation such as `1+L2+R12+?14`, and `?` for a clip that nobody annotated; `objective_class` is I to VII; `frames` is
//! relative to the index when it lies below it; `au_policy` says how marks in the dataset's cells were read into `aus`.
//!
//! Anyone's own data may come shorter: `clip,subject,onset,apex,offset,aus,emotion`, as `microau synth clips` writes it.
//! There `clip` is the film or the folder of frames, relative to the table, and frames are positions from 0.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use microau_core::emotion::ObjectiveClass;
use microau_core::sample::{AuLabels, Event};
use microau_core::time::{FrameIndex, FrameRate};

use crate::annotation::AuCodes;
use crate::files::write_whole;
use crate::problems::{Place, Problems, Severity};

/// Columns of an index, in the order in which they are written.
#[rustfmt::skip]
pub const COLUMNS: [&str; 12] = [
    "clip", "subject", "dataset", "onset", "apex", "offset", "fps", "aus", "emotion", "objective_class", "frames", "au_policy",
];

/// Columns without which a table is none.
const NEEDED: [&str; 6] = ["clip", "subject", "onset", "apex", "offset", "aus"];

/// Dataset of clips in a table that does not name one.
const OWN: &str = "generic";

/// What the frame numbers of a clip count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FrameNumbers {
    /// Positions from 0 in the order of showing.
    Positions,
    /// The numbers in the names of the frame files; positions where the frames are a film.
    Names,
}

/// One labelled clip.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexedClip {
    /// Name as it stands in the dataset's table; with the subject it names the sample.
    pub clip: String,
    /// Whose face it shows, beginning with the dataset, e.g. `samm-006`; the unit by which folds are made.
    pub subject: String,
    /// Name of the dataset, e.g. `casme2`.
    pub dataset: String,
    /// Number of the onset frame.
    pub onset: u64,
    /// Number of the apex frame, where it was annotated.
    pub apex: Option<u64>,
    /// Number of the offset frame, where it was annotated.
    pub offset: Option<u64>,
    /// What these numbers count.
    pub numbers: FrameNumbers,
    /// Frames a second, where known.
    pub rate: Option<FrameRate>,
    /// The action units that count, under the policy by which the index was made.
    pub aus: AuCodes,
    /// That policy in one line ([`AuPolicy`](crate::AuPolicy)); `None` where nobody wrote it down.
    pub au_policy: Option<String>,
    /// The emotion as annotated, in small letters; never used to train.
    pub emotion: Option<String>,
    /// The objective class as annotated; never used to train.
    pub objective_class: Option<ObjectiveClass>,
    /// The film or the folder of frames; empty where only annotations are at hand.
    pub frames: PathBuf,
}

impl IndexedClip {
    /// The name of the sample, `subject/clip`: unique in an index.
    pub fn sample_id(&self) -> String {
        format!("{}/{}", self.subject, self.clip)
    }

    /// The labels a model learns from.
    pub fn labels(&self) -> AuLabels {
        self.aus.labels()
    }

    /// The movement with its numbers as they are annotated; `None` when there is no apex after the onset.
    pub fn event(&self) -> Option<Event> {
        Event::new(FrameIndex(self.onset), FrameIndex(self.apex?), self.offset.map(FrameIndex)).ok()
    }
}

/// The clips of one or more datasets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// The clips, in the order of their tables.
    pub clips: Vec<IndexedClip>,
}

impl Index {
    /// Reads a table in either form.
    ///
    /// # Errors
    /// [`Problems`] lists every unreadable row, missing column and clip named twice, or that the file cannot be read.
    pub fn read(path: &Path) -> Result<Index, Problems> {
        let one = |field: &str, got: String, expected: &str| Problems::one(path, field, got, expected);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(|error| one("file", error.to_string(), "expected a readable CSV file"))?;
        let header = reader.headers().map_err(|error| one("header", error.to_string(), "expected a header row"))?;
        let header: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        if let Some(missing) = NEEDED.iter().find(|name| !header.iter().any(|column| column == *name)) {
            return Err(one(missing, header.join(","), "expected a column of that name"));
        }
        let (mut index, mut problems, mut seen) = (Index::default(), Problems::default(), BTreeSet::new());
        for (number, record) in (2..).zip(reader.records()) {
            let place = Place { row: Some(number), ..Place::whole(path) };
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let (got, expected) = unreadable(&error);
                    problems.add(Severity::Error, &place, "row", got, expected);
                    continue;
                }
            };
            let mut row = Row { header: &header, record: &record, place, problems: &mut problems, is_good: true };
            let Some(clip) = row.clip(path.parent().unwrap_or(Path::new(""))) else { continue };
            if seen.insert(clip.sample_id()) {
                index.clips.push(clip);
            } else {
                row.refuse("clip", "each clip of a subject once");
            }
        }
        if index.clips.is_empty() && !problems.has_errors() {
            return Err(one("rows", "0 rows".to_owned(), "expected at least one clip below the header"));
        }
        if problems.has_errors() { Err(problems) } else { Ok(index) }
    }

    /// Writes the index; the file is whole or not there.
    ///
    /// Writing positions of a folder's frames would change what they mean: [`datasets::read`](crate::datasets::read) turns
    /// them into numbers of names.
    ///
    /// # Errors
    /// What the system said, or `InvalidInput` for a clip whose numbers count positions.
    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        let folder = std::path::absolute(path)?.parent().map(Path::to_owned).unwrap_or_default();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(COLUMNS)?;
        for clip in &self.clips {
            if clip.numbers == FrameNumbers::Positions && !clip.frames.is_file() {
                let why = format!("expected numbers of frame names, got positions: {}", clip.sample_id());
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, why));
            }
            writer.write_record(fields(clip, &folder)?)?;
        }
        let bytes = writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
        write_whole(path, &bytes)
    }

    /// The subjects, sorted.
    pub fn subjects(&self) -> BTreeSet<&str> {
        self.clips.iter().map(|clip| clip.subject.as_str()).collect()
    }
}

/// What stands in a row that is none, and what was expected.
fn unreadable(error: &csv::Error) -> (String, String) {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            (format!("{len} fields"), format!("expected {expected_len}, as many as the header has"))
        }
        csv::ErrorKind::Utf8 { err, .. } => {
            (format!("field {} with other bytes", err.field() + 1), "expected text in UTF-8".to_owned())
        }
        _ => ("unreadable".to_owned(), format!("expected a row of CSV ({error})")),
    }
}

/// The fields of a clip in the order of [`COLUMNS`].
fn fields(clip: &IndexedClip, folder: &Path) -> std::io::Result<[String; 12]> {
    fn text<T: ToString>(value: &Option<T>) -> String {
        value.as_ref().map(T::to_string).unwrap_or_default()
    }
    let frames = if clip.frames.as_os_str().is_empty() { PathBuf::new() } else { std::path::absolute(&clip.frames)? };
    let frames = frames.strip_prefix(folder).unwrap_or(&frames);
    let frames = frames.to_str().ok_or_else(|| {
        let why = format!("expected a path in UTF-8, got {}", frames.display());
        std::io::Error::new(std::io::ErrorKind::InvalidInput, why)
    })?;
    Ok([
        clip.clip.clone(),
        clip.subject.clone(),
        clip.dataset.clone(),
        clip.onset.to_string(),
        text(&clip.apex),
        text(&clip.offset),
        text(&clip.rate),
        clip.aus.to_string(),
        text(&clip.emotion),
        clip.objective_class.map(|class| class.roman().to_owned()).unwrap_or_default(),
        frames.to_owned(),
        text(&clip.au_policy),
    ])
}

/// The objective class of a cell: `IV`, `4`, `Class IV`.
pub(crate) fn objective_class(text: &str) -> Option<ObjectiveClass> {
    let name = text.trim().to_uppercase();
    let name = name.strip_prefix("CLASS").unwrap_or(&name).trim();
    let is_named = |(number, class): &(usize, ObjectiveClass)| class.roman() == name || number.to_string() == name;
    (1..).zip(ObjectiveClass::ALL).find(is_named).map(|(_, class)| class)
}

/// One row under its header.
struct Row<'a> {
    header: &'a [String],
    record: &'a csv::StringRecord,
    place: Place,
    problems: &'a mut Problems,
    is_good: bool,
}

impl<'a> Row<'a> {
    fn field(&self, name: &str) -> Option<&'a str> {
        let text = self.record.get(self.header.iter().position(|column| column == name)?)?;
        Some(text).filter(|text| !text.is_empty())
    }

    fn refuse(&mut self, field: &str, expected: &str) {
        let value = self.field(field).unwrap_or_default();
        self.problems.add(Severity::Error, &self.place, field, value, format!("expected {expected}"));
        self.is_good = false;
    }

    /// The value of a field that may be empty; one that cannot be read is told.
    fn read<T>(&mut self, field: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.field(field)?;
        let value = parse(text);
        if value.is_none() {
            self.refuse(field, expected);
        }
        value
    }

    fn needed<T: Default>(&mut self, field: &str, expected: &str, value: Option<T>) -> T {
        if value.is_none() && self.field(field).is_none() {
            self.refuse(field, expected);
        }
        value.unwrap_or_default()
    }

    /// The clip of this row, or `None` with everything wrong with it told.
    fn clip(&mut self, folder: &Path) -> Option<IndexedClip> {
        const FRAME: &str = "a frame number from 0";
        let name = |text: &str| Some(text.to_owned());
        let clip = self.read("clip", "", name);
        let clip: String = self.needed("clip", "a name", clip);
        let subject = self.read("subject", "", name);
        let subject: String = self.needed("subject", "a name", subject);
        let frame = |text: &str| text.parse().ok();
        let onset = self.read("onset", FRAME, frame);
        let onset: u64 = self.needed("onset", FRAME, onset);
        let (apex, offset) = (self.read("apex", FRAME, frame), self.read("offset", FRAME, frame));
        let aus = self.read("aus", "action units such as 1+L2+R12", |text| text.parse::<AuCodes>().ok());
        let rate = self.read("fps", "a frame rate such as 200 or 29.97", |text| text.parse().ok());
        let class = self.read("objective_class", "an objective class from I to VII", objective_class);
        if self.is_good && !in_order(onset, apex, offset) {
            self.refuse("apex", "onset <= apex <= offset, and onset < offset");
        }
        let has_frames = self.header.iter().any(|column| column == "frames");
        let frames = self.field(if has_frames { "frames" } else { "clip" });
        self.is_good.then(|| IndexedClip {
            frames: frames.map(|frames| folder.join(frames)).unwrap_or_default(),
            numbers: if has_frames { FrameNumbers::Names } else { FrameNumbers::Positions },
            dataset: self.field("dataset").unwrap_or(OWN).to_owned(),
            emotion: self.field("emotion").map(str::to_owned),
            objective_class: class,
            aus: aus.unwrap_or_default(),
            au_policy: self.field("au_policy").map(str::to_owned),
            rate,
            subject,
            onset,
            apex,
            offset,
            clip,
        })
    }
}

/// Whether the frames of an event can be: some annotated apexes are the onset or the offset itself.
pub(crate) fn in_order(onset: u64, apex: Option<u64>, offset: Option<u64>) -> bool {
    let last = offset.or(apex).unwrap_or(u64::MAX);
    (offset.is_none() || onset < last) && apex.is_none_or(|apex| (onset..=last).contains(&apex))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Index, Problems> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.csv");
        std::fs::write(&path, text).unwrap();
        Index::read(&path)
    }

    #[test]
    fn a_short_table_of_ones_own_is_read_with_sides_and_empty_cells() {
        let index = read("clip,subject,onset,apex,offset,aus,emotion\na,s1,0,5,9,1+L2,\nb,s2,3,4,,,joy\n").unwrap();
        assert_eq!(index.clips.len(), 2);
        assert_eq!(index.clips[0].labels().to_string(), "1+L2");
        assert_eq!(index.clips[0].numbers, FrameNumbers::Positions);
        assert!(index.clips[0].frames.ends_with("a"));
        assert_eq!(index.clips[1].event().unwrap().offset, None);
        assert_eq!(index.clips[1].emotion.as_deref(), Some("joy"));
        assert_eq!((index.subjects().len(), index.clips[1].dataset.as_str()), (2, "generic"));
    }

    #[test]
    fn an_index_reads_back_as_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out/index.csv");
        let clip = |clip: &str, aus: &str, frames: PathBuf| IndexedClip {
            clip: clip.to_owned(),
            subject: "casme2-01".to_owned(),
            dataset: "casme2".to_owned(),
            onset: 46,
            apex: (clip == "a").then_some(59),
            offset: Some(86),
            numbers: FrameNumbers::Names,
            rate: Some(FrameRate::new(30_000, 1_001).unwrap()),
            aus: aus.parse().unwrap(),
            au_policy: (clip == "b").then(|| "reference=open".to_owned()),
            emotion: (clip == "a").then(|| "happiness, \"shown\"".to_owned()),
            objective_class: (clip == "b").then_some(ObjectiveClass::IV),
            frames,
        };
        let below = folder.path().join("out/sub01/a");
        let index = Index {
            clips: vec![clip("a", "1+L2+38+?14", below), clip("b", "?", "/data/b".into()), clip("c", "", "".into())],
        };
        index.write(&path).unwrap();
        assert_eq!(Index::read(&path).unwrap(), index);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains(",sub01/a,\n")
                && text.contains(",IV,/data/b,reference=open\n")
                && text.contains("30000/1001"),
            "{text}"
        );
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn positions_of_a_folder_are_not_written_as_numbers_of_names() {
        let index = read("clip,subject,onset,apex,offset,aus\na,s1,0,5,9,1\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        assert!(index.write(&folder.path().join("index.csv")).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn all_problems_are_shown_at_once() {
        let problems = read(
            "clip,subject,onset,apex,offset,aus\na,,x,5,9,1\nb,s,5,4,,199\nc,s,1,2,3,4\nc,s,1,2,3,4\nd,s,5,4,,1\ne,s,1\n",
        );
        let shown = problems.unwrap_err().to_string();
        for part in
            ["6 errors", "row 2, subject", "row 2, onset", "row 3, aus \"199\"", "row 5, clip", "row 6, apex", "row 7"]
        {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }

    #[test]
    fn a_missing_column_is_named() {
        let problems = read("clip,subject,onset,apex,aus\n").unwrap_err();
        assert_eq!(problems.list[0].field, "offset");
    }

    #[test]
    fn a_table_without_a_clip_is_told_with_its_name() {
        let told = read("clip,subject,onset,apex,offset,aus\n").unwrap_err().to_string();
        assert!(told.contains("index.csv, rows \"0 rows\": expected at least one clip"), "{told}");
    }

    #[test]
    fn a_row_of_another_length_is_told_by_its_fields_and_not_by_a_library() {
        let told = read("clip,subject,onset,apex,offset,aus\na,s,1,2,3,4,5\n").unwrap_err().to_string();
        assert!(told.contains("row 2, row \"7 fields\": expected 6, as many as the header has"), "{told}");
    }

    #[test]
    fn objective_classes_are_read_by_number_of_either_kind() {
        for text in ["IV", "4", "Class IV", " iv "] {
            assert_eq!(objective_class(text), Some(ObjectiveClass::IV));
        }
        assert_eq!([objective_class("8"), objective_class(""), objective_class("joy")], [None; 3]);
    }

    #[test]
    fn an_apex_may_lie_on_the_onset_or_the_offset() {
        assert!(in_order(5, Some(5), Some(9)) && in_order(5, Some(9), Some(9)) && in_order(5, None, None));
        assert!(!in_order(5, Some(4), Some(9)) && !in_order(5, Some(10), Some(9)) && !in_order(5, None, Some(5)));
    }
}
