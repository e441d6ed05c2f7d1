//! A symmetric matrix over names, from -1 (orange) over 0 (nothing) to 1 (blue).

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{BLUE, ORANGE, centred, for_page};

/// Edge of a cell, px.
const CELL_PX: i32 = 40;
/// Room for the names of rows, px.
const NAMES_PX: i32 = 52;
/// Room for the names of columns, px.
const HEAD_PX: i32 = 22;

/// The matrix `values[row][column]`, each in [-1, 1] or undefined, as SVG with its numbers in hundredths.
pub fn matrix(title: &str, names: &[String], values: &[Vec<Option<f64>>]) -> String {
    let mut svg = String::new();
    let [width, height] = size_px(names).map(|px| px as u32);
    let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
    draw(&area, names, &|row, column| hundredths(values[row][column])).expect("drawing into memory does not fail");
    drop(area);
    for_page(&svg, title)
}

/// Shade in [-1, 1] and text of a cell.
pub(super) type Cell = (Option<f64>, String);

/// The cell of a value in [-1, 1], its number in hundredths; a dash where it is undefined.
pub(super) fn hundredths(value: Option<f64>) -> Cell {
    // a whole number has no minus before its 0
    (value, value.map_or("-".to_owned(), |value| format!("{}", (100.0 * value).round() as i32)))
}

/// Width and height of a matrix over these names, px.
pub(super) fn size_px(names: &[String]) -> [i32; 2] {
    let cells = CELL_PX * names.len().max(1) as i32 + 4;
    [NAMES_PX + cells, HEAD_PX + cells]
}

/// Upper left corner of a cell, px.
pub(super) fn corner(row: usize, column: usize) -> (i32, i32) {
    (NAMES_PX + CELL_PX * column as i32, HEAD_PX + CELL_PX * row as i32)
}

/// Draws a matrix into the upper left of an area.
pub(super) fn draw<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    names: &[String],
    cell: &dyn Fn(usize, usize) -> Cell,
) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
    const HALF: i32 = CELL_PX / 2;
    for (place, name) in names.iter().enumerate() {
        let (x, y) = corner(place, place);
        area.draw(&Text::new(name.clone(), (NAMES_PX / 2, y + HALF), centred()))?;
        area.draw(&Text::new(name.clone(), (x + HALF, HEAD_PX / 2), centred()))?;
    }
    for row in 0..names.len() {
        for column in 0..names.len() {
            let (x, y) = corner(row, column);
            let (value, text) = cell(row, column);
            if let Some(value) = value {
                let colour = if value < 0.0 { ORANGE } else { BLUE };
                let shade = colour.mix(value.abs().min(1.0)).filled();
                area.draw(&Rectangle::new([(x, y), (x + CELL_PX - 1, y + CELL_PX - 1)], shade))?;
            }
            area.draw(&Text::new(text, (x + HALF, y + HALF), centred()))?;
        }
    }
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_little_below_nothing_is_nothing() {
        assert_eq!([-0.004, 0.004, -0.006].map(|value| hundredths(Some(value)).1), ["0", "0", "-1"]);
    }

    #[test]
    fn every_pair_has_its_cell_and_undefined_ones_a_dash() {
        let names = ["AU01".to_owned(), "AU02".to_owned()];
        let drawn = matrix("phi", &names, &[vec![Some(1.0), Some(-0.25)], vec![Some(-0.25), None]]);
        assert_eq!(drawn.matches("<rect").count(), 3);
        assert!(drawn.contains("-25") && drawn.contains("\n-\n"), "{drawn}");
    }
}
