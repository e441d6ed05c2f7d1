//! The page: files inside the program, which load nothing from anywhere else.

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::html::HOUSE_STYLE;

/// The scripts of the page.
const SCRIPTS: [(&str, &str); 16] = [
    ("/app.js", include_str!("../../../web/app.js")),
    ("/api.js", include_str!("../../../web/api.js")),
    ("/compare.js", include_str!("../../../web/compare.js")),
    ("/curves.js", include_str!("../../../web/curves.js")),
    ("/dom.js", include_str!("../../../web/dom.js")),
    ("/editor.js", include_str!("../../../web/editor.js")),
    ("/film.js", include_str!("../../../web/film.js")),
    ("/films.js", include_str!("../../../web/films.js")),
    ("/list.js", include_str!("../../../web/list.js")),
    ("/menus.js", include_str!("../../../web/menus.js")),
    ("/notes.js", include_str!("../../../web/notes.js")),
    ("/stage.js", include_str!("../../../web/stage.js")),
    ("/state.js", include_str!("../../../web/state.js")),
    ("/timeline.js", include_str!("../../../web/timeline.js")),
    ("/webcam.js", include_str!("../../../web/webcam.js")),
    ("/words.js", include_str!("../../../web/words.js")),
];

/// The page and what belongs to it. It can be had without a token: it holds nothing of anybody.
pub(super) fn router() -> Router {
    let html = include_str!("../../../web/index.html");
    let icon = include_str!("../../../web/icon.svg");
    let mut router = Router::new()
        .route("/", file("text/html; charset=utf-8", html))
        .route("/icon.svg", file("image/svg+xml", icon))
        .route("/house.css", file("text/css; charset=utf-8", HOUSE_STYLE))
        .route("/app.css", file("text/css; charset=utf-8", include_str!("../../../web/app.css")));
    for (path, script) in SCRIPTS {
        router = router.route(path, file("text/javascript; charset=utf-8", script));
    }
    router
}

fn file(kind: &'static str, text: &'static str) -> axum::routing::MethodRouter {
    get(async move || ([(header::CONTENT_TYPE, kind)], text).into_response())
}
