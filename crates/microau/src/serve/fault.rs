//! What a request is answered when it cannot be done: what went wrong, what was expected and got, and what to do.

use std::io;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::detect::DetectError;

/// The error of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Fault {
    /// The status of HTTP; it is not in the body.
    #[serde(skip)]
    #[schema(ignore)]
    status: u16,
    /// What went wrong, in one line.
    pub message: String,
    /// What was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was got.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// What the user can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The body of an answer that is an error.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FaultBody {
    /// The error.
    error: Fault,
}

/// What to do when a disk is full.
const FULL_HINT: &str = "delete films that are no longer needed, or make room on the disk, then try again; nothing that \
                         was saved before is lost";

impl Fault {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status: status.as_u16(), message: message.into(), expected: None, found: None, hint: None }
    }

    /// There is no such thing.
    pub fn missing(what: &str) -> Self {
        let hint = "it may have been deleted, also from another tab; load the page again";
        Self::new(StatusCode::NOT_FOUND, format!("there is no such {what}")).hint(hint)
    }

    /// The request itself is wrong.
    pub fn wrong(expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        let message = format!("expected {expected}, got {found}");
        Self { expected: Some(expected), found: Some(found), ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// It cannot be done as things stand.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// The disk has no room.
    pub fn disk_full() -> Self {
        Self::new(StatusCode::INSUFFICIENT_STORAGE, "the disk is full").hint(FULL_HINT)
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Of a detection that failed, without the path of an upload, which is nobody's business.
    pub fn of_detect(error: &DetectError, path: &str, name: &str) -> Self {
        if let DetectError::Write { source, .. } = error
            && is_full(source)
        {
            return Self::disk_full();
        }
        let told = Self::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string().replace(path, name));
        Self { hint: error.hint().map(|hint| hint.replace(path, name)), ..told }
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Whether an error says that there is no room for more.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error {
            error if is_full(&error) => Self::disk_full(),
            error if error.kind() == io::ErrorKind::NotFound => Self::missing("file"),
            error => {
                let message = format!("could not read or write in the folder of data ({error})");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
            }
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) {
            return Self::disk_full();
        }
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the database could not do it ({error})"))
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("a file of results is damaged ({error})"))
            .hint("run the job again")
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        (self.status(), Json(FaultBody { error: self })).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_as_one_whoever_noticed() {
        let error = std::io::Write::write_all(&mut std::fs::File::create("/dev/full").unwrap(), b"x").unwrap_err();
        let of_detect = DetectError::Write { source: io::Error::from_raw_os_error(28), path: "a".into() };
        let of_sqlite = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL), None);
        for fault in [Fault::from(error), Fault::of_detect(&of_detect, "a", "b"), Fault::from(of_sqlite)] {
            assert_eq!(fault, Fault::disk_full());
            assert_eq!(fault.status(), StatusCode::INSUFFICIENT_STORAGE);
        }
    }

    #[test]
    fn an_error_of_a_film_names_it_as_the_user_does() {
        let error = DetectError::NoFace { frames: 3, input: "/data/films/00ff/film".to_owned() };
        let fault = Fault::of_detect(&error, "/data/films/00ff/film", "my film.mp4");
        assert_eq!(fault.message, "found no face in 3 frames: my film.mp4");
    }
}
