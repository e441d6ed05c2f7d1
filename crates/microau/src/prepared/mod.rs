//! The prepared clips of indices, kept in a folder: made once, read by every training.
//!
//! Each clip has a file of its own, `HASH.safetensors`, named by everything that its sample depends on. So any
//! number of indices, crops and runs share one store, at the same time too; a clip is made again when its frames or its
//! event have changed and never for another clip's sake; and a preparation that was killed goes on. Labels are the index's
//! and not the store's. `problems.csv` names every clip of the last index that could not be made and why. Two preparations
//! give the same bytes.

mod clip;
mod place;
mod section;

use std::path::{Path, PathBuf};

use microau_core::report::ErrorReport;
use microau_core::score::FoundBy;
use microau_data::index::{Index, IndexedClip};
use microau_data::{LabelledSample, StoreError};
use microau_vision::network::NetworkError;
use rayon::prelude::*;

use crate::detect::DetectError;
use crate::files;
use crate::generated::SampleForm;
use clip::Bench;
use place::Places;

/// Edge of the crop of `nano` and of the published towers, px.
pub const DEFAULT_CROP_PX: usize = 224;
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
    /// Samples of the index in the store.
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
    /// The store holds none of the clips.
    #[error("expected prepared clips of this index, found none: {}\n  hint: `microau prepare` makes them", path.display())]
    NoStore {
        /// The folder.
        path: PathBuf,
    },
    /// The face networks cannot be loaded.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// A sample cannot be read or written.
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
    let places = Places::of(index, form, out);
    let one = |bench: &mut Option<Bench>, clip: &IndexedClip| {
        let made = kept_or_made(bench, clip, form, &places);
        advance(1);
        made
    };
    let all = index.clips.par_iter().map_init(|| None, one).collect::<Result<Vec<_>, PrepareError>>()?;
    let mut done = Preparation::default();
    for one in all {
        match one {
            Ok(Stored { apex, was_there }) => {
                done.samples += 1;
                done.searched += usize::from(apex == FoundBy::Search);
                done.kept += usize::from(was_there);
            }
            Err(failed) => done.failed.push(failed),
        }
    }
    files::write(&out.join(PROBLEMS_NAME), problems_csv(&done.failed).as_bytes())?;
    Ok(done)
}

/// The samples of an index that lie in a store in this form, in the order of the index; those that could not be made are
/// missing.
///
/// # Errors
/// When the store holds none of them, or a file that cannot be read.
pub fn read(store: &Path, index: &Index, form: SampleForm) -> Result<Vec<LabelledSample>, PrepareError> {
    let places = Places::of(index, form, store);
    let read = |clip| places.of_clip(clip).read(clip).transpose();
    let samples = index.clips.par_iter().filter_map(read).collect::<Result<Vec<_>, StoreError>>()?;
    if samples.is_empty() { Err(PrepareError::NoStore { path: store.to_owned() }) } else { Ok(samples) }
}

/// A sample in the store.
struct Stored {
    apex: FoundBy,
    was_there: bool,
}

/// The sample of a clip in the store; it is made where it is not there or cannot be read.
fn kept_or_made(
    bench: &mut Option<Bench>,
    clip: &IndexedClip,
    form: SampleForm,
    places: &Places,
) -> Result<Result<Stored, FailedClip>, PrepareError> {
    let place = places.of_clip(clip);
    if let Ok(Some(sample)) = place.read(clip) {
        return Ok(Ok(Stored { apex: sample.apex, was_there: true }));
    }
    let bench = match bench {
        Some(bench) => bench,
        none => none.insert(Bench::new(form)?),
    };
    match bench.sample(clip) {
        Ok(sample) => {
            let apex = sample.apex;
            place.write(sample)?;
            Ok(Ok(Stored { apex, was_there: false }))
        }
        Err(error) => {
            let reason = ErrorReport { message: error.to_string(), hint: hint(&error) };
            Ok(Err(FailedClip { sample: clip.sample_id(), dataset: clip.dataset.clone(), reason }))
        }
    }
}

/// What can be done about a clip of an index: how its frames are counted is the index's matter.
fn hint(error: &DetectError) -> Option<String> {
    match error {
        DetectError::NoSuchNumber { .. } | DetectError::PastEnd { .. } => Some(
            "numbers in an index with a column frames are those in the names of the frame files, without it positions \
             from 0; `microau data check` tells which frames are missing"
                .to_owned(),
        ),
        other => other.hint(),
    }
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
