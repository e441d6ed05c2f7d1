//! The whole method on the engine: what [`MicroAuClip`] says of a batch, without learning.

use burn::tensor::{Device, Tensor};

use super::{FastTower, Precision};
use crate::batch::Batch;
use crate::micro_au_clip::{MicroAuClip, Output};
use crate::motion::VisualTokens;

/// A model that only looks. Its pixel tower runs on the engine, in the precision one asks for; its heads, a hundredth of
/// the work, are those of the model.
pub struct FastModel {
    tower: Option<FastTower>,
    heads: MicroAuClip,
}

impl FastModel {
    /// Reads the weights of a model. One on a graphics card stays there as it is.
    pub fn new(model: &MicroAuClip, precision: Precision) -> FastModel {
        let tower = model.visual.as_ref().filter(|_| model.device() == Device::flex());
        match tower.map(|tower| FastTower::new(tower, precision)) {
            Some(tower) => FastModel { tower: Some(tower), heads: model.clone().without_tower().0 },
            None => FastModel { tower: None, heads: model.clone() },
        }
    }

    /// Scores and features of a batch, as [`MicroAuClip::forward`].
    pub fn forward(&mut self, batch: &Batch) -> Output {
        let batch = self.with_tokens(batch);
        self.heads.forward(&batch)
    }

    /// The same, and the scores of the subject's left and right half, as [`MicroAuClip::forward_sides`]: the crops are
    /// encoded once for all three.
    pub fn forward_with_sides(&mut self, batch: &Batch) -> (Output, Option<[Output; 2]>) {
        let batch = self.with_tokens(batch);
        (self.heads.forward(&batch), self.heads.forward_sides(&batch))
    }

    /// The batch with the patch tokens of its crops.
    fn with_tokens(&mut self, batch: &Batch) -> Batch {
        let (Some(tower), Some(later), None) = (&mut self.tower, &batch.later, &batch.tokens) else {
            return batch.clone();
        };
        let [clips, frames, channels, height, width] = later.dims();
        let pictures: Tensor<4> = later.clone().reshape([clips * frames, channels, height, width]);
        let later = tower.forward_tensor(pictures);
        let [_, patches, token_width] = later.dims();
        let later = later.reshape([clips, frames, patches, token_width]);
        let onset = batch.onset.clone().map(|onset| tower.forward_tensor(onset));
        Batch { tokens: Some(VisualTokens { onset, later }), ..batch.clone() }
    }
}
