//! The movements of one face that may be expressions, as the film goes by.
//!
//! A few hundred numbers are kept of each frame for some seconds, and pictures by the [`Album`]: memory does not grow with the
//! film.

use std::collections::VecDeque;
use std::ops::Range;

use image::RgbImage;
use microau_core::score::Moment;

use super::album::Album;
use super::features::features;
use super::picture::Scene;
use super::reading::Reading;
use super::scan::Tempo;
use super::sliding::SlidingMeter;
use crate::detect::faces::FoundFace;

/// Seconds around a hit that its features look at, beside its own rest.
const CONTEXT: f32 = 1.6;
/// Seconds scanned at a time.
const SCAN: f32 = 1.0;
/// Pictures a second that are kept of what is older.
const OLDER_PICTURES: f32 = 5.0;

/// A movement that may be an expression.
pub struct Proposal {
    /// Last frame at rest.
    pub onset: Moment,
    /// Strongest movement.
    pub apex: Moment,
    /// First frame at rest again.
    pub offset: Moment,
    /// Its pictures.
    pub scene: Scene,
    /// What it is judged by, as far as motion tells.
    pub features: Vec<f32>,
}

/// One face of a film.
pub(super) struct FaceStream {
    meter: SlidingMeter,
    tempos: Vec<Tempo>,
    /// Readings up to which each tempo has been scanned.
    scanned: Vec<usize>,
    readings: VecDeque<Reading>,
    /// Number of readings before those that are kept.
    dropped: usize,
    album: Album,
    rate: f32,
}

impl FaceStream {
    /// A face that is read so many times a second.
    pub fn new(rate: f32) -> FaceStream {
        let tempos = Tempo::all(rate);
        let margins: Vec<usize> = tempos.iter().map(|tempo| margin(tempo, rate)).collect();
        let (fast, slow) = (margins[0], margins.iter().max().copied().unwrap_or(0));
        let scan = (SCAN * rate).ceil() as usize;
        let album = Album::new(2 * fast + scan, (rate / OLDER_PICTURES) as usize, 2 * slow + scan);
        FaceStream {
            meter: SlidingMeter::default(),
            scanned: vec![0; tempos.len()],
            tempos,
            readings: VecDeque::new(),
            dropped: 0,
            album,
            rate,
        }
    }

    /// Reads the face in the next frame; what can be told by now comes back.
    pub fn see(&mut self, frame: &RgbImage, face: &FoundFace, moment: Moment) -> Vec<Proposal> {
        let motion = self.meter.motion(frame, &face.landmarks, moment.micros);
        self.album.push(self.count(), moment, frame, &face.landmarks);
        self.readings.push_back(Reading::new(moment.frame, moment.micros, &motion, face));
        self.propose(false)
    }

    /// What is left when the face is gone.
    pub fn finish(&mut self) -> Vec<Proposal> {
        self.propose(true)
    }

    /// When the face was last seen.
    pub fn last_seen(&self) -> Option<Moment> {
        self.readings.back().map(|it| Moment::new(it.frame, it.at))
    }

    fn count(&self) -> usize {
        self.dropped + self.readings.len()
    }

    fn propose(&mut self, is_over: bool) -> Vec<Proposal> {
        let mut proposals = Vec::new();
        for place in 0..self.tempos.len() {
            let tempo = &self.tempos[place];
            let margin = margin(tempo, self.rate);
            let begin = self.scanned[place];
            let known = if is_over { self.count() } else { self.count().saturating_sub(margin) };
            let wanted = if is_over { 1 } else { ((SCAN * self.rate) as usize).max(margin / 4) };
            let length = known.saturating_sub(begin) / tempo.step * tempo.step;
            if length < wanted {
                continue;
            }
            proposals.extend(self.scan(tempo, begin..begin + length, margin));
            self.scanned[place] = begin + length;
        }
        self.forget();
        proposals
    }

    fn scan(&self, tempo: &Tempo, zone: Range<usize>, margin: usize) -> Vec<Proposal> {
        // beyond its ends the film stands still
        let at = |reading: isize| {
            let place = reading.clamp(self.dropped as isize, self.count() as isize - 1) as usize;
            self.readings[place - self.dropped].values.as_slice()
        };
        let first = zone.start as isize - margin as isize;
        let stretch = tempo.stretch((first..(zone.end + margin) as isize).map(at));
        let rows = margin / tempo.step..(margin + zone.len()) / tempo.step;
        let reading = |row: usize| {
            let reading = first + (row * tempo.step + tempo.step / 2) as isize;
            reading.clamp(self.dropped as isize, self.count() as isize - 1) as usize
        };
        let hits = tempo.hits(&stretch, rows);
        let proposal = |hit| {
            let frames = tempo.frames(hit);
            let [onset, apex, offset] =
                [frames.start, hit.onset + tempo.courses[hit.course].apex, frames.end].map(reading);
            let scene = self.album.scene(onset, apex, offset)?;
            let moment = |reading: usize| {
                let it = &self.readings[reading - self.dropped];
                Moment::new(it.frame, it.at)
            };
            let (onset, apex, offset) = (moment(onset), moment(apex), moment(offset));
            let is_in_order = onset.micros < apex.micros && apex.micros <= offset.micros;
            is_in_order.then(|| Proposal { onset, apex, offset, scene, features: features(tempo, &stretch, hit) })
        };
        hits.iter().filter_map(proposal).collect()
    }

    /// Drops the readings that no scan will look at again.
    fn forget(&mut self) {
        let needed = self
            .tempos
            .iter()
            .zip(&self.scanned)
            .map(|(tempo, scanned)| scanned.saturating_sub(margin(tempo, self.rate)));
        let first = needed.min().unwrap_or(0);
        while self.dropped < first && self.readings.len() > 1 {
            self.readings.pop_front();
            self.dropped += 1;
        }
    }
}

/// Readings that a scan looks at on each side of the middles of its courses; whole steps of the tempo.
fn margin(tempo: &Tempo, rate: f32) -> usize {
    let longest = tempo.courses.last().map_or(0, |course| course.length) * tempo.step;
    let margin = ((tempo.reach() / 2 + 1) * tempo.step).max(longest / 2 + (CONTEXT * rate) as usize);
    margin.div_ceil(tempo.step) * tempo.step
}
