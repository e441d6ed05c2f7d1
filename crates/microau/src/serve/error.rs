//! Why the web application does not start.

use std::path::PathBuf;

/// Why a server does not start or ends. `Display` is one line; [`ServeError::hint`] says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The name of the host means no address.
    #[error("expected an address of this machine, got {host:?} ({source})")]
    Address {
        /// What the system said.
        source: std::io::Error,
        /// What was given.
        host: String,
    },
    /// Others could reach it and nothing would stop them.
    #[error("expected a token to listen on {host}, which other machines can reach, got none")]
    NeedsToken {
        /// What was given.
        host: String,
    },
    /// A token that is soon guessed.
    #[error("expected a token of {} letters or more, got {letters}", super::settings::LEAST_TOKEN)]
    ShortToken {
        /// How many it has.
        letters: usize,
    },
    /// Nobody can listen there, or somebody does already.
    #[error("could not listen on {address} ({source})")]
    Listen {
        /// What the system said.
        source: std::io::Error,
        /// Address and port.
        address: String,
    },
    /// Another server works in this folder.
    #[error("another microau serve is using the folder: {}", path.display())]
    InUse {
        /// The folder of data.
        path: PathBuf,
    },
    /// The folder of data cannot be used.
    #[error("could not use the folder of data ({source}): {}", path.display())]
    Folder {
        /// What the system said.
        source: std::io::Error,
        /// The folder.
        path: PathBuf,
    },
    /// The database cannot be used.
    #[error("could not use the database ({source}): {}", path.display())]
    Database {
        /// What SQLite said.
        source: rusqlite::Error,
        /// The file.
        path: PathBuf,
    },
    /// A later program wrote the database.
    #[error("expected a database of version {known} or older, got version {got}: {}", path.display())]
    NewerDatabase {
        /// Version that this program knows.
        known: i64,
        /// Version of the file.
        got: i64,
        /// The file.
        path: PathBuf,
    },
    /// The system gives no threads, or the listener broke.
    #[error("the server broke down ({source})")]
    Broken {
        /// What the system said.
        source: std::io::Error,
    },
}

impl ServeError {
    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Address { .. } => {
                "127.0.0.1 is this machine alone; 0.0.0.0 is every network, with --token".to_owned()
            }
            Self::NeedsToken { .. } => {
                "add --token WORDS (or set MICROAU_TOKEN), or leave --host out to serve this machine alone".to_owned()
            }
            Self::ShortToken { .. } => "openssl rand -hex 16 makes a good one".to_owned(),
            Self::Listen { .. } => "another program may use the port: choose one with --port, or 0 for any".to_owned(),
            Self::InUse { .. } => "end the other one, or give this one its own --data-dir".to_owned(),
            Self::Folder { .. } | Self::Database { .. } => "choose a folder of yours with --data-dir".to_owned(),
            Self::NewerDatabase { .. } => "use the newer microau, or another --data-dir".to_owned(),
            Self::Broken { .. } => return None,
        })
    }
}
