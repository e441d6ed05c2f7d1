//! Expressions of all faces of a film, told while the film goes by.

use std::collections::BTreeMap;

use image::RgbImage;
use microau_core::score::{ExpressionKind, Moment, Spotted};

use super::judge::{Judge, inputs};
use super::proposals::{FaceStream, Proposal};
use crate::detect::DetectError;
use crate::detect::faces::FoundFace;
use crate::detect::model_scorer::ModelScorer;
use crate::detect::scorer::FaceClip;

/// Readings a second that are enough: of faster films every so many frames are read.
const ENOUGH_RATE: f64 = 50.0;
/// Proposals below this probability are forgotten at once.
const HOPELESS: f32 = 0.1;
/// Two expressions that share more than this of the shorter one are one.
const SAME: f64 = 0.25;
/// After so many seconds nothing new is said of a time.
const SETTLED: f64 = 16.0;
/// A face that is away for longer comes back as one that was never seen, as far as motion goes, seconds.
const AWAY: f64 = 0.25;

/// An expression that was spotted.
pub struct Expression {
    /// Number of the face.
    pub face_id: u32,
    /// Last frame at rest.
    pub onset: Moment,
    /// Strongest movement.
    pub apex: Moment,
    /// First frame at rest again.
    pub offset: Moment,
    /// Onset and apex.
    pub clip: FaceClip,
    /// Kind and confidence.
    pub spotted: Spotted,
}

/// Spots expressions.
pub struct Spotter {
    witness: ModelScorer,
    judge: Judge,
    /// Least confidence.
    threshold: f32,
    stride: u64,
    rate: f32,
    streams: BTreeMap<u32, FaceStream>,
    waiting: Vec<(u32, f32, Proposal)>,
}

impl Spotter {
    /// A spotter for a film of so many frames a second.
    ///
    /// # Errors
    /// When nano is not built in.
    pub fn new(judge: Judge, frames_a_second: f64, threshold: f32) -> Result<Spotter, DetectError> {
        let stride = stride(frames_a_second);
        let rate = (frames_a_second / stride as f64) as f32;
        let witness = ModelScorer::open(crate::detect::model_scorer::NANO)?;
        Ok(Spotter { witness, judge, threshold, stride, rate, streams: BTreeMap::new(), waiting: Vec::new() })
    }

    /// Whether a frame is read at all.
    pub fn reads(&self, frame: u64) -> bool {
        frame.is_multiple_of(self.stride)
    }

    /// Reads the next frame; expressions of which nothing more can be told come back.
    pub fn see(&mut self, frame: &RgbImage, moment: Moment, faces: &[FoundFace]) -> Vec<Expression> {
        let mut proposals = self.lost(moment);
        for face in faces {
            let stream = self.streams.entry(face.face_id).or_insert_with(|| FaceStream::new(self.rate));
            proposals.extend(stream.see(frame, face, moment).into_iter().map(|it| (face.face_id, it)));
        }
        self.weigh(proposals);
        self.settled(moment.secs - SETTLED)
    }

    /// What is left at the end of the film.
    pub fn finish(&mut self) -> Vec<Expression> {
        let streams = std::mem::take(&mut self.streams);
        let last = streams.into_iter().flat_map(|(id, mut stream)| stream.finish().into_iter().map(move |it| (id, it)));
        let last = last.collect();
        self.weigh(last);
        self.settled(f64::INFINITY)
    }

    /// Proposals of faces that are gone.
    fn lost(&mut self, now: Moment) -> Vec<(u32, Proposal)> {
        let is_gone = |stream: &FaceStream| stream.last_seen().is_some_and(|last| now.secs - last.secs > AWAY);
        let gone: Vec<u32> = self.streams.iter().filter(|(_, stream)| is_gone(stream)).map(|(&id, _)| id).collect();
        let mut proposals = Vec::new();
        for id in gone {
            let stream = self.streams.remove(&id);
            proposals.extend(stream.into_iter().flat_map(|mut it| it.finish()).map(|it| (id, it)));
        }
        proposals
    }

    fn weigh(&mut self, proposals: Vec<(u32, Proposal)>) {
        for (face_id, proposal) in proposals {
            let Some(probabilities) = self.witness.probabilities(&proposal.clip) else { continue };
            let probability = self.judge.probability(&inputs(&proposal.features, &probabilities));
            if probability >= HOPELESS.min(self.threshold) {
                self.waiting.push((face_id, probability, proposal));
            }
        }
    }

    /// The expressions that end before `until`, seconds: the most likely proposals that do not stand for one another.
    fn settled(&mut self, until: f64) -> Vec<Expression> {
        if !self.waiting.iter().any(|(_, _, it)| it.offset.secs < until) {
            return Vec::new();
        }
        self.waiting.sort_by(|(_, a, _), (_, b, _)| b.total_cmp(a));
        let mut chosen: Vec<usize> = Vec::new();
        for (place, (face, probability, proposal)) in self.waiting.iter().enumerate() {
            let is_same =
                |&other: &usize| self.waiting[other].0 == *face && shared(&self.waiting[other].2, proposal) > SAME;
            if *probability >= self.threshold && !chosen.iter().any(is_same) {
                chosen.push(place);
            }
        }
        let chosen: std::collections::BTreeSet<usize> = chosen.into_iter().collect();
        let mut said = Vec::new();
        for (place, it) in std::mem::take(&mut self.waiting).into_iter().enumerate() {
            match it.2.offset.secs < until {
                true if chosen.contains(&place) => said.push(expression(it)),
                true => {}
                false => self.waiting.push(it),
            }
        }
        said.sort_by(|a, b| a.onset.secs.total_cmp(&b.onset.secs));
        said
    }
}

/// Every so many frames of a film are read.
pub(super) fn stride(frames_a_second: f64) -> u64 {
    ((frames_a_second / ENOUGH_RATE) as u64).max(1)
}

fn expression((face_id, confidence, it): (u32, f32, Proposal)) -> Expression {
    let Proposal { onset, apex, offset, clip, .. } = it;
    let spotted = Spotted { kind: ExpressionKind::of(onset.micros, offset.micros), confidence };
    Expression { face_id, onset, apex, offset, clip, spotted }
}

/// Time that two proposals share, as a share of the shorter one.
fn shared(a: &Proposal, b: &Proposal) -> f64 {
    let both = a.offset.secs.min(b.offset.secs) - a.onset.secs.max(b.onset.secs);
    let shorter = (a.offset.secs - a.onset.secs).min(b.offset.secs - b.onset.secs);
    both.max(0.0) / shorter.max(1e-6)
}
