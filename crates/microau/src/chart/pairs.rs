//! Which action units go together in a dataset: clips in which both are present, and below them the phi coefficient.

use image::{Rgb, RgbImage};
use microau_data::stats::Pairs;
use plotters::coord::Shift;
use plotters::prelude::*;

use super::bitmap::Bitmap;
use super::letters;
use super::matrix::{draw, hundredths, size_px};

/// Room above each matrix for its title, px.
const TITLE_PX: i32 = 28;

/// Both matrices as an SVG picture, of the action units that are present in some clip.
pub fn pairs_svg(title: &str, pairs: &Pairs) -> String {
    let seen = Seen::new(pairs);
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, seen.size()).into_drawing_area();
    seen.draw(&area, title).expect("drawing into memory does not fail");
    drop(area);
    svg
}

/// The same in pixels.
pub fn pairs_png(title: &str, pairs: &Pairs) -> RgbImage {
    let seen = Seen::new(pairs);
    let (width, height) = seen.size();
    let mut picture = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    seen.draw(&Bitmap(&mut picture).into_drawing_area(), title).expect("drawing into memory does not fail");
    picture
}

/// The action units that are there.
struct Seen<'a> {
    pairs: &'a Pairs,
    places: Vec<usize>,
    names: Vec<String>,
}

impl<'a> Seen<'a> {
    fn new(pairs: &'a Pairs) -> Seen<'a> {
        let places: Vec<usize> = (0..pairs.aus.len()).filter(|&i| pairs.together[i][i] > 0).collect();
        let names = places.iter().map(|&i| pairs.aus[i].code().to_owned()).collect();
        Seen { pairs, places, names }
    }

    fn size(&self) -> (u32, u32) {
        let [width, height] = size_px(&self.names);
        // a title of some words has its room over a small matrix too
        (width.max(440) as u32, 2 * (height + TITLE_PX) as u32)
    }

    fn draw<B: DrawingBackend>(
        &self,
        area: &DrawingArea<B, Shift>,
        title: &str,
    ) -> Result<(), DrawingAreaErrorKind<B::ErrorType>> {
        let Pairs { together, phi, .. } = self.pairs;
        let largest = together.iter().flatten().copied().max().unwrap_or(0).max(1) as f64;
        let count = |row: usize, column: usize| {
            let count = together[self.places[row]][self.places[column]];
            (Some(count as f64 / largest), count.to_string())
        };
        let (upper, lower) = area.split_vertically(TITLE_PX + size_px(&self.names)[1]);
        area.fill(&WHITE)?;
        draw(&titled(&upper, &format!("{title}: clips in which both are present"))?, &self.names, &count)?;
        draw(&titled(&lower, &format!("{title}: phi coefficient in hundredths"))?, &self.names, &|row, column| {
            hundredths(phi[self.places[row]][self.places[column]])
        })
    }
}

/// Writes a title into the top of an area; returns the rest.
fn titled<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    title: &str,
) -> Result<DrawingArea<B, Shift>, DrawingAreaErrorKind<B::ErrorType>> {
    area.draw(&Text::new(title.to_owned(), (4, 6), letters()))?;
    Ok(area.split_vertically(TITLE_PX).1)
}

#[cfg(test)]
mod tests {
    use super::super::matrix::corner;
    use super::*;
    use microau_core::au::Au;

    fn example() -> Pairs {
        let aus = vec![Au::Au1, Au::Au2, Au::Au4];
        let together = vec![vec![3, 2, 0], vec![2, 4, 0], vec![0, 0, 0]];
        let phi = vec![vec![Some(1.0), Some(-0.5), None], vec![Some(-0.5), Some(1.0), None], vec![None; 3]];
        Pairs { aus, together, phi }
    }

    #[test]
    fn both_matrices_hold_the_units_that_are_seen() {
        let drawn = pairs_svg("casme2", &example());
        assert_eq!(drawn.matches("<svg").count(), 1);
        for part in ["casme2: phi", "casme2: clips", "AU02", "-50"] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
        assert!(!drawn.contains("AU04"), "{drawn}");
    }

    #[test]
    fn pixels_show_the_same_blue_for_a_pair_that_always_goes_together() {
        let picture = pairs_png("casme2", &example());
        // phi of a unit with itself is 1: a cell of full blue in the lower matrix, at its edge free of letters
        let [_, height] = size_px(&["a".to_owned(), "b".to_owned()]);
        let (x, y) = corner(0, 0);
        let corner = picture.get_pixel(x as u32 + 3, (TITLE_PX + height + TITLE_PX + y + 3) as u32);
        assert_eq!(corner.0, [0x1f, 0x77, 0xb4]);
        assert!(picture.pixels().any(|pixel| pixel.0 == [0; 3]), "there are letters");
    }
}
