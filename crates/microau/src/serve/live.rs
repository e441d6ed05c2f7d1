//! A job while it runs: how far it is, what it has found so far, and whether it is to stop.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use microau_core::score::AuInterval;
use serde::Serialize;
use utoipa::ToSchema;

/// Time between two notices of how far a job is: the eye asks for no more.
const NOTICE_EVERY: Duration = Duration::from_millis(200);
/// Share of a job before which it does not tell when it will end.
const LEAST_SHARE: f64 = 0.02;

/// Why a job is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Stop {
    /// Somebody asked for it.
    Cancelled = 1,
    /// The server ends; the job goes on when it starts again.
    Closing = 2,
    /// It took too long.
    TooLong = 3,
}

/// A movement that was found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Found {
    /// The film.
    pub film: String,
    /// The job.
    pub job: String,
    /// Number of the face.
    pub face_id: u32,
    /// The movement in the form of a report.
    #[schema(value_type = Object)]
    pub interval: AuInterval,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct JobProgress {
    /// What is being done: `spotting`, `searching`, `scoring`.
    pub pass: String,
    /// Frames of this pass that are behind.
    pub done: u64,
    /// Frames of this pass, where known.
    pub total: Option<u64>,
    /// Share of the whole job that is behind, from 0 to 1, where known.
    pub share: Option<f64>,
    /// Seconds until it ends, where that can be said.
    pub eta_secs: Option<f64>,
}

/// A job while it runs.
#[derive(Debug)]
pub(crate) struct Live {
    pub film: String,
    stop: AtomicU8,
    begun: Instant,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    pass: &'static str,
    /// Passes begun, and passes in all.
    passes: (u32, u32),
    done: u64,
    total: Option<u64>,
    found: Vec<Found>,
    noticed: Option<Instant>,
}

impl Live {
    pub fn new(film: &str) -> Self {
        let inner = Inner { pass: "waiting", passes: (0, 1), ..Inner::default() };
        Self { film: film.to_owned(), stop: AtomicU8::new(0), begun: Instant::now(), inner: Mutex::new(inner) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the job to stop; the first reason counts.
    pub fn stop(&self, why: Stop) {
        // somebody was first
        let _ = self.stop.compare_exchange(0, why as u8, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Why the job is to stop, if it is; `limit` is the longest that it may take.
    pub fn stopped(&self, limit: Duration) -> Option<Stop> {
        if self.begun.elapsed() > limit {
            self.stop(Stop::TooLong);
        }
        match self.stop.load(Ordering::SeqCst) {
            0 => None,
            1 => Some(Stop::Cancelled),
            2 => Some(Stop::Closing),
            _ => Some(Stop::TooLong),
        }
    }

    /// Says how many passes there are.
    pub fn has_passes(&self, all: u32) {
        self.inner().passes.1 = all;
    }

    pub fn begin(&self, pass: &'static str, total: Option<u64>) {
        let mut inner = self.inner();
        inner.passes.0 += 1;
        (inner.pass, inner.done, inner.total, inner.noticed) = (pass, 0, total, None);
    }

    /// So many frames are behind; whether it is time to tell.
    pub fn at(&self, done: u64) -> bool {
        let mut inner = self.inner();
        inner.done = done;
        let is_time = inner.noticed.is_none_or(|last| last.elapsed() >= NOTICE_EVERY);
        if is_time {
            inner.noticed = Some(Instant::now());
        }
        is_time
    }

    pub fn found(&self, found: Found) {
        self.inner().found.push(found);
    }

    /// What was found so far.
    pub fn all_found(&self) -> Vec<Found> {
        self.inner().found.clone()
    }

    pub fn progress(&self) -> JobProgress {
        let inner = self.inner();
        let of_pass = inner.total.filter(|&total| total > 0).map(|total| (inner.done as f64 / total as f64).min(1.0));
        let (begun, all) = inner.passes;
        let share =
            of_pass.map(|share| ((f64::from(begun.max(1) - 1) + share) / f64::from(all.max(begun).max(1))).min(1.0));
        let secs = self.begun.elapsed().as_secs_f64();
        let eta_secs = share.filter(|&share| share >= LEAST_SHARE).map(|share| secs * (1.0 - share) / share);
        JobProgress { pass: inner.pass.to_owned(), done: inner.done, total: inner.total, share, eta_secs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_counts_passes() {
        let live = Live::new("f");
        assert_eq!(live.progress().share, None);
        live.has_passes(2);
        live.begin("spotting", Some(10));
        live.at(5);
        assert_eq!(live.progress().share, Some(0.25));
        live.begin("searching", Some(10));
        assert_eq!(live.progress().share, Some(0.5));
        live.begin("scoring", None);
        assert_eq!((live.progress().share, live.progress().eta_secs), (None, None));
    }

    #[test]
    fn the_first_reason_to_stop_counts() {
        let live = Live::new("f");
        assert_eq!(live.stopped(Duration::MAX), None);
        live.stop(Stop::Closing);
        live.stop(Stop::Cancelled);
        assert_eq!(live.stopped(Duration::MAX), Some(Stop::Closing));
        assert_eq!(Live::new("f").stopped(Duration::ZERO), Some(Stop::TooLong));
    }
}
