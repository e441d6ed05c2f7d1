//! One bar a row, from 0 to 1, with its interval.

use plotters::prelude::*;

use super::{BLUE, LETTERS_PX, for_page, letters};

/// Height of a row, px.
const ROW_PX: i32 = 26;
/// Width of the names, px.
const NAMES_PX: i32 = 64;
/// Width of the whole drawing, px.
const WIDTH_PX: i32 = 640;
/// Width of the numbers on the right, px.
const NUMBERS_PX: i32 = 120;

/// A value from 0 to 1 with the interval it lies in, where known.
pub type Bar = (Option<f64>, Option<[f64; 2]>);

/// Bars from 0 to 1, one a row, with their intervals as whiskers and their numbers beside them, as SVG 640 wide.
pub fn bars(title: &str, names: &[String], values: &[Bar]) -> String {
    let mut svg = String::new();
    draw(&mut svg, names, values).expect("drawing into memory does not fail");
    for_page(&svg, title)
}

fn draw(svg: &mut String, names: &[String], values: &[Bar]) -> Result<(), Box<dyn std::error::Error>> {
    let height = ROW_PX * names.len().max(1) as i32 + 8;
    let area = SVGBackend::with_string(svg, (WIDTH_PX as u32, height as u32)).into_drawing_area();
    let x_at = |value: f64| NAMES_PX + (value.clamp(0.0, 1.0) * f64::from(WIDTH_PX - NAMES_PX - NUMBERS_PX)) as i32;
    for (row, (name, &(value, interval))) in names.iter().zip(values).enumerate() {
        let top = 4 + ROW_PX * row as i32;
        let text_top = top + (ROW_PX - LETTERS_PX as i32) / 2;
        area.draw(&Text::new(name.clone(), (4, text_top), letters()))?;
        let number = match (value, interval) {
            (None, _) => "n/a".to_owned(),
            (Some(value), None) => format!("{value:.3}"),
            (Some(value), Some([low, high])) => format!("{value:.3} ({low:.2}-{high:.2})"),
        };
        area.draw(&Text::new(number, (WIDTH_PX - NUMBERS_PX + 8, text_top), letters()))?;
        let Some(value) = value else { continue };
        let corners = [(x_at(0.0), top + 4), (x_at(value), top + ROW_PX - 4)];
        area.draw(&Rectangle::new(corners, BLUE.mix(0.8).filled()))?;
        if let Some([low, high]) = interval {
            let middle = top + ROW_PX / 2;
            area.draw(&PathElement::new(vec![(x_at(low), middle), (x_at(high), middle)], BLACK.stroke_width(2)))?;
        }
    }
    area.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undefined_value_has_a_name_and_no_bar() {
        let drawn = bars("F1", &["AU01".to_owned(), "AU05".to_owned()], &[(Some(0.5), Some([0.4, 0.6])), (None, None)]);
        assert_eq!(drawn.matches("<rect").count(), 1, "{drawn}");
        assert!(drawn.contains("n/a") && drawn.contains("AU05") && drawn.contains("0.500 (0.40-0.60)"));
    }
}
