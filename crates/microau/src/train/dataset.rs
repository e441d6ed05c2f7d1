//! The clips of a run: indices read, or a stand-in generated, then prepared and held against what the model needs to see.

use std::path::{Path, PathBuf};

use microau_data::datasets::{self, ReadSettings};
use microau_data::index::{Index, IndexedClip};
use microau_data::{LabelledSample, Problems};
use microau_synth::stand_in::{StandInSettings, write_stand_in};
use sha2::{Digest, Sha256};

use super::data_settings::DataSettings;
use super::error::TrainError;
use super::folder::{Event, Watch};
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
        let store = store(data, form, out);
        watch(Event::Preparing("clips to prepare", index.clips.len()));
        let done = prepared::prepare(&index, form, &store, &|clips| watch(Event::Prepared(clips)))?;
        let failed = done.failed.iter().map(|clip| format!("{}: {}", clip.sample, clip.reason.message));
        say_left_out("cannot be prepared", &failed.collect::<Vec<_>>(), watch);

        let (clips, cut_off) = whole(prepared::read(&store)?, settings);
        say_left_out("show a face that the picture cuts off", &cut_off, watch);
        if clips.is_empty() {
            return Err(TrainError::NothingToLearn);
        }
        Ok(Dataset { sha256: sha256(&index, &clips), clips })
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
    let mut seen = std::collections::BTreeSet::new();
    match all.clips.iter().find(|clip| !seen.insert(clip.sample_id())) {
        Some(twice) => Err(TrainError::ClipTwice { clip: twice.sample_id() }),
        None => Ok(all),
    }
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

/// Where samples of this form lie: those of another form have a folder of their own.
fn store(data: &DataSettings, form: SampleForm, out: &Path) -> PathBuf {
    let pixels = if form.keep_pixels { "-pixels" } else { "" };
    let base = data.store.clone().unwrap_or_else(|| out.join("prepared"));
    base.join(format!("{}px{pixels}", form.crop_px))
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

/// Of the indexed clips that are used.
fn sha256(index: &Index, used: &[LabelledSample]) -> String {
    let used: std::collections::BTreeSet<&str> = used.iter().map(|clip| clip.clip.as_str()).collect();
    let mut hash = Sha256::new();
    for clip in index.clips.iter().filter(|clip| used.contains(clip.sample_id().as_str())) {
        let IndexedClip { dataset, onset, apex, offset, aus, emotion, .. } = clip;
        let line = serde_json::json!([clip.sample_id(), dataset, onset, apex, offset, aus.to_string(), emotion]);
        hash.update(format!("{line}\n"));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<Problems> for TrainError {
    fn from(problems: Problems) -> TrainError {
        TrainError::Problems { told: problems.to_string() }
    }
}
