//! Uploads: a video, or the images of a folder. They go into a folder of their own while they come, and are a film once they
//! are whole.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request, State as From};
use axum::http::{StatusCode, header};
use microau_core::time::FrameRate;
use microau_vision::frames::{folder::EXTENSIONS, names};
use tokio::io::AsyncWriteExt;
use utoipa::ToSchema;

use super::super::State;
use super::super::fault::{Fault, FaultBody};
use super::super::folders::{new_id, remove};
use super::super::queue::Event;
use super::super::store::{Film, FilmKind, Job, JobKind, JobState, now};
use super::films::{FilmView, tidy};
use super::{Shared, aside};
use crate::detect::DetectSettings;
use crate::detect::model_scorer::NANO;

/// Most bytes of a part that is no file.
const MOST_TEXT: usize = 4000;
/// Most files of one upload.
const MOST_FILES: usize = 500_000;
/// How long an upload may stand still.
const PATIENCE: Duration = Duration::from_secs(60);

/// The parts of an upload.
#[derive(ToSchema)]
#[allow(dead_code)] // it describes the parts; they are read one by one
pub(super) struct Upload {
    /// A video; or several times, the images of a folder of frames.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What to call it; else the name of the file.
    name: Option<String>,
    /// Whose face it shows.
    subject: Option<String>,
    /// Frames a second of a folder of frames, such as 200 or 29.97.
    rate: Option<String>,
    /// `nano`, or the number of a model.
    model: Option<String>,
    /// `auto`, `clip` or `film`.
    kind: Option<String>,
    /// Least confidence of a spotted expression, 0 to 1.
    confidence: Option<f32>,
}

/// An upload on its way.
struct Incoming {
    id: String,
    state: Arc<State>,
    /// Names of the files as the user has them, in the order in which they came.
    names: Vec<String>,
    bytes: u64,
    texts: Texts,
}

/// What stands beside the files.
#[derive(Default)]
struct Texts {
    name: String,
    subject: String,
    rate: Option<FrameRate>,
    model: Option<String>,
    kind: JobKind,
    confidence: Option<f32>,
}

/// Upload a film and begin to look at it
#[utoipa::path(post, path = "/api/films", tag = "films",
    request_body(content = Upload, content_type = "multipart/form-data"),
    responses((status = 201, body = FilmView), (status = 400, body = FaultBody), (status = 413, body = FaultBody),
        (status = 507, body = FaultBody)))]
pub(super) async fn film(From(state): Shared, request: Request) -> Result<(StatusCode, Json<FilmView>), Fault> {
    check_length(&state, &request)?;
    let form = Multipart::from_request(request, &()).await;
    let mut form =
        form.map_err(|error| Fault::wrong("a form of several parts with a file in it", error.body_text()))?;
    let mut incoming =
        Incoming { id: new_id(), state: state.clone(), names: Vec::new(), bytes: 0, texts: Texts::default() };
    let folder = state.folders.incoming().join(&incoming.id);
    tokio::fs::create_dir(&folder).await?;
    let film = match incoming.receive(&mut form, &folder).await {
        Ok(()) => aside(move || incoming.arrive()).await,
        Err(fault) => Err(fault),
    };
    if film.is_err() {
        // what could not be removed is removed at the next start
        let _ = remove(&folder);
    }
    let film = film?;
    state.queue.wake();
    state.queue.tell(Event::Film { film: film.id.clone() });
    aside(move || FilmView::new(&state, film).map(|film| (StatusCode::CREATED, Json(film)))).await
}

/// Refuses what says itself that it is too long.
pub(super) fn check_length(state: &State, request: &Request) -> Result<(), Fault> {
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > state.settings.max_upload() + MOST_BODY_BESIDE) {
        Err(too_long(state))
    } else {
        Ok(())
    }
}

/// Bytes of an upload that are no film: the borders of its parts.
const MOST_BODY_BESIDE: u64 = 1 << 20;

fn too_long(state: &State) -> Fault {
    let message = format!("expected an upload of at most {} MB, got more", state.settings.max_upload_mb);
    Fault::new(StatusCode::PAYLOAD_TOO_LARGE, message)
        .hint("cut the film, make it smaller, or start the server with a larger --max-upload-mb")
}

/// The next piece of a part, which may not keep us waiting for ever.
pub(super) async fn piece(field: &mut Field<'_>) -> Result<Option<axum::body::Bytes>, Fault> {
    let stalled =
        |_| Fault::new(StatusCode::REQUEST_TIMEOUT, "the upload stood still for a minute").hint("upload it again");
    let broken = |error: axum::extract::multipart::MultipartError| {
        Fault::new(error.status(), format!("the upload broke off ({})", error.body_text())).hint("upload it again")
    };
    tokio::time::timeout(PATIENCE, field.chunk()).await.map_err(stalled)?.map_err(broken)
}

/// Writes a part to a file; `room` bytes are left, and are fewer after it.
pub(super) async fn save(field: &mut Field<'_>, path: &Path, room: &mut u64) -> Result<bool, Fault> {
    let mut file = tokio::io::BufWriter::new(tokio::fs::File::create_new(path).await?);
    while let Some(piece) = piece(field).await? {
        let Some(left) = room.checked_sub(piece.len() as u64) else { return Ok(false) };
        *room = left;
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    file.into_inner().sync_all().await?;
    Ok(true)
}

impl Incoming {
    async fn receive(&mut self, form: &mut Multipart, folder: &Path) -> Result<(), Fault> {
        let broken = |error: axum::extract::multipart::MultipartError| {
            Fault::new(error.status(), format!("the upload broke off ({})", error.body_text())).hint("upload it again")
        };
        while let Some(mut field) = form.next_field().await.map_err(broken)? {
            let part = field.name().unwrap_or_default().to_owned();
            if part == "file" {
                self.file(&mut field, folder).await?;
            } else {
                let text = text(&mut field, &part).await?;
                self.texts.set(&part, &text)?;
            }
        }
        Ok(())
    }

    async fn file(&mut self, field: &mut Field<'_>, folder: &Path) -> Result<(), Fault> {
        if self.names.len() == MOST_FILES {
            return Err(Fault::wrong(format!("at most {MOST_FILES} files"), "more"));
        }
        let mut room = self.state.settings.max_upload() - self.bytes;
        // a number of ours, whatever the user calls it
        let path = folder.join(self.names.len().to_string());
        let is_whole = save(field, &path, &mut room).await?;
        self.bytes = self.state.settings.max_upload() - room;
        self.names.push(tidy(field.file_name().unwrap_or("film")));
        if is_whole { Ok(()) } else { Err(too_long(&self.state)) }
    }

    /// Makes a film of what came.
    fn arrive(self) -> Result<Film, Fault> {
        let folder = self.state.folders.incoming().join(&self.id);
        let kind = self.sort(&folder)?;
        let Self { id, state, names, bytes, texts } = self;
        let model = state.model(texts.model.as_deref().unwrap_or(NANO))?;
        let fallback = if kind == FilmKind::Video { names[0].clone() } else { "frames".to_owned() };
        let name = if texts.name.is_empty() { fallback } else { texts.name };
        let rate = (kind == FilmKind::Frames).then(|| texts.rate.unwrap_or(FrameRate::whole(30)));
        let film =
            Film { id, name, subject: texts.subject, kind, rate, files: names.len() as u64, bytes, added: now() };
        let confidence = texts.confidence.unwrap_or(DetectSettings::default().spot_threshold);
        let job = new_job(&film.id, &model.id, &model.name, texts.kind, confidence);
        std::fs::rename(&folder, state.folders.film(&film.id))?;
        state.store.add_film(&film, &[job]).inspect_err(|_| drop(remove(&state.folders.film(&film.id))))?;
        Ok(film)
    }

    /// Gives the files their names: one video, or images in the order of the numbers in their names.
    fn sort(&self, folder: &Path) -> Result<FilmKind, Fault> {
        let is_image = |name: &String| ending(name).is_some_and(|ending| EXTENSIONS.contains(&ending.as_str()));
        match &self.names[..] {
            [] => {
                return Err(
                    Fault::wrong("a part called file with a video in it, or images", "none").hint("choose a file")
                );
            }
            [only] if !is_image(only) => {
                std::fs::rename(folder.join("0"), folder.join("film"))?;
                return Ok(FilmKind::Video);
            }
            [_] => {
                let fault = Fault::wrong("a video, or two images or more", "one image");
                return Err(fault.hint("an action unit shows as movement: choose the folder of all frames"));
            }
            several => {
                if let Some(other) = several.iter().find(|name| !is_image(name)) {
                    let fault =
                        Fault::wrong("one video, or images only", format!("{other:?} among {} files", several.len()));
                    return Err(fault.hint("upload videos one by one; the page does that for a folder of videos"));
                }
            }
        }
        let stems: Vec<String> = self.names.iter().map(|name| stem(name).to_owned()).collect();
        let frames = folder.join("frames");
        std::fs::create_dir(&frames)?;
        for (position, came) in names::order(&stems).0.into_iter().enumerate() {
            let ending = ending(&self.names[came]).unwrap_or_default();
            std::fs::rename(folder.join(came.to_string()), frames.join(format!("{position:06}.{ending}")))?;
        }
        Ok(FilmKind::Frames)
    }
}

/// A job that waits.
pub(super) fn new_job(film: &str, model: &str, model_name: &str, kind: JobKind, confidence: f32) -> Job {
    Job {
        id: new_id(),
        film: film.to_owned(),
        model: model.to_owned(),
        model_name: model_name.to_owned(),
        kind,
        confidence,
        state: JobState::Queued,
        fault: None,
        problems: Vec::new(),
        summary: None,
        added: now(),
        begun: None,
        ended: None,
    }
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn ending(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase())
}

async fn text(field: &mut Field<'_>, part: &str) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    while let Some(piece) = piece(field).await? {
        if bytes.len() + piece.len() > MOST_TEXT {
            return Err(Fault::wrong(format!("at most {MOST_TEXT} bytes as {part}"), "more"));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| Fault::wrong(format!("text as {part}"), "other bytes"))
}

impl Texts {
    fn set(&mut self, part: &str, text: &str) -> Result<(), Fault> {
        match part {
            "name" => self.name = tidy(text),
            "subject" => self.subject = tidy(text),
            "model" => self.model = Some(tidy(text)),
            "rate" => {
                let wrong =
                    |_| Fault::wrong("a frame rate above 0 such as 200, 29.97 or 30000/1001", format!("{text:?}"));
                self.rate = Some(text.parse().map_err(wrong)?);
            }
            "kind" => {
                let kind = serde_json::from_value(serde_json::Value::String(text.to_owned()));
                self.kind = kind.map_err(|_| Fault::wrong("auto, clip or film", format!("{text:?}")))?;
            }
            "confidence" => self.confidence = Some(probability(text)?),
            other => {
                let fault = Fault::wrong("file, name, subject, rate, model, kind or confidence", format!("{other:?}"));
                return Err(fault);
            }
        }
        Ok(())
    }
}

fn probability(text: &str) -> Result<f32, Fault> {
    let value = text.trim().parse().ok().filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| Fault::wrong("a number from 0 to 1", format!("{text:?}")))
}
