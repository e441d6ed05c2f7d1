//! Corrections: read, and saved under a revision.

use axum::Json;
use axum::extract::{Path, State as From};

use super::super::State;
use super::super::annotations::Annotations;
use super::super::fault::{Fault, FaultBody};
use super::super::queue::Event;
use super::super::store::{JobState, Saved};
use super::super::training;
use super::extract::Body;
use super::{Shared, aside};
use crate::files;

/// What is said of the movements of a film; what its first job found where nobody has said anything
#[utoipa::path(get, path = "/api/films/{film}/annotations", tag = "annotations", params(("film" = String, Path)),
    responses((status = 200, body = Annotations), (status = 404, body = FaultBody)))]
pub(super) async fn read(From(state): Shared, Path(film): Path<String>) -> Result<Json<Annotations>, Fault> {
    aside(move || {
        let film = state.film(&film)?;
        state.annotations(&film.id).map(Json)
    })
    .await
}

/// Save what is said, all of it; 409 when somebody saved another revision meanwhile
#[utoipa::path(put, path = "/api/films/{film}/annotations", tag = "annotations", params(("film" = String, Path)),
    request_body = Annotations,
    responses((status = 200, body = Annotations), (status = 400, body = FaultBody), (status = 404, body = FaultBody),
        (status = 409, body = FaultBody), (status = 507, body = FaultBody)))]
pub(super) async fn save(
    From(state): Shared,
    Path(film): Path<String>,
    Body(notes): Body<Annotations>,
) -> Result<Json<Annotations>, Fault> {
    aside(move || {
        let film = state.film(&film)?;
        let frames = state.job_of(&film.id, None).ok().and_then(|job| job.summary).map_or(0, |it| it.frames);
        notes.check(frames)?;
        let revision = match state.store.save_notes(&film.id, &notes)? {
            Saved::As(revision) => revision,
            Saved::NoFilm => return Err(Fault::missing("film")),
            Saved::Elsewhere(now) => return Err(elsewhere(now, notes.revision)),
        };
        // saved is saved: a table that cannot be written now is written with the next change
        if let Err(fault) = write_labels(&state) {
            eprintln!("error: labels.csv could not be written: {}", fault.message);
        }
        state.queue.tell(Event::Notes { film: film.id, revision });
        Ok(Json(Annotations { revision, ..notes }))
    })
    .await
}

fn elsewhere(now: u64, yours: u64) -> Fault {
    let mut fault = Fault::conflict("these corrections were saved from another tab or by another person meanwhile")
        .hint("nothing was overwritten: look at theirs, then keep theirs or save yours over them");
    (fault.expected, fault.found) = (Some(format!("revision {now}")), Some(format!("revision {yours}")));
    fault
}

/// Writes the table for trainings anew.
pub(super) fn write_labels(state: &State) -> Result<(), Fault> {
    let path = state.folders.labels();
    files::write(&path, labels(state)?.as_bytes()).map_err(|error| Fault::of_detect(&error, "", ""))
}

/// The table for trainings.
pub(super) fn labels(state: &State) -> Result<String, Fault> {
    let mut films = state.store.films()?;
    films.reverse();
    let mut all = Vec::new();
    for film in films {
        if let Some(notes) = state.store.notes(&film.id)? {
            let job = state.job_of(&film.id, None).ok();
            all.push((film, notes, job));
        }
    }
    Ok(training::table(all.iter().map(|(film, notes, job)| (film, notes, job.as_ref()))))
}

impl State {
    /// What is said of the movements of a film.
    pub(in crate::serve) fn annotations(&self, film: &str) -> Result<Annotations, Fault> {
        if let Some(notes) = self.store.notes(film)? {
            return Ok(notes);
        }
        let done = self.store.jobs_of(film)?.into_iter().find(|job| job.state == JobState::Done);
        let Some(job) = done else { return Ok(Annotations::default()) };
        let report = self.report(&job)?;
        Ok(report.inputs.first().map_or_else(Annotations::default, |input| Annotations::of_job(&job.id, input)))
    }
}
