//! A table of labelled clips, one CSV row a clip: `clip,subject,onset,apex,offset,aus,emotion`.
//!
//! Anyone's own data comes in this form, and `microau synth clips` writes it. `clip` is a video or a folder of frames,
//! relative to the table; `onset`, `apex` and `offset` are frame indices from 0, `offset` may be empty; `aus` is FACS
//! notation such as `1+L2+R12`, empty for a clip without action units; `emotion` is free text and may be empty.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use microau_core::sample::{AuLabels, Event};
use microau_core::time::FrameIndex;

use crate::problems::{Problem, Problems};

/// Columns that a table must have.
const COLUMNS: [&str; 6] = ["clip", "subject", "onset", "apex", "offset", "aus"];

/// One labelled clip.
#[derive(Clone, Debug, PartialEq)]
pub struct Clip {
    /// Name as it stands in the table.
    pub name: String,
    /// The video or folder of frames.
    pub path: PathBuf,
    /// Whose face it shows; the unit by which folds are made.
    pub subject: String,
    /// When the expression happens.
    pub event: Event,
    /// Which AUs are annotated.
    pub labels: AuLabels,
    /// The emotion as annotated; never used to train.
    pub emotion: Option<String>,
}

/// The clips of a table, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Index {
    /// The clips.
    pub clips: Vec<Clip>,
}

impl Index {
    /// Reads a table.
    ///
    /// # Errors
    /// [`Problems`] lists every unreadable row, missing column and clip named twice, or that the file cannot be read.
    pub fn read(path: &Path) -> Result<Index, Problems> {
        let whole = |field: &str, got: String, expected: &str| Problems {
            path: path.to_owned(),
            list: vec![Problem { row: None, field: field.to_owned(), got, expected: expected.to_owned() }],
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(|error| whole("file", error.to_string(), "a readable CSV file"))?;
        let header = reader.headers().map_err(|error| whole("header", error.to_string(), "a header row"))?.clone();
        if let Some(missing) = COLUMNS.iter().find(|name| !header.iter().any(|column| column == **name)) {
            return Err(whole(missing, header.iter().collect::<Vec<_>>().join(","), "a column of that name"));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut problems = Problems { path: path.to_owned(), list: Vec::new() };
        let mut index = Index::default();
        let mut seen = BTreeSet::new();
        for (row, record) in (2..).zip(reader.records()) {
            match record {
                Ok(record) => {
                    let row = Row { number: row, header: &header, record: &record };
                    if let Some(clip) = row.clip(folder, &mut problems.list) {
                        if !seen.insert(clip.name.clone()) {
                            problems.list.push(row.problem("clip", "each clip once"));
                        }
                        index.clips.push(clip);
                    }
                }
                Err(error) => problems.list.push(Problem {
                    row: Some(row),
                    field: "row".to_owned(),
                    got: error.to_string(),
                    expected: "as many fields as the header".to_owned(),
                }),
            }
        }
        if problems.list.is_empty() { Ok(index) } else { Err(problems) }
    }

    /// The subjects, sorted.
    pub fn subjects(&self) -> BTreeSet<&str> {
        self.clips.iter().map(|clip| clip.subject.as_str()).collect()
    }
}

/// One row under its header.
struct Row<'a> {
    number: u64,
    header: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
}

impl Row<'_> {
    fn field(&self, name: &str) -> &str {
        self.header.iter().position(|column| column == name).and_then(|i| self.record.get(i)).unwrap_or("")
    }

    fn problem(&self, field: &str, expected: &str) -> Problem {
        Problem {
            row: Some(self.number),
            field: field.to_owned(),
            got: self.field(field).to_owned(),
            expected: expected.to_owned(),
        }
    }

    /// The clip of this row, or `None` with everything wrong with it added to the problems.
    fn clip(&self, folder: &Path, problems: &mut Vec<Problem>) -> Option<Clip> {
        let before = problems.len();
        for field in ["clip", "subject"] {
            if self.field(field).is_empty() {
                problems.push(self.problem(field, "a name"));
            }
        }
        let frame = |field: &str, problems: &mut Vec<Problem>| {
            let parsed = self.field(field).parse().map(FrameIndex);
            parsed.inspect_err(|_| problems.push(self.problem(field, "a frame index from 0"))).ok()
        };
        let (onset, apex) = (frame("onset", problems), frame("apex", problems));
        let offset = if self.field("offset").is_empty() { None } else { frame("offset", problems) };
        let labels: Option<AuLabels> = self
            .field("aus")
            .parse()
            .inspect_err(|_| problems.push(self.problem("aus", "action units such as 1+L2+R12")))
            .ok();
        let event = onset.zip(apex).and_then(|(onset, apex)| {
            Event::new(onset, apex, offset)
                .inspect_err(|_| problems.push(self.problem("apex", "onset < apex <= offset")))
                .ok()
        });
        if problems.len() > before {
            return None;
        }
        Some(Clip {
            name: self.field("clip").to_owned(),
            path: folder.join(self.field("clip")),
            subject: self.field("subject").to_owned(),
            event: event?,
            labels: labels?,
            emotion: Some(self.field("emotion").to_owned()).filter(|emotion| !emotion.is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(text: &str) -> Result<Index, Problems> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Index::read(file.path())
    }

    #[test]
    fn a_table_is_read_with_sides_and_empty_cells() {
        let index = read("clip,subject,onset,apex,offset,aus,emotion\na,s1,0,5,9,1+L2,\nb,s2,3,4,,,joy\n").unwrap();
        assert_eq!(index.clips.len(), 2);
        assert_eq!(index.clips[0].labels.to_string(), "1+L2");
        assert_eq!(index.clips[1].event.offset, None);
        assert_eq!(index.clips[1].emotion.as_deref(), Some("joy"));
        assert_eq!(index.subjects().len(), 2);
    }

    #[test]
    fn all_problems_are_shown_at_once() {
        let problems = read("clip,subject,onset,apex,offset,aus\na,,x,5,9,1\nb,s,5,4,,99\nc,s,1,2,3,4\nc,s,1,2,3,4\n");
        let shown = problems.unwrap_err().to_string();
        for part in
            ["5 problem(s)", "row 2, column subject", "row 2, column onset", "row 3, column apex", "\"99\"", "row 5"]
        {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }

    #[test]
    fn a_missing_column_is_named() {
        let problems = read("clip,subject,onset,apex,aus\n").unwrap_err();
        assert_eq!(problems.list[0].field, "offset");
    }
}
