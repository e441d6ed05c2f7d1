//! The `[data]` section of the settings: whose clips are learned from, and by which protocol they are judged.

use std::path::PathBuf;

use microau_eval::protocol::Protocol;
use microau_synth::stand_in::StandInSettings;
use serde::{Deserialize, Serialize};

/// A dataset and its protocol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DataSettings {
    /// Indices of clips as `microau data index` writes them, or tables of one's own clips.
    pub index: Vec<PathBuf>,
    /// Folder of the prepared clips, which any runs and indices may share; `prepared/` of the run's folder when missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<PathBuf>,
    /// Who is trained on and who is tested.
    pub protocol: ProtocolName,
    /// Seeds that the whole protocol is run with, one after the other; none is the seed of the run alone.
    pub seeds: Vec<u64>,
    /// Share of the subjects that is tested, for protocol `holdout`.
    pub test_share: f64,
    /// Share of the training subjects that is set apart to watch the fit; nothing is chosen by it.
    pub validation_share: f64,
    /// Whether the weights of every fold are kept.
    pub keep_checkpoints: bool,
    /// Folds that are fitted at the same time; 0 is one a core.
    pub jobs: usize,
    /// A stand-in of a licensed dataset, generated into `stand-in/` of the run's folder or of the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<StandInSettings>,
}

impl Default for DataSettings {
    fn default() -> DataSettings {
        DataSettings {
            index: Vec::new(),
            stand_in: None,
            store: None,
            protocol: ProtocolName::default(),
            seeds: Vec::new(),
            test_share: 0.2,
            validation_share: 0.0,
            keep_checkpoints: true,
            jobs: 0,
        }
    }
}

impl DataSettings {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.index.is_empty() && self.stand_in.is_none() {
            return Err(
                "data.index: expected at least one index of clips (hint: --data INDEX), or data.stand_in".to_owned()
            );
        }
        if !self.index.is_empty() && self.stand_in.is_some() {
            return Err(
                "data.index, data.stand_in: expected one of the two (hint: --data takes the place of both)".to_owned()
            );
        }
        if !(self.test_share > 0.0 && self.test_share < 1.0) {
            return Err(format!("data.test_share: expected above 0 and below 1, got {}", self.test_share));
        }
        if !(0.0..1.0).contains(&self.validation_share) {
            return Err(format!("data.validation_share: expected 0 up to below 1, got {}", self.validation_share));
        }
        let unique: std::collections::BTreeSet<u64> = self.seeds.iter().copied().collect();
        if unique.len() < self.seeds.len() {
            return Err(format!("data.seeds: expected each seed once, got {:?}", self.seeds));
        }
        Ok(())
    }
}

/// A protocol by its name in settings: `loso`, `cd6me`, `composite`, `holdout`, or `none`, which trains on every clip and
/// tests nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ProtocolName {
    /// A protocol with a test side.
    Judged(Protocol),
    /// One model of all clips, to be used.
    None,
}

impl ProtocolName {
    /// The protocol that has a test side, if it is one.
    pub fn judged(self) -> Option<Protocol> {
        match self {
            ProtocolName::Judged(protocol) => Some(protocol),
            ProtocolName::None => None,
        }
    }
}

impl Default for ProtocolName {
    fn default() -> ProtocolName {
        ProtocolName::Judged(Protocol::Loso)
    }
}

impl TryFrom<String> for ProtocolName {
    type Error = String;

    fn try_from(text: String) -> Result<ProtocolName, String> {
        if text == "none" {
            return Ok(ProtocolName::None);
        }
        text.parse().map(ProtocolName::Judged).map_err(|error| format!("{error} (or none, to test nothing)"))
    }
}

impl From<ProtocolName> for String {
    fn from(protocol: ProtocolName) -> String {
        match protocol {
            ProtocolName::Judged(protocol) => protocol.name().to_owned(),
            ProtocolName::None => "none".to_owned(),
        }
    }
}
