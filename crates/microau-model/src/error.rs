//! What can go wrong in this crate.

use std::path::PathBuf;

use microau_core::au::Au;

/// An error of the model: bad settings, a batch that does not fit them, or a checkpoint that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A setting has a value that cannot work.
    #[error("setting {setting}: expected {expected}, got {got}")]
    Setting {
        /// Name of the setting, as written in the configuration.
        setting: &'static str,
        /// What would be accepted.
        expected: String,
        /// What was given.
        got: String,
    },

    /// A tensor, plane or list has the wrong shape.
    #[error("{what}: expected shape {expected:?}, got {got:?}")]
    Shape {
        /// The thing that was measured.
        what: String,
        /// Shape expected.
        expected: Vec<usize>,
        /// Shape found.
        got: Vec<usize>,
    },

    /// The input mode needs something that a clip does not have.
    #[error("clip {clip}: expected {needed} for input mode {input}, got none")]
    MissingInput {
        /// Place of the clip in its batch.
        clip: usize,
        /// What is missing: `onset crop`, `later crops` or `flow`.
        needed: &'static str,
        /// The input mode of the model.
        input: String,
    },

    /// The region of an AU lies outside the crop, so that nothing can be seen of it.
    #[error("clip {clip}: the region of {au} covers no patch of the crop")]
    AuWithoutPatch {
        /// The AU.
        au: Au,
        /// Place of the clip in its batch.
        clip: usize,
    },

    /// Text vectors are missing for an AU.
    #[error("no text vectors for {au}: expected them for every AU of the model")]
    AuWithoutText {
        /// The AU.
        au: Au,
    },

    /// Something is wrong with CLIP's towers or their weights.
    #[error(transparent)]
    Clip(#[from] crate::clip::ClipError),

    /// A file of prompts that cannot be read.
    #[error("prompts: {reason}")]
    Prompts {
        /// What the parser said.
        reason: String,
    },

    /// A file that cannot be opened or written.
    #[error("{action} failed: {source}: {}", path.display())]
    Io {
        /// `reading` or `writing`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },

    /// A file that is no checkpoint of this project, or a damaged one.
    #[error("not a Micro-AU checkpoint: expected {expected}, got {got}{}", at(path))]
    Checkpoint {
        /// What a good file has there.
        expected: String,
        /// What this file has.
        got: String,
        /// The file, when it was read from one.
        path: Option<PathBuf>,
    },

    /// A weight that the model needs is not in the file.
    #[error("weight {name}: expected shape {expected:?}, got none in the file")]
    MissingWeight {
        /// Name of the weight.
        name: String,
        /// Its shape in the model.
        expected: Vec<usize>,
    },

    /// A weight in the file that the model does not have.
    #[error("weight {name}: expected no such weight in a model of these settings")]
    UnknownWeight {
        /// Name of the weight.
        name: String,
    },

    /// A weight of another shape than the model needs.
    #[error("weight {name}: expected shape {expected:?}, got {got:?}")]
    WeightShape {
        /// Name of the weight.
        name: String,
        /// Its shape in the model.
        expected: Vec<usize>,
        /// Its shape in the file.
        got: Vec<usize>,
    },
}

fn at(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|path| format!(": {}", path.display())).unwrap_or_default()
}
