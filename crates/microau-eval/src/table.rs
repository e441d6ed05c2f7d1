//! A small table that prints as aligned text or as Markdown.

use std::fmt::Write as _;

/// A table of strings: one header row, then rows of the same width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
    left_from: usize,
}

impl Table {
    /// A table with the given column headers and no rows yet.
    pub fn new<S: Into<String>>(headers: impl IntoIterator<Item = S>) -> Self {
        Self { headers: headers.into_iter().map(Into::into).collect(), rows: Vec::new(), left_from: usize::MAX }
    }

    /// The same with the columns from `column` on aligned to the left: those that hold words.
    pub fn left_from(self, column: usize) -> Self {
        Self { left_from: column, ..self }
    }

    /// Adds a row; missing cells are left empty.
    ///
    /// # Panics
    /// When the row has more cells than there are headers: such a table would lie about its columns.
    pub fn push<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        assert!(row.len() <= self.headers.len(), "a row of {} cells under {} headers", row.len(), self.headers.len());
        row.resize(self.headers.len(), String::new());
        self.rows.push(row);
    }

    /// Number of rows below the header.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when there is no row below the header.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Columns aligned with spaces: the first to the left, columns of figures to the right. Ends with a line break.
    pub fn to_text(&self) -> String {
        let widths = self.widths();
        let mut text = String::new();
        for row in self.lines() {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(i, (cell, &width))| padded(cell, width, self.is_left(i)))
                .collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// A Markdown table, its columns aligned in the source as well. Ends with a line break.
    pub fn to_markdown(&self) -> String {
        let widths: Vec<usize> = self.widths().iter().map(|&width| width.max(3)).collect();
        let mut text = String::new();
        for (line, row) in self.lines().enumerate() {
            for (i, (cell, &width)) in row.iter().zip(&widths).enumerate() {
                let _ = write!(text, "| {} ", padded(&cell.replace('|', "\\|"), width, self.is_left(i)));
            }
            text.push_str("|\n");
            if line == 0 {
                text.push_str(&self.rule(&widths));
            }
        }
        text
    }

    fn rule(&self, widths: &[usize]) -> String {
        let mut line = String::new();
        for (i, &width) in widths.iter().enumerate() {
            let end = if self.is_left(i) { '-' } else { ':' };
            let _ = write!(line, "| {}{end} ", "-".repeat(width - 1));
        }
        line + "|\n"
    }

    fn is_left(&self, column: usize) -> bool {
        column == 0 || column >= self.left_from
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.headers).chain(&self.rows)
    }

    fn widths(&self) -> Vec<usize> {
        let width_of = |column: usize| self.lines().map(|row| row[column].chars().count()).max().unwrap_or(0);
        (0..self.headers.len()).map(width_of).collect()
    }
}

/// A ratio in three digits, or why it is undefined: `0.875`, `n/a (0 positives)`.
pub fn ratio_text(ratio: Option<f64>, missing: &str) -> String {
    match ratio {
        Some(ratio) => format!("{ratio:.3}"),
        None => format!("n/a ({missing})"),
    }
}

fn padded(cell: &str, width: usize, to_left: bool) -> String {
    if to_left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Table {
        let mut table = Table::new(["AU", "F1"]);
        table.push(["AU01", "0.9"]);
        table.push(["mean"]);
        table
    }

    #[test]
    fn text_is_aligned_without_trailing_spaces() {
        assert_eq!(small().to_text(), "AU     F1\nAU01  0.9\nmean\n");
    }

    #[test]
    fn markdown_has_a_rule_below_the_header() {
        assert_eq!(small().to_markdown(), "| AU   |  F1 |\n| ---- | --: |\n| AU01 | 0.9 |\n| mean |     |\n");
    }

    #[test]
    fn an_undefined_ratio_says_why() {
        assert_eq!(ratio_text(None, "0 positives"), "n/a (0 positives)");
        assert_eq!(ratio_text(Some(2.0 / 3.0), "0 positives"), "0.667");
    }
}
