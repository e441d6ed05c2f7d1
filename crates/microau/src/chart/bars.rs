//! One bar a row, from 0 to 1, with its interval.

use plotters::prelude::*;

use super::{BLUE, LETTERS_PX, centred, for_page, letters};

/// Height of a row, px.
const ROW_PX: i32 = 26;
/// Width of the names, px.
const NAMES_PX: i32 = 56;
/// Width of the whole drawing, px.
const WIDTH_PX: i32 = 480;
/// Width of the numbers on the right, px.
const NUMBERS_PX: i32 = 140;
/// Height of the axis, px.
const AXIS_PX: i32 = 22;
/// Where the axis has its lines.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];
/// Least width of a bar, px: 0 is a value and shows.
const LEAST_PX: i32 = 3;

/// A value from 0 to 1 with the interval it lies in, where known.
pub type Bar = (Option<f64>, Option<[f64; 2]>);

/// Bars from 0 to 1 over an axis, one a row, with their intervals as whiskers and their numbers beside them; an undefined
/// one is a word in the place of its bar. SVG 480 wide.
pub fn bars(title: &str, names: &[String], values: &[Bar]) -> String {
    let mut svg = String::new();
    draw(&mut svg, names, values).expect("drawing into memory does not fail");
    for_page(&svg, title)
}

fn draw(svg: &mut String, names: &[String], values: &[Bar]) -> Result<(), Box<dyn std::error::Error>> {
    let below = ROW_PX * names.len().max(1) as i32 + 4;
    let area = SVGBackend::with_string(svg, (WIDTH_PX as u32, (below + AXIS_PX) as u32)).into_drawing_area();
    let x_at = |value: f64| NAMES_PX + (value.clamp(0.0, 1.0) * f64::from(WIDTH_PX - NAMES_PX - NUMBERS_PX)) as i32;
    for tick in TICKS {
        let x = x_at(tick);
        area.draw(&PathElement::new(vec![(x, 2), (x, below + 4)], BLACK.mix(0.2)))?;
        area.draw(&Text::new(tick.to_string(), (x, below + AXIS_PX / 2 + 2), centred()))?;
    }
    for (row, (name, &(value, interval))) in names.iter().zip(values).enumerate() {
        let top = 4 + ROW_PX * row as i32;
        let text_top = top + (ROW_PX - LETTERS_PX as i32) / 2;
        area.draw(&Text::new(name.clone(), (4, text_top), letters()))?;
        let Some(value) = value else {
            area.draw(&Text::new("n/a", (x_at(0.0) + 6, text_top), letters()))?;
            continue;
        };
        let ends = interval.map_or(String::new(), |[low, high]| format!(" [{low:.2}, {high:.2}]"));
        area.draw(&Text::new(format!("{value:.3}{ends}"), (WIDTH_PX - NUMBERS_PX + 16, text_top), letters()))?;
        let right = x_at(value).max(x_at(0.0) + LEAST_PX);
        let corners = [(x_at(0.0), top + 4), (right, top + ROW_PX - 4)];
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
        assert!(drawn.contains("n/a") && drawn.contains("AU05") && drawn.contains("0.500 [0.40, 0.60]"));
        assert!(["0", "0.25", "1"].iter().all(|tick| drawn.contains(&format!("\n{tick}\n"))), "an axis: {drawn}");
    }

    #[test]
    fn nothing_is_a_bar_that_can_be_seen() {
        let drawn = bars("F1", &["AU01".to_owned()], &[(Some(0.0), None)]);
        assert!(drawn.contains("<rect") && drawn.contains("width=\"3\""), "{drawn}");
    }
}
