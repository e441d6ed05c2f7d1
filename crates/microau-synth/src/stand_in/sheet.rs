//! Workbooks as plain cells, and their way into an xlsx file.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, XlsxError};

/// A cell of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// A number, as Excel keeps all of them.
    Number(f64),
    /// A text, also where it looks like a number.
    Text(String),
}

impl From<u32> for Cell {
    fn from(number: u32) -> Cell {
        Cell::Number(f64::from(number))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        if text.is_empty() { Cell::Blank } else { Cell::Text(text.to_owned()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::from(text.as_str())
    }
}

/// A sheet of a workbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Its rows from the first, each from column A.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// A sheet without a cell.
    pub fn empty(name: &str) -> Sheet {
        Sheet { name: name.to_owned(), rows: Vec::new() }
    }

    /// A sheet with a row of titles; empty titles are blank cells.
    pub fn titled(name: &str, titles: &[&str]) -> Sheet {
        Sheet { name: name.to_owned(), rows: vec![titles.iter().map(|&title| Cell::from(title)).collect()] }
    }

    /// The sheet with rows below those it has.
    pub fn with_rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Sheet {
        self.rows.extend(rows);
        self
    }
}

/// A workbook and where it lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Workbook {
    /// Path below the folder of the stand-in.
    pub path: String,
    /// Its sheets in order.
    pub sheets: Vec<Sheet>,
}

impl Workbook {
    /// The bytes of the xlsx file, the same every time: the time of creation is fixed.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, XlsxError> {
        let mut file = rust_xlsxwriter::Workbook::new();
        let created = ExcelDateTime::from_ymd(2014, 5, 8)?;
        let note = "Generated stand-in: no real person, no real data set";
        file.set_properties(&DocProperties::new().set_title(note).set_creation_datetime(&created));
        for sheet in &self.sheets {
            let target = file.add_worksheet();
            target.set_name(&sheet.name)?;
            for (row, cells) in sheet.rows.iter().enumerate() {
                for (column, cell) in cells.iter().enumerate() {
                    let (row, column) = (row as u32, column as u16);
                    match cell {
                        Cell::Blank => {}
                        Cell::Number(number) => drop(target.write_number(row, column, *number)?),
                        Cell::Text(text) => drop(target.write_string(row, column, text)?),
                    }
                }
            }
        }
        file.save_to_buffer()
    }
}

/// A row of cells of different kinds.
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$($crate::stand_in::sheet::Cell::from($cell)),*] };
}
pub(crate) use row;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_cells_are_the_same_bytes() {
        let sheet = Sheet::titled("one", &["a", "", "b"]).with_rows([row!["01", 4, ""]]);
        let book = Workbook { path: "x.xlsx".to_owned(), sheets: vec![sheet, Sheet::empty("two")] };
        let bytes = book.bytes().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1100));
        assert!(bytes == book.bytes().unwrap() && bytes.starts_with(b"PK"));
    }
}
