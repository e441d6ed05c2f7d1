//! Models: list, upload a checkpoint, delete it.

use std::path::PathBuf;

use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Path, Request, State as From};
use axum::http::StatusCode;
use burn::tensor::Device;
use utoipa::ToSchema;

use super::super::State;
use super::super::fault::{Fault, FaultBody};
use super::super::folders::new_id;
use super::super::models::{ENDING, Model};
use super::films::tidy;
use super::upload::{check_length, save};
use super::{Shared, aside};
use crate::detect::ModelScorer;

/// The part of an upload of a checkpoint.
#[derive(ToSchema)]
#[allow(dead_code)] // it describes the part
pub(super) struct CheckpointUpload {
    /// A checkpoint that `microau train` wrote.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// All models
#[utoipa::path(get, path = "/api/models", tag = "models", responses((status = 200, body = Vec<Model>)))]
pub(super) async fn list(From(state): Shared) -> Result<Json<Vec<Model>>, Fault> {
    aside(move || state.models().map(Json)).await
}

/// Upload a checkpoint
#[utoipa::path(post, path = "/api/models", tag = "models",
    request_body(content = CheckpointUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = Model), (status = 413, body = FaultBody), (status = 422, body = FaultBody)))]
pub(super) async fn upload(From(state): Shared, request: Request) -> Result<(StatusCode, Json<Model>), Fault> {
    check_length(&state, &request)?;
    let wrong = |found: String| Fault::wrong("a form with one part called file, the checkpoint", found);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| wrong(error.body_text()))?;
    let mut field = loop {
        match form.next_field().await.map_err(|error| wrong(error.body_text()))? {
            Some(field) if field.name() == Some("file") => break field,
            Some(_) => {}
            None => return Err(wrong("none".to_owned())),
        }
    };
    let (id, name) = (new_id(), tidy(field.file_name().unwrap_or("checkpoint")));
    let path = state.folders.incoming().join(&id);
    let mut room = state.settings.max_upload();
    let saved = match save(&mut field, &path, &mut room).await {
        Ok(true) => aside(move || arrive(&state, id, name, path.clone())).await,
        Ok(false) => Err(Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "the checkpoint is larger than an upload may be")),
        Err(fault) => Err(fault),
    };
    saved.map(|model| (StatusCode::CREATED, Json(model)))
}

/// Puts a checkpoint at its place when it is one.
fn arrive(state: &State, id: String, name: String, path: PathBuf) -> Result<Model, Fault> {
    let shown = path.display().to_string();
    let read = ModelScorer::checkpoint(&shown, &Device::flex());
    if let Err(error) = read {
        std::fs::remove_file(&path)?;
        return Err(Fault::of_detect(&error, &shown, &name));
    }
    let bytes = std::fs::metadata(&path)?.len();
    state.store.add_model(&id, &name)?;
    std::fs::rename(&path, state.folders.models().join(format!("{id}.{ENDING}")))?;
    Ok(Model { id, name, built_in: false, bytes })
}

/// Delete a checkpoint
#[utoipa::path(delete, path = "/api/models/{model}", tag = "models", params(("model" = String, Path)),
    responses((status = 204, description = "it is gone"), (status = 400, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn delete(From(state): Shared, Path(model): Path<String>) -> Result<StatusCode, Fault> {
    aside(move || {
        let model = state.model(&model)?;
        if model.built_in {
            return Err(Fault::conflict("the built-in model cannot be deleted"));
        }
        std::fs::remove_file(state.checkpoint(&model.id)?)?;
        state.store.delete_model(&model.id)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
