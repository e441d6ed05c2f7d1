//! Tables in columns (Apache Parquet): one row an interval, or one row a frame and face.
//!
//! Rows are gathered in groups and written, so that memory does not grow with the film. All columns may be null: it stands
//! for what is not known. The model and its threshold are in the metadata of the file, under `microau`.

use std::io::{self, Write};
use std::sync::Arc;

use microau_core::report::{InputReport, Report};
use microau_core::score::{AuInterval, FaceFrame};
use parquet::basic::Compression;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::Sink;
use super::csv::kind_name;

/// Rows that are gathered before they are written.
const GROUP: usize = 16_384;

/// The columns of intervals before those of the action units.
const OF_INTERVALS: [(&str, Type); 11] = [
    ("input", Type::Text),
    ("face_id", Type::Whole),
    ("onset", Type::Whole),
    ("apex", Type::Whole),
    ("offset", Type::Whole),
    ("onset_secs", Type::Real),
    ("apex_secs", Type::Real),
    ("offset_secs", Type::Real),
    ("found_by", Type::Text),
    ("kind", Type::Text),
    ("confidence", Type::Share),
];

/// The columns of frames before those of the action units.
const OF_FRAMES: [(&str, Type); 5] = [
    ("input", Type::Text),
    ("frame", Type::Whole),
    ("secs", Type::Real),
    ("face_id", Type::Whole),
    ("confidence", Type::Share),
];

/// One row an interval.
pub struct Intervals<W: Write> {
    table: Table<W>,
    report: Report,
}

impl<W: Write + Send> Intervals<W> {
    /// A table without rows.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(report: &Report, to: W) -> io::Result<Self> {
        let report = Report { inputs: Vec::new(), ..report.clone() };
        Ok(Self { table: Table::new(&OF_INTERVALS, &report, to)?, report })
    }

    fn row(&self, input: &str, face_id: u32, interval: &AuInterval) -> Vec<Cell> {
        let moments = [Some(interval.onset), Some(interval.apex), interval.offset];
        let mut row = vec![Cell::Text(Some(input.to_owned())), Cell::Whole(Some(i64::from(face_id)))];
        row.extend(moments.map(|moment| Cell::Whole(moment.map(|moment| whole(moment.frame.0)))));
        row.extend(moments.map(|moment| Cell::Real(moment.map(|moment| moment.secs))));
        let found_by = serde_json::to_value(interval.found_by).ok().and_then(|name| name.as_str().map(str::to_owned));
        row.push(Cell::Text(found_by));
        row.push(Cell::Text(interval.spotted.map(|spotted| kind_name(spotted.kind).to_owned())));
        row.push(Cell::Share(interval.spotted.map(|spotted| spotted.confidence)));
        let prob = |&au| Cell::Share(interval.aus.get(au).map(|score| score.probability));
        row.extend(self.report.model.aus.iter().map(prob));
        row
    }
}

impl<W: Write + Send> Sink<W> for Intervals<W> {
    fn input(&mut self, input: &InputReport) -> io::Result<()> {
        for face in &input.faces {
            for interval in &face.intervals {
                let row = self.row(&input.input, face.face_id, interval);
                self.table.push(row)?;
            }
        }
        Ok(())
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        self.table.end()
    }
}

/// One row a frame and face.
pub struct Frames<W: Write> {
    table: Table<W>,
    aus: usize,
    input: String,
}

impl<W: Write + Send> Frames<W> {
    /// A table without rows.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(report: &Report, to: W) -> io::Result<Self> {
        let table = Table::new(&OF_FRAMES, report, to)?;
        Ok(Self { table, aus: report.model.aus.len(), input: String::new() })
    }
}

impl<W: Write + Send> Sink<W> for Frames<W> {
    fn begin(&mut self, input: &str) -> io::Result<()> {
        input.clone_into(&mut self.input);
        Ok(())
    }

    fn frame(&mut self, frame: &FaceFrame) -> io::Result<()> {
        let mut row = vec![
            Cell::Text(Some(self.input.clone())),
            Cell::Whole(Some(whole(frame.at.frame.0))),
            Cell::Real(Some(frame.at.secs)),
            Cell::Whole(Some(i64::from(frame.face_id))),
            Cell::Share(Some(frame.confidence)),
        ];
        row.extend((0..self.aus).map(|k| Cell::Share(frame.aus.get(k).copied())));
        self.table.push(row)
    }

    fn end(self: Box<Self>) -> io::Result<W> {
        self.table.end()
    }
}

fn whole(frame: u64) -> i64 {
    i64::try_from(frame).unwrap_or(i64::MAX)
}

/// What stands in a column.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Whole,
    Real,
    /// A number in single precision.
    Share,
}

impl Type {
    /// As the language of schemas has it.
    fn name(self) -> &'static str {
        match self {
            Type::Text => "BYTE_ARRAY",
            Type::Whole => "INT64",
            Type::Real => "DOUBLE",
            Type::Share => "FLOAT",
        }
    }
}

/// One value; `None` is null.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Text(Option<String>),
    Whole(Option<i64>),
    Real(Option<f64>),
    Share(Option<f32>),
}

/// A file and the rows that are not yet in it.
struct Table<W: Write> {
    writer: SerializedFileWriter<W>,
    rows: Vec<Vec<Cell>>,
}

impl<W: Write + Send> Table<W> {
    fn new(columns: &[(&str, Type)], report: &Report, to: W) -> io::Result<Self> {
        let line = |name: &str, of: Type| {
            let is_text = if matches!(of, Type::Text) { " (UTF8)" } else { "" };
            format!("OPTIONAL {} {name}{is_text};\n", of.name())
        };
        let heads = columns.iter().map(|&(name, of)| line(name, of));
        let units = report.model.aus.iter().map(|au| line(au.code(), Type::Share));
        let schema = format!("message microau {{\n{}}}", heads.chain(units).collect::<String>());
        let schema = parse_message_type(&schema).map_err(as_io)?;
        let head = Report { inputs: Vec::new(), ..report.clone() };
        let about = KeyValue::new("microau".to_owned(), Some(serde_json::to_string(&head)?));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("{} {}", report.program.name, report.program.version))
            .set_key_value_metadata(Some(vec![about]))
            .build();
        let writer = SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties)).map_err(as_io)?;
        Ok(Self { writer, rows: Vec::new() })
    }

    fn push(&mut self, row: Vec<Cell>) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() < GROUP { Ok(()) } else { self.write_group().map_err(as_io) }
    }

    fn end(mut self) -> io::Result<W> {
        if !self.rows.is_empty() {
            self.write_group().map_err(as_io)?;
        }
        self.writer.into_inner().map_err(as_io)
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        let mut column = 0;
        while let Some(mut writer) = group.next_column()? {
            write_column(writer.untyped(), rows.iter().map(|row| &row[column]))?;
            writer.close()?;
            column += 1;
        }
        group.close().map(|_| ())
    }
}

fn write_column<'c>(
    writer: &mut ColumnWriter<'_>,
    cells: impl Iterator<Item = &'c Cell> + Clone,
) -> Result<usize, ParquetError> {
    macro_rules! write {
        ($writer:ident, $cell:path, $value:expr) => {{
            let values = cells.clone().map(|cell| if let $cell(value) = cell { value.clone() } else { None });
            // 1 where there is a value, 0 for null
            let levels: Vec<i16> = values.clone().map(|value| i16::from(value.is_some())).collect();
            let values: Vec<_> = values.flatten().map($value).collect();
            $writer.write_batch(&values, Some(&levels), None)
        }};
    }
    match writer {
        ColumnWriter::ByteArrayColumnWriter(writer) => {
            write!(writer, Cell::Text, |text: String| ByteArray::from(text.into_bytes()))
        }
        ColumnWriter::Int64ColumnWriter(writer) => write!(writer, Cell::Whole, |value| value),
        ColumnWriter::DoubleColumnWriter(writer) => write!(writer, Cell::Real, |value| value),
        ColumnWriter::FloatColumnWriter(writer) => write!(writer, Cell::Share, |value| value),
        _ => unreachable!("schemas are made of the four types of a cell"),
    }
}

fn as_io(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{empty_report, film_report, frame, interval_at, written};
    use super::super::{Format, FrameFormat, bytes, frame_sink};
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Row;

    fn read(bytes: Vec<u8>) -> (Vec<Row>, usize) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let reader = SerializedFileReader::try_from(file.path()).unwrap();
        let groups = reader.num_row_groups();
        (reader.get_row_iter(None).unwrap().map(Result::unwrap).collect(), groups)
    }

    #[test]
    fn intervals_are_read_back_with_nulls_for_what_is_not_known() {
        let mut report = empty_report();
        let open = AuInterval { offset: None, spotted: None, ..interval_at(30, 60) };
        report.inputs.push(film_report("ä, b.mp4", vec![interval_at(3, 12), open]));
        let (rows, _) = read(bytes(Format::Parquet, &report).unwrap());
        let texts: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts[0],
            "{input: \"ä, b.mp4\", face_id: 0, onset: 3, apex: 7, offset: 12, onset_secs: 0.1, apex_secs: 0.233333, \
             offset_secs: 0.4, found_by: \"spot\", kind: \"micro\", confidence: 0.875, AU04: 0.125, AU12: 0.875}"
        );
        assert!(texts[1].contains("offset: null") && texts[1].contains("kind: null, confidence: null"), "{}", texts[1]);
    }

    #[test]
    fn frames_are_read_back() {
        let sink = frame_sink(FrameFormat::Parquet, &empty_report(), Vec::new()).unwrap();
        let (rows, _) = read(written(sink, &film_report("a.mp4", Vec::new())));
        let texts: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let expected = [
            "{input: \"a.mp4\", frame: 0, secs: 0E0, face_id: 0, confidence: 0.75, AU04: 0.125, AU12: 0.875}",
            "{input: \"a.mp4\", frame: 1, secs: 0.033333, face_id: 1, confidence: 0.75, AU04: null, AU12: null}",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn rows_are_written_in_groups() {
        let mut sink = frame_sink(FrameFormat::Parquet, &empty_report(), Vec::new()).unwrap();
        sink.begin("a.mp4").unwrap();
        (0..GROUP as u64 + 1).for_each(|number| sink.frame(&frame(0, number)).unwrap());
        let (rows, groups) = read(sink.end().unwrap());
        assert_eq!((rows.len(), groups), (GROUP + 1, 2));
    }

    #[test]
    fn a_table_without_rows_is_a_file_all_the_same() {
        assert_eq!(read(bytes(Format::Parquet, &empty_report()).unwrap()), (Vec::new(), 0));
    }
}
