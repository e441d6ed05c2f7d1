//! Who may ask the web application, what a browser may do with its answers, and what the document of its interface says.

#[path = "support/web.rs"]
mod web;

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use microau::serve::{ServeError, ServeSettings, Server};
use serde_json::{Value, json};
use web::{Answer, ask, get, request, send, server};

const TOKEN: &str = "correct horse battery staple";

async fn with(router: &Router, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    ask(router, builder.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn foreign_names_and_foreign_pages_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 0);
    let router = server.router();
    // a name that was bent to this machine
    for host in ["evil.example", "127.0.0.1.evil.example", "192.168.1.2:8080"] {
        for path in ["/", "/api/films", "/openapi.json"] {
            assert_eq!(
                with(&router, "GET", path, &[("host", host)]).await.status,
                StatusCode::FORBIDDEN,
                "{host}{path}"
            );
        }
    }
    for host in ["localhost:9000", "127.0.0.1:8080", "[::1]:8080"] {
        assert_eq!(with(&router, "GET", "/api/films", &[("host", host)]).await.status, StatusCode::OK, "{host}");
    }
    assert_eq!(with(&router, "GET", "/api/films", &[]).await.status, StatusCode::BAD_REQUEST);
    // a page of somebody else
    let host = ("host", "127.0.0.1:8080");
    for foreign in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("origin", "http://127.0.0.1:9999"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for (method, path) in
            [("POST", "/api/films"), ("DELETE", "/api/films/x"), ("GET", "/api/films"), ("POST", "/api/session")]
        {
            assert_eq!(
                with(&router, method, path, &[host, foreign]).await.status,
                StatusCode::FORBIDDEN,
                "{method} {path} {foreign:?}"
            );
        }
    }
    let own = [host, ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")];
    assert_eq!(with(&router, "DELETE", "/api/films/x", &own).await.status, StatusCode::NOT_FOUND);
    // a link from elsewhere may open the page, and no more
    let link = [host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    assert_eq!(with(&router, "GET", "/", &link).await.status, StatusCode::OK);
    assert_eq!(with(&router, "POST", "/api/films", &link).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn with_a_token_nothing_is_told_to_who_does_not_know_it() {
    let folder = tempfile::tempdir().unwrap();
    let settings = ServeSettings {
        jobs: 0,
        token: Some(TOKEN.to_owned()),
        host: "0.0.0.0".to_owned(),
        ..ServeSettings::new(folder.path().to_owned())
    };
    let server = Server::open(settings).unwrap();
    let router = server.router();
    let host = ("host", "lab.example:8080");
    assert_eq!(with(&router, "GET", "/", &[host]).await.status, StatusCode::OK, "the page holds nothing of anybody");
    let document: Value = get(&router, "/openapi.json").await.json();
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|_| path != "/api/session") {
            let answer = with(&router, &method.to_uppercase(), path, &[host]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert!(answer.json()["error"]["hint"].as_str().unwrap().contains("Bearer"));
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked}");
    let bearer = |token: &str| format!("Bearer {token}");
    assert_eq!(
        with(&router, "GET", "/api/films", &[host, ("authorization", &bearer(TOKEN))]).await.status,
        StatusCode::OK
    );
    assert_eq!(
        with(&router, "GET", "/api/films", &[host, ("authorization", &bearer("wrong"))]).await.status,
        StatusCode::UNAUTHORIZED
    );

    // a session for browsers
    let wrong = send(&router, "POST", "/api/session", &json!({ "token": "a guess at the token" })).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.headers.get(header::SET_COOKIE).is_none());
    let signed = send(&router, "POST", "/api/session", &json!({ "token": TOKEN })).await;
    let cookie = signed.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains("horse"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    assert_eq!(with(&router, "GET", "/api/films", &[host, ("cookie", pair)]).await.status, StatusCode::OK);
    assert_eq!(
        with(&router, "GET", "/api/films", &[host, ("cookie", &format!("{pair}0"))]).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[test]
fn other_addresses_than_loopback_are_refused_without_a_token() {
    let folder = tempfile::tempdir().unwrap();
    let settings = ServeSettings { host: "0.0.0.0".to_owned(), ..ServeSettings::new(folder.path().join("data")) };
    let error = Server::open(settings).unwrap_err();
    assert!(matches!(error, ServeError::NeedsToken { .. }), "{error}");
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn a_browser_runs_and_loads_nothing_but_our_own_files() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 0);
    let router = server.router();
    for path in ["/", "/app.js", "/app.css", "/api/films", "/api/films/none", "/nowhere", "/openapi.json"] {
        let headers = get(&router, path).await.headers;
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(
            (&headers[header::X_CONTENT_TYPE_OPTIONS], &headers[header::CACHE_CONTROL]),
            (&"nosniff".parse().unwrap(), &"no-store".parse().unwrap())
        );
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
    }
    let page = get(&router, "/").await.text();
    assert!(!page.contains("style=") && !page.contains("onclick") && !page.contains("http"), "{page}");
    for quoted in page.split('"').filter(|it| it.starts_with('/') && !it.contains(['>', ' ', '\n'])) {
        assert_eq!(get(&router, quoted).await.status, StatusCode::OK, "{quoted}");
    }
}

/// Modules that a script imports, all of which must be served.
#[tokio::test]
async fn every_module_of_the_page_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 0);
    let router = server.router();
    let (mut seen, mut open) = (BTreeSet::new(), vec!["/app.js".to_owned()]);
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let script = get(&router, &path).await;
        assert_eq!(script.status, StatusCode::OK, "{path}");
        let text = script.text();
        assert!(!text.contains("innerHTML") && !text.contains("eval("), "{path}");
        let imports = text.lines().filter(|line| line.starts_with("import ")).filter_map(|line| line.split('"').nth(1));
        open.extend(imports.map(|import| format!("/{}", import.trim_start_matches("./"))));
    }
    assert_eq!(seen.len(), 16);
}

#[tokio::test]
async fn the_document_describes_what_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 0);
    let router = server.router();
    let document = get(&router, "/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/api/films",
        "/api/films/{film}/annotations",
        "/api/films/{film}/export",
        "/api/jobs/{job}/events",
        "/api/models",
        "/api/session",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    // the stream of all that happens has no end
    for (path, methods) in paths.iter().filter(|(path, _)| *path != "/api/events") {
        for (method, operation) in methods.as_object().unwrap() {
            assert!(
                operation["summary"].as_str().is_some_and(|it| !it.is_empty()),
                "{method} {path} says what it does"
            );
            let answer = ask(&router, request(&method.to_uppercase(), path).body(Body::empty()).unwrap()).await;
            assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(answer.status.as_u16() < 500, "{method} {path}: {}", answer.text());
        }
    }
    // every reference leads somewhere
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|it| it.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_as_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 0);
    let router = server.router();
    let nowhere = get(&router, "/nowhere").await;
    assert_eq!((nowhere.status, nowhere.message().as_str()), (StatusCode::NOT_FOUND, "there is no such page"));
    let method = send(&router, "PUT", "/api/films", &json!({})).await;
    assert_eq!(
        (method.status, method.message().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "this cannot be done here")
    );
}
