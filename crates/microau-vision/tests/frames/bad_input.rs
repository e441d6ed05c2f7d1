//! Damaged, cut and foreign files are errors, never a crash.

use std::path::{Path, PathBuf};

use microau_vision::frames::{self, FrameError, OpenSettings};
use proptest::prelude::*;

use crate::golden::asset;

/// Without ffmpeg: its behaviour is not ours to test.
fn built_in() -> OpenSettings {
    OpenSettings { ffmpeg: None, ..OpenSettings::default() }
}

/// Reads a film to its end, over all errors that allow it; the number of frames, and the last error.
fn read_all(path: &Path) -> (usize, Option<FrameError>) {
    let mut source = match frames::open_with(path, &built_in()) {
        Ok(source) => source,
        Err(error) => return (0, Some(error)),
    };
    let (mut count, mut last_error) = (0, None);
    // Damaged lists may promise more, but not without end.
    for _ in 0..1_000 {
        match source.next_frame() {
            Ok(Some(_)) => count += 1,
            Ok(None) => break,
            Err(error) => last_error = Some(error),
        }
    }
    (count, last_error)
}

fn written(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn a_text_called_mp4_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "film.mp4", b"This is no film.\n");
    let error = frames::open(&path).err().unwrap();
    assert_eq!(error.to_string(), format!("expected a video or an image, got text: {}", path.display()));
    assert!(error.hint().is_some());
    let path = written(&folder, "empty.mp4", b"");
    assert!(frames::open(&path).err().unwrap().to_string().contains("got an empty file"));
}

#[test]
fn films_that_are_cut_short_say_so() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plain.mp4", "sound.mov", "mjpeg.avi", "fragmented.mp4"] {
        let whole = std::fs::read(asset(name)).unwrap();
        let path = written(&folder, name, &whole[..whole.len() / 2]);
        match frames::open_with(&path, &built_in()).err() {
            Some(FrameError::Truncated { .. }) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_film_whose_index_comes_first_tells_how_many_frames_are_missing() {
    let (index_first, frames_total) = with_index_first(&std::fs::read(asset("plain.mp4")).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "whole.mp4", &index_first);
    assert_eq!(read_all(&path).0, frames_total);
    let path = written(&folder, "cut.mp4", &index_first[..index_first.len() - 1]);
    let error = frames::open(&path).err().unwrap();
    assert!(error.to_string().starts_with("the file is cut short, 1 of 12 frames are missing: "), "{error}");
}

/// Moves `moov` before `mdat` and its chunk offsets with it, as for download.
fn with_index_first(film: &[u8]) -> (Vec<u8>, usize) {
    let at = |kind: &[u8]| film.windows(4).position(|word| word == kind).unwrap() - 4;
    let (mdat, moov) = (at(b"mdat"), at(b"moov"));
    assert!(mdat < moov);
    let mut index = film[moov..].to_vec();
    let table = index.windows(4).position(|word| word == b"stco").unwrap() + 8;
    let chunks = u32::from_be_bytes(index[table..table + 4].try_into().unwrap()) as usize;
    for chunk in 0..chunks {
        let place = table + 4 + 4 * chunk;
        let offset = u32::from_be_bytes(index[place..place + 4].try_into().unwrap()) + (film.len() - moov) as u32;
        index[place..place + 4].copy_from_slice(&offset.to_be_bytes());
    }
    ([&film[..mdat], &index, &film[mdat..moov]].concat(), 12)
}

#[test]
fn a_sound_file_has_no_video_track() {
    let film = std::fs::read(asset("plain.mp4")).unwrap();
    let place = film.windows(16).position(|words| words == b"hdlr\0\0\0\0\0\0\0\0vide").unwrap() + 12;
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "sound.mp4", &[&film[..place], b"soun", &film[place + 4..]].concat());
    assert!(matches!(frames::open(&path), Err(FrameError::NoVideoTrack { .. })));
}

#[test]
fn a_damaged_frame_is_told_and_the_film_goes_on() {
    let film = std::fs::read(asset("mjpeg.avi")).unwrap();
    let second = second_frame(&film);
    let mut damaged = film.clone();
    damaged[second + 8..second + 12].copy_from_slice(b"ruin");
    let folder = tempfile::tempdir().unwrap();
    let mut source = frames::open(&written(&folder, "damaged.avi", &damaged)).unwrap();
    assert!(source.next_frame().unwrap().is_some());
    let error = source.next_frame().unwrap_err();
    assert!(matches!(&error, FrameError::Damaged { frame, .. } if frame.0 == 1), "{error:?}");
    assert_eq!(source.next_frame().unwrap().unwrap().index.0, 2);
}

#[test]
fn a_frame_that_was_dropped_while_recording_shows_the_one_before() {
    let film = std::fs::read(asset("bgr24.avi")).unwrap();
    let second = second_frame(&film);
    let mut dropped = film.clone();
    dropped[second + 4..second + 8].fill(0);
    let folder = tempfile::tempdir().unwrap();
    let mut source = frames::open(&written(&folder, "dropped.avi", &dropped)).unwrap();
    let (first, second) = (source.next_frame().unwrap().unwrap(), source.next_frame().unwrap().unwrap());
    assert_eq!(first.image, second.image);
    assert_eq!(second.index.0, 1);
}

#[test]
fn a_box_of_no_length_does_not_stop_the_clock() {
    let film = std::fs::read(asset("fragmented.mp4")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for kind in [b"mfhd", b"traf", b"trun", b"stts", b"mdhd", b"avcC"] {
        let place = film.windows(4).position(|word| word == kind).unwrap() - 4;
        for size in [0_u32, 1, 7, 8, u32::MAX] {
            let mut damaged = film.clone();
            damaged[place..place + 4].copy_from_slice(&size.to_be_bytes());
            read_all(&written(&folder, "film.mp4", &damaged));
        }
    }
}

/// Where the chunk of the second frame of an AVI film starts.
fn second_frame(film: &[u8]) -> usize {
    let frames = film.windows(4).position(|word| word == b"movi").unwrap();
    frames + film[frames..].windows(4).enumerate().filter(|(_, word)| *word == b"00dc").nth(1).unwrap().0
}

/// A few bytes of a film overwritten.
fn mutated(name: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let film = std::fs::read(asset(name)).unwrap();
    let change = (0..film.len(), prop_oneof![Just(0_u8), Just(0xff), Just(0x7f), any::<u8>()]);
    (proptest::collection::vec(change, 1..8), 0..film.len() * 2).prop_map(move |(changes, length)| {
        let mut bytes = film.clone();
        for (place, value) in changes {
            bytes[place] = value;
        }
        bytes.truncate(length.max(1));
        bytes
    })
}

/// Runs a film that is no good; the test is that it comes back.
fn survives(name: &str, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    if let (_, Some(error)) = read_all(&written(&folder, name, bytes)) {
        let text = error.to_string();
        assert!(!text.contains('\n'), "one line: {text}");
    }
}

/// `PROPTEST_CASES=20000` looks harder.
fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn mutated_mp4_never_panics(bytes in prop_oneof![mutated("plain.mp4"), mutated("fragmented.mp4"), mutated("cut.mp4")]) {
        survives("film.mp4", &bytes);
    }

    #[test]
    fn mutated_interlaced_and_ten_bit_never_panic(bytes in prop_oneof![mutated("interlaced.mp4"), mutated("ten_bit.mp4")]) {
        survives("film.mp4", &bytes);
    }

    #[test]
    fn mutated_avi_never_panics(bytes in prop_oneof![mutated("mjpeg.avi"), mutated("uyvy.avi"), mutated("bgr24.avi"), mutated("i420.avi")]) {
        survives("film.avi", &bytes);
    }

    #[test]
    fn mutated_images_never_panic(bytes in mutated("plain.mp4.png")) {
        survives("1.png", &bytes);
    }

    #[test]
    fn noise_behind_a_magic_number_never_panics(
        magic in prop_oneof![Just(&b"\0\0\0\x10ftypisom"[..]), Just(&b"RIFF\x10\0\0\0AVI "[..]), Just(&b"\xff\xd8\xff"[..]), Just(&b"MM\0*"[..])],
        noise in proptest::collection::vec(any::<u8>(), 0..512),
    ) {
        survives("film.bin", &[magic, &noise].concat());
    }
}
