//! Where the time goes: how long each stage of the way through a film took.
//!
//! Rooms and hall name their stages as `tracing` spans; nobody listens to them, and they cost next to nothing, until a
//! [`StageClock`] does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::span::Id;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

/// The stages in the order in which a frame goes through them.
pub const STAGES: [(&str, &str); 11] = [
    ("decode", "frames out of the film"),
    ("detect", "faces in the whole frame"),
    ("landmarks", "478 points of each face"),
    ("blendshapes", "lids, jaw and gaze"),
    ("align", "crops of the face"),
    ("flow", "dense optical flow"),
    ("spot", "courses, proposals and their features"),
    ("judge", "the trees' verdict on proposals"),
    ("encode", "pixels and flow into tokens"),
    ("heads", "attention, dependencies, scores"),
    ("write", "the result"),
];

/// What one stage took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// How often it was entered.
    pub calls: u64,
    /// Time in it, less that in stages inside it; of all threads together.
    pub time: Duration,
}

/// Adds up the time that every stage takes, on all threads.
#[derive(Clone, Debug, Default)]
pub struct StageClock(Arc<Mutex<BTreeMap<&'static str, Spent>>>);

impl StageClock {
    /// Listens to the stages of the whole process from now on.
    ///
    /// # Errors
    /// When something in this process listens to `tracing` already.
    pub fn install() -> Result<StageClock, tracing::subscriber::SetGlobalDefaultError> {
        let clock = StageClock::default();
        tracing::subscriber::set_global_default(Registry::default().with(clock.clone()))?;
        Ok(clock)
    }

    /// What each stage has taken since the clock was installed or last read, by name.
    pub fn take(&self) -> BTreeMap<&'static str, Spent> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A stage being gone through.
struct Open {
    since: Instant,
    inside: Duration,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for StageClock {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_span() && metadata.target().starts_with("microau")
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(Open { since: Instant::now(), inside: Duration::ZERO });
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let Some(Open { since, inside }) = span.extensions_mut().remove() else { return };
        let took = since.elapsed();
        if let Some(parent) = span.parent()
            && let Some(open) = parent.extensions_mut().get_mut::<Open>()
        {
            open.inside += took;
        }
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = spent.entry(span.name()).or_default();
        spent.calls += 1;
        spent.time += took.saturating_sub(inside);
    }
}
