//! The two sets of names under which CLIP weights are published.
//!
//! | what | Hugging Face `CLIPModel` | OpenCLIP |
//! |---|---|---|
//! | blocks | `vision_model.encoder.layers.N.` | `visual.transformer.resblocks.N.` |
//! | query, key, value | `self_attn.{q,k,v}_proj` | `attn.in_proj_weight`, one matrix |
//! | projections | `visual_projection.weight` [d, D] | `visual.proj` [D, d] |

use super::error::ClipError;
use super::weights::WeightFile;

/// Whose names a file uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Hugging Face transformers' `CLIPModel`.
    HuggingFace,
    /// OpenCLIP's `CLIP`, which has OpenAI's own names.
    OpenClip,
}

/// One of the two towers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tower {
    Visual,
    Text,
}

/// Names of one tower's tensors.
pub(super) struct TowerNames {
    /// Before a block's number.
    blocks: &'static str,
    /// The visual class token.
    pub(super) class_token: &'static str,
    /// Patch embedding or token embedding.
    pub(super) embedding: &'static str,
    pub(super) positions: &'static str,
    /// Norm before the blocks, visual only.
    pub(super) norm_in: &'static str,
    pub(super) norm_out: &'static str,
    pub(super) projection: &'static str,
}

/// Names inside one block.
pub(super) struct BlockNames {
    pub(super) norm_attention: &'static str,
    pub(super) out: &'static str,
    pub(super) norm_mlp: &'static str,
    pub(super) up: &'static str,
    pub(super) down: &'static str,
}

impl Layout {
    /// Recognises a file by one tensor that every model of the layout has.
    pub(super) fn of(file: &WeightFile) -> Result<Self, ClipError> {
        for layout in [Self::HuggingFace, Self::OpenClip] {
            let towers = [layout.tower(Tower::Visual), layout.tower(Tower::Text)];
            if towers.iter().any(|names| file.contains(names.embedding)) {
                return Ok(layout);
            }
        }
        let names = file.names();
        Err(ClipError::UnknownLayout {
            others: names.len().saturating_sub(1),
            first: names.into_iter().next().unwrap_or_default(),
            path: file.path().into(),
        })
    }

    pub(super) fn tower(self, tower: Tower) -> TowerNames {
        match (self, tower) {
            (Self::HuggingFace, Tower::Visual) => TowerNames {
                blocks: "vision_model.encoder.layers.",
                class_token: "vision_model.embeddings.class_embedding",
                embedding: "vision_model.embeddings.patch_embedding.weight",
                positions: "vision_model.embeddings.position_embedding.weight",
                norm_in: "vision_model.pre_layrnorm", // sic
                norm_out: "vision_model.post_layernorm",
                projection: "visual_projection.weight",
            },
            (Self::HuggingFace, Tower::Text) => TowerNames {
                blocks: "text_model.encoder.layers.",
                class_token: "",
                embedding: "text_model.embeddings.token_embedding.weight",
                positions: "text_model.embeddings.position_embedding.weight",
                norm_in: "",
                norm_out: "text_model.final_layer_norm",
                projection: "text_projection.weight",
            },
            (Self::OpenClip, Tower::Visual) => TowerNames {
                blocks: "visual.transformer.resblocks.",
                class_token: "visual.class_embedding",
                embedding: "visual.conv1.weight",
                positions: "visual.positional_embedding",
                norm_in: "visual.ln_pre",
                norm_out: "visual.ln_post",
                projection: "visual.proj",
            },
            (Self::OpenClip, Tower::Text) => TowerNames {
                blocks: "transformer.resblocks.",
                class_token: "",
                embedding: "token_embedding.weight",
                positions: "positional_embedding",
                norm_in: "",
                norm_out: "ln_final",
                projection: "text_projection",
            },
        }
    }

    pub(super) fn block(self) -> BlockNames {
        match self {
            Self::HuggingFace => BlockNames {
                norm_attention: "layer_norm1",
                out: "self_attn.out_proj",
                norm_mlp: "layer_norm2",
                up: "mlp.fc1",
                down: "mlp.fc2",
            },
            Self::OpenClip => BlockNames {
                norm_attention: "ln_1",
                out: "attn.out_proj",
                norm_mlp: "ln_2",
                up: "mlp.c_fc",
                down: "mlp.c_proj",
            },
        }
    }
}

impl TowerNames {
    /// What stands before every name of block `index`.
    pub(super) fn block_prefix(&self, index: usize) -> String {
        format!("{}{index}.", self.blocks)
    }
}
