//! Learned context: vectors before the phrase of every prompt, trained through a text tower that itself stays as it is.
//!
//! ```text
//! x   = start, template up to the phrase, v_1 … v_M, phrase and the rest, end      token vectors of one prompt
//! t_k^s = normalise( mean over prompts of normalise( text tower(x) ) )                     // method §5
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | v | `vectors` | [M, W] | context, one for all prompts, AUs and states; W is the width of the text tower |
//! | x | | [N, T, W] | N prompts, T tokens the longest |
//! | t | | [K, d] | one unit vector for each AU and state |
//!
//! Every forward pass of training runs the tower over all prompts; a model that is saved keeps what came out of it, and
//! neither context nor tower.
//!
//! Paper silent: the whole of it, after CoOp (Zhou et al. 2022); off unless the setting `context` is over 0.

use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor, TensorData};
use microau_core::au::Au;

use super::features::{EmotionText, TextFeatures, TextTensors};
use super::tokens::{PromptTokens, TokenisedPrompts};
use crate::clip::{ClipError, TextTower};
use crate::error::ModelError;
use crate::head::normalised;
use crate::init::{Init, TOKEN_SPREAD};

/// Context vectors, the text tower they are trained through, and the prompts they stand in.
#[derive(Module, Debug)]
pub struct LearnedContext {
    vectors: Param<Tensor<2>>,
    tower: TextTower,
    #[module(skip)]
    aus: Vec<Au>,
    #[module(skip)]
    emotions: Vec<String>,
    /// Ids of the tokens that the prompts are made of, each once.
    #[module(skip)]
    words: Vec<u32>,
    #[module(skip)]
    active: PromptRows,
    #[module(skip)]
    inactive: PromptRows,
    #[module(skip)]
    of_emotions: PromptRows,
}

/// Prompts of several subjects (AUs or emotions), the same number for each, as rows of a table of token vectors.
#[derive(Clone, Debug)]
struct PromptRows {
    subjects: usize,
    /// `[N, T]` row-major: places in the words, then in the context.
    rows: Vec<i64>,
    /// N places: the end of each prompt.
    ends: Vec<usize>,
}

impl LearnedContext {
    /// `count` random vectors, before the phrases of `prompts`; the same seed gives the same vectors. The tower is frozen.
    ///
    /// # Errors
    /// When `count` is 0, when a prompt with its context is too long for the tower or has tokens it does not know, or when
    /// subjects differ in their number of prompts.
    pub fn new(
        count: usize,
        tower: TextTower,
        prompts: &TokenisedPrompts,
        seed: u64,
    ) -> Result<LearnedContext, ModelError> {
        if count == 0 {
            let (expected, got) = ("at least 1 for a learned context".to_owned(), "0".to_owned());
            return Err(ModelError::Setting { setting: "context", expected, got });
        }
        for rows in [&prompts.active, &prompts.inactive] {
            same_number("AUs with prompts", prompts.aus.len(), rows.len())?;
        }
        let emotions: Vec<_> = prompts.emotions.iter().map(|(_, prompts)| prompts.clone()).collect();
        let groups = [&prompts.active, &prompts.inactive, &emotions];
        let mut words: Vec<u32> = groups.into_iter().flatten().flatten().flat_map(|p| p.ids.clone()).collect();
        words.sort_unstable();
        words.dedup();
        let [active, inactive, of_emotions] = groups.map(|group| PromptRows::new(group, count, &words, &tower));
        let device = &tower.device();
        Ok(LearnedContext {
            vectors: Init::new(seed, device).normal([count, tower.config().width], TOKEN_SPREAD),
            tower: tower.no_grad(),
            aus: prompts.aus.clone(),
            emotions: prompts.emotions.iter().map(|(name, _)| name.clone()).collect(),
            words,
            active: active?,
            inactive: inactive?,
            of_emotions: of_emotions?,
        })
    }

    /// M: number of context vectors.
    pub fn count(&self) -> usize {
        self.vectors.dims()[0]
    }

    /// The text vectors of the AUs, with gradients to the context.
    pub fn tensors(&self) -> TextTensors {
        let table = self.table();
        TextTensors { active: self.encode(&self.active, &table), inactive: self.encode(&self.inactive, &table) }
    }

    /// The text vectors as plain numbers, those of the emotions among them: what a checkpoint keeps.
    pub fn features(&self) -> TextFeatures {
        let table = self.table();
        let rows = |prompts: &PromptRows| -> Vec<f32> {
            let vectors = (prompts.subjects > 0).then(|| self.encode(prompts, &table));
            vectors.map_or(Vec::new(), |vectors| vectors.try_into_vec_as().expect("text vectors are floats"))
        };
        let width = self.tower.config().embed_width;
        let emotions = rows(&self.of_emotions);
        let emotions = self.emotions.iter().zip(emotions.chunks_exact(width));
        let emotions = emotions.map(|(name, vector)| EmotionText { name: name.clone(), vector: vector.to_vec() });
        TextFeatures::from_rows(&self.aus, width, [rows(&self.active), rows(&self.inactive)], emotions.collect())
    }

    /// The vectors of all words, then the context: `[U + M, W]`.
    fn table(&self) -> Tensor<2> {
        let words = self.tower.embeddings_of(&self.words);
        Tensor::cat(vec![words, self.vectors.val()], 0)
    }

    /// Prompts → one unit vector for each subject: `[K, d]`.
    fn encode(&self, prompts: &PromptRows, table: &Tensor<2>) -> Tensor<2> {
        let PromptRows { subjects, rows, ends } = prompts;
        let (count, width) = (ends.len(), table.dims()[1]);
        let places = int(rows.clone(), &table.device());
        let x = table.clone().select(0, places).reshape([count, rows.len() / count, width]); // method §5
        let by_prompt = normalised(self.tower.embed_vectors(x, ends)); // [N, d]
        let [_, width] = by_prompt.dims();
        let mean = by_prompt.reshape([*subjects, count / subjects, width]).mean_dim(1).squeeze_dim::<2>(1);
        normalised(mean) // method §5
    }
}

impl PromptRows {
    fn new(
        subjects: &[Vec<PromptTokens>],
        context: usize,
        words: &[u32],
        tower: &TextTower,
    ) -> Result<PromptRows, ModelError> {
        let each = subjects.first().map_or(0, Vec::len).max(1);
        subjects.iter().try_for_each(|prompts| same_number("prompts of an AU or emotion", each, prompts.len()))?;
        let prompts: Vec<&PromptTokens> = subjects.iter().flatten().collect();
        let ids: Vec<Vec<u32>> = prompts.iter().map(|prompt| prompt.ids.clone()).collect();
        let ends = tower.ends_of_text(&ids)?;
        let longest = ids.iter().map(Vec::len).max().unwrap_or(0) + context;
        let mut rows = Vec::with_capacity(ids.len() * longest);
        for (index, (prompt, &end)) in prompts.iter().zip(&ends).enumerate() {
            fits(index, prompt, end, context, tower)?;
            let place = |id: &u32| words.binary_search(id).map_or(0, |place| place as i64);
            let (before, from_phrase) = prompt.ids.split_at(prompt.phrase_at);
            rows.extend(before.iter().map(place));
            rows.extend((words.len()..words.len() + context).map(|place| place as i64));
            rows.extend(from_phrase.iter().map(place));
            // filled up with any word: nothing before it can see it
            rows.resize((index + 1) * longest, 0);
        }
        Ok(PromptRows { subjects: subjects.len(), rows, ends: ends.iter().map(|end| end + context).collect() })
    }
}

/// Whether a tower can read a prompt with its context, and the phrase lies before the end of the text.
fn fits(index: usize, prompt: &PromptTokens, end: usize, added: usize, tower: &TextTower) -> Result<(), ClipError> {
    let (context, vocabulary) = (tower.config().context, tower.config().vocabulary);
    let got = prompt.ids.len() + added;
    if got > context {
        return Err(ClipError::TextTooLong { index, context, got });
    }
    let token = |expected: String, got: String| Err(ClipError::Token { index, expected, got });
    if let Some(id) = prompt.ids.iter().find(|&&id| id as usize >= vocabulary) {
        return token(format!("token ids below {vocabulary}"), id.to_string());
    }
    if prompt.phrase_at == 0 || prompt.phrase_at > end {
        return token(format!("a phrase at 1 to {end}"), format!("one at {}", prompt.phrase_at));
    }
    Ok(())
}

fn same_number(what: &str, expected: usize, got: usize) -> Result<(), ModelError> {
    if expected == got {
        return Ok(());
    }
    Err(ModelError::Shape { what: what.to_owned(), expected: vec![expected], got: vec![got] })
}

fn int(values: Vec<i64>, device: &Device) -> Tensor<1, Int> {
    let count = values.len();
    Tensor::from_data(TensorData::new(values, [count]), device)
}
