//! Expressions of all faces of a film, told while the film goes by.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use image::RgbImage;
use microau_core::score::{ExpressionKind, FoundBy, Moment, Spotted};
use microau_core::time::FrameIndex;
use microau_model::DeviceChoice;
use tracing::trace_span;

use super::choose::{Span, chosen, fused, overlap};
use super::judge::{Judge, Seen, Verdict};
use super::picture::PicturePair;
use super::proposals::{FaceStream, Proposal};
use crate::detect::DetectError;
use crate::detect::faces::FoundFace;
use crate::detect::gather::Gathered;
use crate::detect::interval::Moments;
use crate::detect::model_scorer::{ModelScorer, NANO};

/// Readings a second that are enough: of faster films every so many frames are read.
const ENOUGH_RATE: f64 = 50.0;
/// Proposals below this probability are forgotten at once.
const HOPELESS: f32 = 0.1;
/// After so many seconds nothing new is said of a time.
const SETTLED: f64 = 16.0;
/// Shortest expression, seconds.
const SHORTEST: f64 = 0.03;
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
    waiting: Vec<Weighed>,
    /// When the last frames were read.
    read: VecDeque<Moment>,
    /// What was said last, by face: nothing that overlaps it is said again.
    said: Vec<(u32, Span)>,
}

/// A proposal of a face after the judge has seen it.
struct Weighed {
    face_id: u32,
    confidence: f32,
    /// Onset, apex and offset as proposed.
    moments: [Moment; 3],
    /// Where the judge would have it.
    settled: Span,
    /// Onset and apex, if it may yet be believed.
    pictures: Option<PicturePair>,
}

impl Weighed {
    /// As proposed.
    fn span(&self) -> Span {
        let [onset, _, offset] = self.moments;
        Span { onset: onset.secs, offset: offset.secs }
    }
}

impl Spotter {
    /// A spotter for a film of so many frames a second.
    ///
    /// # Errors
    /// When nano is not built in.
    pub fn new(judge: Judge, frames_a_second: f64, threshold: f32) -> Result<Spotter, DetectError> {
        let stride = stride(frames_a_second);
        let rate = (frames_a_second / stride as f64) as f32;
        let witness = ModelScorer::open(NANO, DeviceChoice::Cpu)?;
        Ok(Spotter {
            witness,
            judge,
            threshold,
            stride,
            rate,
            streams: BTreeMap::new(),
            waiting: Vec::new(),
            read: VecDeque::new(),
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
        let _stage = trace_span!("spot").entered();
        self.read.push_back(moment);
        self.read.retain(|read| moment.secs - read.secs < 2.0 * SETTLED);
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
        let _stage = trace_span!("judge").entered();
        for (face_id, proposal) in proposals {
            let witness = &mut self.witness;
            let verdict = self.judge.verdict(&proposal.features, || Seen::of(&proposal, witness));
            let Some(Verdict { confidence, shift }) = verdict else { continue };
            if confidence < HOPELESS.min(self.threshold) {
                continue;
            }
            let Proposal { onset, apex, offset, scene, .. } = proposal;
            let span = Span { onset: onset.secs, offset: offset.secs };
            let pictures = (confidence >= self.threshold).then_some(scene.forth);
            let moments = [onset, apex, offset];
            self.waiting.push(Weighed { face_id, confidence, moments, settled: shifted(span, shift), pictures });
        }
    }

    /// The expressions that end before `until`, seconds.
    fn settled(&mut self, until: f64) -> Vec<Gathered> {
        let said = std::mem::take(&mut self.said);
        let is_new =
            |it: &Weighed| said.iter().all(|(face, span)| *face != it.face_id || overlap(span, &it.span()) == 0.0);
        self.waiting.retain(is_new);
        self.said = said;
        if !self.waiting.iter().any(|it| it.span().offset < until) {
            return Vec::new();
        }
        let faces: BTreeSet<u32> = self.waiting.iter().map(|it| it.face_id).collect();
        let believed: BTreeMap<usize, Span> = faces.into_iter().flat_map(|face| self.believed(face)).collect();
        let (mut said, waiting) = (Vec::new(), std::mem::take(&mut self.waiting));
        // no proposal that is still to come reaches back further than what is waited for
        self.said.retain(|(_, span)| span.offset >= until - SETTLED);
        for (place, it) in waiting.into_iter().enumerate() {
            match (it.span().offset < until, believed.get(&place)) {
                (true, Some(span)) => {
                    self.said.push((it.face_id, it.span()));
                    said.extend(self.expression(it, span));
                }
                (true, None) => {}
                (false, _) => self.waiting.push(it),
            }
        }
        said.sort_by(|a, b| a.moments.onset.secs.total_cmp(&b.moments.onset.secs));
        said
    }

    /// Places of the waiting proposals of a face that are believed, and when each happened.
    fn believed(&self, face: u32) -> Vec<(usize, Span)> {
        let (places, own): (Vec<usize>, Vec<&Weighed>) =
            self.waiting.iter().enumerate().filter(|(_, it)| it.face_id == face).unzip();
        let spans: Vec<Span> = own.iter().map(|it| it.span()).collect();
        let settled: Vec<Span> = own.iter().map(|it| it.settled).collect();
        let confidences: Vec<f32> = own.iter().map(|it| it.confidence).collect();
        let chosen = chosen(&spans, &confidences, self.threshold);
        chosen.into_iter().map(|it| (places[it], fused(&settled, &confidences, it))).collect()
    }

    /// What is said of a proposal that is believed: the frames nearest to when it happened, its own apex between them. The clip
    /// begins at the proposal's own onset, whose picture was kept.
    fn expression(&self, it: Weighed, span: &Span) -> Option<Gathered> {
        let [onset, apex, offset] = it.moments;
        let onset = Some(self.nearest(span.onset)).filter(|it| it.micros < apex.micros).unwrap_or(onset);
        let offset = Some(self.nearest(span.offset)).filter(|it| it.micros >= apex.micros).unwrap_or(offset);
        let kind = ExpressionKind::of(onset.micros, offset.micros);
        let moments = Moments { onset, apex, offset: Some(offset) };
        let spotted = Some(Spotted { kind, confidence: it.confidence });
        let clip = it.pictures?.clip();
        Some(Gathered { face_id: it.face_id, clip, moments, found_by: FoundBy::Spot, spotted })
    }

    /// The frame nearest to a time, of those that were read last.
    fn nearest(&self, secs: f64) -> Moment {
        let behind = self.read.partition_point(|it| it.secs < secs);
        let near = self.read.range(behind.saturating_sub(1)..self.read.len().min(behind + 1));
        let distance = |it: &&Moment| (it.secs - secs).abs();
        *near.min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("a proposal was read")
    }
}

/// Every so many frames of a film are read.
pub(super) fn stride(frames_a_second: f64) -> u64 {
    ((frames_a_second / ENOUGH_RATE) as u64).max(1)
}

/// A span with its ends moved by shares of its length; the same where nothing would be left of it.
fn shifted(span: Span, [onset, offset]: [f32; 2]) -> Span {
    let length = span.offset - span.onset;
    let moved =
        Span { onset: span.onset + f64::from(onset) * length, offset: span.offset + f64::from(offset) * length };
    if moved.offset - moved.onset >= SHORTEST { moved } else { span }
}
