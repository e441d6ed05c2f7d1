//! Frames as files.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageResult, RgbImage};
use serde::{Deserialize, Serialize};

/// Quality of frames written as JPEG. The camera of a clip has compressed them already, at its own quality.
const FILE_QUALITY: u8 = 97;

/// How frames are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameFormat {
    /// JPEG of quality 97.
    Jpg,
    /// PNG, every pixel as rendered.
    Png,
}

impl FrameFormat {
    /// Ending of the files' names.
    pub(crate) const fn extension(self) -> &'static str {
        match self {
            FrameFormat::Jpg => "jpg",
            FrameFormat::Png => "png",
        }
    }
}

/// The bytes of a frame's file.
pub(crate) fn encoded(image: &RgbImage, format: FrameFormat) -> ImageResult<Vec<u8>> {
    match format {
        FrameFormat::Jpg => jpeg(image, FILE_QUALITY),
        FrameFormat::Png => {
            let mut bytes = Vec::new();
            let (width, height) = image.dimensions();
            PngEncoder::new(&mut bytes).write_image(image, width, height, ExtendedColorType::Rgb8)?;
            Ok(bytes)
        }
    }
}

/// A frame as JPEG of a quality of 1..=100.
pub(crate) fn jpeg(image: &RgbImage, quality: u8) -> ImageResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 << 15);
    let (width, height) = image.dimensions();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode(image, width, height, ExtendedColorType::Rgb8)?;
    Ok(bytes)
}
