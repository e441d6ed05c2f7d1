//! Where the sample of a clip lies: in a file named by everything that the sample depends on.
//!
//! That is the clip, its event, the form of the sample, this version of the program, and the frames: where they lie, how
//! many they are, their size in all and when the newest was changed. Labels are not among it: they are the index's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use microau_data::index::{FrameNumbers, Index, IndexedClip};
use microau_data::{LabelledSample, Shard, StoreError};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::generated::SampleForm;

/// Bytes of the hash in the name of a file.
const NAME_BYTES: usize = 12;

/// The places of the clips of an index in one store.
pub(super) struct Places<'a> {
    store: &'a Path,
    form: SampleForm,
    /// By film or folder of frames: several clips may lie in one.
    frames: BTreeMap<&'a Path, Footprint>,
}

/// One clip's place.
pub(super) struct Place {
    path: PathBuf,
    fingerprint: String,
}

/// What is seen of frames without reading them: number of files, bytes, nanoseconds since 1970 of the newest change.
type Footprint = (u64, u64, u128);

impl<'a> Places<'a> {
    pub(super) fn of(index: &'a Index, form: SampleForm, store: &'a Path) -> Places<'a> {
        let mut paths: Vec<&Path> = index.clips.iter().map(|clip| clip.frames.as_path()).collect();
        paths.sort_unstable();
        paths.dedup();
        Places { store, form, frames: paths.into_par_iter().map(|path| (path, footprint(path))).collect() }
    }

    pub(super) fn of_clip(&self, clip: &IndexedClip) -> Place {
        let frames = std::path::absolute(&clip.frames).unwrap_or_else(|_| clip.frames.clone());
        let fingerprint = serde_json::json!([
            self.form,
            env!("CARGO_PKG_VERSION"),
            clip.sample_id(),
            clip.dataset,
            [Some(clip.onset), clip.apex, clip.offset],
            clip.numbers == FrameNumbers::Names,
            frames.display().to_string(),
            self.frames.get(clip.frames.as_path()),
        ])
        .to_string();
        let hash = Sha256::digest(&fingerprint);
        let name: String = hash[..NAME_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
        Place { path: self.store.join(name + ".safetensors"), fingerprint }
    }
}

impl Place {
    /// The sample with the labels of its clip; `None` where there is none.
    pub(super) fn read(&self, clip: &IndexedClip) -> Result<Option<LabelledSample>, StoreError> {
        if !self.path.exists() {
            return Ok(None);
        }
        let shard = Shard::read(&self.path)?;
        let stored = shard.samples.into_iter().next().filter(|_| shard.fingerprint == self.fingerprint);
        Ok(stored.map(|stored| LabelledSample {
            labels: clip.labels(),
            emotion: clip.emotion.clone(),
            objective_class: clip.objective_class,
            ..stored
        }))
    }

    pub(super) fn write(self, sample: LabelledSample) -> Result<(), StoreError> {
        Shard { fingerprint: self.fingerprint, samples: vec![sample] }.write(&self.path)
    }
}

/// Of a film, or of all files in a folder; nothing of what cannot be read.
fn footprint(frames: &Path) -> Footprint {
    let files: Vec<std::fs::Metadata> = match std::fs::read_dir(frames) {
        Ok(entries) => entries.flatten().filter_map(|entry| entry.metadata().ok()).collect(),
        Err(_) => std::fs::metadata(frames).into_iter().collect(),
    };
    let changed = |file: &std::fs::Metadata| {
        let since = |time: SystemTime| time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_nanos());
        file.modified().ok().and_then(since)
    };
    let newest = files.iter().filter_map(changed).max().unwrap_or(0);
    (files.len() as u64, files.iter().map(std::fs::Metadata::len).sum(), newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(frames: &Path) -> Index {
        let clip = IndexedClip {
            clip: "a".to_owned(),
            subject: "own-1".to_owned(),
            dataset: "own".to_owned(),
            onset: 1,
            apex: Some(5),
            offset: None,
            numbers: FrameNumbers::Names,
            rate: None,
            aus: "12".parse().unwrap(),
            au_policy: None,
            emotion: None,
            objective_class: None,
            frames: frames.to_owned(),
        };
        Index { clips: vec![clip] }
    }

    fn path(index: &Index, crop_px: usize) -> PathBuf {
        let form = SampleForm { crop_px, keep_pixels: false };
        Places::of(index, form, Path::new("store")).of_clip(&index.clips[0]).path
    }

    #[test]
    fn a_sample_hangs_on_its_frames_event_and_form_and_not_on_its_labels() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("img1.png"), "one").unwrap();
        let index = index(folder.path());
        let place = path(&index, 64);
        let changed = |change: fn(&mut IndexedClip)| {
            let mut other = index.clone();
            change(&mut other.clips[0]);
            path(&other, 64)
        };
        assert_eq!(place, changed(|clip| clip.aus = "4".parse().unwrap()));
        assert_ne!(place, changed(|clip| clip.apex = Some(6)));
        assert_ne!(place, changed(|clip| clip.clip = "b".to_owned()));
        assert_ne!(place, path(&index, 128));
        std::fs::write(folder.path().join("img1.png"), "another").unwrap();
        assert_ne!(place, path(&index, 64), "another frame under the same name");
    }
}
