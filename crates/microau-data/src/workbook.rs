//! Annotation tables as they come: xlsx, xls and csv, as sheets of typed cells.
//!
//! Rows and columns keep their places, blank ones too, so that a row here is the row that Excel shows. Numbers are
//! written as people wrote them: a `4` that Excel stores as 4.0 reads `4`, and a number never turns into a date.

use std::path::{Path, PathBuf};

use calamine::{Data, Reader};

use crate::problems::{Place, Problems};

/// One cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing, or spaces only.
    #[default]
    Empty,
    /// A number, also one that the sheet shows as a date.
    Number(f64),
    /// A text, without spaces around it.
    Text(String),
}

impl Cell {
    fn text_of(text: &str) -> Cell {
        let trimmed = text.trim();
        if trimmed.is_empty() { Cell::Empty } else { Cell::Text(trimmed.to_owned()) }
    }

    /// The cell as text; empty for nothing, `4` for 4.0.
    pub fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Number(number) => number.to_string(),
            Cell::Text(text) => text.clone(),
        }
    }

    /// Whether nothing stands there.
    pub fn is_empty(&self) -> bool {
        *self == Cell::Empty
    }
}

impl From<&Data> for Cell {
    fn from(data: &Data) -> Cell {
        match data {
            Data::Int(number) => Cell::Number(*number as f64),
            Data::Float(number) => Cell::Number(*number),
            Data::DateTime(date) => Cell::Number(date.as_f64()),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::text_of(text),
            Data::Bool(flag) => Cell::Text(flag.to_string()),
            Data::Error(error) => Cell::Text(error.to_string()),
            Data::Empty => Cell::Empty,
        }
    }
}

/// One sheet: its rows from the first of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Its name; empty for a csv file.
    pub name: String,
    /// The rows; those behind the last with content are not there.
    pub rows: Vec<Vec<Cell>>,
}

/// A place in a sheet beyond its content.
const NOTHING: &Cell = &Cell::Empty;

impl Sheet {
    /// The cell of a row and a column, both from 0; empty beyond the content.
    pub fn cell(&self, row: usize, column: usize) -> &Cell {
        self.rows.get(row).and_then(|cells| cells.get(column)).unwrap_or(NOTHING)
    }

    /// Whether nothing stands in a row.
    pub fn is_blank(&self, row: usize) -> bool {
        self.rows.get(row).is_none_or(|cells| cells.iter().all(Cell::is_empty))
    }

    /// The first row in which one cell is named so; names compare as [`same_name`].
    pub fn header_row(&self, name: &str) -> Option<usize> {
        self.rows.iter().position(|cells| cells.iter().any(|cell| same_name(&cell.text(), name)))
    }

    /// The column whose cell in a header row bears one of the names, the earlier names first.
    pub fn column(&self, header_row: usize, names: &[&str]) -> Option<usize> {
        let cells = self.rows.get(header_row)?;
        names.iter().find_map(|name| cells.iter().position(|cell| same_name(&cell.text(), name)))
    }
}

/// Whether two column names are the same but for size of letters, spaces, dots and underscores.
pub fn same_name(left: &str, right: &str) -> bool {
    let bare = |name: &str| -> String {
        name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    bare(left) == bare(right)
}

/// All sheets of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Workbook {
    /// The file.
    pub path: PathBuf,
    /// Its sheets in their order, empty ones too.
    pub sheets: Vec<Sheet>,
}

impl Workbook {
    /// Reads a file: csv by its ending, else whatever kind of workbook it is.
    ///
    /// # Errors
    /// One problem that says why the file cannot be read.
    pub fn read(path: &Path) -> Result<Workbook, Problems> {
        let is_csv = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let sheets = if is_csv { csv_sheet(path).map(|sheet| vec![sheet]) } else { workbook_sheets(path) };
        let sheets =
            sheets.map_err(|why| Problems::one(path, "file", why, "expected a readable xlsx, xls or csv file"))?;
        Ok(Workbook { path: path.to_owned(), sheets })
    }

    /// The first sheet with a header row that holds all of `names`, and that row; a sheet named `preferred` comes first.
    pub fn table(&self, preferred: Option<&str>, names: &[&str]) -> Option<(&Sheet, usize)> {
        let (named, others): (Vec<&Sheet>, Vec<&Sheet>) =
            self.sheets.iter().partition(|sheet| preferred.is_some_and(|name| same_name(&sheet.name, name)));
        named.into_iter().chain(others).find_map(|sheet| {
            let row = sheet.header_row(names.first()?)?;
            names.iter().all(|name| sheet.column(row, &[name]).is_some()).then_some((sheet, row))
        })
    }

    /// A row of a sheet as the place of problems; `row` counts from 0.
    pub fn place(&self, sheet: &Sheet, row: usize) -> Place {
        let name = Some(sheet.name.clone()).filter(|name| !name.is_empty());
        Place { file: self.path.clone(), sheet: name, row: Some(row as u64 + 1) }
    }
}

fn csv_sheet(path: &Path) -> Result<Sheet, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes.as_slice());
    let mut sheet = Sheet::default();
    for record in reader.byte_records() {
        let record = record.map_err(|error| error.to_string())?;
        let row = record.position().map_or(0, |position| line_of(position, &bytes) - 1);
        sheet.rows.resize(row.max(sheet.rows.len()), Vec::new());
        let text = |field: &[u8]| Cell::text_of(String::from_utf8_lossy(field).trim_start_matches('\u{feff}'));
        sheet.rows.push(record.iter().map(text).collect());
    }
    Ok(sheet)
}

/// The line of a record, from 1. The reader passes over empty lines, and its position is that of the first of them.
fn line_of(position: &csv::Position, bytes: &[u8]) -> usize {
    let rest = bytes.get(position.byte() as usize..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| b"\r\n".contains(byte)).filter(|&&byte| byte == b'\n').count();
    position.line() as usize + empty
}

fn workbook_sheets(path: &Path) -> Result<Vec<Sheet>, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut file =
        calamine::open_workbook_auto_from_rs(std::io::Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let names = file.sheet_names();
    let sheet = |name: String| {
        let range = file.worksheet_range(&name).map_err(|error| format!("{error} in sheet {name}"))?;
        // a range begins at its first content, rows and columns here at the first of the sheet
        let (top, left) = range.start().map_or((0, 0), |(row, column)| (row as usize, column as usize));
        let mut rows = vec![Vec::new(); top];
        rows.extend(range.rows().map(|cells| {
            let blank = std::iter::repeat_n(Cell::Empty, left);
            blank.chain(cells.iter().map(Cell::from)).collect::<Vec<_>>()
        }));
        Ok(Sheet { name, rows })
    };
    names.into_iter().map(sheet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{Format, Workbook as Writer};

    #[test]
    fn rows_and_columns_keep_their_places_and_numbers_their_spelling() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.xlsx");
        let mut writer = Writer::new();
        let sheet = writer.add_worksheet();
        sheet.write(2, 1, "Subject").unwrap();
        sheet.write(2, 3, "Action Units ").unwrap();
        sheet.write(3, 1, "01").unwrap();
        sheet.write_number(3, 3, 4.0).unwrap();
        sheet.write_number_with_format(3, 4, 46.0, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
        writer.add_worksheet();
        writer.save(&path).unwrap();
        let book = Workbook::read(&path).unwrap();
        assert_eq!(book.sheets.len(), 2);
        let (sheet, row) = book.table(None, &["subject", "ActionUnits"]).unwrap();
        assert_eq!((row, sheet.column(row, &["Units", "action_units"])), (2, Some(3)));
        assert_eq!([1, 2, 3, 4].map(|column| sheet.cell(3, column).text()), ["01", "", "4", "46"]);
        assert!(sheet.is_blank(0) && sheet.is_blank(9) && !sheet.is_blank(3));
        assert_eq!(book.place(sheet, 3).to_string(), format!("{}, sheet Sheet1, row 4", path.display()));
    }

    #[test]
    fn the_sheet_of_the_given_name_comes_first() {
        let sheet = |name: &str| Sheet { name: name.to_owned(), rows: vec![vec![Cell::text_of("Subject")]] };
        let book = Workbook { path: "x".into(), sheets: vec![sheet("ALL"), sheet("MICRO_ONLY")] };
        assert_eq!(book.table(Some("micro_only"), &["Subject"]).unwrap().0.name, "MICRO_ONLY");
        assert_eq!(book.table(None, &["Subject"]).unwrap().0.name, "ALL");
        assert_eq!(book.table(None, &["Subject", "Filename"]), None);
    }

    #[test]
    fn a_csv_file_is_a_sheet_whose_rows_are_its_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.csv");
        std::fs::write(&path, "\u{feff}Subject,AU\n\n01, \"4,5\" \n02\n").unwrap();
        let sheet = &Workbook::read(&path).unwrap().sheets[0];
        assert_eq!(sheet.cell(0, 0).text(), "Subject");
        assert_eq!((sheet.is_blank(1), sheet.cell(3, 0).text(), sheet.cell(3, 1)), (true, "02".to_owned(), NOTHING));
    }

    #[test]
    fn what_is_no_workbook_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.xlsx");
        std::fs::write(&path, b"no workbook").unwrap();
        assert!(Workbook::read(&path).unwrap_err().to_string().contains("book.xlsx"));
        assert!(Workbook::read(&folder.path().join("none.csv")).unwrap_err().has_errors());
    }
}
