//! Films portraits by scripts, and remembers the last few subjects.

use std::sync::{Arc, Mutex};

use crate::dice::mix_seed;
use crate::error::SynthError;
use crate::photo::film::{PhotoFilm, inter_ocular_px};
use crate::photo::look::Look;
use crate::photo::portrait::Portrait;
use crate::photo::settings::PhotoSettings;
use crate::photo::stage::Stage;
use crate::render::film::{Pair, Rendered};
use crate::render::view::View;
use crate::script::ClipScript;

/// Subjects that a studio remembers.
const REMEMBERED: usize = 8;

/// Makes clips of portraits: the photo mode's counterpart of [`crate::Renderer`].
#[derive(Debug)]
pub struct PhotoStudio {
    portraits: Vec<Portrait>,
    settings: PhotoSettings,
    stages: Mutex<Vec<(Key, Arc<Stage>)>>,
}

/// Portrait, subject seed, step of the plate's size.
type Key = (usize, u64, i32);

impl PhotoStudio {
    /// A studio over some portraits.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] for a setting outside its range, or when there is no portrait.
    pub fn new(portraits: Vec<Portrait>, settings: PhotoSettings) -> Result<PhotoStudio, SynthError> {
        settings.check()?;
        if portraits.is_empty() {
            let got = "none".to_owned();
            return Err(SynthError::BadSetting { name: "photos", expected: "at least one portrait", got });
        }
        Ok(PhotoStudio { portraits, settings, stages: Mutex::new(Vec::new()) })
    }

    /// The portraits.
    pub fn portraits(&self) -> &[Portrait] {
        &self.portraits
    }

    /// Number of the portrait that is a subject's photograph: by the seed, each equally often.
    pub fn portrait_of(&self, subject_seed: u64) -> usize {
        (mix_seed(subject_seed, 0x0070_686f_746f) % self.portraits.len() as u64) as usize
    }

    /// A clip made ready; its frames can then be made in any order and on any thread. The script's person, light and skin
    /// are not used: those are the photograph's.
    ///
    /// # Errors
    /// [`SynthError::BadPortrait`] when the head cannot be laid over the portrait's landmarks.
    pub fn film(&self, script: &ClipScript) -> Result<PhotoFilm, SynthError> {
        let stage = self.stage_for(script.subject_seed, script.view)?;
        Ok(PhotoFilm::new(script.clone(), stage, &self.settings))
    }

    /// One frame of a clip. For several frames of one clip make a [`PhotoFilm`].
    ///
    /// # Errors
    /// As [`PhotoStudio::film`].
    pub fn frame(&self, script: &ClipScript, frame: u32) -> Result<Rendered, SynthError> {
        Ok(self.film(script)?.frame(frame))
    }

    /// The onset and the apex of a clip.
    ///
    /// # Errors
    /// As [`PhotoStudio::film`].
    pub fn pair(&self, script: &ClipScript) -> Result<Pair, SynthError> {
        Ok(self.film(script)?.pair())
    }

    /// A person made ready to be seen by a camera.
    pub(crate) fn stage_for(&self, subject_seed: u64, view: View) -> Result<Arc<Stage>, SynthError> {
        let (wanted_px, step) = plate_size(view);
        self.stage((self.portrait_of(subject_seed), subject_seed, step), wanted_px)
    }

    /// What is changed before and while portraits are filmed.
    pub(crate) fn settings(&self) -> &PhotoSettings {
        &self.settings
    }

    fn stage(&self, key: Key, inter_ocular_px: f32) -> Result<Arc<Stage>, SynthError> {
        let lock = || self.stages.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, stage)) = lock().iter().find(|(k, _)| *k == key) {
            return Ok(stage.clone());
        }
        // Made outside the lock: other threads go on with other subjects.
        let look = Look::sample(&self.settings, key.1);
        let stage = Arc::new(Stage::new(&self.portraits[key.0], &look, inter_ocular_px)?);
        let mut stages = lock();
        if stages.len() >= REMEMBERED {
            stages.remove(0);
        }
        stages.push((key, stage.clone()));
        Ok(stage)
    }
}

/// Distance between the eyes of the plate for a view, px: the next of a row of sizes above what the frames show, each a
/// fifth larger than the last, so that frames are never magnified and hardly made smaller. With its number.
fn plate_size(view: View) -> (f32, i32) {
    let step = (inter_ocular_px(view) / 40.0).max(0.1).log(1.2).ceil() as i32;
    let step = step.clamp(-6, 14);
    (40.0 * 1.2f32.powi(step), step)
}
