//! Films that nothing built in decodes, through an `ffmpeg` that the user has installed.
//!
//! This is the only file that knows ffmpeg. It runs as a child process that writes raw RGB to a pipe; the filter
//! `showinfo` tells size and time of each frame on the error channel, before its pixels.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use image::RgbImage;
use microau_core::time::{FrameIndex, FrameRate};

use super::{DEFAULT_FOLDER_RATE, Frame, FrameError, FrameSource, VideoInfo, rate};

/// Lines of complaint that are kept for the error message.
const KEPT_LINES: usize = 3;

/// Conversion to RGB as [`super::yuv`] does it: rounded to the nearest, chroma not smoothed.
const EXACT: &str = "neighbor+accurate_rnd+full_chroma_int";

/// An installed ffmpeg: the decoder and its scout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ffmpeg {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
}

impl Ffmpeg {
    /// The first `ffmpeg` and `ffprobe` on the `PATH`; `None` when either is missing.
    pub fn on_path() -> Option<Self> {
        Self::within(&std::env::var_os("PATH")?)
    }

    /// The first `ffmpeg` and `ffprobe` in a list of folders that is written like `PATH`.
    pub fn within(folders: &OsStr) -> Option<Self> {
        let find = |name: &str| {
            let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            std::env::split_paths(folders).map(|folder| folder.join(&name)).find(|program| program.is_file())
        };
        Some(Self { ffmpeg: find("ffmpeg")?, ffprobe: find("ffprobe")? })
    }

    /// Starts decoding a film.
    ///
    /// # Errors
    /// When ffmpeg cannot be run, finds no video, or decodes no frame.
    pub fn open(&self, path: &Path) -> Result<FfmpegFilm, FrameError> {
        let facts = self.probe(path)?;
        let failed = |reason: String| FrameError::Ffmpeg { reason, path: path.to_owned() };
        let mut child = Command::new(&self.ffmpeg)
            .args(["-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info", "-i"])
            .arg(as_file(path))
            .args(["-map", "0:V:0", "-vf", "showinfo"])
            .args(self.every_frame_once())
            .args(["-sws_flags", EXACT, "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let pixels = child.stdout.take().expect("a pipe was asked for");
        let talk = child.stderr.take().expect("a pipe was asked for");

        let (send, notes) = channel();
        let complaints = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&complaints);
        let listener = std::thread::spawn(move || {
            for line in BufReader::new(talk).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                match note(&line) {
                    // Nobody listens any more when the film has been dropped; reading on keeps the pipe free.
                    Some(note) => drop(send.send(note)),
                    None => keep_complaint(&kept, &line),
                }
            }
        });
        let mut film = FfmpegFilm {
            info: facts,
            path: path.to_owned(),
            child,
            pixels,
            notes,
            complaints,
            listener: Some(listener),
            clock: None,
            first_tick: None,
            pending: None,
            next: 0,
            over: false,
        };
        let first = film.next_note()?.ok_or_else(|| failed(film.last_complaint()))?;
        (film.info.width_px, film.info.height_px) = first.size_px;
        film.pending = Some(first);
        Ok(film)
    }

    /// Asks ffprobe for codec, rate and number of frames.
    fn probe(&self, path: &Path) -> Result<VideoInfo, FrameError> {
        let failed = |reason: String| FrameError::Ffmpeg { reason, path: path.to_owned() };
        let entries = "stream=codec_name,avg_frame_rate,r_frame_rate,nb_frames:format=format_name";
        let output = Command::new(&self.ffprobe)
            .args(["-v", "error", "-select_streams", "V:0", "-show_entries", entries])
            .args(["-of", "default=noprint_wrappers=1", "-i"])
            .arg(as_file(path))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        if !output.status.success() {
            let talk = String::from_utf8_lossy(&output.stderr);
            let last = talk.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it gave no reason");
            return Err(failed(without_path(last, path)));
        }
        let facts = String::from_utf8_lossy(&output.stdout).into_owned();
        let fact = |name: &str| {
            let value = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            value.filter(|value| !matches!(*value, "N/A" | "unknown" | "0/0")).map(str::to_owned)
        };
        let container = fact("format_name").unwrap_or_else(|| "unknown".to_owned());
        let Some(codec) = fact("codec_name") else {
            return Err(FrameError::NoVideoTrack { container, path: path.to_owned() });
        };
        let parsed = |name: &str| fact(name).and_then(|rate| rate.parse::<FrameRate>().ok());
        let (mean, base) = (parsed("avg_frame_rate"), parsed("r_frame_rate"));
        Ok(VideoInfo {
            width_px: 0,
            height_px: 0,
            rate: mean.or(base).unwrap_or(DEFAULT_FOLDER_RATE),
            rate_known: mean.or(base).is_some(),
            rate_constant: mean.is_none() || mean == base,
            frame_count: fact("nb_frames").and_then(|count| count.parse().ok()),
            codec,
            container,
            numbers: None,
        })
    }

    /// The option against dropping and doubling frames, whose name changed with version 5.1.
    fn every_frame_once(&self) -> [&'static str; 2] {
        let output = Command::new(&self.ffmpeg).arg("-version").stdin(Stdio::null()).output();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        if is_before_5_1(&text) { ["-vsync", "passthrough"] } else { ["-fps_mode", "passthrough"] }
    }
}

/// A film that an ffmpeg child process decodes. The process ends when this is dropped.
pub struct FfmpegFilm {
    info: VideoInfo,
    path: PathBuf,
    child: Child,
    pixels: ChildStdout,
    notes: Receiver<Note>,
    complaints: Arc<Mutex<VecDeque<String>>>,
    listener: Option<JoinHandle<()>>,
    /// Seconds in a tick, as a fraction.
    clock: Option<(u32, u32)>,
    first_tick: Option<i64>,
    /// Told, but its pixels have not been read.
    pending: Option<FrameNote>,
    next: u64,
    over: bool,
}

impl FfmpegFilm {
    /// What ffmpeg says of the next frame; `None` when it has ended well.
    fn next_note(&mut self) -> Result<Option<FrameNote>, FrameError> {
        loop {
            match self.notes.recv() {
                Ok(Note::Frame(frame)) => return Ok(Some(frame)),
                Ok(Note::Clock(num, den)) => self.clock = Some((num, den)),
                Err(_) => {
                    self.over = true;
                    let ended = self.child.wait().map_err(|source| FrameError::from_io(source, &self.path))?;
                    return match ended.success() {
                        true => Ok(None),
                        false => Err(self.failed()),
                    };
                }
            }
        }
    }

    fn failed(&mut self) -> FrameError {
        self.over = true;
        // Once it has ended, all that it said has been heard.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        FrameError::Ffmpeg { reason: self.last_complaint(), path: self.path.clone() }
    }

    fn last_complaint(&self) -> String {
        let complaints = self.complaints.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        complaints.back().map_or_else(|| "it decoded no frame".to_owned(), |line| without_path(line, &self.path))
    }

    fn time_of(&mut self, frame: &FrameNote, index: FrameIndex) -> microau_core::time::Micros {
        match (frame.tick, self.clock) {
            (Some(tick), Some((num, den))) => {
                let since_first = tick.saturating_sub(*self.first_tick.get_or_insert(tick));
                rate::micros(since_first.saturating_mul(i64::from(num)), den)
            }
            _ => self.info.rate.time_of(index),
        }
    }
}

impl FrameSource for FfmpegFilm {
    fn info(&self) -> &VideoInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        if self.over {
            return Ok(None);
        }
        let Some(note) = self.pending.take().map_or_else(|| self.next_note(), |note| Ok(Some(note)))? else {
            return Ok(None);
        };
        let index = FrameIndex(self.next);
        let expected_px = (self.info.width_px, self.info.height_px);
        if note.size_px != expected_px {
            self.over = true;
            return Err(FrameError::SizeChanged {
                expected_px,
                got_px: note.size_px,
                frame: index,
                path: self.path.clone(),
            });
        }
        let mut pixels = vec![0; expected_px.0 as usize * expected_px.1 as usize * 3];
        if self.pixels.read_exact(&mut pixels).is_err() {
            return Err(self.failed());
        }
        self.next += 1;
        let time = self.time_of(&note, index);
        let image = RgbImage::from_raw(expected_px.0, expected_px.1, pixels).expect("the buffer was made to this size");
        Ok(Some(Frame { index, time, number: None, image }))
    }
}

impl Drop for FfmpegFilm {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

/// What `showinfo` says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Note {
    /// Seconds in a tick, as a fraction.
    Clock(u32, u32),
    /// A frame is about to be written.
    Frame(FrameNote),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FrameNote {
    tick: Option<i64>,
    size_px: (u32, u32),
}

/// Reads a line of ffmpeg's talk; `None` when it is not about clock or frame.
fn note(line: &str) -> Option<Note> {
    let line = line.contains("showinfo").then_some(line)?;
    if let Some((_, clock)) = line.split_once("config in time_base: ") {
        let (num, den) = clock.split([',', ' ']).next()?.split_once('/')?;
        return Some(Note::Clock(num.parse().ok()?, den.parse().ok()?));
    }
    let after = |key: &str| line.split_once(key)?.1.split_whitespace().next();
    let (width, height) = after(" s:")?.split_once('x')?;
    let size_px = (width.parse().ok()?, height.parse().ok()?);
    let tick = after(" pts:")?.parse().ok();
    Some(Note::Frame(FrameNote { tick, size_px }))
}

fn keep_complaint(kept: &Mutex<VecDeque<String>>, line: &str) {
    let Some(level) = ["[fatal] ", "[error] "].iter().find(|level| line.contains(**level)) else { return };
    let text = line.split_once(*level).map_or(line, |(_, text)| text).trim();
    // How the muxer ended is no reason.
    if text.is_empty() || text.starts_with("Conversion failed") {
        return;
    }
    let mut kept = kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    kept.push_back(text.to_owned());
    if kept.len() > KEPT_LINES {
        kept.pop_front();
    }
}

/// Names starting with `-` or `http:` are files all the same.
fn as_file(path: &Path) -> OsString {
    let mut name = OsString::from("file:");
    name.push(path);
    name
}

/// ffmpeg puts the path before its complaint; ours comes last.
fn without_path(line: &str, path: &Path) -> String {
    let name = format!("file:{}: ", path.display());
    line.replace(&name, "").trim().to_owned()
}

/// Whether `ffmpeg -version` speaks of a release before 5.1. Builds without a number are taken for new.
fn is_before_5_1(text: &str) -> bool {
    let version =
        text.strip_prefix("ffmpeg version ").and_then(|rest| rest.split([' ', '-']).next()).unwrap_or_default();
    let mut numbers = version.trim_start_matches('n').split('.').map_while(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), minor) => (major, minor.unwrap_or(0)) < (5, 1),
        (None, _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_apart() {
        assert!(is_before_5_1("ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021"));
        assert!(is_before_5_1("ffmpeg version 5.0 Copyright"));
        assert!(!is_before_5_1("ffmpeg version 5.1.9-0+deb12u1 Copyright"));
        assert!(!is_before_5_1("ffmpeg version n7.1 Copyright"));
        assert!(!is_before_5_1("ffmpeg version N-109542-g66e1 Copyright"));
        assert!(!is_before_5_1(""));
    }

    #[test]
    fn what_showinfo_says_is_read() {
        let line = "[Parsed_showinfo_0 @ 0x5594f0] [info] config in time_base: 1/15360, frame_rate: 30/1";
        assert_eq!(note(line), Some(Note::Clock(1, 15_360)));
        let line = "[Parsed_showinfo_0 @ 0x5594f0] [info] n:   1 pts:    512 pts_time:0.0333333 duration:    512 \
                    duration_time:0.0333333 pos:     4321 fmt:yuv420p sar:1/1 s:640x360 i:P iskey:0 type:P";
        assert_eq!(note(line), Some(Note::Frame(FrameNote { tick: Some(512), size_px: (640, 360) })));
        let line = "[Parsed_showinfo_0 @ 0x1] [info] n:   0 pts:  NOPTS pts_time:NOPTS fmt:rgb24 sar:0/1 s:16x16 i:P";
        assert_eq!(note(line), Some(Note::Frame(FrameNote { tick: None, size_px: (16, 16) })));
        assert_eq!(note("[info] Stream #0:0: Video: hevc, 640x360 s:1x1 pts:1"), None);
        assert_eq!(note("[Parsed_showinfo_0 @ 0x1] [info] color_range:tv color_space:bt709"), None);
    }
}
