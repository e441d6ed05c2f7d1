//! Jobs: ask another model, cancel, try again, read the report.

use axum::Json;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use microau_core::report::Report;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::State;
use super::super::fault::{Fault, FaultBody};
use super::super::queue::{Event, JobView};
use super::super::store::{Job, JobKind, JobState};
use super::extract::Body;
use super::upload::new_job;
use super::{Shared, aside};
use crate::detect::DetectSettings;

/// A job that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewJob {
    /// `nano`, or the number of a model.
    model: String,
    /// What the film is taken for.
    #[serde(default)]
    kind: JobKind,
    /// Least confidence of a spotted expression, 0 to 1.
    confidence: Option<f32>,
}

/// Let another model look at a film
#[utoipa::path(post, path = "/api/films/{film}/jobs", tag = "jobs", params(("film" = String, Path)), request_body = NewJob,
    responses((status = 201, body = JobView), (status = 400, body = FaultBody), (status = 404, body = FaultBody)))]
pub(super) async fn add(
    From(state): Shared,
    Path(film): Path<String>,
    Body(asked): Body<NewJob>,
) -> Result<(StatusCode, Json<JobView>), Fault> {
    aside(move || {
        let (film, model) = (state.film(&film)?, state.model(&asked.model)?);
        let confidence = asked.confidence.unwrap_or(DetectSettings::default().spot_threshold);
        if !(0.0..=1.0).contains(&confidence) {
            return Err(Fault::wrong("a confidence from 0 to 1", confidence.to_string()));
        }
        let job = new_job(&film.id, &model.id, &model.name, asked.kind, confidence);
        state.store.add_job(&job)?;
        Ok((StatusCode::CREATED, told(&state, job)))
    })
    .await
}

/// One job and how far it is
#[utoipa::path(get, path = "/api/jobs/{job}", tag = "jobs", params(("job" = String, Path)),
    responses((status = 200, body = JobView), (status = 404, body = FaultBody)))]
pub(super) async fn one(From(state): Shared, Path(job): Path<String>) -> Result<Json<JobView>, Fault> {
    aside(move || Ok(Json(state.queue.view(state.job(&job)?)))).await
}

/// Stop a job
#[utoipa::path(post, path = "/api/jobs/{job}/cancel", tag = "jobs", params(("job" = String, Path)),
    responses((status = 202, body = JobView), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn cancel(From(state): Shared, Path(job): Path<String>) -> Result<(StatusCode, Json<JobView>), Fault> {
    aside(move || {
        let job = state.queue.cancel(&state, &job)?;
        Ok((StatusCode::ACCEPTED, Json(state.queue.view(job))))
    })
    .await
}

/// Do a job again that failed or was stopped
#[utoipa::path(post, path = "/api/jobs/{job}/retry", tag = "jobs", params(("job" = String, Path)),
    responses((status = 202, body = JobView), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn retry(From(state): Shared, Path(job): Path<String>) -> Result<(StatusCode, Json<JobView>), Fault> {
    aside(move || {
        let job = state.job(&job)?;
        if !matches!(job.state, JobState::Failed | JobState::Cancelled) {
            return Err(Fault::conflict("only a job that failed or was stopped is done again"));
        }
        let job = Job { state: JobState::Queued, fault: None, begun: None, ended: None, ..job };
        state.store.update_job(&job)?;
        Ok((StatusCode::ACCEPTED, told(&state, job)))
    })
    .await
}

/// The report of a job, docs/report-format.md
#[utoipa::path(get, path = "/api/jobs/{job}/report", tag = "jobs", params(("job" = String, Path)),
    responses((status = 200, body = Object), (status = 404, body = FaultBody), (status = 409, body = FaultBody)))]
pub(super) async fn report(From(state): Shared, Path(job): Path<String>) -> Result<Json<Report>, Fault> {
    aside(move || {
        let job = state.job(&job)?;
        state.report(&job).map(Json)
    })
    .await
}

/// Wakes the queue for a job that waits, and tells everybody.
fn told(state: &State, job: Job) -> Json<JobView> {
    state.queue.wake();
    let view = state.queue.view(job);
    state.queue.tell(Event::Job(Box::new(view.clone())));
    Json(view)
}

impl State {
    /// The report of a job that is done.
    pub(in crate::serve) fn report(&self, job: &Job) -> Result<Report, Fault> {
        if job.state != JobState::Done {
            return Err(Fault::conflict("the job has no result").hint("wait until it is done, or do it again"));
        }
        let path = self.folders.job(&job.film, &job.id).join("report.json");
        Ok(serde_json::from_slice(&std::fs::read(path)?)?)
    }

    /// The job of a film that is meant: the one that is named, else the first that is done.
    pub(in crate::serve) fn job_of(&self, film: &str, named: Option<&str>) -> Result<Job, Fault> {
        let jobs = self.store.jobs_of(film)?;
        let is_meant = |job: &Job| named.map_or(job.state == JobState::Done, |id| job.id == id);
        let none = || match named {
            Some(_) => Fault::missing("job of this film"),
            None => Fault::conflict("no job of this film is done").hint("wait until one is done, or do it again"),
        };
        jobs.into_iter().find(is_meant).ok_or_else(none)
    }
}
