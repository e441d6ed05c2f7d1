//! Films written and read back by the decoders of this crate, which are held against ffmpeg elsewhere.

use std::io::Cursor;
use std::path::Path;

use image::{Rgb, RgbImage};
use microau_core::time::{FrameIndex, FrameRate, Micros};
use microau_vision::encode::Mp4Writer;
use microau_vision::frames::{self, Frame, OpenSettings};

/// A grey slope with a bright square that wanders.
fn picture(number: u64) -> RgbImage {
    let left = 10 + 3 * number as u32;
    RgbImage::from_fn(96, 64, |x, y| {
        let is_square = (left..left + 16).contains(&x) && (20..36).contains(&y);
        if is_square { Rgb([240, 120, 30]) } else { Rgb([(40 + x) as u8, (40 + x) as u8, (60 + y) as u8]) }
    })
}

fn film(path: &Path, rate: FrameRate, times: &[Micros]) {
    let mut writer = Mp4Writer::new(Cursor::new(Vec::new()), 96, 64, rate).unwrap();
    for (number, &time) in (0..).zip(times) {
        writer.push(&picture(number), time).unwrap();
    }
    std::fs::write(path, writer.finish().unwrap().into_inner()).unwrap();
}

fn read(path: &Path) -> (frames::VideoInfo, Vec<Frame>) {
    let mut source = frames::open_with(path, &OpenSettings { ffmpeg: None, ..OpenSettings::default() }).unwrap();
    let read = std::iter::from_fn(|| source.next_frame().unwrap()).collect();
    (source.info().clone(), read)
}

#[test]
fn a_film_is_read_back_with_its_size_rate_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    let rate = FrameRate::new(30_000, 1_001).unwrap();
    let times: Vec<Micros> = (0..70).map(|frame| rate.time_of(FrameIndex(frame))).collect();
    film(&path, rate, &times);
    let (info, read) = read(&path);
    assert_eq!((info.width_px, info.height_px, info.rate, info.frame_count), (96, 64, rate, Some(70)));
    assert!(info.rate_constant && info.codec == "h264");
    assert_eq!(read.iter().map(|frame| frame.time).collect::<Vec<_>>(), times);
    for (number, frame) in (0..).zip(&read) {
        let wanted = picture(number);
        let differences = wanted.iter().zip(frame.image.iter()).map(|(a, b)| f64::from(a.abs_diff(*b)));
        let mean = differences.sum::<f64>() / (96.0 * 64.0 * 3.0);
        // chroma of half the size smears the edges of the square; the quantiser adds about one level
        assert!(mean < 4.0, "frame {number}: {mean}");
    }
}

#[test]
fn frames_of_variable_rate_keep_their_times() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mp4");
    let times = [0, 40_000, 130_000, 150_000].map(Micros);
    film(&path, FrameRate::whole(25), &times);
    let (_, read) = read(&path);
    let off = read.iter().zip(times).map(|(frame, time)| (frame.time.0 - time.0).abs()).max();
    // a tick is 11 microseconds
    assert!(read.len() == 4 && off < Some(12), "{off:?}");
}
