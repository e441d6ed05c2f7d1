//! Text → CLIP's token ids, behind one file.

use instant_clip_tokenizer::{Token, Tokenizer};

/// CLIP's byte-pair tokenizer with OpenAI's vocabulary of 49,408 tokens.
///
/// Text is lower-cased; letters written with separate accent marks are best composed (NFC) before.
pub struct ClipTokenizer(Tokenizer);

impl ClipTokenizer {
    /// The tokenizer; reading its vocabulary takes some tens of milliseconds, so keep it.
    pub fn new() -> Self {
        Self(Tokenizer::new())
    }

    /// Ids of a text with start (49406) and end (49407), not padded. A longer text is cut to `context` ids, its end kept.
    pub fn encode(&self, text: &str, context: usize) -> Vec<u32> {
        let mut tokens = vec![self.0.start_of_text()];
        self.0.encode(text, &mut tokens);
        tokens.truncate(context.saturating_sub(1));
        tokens.push(self.0.end_of_text());
        tokens.into_iter().map(|token| u32::from(Token::to_u16(token))).collect()
    }
}

impl Default for ClipTokenizer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for ClipTokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClipTokenizer")
    }
}
