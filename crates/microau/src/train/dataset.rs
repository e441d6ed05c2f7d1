//! The clips of a run: indices read, or a stand-in generated, then prepared and held against what the model needs to see.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use microau_data::LabelledSample;
use microau_data::datasets::{self, ReadSettings};
use microau_data::index::{Index, IndexedClip};
use microau_synth::stand_in::{StandInSettings, write_stand_in};
use sha2::{Digest, Sha256};

use super::data_settings::DataSettings;
use super::error::TrainError;
use super::folder::{Event, Watch};
use super::policies::{self, Policies};
use super::settings::TrainSettings;
use crate::generated::{GenerateError, SampleForm};
use crate::model_input::ModelInput;
use crate::prepared;

/// Most clips that a note names.
const NAMED: usize = 5;

/// Prepared clips, and what tells them from others.
pub struct Dataset {
    /// Every clip that the model can look at, in the order of the indices.
    pub clips: Vec<LabelledSample>,
    /// How marks in cells of action units were read.
    pub policies: Policies,
    /// SHA-256 of who is shown when with which AUs, in hexadecimal digits: the same wherever the frames lie.
    pub sha256: String,
}

impl Dataset {
    /// The clips that the settings name, prepared into `prepared/` of the run's folder or the store that they name. What
    /// cannot be prepared or seen whole is left out with a note.
    ///
    /// # Errors
    /// When an index cannot be read, or no clip is left.
    pub fn open(
        settings: &TrainSettings,
        data: &DataSettings,
        out: &Path,
        watch: Watch<'_>,
    ) -> Result<Dataset, TrainError> {
        let index = index(data, out, watch)?;
        let form = SampleForm { crop_px: settings.model.crop_px, keep_pixels: settings.model.input.sees_pixels() };
        let known = |clip: &&IndexedClip| settings.model.aus.iter().any(|&au| clip.labels().state(au).is_some());
        if !index.clips.iter().any(|clip| known(&clip)) {
            return Err(TrainError::NothingToLearn { clips: index.clips.len() });
        }
        let store = data.store.clone().unwrap_or_else(|| out.join("prepared"));
        watch(Event::Preparing("clips to prepare", index.clips.len()));
        let done = prepared::prepare(&index, form, &store, &|clips| watch(Event::Prepared(clips)))?;
        let failed = done.failed.iter().map(|clip| format!("{}: {}", clip.sample, clip.reason.message));
        say_left_out("cannot be prepared", &failed.collect::<Vec<_>>(), watch);

        let (clips, cut_off) = whole(prepared::read(&store, &index, form)?, settings);
        say_left_out("show a face that the picture cuts off", &cut_off, watch);
        if clips.is_empty() {
            return Err(TrainError::NothingToLearn { clips: index.clips.len() });
        }
        say_lost_subjects(&index, &clips, watch);
        Ok(Dataset { sha256: sha256(&index, &clips), policies: policies::of(&index), clips })
    }
}

/// The clips of all indices, or of the stand-in.
fn index(data: &DataSettings, out: &Path, watch: Watch<'_>) -> Result<Index, TrainError> {
    let mut all = Index::default();
    if let Some(stand_in) = &data.stand_in {
        let folder = data.store.as_deref().unwrap_or(out).join("stand-in");
        all.clips.extend(generated(stand_in, &folder, watch)?.clips);
    }
    for path in &data.index {
        all.clips.extend(Index::read(path)?.clips);
    }
    let (mut seen, mut dataset_of) = (BTreeSet::new(), BTreeMap::new());
    for clip in &all.clips {
        if !seen.insert(clip.sample_id()) {
            return Err(TrainError::ClipTwice { clip: clip.sample_id() });
        }
        let first: &String = dataset_of.entry(&clip.subject).or_insert(&clip.dataset);
        if *first != clip.dataset {
            let datasets = [first.clone(), clip.dataset.clone()];
            return Err(TrainError::SubjectInTwoDatasets { subject: clip.subject.clone(), datasets });
        }
    }
    Ok(all)
}

/// A stand-in filmed and read back by the reader of its dataset.
fn generated(stand_in: &StandInSettings, folder: &Path, watch: Watch<'_>) -> Result<Index, TrainError> {
    let plan = stand_in.plan().map_err(GenerateError::from)?;
    watch(Event::Preparing("events of the stand-in", plan.clips.len()));
    write_stand_in(&plan, folder, &|events| watch(Event::Prepared(events))).map_err(GenerateError::from)?;
    let layout = stand_in.layout.name().parse().expect("every stand-in has a reader");
    let (index, problems) = datasets::read(layout, folder, &ReadSettings::default());
    if index.clips.is_empty() { Err(problems.into()) } else { Ok(index) }
}

/// The clips in which the region of every AU is seen, and the others by name.
fn whole(clips: Vec<LabelledSample>, settings: &TrainSettings) -> (Vec<LabelledSample>, Vec<String>) {
    let mut cut_off = Vec::new();
    let mut seen = |clip: &LabelledSample| match ModelInput::new(&clip.sample, &settings.model) {
        Ok(_) => true,
        Err(outside) => {
            cut_off.push(format!("{}: {outside}", clip.clip));
            false
        }
    };
    let clips = clips.into_iter().filter(|clip| seen(clip)).collect();
    (clips, cut_off)
}

fn say_left_out(why: &str, clips: &[String], watch: Watch<'_>) {
    if clips.is_empty() {
        return;
    }
    let rest = if clips.len() > NAMED { format!("; and {} more", clips.len() - NAMED) } else { String::new() };
    let named = clips[..clips.len().min(NAMED)].join("; ");
    watch(Event::Note(&format!("{} clips {why} and are left out: {named}{rest}", clips.len())));
}

/// A subject without a clip is tested in no fold and missing from every figure.
fn say_lost_subjects(index: &Index, clips: &[LabelledSample], watch: Watch<'_>) {
    let left: BTreeSet<&str> = clips.iter().map(|clip| clip.subject.as_str()).collect();
    let lost: Vec<&str> = index.subjects().into_iter().filter(|subject| !left.contains(subject)).collect();
    if !lost.is_empty() {
        let (count, names) = (lost.len(), lost.join(", "));
        watch(Event::Note(&format!("no clip is left of {count} of {} subjects: {names}", index.subjects().len())));
    }
}

/// Of the indexed clips that are used.
fn sha256(index: &Index, used: &[LabelledSample]) -> String {
    let used: BTreeSet<&str> = used.iter().map(|clip| clip.clip.as_str()).collect();
    let mut hash = Sha256::new();
    for clip in index.clips.iter().filter(|clip| used.contains(clip.sample_id().as_str())) {
        let IndexedClip { dataset, onset, apex, offset, aus, emotion, .. } = clip;
        let line = serde_json::json!([clip.sample_id(), dataset, onset, apex, offset, aus.to_string(), emotion]);
        hash.update(format!("{line}\n"));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
