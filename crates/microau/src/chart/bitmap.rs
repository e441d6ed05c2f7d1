//! Drawing into pixels, with the letters that heat maps have: no font engine is needed.

use std::convert::Infallible;

use image::{Rgb, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// The one size of letters.
const LETTERS: (FontWeight, RasterHeight) = (FontWeight::Regular, RasterHeight::Size16);

/// A picture that is drawn into. What lies outside is cut off; letters are upright and of one size.
pub(crate) struct Bitmap<'a>(pub(crate) &'a mut RgbImage);

/// The upper left corner of a text of this width and height, put at a point by its anchor.
fn corner((x, y): BackendCoord, [width, height]: [i32; 2], anchor: Pos) -> BackendCoord {
    let left = match anchor.h_pos {
        HPos::Left => 0,
        HPos::Center => width / 2,
        HPos::Right => width,
    };
    let above = match anchor.v_pos {
        VPos::Top => 0,
        VPos::Center => height / 2,
        VPos::Bottom => height,
    };
    (x - left, y - above)
}

impl DrawingBackend for Bitmap<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Infallible>> {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Result<(), DrawingErrorKind<Infallible>> {
        let [x, y] = [at.0, at.1].map(|place| u32::try_from(place).unwrap_or(u32::MAX));
        if let Some(Rgb(pixel)) = self.0.get_pixel_mut_checked(x, y) {
            let over = <[u8; 3]>::from(colour.rgb);
            for (under, over) in pixel.iter_mut().zip(over) {
                *under = (f64::from(*under) + colour.alpha * (f64::from(over) - f64::from(*under))).round() as u8;
            }
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let (colour, width) = (style.color(), get_raster_width(LETTERS.0, LETTERS.1) as i32);
        let at = corner(at, [width * text.chars().count() as i32, LETTERS.1.val() as i32], style.anchor());
        for (left, letter) in (at.0..).step_by(width as usize).zip(text.chars()) {
            let Some(raster) = get_raster(letter, LETTERS.0, LETTERS.1) else { continue };
            for (y, row) in (at.1..).zip(raster.rows()) {
                for (x, &cover) in (left..).zip(row.iter()) {
                    let alpha = colour.alpha * f64::from(cover) / 255.0;
                    self.draw_pixel((x, y), BackendColor { alpha, ..colour })?;
                }
            }
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = get_raster_width(LETTERS.0, LETTERS.1) * text.chars().count();
        Ok((width as u32, LETTERS.1.val() as u32))
    }
}
