//! Who is trained on and who is tested in a run: its clips, its folds and its seeds, as its folder keeps them.
//!
//! `index.sha256` tells which clips they are, `folds.json` who is on which side of which fold. A folder that was begun with
//! other clips or other folds is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use microau_core::au::Au;
use microau_data::LabelledSample;
use microau_eval::protocol::holdout::Holdout;
use microau_eval::protocol::{Folds, LeftOut, Member, Protocol, Split};
use microau_eval::scores::SampleScores;

use super::claim::Claim;
use super::data_settings::DataSettings;
use super::dataset::Dataset;
use super::error::TrainError;
use super::folder::{Event, Watch};
use super::folds::{self, FOLDS_NAME, FoldSides};
use super::policies::{self, POLICIES_NAME};
use super::settings::TrainSettings;

/// Sets the draw of the validation side apart from that of a hold-out.
const VALIDATION: u64 = 0x5851_f42d_4c95_7f2d;
/// Most folds that a note names.
const NAMED: usize = 5;

/// The clips of a run and how they are split.
pub struct Plan<'a> {
    /// Settings of the run.
    pub settings: &'a TrainSettings,
    /// The `[data]` section of these.
    pub data: &'a DataSettings,
    /// Every clip of the run.
    pub clips: Vec<LabelledSample>,
    /// The folds; none where nothing is tested.
    pub splits: Vec<Split>,
    /// Folder of the run.
    pub out: &'a Path,
}

impl<'a> Plan<'a> {
    /// The plan of a run, and its folder claimed for it; a run that is refused leaves nothing there but prepared clips.
    ///
    /// # Errors
    /// When the clips cannot be had or not be split, or the folder is of another run.
    pub fn open(
        settings: &'a TrainSettings,
        data: &'a DataSettings,
        out: &'a Path,
        watch: Watch<'_>,
    ) -> Result<Plan<'a>, TrainError> {
        let mut claim = Claim::of(settings, out)?;
        let Dataset { clips, sha256, policies } = Dataset::open(settings, data, out, watch)?;
        claim.hold("index.sha256", format!("{sha256}\n"))?;
        claim.hold(POLICIES_NAME, policies::to_json(&policies))?;
        let mut plan = Plan { settings, data, clips, splits: Vec::new(), out };
        if let Some(protocol) = data.protocol.judged() {
            plan.splits = plan.split(protocol, watch)?;
            let folds: Vec<FoldSides> = plan.splits.iter().map(|split| plan.described(split)).collect();
            claim.hold(FOLDS_NAME, folds::to_json(&folds))?;
            plan.say_what_cannot_be_learned(watch);
        }
        claim.write()?;
        Ok(plan)
    }

    /// Seeds that every fold is run with.
    pub fn seeds(&self) -> Vec<u64> {
        self.settings.seeds()
    }

    /// Folder of a fold under a seed.
    pub fn folder(&self, split: &Split, seed: u64) -> PathBuf {
        let of_seed = if self.seeds().len() > 1 { self.out.join(format!("seed-{seed}")) } else { self.out.to_owned() };
        of_seed.join(folds::folder_name(split.name()))
    }

    /// The line of a tested clip in `scores.jsonl`.
    pub fn line(&self, split: &Split, seed: u64, place: usize, probs: BTreeMap<Au, f64>) -> SampleScores {
        let clip = &self.clips[place];
        SampleScores {
            sample: clip.clip.clone(),
            dataset: clip.dataset.clone(),
            subject: clip.subject.clone(),
            fold: split.name().to_owned(),
            seed,
            labels: probs.keys().map(|&au| (au, clip.labels.state(au))).collect(),
            probs,
            emotion: clip.emotion.clone(),
            objective_class: clip.objective_class,
            emotion_text: BTreeMap::new(),
        }
    }

    fn split(&self, protocol: Protocol, watch: Watch<'_>) -> Result<Vec<Split>, TrainError> {
        let members: Vec<Member> = self.clips.iter().map(member).collect();
        let part = Holdout { share: self.data.test_share, seed: self.settings.seed };
        let Folds { splits, left_out } = protocol.folds(&members, part)?;
        for (reason, samples) in by_reason(&left_out, &members) {
            let (count, clips) = (samples.len(), if samples.len() == 1 { "clip" } else { "clips" });
            let first = samples[0];
            watch(Event::Note(&format!("{} leaves out {count} {clips}, such as {first}: {reason}", protocol.name())));
        }
        let tested: Vec<&Member> =
            splits.iter().flat_map(|split| split.test()).map(|&member| &members[member]).collect();
        if let Some(shortfall) = protocol.shortfall(tested.iter().map(|it| (it.dataset.as_str(), it.subject.as_str())))
        {
            watch(Event::Note(&shortfall));
        }
        let apart = Holdout { share: self.data.validation_share, seed: self.settings.seed ^ VALIDATION };
        let with_validation = |split: Split| match apart.share {
            0.0 => Ok(split),
            _ => split.with_validation(&members, apart),
        };
        Ok(splits.into_iter().map(with_validation).collect::<Result<_, _>>()?)
    }

    /// A fold as it stands in `folds.json`.
    fn described(&self, split: &Split) -> FoldSides {
        let subjects = |places: &[usize]| -> BTreeSet<String> {
            places.iter().map(|&place| self.clips[place].subject.clone()).collect()
        };
        let side = split.training();
        FoldSides {
            fold: split.name().to_owned(),
            train: subjects(side.train()),
            validation: subjects(side.validation()),
            test: subjects(split.test()),
            train_samples: side.train().len(),
            validation_samples: side.validation().len(),
            test_samples: split.test().len(),
            aus_without_positives: self.aus_without_positives(split),
        }
    }

    /// AUs that no training clip of a fold shows.
    fn aus_without_positives(&self, split: &Split) -> Vec<Au> {
        let is_shown = |au: Au| split.training().train().iter().any(|&i| self.clips[i].labels.present().contains(au));
        self.settings.model.aus.iter().copied().filter(|&au| !is_shown(au)).collect()
    }

    fn say_what_cannot_be_learned(&self, watch: Watch<'_>) {
        for &au in &self.settings.model.aus {
            let folds = self.splits.iter().filter(|split| self.aus_without_positives(split).contains(&au));
            let names: Vec<&str> = folds.map(Split::name).collect();
            if !names.is_empty() {
                let (count, of, named) = (names.len(), self.splits.len(), names[..names.len().min(NAMED)].join(", "));
                let rest = if count > NAMED { ", ..." } else { "" };
                watch(Event::Note(&format!(
                    "{au} has no positive clip on the training side of {count} of {of} folds ({named}{rest}): it cannot be \
                     learned there"
                )));
            }
        }
    }
}

/// Names of the samples that a protocol leaves out, by reason.
fn by_reason<'a>(left_out: &'a [LeftOut], members: &'a [Member]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for out in left_out {
        all.entry(&out.reason).or_default().push(&members[out.member].sample);
    }
    all
}

fn member(clip: &LabelledSample) -> Member {
    Member {
        sample: clip.clip.clone(),
        subject: clip.subject.clone(),
        dataset: clip.dataset.clone(),
        emotion: clip.emotion.clone(),
    }
}
