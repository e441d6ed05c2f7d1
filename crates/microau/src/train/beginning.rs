//! What a fit begins with: random weights, CLIP's towers, or a checkpoint.

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use microau_data::LabelledSample;
use microau_model::checkpoint::Checkpoint;
use microau_model::clip::{
    Clip, ClipTokenizer, ImageSize, Interpolation, LoadSettings, PatchBlock, VisualTower, find_weights,
};
use microau_model::config::Preset;
use microau_model::prior::Prior;
use microau_model::prompt::{LearnedContext, Prompts, TextFeatures, TokenisedPrompts};
use microau_model::{MicroAuClip, MicroAuClipConfig, ModelError};

use super::error::TrainError;
use super::folder::{Event, Watch};
use super::settings::{Text, TrainSettings};
use super::tokens::TokenCache;
use crate::detect::ModelScorer;

/// Name in `weights` of towers with random weights, for tests and for measuring speed.
pub const RANDOM: &str = "random";

/// The weights that every fold of a run begins with, read once.
pub struct Beginning {
    weights: Weights,
    /// The pixel tower whose patch tokens are kept: the same one for every seed, also where its weights are random.
    frozen: Option<VisualTower>,
}

enum Weights {
    Random,
    Clip(Box<Clip>),
    Checkpoint(Box<MicroAuClip>),
}

impl Beginning {
    /// Reads what the settings name.
    ///
    /// # Errors
    /// When weights are not there, do not fit the settings, or a CLIP preset is named without any.
    pub fn read(settings: &TrainSettings, device: &Device) -> Result<Beginning, TrainError> {
        let weights = match (&settings.start, &settings.weights) {
            (Some(start), _) => Weights::Checkpoint(Box::new(checkpoint(start, device)?.model)),
            (None, Some(name)) if name != RANDOM => Weights::Clip(Box::new(clip(name, &settings.model, device)?)),
            (None, None) if needs_clip(&settings.model) => {
                return Err(TrainError::NoWeights { preset: settings.model.preset });
            }
            _ => Weights::Random,
        };
        let mut beginning = Beginning { weights, frozen: None };
        // what does not fit is told before clips are prepared and not fold by fold
        let model = beginning.model(settings, Prior::none(&settings.model.aus), settings.seed, device)?;
        beginning.frozen = model.visual.filter(|_| settings.keeps_tokens());
        Ok(beginning)
    }

    /// A model to begin with, with the dependency prior of its training side; what `seed` draws differs from seed to seed.
    ///
    /// # Errors
    /// When the settings do not fit the weights.
    pub fn model(
        &self,
        settings: &TrainSettings,
        prior: Prior,
        seed: u64,
        device: &Device,
    ) -> Result<MicroAuClip, TrainError> {
        let config = &settings.model;
        let model = match &self.weights {
            Weights::Checkpoint(model) => MicroAuClip::clone(model),
            Weights::Random => MicroAuClip::new(config, without_tower(settings)?, seed, device)?,
            Weights::Clip(clip) => on_clip(clip, settings, seed, device)?,
        };
        let model = match &self.frozen {
            Some(tower) => model.with_tower(tower.clone())?,
            None => model,
        };
        Ok(model.with_prior(prior)?.tuned(settings.tune(), seed)?)
    }
}

impl Beginning {
    /// The patch tokens of clips, where the pixel tower is frozen; kept in `tokens/` of the run's folder.
    ///
    /// # Errors
    /// When they cannot be written, or clips do not fit the model.
    pub fn tokens(
        &self,
        settings: &TrainSettings,
        clips: &[LabelledSample],
        out: &Path,
        watch: Watch<'_>,
    ) -> Result<Option<TokenCache>, TrainError> {
        if !settings.keeps_tokens() {
            return Ok(None);
        }
        let device = settings.device.open()?;
        let none = Prior::none(&settings.model.aus);
        let model = self.model(settings, none, settings.seed, &device.clone().autodiff())?.valid();
        // the run's folder is claimed for its settings and clips, so the tower alone can differ
        let tower = (&settings.weights, &settings.start, settings.model.visual_tower(), settings.seed);
        let fingerprint = serde_json::to_string(&tower).expect("settings are plain data");
        watch(Event::Preparing("patch tokens", clips.len()));
        let advance = |clips| watch(Event::Prepared(clips));
        TokenCache::fill(&model, clips, &fingerprint, &out.join("tokens"), &advance).map(Some)
    }
}

/// The settings with those of the model taken from the checkpoint that they begin with.
///
/// # Errors
/// When the checkpoint cannot be read, or the settings ask for another model.
pub fn resolved(settings: &TrainSettings) -> Result<TrainSettings, TrainError> {
    let Some(start) = &settings.start else { return Ok(settings.clone()) };
    let config = checkpoint(start, &Device::flex())?.model.config().clone();
    if settings.model != MicroAuClipConfig::default() && settings.model != config {
        return Err(TrainError::OtherModel { start: start.clone() });
    }
    Ok(TrainSettings { model: config, ..settings.clone() })
}

fn checkpoint(start: &str, device: &Device) -> Result<Checkpoint, TrainError> {
    Ok(ModelScorer::checkpoint(start, device)?)
}

fn needs_clip(config: &MicroAuClipConfig) -> bool {
    config.preset != Preset::Nano && (config.input.sees_pixels() || config.context > 0)
}

/// CLIP's towers as a model of these settings uses them.
///
/// # Errors
/// When they are not there, or are no CLIP model.
pub fn clip(name: &str, config: &MicroAuClipConfig, device: &Device) -> Result<Clip, TrainError> {
    let load = LoadSettings {
        image_size: ImageSize::Resized { image_px: config.crop_px, by: Interpolation::Bicubic },
        patch_block: PatchBlock::LastBut(config.token_block - 1),
        activation: None,
    };
    let path = find_weights(name).map_err(ModelError::from)?;
    Ok(Clip::load(&path, &load, device).map_err(ModelError::from)?)
}

/// The text vectors of a model without a text tower.
fn without_tower(settings: &TrainSettings) -> Result<TextFeatures, TrainError> {
    let config = &settings.model;
    Ok(match settings.text {
        Text::Prompts => TextFeatures::built_in(&config.aus)?,
        Text::PromptsApart => TextFeatures::built_in(&config.aus)?.with_states_apart(),
        Text::Random => TextFeatures::random(&config.aus, config.text_width, settings.seed),
    })
}

/// Random heads on CLIP's towers; the text is CLIP's, with a learned context where the settings ask for one.
fn on_clip(clip: &Clip, settings: &TrainSettings, seed: u64, device: &Device) -> Result<MicroAuClip, TrainError> {
    let (config, tokenizer) = (&settings.model, ClipTokenizer::new());
    let prompts = prompts(settings)?;
    let model = if config.context > 0 {
        let tokens = TokenisedPrompts::new(&prompts, &config.aus, &tokenizer)?;
        let context = LearnedContext::new(config.context, clip.text.clone(), &tokens, seed)?;
        MicroAuClip::with_context(config, context, seed, device)?
    } else {
        let of_clip = || TextFeatures::from_clip(&prompts, &config.aus, &clip.text, &tokenizer);
        let text = match settings.text {
            Text::Prompts => of_clip()?,
            Text::PromptsApart => of_clip()?.with_states_apart(),
            Text::Random => without_tower(settings)?,
        };
        MicroAuClip::new(config, text, seed, device)?
    };
    Ok(if config.input.sees_pixels() { model.with_tower(clip.visual.clone())? } else { model })
}

fn prompts(settings: &TrainSettings) -> Result<Prompts, TrainError> {
    let Some(path) = &settings.prompts else { return Ok(Prompts::built_in()) };
    let text = std::fs::read_to_string(path).map_err(|source| TrainError::Io { source, path: path.clone() })?;
    Ok(Prompts::parse(&text)?)
}
