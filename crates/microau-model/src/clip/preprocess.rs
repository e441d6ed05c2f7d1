//! CLIP's own way from a picture to numbers: shorter side to S with an antialiased bicubic, centre crop S × S, then
//! channel by channel (x/255 − mean) / std.

use image::RgbImage;

use super::resample::resize_bicubic;

/// Mean of red, green, blue in CLIP's training pictures, 0..1.
pub const CLIP_MEAN: [f32; 3] = [0.481_454_66, 0.457_827_5, 0.408_210_73];
/// Standard deviation of red, green, blue in CLIP's training pictures, 0..1.
pub const CLIP_STD: [f32; 3] = [0.268_629_54, 0.261_302_6, 0.275_777_1];

/// A picture of any size as CLIP sees it: channel by channel, rows from the top, 3 · `image_px`² values.
///
/// Aligned face crops are square and of the right size already; they need [`normalised`] alone.
/// An empty picture gives all zeros before normalisation.
pub fn preprocess(picture: &RgbImage, image_px: usize) -> Vec<f32> {
    let (width, height) = picture.dimensions();
    if width == 0 || height == 0 || image_px == 0 {
        return normalised(&RgbImage::new(image_px as u32, image_px as u32));
    }
    let [new_width, new_height] = shorter_side_to(image_px as u32, [width, height]);
    let resized = resize_bicubic(picture, new_width, new_height);
    let side = image_px as u32;
    let (left, top) = ((new_width - side) / 2, (new_height - side) / 2);
    let crop = image::imageops::crop_imm(&resized, left, top, side, side);
    normalised(&crop.to_image())
}

/// The pixels of a picture, channel by channel, with CLIP's mean and deviation taken out: 3 · height · width values.
pub fn normalised(picture: &RgbImage) -> Vec<f32> {
    let pixels = (picture.width() * picture.height()) as usize;
    let mut values = vec![0.0; 3 * pixels];
    for (index, pixel) in picture.pixels().enumerate() {
        for channel in 0..3 {
            let share = f32::from(pixel.0[channel]) / 255.0;
            values[channel * pixels + index] = (share - CLIP_MEAN[channel]) / CLIP_STD[channel];
        }
    }
    values
}

/// New width and height; the longer side is rounded down, as Hugging Face and torchvision do.
fn shorter_side_to(side: u32, [width, height]: [u32; 2]) -> [u32; 2] {
    let (short, long) = (width.min(height), width.max(height));
    let new_long = (u64::from(side) * u64::from(long) / u64::from(short)) as u32;
    if width <= height { [side, new_long] } else { [new_long, side] }
}
