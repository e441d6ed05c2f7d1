//! What can go wrong when a CLIP model is found, read or asked.

use std::path::PathBuf;

/// Why a CLIP tower could not be loaded, built or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipError {
    /// A weight or configuration file could not be opened or read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file does not start with a safetensors header.
    #[error("expected a safetensors header, got {problem}: {path}\nhint: only .safetensors weights are read; convert .bin or .pt files first", path = path.display())]
    Header {
        /// What is there instead.
        problem: String,
        /// The file.
        path: PathBuf,
    },
    /// The file ends before (or after) its last tensor.
    #[error("expected {expected} bytes, got {got}: {path}\nhint: the file was cut short or damaged; fetch it again", path = path.display())]
    FileLength {
        /// Bytes that the header promises.
        expected: u64,
        /// Bytes on disk.
        got: u64,
        /// The file.
        path: PathBuf,
    },
    /// The tensor names are neither Hugging Face's `CLIPModel` nor OpenCLIP's.
    #[error("expected CLIP tensors (vision_model.* or visual.*), got `{first}` and {others} others: {path}", path = path.display())]
    UnknownLayout {
        /// The first name in the file.
        first: String,
        /// How many more there are.
        others: usize,
        /// The file.
        path: PathBuf,
    },
    /// A tensor that the layout asks for is not in the file.
    #[error("expected tensor `{name}`, got none: {path}", path = path.display())]
    MissingTensor {
        /// Its published name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// A tensor has another shape than the rest of the model asks for.
    #[error("tensor `{name}`: expected shape {expected:?}, got {got:?}: {path}", path = path.display())]
    TensorShape {
        /// Its published name.
        name: String,
        /// What the rest of the model asks for.
        expected: Vec<usize>,
        /// What the file holds.
        got: Vec<usize>,
        /// The file.
        path: PathBuf,
    },
    /// A tensor holds numbers of a kind that is not read.
    #[error("tensor `{name}`: expected F32, F16 or BF16, got {got}: {path}", path = path.display())]
    TensorType {
        /// Its published name.
        name: String,
        /// The kind in the file.
        got: String,
        /// The file.
        path: PathBuf,
    },
    /// The configuration beside the weights cannot be used.
    #[error("`{field}`: expected {expected}, got {got}: {path}", path = path.display())]
    ConfigFile {
        /// The field at fault.
        field: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        got: String,
        /// The file.
        path: PathBuf,
    },
    /// The activation is told neither by a configuration file nor by the settings.
    #[error("expected the activation in a config file or in the settings, got neither: {path}\nhint: OpenAI's weights use quick_gelu, LAION's use gelu; weights alone cannot tell", path = path.display())]
    ActivationUnknown {
        /// The weight file.
        path: PathBuf,
    },
    /// Sizes that do not fit together.
    #[error("`{field}`: expected {expected}, got {got}")]
    Size {
        /// The field at fault.
        field: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        got: usize,
    },
    /// A text has more tokens than the tower has positions.
    #[error("text {index}: expected at most {context} tokens, got {got}")]
    TextTooLong {
        /// Place of the text in the call.
        index: usize,
        /// Positions of the tower.
        context: usize,
        /// Tokens given.
        got: usize,
    },
    /// A text has no tokens, or one without end-of-text, or one outside the vocabulary.
    #[error("text {index}: expected {expected}, got {got}")]
    Token {
        /// Place of the text in the call.
        index: usize,
        /// What is missing.
        expected: String,
        /// What is there.
        got: String,
    },
    /// The model is neither a file nor in the local Hugging Face cache.
    #[error("expected {repo} in the Hugging Face cache, got no weights: {cache}\nhint: fetch it with `hf download {repo}` or give the path of a .safetensors file", cache = cache.display())]
    NotCached {
        /// The repository, `owner/name`.
        repo: String,
        /// The cache folder that was searched.
        cache: PathBuf,
    },
    /// Neither a file, nor a preset, nor `owner/name`.
    #[error("expected a .safetensors file, a preset (vit-b-32, vit-b-16, vit-l-14) or owner/name, got `{got}`")]
    UnknownModel {
        /// What was given.
        got: String,
    },
    /// A `tune` setting that is not one of the four.
    #[error("expected heads, last:N, lora:R or all, got `{got}`")]
    UnknownTune {
        /// What was given.
        got: String,
    },
}
