//! Text: prompts from `prompts.toml`, and the vectors they become.
//!
//! ```text
//! t_k^s = normalise( mean over prompts of normalise( text tower(template_s(phrase_k)) ) )   // method §5
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | t^act, t^inact | `active`, `inactive` | [K, d] | one unit vector for each AU and state |
//!
//! The vectors are stored in the checkpoint: detection never runs a text tower. Those of `nano` come from a small
//! sentence-embedding model, made once by `reference/prompt_vectors.py`. With a CLIP text tower at hand, some vectors before
//! the phrase may be learned ([`LearnedContext`]); when the model is saved they become plain text vectors too.
//!
//! Paper silent: the words, and the learned context.

mod context;
mod features;
mod sentences;
mod tokens;

pub use context::LearnedContext;
pub use features::{EmotionText, TextFeatures, TextTensors};
pub use sentences::{Prompts, Sentence};
pub use tokens::{PromptTokens, TokenisedPrompts};
