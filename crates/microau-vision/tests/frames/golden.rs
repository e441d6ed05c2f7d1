//! Goldens of `reference/frames_golden.py`: what ffmpeg decodes from a film.

use std::path::{Path, PathBuf};

use microau_core::time::{FrameIndex, FrameRate, Micros};
use microau_vision::frames::mp4::Mp4;
use microau_vision::frames::yuv::Planes;

/// What ffmpeg decodes from a film.
pub struct Golden {
    /// Of all planes, one behind the other.
    pub md5: String,
    /// As ffprobe states it; the mean over the stated length where it varies.
    pub rate: FrameRate,
    /// First eight hex digits of each frame's md5, and when it is shown.
    pub frames: Vec<(String, Micros)>,
}

impl Golden {
    pub fn of(film: &str) -> Golden {
        let text = std::fs::read_to_string(asset(&format!("{film}.txt"))).unwrap();
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut field = |name: &str| lines.next().unwrap().strip_prefix(name).unwrap().trim().to_owned();
        let md5 = field("md5");
        let rate: FrameRate = field("rate").parse().unwrap();
        let frames = lines
            .enumerate()
            .map(|(index, line)| match line.split_once(' ') {
                Some((md5, micros)) => (md5.to_owned(), Micros(micros.parse().unwrap())),
                None => (line.to_owned(), rate.time_of(FrameIndex(index as u64))),
            })
            .collect();
        Golden { md5, rate, frames }
    }
}

/// A committed file of this test.
pub fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/assets/frames").join(name)
}

/// A film that `scripts/fetch_media.sh` fetches; `None`, with a note, when it is absent.
pub fn film(name: &str) -> Option<PathBuf> {
    let fetched = std::env::var_os("MICROAU_MEDIA").map(PathBuf::from);
    let folder = fetched.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../media"));
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: no {}; scripts/fetch_media.sh fetches it", path.display());
    None
}

/// Decodes a film and holds every plane, index and time against ffmpeg's.
pub fn assert_same_as_ffmpeg(path: &Path, golden: &Golden) {
    let mut film = Mp4::open(path).unwrap();
    let mut whole = md5::Context::new();
    let mut count = 0;
    while let Some((index, time, planes)) = film.next_planes().unwrap() {
        assert_eq!(index, FrameIndex(count as u64));
        let (md5, micros) = &golden.frames[count];
        assert_eq!((md5_of(&planes)[..8].to_owned(), time), (md5.clone(), *micros), "frame {count} of {path:?}");
        for plane in [&planes.y, &planes.u, &planes.v] {
            whole.consume(plane);
        }
        count += 1;
    }
    assert_eq!(count, golden.frames.len());
    assert_eq!(format!("{:x}", whole.finalize()), golden.md5);
}

fn md5_of(planes: &Planes) -> String {
    let mut md5 = md5::Context::new();
    for plane in [&planes.y, &planes.u, &planes.v] {
        md5.consume(plane);
    }
    format!("{:x}", md5.finalize())
}
