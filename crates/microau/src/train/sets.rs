//! The sets of generated clips of a run, kept on disk.
//!
//! A set lies in shards; a shard that is there and was made with the same settings is read, any other is made. So a run that
//! was killed goes on, and two runs of the same settings see the same bytes.

use std::path::Path;

use microau_data::{LabelledSample, Shard};

use super::error::TrainError;
use crate::generated::{SampleForm, SetSettings, Studio};

/// Clips of one shard.
const SHARD_CLIPS: usize = 256;

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
                let samples = studio.samples(form, clips, advance)?;
                let shard = Shard { fingerprint: fingerprint.clone(), samples };
                shard.write(&path)?;
                // numbers are rounded on disk: a run that made its clips must see those that a resumed one reads
                Shard::read(&path)?
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
