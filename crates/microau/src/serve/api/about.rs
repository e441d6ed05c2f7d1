//! What the server is, and what it knows.

use axum::Json;
use axum::extract::State as From;
use microau_core::au::Au;
use serde::Serialize;
use utoipa::ToSchema;

use super::Shared;
use crate::detect::output::Format;

/// What the server is.
#[derive(Serialize, ToSchema)]
pub(super) struct About {
    /// Version of the program.
    version: &'static str,
    /// Folder of data.
    data_dir: String,
    /// Whether there is a token.
    has_token: bool,
    /// Most bytes of one upload.
    max_upload: u64,
    /// Most minutes of work on one job.
    max_minutes: u64,
    /// All action units that can be annotated.
    units: Vec<UnitName>,
    /// Formats of movements.
    formats: Vec<&'static str>,
}

/// An action unit in words.
#[derive(Serialize, ToSchema)]
pub(super) struct UnitName {
    /// `AU12`.
    #[schema(value_type = String)]
    au: Au,
    /// Its number in FACS.
    number: u8,
    /// `lip corner puller`.
    name: &'static str,
    /// `pulling the corners of the lips`.
    phrase: &'static str,
}

/// What the server is, and what it knows
#[utoipa::path(get, path = "/api/about", tag = "server", responses((status = 200, body = About)))]
pub(super) async fn about(From(state): Shared) -> Json<About> {
    let unit = |au: Au| UnitName { au, number: au.number(), name: au.name(), phrase: au.phrase() };
    let settings = &state.settings;
    Json(About {
        version: env!("CARGO_PKG_VERSION"),
        data_dir: state.folders.root().display().to_string(),
        has_token: settings.token.is_some(),
        max_upload: settings.max_upload(),
        max_minutes: settings.max_minutes,
        units: Au::ALL.map(unit).into(),
        formats: Format::ALL.iter().map(|format| format.name()).collect(),
    })
}
