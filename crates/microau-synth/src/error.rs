//! What can go wrong while clips are generated.

use std::path::PathBuf;

/// Why a clip or a folder of clips could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthError {
    /// A setting lies outside its documented range.
    #[error("setting {name} must be {expected}, got {got}")]
    BadSetting {
        /// Dotted name of the setting, as in the TOML file.
        name: &'static str,
        /// The documented range.
        expected: &'static str,
        /// What was given.
        got: String,
    },
    /// The packed head does not read: a broken build, or a file from another version.
    #[error("packed head: expected {expected}, got {got}")]
    BadAsset {
        /// What the reader looked for.
        expected: String,
        /// What it found.
        got: String,
    },
    /// A portrait of the photo mode cannot be used.
    #[error("portrait {name}: expected {expected}, got {got}")]
    BadPortrait {
        /// Name of the portrait.
        name: String,
        /// What a portrait needs.
        expected: &'static str,
        /// What was found.
        got: String,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A frame could not be encoded.
    #[error("cannot encode frame {}: {source}", path.display())]
    Encode {
        /// The file that was to be written.
        path: PathBuf,
        /// What the encoder said.
        source: image::ImageError,
    },
    /// A folder for a stand-in or for films holds something else.
    #[error("expected an empty folder or one of the same settings, found {found}: {}", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What is there.
        found: String,
    },
    /// A workbook could not be made.
    #[error("cannot make the workbook {}: {source}", path.display())]
    Workbook {
        /// The file.
        path: PathBuf,
        /// What the writer of workbooks said.
        source: rust_xlsxwriter::XlsxError,
    },
}

impl SynthError {
    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Occupied { .. } => Some("name another folder, or remove this one first".to_owned()),
            Self::Write { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Some("make room and run the same command again: what is complete is kept".to_owned())
            }
            Self::BadPortrait { .. } => {
                Some("a portrait shows one neutral, frontal face, at least 200 px wide and whole".to_owned())
            }
            _ => None,
        }
    }
}
