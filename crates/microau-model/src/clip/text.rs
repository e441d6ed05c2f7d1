//! CLIP's text tower: token ids → one embedding.
//!
//! ```text
//! x₀ = tokens + positions
//! x_n = Block_n(x_{n−1})                 causal: a token sees those before it
//! embedding = LN(x_L)[end of text] W_proj
//! ```

use burn::module::{Module, Param};
use burn::nn::LayerNorm;
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::block::Block;
use super::config::{EndOfText, TextConfig};
use super::error::ClipError;

/// A causal transformer over token ids as CLIP has it.
#[derive(Module, Debug)]
pub struct TextTower {
    /// [vocabulary, D]
    pub(super) token_embedding: Param<Tensor<2>>,
    /// [context, D]
    pub(super) positions: Param<Tensor<2>>,
    pub(super) blocks: Vec<Block>,
    pub(super) norm_out: LayerNorm,
    /// [D, d]
    pub(super) projection: Param<Tensor<2>>,
    #[module(skip)]
    pub(super) config: TextConfig,
}

impl TextTower {
    /// The sizes of this tower.
    pub fn config(&self) -> &TextConfig {
        &self.config
    }

    /// The device that the weights are on.
    pub fn device(&self) -> Device {
        self.positions.val().device()
    }

    /// Embeddings of several texts, not normalised.
    ///
    /// # Shapes
    /// - texts: N lists of token ids, start and end of text included, padded or not
    /// - returns: [N, d]
    ///
    /// # Errors
    /// [`ClipError::TextTooLong`] or [`ClipError::Token`] naming the text.
    pub fn embed(&self, texts: &[Vec<u32>]) -> Result<Tensor<2>, ClipError> {
        let ends = self.ends_of_text(texts)?;
        let vectors = self.token_vectors(texts)?;
        Ok(self.embed_vectors(vectors, &ends))
    }

    /// Where each text ends: the place of the token that carries its embedding.
    ///
    /// # Errors
    /// [`ClipError::Token`] for a text without tokens or without its end.
    pub fn ends_of_text(&self, texts: &[Vec<u32>]) -> Result<Vec<usize>, ClipError> {
        let rule = self.config.end_of_text;
        let end = |(index, ids): (usize, &Vec<u32>)| {
            end_of_text(ids, rule).ok_or_else(|| ClipError::Token {
                index,
                expected: "an end-of-text token".into(),
                got: format!("{} tokens without it", ids.len()),
            })
        };
        texts.iter().enumerate().map(end).collect()
    }

    /// The vectors of the tokens, before positions are added; shorter texts are filled up with token 0,
    /// which nothing before it can see.
    ///
    /// # Shapes
    /// - texts: N lists of token ids
    /// - returns: [N, T, D], T = the longest text
    ///
    /// # Errors
    /// [`ClipError::TextTooLong`] or [`ClipError::Token`] naming the text.
    pub fn token_vectors(&self, texts: &[Vec<u32>]) -> Result<Tensor<3>, ClipError> {
        self.check(texts)?;
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        let mut ids = Vec::with_capacity(texts.len() * longest);
        for text in texts {
            ids.extend(text.iter().map(|&id| i64::from(id)));
            ids.resize(ids.len() + longest - text.len(), 0);
        }
        let count = ids.len();
        let ids = Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), &self.device());
        let vectors = self.token_embedding.val().select(0, ids); // [N·T, D]
        Ok(vectors.reshape([texts.len(), longest, self.config.width]))
    }

    /// The vectors of single tokens, `[N]` ids below `vocabulary` → [N, D].
    pub(crate) fn embeddings_of(&self, ids: &[u32]) -> Tensor<2> {
        let ids = TensorData::new(ids.iter().map(|&id| i64::from(id)).collect::<Vec<_>>(), [ids.len()]);
        self.token_embedding.val().select(0, Tensor::<1, Int>::from_data(ids, &self.device()))
    }

    /// Embeddings of texts whose token vectors are given: the way in for learned context vectors.
    ///
    /// # Shapes
    /// - vectors: [N, T, D], T at most `context`
    /// - ends: N places in 0..T
    /// - returns: [N, d]
    ///
    /// # Panics
    /// When T exceeds `context`.
    pub fn embed_vectors(&self, vectors: Tensor<3>, ends: &[usize]) -> Tensor<2> {
        let [count, tokens, width] = vectors.dims();
        let positions = self.positions.val().narrow(0, 0, tokens); // [T, D]
        let x = vectors + positions.unsqueeze();
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        let rows = ends.iter().enumerate().map(|(text, end)| (text * tokens + end) as i64);
        let rows = TensorData::new(rows.collect::<Vec<_>>(), [count]);
        let rows = Tensor::<1, Int>::from_data(rows, &x.device());
        let pooled = x.reshape([count * tokens, width]).select(0, rows); // [N, D]
        self.norm_out.forward(pooled).matmul(self.projection.val())
    }

    fn check(&self, texts: &[Vec<u32>]) -> Result<(), ClipError> {
        let TextConfig { context, vocabulary, .. } = self.config;
        for (index, ids) in texts.iter().enumerate() {
            if ids.len() > context {
                let got = ids.len();
                return Err(ClipError::TextTooLong { index, context, got });
            }
            if let Some(id) = ids.iter().find(|&&id| id as usize >= vocabulary) {
                return Err(ClipError::Token {
                    index,
                    expected: format!("token ids below {vocabulary}"),
                    got: id.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// The first token that the rule points at.
fn end_of_text(ids: &[u32], rule: EndOfText) -> Option<usize> {
    let wanted = match rule {
        EndOfText::Id(id) => id,
        EndOfText::LargestId => *ids.iter().max()?,
    };
    ids.iter().position(|&id| id == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_largest_ids_ends_the_text() {
        assert_eq!(end_of_text(&[9, 3, 10, 10, 10], EndOfText::LargestId), Some(2));
        assert_eq!(end_of_text(&[9, 3, 2, 10, 10], EndOfText::Id(2)), Some(2));
        assert_eq!(end_of_text(&[9, 3], EndOfText::Id(2)), None);
        assert_eq!(end_of_text(&[], EndOfText::LargestId), None);
    }
}
