//! Sets of generated clips as samples: rendered heads or photographs, made by the same [`prepare`](crate::prepare) that
//! detection uses. Training keeps them on disk, evaluation makes them afresh.

use std::ops::Range;
use std::path::PathBuf;

use image::RgbImage;
use microau_core::sample::AuLabels;
use microau_core::score::FoundBy;
use microau_data::LabelledSample;
use microau_synth::photo::{PhotoSettings, PhotoStudio, Portrait};
use microau_synth::{ClipScript, Renderer, SynthError, SynthSettings};
use microau_vision::face::{FaceTracker, TrackerSettings};
use microau_vision::network::NetworkError;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::prepare::Preparer;
use crate::synthesise::{PhotoError, portraits_of};

/// One set of generated clips.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetSettings {
    /// Name in tables and of the files of its prepared clips.
    pub name: String,
    /// Where its pictures come from.
    #[serde(default)]
    pub source: Source,
    /// Portraits that photo mode may use, by name; empty is all.
    #[serde(default)]
    pub portraits: Vec<String>,
    /// Folder of one's own portraits for photo mode, in place of the two that are built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photos: Option<PathBuf>,
    /// Number of identities.
    pub subjects: usize,
    /// Number of clips, spread evenly over the identities.
    pub clips: usize,
    /// Seed of identities and scripts.
    pub seed: u64,
    /// Ranges of heads, muscles, looks, light and cameras.
    #[serde(default)]
    pub generator: SynthSettings,
}

impl SetSettings {
    /// Name of a clip of the set, by its number from 0.
    pub fn clip_name(&self, clip: usize) -> String {
        format!("{}/{clip:06}", self.name)
    }
}

/// Where the pictures of a set come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The 3-D head.
    #[default]
    Rendered,
    /// Photographs warped by the units' motion.
    Photo,
}

/// How samples are made from frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SampleForm {
    /// Edge of the crop, px.
    pub crop_px: usize,
    /// Whether crops are kept beside the flow.
    pub keep_pixels: bool,
}

/// Why clips cannot be generated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// No portrait is left to choose from.
    #[error("set {set}: expected portraits among {}, got {}", known.join(", "), wanted.join(", "))]
    NoPortrait {
        /// Name of the set.
        set: String,
        /// Names that there are.
        known: Vec<String>,
        /// Names that were asked for.
        wanted: Vec<String>,
    },
    /// The face networks cannot be loaded.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The settings of the generator cannot work.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// One's own portraits cannot be used.
    #[error(transparent)]
    Photo(#[from] PhotoError),
}

/// Where the clips of a set are shot.
pub struct Studio<'a> {
    set: &'a SetSettings,
    stage: Stage,
}

enum Stage {
    Rendered(Renderer),
    Photo(PhotoStudio),
}

impl<'a> Studio<'a> {
    /// The studio of a set.
    ///
    /// # Errors
    /// When the generator's settings lie outside their ranges, or there are no portraits to use.
    pub fn new(set: &'a SetSettings) -> Result<Studio<'a>, GenerateError> {
        set.generator.check()?;
        let stage = match set.source {
            Source::Rendered => Stage::Rendered(Renderer::new()),
            Source::Photo => Stage::Photo(PhotoStudio::new(portraits(set)?, PhotoSettings::default())?),
        };
        Ok(Studio { set, stage })
    }

    /// The samples of some clips of the set, in order, on all cores; `advance` is told how many clips were just dealt with.
    ///
    /// A clip in which no face is found is left out.
    ///
    /// # Errors
    /// When the face networks cannot be loaded or a script cannot be filmed.
    pub fn samples(
        &self,
        form: SampleForm,
        clips: Range<usize>,
        advance: &(dyn Fn(usize) + Sync),
    ) -> Result<Vec<LabelledSample>, GenerateError> {
        let bench = || Bench::new(form);
        let made: Result<Vec<Option<LabelledSample>>, GenerateError> = clips
            .into_par_iter()
            .map_init(bench, |bench, clip| {
                let bench = bench.as_mut().map_err(|error| GenerateError::Network(error.clone()))?;
                let sample = bench.sample(self.shoot(clip)?);
                advance(1);
                Ok(sample)
            })
            .collect();
        Ok(made?.into_iter().flatten().collect())
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
            clip: self.set.clip_name(clip),
            subject: format!("{}/{subject:05}", self.set.name),
            set: self.set.name.clone(),
            labels: script.labels(),
            onset: pair.onset.image,
            apex: pair.apex.image,
        })
    }
}

/// The portraits that a set may use.
fn portraits(set: &SetSettings) -> Result<Vec<Portrait>, GenerateError> {
    let mut portraits = match &set.photos {
        Some(folder) => portraits_of(folder)?,
        None => Portrait::shipped(),
    };
    let known: Vec<String> = portraits.iter().map(|portrait| portrait.name().to_owned()).collect();
    portraits.retain(|portrait| set.portraits.is_empty() || set.portraits.iter().any(|name| name == portrait.name()));
    if portraits.is_empty() {
        return Err(GenerateError::NoPortrait { set: set.name.clone(), known, wanted: set.portraits.clone() });
    }
    Ok(portraits)
}

/// What is needed to make frames into samples, one a thread.
struct Bench {
    tracker: FaceTracker,
    preparer: Preparer,
}

impl Bench {
    fn new(form: SampleForm) -> Result<Bench, NetworkError> {
        let settings = TrackerSettings { max_faces: 1, blendshapes: false, ..TrackerSettings::default() };
        Ok(Bench { tracker: FaceTracker::new(settings)?, preparer: Preparer::new(form.crop_px, form.keep_pixels) })
    }

    /// The sample of a take, or `None` when no face is found in its onset.
    fn sample(&mut self, take: Take) -> Option<LabelledSample> {
        self.tracker.reset();
        let face = self.tracker.track(&take.onset).into_iter().next()?;
        let prepared = self.preparer.sample(&take.onset, &take.apex, &[face.landmarks]).ok()?;
        Some(LabelledSample {
            clip: take.clip,
            subject: take.subject,
            dataset: take.set,
            labels: take.labels,
            emotion: None,
            objective_class: None,
            apex: FoundBy::Given,
            sample: prepared.sample,
        })
    }
}

/// Two frames with what is shown in them.
struct Take {
    clip: String,
    subject: String,
    set: String,
    labels: AuLabels,
    onset: RgbImage,
    apex: RgbImage,
}

/// Seed of one member of a set (SplitMix64's finaliser over both numbers).
fn seed(set: u64, member: usize) -> u64 {
    let mut z = set.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(member as u64 + 1);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
