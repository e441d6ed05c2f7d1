//! What a CLIP tower is made of: sizes, activation, where its patch tokens are taken.

use serde::{Deserialize, Serialize};

use super::error::ClipError;

/// CLIP's rule for the number of heads: one for every 64 of the width.
pub(super) const HEAD_WIDTH: usize = 64;

/// The non-linearity inside each block's MLP. Weights trained with one are useless with the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `x · σ(1.702 x)`: OpenAI's weights.
    QuickGelu,
    /// `x · Φ(x)`, the exact form: OpenCLIP's LAION weights.
    Gelu,
}

/// The block after which patch tokens are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchBlock {
    /// `LastBut(1)` is the last but one, `LastBut(0)` the last.
    LastBut(usize),
    /// After this many blocks; `After(0)` is what enters the first one.
    After(usize),
}

impl Default for PatchBlock {
    /// The last but one: CLIP's last block leaves patch tokens unsupervised (method §2).
    fn default() -> Self {
        Self::LastBut(1)
    }
}

/// Sizes of a visual tower.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisualConfig {
    /// Side of the square input, px.
    pub image_px: usize,
    /// Side of one square patch, px; divides `image_px`.
    pub patch_px: usize,
    /// Width D of the tokens.
    pub width: usize,
    /// Number of transformer blocks.
    pub layers: usize,
    /// Attention heads H of each block; divides `width`.
    pub heads: usize,
    /// Width inside each block's MLP (CLIP: 4 × `width`).
    pub mlp_width: usize,
    /// Width d of the pooled embedding; `None` for a tower that gives patch tokens only.
    pub embed_width: Option<usize>,
    /// Whether a class token stands before the patches. Without one the pooled embedding is the mean of the patches.
    pub class_token: bool,
    /// Non-linearity of the MLPs.
    pub activation: Activation,
    /// Where the patch tokens are taken.
    #[serde(default)]
    pub patch_block: PatchBlock,
}

impl VisualConfig {
    /// Patches along one side of the image.
    pub fn grid_side(&self) -> usize {
        self.image_px / self.patch_px
    }

    /// Number of patches P.
    pub fn patch_count(&self) -> usize {
        self.grid_side() * self.grid_side()
    }

    /// Number of tokens T: the patches and the class token.
    pub fn token_count(&self) -> usize {
        self.patch_count() + usize::from(self.class_token)
    }

    /// How many blocks run before patch tokens are taken, 0..=`layers`.
    ///
    /// # Errors
    /// [`ClipError::Size`] when the tower has fewer blocks than that.
    pub fn patch_depth(&self) -> Result<usize, ClipError> {
        let (asked, depth) = match self.patch_block {
            PatchBlock::After(blocks) => (blocks, Some(blocks)),
            PatchBlock::LastBut(blocks) => (blocks, self.layers.checked_sub(blocks)),
        };
        depth.filter(|&depth| depth <= self.layers).ok_or_else(|| ClipError::Size {
            field: "patch_block",
            expected: format!("at most the {} blocks there are", self.layers),
            got: asked,
        })
    }

    /// Checks that the sizes fit together.
    ///
    /// # Errors
    /// [`ClipError::Size`] naming the first field that does not fit.
    pub fn validate(&self) -> Result<(), ClipError> {
        positive("patch_px", self.patch_px)?;
        positive("image_px", self.image_px)?;
        divides("patch_px", self.patch_px, "image_px", self.image_px)?;
        transformer_fits(self.width, self.layers, self.heads, self.mlp_width)?;
        if let Some(width) = self.embed_width {
            positive("embed_width", width)?;
        }
        self.patch_depth().map(|_| ())
    }

    /// What every block of this tower must be told.
    pub(super) fn block_shape(&self) -> BlockShape {
        BlockShape {
            width: self.width,
            mlp_width: self.mlp_width,
            heads: self.heads,
            activation: self.activation,
            causal: false,
        }
    }
}

/// Which token of a text carries its embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndOfText {
    /// The first token with the largest id: OpenAI's, OpenCLIP's and Hugging Face's rule for the original weights.
    LargestId,
    /// The first token with this id: Hugging Face's rule for models with added tokens.
    Id(u32),
}

/// Sizes of a text tower.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextConfig {
    /// Number of token ids.
    pub vocabulary: usize,
    /// Longest text in tokens, start and end included (CLIP: 77).
    pub context: usize,
    /// Width of the tokens.
    pub width: usize,
    /// Number of transformer blocks.
    pub layers: usize,
    /// Attention heads of each block; divides `width`.
    pub heads: usize,
    /// Width inside each block's MLP (CLIP: 4 × `width`).
    pub mlp_width: usize,
    /// Width d of the text embedding.
    pub embed_width: usize,
    /// Non-linearity of the MLPs.
    pub activation: Activation,
    /// Which token carries the embedding.
    pub end_of_text: EndOfText,
}

impl TextConfig {
    /// Checks that the sizes fit together.
    ///
    /// # Errors
    /// [`ClipError::Size`] naming the first field that does not fit.
    pub fn validate(&self) -> Result<(), ClipError> {
        positive("vocabulary", self.vocabulary)?;
        positive("context", self.context)?;
        positive("embed_width", self.embed_width)?;
        transformer_fits(self.width, self.layers, self.heads, self.mlp_width)
    }

    /// What every block of this tower must be told.
    pub(super) fn block_shape(&self) -> BlockShape {
        BlockShape {
            width: self.width,
            mlp_width: self.mlp_width,
            heads: self.heads,
            activation: self.activation,
            causal: true,
        }
    }
}

/// What a block must be told besides its weights.
#[derive(Clone, Copy)]
pub(super) struct BlockShape {
    pub(super) width: usize,
    pub(super) mlp_width: usize,
    pub(super) heads: usize,
    pub(super) activation: Activation,
    /// Whether a token sees only itself and those before it.
    pub(super) causal: bool,
}

/// OpenAI's published models, known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preset {
    /// ViT-B/32 at 224 px.
    #[serde(rename = "vit-b-32")]
    VitB32,
    /// ViT-B/16 at 224 px.
    #[serde(rename = "vit-b-16")]
    VitB16,
    /// ViT-L/14 at 224 px.
    #[serde(rename = "vit-l-14")]
    VitL14,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::VitB32, Self::VitB16, Self::VitL14];

    /// The name in settings: `vit-b-32`, `vit-b-16`, `vit-l-14`.
    pub fn name(self) -> &'static str {
        match self {
            Self::VitB32 => "vit-b-32",
            Self::VitB16 => "vit-b-16",
            Self::VitL14 => "vit-l-14",
        }
    }

    /// The preset of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.name() == name)
    }

    /// The repository on the Hugging Face hub, `owner/name`.
    pub fn repo(self) -> &'static str {
        match self {
            Self::VitB32 => "openai/clip-vit-base-patch32",
            Self::VitB16 => "openai/clip-vit-base-patch16",
            Self::VitL14 => "openai/clip-vit-large-patch14",
        }
    }

    /// Sizes of the visual tower.
    pub fn visual(self) -> VisualConfig {
        let (patch_px, width, layers, embed_width) = match self {
            Self::VitB32 => (32, 768, 12, 512),
            Self::VitB16 => (16, 768, 12, 512),
            Self::VitL14 => (14, 1024, 24, 768),
        };
        VisualConfig {
            image_px: 224,
            patch_px,
            width,
            layers,
            heads: width / HEAD_WIDTH,
            mlp_width: 4 * width,
            embed_width: Some(embed_width),
            class_token: true,
            activation: Activation::QuickGelu,
            patch_block: PatchBlock::default(),
        }
    }

    /// Sizes of the text tower.
    pub fn text(self) -> TextConfig {
        let width = if self == Self::VitL14 { 768 } else { 512 };
        TextConfig {
            vocabulary: 49_408,
            context: 77,
            width,
            layers: 12,
            heads: width / HEAD_WIDTH,
            mlp_width: 4 * width,
            embed_width: width,
            activation: Activation::QuickGelu,
            end_of_text: EndOfText::LargestId,
        }
    }
}

fn transformer_fits(width: usize, layers: usize, heads: usize, mlp: usize) -> Result<(), ClipError> {
    positive("width", width)?;
    positive("layers", layers)?;
    positive("heads", heads)?;
    positive("mlp_width", mlp)?;
    divides("heads", heads, "width", width)
}

fn positive(field: &'static str, got: usize) -> Result<(), ClipError> {
    if got > 0 {
        return Ok(());
    }
    Err(ClipError::Size { field, expected: "a positive number".into(), got })
}

fn divides(field: &'static str, part: usize, of: &str, whole: usize) -> Result<(), ClipError> {
    if whole.is_multiple_of(part) {
        return Ok(());
    }
    Err(ClipError::Size { field, expected: format!("a divisor of {of} {whole}"), got: part })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_have_the_published_sizes() {
        let tokens = Preset::ALL.map(|preset| preset.visual().token_count());
        assert_eq!(tokens, [7 * 7 + 1, 14 * 14 + 1, 16 * 16 + 1]);
        let heads = Preset::ALL.map(|preset| preset.visual().heads);
        assert_eq!(heads, [12, 12, 16]);
        for preset in Preset::ALL {
            assert!(preset.visual().validate().is_ok());
            assert!(preset.text().validate().is_ok());
            assert_eq!(Preset::from_name(preset.name()), Some(preset));
        }
    }

    #[test]
    fn patch_tokens_come_after_the_last_but_one_block_by_default() {
        let config = Preset::VitB16.visual();
        assert_eq!(config.patch_depth().unwrap(), 11);
    }

    #[test]
    fn a_patch_block_past_the_last_is_refused() {
        for patch_block in [PatchBlock::After(13), PatchBlock::LastBut(13)] {
            let config = VisualConfig { patch_block, ..Preset::VitB16.visual() };
            let told = config.validate().unwrap_err().to_string();
            assert_eq!(told, "`patch_block`: expected at most the 12 blocks there are, got 13");
        }
    }

    #[test]
    fn heads_that_do_not_divide_the_width_are_refused() {
        let config = VisualConfig { heads: 5, ..Preset::VitB16.visual() };
        let told = config.validate().unwrap_err().to_string();
        assert_eq!(told, "`heads`: expected a divisor of width 768, got 5");
    }
}
