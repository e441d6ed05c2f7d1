//! Who may ask, and what a browser may do with an answer.
//!
//! * The name under which the server is asked must be that of this machine, so that no foreign page reaches it by a name that
//!   it bends to 127.0.0.1 (DNS rebinding). Where others may ask, the token takes this place.
//! * What changes something must come from our own page or from no page at all (cross-site request forgery).
//! * With a token, every question to the interface needs it, as `Authorization: Bearer` or as the cookie of a session.
//! * A browser runs no script and loads nothing but what this server serves, and keeps no picture of a face.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::State;
use super::fault::Fault;

/// What a browser may do with the page.
pub(crate) const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
    connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// Headers of every answer.
const HEADERS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(self), microphone=(), geolocation=()"),
];

/// A router behind the guard.
pub(crate) fn guarded(router: Router, state: &Arc<State>) -> Router {
    router.layer(from_fn_with_state(state.clone(), guard))
}

async fn guard(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let mut response = match refuse(&state, &request) {
        Some(fault) => fault.into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request is not answered.
fn refuse(state: &State, request: &Request) -> Option<Fault> {
    let headers = request.headers();
    let Some(host) = text(headers, &header::HOST) else {
        return Some(Fault::wrong("a request that names its host", "none"));
    };
    let is_shared = state.settings.address().is_ok_and(|address| !address.ip().is_loopback());
    if !is_shared && !is_own_name(host, &state.settings.host) {
        let fault =
            Fault::new(StatusCode::FORBIDDEN, format!("expected to be asked as 127.0.0.1 or localhost, got {host}"));
        return Some(fault.hint("open the address that the server printed when it began"));
    }
    if let Some(fault) = from_elsewhere(headers, host, request.method()) {
        return Some(fault);
    }
    let path = request.uri().path();
    let is_open = !path.starts_with("/api/") || path == "/api/session";
    (!is_open && !is_known(state, headers)).then(|| {
        Fault::new(StatusCode::UNAUTHORIZED, "expected the token of this server, got none or another")
            .hint("sign in on the page, or send the header Authorization: Bearer TOKEN")
    })
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether a host, with or without port, is this machine as it names itself.
fn is_own_name(host: &str, bound: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let is_loopback = name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || name.eq_ignore_ascii_case("localhost") || name.eq_ignore_ascii_case(bound)
}

/// Refuses what a foreign page sent.
fn from_elsewhere(headers: &HeaderMap, host: &str, method: &Method) -> Option<Fault> {
    let refused = |from: &str| {
        let fault = Fault::new(
            StatusCode::FORBIDDEN,
            format!("expected a request from this server's own page, got one from {from}"),
        );
        Some(fault.hint("open the page of this server itself"))
    };
    let site = text(headers, &HeaderName::from_static("sec-fetch-site"));
    let is_page =
        text(headers, &HeaderName::from_static("sec-fetch-mode")) == Some("navigate") && method == Method::GET;
    if let Some(site) = site.filter(|site| !is_page && !matches!(*site, "same-origin" | "none")) {
        return refused(&format!("another site ({site})"));
    }
    let origin = text(headers, &header::ORIGIN)?;
    let own = [format!("http://{host}"), format!("https://{host}")];
    if own.iter().any(|own| own.eq_ignore_ascii_case(origin)) { None } else { refused(origin) }
}

/// Whether a request knows the token, or there is none.
fn is_known(state: &State, headers: &HeaderMap) -> bool {
    let Some(token) = &state.settings.token else { return true };
    let bearer = text(headers, &header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    if bearer.is_some_and(|given| is_token(token, given)) {
        return true;
    }
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(|line| line.split(';')).filter_map(|it| it.trim().split_once('='));
    let (name, session) = (cookie_name(state), session(token));
    cookies.any(|(its, value)| its == name && same(value, &session))
}

/// Whether this is the token, in a time that does not tell how much of it is right.
pub(crate) fn is_token(token: &str, given: &str) -> bool {
    same(token, given)
}

fn same(a: &str, b: &str) -> bool {
    Sha256::digest(a) == Sha256::digest(b)
}

/// What the cookie of a session holds: it comes from the token and does not tell it.
pub(crate) fn session(token: &str) -> String {
    let sum = Sha256::digest(format!("microau session {token}"));
    sum.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Cookies know no ports, so servers of one machine are told apart by name.
pub(crate) fn cookie_name(state: &State) -> String {
    format!("microau-{}", state.settings.port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_its_own() {
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "127.9.9.9", "my-name:3"] {
            assert!(is_own_name(host, "my-name"), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example:8080", "192.168.0.1", "", "[::2]", "localhost.evil"] {
            assert!(!is_own_name(host, "127.0.0.1"), "{host}");
        }
    }

    #[test]
    fn a_session_does_not_tell_the_token() {
        assert_eq!(session("a token").len(), 64);
        assert_ne!(session("a token"), session("a token."));
    }
}
