//! Sets of generated clips, made into samples by the same [`prepare`](crate::prepare) that detection uses, and kept on disk.
//!
//! A set lies in shards; a shard that is there and was made with the same settings is read, any other is made. So a run that
//! was killed goes on, and two runs of the same settings see the same bytes.

use std::path::Path;

use image::RgbImage;
use microau_core::sample::AuLabels;
use microau_data::{LabelledSample, Shard};
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_synth::{ClipScript, Renderer, SynthError};
use microau_vision::face::{FaceTracker, TrackerSettings};
use rayon::prelude::*;
use serde::Serialize;

use super::error::TrainError;
use super::settings::{SetSettings, Source};
use crate::prepare::Preparer;

/// Clips of one shard.
const SHARD_CLIPS: usize = 256;

/// How samples are made from frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SampleForm {
    /// Edge of the crop, px.
    pub crop_px: usize,
    /// Whether crops are kept beside the flow.
    pub keep_pixels: bool,
}

/// The samples of a set, from `folder` as far as they are there; `advance` is told how many clips were just dealt with.
///
/// Clips in which no face is found are left out.
///
/// # Errors
/// When shards cannot be read or written, or fewer than half of the clips show a face.
pub fn samples(
    set: &SetSettings,
    form: SampleForm,
    folder: &Path,
    advance: &(dyn Fn(usize) + Sync),
) -> Result<Vec<LabelledSample>, TrainError> {
    let fingerprint = fingerprint(set, form);
    let studio = Studio::new(set)?;
    let mut samples = Vec::with_capacity(set.clips);
    for (number, first) in (0..set.clips).step_by(SHARD_CLIPS).enumerate() {
        let path = folder.join(format!("{}-{number:04}.safetensors", set.name));
        let clips = first..(first + SHARD_CLIPS).min(set.clips);
        let shard = match Shard::read(&path) {
            Ok(shard) if shard.fingerprint == fingerprint => {
                advance(clips.len());
                shard
            }
            _ => {
                let samples = make(&studio, form, clips, advance)?;
                let shard = Shard { fingerprint: fingerprint.clone(), samples };
                shard.write(&path)?;
                shard
            }
        };
        samples.extend(shard.samples);
    }
    if samples.len() < set.clips.div_ceil(2) {
        return Err(TrainError::NoFaces { set: set.name.clone(), found: samples.len(), tried: set.clips });
    }
    Ok(samples)
}

/// Everything that the samples of a set depend on, as text.
fn fingerprint(set: &SetSettings, form: SampleForm) -> String {
    let settings = (set, form, env!("CARGO_PKG_VERSION"));
    serde_json::to_string(&settings).expect("settings are plain data")
}

fn make(
    studio: &Studio,
    form: SampleForm,
    clips: std::ops::Range<usize>,
    advance: &(dyn Fn(usize) + Sync),
) -> Result<Vec<LabelledSample>, TrainError> {
    let bench = || Bench::new(form);
    let made: Result<Vec<Option<LabelledSample>>, TrainError> = clips
        .into_par_iter()
        .map_init(bench, |bench, clip| {
            let bench = bench.as_mut().map_err(|error| TrainError::Network(error.clone()))?;
            let sample = bench.sample(studio.shoot(clip)?);
            advance(1);
            Ok(sample)
        })
        .collect();
    Ok(made?.into_iter().flatten().collect())
}

/// What is needed to make frames into samples, one a thread.
struct Bench {
    tracker: FaceTracker,
    preparer: Preparer,
}

impl Bench {
    fn new(form: SampleForm) -> Result<Bench, microau_vision::network::NetworkError> {
        let settings = TrackerSettings { max_faces: 1, blendshapes: false, ..TrackerSettings::default() };
        Ok(Bench { tracker: FaceTracker::new(settings)?, preparer: Preparer::new(form.crop_px, form.keep_pixels) })
    }

    /// The sample of a take, or `None` when no face is found in its onset.
    fn sample(&mut self, take: Take) -> Option<LabelledSample> {
        self.tracker.reset();
        let face = self.tracker.track(&take.onset).into_iter().next()?;
        let prepared = self.preparer.sample(&take.onset, &take.apex, &[face.landmarks]).ok()?;
        Some(LabelledSample { clip: take.clip, subject: take.subject, labels: take.labels, sample: prepared.sample })
    }
}

/// Two frames with what is shown in them.
struct Take {
    clip: String,
    subject: String,
    labels: AuLabels,
    onset: RgbImage,
    apex: RgbImage,
}

/// Where the clips of a set are shot.
struct Studio<'a> {
    set: &'a SetSettings,
    stage: Stage,
}

enum Stage {
    Rendered(Renderer),
    Photo(PhotoStudio),
}

impl<'a> Studio<'a> {
    fn new(set: &'a SetSettings) -> Result<Studio<'a>, TrainError> {
        set.generator.check()?;
        let stage = match set.source {
            Source::Rendered => Stage::Rendered(Renderer::new()),
            Source::Photo => {
                let mut portraits = Portrait::shipped();
                portraits.retain(|p| set.portraits.is_empty() || set.portraits.iter().any(|name| name == p.name()));
                Stage::Photo(PhotoStudio::new(portraits, PhotoSettings::default())?)
            }
        };
        Ok(Studio { set, stage })
    }

    /// Onset and apex of a clip; neighbouring clips are of the same person.
    fn shoot(&self, clip: usize) -> Result<Take, SynthError> {
        let subject = clip * self.set.subjects / self.set.clips;
        let script = ClipScript::sample(&self.set.generator, seed(self.set.seed, subject), seed(!self.set.seed, clip));
        let pair = match &self.stage {
            Stage::Rendered(renderer) => renderer.pair(&script),
            Stage::Photo(studio) => studio.pair(&script)?,
        };
        Ok(Take {
            clip: format!("{}/{clip:06}", self.set.name),
            subject: format!("{}/{subject:05}", self.set.name),
            labels: script.labels(),
            onset: pair.onset.image,
            apex: pair.apex.image,
        })
    }
}

/// Seed of one member of a set (SplitMix64's finaliser over both numbers).
fn seed(set: u64, member: usize) -> u64 {
    let mut z = set.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(member as u64 + 1);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
