//! Films: list, rename, delete.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::State;
use super::super::fault::{Fault, FaultBody};
use super::super::folders::remove;
use super::super::queue::{Event, JobView};
use super::super::store::Film;
use super::annotations::write_labels;
use super::extract::Body;
use super::{Shared, aside};

/// Time between two looks whether the jobs of a film have stopped.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Most letters of a name.
const MOST_NAME: usize = 200;

/// A film with its jobs.
#[derive(Serialize, ToSchema)]
pub(super) struct FilmView {
    #[serde(flatten)]
    film: Film,
    /// Its jobs, oldest first.
    jobs: Vec<JobView>,
    /// How often its corrections were saved.
    revision: u64,
}

impl FilmView {
    pub(super) fn new(state: &State, film: Film) -> Result<Self, Fault> {
        let jobs = state.store.jobs_of(&film.id)?.into_iter().map(|job| state.queue.view(job)).collect();
        let revision = state.store.notes(&film.id)?.map_or(0, |notes| notes.revision);
        Ok(Self { film, jobs, revision })
    }
}

/// What of a film can be changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FilmChange {
    /// Its name.
    name: Option<String>,
    /// Whose face it shows.
    subject: Option<String>,
}

/// A name on one line, of bounded length.
pub(super) fn tidy(name: &str) -> String {
    let line: String = name.chars().map(|it| if it.is_control() { ' ' } else { it }).take(MOST_NAME).collect();
    line.trim().to_owned()
}

/// All films, the newest first
#[utoipa::path(get, path = "/api/films", tag = "films", responses((status = 200, body = Vec<FilmView>)))]
pub(super) async fn list(From(state): Shared) -> Result<Json<Vec<FilmView>>, Fault> {
    aside(move || {
        let films = state.store.films()?.into_iter();
        films.map(|film| FilmView::new(&state, film)).collect::<Result<Vec<_>, _>>().map(Json)
    })
    .await
}

/// One film with its jobs
#[utoipa::path(get, path = "/api/films/{film}", tag = "films", params(("film" = String, Path)),
    responses((status = 200, body = FilmView), (status = 404, body = FaultBody)))]
pub(super) async fn one(From(state): Shared, Path(film): Path<String>) -> Result<Json<FilmView>, Fault> {
    aside(move || FilmView::new(&state, state.film(&film)?).map(Json)).await
}

/// Change the name of a film, or whose face it shows
#[utoipa::path(patch, path = "/api/films/{film}", tag = "films", params(("film" = String, Path)),
    request_body = FilmChange, responses((status = 200, body = FilmView), (status = 404, body = FaultBody)))]
pub(super) async fn change(
    From(state): Shared,
    Path(film): Path<String>,
    Body(change): Body<FilmChange>,
) -> Result<Json<FilmView>, Fault> {
    aside(move || {
        let mut film = state.film(&film)?;
        if let Some(name) = change.name.as_deref().map(tidy).filter(|name| !name.is_empty()) {
            film.name = name;
        }
        if let Some(subject) = &change.subject {
            film.subject = tidy(subject);
        }
        if !state.store.update_film(&film)? {
            return Err(Fault::missing("film"));
        }
        write_labels(&state)?;
        state.queue.tell(Event::Film { film: film.id.clone() });
        FilmView::new(&state, film).map(Json)
    })
    .await
}

/// Delete a film: upload, pictures, results, corrections, and all that the database knows of it
#[utoipa::path(delete, path = "/api/films/{film}", tag = "films", params(("film" = String, Path)),
    responses((status = 204, description = "it is gone"), (status = 404, body = FaultBody)))]
pub(super) async fn delete(From(state): Shared, Path(film): Path<String>) -> Result<StatusCode, Fault> {
    // goes on to its end though the browser may hang up
    let deleted = tokio::spawn(delete_whole(state, film)).await;
    deleted
        .map_err(|error| Fault::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the program fell over it ({error})")))?
}

async fn delete_whole(state: Arc<State>, film: String) -> Result<StatusCode, Fault> {
    let id = state.film(&film)?.id;
    // without its row no job of it begins any more, and a folder that is left is swept at the next start
    let (there, its) = (state.clone(), id.clone());
    aside(move || Ok(there.store.delete_film(&its)?)).await?;
    state.queue.stop_film(&id);
    while state.queue.is_busy(&id) {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    aside(move || {
        remove(&state.folders.film(&id))?;
        write_labels(&state)?;
        state.queue.tell(Event::Gone { film: id });
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_of_bounded_length() {
        assert_eq!(tidy("  a\n../b\t "), "a ../b");
        assert_eq!(tidy(&"x".repeat(900)).len(), 200);
    }
}
