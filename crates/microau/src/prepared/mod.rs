//! The prepared clips of an index, kept in a folder: made once, read by every training.
//!
//! A store holds `shard-0000.safetensors` and on, each with the samples of some clips in the order of the index, and
//! `problems.csv` with every clip that could not be made and why. A shard that is there and was made of the same clips
//! with the same settings is kept; of its clips only those that failed are tried again. So a preparation that was killed
//! goes on, and two give the same bytes.

mod clip;
mod section;

use std::path::{Path, PathBuf};

use microau_core::report::ErrorReport;
use microau_data::index::{Index, IndexedClip};
use microau_data::{LabelledSample, Shard, StoreError};
use microau_vision::network::NetworkError;
use rayon::prelude::*;

use crate::detect::DetectError;
use crate::files;
use crate::generated::SampleForm;
use clip::Bench;

/// Edge of the crop of `nano` and of the published towers, px.
pub const DEFAULT_CROP_PX: usize = 224;
/// Clips of one shard.
const SHARD_CLIPS: usize = 64;
/// Name of the table of failures.
pub const PROBLEMS_NAME: &str = "problems.csv";

/// A clip that could not be made into a sample.
#[derive(Clone, Debug, PartialEq)]
pub struct FailedClip {
    /// The sample, `subject/clip`.
    pub sample: String,
    /// Its dataset.
    pub dataset: String,
    /// Why not.
    pub reason: ErrorReport,
}

/// What a preparation has done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preparation {
    /// Samples in the store.
    pub samples: usize,
    /// Of these, those whose apex was searched.
    pub searched: usize,
    /// Samples that were there before.
    pub kept: usize,
    /// Clips that could not be made.
    pub failed: Vec<FailedClip>,
}

/// Why clips cannot be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The index has no clip.
    #[error("expected at least one clip in the index, got none")]
    NoClips,
    /// The store holds no shard.
    #[error("expected prepared clips (shard-0000.safetensors), found none: {}\n  hint: `microau prepare` makes them", path.display())]
    NoStore {
        /// The folder.
        path: PathBuf,
    },
    /// The face networks cannot be loaded.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A shard cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else cannot be written.
    #[error(transparent)]
    Write(#[from] DetectError),
}

/// Makes the clips of an index into samples and keeps them in the folder `out`, on all cores; `advance` is told how many
/// clips were just dealt with.
///
/// A clip without an apex after its onset gets the one that the search of detection finds between onset and offset;
/// [`LabelledSample::apex`] says so. Of several faces the one is taken that the detector finds first. Clips that fail are
/// collected.
///
/// # Errors
/// [`PrepareError`] when nothing can be read or written at all.
pub fn prepare(
    index: &Index,
    form: SampleForm,
    out: &Path,
    advance: &(dyn Fn(usize) + Sync),
) -> Result<Preparation, PrepareError> {
    if index.clips.is_empty() {
        return Err(PrepareError::NoClips);
    }
    Bench::new(form)?;
    let mut done = Preparation::default();
    for (number, clips) in index.clips.chunks(SHARD_CLIPS).enumerate() {
        shard(clips, form, &shard_path(out, number), advance, &mut done)?;
    }
    forget_from(out, index.clips.len().div_ceil(SHARD_CLIPS))?;
    files::write(&out.join(PROBLEMS_NAME), problems_csv(&done.failed).as_bytes())?;
    Ok(done)
}

/// Every sample of a store, in the order of its index.
///
/// # Errors
/// When the folder holds no shard, or one that cannot be read.
pub fn read(store: &Path) -> Result<Vec<LabelledSample>, PrepareError> {
    let mut samples = Vec::new();
    for number in 0.. {
        let path = shard_path(store, number);
        if !path.exists() {
            break;
        }
        samples.extend(Shard::read(&path)?.samples);
    }
    if !shard_path(store, 0).exists() {
        return Err(PrepareError::NoStore { path: store.to_owned() });
    }
    Ok(samples)
}

fn shard_path(store: &Path, number: usize) -> PathBuf {
    store.join(format!("shard-{number:04}.safetensors"))
}

/// Fills one shard; what was made before with the same settings stays.
fn shard(
    clips: &[IndexedClip],
    form: SampleForm,
    path: &Path,
    advance: &(dyn Fn(usize) + Sync),
    done: &mut Preparation,
) -> Result<(), PrepareError> {
    let fingerprint = fingerprint(clips, form);
    let before = Shard::read(path).ok().filter(|shard| shard.fingerprint == fingerprint);
    let is_new = before.is_none();
    let mut kept = before.map(|shard| shard.samples).unwrap_or_default();
    advance(kept.len());
    done.kept += kept.len();

    let made = clips
        .par_iter()
        .filter(|clip| !kept.iter().any(|sample| sample.clip == clip.sample_id()))
        .map_init(
            || Bench::new(form),
            |bench, clip| {
                let bench = bench.as_mut().map_err(|error| PrepareError::Network(error.clone()))?;
                let sample = bench.sample(clip).map_err(|error| FailedClip {
                    sample: clip.sample_id(),
                    dataset: clip.dataset.clone(),
                    reason: error.report(),
                });
                advance(1);
                Ok(sample)
            },
        )
        .collect::<Result<Vec<_>, PrepareError>>()?;
    let is_more = made.iter().any(Result::is_ok);
    for made in made {
        match made {
            Ok(sample) => kept.push(sample),
            Err(failed) => done.failed.push(failed),
        }
    }
    let place = |sample: &LabelledSample| clips.iter().position(|clip| clip.sample_id() == sample.clip);
    kept.sort_by_key(place);
    done.samples += kept.len();
    done.searched += kept.iter().filter(|sample| sample.apex == microau_core::score::FoundBy::Search).count();
    if is_new || is_more {
        Shard { fingerprint, samples: kept }.write(path)?;
    }
    Ok(())
}

/// Everything that the samples of some clips depend on, as text.
fn fingerprint(clips: &[IndexedClip], form: SampleForm) -> String {
    let clip = |clip: &IndexedClip| {
        let names = clip.numbers == microau_data::index::FrameNumbers::Names;
        let frames = std::path::absolute(&clip.frames).unwrap_or_else(|_| clip.frames.clone());
        serde_json::json!([
            clip.sample_id(),
            clip.dataset,
            [Some(clip.onset), clip.apex, clip.offset],
            names,
            clip.aus.to_string(),
            clip.emotion,
            clip.objective_class,
            frames.display().to_string(),
        ])
    };
    let clips: Vec<_> = clips.iter().map(clip).collect();
    serde_json::json!([form, env!("CARGO_PKG_VERSION"), clips]).to_string()
}

/// Takes away the shards of an index that was longer.
fn forget_from(out: &Path, first: usize) -> Result<(), PrepareError> {
    for path in (first..).map(|number| shard_path(out, number)).take_while(|path| path.exists()) {
        std::fs::remove_file(&path).map_err(|source| StoreError::Io { path, source })?;
    }
    Ok(())
}

fn problems_csv(failed: &[FailedClip]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows = failed.iter().map(|clip| {
        let hint = clip.reason.hint.clone().unwrap_or_default();
        [clip.sample.clone(), clip.dataset.clone(), clip.reason.message.clone(), hint]
    });
    let header = ["sample", "dataset", "reason", "hint"].map(str::to_owned);
    for row in std::iter::once(header).chain(rows) {
        writer.write_record(row).expect("writing into memory does not fail");
    }
    let bytes = writer.into_inner().expect("writing into memory does not fail");
    String::from_utf8(bytes).expect("the fields are text")
}
