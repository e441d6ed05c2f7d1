//! Activations between products: f32 in panels of a few columns.
//!
//! Rows of a panel follow one another, then the next panel follows: threads that compute different columns write to
//! different parts of memory. A product writes panels of 32 columns, attention one panel a head.

use crate::simd::{LANES, Line};

/// Lines of a row in a panel of a product.
pub(crate) const PANEL_LINES: usize = 2;
/// Columns of a panel of a product.
pub(crate) const PANEL: usize = PANEL_LINES * LANES;

/// The values of one row in one panel of a product.
pub(crate) type PanelRow = [Line<f32>; PANEL_LINES];

/// A matrix `[rows, columns]` in panels; columns past the last are zero.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    /// log₂ of the lines of a row in a panel.
    width: u32,
    lines: Vec<Line<f32>>,
}

impl Matrix {
    /// A matrix of zeros.
    pub fn new(rows: usize, columns: usize) -> Matrix {
        let mut matrix = Matrix::default();
        matrix.resize(rows, columns);
        matrix
    }

    /// A matrix of row-major values.
    ///
    /// # Panics
    /// When the values are no whole number of rows.
    pub fn from_rows(values: &[f32], columns: usize) -> Matrix {
        assert!(values.len().is_multiple_of(columns), "expected rows of {columns}, got {} values", values.len());
        let mut matrix = Matrix::new(values.len() / columns, columns);
        for (row, values) in values.chunks_exact(columns).enumerate() {
            matrix.set_row(row, values);
        }
        matrix
    }

    /// Another size. What it holds afterwards is of no meaning, but for zeros past the last column where the number of
    /// columns has changed. Memory is kept for the largest size so far.
    pub fn resize(&mut self, rows: usize, columns: usize) {
        self.resize_in_panels(rows, columns, PANEL_LINES);
    }

    /// [`resize`](Self::resize) with a power of two of lines a panel.
    pub(crate) fn resize_in_panels(&mut self, rows: usize, columns: usize, lines: usize) {
        assert!(lines.is_power_of_two(), "expected a power of two of lines a panel, got {lines}");
        let width = lines.ilog2();
        if (columns, width) != (self.columns, self.width) {
            self.lines.clear();
        }
        let length = rows * columns.div_ceil(lines * LANES) * lines;
        self.lines.resize(length, Line::default());
        (self.rows, self.columns, self.width) = (rows, columns, width);
    }

    /// Becomes copies of another matrix, one below the other.
    pub fn repeat(&mut self, source: &Matrix, copies: usize) {
        self.resize_in_panels(source.rows * copies, source.columns, 1 << source.width);
        let panel = (source.rows << source.width).max(1);
        for (to, from) in self.lines.chunks_mut(panel * copies.max(1)).zip(source.lines.chunks(panel)) {
            to.chunks_mut(panel).for_each(|to| to.copy_from_slice(from));
        }
    }

    /// Becomes some rows of another matrix, in the order given.
    ///
    /// # Panics
    /// When the other matrix has no such row.
    pub fn gather(&mut self, source: &Matrix, rows: impl ExactSizeIterator<Item = usize>) {
        self.resize_in_panels(rows.len(), source.columns, 1 << source.width);
        for (to, from) in rows.enumerate() {
            for place in 0..source.lines_of_row() {
                *self.line_mut(to, place) = *source.line(from, place);
            }
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Lines of a row in all panels.
    pub(crate) fn lines_of_row(&self) -> usize {
        self.lines.len() / self.rows.max(1)
    }

    /// All lines: row after row of a panel, panel after panel.
    pub(crate) fn lines_mut(&mut self) -> &mut [Line<f32>] {
        &mut self.lines
    }

    /// The 16 values at a place of a row, counted from the left.
    #[inline(always)]
    pub(crate) fn line(&self, row: usize, place: usize) -> &Line<f32> {
        &self.lines[self.index(row, place)]
    }

    #[inline(always)]
    pub(crate) fn line_mut(&mut self, row: usize, place: usize) -> &mut Line<f32> {
        let index = self.index(row, place);
        &mut self.lines[index]
    }

    #[inline(always)]
    fn index(&self, row: usize, place: usize) -> usize {
        let (panel, inside) = (place >> self.width, place & ((1 << self.width) - 1));
        ((panel * self.rows + row) << self.width) + inside
    }

    /// Writes a row.
    ///
    /// # Panics
    /// When there is no such row, or the values are not as many as columns.
    pub fn set_row(&mut self, row: usize, values: &[f32]) {
        assert!(row < self.rows && values.len() == self.columns, "expected {} values of a row", self.columns);
        for (place, values) in values.chunks(LANES).enumerate() {
            self.line_mut(row, place).0[..values.len()].copy_from_slice(values);
        }
    }

    /// Reads a row.
    ///
    /// # Panics
    /// When there is no such row, or `values` is not as long as there are columns.
    pub fn read_row(&self, row: usize, values: &mut [f32]) {
        assert!(row < self.rows && values.len() == self.columns, "expected {} values of a row", self.columns);
        for (place, values) in values.chunks_mut(LANES).enumerate() {
            values.copy_from_slice(&self.line(row, place).0[..values.len()]);
        }
    }

    /// All values row by row.
    pub fn to_rows(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.rows * self.columns];
        values.chunks_exact_mut(self.columns.max(1)).enumerate().for_each(|(row, values)| self.read_row(row, values));
        values
    }
}
