//! What of the visual tower is trained (method §9).

use std::fmt;
use std::str::FromStr;

use burn::module::Module;
use serde::{Deserialize, Serialize};

use super::error::ClipError;
use super::lora::QueryValueLora;
use super::visual::VisualTower;
use crate::draw::Draw;

/// Which part of the visual tower learns. In settings: `heads`, `last:N`, `lora:R`, `all`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Tune {
    /// Nothing: the tower is frozen and only what stands on it learns.
    #[default]
    Heads,
    /// The last so many blocks that lead to the patch tokens.
    Last(usize),
    /// Low-rank adapters of this rank on query and value of every block that leads to the patch tokens.
    Lora(usize),
    /// Everything.
    All,
}

impl VisualTower {
    /// The tower with gradients where `tune` wants them and nowhere else. Blocks behind the patch tokens never learn
    /// from them, so `last:N` counts back from the block where patch tokens are taken.
    ///
    /// Adapters are parameters of their own: a checkpoint of an adapted tower is loaded into a tower adapted alike,
    /// or saved after [`merge_lora`](Self::merge_lora).
    ///
    /// `seed` draws the adapters; without adapters it has no effect.
    ///
    /// # Errors
    /// [`ClipError::Size`] for more blocks than there are, or a rank of zero or above the width.
    pub fn tuned(self, tune: Tune, seed: u64) -> Result<Self, ClipError> {
        let tower = self.set_require_grad(tune == Tune::All);
        match tune {
            Tune::Heads | Tune::All => Ok(tower),
            Tune::Last(count) => tower.with_last_trained(count),
            Tune::Lora(rank) => tower.with_lora(rank, seed),
        }
    }

    /// The tower with its adapters folded into the projections: the same outputs, one product less.
    pub fn merge_lora(mut self) -> Self {
        for block in &mut self.blocks {
            if let Some(lora) = block.attention.lora.take() {
                block.attention.qkv = lora.merged_into(block.attention.qkv.clone());
            }
        }
        self
    }

    fn with_last_trained(mut self, count: usize) -> Result<Self, ClipError> {
        let depth = self.patch_depth();
        let first = depth.checked_sub(count).ok_or_else(|| ClipError::Size {
            field: "tune last",
            expected: format!("at most the {depth} blocks before the patch tokens"),
            got: count,
        })?;
        for block in &mut self.blocks[first..depth] {
            *block = block.clone().set_require_grad(true);
        }
        Ok(self)
    }

    fn with_lora(mut self, rank: usize, seed: u64) -> Result<Self, ClipError> {
        let width = self.config.width;
        if rank == 0 || rank > width {
            return Err(ClipError::Size { field: "tune lora", expected: format!("a rank of 1 to {width}"), got: rank });
        }
        let depth = self.patch_depth();
        let device = self.positions.val().device();
        let draw = &mut Draw::new(seed);
        for block in &mut self.blocks[..depth] {
            block.attention.lora = Some(QueryValueLora::init(width, rank, draw, &device));
        }
        Ok(self)
    }
}

impl fmt::Display for Tune {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Heads => write!(f, "heads"),
            Self::Last(count) => write!(f, "last:{count}"),
            Self::Lora(rank) => write!(f, "lora:{rank}"),
            Self::All => write!(f, "all"),
        }
    }
}

impl FromStr for Tune {
    type Err = ClipError;

    fn from_str(text: &str) -> Result<Self, ClipError> {
        let number = |text: &str| text.parse().ok();
        let tune = match text.split_once(':') {
            None if text == "heads" => Some(Self::Heads),
            None if text == "all" => Some(Self::All),
            Some(("last", count)) => number(count).map(Self::Last),
            Some(("lora", rank)) => number(rank).map(Self::Lora),
            _ => None,
        };
        tune.ok_or_else(|| ClipError::UnknownTune { got: text.into() })
    }
}

impl TryFrom<String> for Tune {
    type Error = ClipError;

    fn try_from(text: String) -> Result<Self, ClipError> {
        text.parse()
    }
}

impl From<Tune> for String {
    fn from(tune: Tune) -> Self {
        tune.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_reads_back_as_it_is_written() {
        for tune in [Tune::Heads, Tune::Last(2), Tune::Lora(8), Tune::All] {
            assert_eq!(tune.to_string().parse::<Tune>().unwrap(), tune);
        }
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        for text in ["", "last", "last:", "last:x", "lora:-1", "some", "all:3"] {
            let told = text.parse::<Tune>().unwrap_err().to_string();
            assert_eq!(told, format!("expected heads, last:N, lora:R or all, got `{text}`"));
        }
    }
}
