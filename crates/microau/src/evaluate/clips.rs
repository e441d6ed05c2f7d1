//! Judging a model on labelled clips: generated afresh, or films and frame folders listed in a table.
//!
//! Generated clips go straight into samples, which is quick; clips of a table take the whole way of detection, with the
//! onset and apex that stand in the table.

use microau_core::au::Au;
use microau_core::report::ErrorReport;
use microau_core::sample::{AuLabels, Event};
use microau_data::index::{FrameNumbers, Index, IndexedClip};
use microau_eval::EvalError;
use microau_eval::scores::{SampleScores, to_jsonl};
use microau_model::{MicroAuClip, ModelError};

use super::{Evaluation, evaluate, probs};
use crate::detect::{
    DetectError, DetectSettings, Detector, EventNumbers, Input, ModelScorer, Moments, Numbering, Request, Watch, faces,
};
use crate::generated::{GenerateError, SampleForm, SetSettings, Studio};

/// Clips that are made, scored and forgotten at a time: memory stays flat.
const CLIPS_AT_A_TIME: usize = 256;

/// Name of the one fold of clips that are judged and not trained on.
const FOLD: &str = "clips";

/// What a model says of one labelled clip.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredClip {
    /// Name of the clip.
    pub clip: String,
    /// Whose face it shows.
    pub subject: String,
    /// Which AUs are in it.
    pub labels: AuLabels,
    /// Probability of each AU of the model, in its order.
    pub probs: Vec<f32>,
}

/// A clip without scores.
#[derive(Clone, Debug, PartialEq)]
pub struct MissedClip {
    /// Name of the clip.
    pub clip: String,
    /// Why it has none.
    pub reason: ErrorReport,
}

/// How a model did on one set of clips.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Name of the set.
    pub set: String,
    /// Figures over the scored clips.
    pub evaluation: Evaluation,
    /// Every scored clip.
    pub clips: Vec<ScoredClip>,
    /// Clips that could not be scored; not part of the figures.
    pub missed: Vec<MissedClip>,
}

/// Why a model cannot be judged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// The clips cannot be generated.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The face networks or the model cannot be set up.
    #[error(transparent)]
    Detect(#[from] DetectError),
    /// The model does not take the samples.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Its scores are no numbers.
    #[error(transparent)]
    Scores(#[from] EvalError),
}

/// Judges a model on a set of clips that are generated afresh; `advance` is told how many clips were just dealt with.
///
/// # Errors
/// [`EvaluateError`] when the set cannot be generated or does not fit the model.
pub fn generated(
    model: &MicroAuClip,
    set: &SetSettings,
    advance: &(dyn Fn(usize) + Sync),
) -> Result<Judged, EvaluateError> {
    let config = model.config();
    let form = SampleForm { crop_px: config.crop_px, keep_pixels: config.input.sees_pixels() };
    let studio = Studio::new(set)?;
    let (mut clips, mut missed) = (Vec::with_capacity(set.clips), Vec::new());
    for first in (0..set.clips).step_by(CLIPS_AT_A_TIME) {
        let wanted = first..(first + CLIPS_AT_A_TIME).min(set.clips);
        let samples = studio.samples(form, wanted.clone(), advance)?;
        let faceless = wanted.map(|clip| set.clip_name(clip)).filter(|name| !samples.iter().any(|it| it.clip == *name));
        missed.extend(faceless.map(|clip| missed_clip(clip, "no face was found in the onset frame")));
        for (sample, probs) in samples.iter().zip(probs(model, &samples)?) {
            match probs {
                Some(probs) => clips.push(ScoredClip {
                    clip: sample.clip.clone(),
                    subject: sample.subject.clone(),
                    labels: sample.labels,
                    probs,
                }),
                None => missed.push(missed_clip(sample.clip.clone(), "the face is cut off by the edge of the picture")),
            }
        }
    }
    judged(&set.name, model, clips, missed)
}

/// Judges a model on the clips of a table, each with the onset and apex that stand there; `advance` hears of every clip.
///
/// Where there is no apex after the onset, both are searched. Of several faces the first is taken.
///
/// # Errors
/// [`EvaluateError`] when the face networks cannot be set up. A clip that cannot be read is among [`Judged::missed`].
pub fn labelled(
    scorer: &mut ModelScorer,
    name: &str,
    index: &Index,
    advance: &mut dyn FnMut(),
) -> Result<Judged, EvaluateError> {
    let mut finder = faces::tracker()?;
    let model = scorer.model().clone();
    let mut detector = Detector::new(&mut finder, scorer, DetectSettings::default());
    let (mut clips, mut missed) = (Vec::new(), Vec::new());
    for clip in &index.clips {
        match scored(&mut detector, &model, clip) {
            Ok(scored) => clips.push(scored),
            Err(reason) => missed.push(MissedClip { clip: clip.clip.clone(), reason }),
        }
        advance();
    }
    judged(name, &model, clips, missed)
}

fn scored(detector: &mut Detector<'_>, model: &MicroAuClip, clip: &IndexedClip) -> Result<ScoredClip, ErrorReport> {
    let numbering = match clip.numbers {
        FrameNumbers::Positions => Numbering::Position,
        FrameNumbers::Names => Numbering::Names,
    };
    let moments = match clip.event() {
        Some(Event { onset, apex, offset }) => {
            let numbers = EventNumbers { onset: onset.0, apex: apex.0, offset: offset.map(|offset| offset.0) };
            Moments::Given { numbers: vec![numbers], numbering }
        }
        None => Moments::Search,
    };
    let request = Request { input: Input::Film { name: clip.clip.clone(), path: clip.frames.clone() }, moments };
    let report = detector.detect(&request, &mut Watch { progress: &mut |_| (), look: &mut |_| Ok(()), frame: None });
    let interval = report.faces.iter().flat_map(|face| &face.intervals).next();
    let Some(interval) = interval else {
        let unsaid = ErrorReport { message: format!("no face was scored: {}", clip.clip), hint: None };
        return Err(report.errors.into_iter().next().unwrap_or(unsaid));
    };
    let prob = |&au| interval.aus.get(au).expect("the model scores each of its action units").probability;
    let probs = model.config().aus.iter().map(prob).collect();
    Ok(ScoredClip { clip: clip.clip.clone(), subject: clip.subject.clone(), labels: clip.labels(), probs })
}

fn missed_clip(clip: String, why: &str) -> MissedClip {
    let reason = ErrorReport { message: format!("{why}: {clip}"), hint: None };
    MissedClip { clip, reason }
}

fn judged(
    set: &str,
    model: &MicroAuClip,
    clips: Vec<ScoredClip>,
    missed: Vec<MissedClip>,
) -> Result<Judged, EvaluateError> {
    let labels: Vec<AuLabels> = clips.iter().map(|clip| clip.labels).collect();
    let probs: Vec<Vec<f32>> = clips.iter().map(|clip| clip.probs.clone()).collect();
    let evaluation = evaluate(&model.config().aus, &labels, &probs)?;
    Ok(Judged { set: set.to_owned(), evaluation, clips, missed })
}

impl Judged {
    /// The lines of a `scores.jsonl` ([`microau_eval::scores`]): the set is the data set; nothing was trained, so there
    /// is one fold and the seed 0.
    ///
    /// `aus` are those of the model, in its order.
    pub fn scores_jsonl(&self, aus: &[Au]) -> String {
        let line = |clip: &ScoredClip| SampleScores {
            sample: clip.clip.clone(),
            dataset: self.set.clone(),
            subject: clip.subject.clone(),
            fold: FOLD.to_owned(),
            seed: 0,
            labels: aus.iter().map(|&au| (au, clip.labels.state(au))).collect(),
            probs: aus.iter().zip(&clip.probs).map(|(&au, &prob)| (au, f64::from(prob))).collect(),
            emotion: None,
            objective_class: None,
            emotion_text: Default::default(),
        };
        to_jsonl(&self.clips.iter().map(line).collect::<Vec<_>>())
            .expect("the model's probabilities were judged before")
    }
}
