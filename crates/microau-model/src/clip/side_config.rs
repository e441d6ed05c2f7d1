//! The configuration file beside the weights: what tensors cannot tell.
//!
//! | | Hugging Face `config.json` | OpenCLIP `open_clip_config.json` |
//! |---|---|---|
//! | heads | `vision_config.num_attention_heads` | width / `vision_cfg.head_width`, `text_cfg.heads` |
//! | activation | `vision_config.hidden_act` | `quick_gelu` |
//! | end of text | `text_config.eos_token_id` (2: largest id) | largest id |

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::config::{Activation, EndOfText, HEAD_WIDTH};
use super::error::ClipError;
use super::layout::Layout;

/// Hugging Face's mark for "the largest id", kept from the first published configurations.
const LEGACY_EOS: u64 = 2;

/// What a configuration says of one tower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TowerSide {
    pub(super) heads: Option<usize>,
    pub(super) activation: Option<Activation>,
}

/// What a configuration says; every part may be silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SideConfig {
    pub(super) visual: TowerSide,
    pub(super) text: TowerSide,
    pub(super) end_of_text: Option<EndOfText>,
}

impl SideConfig {
    /// Reads the configuration in the folder of the weights; an absent one says nothing.
    pub(super) fn beside(weights: &Path, layout: Layout) -> Result<Self, ClipError> {
        let names: &[&str] = match layout {
            Layout::HuggingFace => &["config.json"],
            Layout::OpenClip => &["open_clip_config.json", "config.json"],
        };
        let paths = names.iter().map(|name| weights.with_file_name(name));
        let Some(path) = paths.into_iter().find(|path| path.is_file()) else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(&path).map_err(|source| ClipError::Read { path: path.clone(), source })?;
        let json = serde_json::from_str(&text).map_err(|problem| ClipError::ConfigFile {
            field: "(file)".into(),
            expected: "JSON",
            got: problem.to_string(),
            path: path.clone(),
        })?;
        Fields { json, path }.side_config()
    }
}

/// A parsed file that can say where a field is wrong.
struct Fields {
    json: Value,
    path: PathBuf,
}

impl Fields {
    fn side_config(&self) -> Result<SideConfig, ClipError> {
        if self.json.get("model_cfg").is_some() {
            return self.open_clip();
        }
        Ok(SideConfig {
            visual: self.hugging_face_tower("/vision_config")?,
            text: self.hugging_face_tower("/text_config")?,
            end_of_text: self.number("/text_config/eos_token_id")?.map(|id| match id {
                LEGACY_EOS => EndOfText::LargestId,
                id => EndOfText::Id(id as u32),
            }),
        })
    }

    fn hugging_face_tower(&self, tower: &str) -> Result<TowerSide, ClipError> {
        // Hugging Face leaves out what equals its defaults: quick_gelu, and heads of 64.
        let silent = self.json.pointer(tower).map(|_| Activation::QuickGelu);
        let field = format!("{tower}/hidden_act");
        let activation = match self.json.pointer(&field).map(Value::as_str) {
            None => silent,
            Some(Some("quick_gelu")) => Some(Activation::QuickGelu),
            Some(Some("gelu")) => Some(Activation::Gelu),
            Some(_) => return Err(self.error(&field, "quick_gelu or gelu")),
        };
        let heads = self.number(&format!("{tower}/num_attention_heads"))?;
        Ok(TowerSide { heads: heads.map(|heads| heads as usize), activation })
    }

    fn open_clip(&self) -> Result<SideConfig, ClipError> {
        let field = "/model_cfg/quick_gelu";
        let activation = match self.json.pointer(field) {
            None | Some(Value::Bool(false)) => Activation::Gelu,
            Some(Value::Bool(true)) => Activation::QuickGelu,
            Some(_) => return Err(self.error(field, "true or false")),
        };
        let head_width = self.number("/model_cfg/vision_cfg/head_width")?;
        let head_width = head_width.unwrap_or(HEAD_WIDTH as u64).max(1);
        let width = self.number("/model_cfg/vision_cfg/width")?;
        let text_heads = self.number("/model_cfg/text_cfg/heads")?;
        let tower =
            |heads: Option<u64>| TowerSide { heads: heads.map(|heads| heads as usize), activation: Some(activation) };
        Ok(SideConfig {
            visual: tower(width.map(|width| width / head_width)),
            text: tower(text_heads),
            end_of_text: None,
        })
    }

    /// A number that may be absent.
    fn number(&self, field: &str) -> Result<Option<u64>, ClipError> {
        match self.json.pointer(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| self.error(field, "a whole number")),
        }
    }

    fn error(&self, field: &str, expected: &'static str) -> ClipError {
        let got = self.json.pointer(field).map(Value::to_string);
        ClipError::ConfigFile {
            field: field.trim_start_matches('/').replace('/', "."),
            expected,
            got: got.unwrap_or_default(),
            path: self.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<SideConfig, ClipError> {
        let fields = Fields { json: serde_json::from_str(json).unwrap(), path: "config.json".into() };
        fields.side_config()
    }

    #[test]
    fn laions_hugging_face_config_means_gelu() {
        let json = r#"{"text_config": {"hidden_act": "gelu", "num_attention_heads": 8, "eos_token_id": 2},
                       "vision_config": {"hidden_act": "gelu", "num_attention_heads": 12}}"#;
        let side = read(json).unwrap();
        assert_eq!(side.visual.activation, Some(Activation::Gelu));
        assert_eq!((side.visual.heads, side.text.heads), (Some(12), Some(8)));
        assert_eq!(side.end_of_text, Some(EndOfText::LargestId));
    }

    #[test]
    fn what_hugging_face_leaves_out_has_its_default() {
        let side = read(r#"{"text_config": {}, "vision_config": {}}"#).unwrap();
        assert_eq!(side.visual.activation, Some(Activation::QuickGelu));
        assert_eq!(side.visual.heads, None);
    }

    #[test]
    fn open_clip_means_gelu_unless_it_says_quick_gelu() {
        let json = r#"{"model_cfg": {"vision_cfg": {"width": 1280, "head_width": 80}, "text_cfg": {"heads": 16}}}"#;
        let side = read(json).unwrap();
        assert_eq!(side.visual.activation, Some(Activation::Gelu));
        assert_eq!((side.visual.heads, side.text.heads), (Some(16), Some(16)));
        let side = read(r#"{"model_cfg": {"quick_gelu": true}}"#).unwrap();
        assert_eq!(side.text.activation, Some(Activation::QuickGelu));
    }

    #[test]
    fn an_activation_that_we_do_not_have_is_refused_by_name() {
        let told = read(r#"{"vision_config": {"hidden_act": "relu"}}"#).unwrap_err();
        assert_eq!(
            told.to_string(),
            "`vision_config.hidden_act`: expected quick_gelu or gelu, got \"relu\": config.json"
        );
    }
}
