//! Asks a server that runs inside the test.

// every test binary uses a part of it
#![allow(dead_code)]

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use microau::serve::{ServeSettings, Server};
use serde_json::Value;
use tower::ServiceExt;

/// What was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The message of an error.
    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// A server in a folder with so many threads that do jobs.
pub fn server(folder: &Path, jobs: usize) -> Server {
    Server::open(ServeSettings { jobs, ..ServeSettings::new(folder.to_owned()) }).unwrap()
}

/// A request as our own page makes it.
pub fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:8080")
}

pub async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, bytes }
}

pub async fn get(router: &Router, path: &str) -> Answer {
    ask(router, request("GET", path).body(Body::empty()).unwrap()).await
}

pub async fn send(router: &Router, method: &str, path: &str, json: &Value) -> Answer {
    let body = Body::from(serde_json::to_vec(json).unwrap());
    ask(router, request(method, path).header(header::CONTENT_TYPE, "application/json").body(body).unwrap()).await
}

/// Parts of a form: name, name of the file where it is one, content.
pub type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

pub async fn upload(router: &Router, path: &str, parts: &[Part<'_>]) -> Answer {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        body.extend_from_slice(
            format!("--border\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--border--\r\n");
    let form = "multipart/form-data; boundary=border";
    ask(router, request("POST", path).header(header::CONTENT_TYPE, form).body(Body::from(body)).unwrap()).await
}

/// Uploads a film; gives back the numbers of the film and of its job.
pub async fn film(router: &Router, name: &str, content: &[u8]) -> (String, String) {
    let answer = upload(router, "/api/films", &[("subject", None, b"anna"), ("file", Some(name), content)]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let film = answer.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&film["id"]), text(&film["jobs"][0]["id"]))
}

/// Waits until a job is over; its state.
pub async fn ended(router: &Router, job: &str) -> Value {
    // the stream of a job ends with it
    let told = get(router, &format!("/api/jobs/{job}/events")).await;
    assert_eq!(told.status, StatusCode::OK);
    get(router, &format!("/api/jobs/{job}")).await.json()
}

/// A short film of a generated face that raises brows and lip corners.
pub fn demo() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/demo.mp4")).unwrap()
}
