//! Anyone's own clips: a CSV table with at least `clip,subject,onset,apex,offset,aus`, and `emotion`, `dataset`, `fps`,
//! `objective_class` where there are such.
//!
//! **Table.** `labels.csv` or `index.csv` in the folder. `clip` is a film or a folder of frames, relative to the table; frames are
//! counted from 0 in the order of the numbers in their names. A finished index (with the column `frames`) is read as it is.
//!
//! In the index frames are known by the numbers in their names, so positions are turned into these; folders in whose names
//! stand no numbers cannot be indexed. `dataset` is `generic` where the table names none, and subjects begin with it.

use std::path::Path;

use super::{ReadSettings, find};
use crate::frames::FrameFiles;
use crate::index::{FrameNumbers, Index, IndexedClip};
use crate::problems::{Place, Problems, Severity};

pub(super) fn read(dir: &Path, settings: &ReadSettings, problems: &mut Problems) -> Result<Index, Problems> {
    let path = match &settings.annotations {
        Some(path) => path.clone(),
        None => find::table(&["labels.csv", "index.csv"], dir)?,
    };
    let mut index = Index::read(&path)?;
    index.clips.retain_mut(|clip| match by_names(clip) {
        Ok(()) => true,
        Err((field, value, message)) => {
            problems.add(
                Severity::Error,
                &Place::whole(&path),
                field,
                value,
                format!("{message}: {}", clip.sample_id()),
            );
            false
        }
    });
    Ok(index)
}

/// Which field is wrong, what stands there, what was expected.
type Wrong = (&'static str, String, String);

/// Turns positions into numbers of names and puts the dataset before the subject.
fn by_names(clip: &mut IndexedClip) -> Result<(), Wrong> {
    let begins = format!("{}-", clip.dataset);
    if !clip.subject.starts_with(&begins) {
        clip.subject.insert_str(0, &begins);
    }
    if clip.frames.is_file() {
        return Ok(());
    }
    let shown = clip.frames.display().to_string();
    let files = FrameFiles::read(&clip.frames)
        .map_err(|error| ("frames", shown.clone(), format!("expected a film or a folder of frames ({error})")))?;
    if files.numbers.is_empty() || !files.unnumbered.is_empty() || !files.repeated.is_empty() {
        return Err(("frames", shown, "expected images with a number of its own in each name".to_owned()));
    }
    let count = files.numbers.len();
    let number = |field: &'static str, frame: u64| match clip.numbers {
        FrameNumbers::Names if files.contains(frame) => Ok(frame),
        FrameNumbers::Positions if frame < count as u64 => Ok(files.numbers[frame as usize]),
        _ => Err((field, frame.to_string(), format!("expected one of {count} frames"))),
    };
    let onset = number("onset", clip.onset)?;
    let apex = clip.apex.map(|apex| number("apex", apex)).transpose()?;
    let offset = clip.offset.map(|offset| number("offset", offset)).transpose()?;
    (clip.onset, clip.apex, clip.offset, clip.numbers) = (onset, apex, offset, FrameNumbers::Names);
    Ok(())
}
