//! Tiny datasets made by tests, in the very form in which the real ones are handed out: same file and sheet names, headers,
//! cell types and folders. The rows are invented.

use std::path::{Path, PathBuf};

use rust_xlsxwriter::Workbook;

use super::{Layout, ReadSettings, read};
use crate::index::{Index, IndexedClip};
use crate::problems::{Problems, Severity};

/// A cell to be written.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Blank,
    Number(f64),
    Text(&'static str),
}

impl From<()> for Cell {
    fn from((): ()) -> Cell {
        Cell::Blank
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Cell {
        Cell::Number(number.into())
    }
}

impl From<&'static str> for Cell {
    fn from(text: &'static str) -> Cell {
        Cell::Text(text)
    }
}

/// A row of cells: texts, whole numbers, and `()` for a blank one.
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$(crate::datasets::fixture::Cell::from($cell)),*] };
}
pub(super) use row;

/// A dataset in a folder of its own.
pub(super) struct Fixture {
    folder: tempfile::TempDir,
    layout: Layout,
}

impl Fixture {
    pub fn new(layout: Layout) -> Fixture {
        Fixture { folder: tempfile::tempdir().unwrap(), layout }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a workbook with these sheets.
    pub fn workbook(&self, path: &str, sheets: Vec<(&str, Vec<Vec<Cell>>)>) -> &Fixture {
        let mut book = Workbook::new();
        for (name, rows) in sheets {
            let sheet = book.add_worksheet().set_name(name).unwrap();
            for (r, cells) in (0..).zip(rows) {
                for (c, cell) in (0..).zip(cells) {
                    match cell {
                        Cell::Blank => {}
                        Cell::Number(number) => drop(sheet.write_number(r, c, number).unwrap()),
                        Cell::Text(text) => drop(sheet.write_string(r, c, text).unwrap()),
                    }
                }
            }
        }
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        book.save(path).unwrap();
        self
    }

    /// Writes empty frames of these numbers, named by a pattern whose `#` is the number with as many digits at least.
    pub fn frames(&self, folder: &str, pattern: &str, numbers: impl IntoIterator<Item = u64>) -> &Fixture {
        let folder = self.path().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let width = pattern.matches('#').count();
        for number in numbers {
            let name = pattern.replace(&"#".repeat(width), &format!("{number:0width$}"));
            std::fs::write(folder.join(name), b"").unwrap();
        }
        self
    }

    pub fn read(&self) -> (Index, Problems) {
        self.read_with(&ReadSettings::default())
    }

    pub fn read_with(&self, settings: &ReadSettings) -> (Index, Problems) {
        read(self.layout, self.path(), settings)
    }

    /// The index when there is nothing worse than notes.
    pub fn index(&self) -> Index {
        let (index, problems) = self.read();
        let bad: Vec<_> = problems.list.iter().filter(|it| it.severity != Severity::Note).collect();
        assert!(bad.is_empty(), "{problems}");
        index
    }

    /// The problems of the dataset as one text, with paths relative to its folder.
    pub fn told(&self, settings: &ReadSettings) -> String {
        let (_, problems) = self.read_with(settings);
        problems.to_string().replace(&format!("{}/", self.path().display()), "")
    }

    /// Where a clip's frames should be.
    pub fn below(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }
}

/// A clip in few words: `subject/clip onset-apex-offset aus emotion class`.
pub(super) fn shown(clip: &IndexedClip) -> String {
    let frame = |frame: Option<u64>| frame.map_or("_".to_owned(), |frame| frame.to_string());
    let class = clip.objective_class.map_or("_", |class| class.roman());
    let emotion = clip.emotion.as_deref().unwrap_or("_");
    let IndexedClip { onset, apex, offset, aus, .. } = clip;
    let (apex, offset) = (frame(*apex), frame(*offset));
    format!("{} {onset}-{apex}-{offset} [{aus}] {emotion} {class}", clip.sample_id())
}

pub(super) fn all_shown(index: &Index) -> Vec<String> {
    index.clips.iter().map(shown).collect()
}
