//! Expressions of all faces of a film, told while the film goes by.

use std::collections::{BTreeMap, BTreeSet};

use image::RgbImage;
use microau_core::score::{ExpressionKind, FoundBy, Moment, Spotted};
use microau_core::time::FrameIndex;

use super::choose::{Span, chosen, overlap};
use super::judge::{Judge, Seen};
use super::proposals::{FaceStream, Proposal};
use crate::detect::DetectError;
use crate::detect::faces::FoundFace;
use crate::detect::gather::Gathered;
use crate::detect::interval::Moments;
use crate::detect::model_scorer::ModelScorer;

/// Readings a second that are enough: of faster films every so many frames are read.
const ENOUGH_RATE: f64 = 50.0;
/// Proposals below this probability are forgotten at once.
const HOPELESS: f32 = 0.1;
/// After so many seconds nothing new is said of a time.
const SETTLED: f64 = 16.0;
/// A face that is away for longer comes back as one that was never seen, as far as motion goes, seconds.
const AWAY: f64 = 0.25;

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
    /// What was said last, by face: nothing that overlaps it is said again.
    said: Vec<(u32, Span)>,
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
        Ok(Spotter {
            witness,
            judge,
            threshold,
            stride,
            rate,
            streams: BTreeMap::new(),
            waiting: Vec::new(),
            said: Vec::new(),
        })
    }

    /// Of a film that shows more frames a second than are needed, one in so many is read.
    pub fn stride(&self) -> u64 {
        self.stride
    }

    /// Whether a frame is read.
    pub fn reads(&self, frame: FrameIndex) -> bool {
        frame.0.is_multiple_of(self.stride)
    }

    /// Reads the next frame that it [`reads`](Self::reads); expressions of which nothing more can be told come back.
    pub fn see(&mut self, frame: &RgbImage, moment: Moment, faces: &[FoundFace]) -> Vec<Gathered> {
        let mut proposals = self.lost(moment);
        for face in faces {
            let stream = self.streams.entry(face.face_id).or_insert_with(|| FaceStream::new(self.rate));
            proposals.extend(stream.see(frame, face, moment).into_iter().map(|it| (face.face_id, it)));
        }
        self.weigh(proposals);
        self.settled(moment.secs - SETTLED)
    }

    /// What is left at the end of the film.
    pub fn finish(&mut self) -> Vec<Gathered> {
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
            let witness = &mut self.witness;
            let probability = self.judge.confidence(&proposal.features, || Seen::of(&proposal, witness));
            if probability >= HOPELESS.min(self.threshold) {
                self.waiting.push((face_id, probability, proposal));
            }
        }
    }

    /// The expressions that end before `until`, seconds.
    fn settled(&mut self, until: f64) -> Vec<Gathered> {
        let said = std::mem::take(&mut self.said);
        let is_new = |face: u32, it: &Proposal| {
            said.iter().all(|(other, span)| *other != face || overlap(span, &span_of(it)) == 0.0)
        };
        self.waiting.retain(|(face, _, it)| is_new(*face, it));
        self.said = said;
        if !self.waiting.iter().any(|(_, _, it)| it.offset.secs < until) {
            return Vec::new();
        }
        let faces: BTreeSet<u32> = self.waiting.iter().map(|(face, ..)| *face).collect();
        let believed: BTreeSet<usize> = faces.into_iter().flat_map(|face| self.believed(face)).collect();
        let (mut said, waiting) = (Vec::new(), std::mem::take(&mut self.waiting));
        // no proposal that is still to come reaches back further than what is waited for
        self.said.retain(|(_, span)| span.offset >= until - SETTLED);
        for (place, it) in waiting.into_iter().enumerate() {
            match it.2.offset.secs < until {
                true if believed.contains(&place) => {
                    self.said.push((it.0, span_of(&it.2)));
                    said.push(expression(it));
                }
                true => {}
                false => self.waiting.push(it),
            }
        }
        said.sort_by(|a, b| a.moments.onset.secs.total_cmp(&b.moments.onset.secs));
        said
    }

    /// Places of the waiting proposals of a face that are believed.
    fn believed(&self, face: u32) -> Vec<usize> {
        let own: Vec<usize> = (0..self.waiting.len()).filter(|&place| self.waiting[place].0 == face).collect();
        let span = |&place: &usize| Span {
            onset: self.waiting[place].2.onset.secs,
            offset: self.waiting[place].2.offset.secs,
        };
        let spans: Vec<Span> = own.iter().map(span).collect();
        let probabilities: Vec<f32> = own.iter().map(|&place| self.waiting[place].1).collect();
        chosen(&spans, &probabilities, self.threshold).into_iter().map(|place| own[place]).collect()
    }
}

/// Every so many frames of a film are read.
pub(super) fn stride(frames_a_second: f64) -> u64 {
    ((frames_a_second / ENOUGH_RATE) as u64).max(1)
}

fn span_of(it: &Proposal) -> Span {
    Span { onset: it.onset.secs, offset: it.offset.secs }
}

fn expression((face_id, confidence, it): (u32, f32, Proposal)) -> Gathered {
    let Proposal { onset, apex, offset, scene, .. } = it;
    let clip = scene.forth();
    let kind = ExpressionKind::of(onset.micros, offset.micros);
    let moments = Moments { onset, apex, offset: Some(offset) };
    Gathered { face_id, clip, moments, found_by: FoundBy::Spot, spotted: Some(Spotted { kind, confidence }) }
}
