//! Micro-AU CLIP, start to end: independence first, dependency second, then text.
//!
//! ```text
//! crops, flow ──visual──▶ tokens ──motion──▶ m ──PTA──▶ u ──GDA──▶ f ──head──▶ v, z
//!               §2                 §2           §3 (LSI)   §4 (GSD)   §6
//! ```

use burn::module::Module;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};
use tracing::trace_span;

use crate::batch::Batch;
use crate::calibration::Calibration;
use crate::clip::{Tune, VisualTower};
use crate::config::{Lsi, Miaucl, MicroAuClipConfig};
use crate::error::ModelError;
use crate::gda::GlobalDependencyAttention;
use crate::head::{Alignment, ScoreHead};
use crate::init::Init;
use crate::labels::Labels;
use crate::loss::miaucl::{state_loss, text_to_visual_loss, visual_to_text_loss};
use crate::loss::{ClassWeights, GlobalDependencyLoss, LossParts};
use crate::motion::{MotionTokens, VisualTokens};
use crate::prior::Prior;
use crate::prompt::{LearnedContext, TextFeatures, TextTensors};
use crate::pta::PatchTokenAttention;
use crate::temporal::TemporalPool;

/// The model. Everything that learns is a field of its own; prior, calibration and, unless a context is learned, text are fixed
/// numbers beside it.
#[derive(Module, Debug)]
pub struct MicroAuClip {
    /// The pixel tower; none in input mode `flow`.
    pub visual: Option<VisualTower>,
    motion: MotionTokens,
    temporal: TemporalPool,
    pta: PatchTokenAttention,
    gda: Option<GlobalDependencyAttention>,
    head: ScoreHead,
    gdloss: Option<GlobalDependencyLoss>,
    context: Option<LearnedContext>,
    #[module(skip)]
    config: MicroAuClipConfig,
    #[module(skip)]
    text: TextFeatures,
    #[module(skip)]
    prior: Prior,
    #[module(skip)]
    calibration: Calibration,
}

/// What the model says of a batch.
#[derive(Clone, Debug)]
pub struct Output {
    /// z: `[B, K]`, before calibration; σ(z) is the probability that the AU is active.
    pub logits: Tensor<2>,
    /// f: AU features `[B, K, D]`.
    pub features: Tensor<3>,
    /// v: AU features in the joint space with text, unit length `[B, K, d]`.
    pub joint: Tensor<3>,
    /// α: how much each AU looked at each patch `[B, K, P]`, rows summing to 1, mean over heads. The heat maps.
    pub attention: Tensor<3>,
    /// Likeness of the AU features to the texts.
    pub alignment: Alignment,
}

impl MicroAuClip {
    /// A new model with random weights; the same seed gives the same weights.
    ///
    /// It learns on an autodiff device (`device.autodiff()`). The prior is empty and the calibration does nothing until
    /// they are set.
    ///
    /// # Errors
    /// When settings do not fit together, the text is of other AUs or another width, or the settings ask for a learned
    /// context: that is a model [`with_context`](Self::with_context).
    pub fn new(
        config: &MicroAuClipConfig,
        text: TextFeatures,
        seed: u64,
        device: &Device,
    ) -> Result<MicroAuClip, ModelError> {
        check_context(config, 0)?;
        MicroAuClip::stored(config, text, seed, device)
    }

    /// A new model with random weights that learns the context of its prompts too (method §5).
    ///
    /// Every forward pass runs the text tower over all prompts until the model is [`merged`](Self::merged).
    ///
    /// # Errors
    /// As [`new`](Self::new), and when the context has another number of vectors than the settings say.
    pub fn with_context(
        config: &MicroAuClipConfig,
        context: LearnedContext,
        seed: u64,
        device: &Device,
    ) -> Result<MicroAuClip, ModelError> {
        check_context(config, context.count())?;
        let model = MicroAuClip::stored(config, context.features(), seed, device)?;
        Ok(MicroAuClip { context: Some(context), ..model })
    }

    /// A model whose text is fixed, whatever the settings say of how it was learned.
    pub(crate) fn stored(
        config: &MicroAuClipConfig,
        text: TextFeatures,
        seed: u64,
        device: &Device,
    ) -> Result<MicroAuClip, ModelError> {
        config.check()?;
        check_text(config, &text)?;
        let tower = config.input.sees_pixels().then(|| VisualTower::init(&config.visual_tower(), seed, device));
        let init = &mut Init::new(seed, device);
        Ok(MicroAuClip {
            visual: tower.transpose()?,
            motion: MotionTokens::new(config, init),
            temporal: TemporalPool::new(config, init),
            pta: PatchTokenAttention::new(config, init),
            gda: config.gda.then(|| GlobalDependencyAttention::new(config, init)),
            head: ScoreHead::new(config, init),
            gdloss: config.gdloss.then(|| GlobalDependencyLoss::new(config, init)),
            context: None,
            text,
            prior: Prior::none(&config.aus),
            calibration: Calibration::none(config.au_count()),
            config: config.clone(),
        })
    }

    /// Scores and features of a batch.
    pub fn forward(&self, batch: &Batch) -> Output {
        let looked_at = self.looked_at(batch);
        let motion = self.motion_tokens_of(batch, looked_at.as_ref()); // [B, P', D]
        self.read_part(motion, batch.region.clone(), looked_at.as_ref())
    }

    /// Scores of the subject's left and right half; `None` without region weights of the sides.
    ///
    /// Paper silent: the same heads look at half of each region.
    pub fn forward_sides(&self, batch: &Batch) -> Option<[Output; 2]> {
        let sides = batch.region_of_side.clone()?;
        let looked_at = self.looked_at(batch);
        let motion = self.motion_tokens_of(batch, looked_at.as_ref());
        Some(sides.map(|region| self.read_part(motion.clone(), region, looked_at.as_ref())))
    }

    /// Motion tokens `[B, T, P', D]` once patches have seen one another and frames are pooled: `[B, P', D]`.
    pub(crate) fn settled(&self, motion: Tensor<4>) -> Tensor<3> {
        self.temporal.forward(self.motion.mixed(motion))
    }

    /// The patches that lie in a region; `None` where AUs look at all, or patches at one another.
    ///
    /// Nothing is left out of a sum: of the 196 patches of a crop, 60 to 80 show hair, neck and wall.
    pub(crate) fn patches_looked_at<'a>(&self, batch: &'a Batch) -> Option<&'a [usize]> {
        let MicroAuClipConfig { lsi, motion_blocks, .. } = self.config;
        let is_part = batch.covered.len() < self.config.patch_count();
        (is_part && lsi != Lsi::WholeFace && motion_blocks == 0).then_some(&batch.covered)
    }

    /// The same as a tensor `[P']`.
    fn looked_at(&self, batch: &Batch) -> Option<Tensor<1, Int>> {
        self.patches_looked_at(batch).map(|patches| {
            let places: Vec<i64> = patches.iter().map(|&patch| patch as i64).collect();
            Tensor::from_data(TensorData::new(places, [patches.len()]), &batch.region.device())
        })
    }

    /// [`read`](Self::read) over some patches; the heat maps are of all.
    fn read_part(&self, motion: Tensor<3>, region: Tensor<3>, patches: Option<&Tensor<1, Int>>) -> Output {
        let Some(patches) = patches else { return self.read(motion, region) };
        let nowhere = region.zeros_like();
        let output = self.read(motion, region.select(2, patches.clone()));
        let attention = nowhere.select_assign(2, patches.clone(), output.attention, IndexingUpdateOp::Add);
        Output { attention, ..output }
    }

    /// Patch tokens of the pixel tower; `None` in input mode `flow`. With a frozen tower they can be kept on disk and put
    /// into [`Batch::tokens`].
    pub fn visual_tokens(&self, batch: &Batch) -> Option<VisualTokens> {
        let (tower, later) = (self.visual.as_ref()?, batch.later.clone()?);
        let [clips, frames, channels, height, width] = later.dims();
        let later = tower.patch_tokens(later.reshape([clips * frames, channels, height, width]));
        let [_, patches, token_width] = later.dims();
        Some(VisualTokens {
            onset: batch.onset.clone().map(|onset| tower.patch_tokens(onset)),
            later: later.reshape([clips, frames, patches, token_width]),
        })
    }

    /// m: what each patch shows and how it moved `[B, P, D]`, method §2.
    pub fn motion_tokens(&self, batch: &Batch) -> Tensor<3> {
        self.motion_tokens_of(batch, None)
    }

    /// Those of some patches `[P']`: `[B, P', D]`.
    fn motion_tokens_of(&self, batch: &Batch, patches: Option<&Tensor<1, Int>>) -> Tensor<3> {
        let _stage = trace_span!("encode").entered();
        let tokens = batch.tokens.clone().or_else(|| self.visual_tokens(batch));
        let tokens = match patches {
            Some(patches) => tokens.map(|tokens| tokens.of(patches)),
            None => tokens,
        };
        self.temporal.forward(self.motion.forward(tokens, batch.flow.clone(), patches))
    }

    /// Motion tokens `[B, P, D]` → scores: each AU for itself, then all together, then against text.
    pub fn read(&self, motion: Tensor<3>, region: Tensor<3>) -> Output {
        let _stage = trace_span!("heads").entered();
        let device = &motion.device();
        let text = self.text_tensors(device); // t, method §5
        let (independent, attention) = self.pta.forward(motion, region, text.mean()); // u, method §3
        let features = match &self.gda {
            Some(gda) => gda.forward(independent, self.prior.dependency(device)), // f, method §4
            None => independent,
        };
        let joint = self.head.joint(features.clone()); // v, method §6
        let alignment = self.head.alignment(&joint, &text);
        let logits = self.head.logits(&alignment); // z, method §6
        Output { logits, features, joint, attention: attention.mean_dim(1).squeeze_dim(1), alignment }
    }

    /// The loss of what the model said of a batch, method §6 and §7.
    ///
    /// # Panics
    /// When labels and output differ in shape.
    pub fn loss(&self, output: &Output, labels: &Labels, weights: &ClassWeights) -> LossParts {
        let device = &output.logits.device();
        let lambda = self.config.lambda;
        let contrastive = self.config.miaucl == Miaucl::Full;
        let state = state_loss(output.logits.clone(), labels, weights.tensor(device));
        let v2t = contrastive.then(|| visual_to_text_loss(&output.alignment, labels));
        let t2v = contrastive.then(|| text_to_visual_loss(&output.alignment, labels));
        let gdloss = self.gdloss.as_ref().map(|gdloss| {
            gdloss.forward(output.features.clone(), self.prior.dependency(device), self.prior.trust(device))
        });
        let weighted = [(&v2t, lambda.v2t), (&t2v, lambda.t2v), (&gdloss, lambda.gdloss)];
        let terms = weighted.into_iter().filter_map(|(term, weight)| Some(term.clone()?.mul_scalar(weight)));
        let total = terms.fold(state.clone(), |sum, term| sum + term); // method §6, §7
        LossParts { total, state, v2t, t2v, gdloss }
    }

    /// Probabilities `[B, K]` of logits `[B, K]`, calibrated, and with what the other AUs of a clip say of each (method §4).
    pub fn probabilities(&self, logits: Tensor<2>) -> Tensor<2> {
        let calibrated = self.calibration.apply(logits);
        sigmoid(if self.config.coupling { self.prior.couplings().apply(calibrated) } else { calibrated })
    }

    /// Likeness of clips to each emotion's text `[B, E]`, in [-1, 1] (method §8): the clip's AU features, weighted by their
    /// probabilities, against the vectors of [`TextFeatures::emotions`]. Near 0 where no AU is likely.
    pub fn emotions(&self, output: &Output) -> Tensor<2> {
        let probabilities = self.probabilities(output.logits.clone()); // [B, K]
        let weight = probabilities.clone() / probabilities.clone().sum_dim(1).clamp_min(1.0);
        let clip = (output.joint.clone() * weight.unsqueeze_dim(2)).sum_dim(1).squeeze_dim::<2>(1); // [B, d]
        let learned = self.context.as_ref().map(LearnedContext::features);
        let text = learned.as_ref().unwrap_or(&self.text);
        clip.matmul(text.emotion_tensor(&output.joint.device()).transpose()) // method §8
    }

    /// Where it runs.
    pub fn device(&self) -> Device {
        self.devices().into_iter().next().expect("a model has weights")
    }

    /// The settings.
    pub fn config(&self) -> &MicroAuClipConfig {
        &self.config
    }

    /// The text vectors. While a context is learned these are the ones it began with; [`merged`](Self::merged) takes those
    /// that it gives now.
    pub fn text(&self) -> &TextFeatures {
        &self.text
    }

    /// The context that is being learned, if any.
    pub fn context(&self) -> Option<&LearnedContext> {
        self.context.as_ref()
    }

    pub(crate) fn text_tensors(&self, device: &Device) -> TextTensors {
        match &self.context {
            Some(context) => context.tensors(),
            None => self.text.tensors(device),
        }
    }

    /// The dependency prior.
    pub fn prior(&self) -> &Prior {
        &self.prior
    }

    /// The calibration.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The model with the dependency prior of its training fold.
    ///
    /// # Errors
    /// When the prior is of other AUs, or its couplings are not of so many.
    pub fn with_prior(self, prior: Prior) -> Result<MicroAuClip, ModelError> {
        same_aus("aus of the prior", &self.config, prior.aus())?;
        if !prior.couplings().fit(self.config.au_count()) {
            let expected = format!("finite numbers for {} action units", self.config.au_count());
            return Err(ModelError::Setting {
                setting: "couplings",
                expected,
                got: format!("{:?}", prior.couplings()),
            });
        }
        Ok(MicroAuClip { prior, ..self })
    }

    /// The model with a calibration of its logits.
    ///
    /// # Errors
    /// When the calibration is of another number of AUs.
    pub fn with_calibration(self, calibration: Calibration) -> Result<MicroAuClip, ModelError> {
        calibration.check(self.config.au_count())?;
        Ok(MicroAuClip { calibration, ..self })
    }

    /// The model with gradients in its pixel tower where `tune` wants them (method §9). Everything after the tower always
    /// learns.
    ///
    /// # Errors
    /// When `tune` asks for more blocks than there are.
    pub fn tuned(self, tune: Tune, seed: u64) -> Result<MicroAuClip, ModelError> {
        let visual = self.visual.map(|tower| tower.tuned(tune, seed)).transpose()?;
        Ok(MicroAuClip { visual, ..self })
    }

    /// The same model as it is stored: low-rank adapters folded into the weights they adapt, and in place of a learned
    /// context and its text tower the text vectors that they give. It scores alike, and learns neither any more.
    pub fn merged(self) -> MicroAuClip {
        let text = self.context.as_ref().map_or(self.text, LearnedContext::features);
        MicroAuClip { visual: self.visual.map(VisualTower::merge_lora), context: None, text, ..self }
    }

    /// The model with another pixel tower, such as one with pretrained weights.
    ///
    /// # Errors
    /// When the tower has other sizes than the settings say, or the input mode has none.
    pub fn with_tower(self, tower: VisualTower) -> Result<MicroAuClip, ModelError> {
        let expected = self.config.visual_tower();
        let sees_pixels = self.config.input.sees_pixels();
        if !sees_pixels || *tower.config() != expected {
            let expected = if sees_pixels { format!("{expected:?}") } else { "no tower in input mode flow".to_owned() };
            return Err(ModelError::Setting { setting: "visual", expected, got: format!("{:?}", tower.config()) });
        }
        Ok(MicroAuClip { visual: Some(tower), ..self })
    }

    /// The model and its pixel tower apart, for training from patch tokens that are kept ([`Batch::tokens`]): the model
    /// takes such batches alone until it is given its tower back ([`with_tower`](Self::with_tower)).
    pub fn without_tower(self) -> (MicroAuClip, Option<VisualTower>) {
        let visual = self.visual.clone();
        (MicroAuClip { visual: None, ..self }, visual)
    }
}

fn check_context(config: &MicroAuClipConfig, count: usize) -> Result<(), ModelError> {
    if config.context == count {
        return Ok(());
    }
    let expected = match count {
        0 => "0, or a model made with a learned context".to_owned(),
        _ => format!("{count}, as many as the learned context has"),
    };
    let got = config.context.to_string();
    Err(ModelError::Setting { setting: "context", expected, got })
}

fn check_text(config: &MicroAuClipConfig, text: &TextFeatures) -> Result<(), ModelError> {
    same_aus("aus of the text", config, text.aus())?;
    if text.width() == config.text_width {
        return Ok(());
    }
    Err(ModelError::Setting {
        setting: "text_width",
        expected: text.width().to_string(),
        got: config.text_width.to_string(),
    })
}

fn same_aus(setting: &'static str, config: &MicroAuClipConfig, aus: &[microau_core::au::Au]) -> Result<(), ModelError> {
    if aus == config.aus {
        return Ok(());
    }
    Err(ModelError::Setting { setting, expected: format!("{:?}", config.aus), got: format!("{aus:?}") })
}
