//! What comes with a request, read so that what is wrong with it is told as everything else is.

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::super::fault::Fault;

/// A body of JSON.
pub(super) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        let bytes = axum::body::Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|error| Fault::wrong("a body that is whole and not too long", error.body_text()))?;
        let wrong = |error: serde_json::Error| Fault::wrong("the JSON that /openapi.json describes", error.to_string());
        serde_json::from_slice(&bytes).map(Self).map_err(wrong)
    }
}

/// What stands behind the question mark of an address.
pub(super) struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        let wrong = |error: axum::extract::rejection::QueryRejection| {
            Fault::wrong("the parameters that /openapi.json describes", error.body_text())
        };
        Query::from_request_parts(parts, state).await.map(|Query(asked)| Self(asked)).map_err(wrong)
    }
}
