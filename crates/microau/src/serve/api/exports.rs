//! Results and corrections in all formats, the table for trainings, and two models side by side.

use std::io::{self, Write};
use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State as From};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use microau_core::report::Report;
use serde::Deserialize;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::{IntoParams, ToSchema};

use super::super::State;
use super::super::compare::{Comparison, compare};
use super::super::corrected::{correct_frame, corrected};
use super::super::fault::{Fault, FaultBody};
use super::super::store::{Film, Job};
use super::annotations::labels;
use super::extract::Asked;
use super::{Shared, aside};
use crate::detect::output::{self, Format, FrameFormat, frame_sink};

/// Pieces of an answer that may wait for a slow reader.
const PIECES: usize = 16;
/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// What to export.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Export {
    /// One of the formats of docs/formats.md, or `annotations` for everything that people said, as JSON.
    format: String,
    /// What people corrected, or what the model said.
    #[serde(default)]
    #[param(inline)]
    of: Of,
    /// Movements, or every frame and face (csv, jsonl, parquet and openface).
    #[serde(default)]
    #[param(inline)]
    rows: Rows,
    /// The job whose result it is; without it the first that is done.
    job: Option<String>,
}

/// Whose word is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Of {
    /// As people corrected it.
    #[default]
    Corrected,
    /// As the model said it.
    Machine,
}

/// What has a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Rows {
    /// A movement.
    #[default]
    Intervals,
    /// A face in a frame.
    Frames,
}

/// Which two jobs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Two {
    /// The first job.
    a: String,
    /// The second job.
    b: String,
}

/// A result in one of the formats
#[utoipa::path(get, path = "/api/films/{film}/export", tag = "exports", params(("film" = String, Path), Export),
    responses((status = 200, description = "the file", body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 400, body = FaultBody), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn export(
    From(state): Shared,
    Path(film): Path<String>,
    Asked(asked): Asked<Export>,
) -> Result<Response, Fault> {
    aside(move || {
        let film = state.film(&film)?;
        if asked.format == "annotations" {
            let notes = serde_json::to_vec_pretty(&state.annotations(&film.id)?)?;
            return Ok(download(&film, "annotations.json", notes.into()));
        }
        let named = Format::ALL.into_iter().find(|format| format.name() == asked.format);
        let names = Format::ALL.map(Format::name).join(", ");
        let format =
            named.ok_or_else(|| Fault::wrong(format!("one of {names}, annotations"), format!("{:?}", asked.format)))?;
        let job = state.job_of(&film.id, asked.job.as_deref())?;
        if asked.rows == Rows::Frames || format.needs_frames() {
            return frames(&state, film, &job, of_frames(format)?, asked.of);
        }
        let mut report = state.report_of(&film, &job, asked.of)?;
        if format == Format::Eaf {
            // a document of ELAN links a film by its path: where it lies here is nobody's business
            report.inputs.iter_mut().for_each(|input| input.input.insert(0, '/'));
        }
        let bytes = output::bytes(format, &report)?;
        let ending = format.ending();
        Ok(download(&film, ending, bytes.into()))
    })
    .await
}

fn of_frames(format: Format) -> Result<FrameFormat, Fault> {
    match format {
        Format::Csv => Ok(FrameFormat::Csv),
        Format::Jsonl => Ok(FrameFormat::Jsonl),
        Format::Parquet => Ok(FrameFormat::Parquet),
        Format::Openface => Ok(FrameFormat::Openface),
        other => Err(Fault::wrong("csv, jsonl, parquet or openface for frames", other.name())),
    }
}

impl State {
    /// The report of a job, corrected or as it was.
    fn report_of(&self, film: &Film, job: &Job, of: Of) -> Result<Report, Fault> {
        let mut report = self.report(job)?;
        report.inputs.iter_mut().for_each(|input| input.input.clone_from(&film.name));
        match of {
            Of::Machine => Ok(report),
            Of::Corrected => Ok(corrected(&report, &self.annotations(&film.id)?, &self.times(job)?)),
        }
    }
}

/// Every frame and face, written while it is read, so that an hour of film needs no more memory than a minute.
fn frames(state: &Arc<State>, film: Film, job: &Job, format: FrameFormat, of: Of) -> Result<Response, Fault> {
    let (mut report, track, _) = state.track(job)?;
    report.inputs.iter_mut().for_each(|input| input.input.clone_from(&film.name));
    let notes = state.annotations(&film.id)?;
    let (sender, receiver) = channel(PIECES);
    let told = sender.clone();
    let ending = match format {
        FrameFormat::Openface => "openface.csv".to_owned(),
        other => format!("frames.{}", other.ending()),
    };
    let name = film.name.clone();
    let write = move || -> io::Result<()> {
        let mut sink = frame_sink(format, &report, Pieces { sender, buffer: Vec::with_capacity(PIECE) })?;
        sink.begin(&name)?;
        for face in track.faces_from(0)? {
            let mut face = face?;
            if of == Of::Corrected {
                correct_frame(&mut face, &report, &notes);
            }
            sink.frame(&face)?;
        }
        report.inputs.iter().try_for_each(|input| sink.input(input))?;
        sink.end()?.flush()
    };
    tokio::task::spawn_blocking(move || {
        if let Err(error) = write() {
            // a reader that went away need not be told
            let _ = told.blocking_send(Err(error));
        }
    });
    Ok(download(&film, &ending, Body::from_stream(ReceiverStream::new(receiver))))
}

/// Bytes on their way to whoever asked.
struct Pieces {
    sender: Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = std::mem::take(&mut self.buffer);
        if piece.is_empty() {
            return Ok(());
        }
        self.sender.blocking_send(Ok(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// An answer that a browser saves as a file, called after the film.
fn download(film: &Film, ending: &str, body: Body) -> Response {
    let stem = film.name.rsplit_once('.').map_or(film.name.as_str(), |(stem, _)| stem);
    let plain: String =
        stem.chars().map(|it| if it.is_ascii_alphanumeric() || "-_ ".contains(it) { it } else { '_' }).collect();
    let encoded: String = format!("{stem}.{ending}").bytes().map(percent).collect();
    let disposition = format!("attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{encoded}");
    let kind = match ending.rsplit('.').next().unwrap_or_default() {
        "json" => "application/json",
        "jsonl" => "application/x-ndjson",
        "csv" => "text/csv; charset=utf-8",
        "eaf" => "application/xml",
        "vtt" => "text/vtt; charset=utf-8",
        "srt" | "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// Confirmed movements of all films as the table that trainings read; it lies as labels.csv in the folder of data
#[utoipa::path(get, path = "/api/training.csv", tag = "exports",
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn training(From(state): Shared) -> Result<Response, Fault> {
    aside(move || {
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"labels.csv\""),
        ];
        Ok((headers, labels(&state)?).into_response())
    })
    .await
}

/// Two jobs of a film side by side
#[utoipa::path(get, path = "/api/films/{film}/compare", tag = "exports", params(("film" = String, Path), Two),
    responses((status = 200, body = Comparison), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn comparison(
    From(state): Shared,
    Path(film): Path<String>,
    Asked(two): Asked<Two>,
) -> Result<Json<Comparison>, Fault> {
    aside(move || {
        let film = state.film(&film)?;
        let of = |id: &str| state.track(&state.job_of(&film.id, Some(id))?);
        let ((report_a, track_a, _), (report_b, track_b, _)) = (of(&two.a)?, of(&two.b)?);
        Ok(Json(compare((&report_a, &track_a), (&report_b, &track_b))?))
    })
    .await
}
