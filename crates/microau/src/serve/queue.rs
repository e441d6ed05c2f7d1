//! The one queue: jobs wait in the database, a few threads do them, everybody who looks is told how far they are.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::http::StatusCode;
use serde::Serialize;
use tokio::sync::broadcast;
use utoipa::ToSchema;

use super::State;
use super::fault::Fault;
use super::live::{Found, JobProgress, Live, Stop};
use super::store::{Job, JobState, now};
use super::work::{self, Ending};

/// Events that a slow reader may be behind; one that is further behind looks at everything again.
const EVENTS: usize = 512;
/// How long a thread waits when the database cannot be asked.
const WAIT: Duration = Duration::from_secs(1);

/// What happens, for everybody who looks.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Event {
    /// A job is where it was not.
    Job(Box<JobView>),
    /// A movement was found.
    Movement(Box<Found>),
    /// A film came, or is called by another name.
    Film { film: String },
    /// Corrections of a film were saved.
    Notes { film: String, revision: u64 },
    /// A film is gone.
    Gone { film: String },
    /// The server ends.
    Closing,
}

/// A job and how far it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct JobView {
    #[serde(flatten)]
    pub job: Job,
    /// How far it is while it runs.
    pub progress: Option<JobProgress>,
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
    events: broadcast::Sender<Event>,
}

#[derive(Debug, Default)]
struct Inner {
    live: HashMap<String, Arc<Live>>,
    is_closing: bool,
}

impl Queue {
    pub fn new() -> Self {
        Self { inner: Mutex::default(), wake: Condvar::new(), events: broadcast::channel(EVENTS).0 }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Tells everybody who looks.
    pub fn tell(&self, event: Event) {
        // nobody may be looking
        let _ = self.events.send(event);
    }

    /// There is something to do.
    pub fn wake(&self) {
        self.wake.notify_all();
    }

    /// A job with how far it is.
    pub fn view(&self, job: Job) -> JobView {
        let progress = self.inner().live.get(&job.id).map(|live| live.progress());
        JobView { job, progress }
    }

    /// What a running job has found so far.
    pub fn found(&self, job: &str) -> Option<Vec<Found>> {
        self.inner().live.get(job).map(|live| live.all_found())
    }

    /// Whether a job of a film is running.
    pub fn is_busy(&self, film: &str) -> bool {
        self.inner().live.values().any(|live| live.film == film)
    }

    /// Stops the running jobs of a film.
    pub fn stop_film(&self, film: &str) {
        self.inner().live.values().filter(|live| live.film == film).for_each(|live| live.stop(Stop::Cancelled));
    }

    /// Stops a job, or takes it out of the queue.
    ///
    /// # Errors
    /// When there is no such job, or it has ended.
    pub fn cancel(&self, state: &State, id: &str) -> Result<Job, Fault> {
        let inner = self.inner();
        if let Some(live) = inner.live.get(id) {
            live.stop(Stop::Cancelled);
            return state.job(id);
        }
        let job = state.job(id)?;
        if job.state != JobState::Queued {
            return Err(Fault::conflict("the job has ended already").hint("load the page again to see its result"));
        }
        let job = Job { state: JobState::Cancelled, ended: Some(now()), ..job };
        state.store.update_job(&job)?;
        drop(inner);
        self.tell(Event::Job(Box::new(self.view(job.clone()))));
        Ok(job)
    }

    /// Starts so many threads that do jobs until the queue closes.
    pub fn start(state: &Arc<State>, threads: usize) -> Vec<JoinHandle<()>> {
        let worker = |_| {
            let state = state.clone();
            std::thread::spawn(move || while state.queue.do_next(&state) {})
        };
        (0..threads).map(worker).collect()
    }

    /// Ends the threads; running jobs go back into the queue.
    pub fn close(&self) {
        let mut inner = self.inner();
        inner.is_closing = true;
        inner.live.values().for_each(|live| live.stop(Stop::Closing));
        drop(inner);
        self.wake.notify_all();
        self.tell(Event::Closing);
    }

    /// Waits for a job and does it; whether to go on.
    fn do_next(&self, state: &State) -> bool {
        let mut inner = self.inner();
        let (job, live) = loop {
            if inner.is_closing {
                return false;
            }
            match state.store.next_job() {
                Ok(Some(job)) => {
                    let live = Arc::new(Live::new(&job.film));
                    inner.live.insert(job.id.clone(), live.clone());
                    break (job, live);
                }
                Ok(None) => inner = self.wake.wait(inner).unwrap_or_else(PoisonError::into_inner),
                // the disk may be full; it may have room later
                Err(_) => inner = self.wake.wait_timeout(inner, WAIT).unwrap_or_else(PoisonError::into_inner).0,
            }
        };
        drop(inner);
        self.tell(Event::Job(Box::new(self.view(job.clone()))));
        let panicked = |_| {
            Ending::Failed(
                Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "the program fell over this film")
                    .hint("please report it, with the film if you may"),
            )
        };
        let ending = std::panic::catch_unwind(AssertUnwindSafe(|| work::run(state, &job, &live)));
        self.end(state, job, ending.unwrap_or_else(panicked));
        true
    }

    fn end(&self, state: &State, job: Job, ending: Ending) {
        let ended = Job { ended: Some(now()), fault: None, ..job.clone() };
        let job = match ending {
            Ending::Done { summary, problems } => Job { state: JobState::Done, summary, problems, ..ended },
            Ending::Failed(fault) => Job { state: JobState::Failed, fault: Some(fault), ..ended },
            Ending::Cancelled => Job { state: JobState::Cancelled, ..ended },
            Ending::Later => Job { state: JobState::Queued, ..job },
        };
        let mut inner = self.inner();
        if state.store.update_job(&job).is_err() {
            // it stays as running, and is done again when the server starts anew
            eprintln!("error: the state of a job could not be saved");
        }
        inner.live.remove(&job.id);
        drop(inner);
        // another job of the same film may have waited for this one
        self.wake.notify_all();
        self.tell(Event::Job(Box::new(self.view(job))));
    }
}
