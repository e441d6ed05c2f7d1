//! Folders, single images and pairs.

use std::path::Path;

use image::{DynamicImage, GrayImage, ImageBuffer, Luma, Rgb, RgbImage, Rgba};
use microau_core::time::{FrameIndex, FrameRate, Micros};
use microau_vision::frames::{self, FrameError, FrameSource, OpenSettings};

fn grey(level: u8) -> RgbImage {
    RgbImage::from_pixel(6, 4, Rgb([level; 3]))
}

fn levels(source: &mut dyn FrameSource) -> Vec<[u8; 3]> {
    std::iter::from_fn(|| source.next_frame().unwrap()).map(|frame| frame.image.get_pixel(5, 3).0).collect()
}

#[test]
fn frames_come_in_the_order_of_their_numbers() {
    let folder = tempfile::tempdir().unwrap();
    for number in [5_562_u32, 5_561, 10_000] {
        grey((number % 251) as u8).save(folder.path().join(format!("006_0{number}.png"))).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "no image").unwrap();
    std::fs::write(folder.path().join("Thumbs.db"), "no image").unwrap();
    std::fs::write(folder.path().join("._006_05561.png"), "no image").unwrap();
    let settings = OpenSettings { folder_rate: FrameRate::whole(200), ..OpenSettings::default() };
    let mut source = frames::open_with(folder.path(), &settings).unwrap();
    let info = source.info().clone();
    assert_eq!((info.width_px, info.height_px, info.frame_count), (6, 4, Some(3)));
    assert_eq!((info.rate, info.rate_known), (FrameRate::whole(200), false));
    assert_eq!((info.codec.as_str(), info.container.as_str()), ("png", "folder"));
    assert_eq!(info.numbers, Some(vec![5_561, 5_562, 10_000]));
    assert_eq!(info.index_of_number(10_000), Some(FrameIndex(2)));
    assert_eq!(info.index_of_number(2), None);
    let mut frames = Vec::new();
    while let Some(frame) = source.next_frame().unwrap() {
        frames.push((frame.index.0, frame.number, frame.time, u64::from(frame.image.get_pixel(0, 0)[0])));
    }
    let want = [(0, 5_561, 0), (1, 5_562, 5_000), (2, 10_000, 10_000)];
    assert_eq!(frames, want.map(|(index, number, micros)| (index, Some(number), Micros(micros), number % 251)));
}

#[test]
fn every_kind_of_image_gives_the_same_eight_bits() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    // 100 of 255 is 25,700 of 65,535.
    let wide = ImageBuffer::from_pixel(6, 4, Luma([25_700_u16]));
    wide.save(at("1.png")).unwrap();
    wide.save(at("2.tiff")).unwrap();
    ImageBuffer::from_pixel(6, 4, Rgb([25_700_u16; 3])).save(at("3.png")).unwrap();
    ImageBuffer::from_pixel(6, 4, Rgb([25_700_u16; 3])).save(at("4.tif")).unwrap();
    GrayImage::from_pixel(6, 4, Luma([100])).save(at("5.bmp")).unwrap();
    GrayImage::from_pixel(6, 4, Luma([100])).save(at("6.jpg")).unwrap();
    grey(100).save(at("7.JPEG")).unwrap();
    grey(100).save(at("8.bmp")).unwrap();
    ImageBuffer::from_pixel(6, 4, Rgba([100_u8, 100, 100, 7])).save(at("9.png")).unwrap();
    DynamicImage::from(grey(100)).save_with_format(at("10.jpg"), image::ImageFormat::Png).unwrap();
    let mut source = frames::open(folder.path()).unwrap();
    assert_eq!(levels(source.as_mut()), [[100; 3]; 10]);
}

#[test]
fn sixteen_bits_are_rounded_over_their_whole_range() {
    let folder = tempfile::tempdir().unwrap();
    let ramp = ImageBuffer::from_fn(256, 1, |x, _| Luma([x as u16 * 257]));
    ramp.save(folder.path().join("ramp.png")).unwrap();
    let frame = frames::open(&folder.path().join("ramp.png")).unwrap().next_frame().unwrap().unwrap();
    assert!(frame.image.enumerate_pixels().all(|(x, _, pixel)| pixel.0 == [x as u8; 3]));
}

#[test]
fn photographs_come_upright() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phone.jpg");
    let picture = RgbImage::from_fn(32, 16, |x, _| Rgb([if x < 16 { 250 } else { 5 }; 3]));
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&picture).unwrap();
    // EXIF, big endian, one entry: orientation (0x0112), SHORT, 1 value, 6: turn by 90 degrees clockwise.
    let exif = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    std::fs::write(&path, [&jpeg[..2], exif, &jpeg[2..]].concat()).unwrap();
    let mut source = frames::open(&path).unwrap();
    assert_eq!((source.info().width_px, source.info().height_px), (16, 32));
    let image = source.next_frame().unwrap().unwrap().image;
    assert!(image.get_pixel(8, 2)[0] > 200 && image.get_pixel(8, 29)[0] < 50, "left went to the top");
}

#[test]
fn two_images_are_a_film_of_two_frames_in_the_order_given() {
    let folder = tempfile::tempdir().unwrap();
    let (onset, apex) = (folder.path().join("9.png"), folder.path().join("3.png"));
    grey(90).save(&onset).unwrap();
    grey(30).save(&apex).unwrap();
    let mut source = frames::open_pair(&onset, &apex).unwrap();
    assert_eq!((source.info().frame_count, source.info().rate_known), (Some(2), false));
    assert_eq!(source.info().numbers, None, "9 before 3 are no frame numbers");
    assert_eq!(levels(source.as_mut()), [[90; 3], [30; 3]]);
}

#[test]
fn folders_without_images_say_where_some_are() {
    let folder = tempfile::tempdir().unwrap();
    let error = frames::open(folder.path()).err().unwrap();
    assert!(matches!(error, FrameError::EmptyFolder { images_in: None, .. }), "{error:?}");
    std::fs::create_dir(folder.path().join("EP02_01f")).unwrap();
    grey(1).save(folder.path().join("EP02_01f/img1.png")).unwrap();
    let error = frames::open(folder.path()).err().unwrap();
    assert!(error.hint().unwrap().contains("EP02_01f"), "{error:?}");
}

#[test]
fn a_damaged_image_is_told_and_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    for number in 1..=3 {
        grey(number).save(folder.path().join(format!("img{number}.png"))).unwrap();
    }
    std::fs::write(folder.path().join("img2.png"), b"\x89PNG\r\n\x1a\nrubbish").unwrap();
    let mut source = frames::open(folder.path()).unwrap();
    assert_eq!(source.next_frame().unwrap().unwrap().number, Some(1));
    let error = source.next_frame().unwrap_err();
    assert!(matches!(&error, FrameError::Image { path, .. } if path.ends_with("img2.png")), "{error:?}");
    assert_eq!(source.next_frame().unwrap().unwrap().index, FrameIndex(2));
}

#[test]
fn images_of_two_sizes_are_no_film() {
    let folder = tempfile::tempdir().unwrap();
    grey(1).save(folder.path().join("1.png")).unwrap();
    RgbImage::new(7, 4).save(folder.path().join("2.png")).unwrap();
    let mut source = frames::open(folder.path()).unwrap();
    source.next_frame().unwrap();
    let error = source.next_frame().unwrap_err();
    assert!(error.to_string().starts_with("expected all frames to be 6x4 px, got 7x4 px in frame 1: "), "{error}");
    assert_eq!(source.next_frame().unwrap(), None);
}

#[test]
fn what_is_not_there_is_missing() {
    for missing in [Path::new("/nowhere/at/all.mp4"), Path::new("nowhere")] {
        assert!(matches!(frames::open(missing), Err(FrameError::Missing { .. })));
        assert!(matches!(frames::open_pair(missing, missing), Err(FrameError::Missing { .. })));
    }
}
