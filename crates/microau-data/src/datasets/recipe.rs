//! What a dataset states of itself, and its table read into rows of text.

use std::path::{Path, PathBuf};

use super::corrections::Correction;
use super::{Layout, ReadSettings, find};
use crate::problems::{Place, Problems, Severity, counted_rows};
use crate::workbook::{Sheet, Workbook};

/// Where the parts of a dataset lie and how its columns are named.
pub(super) struct Recipe {
    pub layout: Layout,
    /// File names of the table, `*` standing for anything, size of letters aside.
    pub files: &'static [&'static str],
    /// The sheet that is preferred where several have the columns.
    pub sheet: Option<&'static str>,
    pub columns: Columns,
    /// Frames a second, where the table does not say.
    pub rate_fps: u32,
    /// What the paths of frame folders contain, the preferred form first.
    pub roots: &'static [&'static str],
    /// Where the frames of a row may lie below such a folder; `*` in a part stands for anything, and one
    /// that ends with `/` counts only when images lie right in it.
    pub tails: fn(&RawRow) -> Vec<String>,
    /// How many parts of these paths name a clip.
    pub clip_depth: usize,
    /// Reads the table; [`Source::rows`] unless it is special.
    pub rows: fn(&Source, &mut Problems) -> Result<Vec<RawRow>, Problems>,
    /// What a subject's cell is called in the index, behind the name of the dataset.
    pub subject: fn(&str) -> String,
    /// Whether a subject's clips may share a name; they get 2, 3 … behind it.
    pub repeats_names: bool,
    /// Whether apexes were annotated at all.
    pub has_apex: bool,
    /// Whether it is read for its annotations, frames or not.
    pub is_annotation_only: bool,
    /// Subjects whose faces must not be published.
    pub not_to_be_shown: &'static [&'static str],
    pub corrections: &'static [Correction],
    /// Who published these corrections.
    pub corrected_by: &'static str,
}

impl Recipe {
    /// What most datasets share; layout, files, columns, rate and tails are to be filled in.
    pub const PLAIN: Recipe = Recipe {
        layout: Layout::Generic,
        files: &[],
        sheet: None,
        columns: Columns::NONE,
        rate_fps: 1,
        roots: &[],
        tails: |_| Vec::new(),
        clip_depth: 2,
        rows: Source::rows,
        subject: two_digits,
        repeats_names: false,
        has_apex: true,
        is_annotation_only: false,
        not_to_be_shown: &[],
        corrections: &[],
        corrected_by: MEB,
    };
}

/// Source of most published corrections.
const MEB: &str = "tvaranka/meb, meb/datasets/datasets.py";

/// Names of one column, the first being the published one; none for a column that the dataset does not have.
pub(super) type Names = &'static [&'static str];

/// The columns of a table. Those of subject, clip, onset and offset are needed, others may be missing.
pub(super) struct Columns {
    pub subject: Names,
    pub clip: Names,
    pub onset: Names,
    pub apex: Names,
    pub offset: Names,
    pub aus: Names,
    pub emotion: Names,
    pub objective_class: Names,
    pub rate: Names,
    /// Whether a row is a macro- or a micro-expression; macro rows are passed over.
    pub kind: Names,
}

impl Columns {
    /// A dataset without any column, to be filled in.
    pub const NONE: Columns = Columns {
        subject: &[],
        clip: &[],
        onset: &[],
        apex: &[],
        offset: &[],
        aus: &[],
        emotion: &[],
        objective_class: &[],
        rate: &[],
        kind: &[],
    };
}

/// One row of a table, its cells as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RawRow {
    pub place: Place,
    /// Row below the header from 0, as loaders count that published corrections.
    pub number: usize,
    pub subject: String,
    pub clip: String,
    /// Where the frames are, when the clip's name does not say.
    pub folder: String,
    pub onset: String,
    pub apex: String,
    pub offset: String,
    /// `None` where the dataset has no action units.
    pub aus: Option<String>,
    pub emotion: String,
    pub objective_class: String,
    pub rate: String,
}

impl RawRow {
    /// Whether it is a remark and no clip: no frames, and a name missing.
    fn is_text(&self) -> bool {
        let is_named = !self.clip.is_empty() && !self.subject.is_empty();
        self.onset.is_empty() && self.offset.is_empty() && !is_named
    }
}

/// A dataset being read.
pub(super) struct Source {
    pub recipe: &'static Recipe,
    pub dir: PathBuf,
    pub workbook: Workbook,
}

impl Source {
    /// Finds and reads the table.
    pub fn open(recipe: &'static Recipe, dir: &Path, settings: &ReadSettings) -> Result<Source, Problems> {
        let path = match &settings.annotations {
            Some(path) => path.clone(),
            None => find::table(recipe.files, dir)?,
        };
        Ok(Source { recipe, dir: dir.to_owned(), workbook: Workbook::read(&path)? })
    }

    /// The rows below the header, less blank ones, rows of text and macro-expressions.
    pub fn rows(&self, problems: &mut Problems) -> Result<Vec<RawRow>, Problems> {
        let (sheet, header) = self.table()?;
        let columns = &self.recipe.columns;
        let column = |names: Names| sheet.column(header, names);
        let text = |row: usize, column: Option<usize>| column.map_or(String::new(), |it| sheet.cell(row, it).text());
        let [subject, clip, onset, apex, offset] =
            [columns.subject, columns.clip, columns.onset, columns.apex, columns.offset].map(column);
        let [aus, emotion, class, rate, kind] =
            [columns.aus, columns.emotion, columns.objective_class, columns.rate, columns.kind].map(column);
        let mut rows = Vec::new();
        let mut macros = 0;
        for row in (header + 1..sheet.rows.len()).filter(|&row| !sheet.is_blank(row)) {
            let place = self.workbook.place(sheet, row);
            let read = RawRow {
                number: row - header - 1,
                subject: text(row, subject),
                clip: text(row, clip),
                folder: String::new(),
                onset: text(row, onset),
                apex: text(row, apex),
                offset: text(row, offset),
                aus: aus.map(|column| sheet.cell(row, column).text()),
                emotion: text(row, emotion),
                objective_class: text(row, class),
                rate: text(row, rate),
                place,
            };
            if text(row, kind).to_lowercase().contains("macro") {
                macros += 1;
            } else if read.is_text() {
                let words: Vec<String> = sheet.rows[row].iter().map(|cell| cell.text()).collect();
                problems.add(Severity::Note, &read.place, "row", words.join(" ").trim(), "text, passed over");
            } else {
                rows.push(read);
            }
        }
        if macros > 0 {
            let message = "macro-expressions, passed over";
            problems.add(Severity::Note, &Place::whole(&self.workbook.path), "rows", counted_rows(macros), message);
        }
        Ok(rows)
    }

    /// The sheet and its header row.
    pub fn table(&self) -> Result<(&Sheet, usize), Problems> {
        let columns = &self.recipe.columns;
        let needed = [columns.subject, columns.clip, columns.onset, columns.offset];
        let headed = |sheet: &Sheet| {
            let header = needed[0].iter().find_map(|name| sheet.header_row(name))?;
            needed.iter().all(|names| sheet.column(header, names).is_some()).then_some(header)
        };
        let preferred =
            |sheet: &&Sheet| self.recipe.sheet.is_some_and(|name| crate::workbook::same_name(&sheet.name, name));
        let (named, others): (Vec<&Sheet>, Vec<&Sheet>) = self.workbook.sheets.iter().partition(preferred);
        let found = named.into_iter().chain(others).find_map(|sheet| Some((sheet, headed(sheet)?)));
        found.ok_or_else(|| {
            let names: Vec<&str> = needed.iter().map(|names| names[0]).collect();
            let sheets: Vec<&str> = self.workbook.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
            let expected = format!("expected a header row with the columns {}", names.join(", "));
            Problems::one(&self.workbook.path, "sheets", sheets.join(", "), expected)
        })
    }
}

/// The digits of a cell with zeros before them up to `width`; other texts as they are.
pub(super) fn padded(text: &str, width: usize) -> String {
    match text.trim().parse::<u32>() {
        Ok(number) => format!("{number:0width$}"),
        Err(_) => text.trim().to_owned(),
    }
}

/// Subjects that are numbered with two digits.
pub(super) fn two_digits(subject: &str) -> String {
    padded(subject, 2)
}

/// Subjects that are numbered with three digits.
pub(super) fn three_digits(subject: &str) -> String {
    padded(subject, 3)
}

/// Subjects that are called as they are.
pub(super) fn as_written(subject: &str) -> String {
    subject.trim().to_owned()
}
