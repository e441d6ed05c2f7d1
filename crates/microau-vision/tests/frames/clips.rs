//! Films decoded in pure Rust, frame by frame against ffmpeg.

use image::RgbImage;
use microau_core::time::{FrameIndex, FrameRate, Micros};
use microau_vision::frames::avi::Avi;
use microau_vision::frames::mp4::Mp4;
use microau_vision::frames::{self, Frame, FrameError, FrameSource, OpenSettings};

use crate::golden::{Golden, assert_same_as_ffmpeg, asset, film};

fn all_frames(source: &mut dyn FrameSource) -> Vec<Frame> {
    std::iter::from_fn(|| source.next_frame().unwrap()).collect()
}

fn last_frame(name: &str) -> Frame {
    all_frames(frames::open_with(&asset(name), &built_in()).unwrap().as_mut()).pop().unwrap()
}

/// Without ffmpeg.
fn built_in() -> OpenSettings {
    OpenSettings { ffmpeg: None, ..OpenSettings::default() }
}

fn picture_by_ffmpeg(name: &str) -> RgbImage {
    image::open(asset(&format!("{name}.png"))).unwrap().into_rgb8()
}

/// Largest difference of a channel, and the mean.
fn difference(ours: &RgbImage, theirs: &RgbImage) -> (u8, f64) {
    assert_eq!(ours.dimensions(), theirs.dimensions());
    let differences: Vec<u8> = ours.iter().zip(theirs.iter()).map(|(a, b)| a.abs_diff(*b)).collect();
    let sum: f64 = differences.iter().map(|&d| f64::from(d)).sum();
    (differences.iter().copied().max().unwrap(), sum / differences.len() as f64)
}

#[test]
fn real_films_decode_to_the_same_bytes_as_ffmpeg() {
    for name in ["single_face.mp4", "WolfgangLanger_Pexels.mp4", "no_face.mp4", "cap13_edit2.mp4", "franck.mp4"] {
        let Some(path) = film(name) else { continue };
        assert_same_as_ffmpeg(&path, &Golden::of(name));
    }
}

#[test]
fn every_trap_of_the_container_decodes_to_the_same_bytes_as_ffmpeg() {
    for name in [
        "plain.mp4",
        "cropped.mp4",
        "full709.mp4",
        "vfr.mp4",
        "cut.mp4",
        "rotated.mp4",
        "fragmented.mp4",
        "sound.mov",
        "ten_bit.mp4",
        "wide_chroma.mp4",
        "interlaced.mp4",
    ] {
        assert_same_as_ffmpeg(&asset(name), &Golden::of(name));
    }
}

#[test]
fn rates_are_exact_fractions() {
    for name in ["plain.mp4", "cut.mp4", "fragmented.mp4", "sound.mov"] {
        let film = Mp4::open(&asset(name)).unwrap();
        assert_eq!(film.info().rate, Golden::of(name).rate, "{name}");
        assert!(film.info().rate_known && film.info().rate_constant, "{name}");
        assert_eq!(film.info().frame_count, Some(Golden::of(name).frames.len() as u64), "{name}");
    }
    let film = Avi::open(&asset("mjpeg.avi")).unwrap();
    assert_eq!(film.info().rate, FrameRate::new(30_000, 1_001).unwrap());
}

#[test]
fn a_variable_rate_keeps_the_time_of_each_frame_and_states_the_mean() {
    let mut film = Mp4::open(&asset("vfr.mp4")).unwrap();
    assert!(!film.info().rate_constant);
    // 12 frames, the last of which starts at 231 ms: 11 steps.
    assert_eq!(film.info().rate, FrameRate::new(11_000, 231).unwrap());
    // As made: n^2 + 10 n ms.
    for frame in all_frames(&mut film) {
        let n = frame.index.0 as i64;
        assert_eq!(frame.time, Micros(1_000 * (n * n + 10 * n)));
    }
}

#[test]
fn a_turned_film_comes_upright() {
    let film = Mp4::open(&asset("rotated.mp4")).unwrap();
    assert_eq!((film.info().width_px, film.info().height_px), (48, 64));
    // ffmpeg turns before it converts; rounding apart that is the same.
    let (worst, _) = difference(&last_frame("rotated.mp4").image, &picture_by_ffmpeg("rotated.mp4"));
    assert!(worst <= 1, "{worst}");
}

#[test]
fn colours_follow_matrix_and_range_as_in_ffmpeg() {
    // Rounding apart, the same; a wrong matrix or range is worth ten levels and more. JPEG decoders may differ in the
    // inverse cosine transform by a level of luma and of chroma, which is up to 3 of RGB.
    for (name, most) in [
        ("plain.mp4", 1),
        ("full709.mp4", 1),
        ("ten_bit.mp4", 1),
        ("wide_chroma.mp4", 1),
        ("mjpeg.avi", 3),
        ("bgr24.avi", 0),
        ("uyvy.avi", 1),
        ("i420.avi", 1),
    ] {
        let (worst, mean) = difference(&last_frame(name).image, &picture_by_ffmpeg(name));
        eprintln!("{name}: worst {worst}, mean {mean:.3}");
        assert!(worst <= most, "{name}: worst {worst}, mean {mean}");
    }
}

#[test]
fn skipping_comes_to_the_same_frame_as_reading() {
    for name in ["plain.mp4", "mjpeg.avi", "cut.mp4"] {
        let all = all_frames(frames::open_with(&asset(name), &built_in()).unwrap().as_mut());
        let mut source = frames::open_with(&asset(name), &built_in()).unwrap();
        assert_eq!(source.skip(2).unwrap(), 2);
        assert_eq!(source.next_frame().unwrap().as_ref(), all.get(2), "{name}");
        assert_eq!(source.skip(100).unwrap(), all.len() as u64 - 3);
        assert_eq!(source.next_frame().unwrap(), None);
        assert_eq!(source.next_frame().unwrap(), None);
    }
}

#[test]
fn codecs_that_are_not_built_in_are_named() {
    for (name, want, container) in
        [("hevc.mp4", "hevc", "mp4"), ("h444.mp4", "h264 (4:4:4 chroma)", "mp4"), ("xvid.avi", "mpeg4", "avi")]
    {
        match frames::open_with(&asset(name), &built_in()).err() {
            Some(FrameError::NeedsFfmpeg { codec, container: found, .. }) => {
                assert_eq!((codec.as_str(), found.as_str()), (want, container));
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let error = frames::open_with(&asset("vfr.mkv"), &built_in()).err().unwrap();
    assert!(error.to_string().contains("matroska/webm"), "{error}");
    assert!(error.hint().unwrap().contains("install ffmpeg"));
    assert!(!error.to_string().contains('\n'), "one line");
}

#[test]
fn a_film_has_no_numbers_but_its_indices() {
    let film = Mp4::open(&asset("plain.mp4")).unwrap();
    assert_eq!(film.info().index_of_number(11), Some(FrameIndex(11)));
    assert_eq!(film.info().index_of_number(12), None);
}
