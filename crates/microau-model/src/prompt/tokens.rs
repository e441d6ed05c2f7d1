//! Prompts as token ids, each with the place where its phrase begins.

use microau_core::au::Au;

use super::sentences::{Prompts, Sentence};
use crate::clip::ClipTokenizer;
use crate::error::ModelError;

/// A prompt as a text tower reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptTokens {
    /// Token ids, start and end of text included, not padded.
    pub ids: Vec<u32>,
    /// Place of the first token of the phrase: learned context goes before it.
    pub phrase_at: usize,
}

/// All prompts of a model as token ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenisedPrompts {
    /// AUs in row order.
    pub aus: Vec<Au>,
    /// For each AU the prompts that say it is active.
    pub active: Vec<Vec<PromptTokens>>,
    /// For each AU the prompts that say it is not.
    pub inactive: Vec<Vec<PromptTokens>>,
    /// Each emotion and its prompts.
    pub emotions: Vec<(String, Vec<PromptTokens>)>,
}

impl TokenisedPrompts {
    /// The prompts of some AUs, and those of all emotions.
    ///
    /// # Errors
    /// When an AU has no phrase.
    pub fn new(prompts: &Prompts, aus: &[Au], tokenizer: &ClipTokenizer) -> Result<TokenisedPrompts, ModelError> {
        let all = |sentences: Vec<Sentence>| sentences.iter().map(|sentence| tokens(sentence, tokenizer)).collect();
        let rows = |of: fn(&Prompts, Au) -> Result<Vec<Sentence>, ModelError>| {
            aus.iter().map(|&au| of(prompts, au).map(all)).collect::<Result<Vec<_>, _>>()
        };
        Ok(TokenisedPrompts {
            aus: aus.to_vec(),
            active: rows(Prompts::active)?,
            inactive: rows(Prompts::inactive)?,
            emotions: prompts.emotions().map(|(name, sentences)| (name.to_owned(), all(sentences))).collect(),
        })
    }
}

/// Both parts are encoded by themselves, since the context will part them.
fn tokens(sentence: &Sentence, tokenizer: &ClipTokenizer) -> PromptTokens {
    let mut ids = tokenizer.encode(&sentence.before, usize::MAX);
    ids.pop(); // the end of the text
    let phrase_at = ids.len();
    ids.extend(&tokenizer.encode(&sentence.from_phrase, usize::MAX)[1..]);
    PromptTokens { ids, phrase_at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_prompt_have_the_tokens_of_the_whole() {
        let (prompts, tokenizer) = (Prompts::built_in(), ClipTokenizer::new());
        let tokenised = TokenisedPrompts::new(&prompts, &[Au::Au12], &tokenizer).unwrap();
        for (sentence, tokens) in prompts.active(Au::Au12).unwrap().iter().zip(&tokenised.active[0]) {
            assert_eq!(tokens.ids, tokenizer.encode(&sentence.whole(), 77));
            // "pulling" is one token of CLIP's
            assert_eq!(tokens.ids[tokens.phrase_at], tokenizer.encode("pulling", 77)[1]);
        }
        assert_eq!(tokenised.emotions.len(), 7);
    }
}
