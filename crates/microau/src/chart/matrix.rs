//! A symmetric matrix over names, from -1 (orange) over 0 (nothing) to 1 (blue).

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{BLUE, LETTERS_PX, ORANGE, for_page, letters};

/// Edge of a cell, px.
const CELL_PX: i32 = 40;
/// Room for names, px.
const NAMES_PX: i32 = 52;

/// The matrix `values[row][column]`, each in [-1, 1] or undefined, as SVG with its numbers in hundredths.
pub fn matrix(title: &str, names: &[String], values: &[Vec<Option<f64>>]) -> String {
    let mut svg = String::new();
    let edge = edge_px(names) as u32;
    let area = SVGBackend::with_string(&mut svg, (edge, edge)).into_drawing_area();
    draw(&area, names, &|row, column| hundredths(values[row][column])).expect("drawing into memory does not fail");
    drop(area);
    for_page(&svg, title)
}

/// Shade in [-1, 1] and text of a cell.
pub(super) type Cell = (Option<f64>, String);

/// The cell of a value in [-1, 1], its number in hundredths; a dash where it is undefined.
pub(super) fn hundredths(value: Option<f64>) -> Cell {
    (value, value.map_or("-".to_owned(), |value| format!("{:.0}", 100.0 * value)))
}

/// Width and height of a matrix over these names, px.
pub(super) fn edge_px(names: &[String]) -> i32 {
    NAMES_PX + CELL_PX * names.len().max(1) as i32 + 4
}

/// Draws a matrix into the upper left of an area.
pub(super) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    names: &[String],
    cell: &dyn Fn(usize, usize) -> Cell,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    let start = |place: usize| NAMES_PX + CELL_PX * place as i32;
    let line = (CELL_PX - LETTERS_PX as i32) / 2;
    for (place, name) in names.iter().enumerate() {
        area.draw(&Text::new(name.clone(), (4, start(place) + line), letters()))?;
        area.draw(&Text::new(name.clone(), (start(place) + 2, NAMES_PX - LETTERS_PX as i32 - 4), letters()))?;
    }
    for row in 0..names.len() {
        for column in 0..names.len() {
            let (x, y) = (start(column), start(row));
            let (value, text) = cell(row, column);
            if let Some(value) = value {
                let colour = if value < 0.0 { ORANGE } else { BLUE };
                let shade = colour.mix(value.abs().min(1.0)).filled();
                area.draw(&Rectangle::new([(x, y), (x + CELL_PX - 1, y + CELL_PX - 1)], shade))?;
            }
            area.draw(&Text::new(text, (x + 8, y + line), letters()))?;
        }
    }
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_has_its_cell_and_undefined_ones_a_dash() {
        let names = ["AU01".to_owned(), "AU02".to_owned()];
        let drawn = matrix("phi", &names, &[vec![Some(1.0), Some(-0.25)], vec![Some(-0.25), None]]);
        assert_eq!(drawn.matches("<rect").count(), 3);
        assert!(drawn.contains("-25") && drawn.contains("\n-\n"), "{drawn}");
    }
}
