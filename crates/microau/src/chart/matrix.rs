//! A symmetric matrix over names, from -1 (orange) over 0 (nothing) to 1 (blue).

use plotters::prelude::*;

use super::{BLUE, LETTERS_PX, ORANGE, for_page, letters};

/// Edge of a cell, px.
const CELL_PX: i32 = 40;
/// Room for names, px.
const NAMES_PX: i32 = 52;

/// The matrix `values[row][column]`, each in [-1, 1] or undefined, as SVG with its numbers in hundredths.
pub fn matrix(title: &str, names: &[String], values: &[Vec<Option<f64>>]) -> String {
    let cell = |row: usize, column: usize| match values[row][column] {
        None => (None, "-".to_owned()),
        Some(value) => (Some(value), format!("{:.0}", 100.0 * value)),
    };
    drawn(title, names, &cell)
}

/// The matrix of counts `values[row][column]` as SVG, shaded by their share of the largest.
pub fn counts(title: &str, names: &[String], values: &[Vec<usize>]) -> String {
    let largest = values.iter().flatten().copied().max().unwrap_or(0).max(1) as f64;
    let cell = |row: usize, column: usize| {
        let count = values[row][column];
        (Some(count as f64 / largest), count.to_string())
    };
    drawn(title, names, &cell)
}

/// Shade in [-1, 1] and text of a cell.
type Cell<'a> = &'a dyn Fn(usize, usize) -> (Option<f64>, String);

fn drawn(title: &str, names: &[String], cell: Cell<'_>) -> String {
    let mut svg = String::new();
    draw(&mut svg, names, cell).expect("drawing into memory does not fail");
    for_page(&svg, title)
}

fn draw(svg: &mut String, names: &[String], cell: Cell<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let edge = (NAMES_PX + CELL_PX * names.len().max(1) as i32 + 4) as u32;
    let area = SVGBackend::with_string(svg, (edge, edge)).into_drawing_area();
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
    area.present()?;
    Ok(())
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

    #[test]
    fn counts_are_written_as_they_are() {
        let drawn = counts("together", &["AU01".to_owned(), "AU02".to_owned()], &[vec![12, 3], vec![3, 0]]);
        assert!(drawn.contains("\n12\n") && drawn.contains("\n0\n"), "{drawn}");
    }
}
