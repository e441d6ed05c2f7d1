//! Films through an ffmpeg on the `PATH`; skipped with a note where there is none.

use image::RgbImage;
use microau_vision::frames::ffmpeg::Ffmpeg;
use microau_vision::frames::{self, Frame, FrameError, OpenSettings};

use crate::golden::{Golden, asset, film};

fn ffmpeg() -> Option<Ffmpeg> {
    let found = Ffmpeg::on_path();
    if found.is_none() {
        eprintln!("skipped: no ffmpeg and ffprobe on the PATH");
    }
    found
}

fn all_frames(name: &str) -> Vec<Frame> {
    let mut source = frames::open(&asset(name)).unwrap();
    std::iter::from_fn(|| source.next_frame().unwrap()).collect()
}

#[test]
fn what_is_not_built_in_comes_through_ffmpeg() {
    if ffmpeg().is_none() {
        return;
    }
    for (name, codec) in [("hevc.mp4", "hevc"), ("h444.mp4", "h264"), ("xvid.avi", "mpeg4"), ("vfr.mkv", "ffv1")] {
        let source = frames::open(&asset(name)).unwrap();
        assert_eq!((source.info().codec.as_str(), source.info().width_px, source.info().height_px), (codec, 64, 48));
        drop(source);
        let frames = all_frames(name);
        assert_eq!(frames.len(), Golden::of(name).frames.len(), "{name}");
        assert!(frames.iter().enumerate().all(|(at, frame)| frame.index.0 == at as u64));
    }
}

/// Films of Debian's opencv-doc; counts by `ffmpeg -fps_mode passthrough -f framemd5` 5.1.9.
#[test]
fn old_codecs_in_avi_are_named_and_come_through_ffmpeg() {
    let films = [("Megamind.avi", "mpeg4", 270), ("vtest.avi", "msmpeg4v3", 795), ("tree.avi", "cinepak", 68)];
    for (name, codec, frame_count) in films {
        let Some(path) = film(name) else { continue };
        let built_in = OpenSettings { ffmpeg: None, ..OpenSettings::default() };
        match frames::open_with(&path, &built_in).err() {
            Some(FrameError::NeedsFfmpeg { codec: named, .. }) => assert_eq!(named, codec),
            other => panic!("{name}: {other:?}"),
        }
        if ffmpeg().is_some() {
            let mut source = frames::open(&path).unwrap();
            assert_eq!(source.info().codec, codec);
            assert_eq!(std::iter::from_fn(|| source.next_frame().unwrap()).count(), frame_count, "{name}");
        }
    }
}

#[test]
fn time_and_pixels_are_those_of_ffmpeg() {
    if ffmpeg().is_none() {
        return;
    }
    let frames = all_frames("vfr.mkv");
    let times: Vec<_> = frames.iter().map(|frame| frame.time).collect();
    let golden: Vec<_> = Golden::of("vfr.mkv").frames.iter().map(|(_, time)| *time).collect();
    assert_eq!(times, golden);
    let picture: RgbImage = image::open(asset("vfr.mkv.png")).unwrap().into_rgb8();
    let ours = &frames.last().unwrap().image;
    // A lossless film through one converter; other releases of ffmpeg may round differently.
    assert!(ours.iter().zip(picture.iter()).all(|(a, b)| a.abs_diff(*b) <= 1));
}

#[test]
fn built_in_decoders_and_ffmpeg_show_the_same_film() {
    let Some(ffmpeg) = ffmpeg() else { return };
    for name in ["plain.mp4", "cut.mp4", "vfr.mp4", "rotated.mp4", "fragmented.mp4", "mjpeg.avi", "i420.avi"] {
        let (mut ours, mut theirs) = (frames::open(&asset(name)).unwrap(), ffmpeg_film(&ffmpeg, name));
        let size_px = |info: &frames::VideoInfo| (info.width_px, info.height_px);
        assert_eq!(size_px(ours.info()), size_px(theirs.info()), "{name}");
        loop {
            match (ours.next_frame().unwrap(), theirs.next_frame().unwrap()) {
                (Some(ours), Some(theirs)) => {
                    assert_eq!((ours.index, ours.time), (theirs.index, theirs.time), "{name}");
                    let worst = ours.image.iter().zip(theirs.image.iter()).map(|(a, b)| a.abs_diff(*b)).max();
                    // Rounding; JPEG decoders may differ in the inverse cosine transform besides.
                    assert!(worst <= Some(3), "{name}, frame {}: {worst:?}", ours.index);
                }
                (None, None) => break,
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

fn ffmpeg_film(ffmpeg: &Ffmpeg, name: &str) -> Box<dyn frames::FrameSource> {
    Box::new(ffmpeg.open(&asset(name)).unwrap())
}

#[test]
fn a_film_that_is_dropped_half_way_ends_its_process() {
    let Some(ffmpeg) = ffmpeg() else { return };
    let mut film = ffmpeg_film(&ffmpeg, "plain.mp4");
    film.next_frame().unwrap().unwrap();
    // Would hang here if the process or the thread that listens to it did not end.
    drop(film);
}

#[test]
fn what_ffmpeg_does_not_know_either_is_no_film() {
    if ffmpeg().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rubbish.mkv");
    std::fs::write(&path, (0..5_000_u32).map(|n| (n * n % 251) as u8).collect::<Vec<_>>()).unwrap();
    let error = frames::open(&path).err().unwrap();
    assert!(matches!(error, FrameError::NotMedia { .. }), "{error:?}");
    std::fs::write(&path, b"\x1a\x45\xdf\xa3 no matroska behind it").unwrap();
    let error = frames::open(&path).err().unwrap();
    assert!(matches!(&error, FrameError::Ffmpeg { reason, .. } if !reason.contains("rubbish")), "{error:?}");
}
