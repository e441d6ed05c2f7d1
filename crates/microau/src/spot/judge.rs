//! Whether a proposal is an expression: boosted trees over its features and over what nano says of its onset and apex.
//!
//! They were fitted to generated long films alone ([`fit`]) and are built in.

pub mod fit;

use std::path::Path;
use std::sync::LazyLock;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::features::FEATURES;
use super::proposals::Proposal;
use crate::detect::DetectError;
use crate::detect::model_scorer::ModelScorer;
use crate::detect::scorer::Scorer;
use crate::files;

/// Action units of nano.
const UNITS: usize = 12;
/// Numbers that a proposal is judged by at a glance: its features.
pub const AT_A_GLANCE: usize = FEATURES;
/// Numbers that a proposal is judged by in full.
pub const IN_FULL: usize = FEATURES + 2 * UNITS + 4;
/// A probability is not taken for surer than this, as a logit.
const SUREST: f32 = 6.0;
/// Least probability at a glance of a proposal that nano is asked about.
const WORTH_A_LOOK: f32 = 0.03;
/// Share of a shift that is foretold by which a proposal is moved.
const BELIEVED_SHIFT: f32 = 0.75;

static BUILT_IN: LazyLock<Judge> = LazyLock::new(|| {
    Judge::from_bytes(include_bytes!("../../assets/spotter.safetensors"))
        .expect("the judge is part of the build and has a test")
});

/// What nano sees of a proposal: probabilities of its action units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// At the apex against the onset.
    pub forth: Vec<f32>,
    /// At the offset against the onset: an expression has gone by then, a head that turned or a mouth that spoke may have not.
    pub back: Vec<f32>,
}

impl Seen {
    /// Asks a model; `None` where it cannot see the face well enough.
    pub fn of(proposal: &Proposal, witness: &mut ModelScorer) -> Option<Seen> {
        let forth = witness.probabilities(&proposal.scene.forth.clip())?;
        Some(Seen { forth, back: witness.probabilities(&proposal.scene.back.clip())? })
    }
}

/// What a judge says of a proposal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// How sure it is that the proposal is an expression and that its onset and offset are right, from 0 to 1: the geometric mean
    /// of the probability and of the overlap that is foretold.
    pub confidence: f32,
    /// By how much onset and offset should move, in lengths of the proposal.
    pub shift: [f32; 2],
}

/// Five forests.
#[derive(Clone, Debug, PartialEq)]
pub struct Judge {
    /// Judges by features alone, so that nano need not be asked about everything.
    pub glance: Forest,
    /// Judges by features and nano.
    pub look: Forest,
    /// Foretells by the same how much of the movement a proposal covers: its overlap with the expression, 0 where there is none.
    pub cover: Forest,
    /// Foretell by the same where onset and offset of the expression are from those of a proposal that is near it, in lengths of
    /// the proposal.
    pub shift: [Forest; 2],
}

impl Judge {
    /// The one that is built in.
    pub fn built_in() -> &'static Judge {
        &BUILT_IN
    }

    /// What it says of a proposal; `None` when it dismisses it. `seen` gives what nano sees when it is asked for; where it cannot,
    /// the proposal is dismissed.
    pub fn verdict(&self, features: &[f32], seen: impl FnOnce() -> Option<Seen>) -> Option<Verdict> {
        if self.glance.probability(features) < WORTH_A_LOOK {
            return None;
        }
        let inputs = in_full(features, &seen()?);
        let confidence = (self.look.probability(&inputs) * self.cover.value(&inputs).clamp(0.0, 1.0)).sqrt();
        let shift = [0, 1].map(|end| BELIEVED_SHIFT * self.shift[end].value(&inputs));
        Some(Verdict { confidence, shift })
    }

    /// Reads a judge.
    ///
    /// # Errors
    /// A sentence on what is wrong with the bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Judge, String> {
        let file = SafeTensors::deserialize(bytes).map_err(|error| format!("expected safetensors: {error}"))?;
        let read = |name: &str, inputs| Forest::read(&file, name, inputs);
        Ok(Judge {
            glance: read("glance", AT_A_GLANCE)?,
            look: read("look", IN_FULL)?,
            cover: read("cover", IN_FULL)?,
            shift: [read("onset", IN_FULL)?, read("offset", IN_FULL)?],
        })
    }

    /// Writes the judge as safetensors.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), DetectError> {
        let [onset, offset] = &self.shift;
        let tensors = [
            ("glance", &self.glance),
            ("look", &self.look),
            ("cover", &self.cover),
            ("onset", onset),
            ("offset", offset),
        ];
        let tensors: Vec<_> = tensors.into_iter().flat_map(|(name, forest)| forest.tensors(name)).collect();
        let bytes = safetensors::serialize(tensors, None).expect("the tensors are well formed");
        files::write(path, &bytes)
    }
}

/// Boosted trees with one output.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    /// What all leaves are added to.
    base: f32,
    /// Place of the root of each tree.
    roots: Vec<u32>,
    /// The input that decides at each node; that of a leaf has no meaning.
    inputs: Vec<u32>,
    /// Least value of the input that goes to the second child; at a leaf, what is added.
    values: Vec<f32>,
    /// The first of two children, which lie side by side; 0 at a leaf, since no root is a child.
    children: Vec<u32>,
}

impl Forest {
    /// Probability of yes, for a forest that answers.
    ///
    /// # Panics
    /// For fewer inputs than it was fitted to.
    pub fn probability(&self, inputs: &[f32]) -> f32 {
        1.0 / (1.0 + (-self.value(inputs)).exp())
    }

    /// The sum of the leaves: the number foretold, or the logit of yes.
    ///
    /// # Panics
    /// For fewer inputs than it was fitted to.
    pub fn value(&self, inputs: &[f32]) -> f32 {
        let leaf = |&root: &u32| {
            let mut node = root as usize;
            while self.children[node] != 0 {
                let is_second = inputs[self.inputs[node] as usize] >= self.values[node];
                node = self.children[node] as usize + usize::from(is_second);
            }
            self.values[node]
        };
        self.base + self.roots.iter().map(leaf).sum::<f32>()
    }

    /// Reads a forest over so many inputs; one that would lead out of itself or into a circle is refused.
    fn read(file: &SafeTensors<'_>, name: &str, inputs: usize) -> Result<Forest, String> {
        let numbers = |part: &str| -> Result<Vec<f32>, String> {
            let view = file.tensor(&format!("{name}.{part}")).map_err(|error| format!("{name}.{part}: {error}"))?;
            let values: Vec<f32> = bytemuck::pod_collect_to_vec(view.data());
            let is_sound = view.dtype() == Dtype::F32 && values.iter().all(|x| x.is_finite());
            is_sound.then_some(values).ok_or_else(|| format!("{name}.{part}: expected finite numbers"))
        };
        let places = |part: &str| -> Result<Vec<u32>, String> {
            let view = file.tensor(&format!("{name}.{part}")).map_err(|error| format!("{name}.{part}: {error}"))?;
            let is_sound = view.dtype() == Dtype::U32;
            is_sound
                .then(|| bytemuck::pod_collect_to_vec(view.data()))
                .ok_or_else(|| format!("{name}.{part}: expected u32"))
        };
        let base = numbers("base")?;
        let forest = Forest {
            base: *base.first().ok_or_else(|| format!("{name}.base: expected a number"))?,
            roots: places("roots")?,
            inputs: places("inputs")?,
            values: numbers("values")?,
            children: places("children")?,
        };
        let count = forest.values.len();
        let leads_on =
            |(node, &child): (usize, &u32)| child == 0 || (child as usize > node && child as usize + 1 < count);
        let is_sound = forest.inputs.len() == count
            && forest.children.len() == count
            && forest.children.iter().enumerate().all(leads_on)
            && forest.roots.iter().all(|&root| (root as usize) < count)
            && forest.inputs.iter().all(|&input| (input as usize) < inputs);
        is_sound.then_some(forest).ok_or_else(|| format!("{name}: expected trees over {inputs} inputs"))
    }

    fn tensors(&self, name: &str) -> Vec<(String, TensorView<'_>)> {
        fn view<T: bytemuck::NoUninit>(dtype: Dtype, values: &[T]) -> TensorView<'_> {
            TensorView::new(dtype, vec![values.len()], bytemuck::cast_slice(values)).expect("one number each")
        }
        let of = |part: &str, view| (format!("{name}.{part}"), view);
        vec![
            of("base", view(Dtype::F32, std::slice::from_ref(&self.base))),
            of("roots", view(Dtype::U32, &self.roots)),
            of("inputs", view(Dtype::U32, &self.inputs)),
            of("values", view(Dtype::F32, &self.values)),
            of("children", view(Dtype::U32, &self.children)),
        ]
    }
}

/// What a proposal is judged by in full: its features, nano's probabilities as logits, and of each clip the two largest.
pub fn in_full(features: &[f32], seen: &Seen) -> Vec<f32> {
    let [forth, back] = [&seen.forth, &seen.back].map(|probabilities| with_largest(probabilities));
    [features, &forth, &back].concat()
}

fn with_largest(probabilities: &[f32]) -> Vec<f32> {
    let logit = |p: &f32| (p / (1.0 - p)).ln().clamp(-SUREST, SUREST);
    let mut logits: Vec<f32> = probabilities.iter().map(logit).collect();
    let mut sorted = logits.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    logits.extend(&sorted[..2]);
    logits
}
