//! The text vectors of a model, as they are stored in its checkpoint.

use burn::tensor::{Device, Tensor, TensorData};
use microau_core::au::Au;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::sentences::{Prompts, Sentence};
use crate::clip::{ClipTokenizer, TextConfig, TextTower};
use crate::draw::Draw;
use crate::error::ModelError;

/// Sentence vectors of the built-in prompts for every AU and emotion, made by `reference/prompt_vectors.py`.
const SENTENCE_VECTORS: &[u8] = include_bytes!("../../assets/prompt_vectors.safetensors");

/// Texts of two states whose cosine is nearer to 1 or -1 than this are taken for the same, or for opposite.
const SAME_WORDS: f32 = 1e-6;

/// The text vectors of a model, unit length each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TextFeatures {
    aus: Vec<Au>,
    /// d.
    width: usize,
    /// `[K, d]` row-major.
    active: Vec<f32>,
    /// `[K, d]` row-major.
    inactive: Vec<f32>,
    emotions: Vec<EmotionText>,
}

/// The text vector of an emotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmotionText {
    /// Name, e.g. `happiness`.
    pub name: String,
    /// Unit vector `[d]`.
    pub vector: Vec<f32>,
}

/// Text vectors on a device.
#[derive(Clone, Debug)]
pub struct TextTensors {
    /// `t^act`: `[K, d]`.
    pub active: Tensor<2>,
    /// `t^inact`: `[K, d]`.
    pub inactive: Tensor<2>,
}

impl TextTensors {
    /// Mean of an AU's two text vectors, the text in its query: `[K, d]`.
    pub fn mean(&self) -> Tensor<2> {
        (self.active.clone() + self.inactive.clone()).mul_scalar(0.5)
    }
}

impl TextFeatures {
    /// The sentence vectors that come with `nano`, 384 wide.
    ///
    /// # Errors
    /// When an AU has no vector.
    pub fn built_in(aus: &[Au]) -> Result<TextFeatures, ModelError> {
        let file = SafeTensors::deserialize(SENTENCE_VECTORS).expect("the built-in vectors are tested");
        let [active, inactive, emotions] = ["active", "inactive", "emotions"].map(|name| built_in_rows(&file, name));
        let prompts = Prompts::built_in();
        let places = aus.iter().map(|&au| prompts.phrases.keys().position(|&key| key == au));
        let places = places.zip(aus).map(|(place, &au)| place.ok_or(ModelError::AuWithoutText { au }));
        let places = places.collect::<Result<Vec<usize>, ModelError>>()?;
        let pick = |rows: &[Vec<f32>]| places.iter().flat_map(|&place| rows[place].iter().copied()).collect();
        let names = prompts.emotions.keys().cloned();
        Ok(TextFeatures {
            aus: aus.to_vec(),
            width: active[0].len(),
            active: pick(&active),
            inactive: pick(&inactive),
            emotions: names.zip(emotions).map(|(name, vector)| EmotionText { name, vector }).collect(),
        })
    }

    /// Text vectors that say nothing: random directions, one for each AU and state and one for each emotion. An ablation of
    /// what the words are good for.
    pub fn random(aus: &[Au], width: usize, seed: u64) -> TextFeatures {
        let draw = &mut Draw::new(seed);
        let direction = |draw: &mut Draw| mean_direction(&[draw.normal(width, 1.0)]).expect("one vector has a mean");
        let rows = |draw: &mut Draw| -> Vec<f32> { aus.iter().flat_map(|_| direction(draw)).collect() };
        let (active, inactive) = (rows(draw), rows(draw));
        let names: Vec<String> = Prompts::built_in().emotions.keys().cloned().collect();
        let emotions = names.into_iter().map(|name| EmotionText { name, vector: direction(draw) }).collect();
        TextFeatures { aus: aus.to_vec(), width, active, inactive, emotions }
    }

    /// Text vectors from any text tower.
    ///
    /// `encode` maps sentences to vectors of one width, of any length: each is brought to unit length before the mean.
    ///
    /// # Errors
    /// When an AU has no phrase, vectors differ in width, or `encode` fails.
    pub fn from_encoder(
        prompts: &Prompts,
        aus: &[Au],
        mut encode: impl FnMut(&[String]) -> Result<Vec<Vec<f32>>, ModelError>,
    ) -> Result<TextFeatures, ModelError> {
        let mut mean_of = |sentences: Vec<Sentence>| {
            let sentences: Vec<String> = sentences.iter().map(Sentence::whole).collect();
            encode(&sentences).and_then(|vectors| mean_direction(&vectors))
        };
        let (mut active, mut inactive) = (Vec::new(), Vec::new());
        for &au in aus {
            active.push(mean_of(prompts.active(au)?)?);
            inactive.push(mean_of(prompts.inactive(au)?)?);
        }
        let emotions = prompts
            .emotions()
            .map(|(name, sentences)| Ok(EmotionText { name: name.to_owned(), vector: mean_of(sentences)? }));
        let emotions = emotions.collect::<Result<Vec<_>, ModelError>>()?;
        let width = active.first().map_or(0, Vec::len);
        let rows = active.iter().chain(&inactive).chain(emotions.iter().map(|emotion| &emotion.vector));
        for row in rows {
            check_width("text vector", row.len(), width)?;
        }
        Ok(TextFeatures { aus: aus.to_vec(), width, active: active.concat(), inactive: inactive.concat(), emotions })
    }

    /// Text vectors of a CLIP text tower, for the presets that have one.
    ///
    /// # Errors
    /// When an AU has no phrase, or the tower does not know the tokenizer's tokens.
    pub fn from_clip(
        prompts: &Prompts,
        aus: &[Au],
        tower: &TextTower,
        tokenizer: &ClipTokenizer,
    ) -> Result<TextFeatures, ModelError> {
        let TextConfig { context, embed_width, .. } = *tower.config();
        TextFeatures::from_encoder(prompts, aus, |sentences| {
            let ids: Vec<Vec<u32>> = sentences.iter().map(|sentence| tokenizer.encode(sentence, context)).collect();
            let vectors: Vec<f32> = tower.embed(&ids)?.try_into_vec_as().expect("embeddings are floats");
            Ok(vectors.chunks_exact(embed_width).map(<[f32]>::to_vec).collect())
        })
    }

    /// Vectors that are unit length already: `[K, d]` of both states and one an emotion.
    pub(super) fn from_rows(
        aus: &[Au],
        width: usize,
        [active, inactive]: [Vec<f32>; 2],
        emotions: Vec<EmotionText>,
    ) -> TextFeatures {
        TextFeatures { aus: aus.to_vec(), width, active, inactive, emotions }
    }

    /// The same with the two states of each AU at right angles, each moved as little as can be (Löwdin's symmetric
    /// orthogonalisation).
    ///
    /// A sentence and its denial say nearly the same to a language model: cosines of .6 to .9 here, different from AU to AU.
    /// A score is the difference of the two likenesses, so an AU whose states lie close learns many times slower.
    ///
    /// Paper silent: ours.
    pub fn with_states_apart(mut self) -> TextFeatures {
        let pairs = self.active.chunks_exact_mut(self.width).zip(self.inactive.chunks_exact_mut(self.width));
        for (active, inactive) in pairs {
            let cosine: f32 = active.iter().zip(inactive.iter()).map(|(a, b)| a * b).sum();
            // a, b → s·(a + b) ± t·(a - b), of unit length and orthogonal
            let [s, t] = [1.0 + cosine, 1.0 - cosine].map(|square| 0.5 / square.max(SAME_WORDS).sqrt());
            for (a, b) in active.iter_mut().zip(inactive) {
                let (mean, apart) = (s * (*a + *b), t * (*a - *b));
                (*a, *b) = (mean + apart, mean - apart);
            }
        }
        self
    }

    /// AUs in row order.
    pub fn aus(&self) -> &[Au] {
        &self.aus
    }

    /// d: width of the vectors.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Emotions and their vectors.
    pub fn emotions(&self) -> &[EmotionText] {
        &self.emotions
    }

    /// The vectors of the AUs on a device.
    pub fn tensors(&self, device: &Device) -> TextTensors {
        let tensor =
            |rows: &Vec<f32>| Tensor::from_data(TensorData::new(rows.clone(), [self.aus.len(), self.width]), device);
        TextTensors { active: tensor(&self.active), inactive: tensor(&self.inactive) }
    }

    /// The emotion vectors on a device: `[E, d]`.
    pub fn emotion_tensor(&self, device: &Device) -> Tensor<2> {
        let rows: Vec<f32> = self.emotions.iter().flat_map(|emotion| emotion.vector.iter().copied()).collect();
        Tensor::from_data(TensorData::new(rows, [self.emotions.len(), self.width]), device)
    }
}

/// Rows of one tensor of the built-in vectors.
fn built_in_rows(file: &SafeTensors, name: &str) -> Vec<Vec<f32>> {
    let view = file.tensor(name).expect("the built-in vectors are tested");
    let float = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().expect("four bytes"));
    let values: Vec<f32> = view.data().chunks_exact(4).map(float).collect();
    values.chunks_exact(view.shape()[1]).map(<[f32]>::to_vec).collect()
}

/// Unit vector along the mean of unit vectors.
fn mean_direction(vectors: &[Vec<f32>]) -> Result<Vec<f32>, ModelError> {
    let width = vectors.first().map_or(0, Vec::len);
    let mut mean = vec![0.0; width];
    for vector in vectors {
        check_width("text vector", vector.len(), width)?;
        let length = length(vector);
        mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value / length);
    }
    let length = length(&mean);
    Ok(mean.into_iter().map(|value| value / length).collect())
}

fn length(vector: &[f32]) -> f32 {
    vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE)
}

fn check_width(what: &str, got: usize, expected: usize) -> Result<(), ModelError> {
    if got == expected {
        return Ok(());
    }
    Err(ModelError::Shape { what: what.to_owned(), expected: vec![expected], got: vec![got] })
}

#[cfg(test)]
mod tests {
    use super::super::sentences::PROMPTS;
    use super::*;

    #[test]
    fn every_au_and_emotion_has_unit_vectors_built_in() {
        let text = TextFeatures::built_in(&Au::ALL).unwrap();
        assert_eq!((text.width(), text.emotions().len()), (384, 7));
        let emotions = text.emotions.iter().flat_map(|emotion| emotion.vector.chunks(384));
        for row in text.active.chunks(384).chain(text.inactive.chunks(384)).chain(emotions) {
            assert!((length(row) - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn the_built_in_vectors_were_made_from_these_prompts() {
        let (_, header) = SafeTensors::read_metadata(SENTENCE_VECTORS).unwrap();
        assert_eq!(header.metadata().as_ref().unwrap()["prompts"], PROMPTS, "run reference/prompt_vectors.py");
    }

    #[test]
    fn states_set_apart_are_unit_vectors_at_right_angles_in_the_plane_of_the_words() {
        let text = TextFeatures::built_in(&Au::ALL).unwrap();
        let apart = text.clone().with_states_apart();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        for row in 0..Au::ALL.len() {
            let of = |values: &[f32]| values[row * text.width()..][..text.width()].to_vec();
            let [a, b] = [of(&apart.active), of(&apart.inactive)];
            let [words, denial] = [of(&text.active), of(&text.inactive)];
            assert!(dot(&a, &b).abs() < 1e-5 && (dot(&a, &a) - 1.0).abs() < 1e-5 && (dot(&b, &b) - 1.0).abs() < 1e-5);
            // both are moved alike, and nothing of the words lies outside of the plane
            assert!((dot(&a, &words) - dot(&b, &denial)).abs() < 1e-5 && dot(&a, &words) > 0.7);
            assert!((dot(&words, &a).powi(2) + dot(&words, &b).powi(2) - 1.0).abs() < 1e-5);
        }
        assert_eq!(apart.emotions, text.emotions);
    }
}
