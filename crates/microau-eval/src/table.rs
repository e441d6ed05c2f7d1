//! A small table that prints as aligned text, as Markdown, as LaTeX with the lines of `booktabs`, and as CSV.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::entry::Part;

pub use crate::entry::Entry;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// Columns aligned with spaces, for reading.
    #[default]
    Text,
    /// For a document.
    Markdown,
    /// For a paper; needs `\usepackage{booktabs}`.
    Latex,
    /// For another program.
    Csv,
}

/// A table: one header row, then rows of the same width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<Entry>>,
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
    pub fn push<S: Into<Entry>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut row: Vec<Entry> = cells.into_iter().map(Into::into).collect();
        assert!(row.len() <= self.headers.len(), "a row of {} cells under {} headers", row.len(), self.headers.len());
        row.resize(self.headers.len(), Entry::default());
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

    /// The table in one of its forms. Ends with a line break.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => self.to_text(),
            Format::Markdown => self.to_markdown(),
            Format::Latex => self.to_latex(),
            Format::Csv => self.to_csv(),
        }
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

    /// A LaTeX `tabular` with the lines of `booktabs`. Ends with a line break.
    pub fn to_latex(&self) -> String {
        let columns: String = (0..self.headers.len()).map(|i| if self.is_left(i) { 'l' } else { 'r' }).collect();
        let mut text = format!("\\begin{{tabular}}{{{columns}}}\n\\toprule\n");
        for (line, row) in self.lines().enumerate() {
            let cells: Vec<String> = row.into_iter().map(latex_text).collect();
            let _ = writeln!(text, "{} \\\\", cells.join(" & "));
            if line == 0 {
                text.push_str("\\midrule\n");
            }
        }
        text + "\\bottomrule\n\\end{tabular}\n"
    }

    /// Comma-separated values, quoted where they must be: a number a cell, so that deviations, ends of intervals and units
    /// have columns of their own behind that of their figure. Ends with a line break.
    pub fn to_csv(&self) -> String {
        let parts: Vec<BTreeSet<Part>> = (0..self.headers.len()).map(|column| self.parts(column)).collect();
        let of_columns = |cell: &dyn Fn(usize, Part) -> String| {
            let columns = parts.iter().enumerate();
            let cells = columns.flat_map(|(column, parts)| parts.iter().map(move |&part| quoted(&cell(column, part))));
            cells.collect::<Vec<_>>().join(",") + "\n"
        };
        let header = of_columns(&|column, part| self.headers[column].clone() + part.suffix());
        let rows = self.rows.iter().map(|row| of_columns(&|column, part| row[column].part(part).to_owned()));
        std::iter::once(header).chain(rows).collect()
    }

    /// What the cells of a column hold.
    fn parts(&self, column: usize) -> BTreeSet<Part> {
        let held = self.rows.iter().flat_map(|row| row[column].parts.iter().map(|&(part, _)| part));
        held.chain([Part::Value]).collect()
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

    /// The header and the rows as they are read.
    fn lines(&self) -> impl Iterator<Item = Vec<&str>> {
        let header = self.headers.iter().map(String::as_str).collect();
        let rows = self.rows.iter().map(|row| row.iter().map(|entry| entry.text.as_str()).collect());
        std::iter::once(header).chain(rows)
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

/// Text as LaTeX sets it: characters with a meaning of their own are escaped.
pub(crate) fn latex_text(text: &str) -> String {
    let escaped = |letter: char| match letter {
        '&' | '%' | '$' | '#' | '_' | '{' | '}' => format!("\\{letter}"),
        '~' => "\\textasciitilde{}".to_owned(),
        '^' => "\\textasciicircum{}".to_owned(),
        '\\' => "\\textbackslash{}".to_owned(),
        '±' => "$\\pm$".to_owned(),
        '−' => "$-$".to_owned(),
        '<' | '>' => format!("${letter}$"),
        other => other.to_string(),
    };
    text.chars().map(escaped).collect()
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

fn padded(cell: &str, width: usize, to_left: bool) -> String {
    if to_left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bootstrap::Interval;
    use crate::run_figures::Cell;

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
    fn latex_has_the_lines_of_booktabs_and_escapes_what_it_must() {
        let mut table = Table::new(["a_b", "%"]);
        table.push(["x & y", "0.5 ± 0.1"]);
        let expected = "\\begin{tabular}{lr}\n\\toprule\na\\_b & \\% \\\\\n\\midrule\nx \\& y & 0.5 $\\pm$ 0.1 \\\\\n\
                        \\bottomrule\n\\end{tabular}\n";
        assert_eq!(table.render(Format::Latex), expected);
    }

    #[test]
    fn csv_quotes_what_holds_a_comma_or_a_quote() {
        let mut table = Table::new(["a", "b"]);
        table.push(["1, 2", "say \"so\""]);
        assert_eq!(table.render(Format::Csv), "a,b\n\"1, 2\",\"say \"\"so\"\"\"\n");
    }

    #[test]
    fn in_csv_every_number_has_a_cell_of_its_own() {
        let interval = Some(Interval { low: 0.25, high: 0.75, undefined: 0 });
        let mut table = Table::new(["AU", "F1", "p"]);
        table.push([
            "AU01".into(),
            Entry::figure(Cell { value: Some(0.5), spread: Some(0.125), interval }, ""),
            "".into(),
        ]);
        table.push(["AU02".into(), Entry::figure(Cell::default(), "0 positives"), "1".into()]);
        table.push(["mean".into(), Entry::figure(Cell { value: Some(0.5), ..Cell::default() }, "").over("1/2")]);
        assert_eq!(
            table.to_csv(),
            "AU,F1,F1 sd,F1 low,F1 high,F1 units,p\nAU01,0.500,0.125,0.250,0.750,,\nAU02,n/a,,,,,1\nmean,0.500,,,,1/2,\n"
        );
        let text = table.to_text();
        assert!(text.contains("0.500 ± 0.125 [0.250, 0.750]") && text.contains("n/a (0 positives)"), "{text}");
        assert!(text.contains("0.500 (1/2)"), "{text}");
    }

    #[test]
    fn an_undefined_ratio_says_why() {
        assert_eq!(ratio_text(None, "0 positives"), "n/a (0 positives)");
        assert_eq!(ratio_text(Some(2.0 / 3.0), "0 positives"), "0.667");
    }
}
