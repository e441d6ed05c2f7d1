//! Curves of action units over a film of any length: least and largest value of each stretch of frames.
//!
//! A stretch begins as one frame. When a face has more than [`MOST_STRETCHES`], two by two become one, so that memory
//! and the page stay as small for an hour as for a minute, and no peak is lost.

use std::collections::BTreeMap;
use std::fmt::Write;

use microau_core::score::{FaceFrame, Moment};
use microau_core::time::Micros;

/// Most stretches of a face: about two for each px of a wide screen's plot.
const MOST_STRETCHES: usize = 1000;
/// Units of a path from left to right; from top to bottom there are 100, one for each hundredth.
pub(super) const PATH_WIDTH: f64 = 1000.0;

/// The curves of all faces of a film.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    faces: BTreeMap<u32, Track>,
}

/// The curves of one face.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    /// Frames in which the face was seen.
    pub(super) frames: u64,
    /// Highest value of each action unit and when it was.
    pub(super) peaks: Vec<(f32, Moment)>,
    /// Last moment seen.
    pub(super) last: Micros,
    frames_each: u64,
    stretches: Vec<Stretch>,
}

/// Some frames in a row, in hundredths.
#[derive(Clone, Debug)]
struct Stretch {
    place: u64,
    start: Micros,
    lows: Vec<u8>,
    highs: Vec<u8>,
}

impl Curves {
    /// Adds one face of one frame; the frames of a face come in order of time. A frame that could not be scored is a gap.
    pub fn add(&mut self, frame: &FaceFrame) {
        if frame.aus.is_empty() {
            return;
        }
        self.faces.entry(frame.face_id).or_default().add(frame);
    }

    /// The faces by number.
    pub(super) fn faces(&self) -> impl Iterator<Item = (u32, &Track)> {
        self.faces.iter().map(|(&id, track)| (id, track))
    }
}

impl Track {
    fn add(&mut self, frame: &FaceFrame) {
        self.frames += 1;
        self.frames_each = self.frames_each.max(1);
        self.last = frame.at.micros;
        self.peaks.resize(frame.aus.len(), (-1.0, frame.at));
        for (peak, &value) in self.peaks.iter_mut().zip(&frame.aus) {
            if value > peak.0 {
                *peak = (value, frame.at);
            }
        }
        let values: Vec<u8> = frame.aus.iter().map(|value| (value.clamp(0.0, 1.0) * 100.0).round() as u8).collect();
        let place = frame.at.frame.0 / self.frames_each;
        let next = Stretch { place, start: frame.at.micros, lows: values.clone(), highs: values };
        push(&mut self.stretches, next);
        while self.stretches.len() > MOST_STRETCHES {
            self.frames_each *= 2;
            let halved = self.stretches.drain(..).map(|stretch| Stretch { place: stretch.place / 2, ..stretch });
            self.stretches = halved.fold(Vec::new(), |mut all, stretch| {
                push(&mut all, stretch);
                all
            });
        }
    }

    /// The curve of the action unit at a place of the model's list, as paths in a box of [`PATH_WIDTH`] by 100 that
    /// spans `length`: broken where the face was away.
    pub(super) fn paths(&self, au: usize, length: Micros) -> Paths {
        let mut paths = Paths::default();
        let x = |start: Micros| (start.as_secs_f64() / length.as_secs_f64().max(1e-6) * PATH_WIDTH).round() as i64;
        let is_next = |a: &Stretch, b: &Stretch| a.place + 1 == b.place;
        for run in self.stretches.chunk_by(is_next) {
            let points: Vec<[i64; 3]> = run
                .iter()
                .map(|it| [x(it.start), 100 - i64::from(it.highs[au]), 100 - i64::from(it.lows[au])])
                .collect();
            paths.add(&bends(&points));
        }
        paths
    }
}

/// Adds a stretch, or widens the last one where both are the same.
fn push(stretches: &mut Vec<Stretch>, next: Stretch) {
    match stretches.last_mut() {
        Some(last) if last.place == next.place => {
            last.lows.iter_mut().zip(&next.lows).for_each(|(low, &value)| *low = value.min(*low));
            last.highs.iter_mut().zip(&next.highs).for_each(|(high, &value)| *high = value.max(*high));
        }
        _ => stretches.push(next),
    }
}

/// Drops the points at which neither edge changes.
fn bends(points: &[[i64; 3]]) -> Vec<[i64; 3]> {
    let same = |a: &[i64; 3], b: &[i64; 3]| a[1..] == b[1..];
    let is_bend = |i: &usize| {
        let (before, after) = (i.checked_sub(1).and_then(|i| points.get(i)), points.get(i + 1));
        before.zip(after).is_none_or(|(before, after)| !same(before, &points[*i]) || !same(after, &points[*i]))
    };
    (0..points.len()).filter(is_bend).map(|i| points[i]).collect()
}

/// The drawing of one curve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Paths {
    /// Where each point is one value: to be stroked.
    pub(super) line: String,
    /// Where points are stretches: to be stroked and filled.
    pub(super) band: String,
}

impl Paths {
    /// Adds a run of points `[x, top, bottom]`.
    fn add(&mut self, points: &[[i64; 3]]) {
        let tops = points.iter().map(|&[x, top, _]| (x, top));
        if points.iter().all(|[_, top, bottom]| top == bottom) {
            draw(&mut self.line, tops);
        } else {
            draw(&mut self.band, tops.chain(points.iter().rev().map(|&[x, _, bottom]| (x, bottom))));
            self.band.push('z');
        }
    }
}

/// A path in relative steps, which are short to write.
fn draw(path: &mut String, points: impl Iterator<Item = (i64, i64)>) {
    let mut at: Option<(i64, i64)> = None;
    for (x, y) in points {
        match at {
            None => write!(path, "M{x} {y}h0"),
            Some((x0, y0)) => write!(path, "l{} {}", x - x0, y - y0),
        }
        .expect("a text can be written to");
        at = Some((x, y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use microau_core::geom::Point3;
    use microau_core::landmarks::Landmarks;
    use microau_core::time::FrameIndex;

    fn frame(frame: u64, value: f32) -> FaceFrame {
        let landmarks = Landmarks::new(vec![Point3::default(); Landmarks::COUNT]).unwrap();
        let at = Moment::new(FrameIndex(frame), Micros(frame as i64 * 10_000));
        FaceFrame { face_id: 0, at, confidence: 1.0, landmarks, aus: vec![value, 0.0] }
    }

    fn track(frames: impl IntoIterator<Item = FaceFrame>) -> Track {
        let mut track = Track::default();
        frames.into_iter().for_each(|frame| track.add(&frame));
        track
    }

    #[test]
    fn a_short_film_keeps_every_frame() {
        let track = track([frame(0, 0.0), frame(1, 0.5), frame(2, 0.25)]);
        // 20 ms of film over 1000 units: a frame each 500
        assert_eq!(track.paths(0, Micros(20_000)).line, "M0 100h0l500 -50l500 25");
        assert_eq!(track.paths(1, Micros(20_000)).line, "M0 100h0l1000 0", "where nothing changes there is no point");
    }

    #[test]
    fn a_face_that_was_away_leaves_a_gap() {
        let track = track([frame(0, 0.1), frame(1, 0.1), frame(9, 0.2), frame(10, 0.2)]);
        assert_eq!(track.paths(0, Micros(100_000)).line, "M0 90h0l100 0M900 80h0l100 0");
    }

    #[test]
    fn an_hour_takes_no_more_room_than_a_minute_and_keeps_its_peak() {
        let value = |i: u64| if i == 77_777 { 0.97 } else { 0.02 + 0.01 * (i % 3) as f32 };
        let track = track((0..108_000).map(|i| frame(i, value(i))));
        assert!((MOST_STRETCHES / 2..=MOST_STRETCHES).contains(&track.stretches.len()));
        assert_eq!((track.peaks[0].0, track.peaks[0].1.frame), (0.97, FrameIndex(77_777)));
        assert_eq!(track.stretches.iter().map(|it| it.highs[0]).max(), Some(97));
        let paths = track.paths(0, Micros(1_080_000_000));
        assert!(paths.band.len() < 200 && paths.line.is_empty(), "{paths:?}");
    }
}
