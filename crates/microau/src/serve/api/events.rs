//! What happens, told while it happens (server-sent events): `job`, `movement`, `film`, `notes`, `gone`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State as From};
use axum::response::sse::{Event as Line, KeepAlive, Sse};
use serde::Serialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

use super::super::State;
use super::super::fault::{Fault, FaultBody};
use super::super::live::Found;
use super::super::queue::Event;
use super::super::store::{Job, JobState};
use super::{Shared, aside};

/// Time after which a silent connection is told that it lives.
const ALIVE: Duration = Duration::from_secs(15);
/// Lines that may wait for a slow reader.
const LINES: usize = 64;

/// One line of a stream.
type Told = Result<Line, Infallible>;

/// Everything that happens from now on; `behind` says that some of it was missed and all is to be read anew
#[utoipa::path(get, path = "/api/events", tag = "server",
    responses((status = 200, description = "events job, movement, film, notes, gone, behind", body = String,
        content_type = "text/event-stream")))]
pub(super) async fn all(From(state): Shared) -> Sse<impl Stream<Item = Told>> {
    let (sender, receiver) = channel(LINES);
    let mut events = state.queue.events();
    tokio::spawn(async move {
        // begins at once, so that whoever listens knows that nothing is missed from here on
        let mut is_heard = say(&sender, "ready", &()).await;
        while is_heard {
            is_heard = match events.recv().await {
                Ok(event) => tell(&sender, &event).await,
                Err(RecvError::Lagged(_)) => say(&sender, "behind", &()).await,
                Err(RecvError::Closed) => false,
            };
        }
    });
    stream(receiver)
}

/// One job: everything that it has found, how far it is, and what it finds from now on, until it ends
#[utoipa::path(get, path = "/api/jobs/{job}/events", tag = "jobs", params(("job" = String, Path)),
    responses((status = 200, description = "events job and movement", body = String, content_type = "text/event-stream"),
        (status = 404, body = FaultBody)))]
pub(super) async fn of_job(
    From(state): Shared,
    Path(job): Path<String>,
) -> Result<Sse<impl Stream<Item = Told>>, Fault> {
    // listening comes first: what happens meanwhile is told twice rather than never
    let events = state.queue.events();
    let there = state.clone();
    let (job, known) = aside(move || known(&there, &job)).await?;
    let (sender, receiver) = channel(LINES);
    tokio::spawn(follow(state, job, known, events, sender));
    Ok(stream(receiver))
}

fn stream(receiver: tokio::sync::mpsc::Receiver<Told>) -> Sse<impl Stream<Item = Told>> {
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(ALIVE))
}

/// Tells of one job until it has ended.
async fn follow(state: Arc<State>, job: Job, known: Vec<Found>, mut events: Receiver<Event>, sender: Sender<Told>) {
    for found in known {
        if !say(&sender, "movement", &found).await {
            return;
        }
    }
    let (id, film) = (job.id.clone(), job.film.clone());
    let mut has_ended = job.state.has_ended();
    let mut is_heard = say(&sender, "job", &state.queue.view(job)).await;
    while is_heard && !has_ended {
        is_heard = match events.recv().await {
            Ok(Event::Job(view)) if view.job.id == id => {
                has_ended = view.job.state.has_ended();
                tell(&sender, &Event::Job(view)).await
            }
            Ok(Event::Movement(found)) if found.job == id => tell(&sender, &Event::Movement(found)).await,
            Ok(Event::Gone { film: gone }) if gone == film => {
                has_ended = true;
                tell(&sender, &Event::Gone { film: gone }).await
            }
            Ok(Event::Closing) | Err(RecvError::Closed) => false,
            Ok(_) => true,
            Err(RecvError::Lagged(_)) => say(&sender, "behind", &()).await,
        };
    }
}

/// A job and what it has found so far.
fn known(state: &State, job: &str) -> Result<(Job, Vec<Found>), Fault> {
    let job = state.job(job)?;
    if let Some(found) = state.queue.found(&job.id) {
        return Ok((job, found));
    }
    if job.state != JobState::Done {
        return Ok((job, Vec::new()));
    }
    let faces = state.report(&job)?.inputs.into_iter().flat_map(|input| input.faces);
    let of_face = faces.flat_map(|face| face.intervals.into_iter().map(move |interval| (face.face_id, interval)));
    let found = |(face_id, interval)| Found { film: job.film.clone(), job: job.id.clone(), face_id, interval };
    let found = of_face.map(found).collect();
    Ok((job, found))
}

/// Tells of something that happened; whether somebody listens and more may come.
async fn tell(sender: &Sender<Told>, event: &Event) -> bool {
    match event {
        Event::Job(view) => say(sender, "job", view).await,
        Event::Movement(found) => say(sender, "movement", found).await,
        Event::Film { .. } => say(sender, "film", event).await,
        Event::Notes { .. } => say(sender, "notes", event).await,
        Event::Gone { .. } => say(sender, "gone", event).await,
        Event::Closing => false,
    }
}

async fn say(sender: &Sender<Told>, name: &str, data: &impl Serialize) -> bool {
    let data = serde_json::to_string(data).expect("names and numbers are JSON");
    sender.send(Ok(Line::default().event(name).data(data))).await.is_ok()
}
