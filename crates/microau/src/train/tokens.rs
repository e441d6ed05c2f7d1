//! Patch tokens of a frozen pixel tower, computed once a clip and kept on disk: all folds then train from them.
//!
//! Each clip is seen twice, as it is and mirrored, since a mirror is the one change of a picture that can be made after the
//! tower was run. Tokens are kept in half precision, `[P, V]` a crop.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::f16;
use microau_core::sample::Sample;
use microau_data::LabelledSample;
use microau_data::augment::mirrored;
use microau_model::motion::VisualTokens;
use microau_model::{MicroAuClip, MicroAuClipConfig};
use rayon::prelude::*;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use sha2::{Digest, Sha256};

use super::error::TrainError;
use crate::files;
use crate::model_input::{self, CropTokens, ModelInput};

/// Clips in one file.
const FILE_CLIPS: usize = 32;
/// Clips that the tower sees in one pass.
const BATCH: usize = 2;

/// Patch tokens of one clip.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipTokens {
    /// Of its crops as they are.
    pub plain: Arc<CropTokens>,
    /// Of its crops mirrored.
    pub mirrored: Arc<CropTokens>,
}

/// Patch tokens of a list of clips, by place in the list.
#[derive(Clone, Debug, Default)]
pub struct TokenCache {
    clips: Vec<ClipTokens>,
}

impl TokenCache {
    /// Tokens of clips, from `folder` as far as they are there; `advance` is told how many clips were just dealt with.
    ///
    /// `fingerprint` says what they depend on beside the clips' pixels: the tower.
    ///
    /// # Errors
    /// When files cannot be written, or clips do not fit the model.
    pub fn fill(
        model: &MicroAuClip,
        clips: &[LabelledSample],
        fingerprint: &str,
        folder: &Path,
        advance: &(dyn Fn(usize) + Sync),
    ) -> Result<TokenCache, TrainError> {
        let mut all = Vec::with_capacity(clips.len());
        for (number, chunk) in clips.chunks(FILE_CLIPS).enumerate() {
            let file = TokenFile::new(folder.join(format!("{number:04}.safetensors")), fingerprint, chunk);
            let tokens = match file.read(model.config()) {
                Some(tokens) => tokens,
                None => {
                    let tokens = seen(model, chunk)?;
                    file.write(&tokens, model.config())?;
                    tokens
                }
            };
            all.extend(tokens);
            advance(chunk.len());
        }
        Ok(TokenCache { clips: all })
    }

    /// Tokens of the clip at a place.
    ///
    /// # Panics
    /// Beyond the end of the list.
    pub fn of(&self, place: usize) -> &ClipTokens {
        &self.clips[place]
    }
}

/// Tokens of clips, by the model's tower.
fn seen(model: &MicroAuClip, clips: &[LabelledSample]) -> Result<Vec<ClipTokens>, TrainError> {
    let samples: Vec<Sample> = clips.iter().flat_map(|clip| [clip.sample.clone(), mirrored(&clip.sample)]).collect();
    // side by side: within one pass only the large products use more than one core
    let passes: Vec<_> = samples.par_chunks(BATCH).map(|chunk| tokens_of(model, chunk)).collect::<Result<_, _>>()?;
    let tokens: Vec<Arc<CropTokens>> = passes.into_iter().flatten().collect();
    let pairs = tokens.chunks_exact(2).map(|pair| ClipTokens { plain: pair[0].clone(), mirrored: pair[1].clone() });
    Ok(pairs.collect())
}

fn tokens_of(model: &MicroAuClip, samples: &[Sample]) -> Result<Vec<Arc<CropTokens>>, TrainError> {
    let config = model.config();
    let inputs: Vec<ModelInput> = samples.iter().map(|sample| ModelInput::of_pixels(sample, config)).collect();
    let batch = model_input::batch(&inputs, config, &model.device())?;
    let VisualTokens { onset, later } = model.visual_tokens(&batch).expect("a model that sees pixels has a tower");
    let halves = |values: Vec<f32>| -> Vec<f16> { values.into_iter().map(f16::from_f32).collect() };
    let onset = onset.map(|onset| halves(onset.try_into_vec_as().expect("tokens are floats")));
    let later = halves(later.try_into_vec_as().expect("tokens are floats"));
    let each = config.patch_count() * config.visual.width;
    let clip = |i: usize| {
        let onset = onset.as_ref().map_or(Vec::new(), |onset| onset[i * each..][..each].to_vec());
        Arc::new(CropTokens { onset, apex: later[i * each..][..each].to_vec() })
    };
    Ok((0..samples.len()).map(clip).collect())
}

/// One file of tokens, and what must stand in it to be taken.
struct TokenFile {
    path: PathBuf,
    /// What the tokens depend on, with a hash of the clips' pixels.
    key: String,
    clips: usize,
}

impl TokenFile {
    fn new(path: PathBuf, fingerprint: &str, clips: &[LabelledSample]) -> TokenFile {
        // the pixels themselves: frames may have been replaced since
        let mut hash = Sha256::new();
        clips.iter().for_each(|clip| {
            hash.update(&clip.sample.onset_rgb);
            hash.update(&clip.sample.apex_rgb);
        });
        let pixels: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        TokenFile { path, key: format!("{fingerprint}\n{pixels}"), clips: clips.len() }
    }

    /// The tokens, unless the file is not there, damaged or of another run.
    fn read(&self, config: &MicroAuClipConfig) -> Option<Vec<ClipTokens>> {
        let bytes = std::fs::read(&self.path).ok()?;
        let (_, header) = SafeTensors::read_metadata(&bytes).ok()?;
        if header.metadata().as_ref()?.get("key")? != &self.key {
            return None;
        }
        let file = SafeTensors::deserialize(&bytes).ok()?;
        let values = |name: &str| -> Option<Vec<f16>> {
            let pairs = file.tensor(name).ok()?.data().chunks_exact(2);
            Some(pairs.map(|pair| f16::from_le_bytes([pair[0], pair[1]])).collect())
        };
        let (onset, apex) = (values("onset")?, values("apex")?);
        let each = config.patch_count() * config.visual.width;
        if apex.len() != 2 * self.clips * each || (!onset.is_empty() && onset.len() != apex.len()) {
            return None;
        }
        let crop = |i: usize| {
            let onset = onset.chunks_exact(each).nth(i).map_or(Vec::new(), <[f16]>::to_vec);
            Arc::new(CropTokens { onset, apex: apex[i * each..][..each].to_vec() })
        };
        Some((0..self.clips).map(|i| ClipTokens { plain: crop(2 * i), mirrored: crop(2 * i + 1) }).collect())
    }

    fn write(&self, tokens: &[ClipTokens], config: &MicroAuClipConfig) -> Result<(), TrainError> {
        let crops = || tokens.iter().flat_map(|clip| [&clip.plain, &clip.mirrored]);
        let onset: Vec<f16> = crops().flat_map(|crop| crop.onset.iter().copied()).collect();
        let apex: Vec<f16> = crops().flat_map(|crop| crop.apex.iter().copied()).collect();
        let metadata = std::collections::HashMap::from([("key".to_owned(), self.key.clone())]);
        let bytes = safetensors::serialize(
            [("onset", tensor(&onset, config)), ("apex", tensor(&apex, config))],
            Some(metadata),
        );
        Ok(files::write(&self.path, &bytes.expect("the tensors are well formed"))?)
    }
}

/// Tokens of many crops as a tensor `[crops, P, V]`.
fn tensor<'a>(tokens: &'a [f16], config: &MicroAuClipConfig) -> TensorView<'a> {
    let (patches, width) = (config.patch_count(), config.visual.width);
    let shape = vec![tokens.len() / (patches * width), patches, width];
    TensorView::new(Dtype::F16, shape, bytemuck::cast_slice(tokens)).expect("whole crops of tokens")
}
