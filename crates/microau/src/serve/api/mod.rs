//! The interface for programs, a file a kind of thing, and the page, which uses nothing else.

mod about;
mod annotations;
mod events;
mod exports;
mod extract;
mod films;
mod frames;
mod jobs;
mod models;
mod page;
mod session;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::State;
use super::fault::Fault;

/// Most bytes of a body that is no upload.
const MOST_BODY: usize = 32 << 20;

/// The state that handlers are given.
type Shared = axum::extract::State<Arc<State>>;

/// Head of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Micro-AU",
        description = "Facial action units and micro-expressions of films: upload, follow, look, correct, export. \
                       Errors are {\"error\":{\"message\",\"expected\",\"found\",\"hint\"}}. With a token, send \
                       Authorization: Bearer TOKEN. Frames are counted from 0."
    ),
    tags(
        (name = "films", description = "What was uploaded"),
        (name = "jobs", description = "Models that look at films"),
        (name = "frames", description = "What every frame shows"),
        (name = "annotations", description = "What people say of movements"),
        (name = "exports", description = "Results and corrections in all formats"),
        (name = "models", description = "Models that can be asked"),
        (name = "server", description = "The server itself")
    )
)]
struct Document;

/// All routes, and the document that describes those of the interface.
pub(super) fn router(state: &Arc<State>) -> Router {
    let small = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(about::about))
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(films::list))
        .routes(routes!(films::one, films::change, films::delete))
        .routes(routes!(jobs::add))
        .routes(routes!(jobs::one))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::retry))
        .routes(routes!(jobs::report))
        .routes(routes!(events::all))
        .routes(routes!(events::of_job))
        .routes(routes!(frames::index))
        .routes(routes!(frames::picture))
        .routes(routes!(frames::faces))
        .routes(routes!(frames::curves))
        .routes(routes!(annotations::read, annotations::save))
        .routes(routes!(exports::export))
        .routes(routes!(exports::training))
        .routes(routes!(exports::comparison))
        .routes(routes!(models::list))
        .routes(routes!(models::delete))
        .layer(DefaultBodyLimit::max(MOST_BODY));
    let uploads = OpenApiRouter::new()
        .routes(routes!(upload::film))
        .routes(routes!(models::upload))
        .layer(DefaultBodyLimit::disable());
    let (router, document) = small.merge(uploads).with_state(state.clone()).split_for_parts();
    let document = document.to_pretty_json().expect("the document is JSON");
    let json = [(header::CONTENT_TYPE, "application/json")];
    router
        .route("/openapi.json", get(async move || (json, document)))
        .merge(page::router())
        .method_not_allowed_fallback(async || Fault::new(StatusCode::METHOD_NOT_ALLOWED, "this cannot be done here"))
        .fallback(async || Fault::missing("page"))
}

/// Does what reads files or asks the database away from the threads that answer.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    let broken = |error| Fault::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the program fell over it ({error})"));
    tokio::task::spawn_blocking(work).await.map_err(broken)?
}
