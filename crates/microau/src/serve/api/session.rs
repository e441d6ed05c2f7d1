//! Signing in with the token, for browsers.

use std::time::Duration;

use axum::extract::State as From;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::fault::{Fault, FaultBody};
use super::super::guard::{cookie_name, is_token, session};
use super::Shared;
use super::extract::Body;

/// Time that a wrong token costs whoever guesses.
const PENALTY: Duration = Duration::from_millis(500);

/// What to sign in with.
#[derive(Deserialize, ToSchema)]
pub(super) struct SignIn {
    /// The token that the server was started with.
    token: String,
}

/// Begin a session: the cookie stands for the token
#[utoipa::path(post, path = "/api/session", tag = "server", request_body = SignIn,
    responses((status = 204, description = "signed in"), (status = 401, body = FaultBody)))]
pub(super) async fn sign_in(From(state): Shared, Body(given): Body<SignIn>) -> Result<Response, Fault> {
    let Some(token) = &state.settings.token else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    if !is_token(token, &given.token) {
        tokio::time::sleep(PENALTY).await;
        return Err(Fault::new(StatusCode::UNAUTHORIZED, "this is not the token of this server")
            .hint("it is what stands behind --token where the server was started"));
    }
    let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", cookie_name(&state), session(token));
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

/// End the session
#[utoipa::path(delete, path = "/api/session", tag = "server", responses((status = 204, description = "signed out")))]
pub(super) async fn sign_out(From(state): Shared) -> Response {
    let cookie = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0", cookie_name(&state));
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}
