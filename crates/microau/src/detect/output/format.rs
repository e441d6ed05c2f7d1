//! The names of the formats and what each can hold.

use std::path::Path;

/// A format of intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for reading.
    Table,
    /// The whole report.
    Json,
    /// One row an interval.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// The CSV of OpenFace 2: one row a frame and face.
    Openface,
    /// One row an interval, in columns.
    Parquet,
    /// Tiers of ELAN.
    Eaf,
    /// WebVTT, a cue an interval.
    Vtt,
    /// SubRip, likewise.
    Srt,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 9] = [
        Format::Table,
        Format::Json,
        Format::Csv,
        Format::Jsonl,
        Format::Openface,
        Format::Parquet,
        Format::Eaf,
        Format::Vtt,
        Format::Srt,
    ];

    /// Its name, as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Jsonl => "jsonl",
            Format::Openface => "openface",
            Format::Parquet => "parquet",
            Format::Eaf => "eaf",
            Format::Vtt => "vtt",
            Format::Srt => "srt",
        }
    }

    /// How names of its files end, without the dot.
    pub const fn ending(self) -> &'static str {
        match self {
            Format::Table => "txt",
            Format::Openface => "csv",
            other => other.name(),
        }
    }

    /// Whether a file of it is about one film: it has no column for the name of another.
    pub const fn holds_one_input(self) -> bool {
        matches!(self, Format::Openface | Format::Eaf | Format::Vtt | Format::Srt)
    }

    /// Whether it is made of frames, so that every frame must be looked at.
    pub const fn needs_frames(self) -> bool {
        matches!(self, Format::Openface)
    }

    /// Whether it is text, which a terminal can show.
    pub const fn is_text(self) -> bool {
        !matches!(self, Format::Parquet)
    }
}

/// A format of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameFormat {
    /// One row a frame and face.
    Csv,
    /// One JSON object a frame and face.
    Jsonl,
    /// One row a frame and face, in columns.
    Parquet,
    /// The CSV of OpenFace 2.
    Openface,
}

/// A file of frames whose format its name does not say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a name that ends in .csv, .jsonl or .parquet, got {got}")]
pub struct UnknownFrames {
    /// The name.
    pub got: String,
}

impl FrameFormat {
    /// How names of its files end, without the dot.
    pub const fn ending(self) -> &'static str {
        match self {
            FrameFormat::Csv | FrameFormat::Openface => "csv",
            FrameFormat::Jsonl => "jsonl",
            FrameFormat::Parquet => "parquet",
        }
    }

    /// The format that the ending of a name says; that of OpenFace has none of its own.
    ///
    /// # Errors
    /// [`UnknownFrames`].
    pub fn of_path(path: &Path) -> Result<FrameFormat, UnknownFrames> {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(FrameFormat::Csv),
            Some("jsonl" | "ndjson") => Ok(FrameFormat::Jsonl),
            Some("parquet") => Ok(FrameFormat::Parquet),
            _ => Err(UnknownFrames { got: path.display().to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_name_says_the_format_of_frames() {
        assert_eq!(FrameFormat::of_path(Path::new("out/a.CSV")), Ok(FrameFormat::Csv));
        assert_eq!(FrameFormat::of_path(Path::new("a.b.parquet")), Ok(FrameFormat::Parquet));
        let error = FrameFormat::of_path(Path::new("frames")).unwrap_err();
        assert_eq!(error.to_string(), "expected a name that ends in .csv, .jsonl or .parquet, got frames");
    }
}
