//! How the web application is run, and what is refused before it starts.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use microau_model::DeviceChoice;

use super::error::ServeError;

/// Fewest letters of a token: what is shorter is guessed.
pub const LEAST_TOKEN: usize = 12;

/// Settings of a [`Server`](super::Server).
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// Name or number of the address to listen on. What is not loopback demands a token.
    pub host: String,
    /// Port to listen on; 0 for any that is free.
    pub port: u16,
    /// Folder of uploads, results, corrections and models; nothing is written anywhere else.
    pub data_dir: PathBuf,
    /// What everybody must know who asks for anything.
    pub token: Option<String>,
    /// Most megabytes (10^6 bytes) of one upload.
    pub max_upload_mb: u64,
    /// Most minutes of work on one job.
    pub max_minutes: u64,
    /// Most megabytes of pictures kept of one film, for looking at it frame by frame.
    pub max_pictures_mb: u64,
    /// Jobs at a time.
    pub jobs: usize,
    /// What models run on.
    pub device: DeviceChoice,
}

impl ServeSettings {
    /// Loopback, port 8080, one job at a time, no token.
    pub fn new(data_dir: PathBuf) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8080,
            data_dir,
            token: None,
            max_upload_mb: 4000,
            max_minutes: 240,
            max_pictures_mb: 2000,
            jobs: 1,
            device: DeviceChoice::Auto,
        }
    }

    /// Where to listen.
    ///
    /// # Errors
    /// [`ServeError::Address`] for a name that is none, [`ServeError::NeedsToken`] for an address that others reach when no token
    /// is set, [`ServeError::ShortToken`].
    pub fn address(&self) -> Result<SocketAddr, ServeError> {
        if let Some(token) = &self.token
            && token.chars().count() < LEAST_TOKEN
        {
            return Err(ServeError::ShortToken { letters: token.chars().count() });
        }
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let wrong = |source| ServeError::Address { source, host: self.host.clone() };
        let address = found.map_err(wrong)?.next();
        let none = || wrong(std::io::Error::new(std::io::ErrorKind::AddrNotAvailable, "the name has no address"));
        let address = address.ok_or_else(none)?;
        if self.token.is_none() && !address.ip().is_loopback() {
            return Err(ServeError::NeedsToken { host: self.host.clone() });
        }
        Ok(address)
    }

    /// Most bytes of one upload.
    pub(super) fn max_upload(&self) -> u64 {
        self.max_upload_mb.saturating_mul(1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(host: &str, token: Option<&str>) -> ServeSettings {
        let token = token.map(str::to_owned);
        ServeSettings { host: host.to_owned(), token, ..ServeSettings::new(PathBuf::from("unused")) }
    }

    #[test]
    fn loopback_needs_no_token_and_any_other_address_does() {
        for host in ["127.0.0.1", "127.0.0.9", "::1", "localhost"] {
            assert!(settings(host, None).address().is_ok(), "{host}");
        }
        for host in ["0.0.0.0", "::", "192.0.2.1"] {
            let error = settings(host, None).address().unwrap_err();
            assert!(matches!(error, ServeError::NeedsToken { .. }), "{error}");
            assert!(error.hint().unwrap().contains("--token"));
            assert!(settings(host, Some("correct horse battery")).address().is_ok(), "{host}");
        }
    }

    #[test]
    fn a_short_token_is_refused_also_on_loopback() {
        let error = settings("127.0.0.1", Some("abc")).address().unwrap_err();
        assert!(matches!(error, ServeError::ShortToken { letters: 3 }), "{error}");
    }
}
