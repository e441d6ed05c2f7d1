//! Pictures of numbers as SVG: curves over steps, bars an AU, and matrices of AU pairs.
//!
//! Colours are `currentColor` for ink and a blue and an orange that keep apart for eyes that confuse red and green; a page
//! sets light and dark by CSS. A value that is undefined is drawn as a gap or a dash, never as 0.

mod bars;
mod bitmap;
mod curves;
mod matrix;
mod pairs;

pub use bars::{Bar, bars};
pub(crate) use bitmap::Bitmap;
pub use curves::{Curve, curves};
pub use matrix::matrix;
pub use pairs::{pairs_png, pairs_svg};

use plotters::prelude::{BLACK, IntoFont, RGBColor, TextStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// For what is shown.
const BLUE: RGBColor = RGBColor(0x1f, 0x77, 0xb4);
/// For what it is compared with.
const ORANGE: RGBColor = RGBColor(0xe6, 0x85, 0x0e);
/// Height of letters, px.
const LETTERS_PX: u32 = 13;
/// A drawing in a page is never smaller than this share of its size: letters of 9.6 px can still be read.
const LEAST_SCALE: f64 = 0.74;
/// Nor larger than this: letters of 16 px are those of the page.
const MOST_SCALE: f64 = 1.23;

fn letters() -> TextStyle<'static> {
    ("sans-serif", LETTERS_PX).into_font().color(&BLACK)
}

/// Letters around a point.
fn centred() -> TextStyle<'static> {
    letters().pos(Pos::new(HPos::Center, VPos::Center))
}

/// The drawing as part of a page: it takes the width there is as long as its letters can be read, and is scrolled where there
/// is less; its black is the page's ink, and it says what it shows to those who cannot see it.
fn for_page(svg: &str, title: &str) -> String {
    let open = svg.find("<svg ").map_or(0, |start| start + "<svg ".len());
    let end = svg[open..].find('>').map_or(svg.len(), |end| open + end);
    let (head, body) = (&svg[open..end], &svg[end..]);
    let size = |name: &str| -> String {
        let value = head.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
        value.unwrap_or("0").to_owned()
    };
    let (width, height) = (size("width"), size("height"));
    let of_width = |share: f64| share * width.parse::<f64>().unwrap_or(0.0);
    let (least, most) = (of_width(LEAST_SCALE), of_width(MOST_SCALE));
    let view = format!("viewBox=\"0 0 {width} {height}\" style=\"min-width:{least:.0}px;max-width:{most:.0}px\"");
    let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let body = body.replace("#000000", "currentColor");
    format!(
        "<div class=\"chart\" tabindex=\"0\"><svg role=\"img\" aria-label=\"{title}\" {view} \
         xmlns=\"http://www.w3.org/2000/svg\"{body}</div>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_takes_the_ink_of_its_page_and_says_what_it_shows() {
        let svg = r##"<svg width="10" height="20" xmlns="x"><text fill="#000000">a</text></svg>"##;
        let drawn = for_page(svg, "F1 & \"more\"");
        assert_eq!(
            drawn,
            "<div class=\"chart\" tabindex=\"0\"><svg role=\"img\" aria-label=\"F1 &amp; &quot;more&quot;\" \
             viewBox=\"0 0 10 20\" style=\"min-width:7px;max-width:12px\" xmlns=\"http://www.w3.org/2000/svg\">\
             <text fill=\"currentColor\">a</text></svg></div>"
        );
    }
}
