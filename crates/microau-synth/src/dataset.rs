//! Writes clips to disk: a folder of frames per clip and one table of labels.

use std::fs;
use std::path::Path;

use image::RgbImage;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dice::mix_seed;
use crate::error::SynthError;
use crate::files::{make_folder, remove_folder, replace_file};
use crate::frame_file::encoded;
use crate::photo::{PhotoFilm, PhotoStudio};
use crate::render::film::{Film, Renderer};
use crate::script::ClipScript;
use crate::settings::SynthSettings;

pub use crate::frame_file::FrameFormat;

/// Name of the table in the folder of clips.
pub const TABLE_NAME: &str = "labels.csv";

/// How many clips of how many people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClipsPlan {
    /// People, at least 1.
    pub subjects: usize,
    /// Clips of all people together; they take turns.
    pub clips: usize,
    /// Seed of everything.
    pub seed: u64,
    /// How frames are stored.
    pub format: FrameFormat,
}

impl Default for ClipsPlan {
    fn default() -> Self {
        ClipsPlan { subjects: 40, clips: 200, seed: 7, format: FrameFormat::Jpg }
    }
}

/// A clip of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    subject: String,
    clip: String,
    subject_seed: u64,
    clip_seed: u64,
    from_photo: bool,
}

impl ClipsPlan {
    fn item(&self, number: usize, photos: bool) -> Item {
        let (subject, round) = (number % self.subjects, number / self.subjects);
        Item {
            subject: format!("s{:03}", subject + 1),
            clip: format!("c{:03}", round + 1),
            subject_seed: mix_seed(self.seed, subject as u64),
            clip_seed: mix_seed(self.seed ^ 0x636c_6970, round as u64),
            from_photo: photos && subject % 2 == 1,
        }
    }
}

/// A rendered clip or one of a photograph.
enum Reel {
    Rendered(Box<Film>),
    Photo(Box<PhotoFilm>),
}

impl Reel {
    fn image(&self, frame: u32) -> RgbImage {
        match self {
            Reel::Rendered(film) => film.frame(frame).image,
            Reel::Photo(film) => film.frame(frame).image,
        }
    }
}

/// Writes the clips of a plan below `folder` and returns how many frames were written.
///
/// Frames are `subject/clip/000001.jpg` and on; `labels.csv` has one row a clip, `clip,subject,onset,apex,offset,aus,emotion`,
/// with frame indices from 0, AUs as in `1+L2+R12` and no emotion. With `photos` every second person is one of its
/// portraits. The same settings, plan and photos give the same bytes on any number of threads. A clip's folder and the table
/// appear under their names only when they are complete; `advance` is called after each clip, from any thread.
///
/// # Errors
/// A setting outside its range, or what the system said when a file could not be written.
pub fn generate_clips(
    settings: &SynthSettings,
    plan: &ClipsPlan,
    photos: Option<&PhotoStudio>,
    folder: &Path,
    advance: &(dyn Fn(usize) + Sync),
) -> Result<usize, SynthError> {
    settings.check()?;
    if plan.subjects == 0 {
        return Err(SynthError::BadSetting { name: "subjects", expected: "1 or more", got: "0".to_owned() });
    }
    make_folder(folder)?;
    let renderer = Renderer::new();
    let one_clip = |number: usize| {
        let item = plan.item(number, photos.is_some());
        let script = ClipScript::sample(settings, item.subject_seed, item.clip_seed);
        let reel = match photos.filter(|_| item.from_photo) {
            Some(studio) => Reel::Photo(Box::new(studio.film(&script)?)),
            None => Reel::Rendered(Box::new(renderer.film(&script))),
        };
        write_frames(&reel, &script, plan.format, &folder.join(&item.subject), &item.clip)?;
        advance(1);
        Ok((row(&item, &script), script.frame_count() as usize))
    };
    let rows = (0..plan.clips).into_par_iter().map(one_clip).collect::<Result<Vec<_>, SynthError>>()?;
    let mut table = String::from("clip,subject,onset,apex,offset,aus,emotion\n");
    rows.iter().for_each(|(row, _)| table.push_str(row));
    replace_file(&folder.join(TABLE_NAME), table.as_bytes())?;
    Ok(rows.iter().map(|(_, frames)| frames).sum())
}

fn row(item: &Item, script: &ClipScript) -> String {
    let event = script.event();
    let offset = event.offset.map(|f| f.0.to_string()).unwrap_or_default();
    let Item { subject, clip, .. } = item;
    format!("{subject}/{clip},{subject},{},{},{offset},{},\n", event.onset.0, event.apex.0, script.labels())
}

fn write_frames(
    reel: &Reel,
    script: &ClipScript,
    format: FrameFormat,
    subject_folder: &Path,
    clip: &str,
) -> Result<(), SynthError> {
    let (whole, partial) = (subject_folder.join(clip), subject_folder.join(format!(".{clip}.partial")));
    remove_folder(&partial)?;
    make_folder(&partial)?;
    for frame in 0..script.frame_count() {
        let path = partial.join(format!("{:06}.{}", frame + 1, format.extension()));
        let bytes =
            encoded(&reel.image(frame), format).map_err(|source| SynthError::Encode { path: path.clone(), source })?;
        fs::write(&path, bytes).map_err(|source| SynthError::Write { path, source })?;
    }
    remove_folder(&whole)?;
    fs::rename(&partial, &whole).map_err(|source| SynthError::Write { path: whole, source })
}
