//! One image file as 8-bit RGB: jpg, png, bmp, tiff; 8 or 16 bit; grey, palette, colour; upright.

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};

use super::FrameError;
use super::contain::contain;

/// Decodes an image by its content, whatever its name, and turns it upright as its EXIF orientation says.
///
/// 16-bit samples are divided by 257; grey goes to all three channels; transparency is dropped.
///
/// # Errors
/// When the file cannot be read or is no image of the known kinds.
pub(super) fn read(path: &Path) -> Result<RgbImage, FrameError> {
    let bytes = std::fs::read(path).map_err(|source| FrameError::from_io(source, path))?;
    decode(&bytes, None).map_err(|reason| FrameError::Image { reason, path: path.to_owned() })
}

/// Width and height of an upright image, without decoding its pixels, and the name of its format.
///
/// # Errors
/// As [`read`].
pub(super) fn size_and_format(path: &Path) -> Result<((u32, u32), String), FrameError> {
    let failed = |reason: String| FrameError::Image { reason, path: path.to_owned() };
    let reader = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(|source| FrameError::from_io(source, path))?;
    let format = reader.format();
    let (width_px, height_px, turned) = contain(|| -> image::ImageResult<_> {
        let mut decoder = reader.into_decoder()?;
        let (width_px, height_px) = decoder.dimensions();
        Ok((width_px, height_px, swaps_sides(decoder.orientation()?)))
    })
    .and_then(|result| result.map_err(|error| one_line(&error)))
    .map_err(failed)?;
    let name = format.and_then(|format| format.extensions_str().first()).map_or("image", |extension| *extension);
    Ok((if turned { (height_px, width_px) } else { (width_px, height_px) }, name.to_owned()))
}

/// Decodes image bytes to upright RGB. `format` is guessed when `None`.
///
/// # Errors
/// What the decoder said, in one line.
pub(super) fn decode(bytes: &[u8], format: Option<ImageFormat>) -> Result<RgbImage, String> {
    contain(|| -> image::ImageResult<RgbImage> {
        let mut reader = ImageReader::new(Cursor::new(bytes));
        match format {
            Some(format) => reader.set_format(format),
            None => reader = reader.with_guessed_format()?,
        }
        let mut decoder = reader.into_decoder()?;
        let orientation = decoder.orientation()?;
        let mut picture = DynamicImage::from_decoder(decoder)?;
        picture.apply_orientation(orientation);
        Ok(picture.into_rgb8())
    })
    .and_then(|result| result.map_err(|error| one_line(&error)))
}

fn one_line(error: &image::ImageError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether width and height change places.
pub(super) fn swaps_sides(orientation: image::metadata::Orientation) -> bool {
    use image::metadata::Orientation as O;
    matches!(orientation, O::Rotate90 | O::Rotate270 | O::Rotate90FlipH | O::Rotate270FlipH)
}
