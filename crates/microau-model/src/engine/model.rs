//! The whole method on the engine: what [`MicroAuClip`] says of a batch, without learning.

use burn::tensor::{Device, Tensor, TensorData};
use microau_kernels::{Activations, Level, Matrix};

use super::gda::FastGda;
use super::head::FastHead;
use super::motion::{FastMotion, Tokens};
use super::named::Named;
use super::pta::FastPta;
use super::{FastTower, Precision};
use crate::batch::Batch;
use crate::head::Alignment;
use crate::micro_au_clip::{MicroAuClip, Output};
use crate::motion::VisualTokens;

/// A model that only looks. Its pixel tower runs in the precision one asks for, the rest in f32.
///
/// Only what the presets do not have is left to burn: blocks over motion tokens, and pooling of many frames.
pub struct FastModel {
    level: Level,
    prune: Option<usize>,
    tower: Option<FastTower>,
    motion: FastMotion,
    pta: FastPta,
    gda: Option<FastGda>,
    head: FastHead,
    /// The model without its tower: its settings, and what is left to burn.
    model: MicroAuClip,
    desk: Desk,
}

/// Memory that is kept from call to call.
struct Desk {
    /// Left operand of each product.
    rows: Activations,
    /// One token an AU.
    tokens: Matrix,
}

impl FastModel {
    /// Reads the weights of a model, which may be on any device; the engine works on the processor.
    pub fn new(model: &MicroAuClip, precision: Precision) -> FastModel {
        let tower = model.visual.as_ref().map(|tower| FastTower::new(tower, precision));
        let (model, _) = model.clone().without_tower();
        let (named, config) = (Named::of(&model), model.config().clone());
        let device = Device::flex();
        let text = model.text_tensors(&device);
        FastModel {
            level: Level::best(),
            prune: None,
            tower,
            motion: FastMotion::new(&named, &config),
            pta: FastPta::new(&named, &config, &numbers(text.mean())),
            gda: FastGda::new(&named, &config, &numbers(model.prior().dependency(&device))),
            head: FastHead::new(&named, &config, numbers(text.active), numbers(text.inactive)),
            model,
            desk: Desk { rows: Activations::new(Precision::F32), tokens: Matrix::default() },
        }
    }

    /// The same, but patches that lie in no AU's region go no further through the pixel tower than so many blocks. The others
    /// then see them no more: faster, and no longer what burn gives. `None` (the default) lets all go on.
    pub fn with_prune(self, prune: Option<usize>) -> FastModel {
        FastModel { prune, ..self }
    }

    /// Scores and features of a batch, as [`MicroAuClip::forward`].
    pub fn forward(&mut self, batch: &Batch) -> Output {
        let motion = self.motion_tokens(batch);
        self.read(&motion, batch.region.clone(), batch)
    }

    /// The same, and the scores of the subject's left and right half, as [`MicroAuClip::forward_sides`]: what was seen is
    /// computed once for all three.
    pub fn forward_with_sides(&mut self, batch: &Batch) -> (Output, Option<[Output; 2]>) {
        let motion = self.motion_tokens(batch);
        let whole = self.read(&motion, batch.region.clone(), batch);
        (whole, batch.region_of_side.clone().map(|sides| sides.map(|region| self.read(&motion, region, batch))))
    }

    /// m: `[B · P', D]`.
    fn motion_tokens(&mut self, batch: &Batch) -> Matrix {
        let config = self.model.config();
        let wanted = wanted(&self.model, batch);
        let tokens = match &mut self.tower {
            Some(tower) if batch.tokens.is_none() => Some(encoded(tower, batch, &wanted, self.prune)),
            _ => kept(batch, config.patch_count(), &wanted),
        };
        let flow = batch.flow.clone().map(numbers);
        let motion = self.motion.forward(self.level, tokens.as_ref(), flow.as_deref(), &wanted);
        if config.motion_blocks == 0 && config.frames.later() == 1 {
            return motion.clone();
        }
        let shape = [batch.len(), config.frames.later(), wanted.len(), config.width];
        let motion = Tensor::from_data(TensorData::new(motion.to_rows(), shape), &Device::flex());
        Matrix::from_rows(&numbers(self.model.settled(motion)), config.width)
    }

    /// Motion tokens `[B · P', D]` → scores, as [`MicroAuClip::read`]; the heat maps are of all patches.
    fn read(&mut self, motion: &Matrix, region: Tensor<3>, batch: &Batch) -> Output {
        let wanted = wanted(&self.model, batch);
        let (device, [clips, aus, patches]) = (region.device(), region.dims());
        let region: Vec<f32> = of_wanted(&numbers(region), patches, &wanted);
        let Desk { rows, tokens } = &mut self.desk;
        let looked = self.pta.forward(self.level, (clips, motion), &region, rows, tokens); // u, method §3
        if let Some(gda) = &mut self.gda {
            gda.forward(self.level, rows, tokens); // f, method §4
        }
        let said = self.head.forward(self.level, tokens, rows); // v, z, method §6
        let (width, text_width) = (tokens.columns(), said.joint.len() / (clips * aus));
        let mut attention = vec![0.0; clips * aus * patches];
        for (all, looked) in attention.chunks_exact_mut(patches).zip(looked.chunks_exact(wanted.len())) {
            wanted.iter().zip(looked).for_each(|(&patch, &looked)| all[patch] = looked);
        }
        Output {
            logits: tensor(said.logits, [clips, aus], &device),
            features: tensor(tokens.to_rows(), [clips, aus, width], &device),
            joint: tensor(said.joint, [clips, aus, text_width], &device),
            attention: tensor(attention, [clips, aus, patches], &device),
            alignment: Alignment {
                to_active: tensor(said.to_active, [clips, aus, aus], &device),
                to_inactive: tensor(said.to_inactive, [clips, aus], &device),
            },
        }
    }
}

/// The patches that are computed.
fn wanted(model: &MicroAuClip, batch: &Batch) -> Vec<usize> {
    let all = || (0..model.config().patch_count()).collect();
    model.patches_looked_at(batch).map_or_else(all, <[usize]>::to_vec)
}

/// Of rows of so many patches each the wanted ones.
fn of_wanted(rows: &[f32], patches: usize, wanted: &[usize]) -> Vec<f32> {
    rows.chunks_exact(patches).flat_map(|row| wanted.iter().map(|&patch| row[patch])).collect()
}

fn tensor<const N: usize>(values: Vec<f32>, shape: [usize; N], device: &Device) -> Tensor<N> {
    Tensor::from_data(TensorData::new(values, shape), device)
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
