//! A report as text: for reading ([`table`]), for programs ([`json`]), for spreadsheets ([`csv`]).

pub mod csv;
pub mod expressions;
pub mod json;
pub mod table;
