//! The whole method on the engine: what [`MicroAuClip`] says of a batch, without learning.

use burn::tensor::{Tensor, TensorData};
use microau_kernels::Level;

use super::motion::{FastMotion, Tokens};
use super::named::Named;
use super::{FastTower, Precision};
use crate::batch::Batch;
use crate::micro_au_clip::{MicroAuClip, Output};
use crate::motion::VisualTokens;

/// A model that only looks. Its pixel tower runs on the engine in the precision one asks for, its motion tokens in f32; the
/// few AU tokens that are read from those are left to burn.
pub struct FastModel {
    level: Level,
    prune: Option<usize>,
    tower: Option<FastTower>,
    motion: FastMotion,
    heads: MicroAuClip,
}

impl FastModel {
    /// Reads the weights of a model.
    pub fn new(model: &MicroAuClip, precision: Precision) -> FastModel {
        let tower = model.visual.as_ref().map(|tower| FastTower::new(tower, precision));
        let (heads, _) = model.clone().without_tower();
        let motion = FastMotion::new(&Named::of(&heads), heads.config());
        FastModel { level: Level::best(), prune: None, tower, motion, heads }
    }

    /// The same, but patches that lie in no AU's region go no further through the pixel tower than so many blocks. The others
    /// then see them no more: faster, and no longer what burn gives. `None` (the default) lets all go on.
    pub fn with_prune(self, prune: Option<usize>) -> FastModel {
        FastModel { prune, ..self }
    }

    /// Scores and features of a batch, as [`MicroAuClip::forward`].
    pub fn forward(&mut self, batch: &Batch) -> Output {
        let motion = self.motion_tokens(batch);
        self.heads.read_tokens(motion, batch.region.clone(), batch)
    }

    /// The same, and the scores of the subject's left and right half, as [`MicroAuClip::forward_sides`]: what was seen is
    /// computed once for all three.
    pub fn forward_with_sides(&mut self, batch: &Batch) -> (Output, Option<[Output; 2]>) {
        let motion = self.motion_tokens(batch);
        let read = |region| self.heads.read_tokens(motion.clone(), region, batch);
        (read(batch.region.clone()), batch.region_of_side.clone().map(|sides| sides.map(read)))
    }

    /// m before patches see one another: `[B, T, P', D]`.
    fn motion_tokens(&mut self, batch: &Batch) -> Tensor<4> {
        let config = self.heads.config();
        let all: Vec<usize> = (0..config.patch_count()).collect();
        let wanted = self.heads.patches_looked_at(batch).unwrap_or(&all);
        let tokens = match &mut self.tower {
            Some(tower) if batch.tokens.is_none() => Some(encoded(tower, batch, wanted, self.prune)),
            _ => kept(batch, config.patch_count(), wanted),
        };
        let flow = batch.flow.clone().map(numbers);
        let shape = [batch.len(), config.frames.later(), wanted.len(), config.width];
        let motion = self.motion.forward(self.level, tokens.as_ref(), flow.as_deref(), wanted).to_rows();
        Tensor::from_data(TensorData::new(motion, shape), &batch.region.device())
    }
}

/// Patch tokens of the crops of a batch.
fn encoded(tower: &mut FastTower, batch: &Batch, wanted: &[usize], prune: Option<usize>) -> Tokens {
    let mut encode = |pixels: Vec<f32>| {
        let mut tokens = Vec::new();
        tower.patch_tokens_of(&pixels, wanted, prune, &mut tokens);
        tokens
    };
    let later = batch.later.clone().expect("a batch of this model has crops or tokens");
    Tokens { onset: batch.onset.clone().map(|onset| encode(numbers(onset))), later: encode(numbers(later)) }
}

/// Patch tokens that the batch came with.
fn kept(batch: &Batch, patches: usize, wanted: &[usize]) -> Option<Tokens> {
    let VisualTokens { onset, later } = batch.tokens.clone()?;
    let [.., width] = later.dims();
    let choose = |tokens: Vec<f32>| {
        let pictures = tokens.chunks_exact(patches * width);
        pictures
            .flat_map(|picture| wanted.iter().flat_map(|patch| &picture[patch * width..][..width]))
            .copied()
            .collect()
    };
    Some(Tokens { onset: onset.map(|onset| choose(numbers(onset))), later: choose(numbers(later)) })
}

fn numbers<const N: usize>(tensor: Tensor<N>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().try_into_vec().expect("converted to f32 just before")
}
