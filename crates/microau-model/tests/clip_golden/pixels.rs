//! Pictures made ready for the tower.

use image::RgbImage;
use microau_model::clip::preprocess::{CLIP_MEAN, CLIP_STD, preprocess};
use safetensors::SafeTensors;

use crate::golden::{Golden, asset};

/// The same formula as in the script.
fn formula_picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |c: u32| x * x * 24 / width + x * y * (5 + c) * 8 / (width + height) + y * 7 + c * 40;
        image::Rgb([0, 1, 2].map(|c| (wave(c) % 256) as u8))
    })
}

#[test]
fn pixels_agree_with_hugging_faces_image_processors() {
    let golden = Golden::at(&asset("pixels.golden.safetensors"));
    let file = SafeTensors::deserialize(&golden.0).unwrap();
    assert_eq!(file.len(), 13);
    for (name, tensor) in file.iter() {
        let [size, side, processor] = name.split('.').collect::<Vec<_>>()[..] else { panic!("{name}") };
        let (width, height) = size.split_once('x').unwrap();
        let picture = formula_picture(width.parse().unwrap(), height.parse().unwrap());
        let got = preprocess(&picture, side.parse().unwrap());
        let area = got.len() / 3;
        // Pillow's own steps are repeated exactly; torchvision rounds its weights to fewer bits
        let bound = if processor == "pillow" { 0.001 } else { 1.001 };
        for (index, (value, expected)) in got.iter().zip(tensor.data()).enumerate() {
            let channel = index / area;
            let byte = (value * CLIP_STD[channel] + CLIP_MEAN[channel]) * 255.0;
            let gap = (byte - f32::from(*expected)).abs();
            assert!(gap <= bound, "{name} at {index}: expected {expected}, got {byte}");
        }
    }
}

#[test]
fn an_empty_picture_does_not_panic() {
    assert_eq!(preprocess(&RgbImage::new(0, 5), 4).len(), 48);
}
