//! The interface of the web application, asked without a network: uploads, results, corrections, exports, deletion.

#[path = "support/web.rs"]
mod web;

use std::path::{Path, PathBuf};

use axum::http::{StatusCode, header};
use serde_json::{Value, json};
use web::{demo, ended, film, get, send, server, upload};

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Files in which some bytes stand.
fn holding(folder: &Path, what: &[u8]) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| std::fs::read(path).unwrap().windows(what.len()).any(|it| it == what);
    files(folder).into_iter().filter(holds).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_looked_at_corrected_exported_and_deleted_without_a_trace() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 1);
    let router = server.router();
    let (film, job) = film(&router, "my secret demo.mp4", &demo()).await;
    let job_view = ended(&router, &job).await;
    assert_eq!(job_view["state"], "done", "{job_view}");
    assert_eq!((&job_view["summary"]["frames"], &job_view["summary"]["faces"]), (&json!(30), &json!(1)));

    // what was found streams again to whoever asks later
    let told = get(&router, &format!("/api/jobs/{job}/events")).await.text();
    assert!(told.contains("event: movement") && told.contains("\"state\":\"done\""), "{told}");

    // frames, faces, curves
    let frames = get(&router, &format!("/api/films/{film}/frames")).await.json();
    assert_eq!((&frames["count"], &frames["pictures"], &frames["micros"]), (&json!(30), &json!(30), &Value::Null));
    let picture = get(&router, &format!("/api/films/{film}/frames/29")).await;
    assert_eq!(picture.headers[header::CONTENT_TYPE], "image/jpeg");
    assert!(image::load_from_memory(&picture.bytes).unwrap().width() <= 480);
    assert_eq!(get(&router, &format!("/api/films/{film}/frames/30")).await.status, StatusCode::NOT_FOUND);
    let faces = get(&router, &format!("/api/jobs/{job}/faces?from=10&count=5")).await.json();
    assert_eq!(faces.as_array().unwrap().len(), 5);
    assert_eq!((&faces[0]["frame"], faces[0]["units"].as_array().unwrap().len()), (&json!(10), 12));
    let curves = get(&router, &format!("/api/jobs/{job}/curves?points=15")).await.json();
    assert_eq!(curves[0]["aus"]["AU12"].as_array().unwrap().len(), 15);

    // corrections
    let annotations = format!("/api/films/{film}/annotations");
    let mut notes = get(&router, &annotations).await.json();
    assert_eq!((notes["revision"].clone(), notes["intervals"].as_array().unwrap().len()), (json!(0), 1));
    notes["intervals"][0]["offset"] = json!(25);
    notes["intervals"][0]["aus"]["AU26"] = json!("on");
    notes["intervals"][0]["verdict"] = json!("confirmed");
    notes["intervals"][0]["note"] = json!("a private remark");
    let saved = send(&router, "PUT", &annotations, &notes).await;
    assert_eq!((saved.status, saved.json()["revision"].clone()), (StatusCode::OK, json!(1)));
    let again = send(&router, "PUT", &annotations, &notes).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.json()["error"]["hint"].as_str().unwrap().contains("nothing was overwritten"));
    assert_eq!(get(&router, &annotations).await.json()["revision"], 1);

    every_format_is_exported(&router, &film).await;

    // the table for trainings reads as anyone's own clips
    let (index, problems) = microau_data::datasets::read(
        microau_data::datasets::Layout::Generic,
        folder.path(),
        &microau_data::datasets::ReadSettings::default(),
    );
    assert!(!problems.has_errors(), "{problems}");
    assert_eq!((index.clips[0].offset, index.clips[0].subject.as_str()), (Some(25), "generic-anna"));
    assert!(index.clips[0].frames.is_file());

    // deletion
    for secret in [b"secret demo".as_slice(), b"private remark", &demo()[..4096], film.as_bytes()] {
        assert!(!holding(folder.path(), secret).is_empty());
    }
    assert_eq!(
        send(&router, "DELETE", &format!("/api/films/{film}"), &json!(null)).await.status,
        StatusCode::NO_CONTENT
    );
    for secret in [b"secret demo".as_slice(), b"private remark", &demo()[..4096], film.as_bytes(), job.as_bytes()] {
        assert_eq!(holding(folder.path(), secret), Vec::<PathBuf>::new());
    }
    assert!(!folder.path().join("films").join(&film).exists());
    assert_eq!(get(&router, &annotations).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&router, "/api/films").await.json(), json!([]));
}

async fn every_format_is_exported(router: &axum::Router, film: &str) {
    let export = |query: String| async move { get(router, &format!("/api/films/{film}/export?{query}")).await };
    for format in ["table", "json", "csv", "jsonl", "openface", "parquet", "eaf", "vtt", "srt", "annotations"] {
        for of in ["corrected", "machine"] {
            let answer = export(format!("format={format}&of={of}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{format}: {}", answer.text());
            assert!(answer.bytes.len() > 40, "{format} {of}: {}", answer.text());
            let disposition = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
            assert!(disposition.starts_with("attachment; filename=\"my secret demo."), "{disposition}");
        }
    }
    let report = export("format=json".to_owned()).await.json();
    let interval = &report["inputs"][0]["faces"][0]["intervals"][0];
    assert_eq!((&interval["offset"]["frame"], &interval["confidence"]), (&json!(25), &json!(1.0)));
    assert_eq!(report["inputs"][0]["input"], "my secret demo.mp4");
    let csv = export("format=csv".to_owned()).await.text();
    assert!(
        csv.lines().next().unwrap().ends_with("AU26") && csv.lines().nth(1).unwrap().ends_with("1.000000"),
        "{csv}"
    );
    let frames = export("format=csv&rows=frames&of=machine".to_owned()).await.text();
    assert_eq!(frames.lines().count(), 31);
    // no path of this machine stands in a result
    let here = std::env::current_dir().unwrap().display().to_string();
    for format in ["json", "eaf", "jsonl"] {
        let text = export(format!("format={format}")).await.text();
        assert!(!text.contains(&here) && !text.contains("/films/"), "{format}: {text}");
    }
    assert_eq!(export("format=docx".to_owned()).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(export("format=srt&rows=frames".to_owned()).await.status, StatusCode::BAD_REQUEST);
    let missing = get(router, &format!("/api/films/{film}/export")).await;
    assert!(missing.message().starts_with("expected the parameters"), "{}", missing.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_at_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 1);
    let router = server.router();
    let (_, job) = film(&router, "holiday.mp4", b"this is a letter and no film at all").await;
    let failed = ended(&router, &job).await;
    assert_eq!(failed["state"], "failed");
    let (message, hint) = (failed["fault"]["message"].as_str().unwrap(), failed["fault"]["hint"].as_str().unwrap());
    assert_eq!(message, "expected a video or an image, got text: holiday.mp4");
    assert!(hint.starts_with("give a video"), "{hint}");
    // it can be tried again, and what has no result says so
    let report = get(&router, &format!("/api/jobs/{job}/report")).await;
    assert_eq!((report.status, report.message().as_str()), (StatusCode::CONFLICT, "the job has no result"));
    assert_eq!(
        send(&router, "POST", &format!("/api/jobs/{job}/retry"), &json!(null)).await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(ended(&router, &job).await["state"], "failed");

    let no_face = Path::new(env!("CARGO_MANIFEST_DIR")).join("../microau-vision/tests/assets/frames");
    let grey = std::fs::read_dir(no_face).unwrap().map(|entry| entry.unwrap().path());
    let mp4 = grey.filter(|path| path.extension().is_some_and(|it| it == "mp4")).min().unwrap();
    let (film_id, job) = film(&router, "wall.mp4", &std::fs::read(mp4).unwrap()).await;
    let done = ended(&router, &job).await;
    assert_eq!(done["state"], "done", "{done}");
    let problem = done["problems"][0]["message"].as_str().unwrap();
    assert!(problem.starts_with("found no face in ") && problem.ends_with("frames: wall.mp4"), "{problem}");
    assert_eq!(done["problems"].as_array().unwrap().len(), 1);
    assert_eq!(get(&router, &format!("/api/films/{film_id}/frames/0")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_are_checked_and_what_is_refused_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 0);
    let router = server.router();
    let picture = |name| ("file", Some(name), b"x".as_slice());
    let refused: [(&[web::Part<'_>], &str); 8] = [
        (&[], "expected a part called file with a video in it, or images, got none"),
        (&[picture("a.png")], "expected a video, or two images or more, got one image"),
        (&[picture("a.png"), picture("b.mp4")], "expected one video, or images only, got \"b.mp4\" among 2 files"),
        (&[picture("a.mp4"), ("kind", None, b"novel")], "expected auto, clip or film, got \"novel\""),
        (&[picture("a.mp4"), ("confidence", None, b"7")], "expected a number from 0 to 1, got \"7\""),
        (
            &[picture("a.mp4"), ("rate", None, b"0")],
            "expected a frame rate above 0 such as 200, 29.97 or 30000/1001, got \"0\"",
        ),
        (
            &[picture("a.mp4"), ("model", None, b"../../etc/passwd")],
            "expected one of the models that are there, got \"../../etc/passwd\"",
        ),
        (&[("extra", None, b"1")], "expected file, name, subject, rate, model, kind or confidence, got \"extra\""),
    ];
    for (parts, message) in refused {
        let answer = upload(&router, "/api/films", parts).await;
        assert_eq!((answer.status, answer.message().as_str()), (StatusCode::BAD_REQUEST, message));
    }
    let no_form = send(&router, "POST", "/api/films", &json!({})).await;
    assert!(no_form.status.is_client_error() && no_form.message().starts_with("expected a form"), "{}", no_form.text());
    assert_eq!(std::fs::read_dir(folder.path().join("incoming")).unwrap().count(), 0);
    assert_eq!(std::fs::read_dir(folder.path().join("films")).unwrap().count(), 0);
    assert_eq!(get(&router, "/api/films").await.json(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_files_are_names_and_never_paths() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder.path().join("data"), 0);
    let router = server.router();
    for name in ["../../../../evil.mp4", "/etc/evil", "..", "C:\\evil.mp4"] {
        let answer = upload(&router, "/api/films", &[("file", Some(name), b"content of evil")]).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    }
    let images = [("file", Some("../9.png"), b"nine".as_slice()), ("file", Some("../../10.png"), b"ten")];
    let answer = upload(&router, "/api/films", &images).await;
    let film = answer.json()["id"].as_str().unwrap().to_owned();
    // the order is that of the numbers, the names are ours
    let frames = folder.path().join("data/films").join(film).join("frames");
    assert_eq!(std::fs::read(frames.join("000000.png")).unwrap(), b"nine");
    assert_eq!(std::fs::read(frames.join("000001.png")).unwrap(), b"ten");
    let outside: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(outside, ["data"]);
    assert_eq!(holding(folder.path(), b"content of evil").len(), 4);
    assert!(holding(folder.path(), b"content of evil").iter().all(|path| path.ends_with("film")));
    for path in [
        "/api/films/..",
        "/api/films/..%2f..%2fetc",
        "/api/films/%2e%2e/frames/0",
        "/../../etc/passwd",
        "/api/jobs/..%2F..",
        "/api/jobs/x/report",
    ] {
        let answer = get(&router, path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.message().starts_with("there is no such"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_or_a_body_that_is_too_long_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = microau::serve::ServeSettings {
        jobs: 0,
        max_upload_mb: 1,
        ..microau::serve::ServeSettings::new(folder.path().to_owned())
    };
    let server = microau::serve::Server::open(settings).unwrap();
    let router = server.router();
    for size in [1_000_001, 3_000_000] {
        let answer = upload(&router, "/api/films", &[("file", Some("a.mp4"), &vec![7; size])]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(answer.message().starts_with("expected an upload of at most 1 MB"), "{}", answer.text());
    }
    assert_eq!(files(&folder.path().join("incoming")), Vec::<PathBuf>::new());
    let answer = upload(&router, "/api/films", &[("file", Some("a.mp4"), &vec![7; 1_000_000])]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let film = answer.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/films/{film}/annotations");
    let long =
        send(&router, "PUT", &path, &json!({ "revision": 0, "intervals": [], "job": "x".repeat(40 << 20) })).await;
    assert!(long.status.is_client_error() && long.message().starts_with("expected a body"), "{}", long.text());
    let wrong = send(&router, "PUT", &path, &json!({ "revision": "one" })).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(wrong.message().starts_with("expected the JSON that /openapi.json describes"), "{}", wrong.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_waits_or_runs_can_be_stopped_and_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let job = {
        let server = server(folder.path(), 0);
        let router = server.router();
        let (_, job) = film(&router, "a.mp4", &demo()).await;
        let cancelled = send(&router, "POST", &format!("/api/jobs/{job}/cancel"), &json!(null)).await;
        assert_eq!((cancelled.status, cancelled.json()["state"].clone()), (StatusCode::ACCEPTED, json!("cancelled")));
        let twice = send(&router, "POST", &format!("/api/jobs/{job}/cancel"), &json!(null)).await;
        assert_eq!((twice.status, twice.message().as_str()), (StatusCode::CONFLICT, "the job has ended already"));
        assert_eq!(
            send(&router, "POST", &format!("/api/jobs/{job}/retry"), &json!(null)).await.status,
            StatusCode::ACCEPTED
        );
        job
    };
    // the server that starts next does what waits; it is stopped in the middle
    let server = server(folder.path(), 1);
    let router = server.router();
    loop {
        let state = get(&router, &format!("/api/jobs/{job}")).await.json();
        if state["progress"]["done"].as_u64().is_some_and(|done| done > 0) {
            break;
        }
        assert_ne!(state["state"], "done", "it was stopped too late for this test");
        tokio::task::yield_now().await;
    }
    assert_eq!(
        send(&router, "POST", &format!("/api/jobs/{job}/cancel"), &json!(null)).await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(ended(&router, &job).await["state"], "cancelled");
    let left = files(&folder.path().join("films"));
    assert!(left.iter().all(|path| path.ends_with("film")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_when_the_server_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let (film, job) = {
        let server = server(folder.path(), 1);
        let router = server.router();
        let (film, job) = film(&router, "a.mp4", &demo()).await;
        while get(&router, &format!("/api/jobs/{job}")).await.json()["state"] == "queued" {
            tokio::task::yield_now().await;
        }
        // the server ends while the job runs
        drop(router);
        (film, job)
    };
    let server = server(folder.path(), 1);
    let router = server.router();
    assert_eq!(ended(&router, &job).await["state"], "done");
    assert_eq!(
        get(&router, &format!("/api/films/{film}/annotations")).await.json()["intervals"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_takes_too_long_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let settings = microau::serve::ServeSettings {
        max_minutes: 0,
        ..microau::serve::ServeSettings::new(folder.path().to_owned())
    };
    let server = microau::serve::Server::open(settings).unwrap();
    let router = server.router();
    let (_, job) = film(&router, "a.mp4", &demo()).await;
    let failed = ended(&router, &job).await;
    assert_eq!(failed["state"], "failed");
    assert!(failed["fault"]["message"].as_str().unwrap().starts_with("stopped after 0 minutes"), "{failed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_can_be_deleted_while_it_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), 1);
    let router = server.router();
    let (film, job) = film(&router, "a.mp4", &demo()).await;
    while get(&router, &format!("/api/jobs/{job}")).await.json()["state"] == "queued" {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        send(&router, "DELETE", &format!("/api/films/{film}"), &json!(null)).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(std::fs::read_dir(folder.path().join("films")).unwrap().count(), 0);
    assert_eq!(get(&router, &format!("/api/jobs/{job}")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_models_are_compared_on_one_film() {
    let folder = tempfile::tempdir().unwrap();
    let nano = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/nano.safetensors");
    let server = server(folder.path(), 1);
    let router = server.router();
    let wrong = upload(&router, "/api/models", &[("file", Some("mine.safetensors"), b"no checkpoint")]).await;
    assert!(
        wrong.status == StatusCode::UNPROCESSABLE_ENTITY && wrong.message().contains("mine.safetensors"),
        "{}",
        wrong.text()
    );
    let added =
        upload(&router, "/api/models", &[("file", Some("mine.safetensors"), &std::fs::read(&nano).unwrap())]).await;
    assert_eq!(added.status, StatusCode::CREATED, "{}", added.text());
    let model = added.json()["id"].as_str().unwrap().to_owned();
    let (film, first) = film(&router, "a.mp4", &demo()).await;
    let asked = send(&router, "POST", &format!("/api/films/{film}/jobs"), &json!({ "model": model })).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text());
    let second = asked.json()["id"].as_str().unwrap().to_owned();
    for job in [&first, &second] {
        assert_eq!(ended(&router, job).await["state"], "done");
    }
    let compared = get(&router, &format!("/api/films/{film}/compare?a={first}&b={second}")).await.json();
    assert_eq!((&compared["a"], &compared["b"]), (&json!("nano"), &json!("mine.safetensors")));
    let pair = &compared["pairs"][0];
    assert_eq!((&pair["overlap"], &pair["differ"]), (&json!(1.0), &json!([])));
    assert!(compared["units"].as_array().unwrap().iter().all(|unit| unit["difference"] == json!(0.0)));
    assert_eq!(
        send(&router, "DELETE", &format!("/api/models/{model}"), &json!(null)).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(get(&router, "/api/models").await.json().as_array().unwrap().len(), 1);
}
