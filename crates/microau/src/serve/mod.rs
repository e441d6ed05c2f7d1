//! `microau serve`: a web application on one's own machine, with a page for people and an interface for programs.
//!
//! Read [`Server`] first, then `queue` and `work`. Films are uploaded into one folder of data; a queue of jobs in an embedded
//! database runs models over them and survives the end of the program; people correct what was found, and every format that
//! `detect` writes is written of the correction as well. Nothing leaves the machine, and who may ask is decided in `guard`.

mod annotations;
mod api;
mod compare;
mod corrected;
pub mod error;
mod fault;
mod folders;
mod guard;
mod live;
mod models;
mod queue;
mod record;
pub mod settings;
mod store;
mod training;
mod work;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

pub use error::ServeError;
pub use settings::ServeSettings;

use fault::Fault;
use folders::Folders;
use queue::Queue;
use store::{Film, Job, Store};

/// How long open connections may go on after the server was told to end.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// All that requests and jobs share.
#[derive(Debug)]
struct State {
    settings: ServeSettings,
    folders: Folders,
    store: Store,
    queue: Queue,
}

/// The web application: its folder is taken and its jobs run as long as this lives.
#[derive(Debug)]
pub struct Server {
    state: Arc<State>,
    workers: Vec<JoinHandle<()>>,
}

impl State {
    fn film(&self, id: &str) -> Result<Film, Fault> {
        self.store.film(id)?.ok_or_else(|| Fault::missing("film"))
    }

    fn job(&self, id: &str) -> Result<Job, Fault> {
        self.store.job(id)?.ok_or_else(|| Fault::missing("job"))
    }

    /// The longest that a job may take.
    fn job_limit(&self) -> Duration {
        Duration::from_secs(self.settings.max_minutes.saturating_mul(60))
    }
}

impl Server {
    /// Takes the folder of data, puts jobs that were interrupted back into the queue, and begins to do them.
    ///
    /// # Errors
    /// When the settings are refused, another server uses the folder, or it cannot be written.
    pub fn open(settings: ServeSettings) -> Result<Self, ServeError> {
        settings.address()?;
        let folders = Folders::open(&settings.data_dir)?;
        let store = Store::open(&folders.database())?;
        let failed = |source| ServeError::Database { source, path: folders.database() };
        store.requeue().map_err(failed)?;
        let known: Vec<String> = store.films().map_err(failed)?.into_iter().map(|film| film.id).collect();
        folders.sweep(&known).map_err(|source| ServeError::Folder { source, path: folders.root().to_owned() })?;
        let state = Arc::new(State { settings, folders, store, queue: Queue::new() });
        let workers = Queue::start(&state, state.settings.jobs);
        Ok(Self { state, workers })
    }

    /// Everything that can be asked, behind its guard.
    pub fn router(&self) -> Router {
        guard::guarded(api::router(&self.state), &self.state)
    }

    /// Serves until the program is told to end (Ctrl-C, SIGTERM), then ends its jobs so that they go on at the next start.
    /// `ready` hears the address once it can be asked.
    ///
    /// # Errors
    /// When nobody can listen on the address, or the system gives no threads.
    pub fn run(self, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
        let broken = |source| ServeError::Broken { source };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(broken)?;
        let address = self.state.settings.address()?;
        let state = self.state.clone();
        runtime.block_on(async {
            let refused = |source| ServeError::Listen { source, address: address.to_string() };
            let listener = TcpListener::bind(address).await.map_err(refused)?;
            ready(listener.local_addr().map_err(broken)?);
            let (told, mut ending) = tokio::sync::watch::channel(false);
            let ends = async move {
                told_to_end().await;
                state.queue.close();
                let _ = told.send(true);
            };
            let served = axum::serve(listener, self.router()).with_graceful_shutdown(ends);
            let too_late = async {
                // the sender is gone only when the server has ended
                let _ = ending.wait_for(|told| *told).await;
                tokio::time::sleep(LAST_WORDS).await;
            };
            tokio::select! {
                ended = served.into_future() => ended.map_err(broken),
                () = too_late => Ok(()),
            }
        })?;
        drop(self);
        runtime.shutdown_timeout(LAST_WORDS);
        Ok(())
    }
}

impl Drop for Server {
    /// Stops the jobs; they are back in the queue when this returns.
    fn drop(&mut self) {
        self.state.queue.close();
        for worker in self.workers.drain(..) {
            // a worker catches what its jobs panic with
            let _ = worker.join();
        }
    }
}

/// Waits for Ctrl-C, or for what ends services.
async fn told_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut end) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = end.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
