//! What people say of the movements of a film: corrected, added, confirmed, rejected.

use std::collections::{BTreeMap, BTreeSet};

use microau_core::au::Au;
use microau_core::report::InputReport;
use microau_core::sample::{AuLabels, Event};
use microau_core::score::AuInterval;
use microau_core::time::FrameIndex;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::Fault;

/// Most movements of one film that can be saved.
const MOST_INTERVALS: usize = 20_000;
/// Most letters of an emotion.
const MOST_EMOTION: usize = 100;
/// Most letters of a note.
const MOST_NOTE: usize = 4000;

/// All that people say of one film.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Annotations {
    /// How often it was saved; 0 for what a job found and nobody has touched. To save, give the revision that you read.
    pub revision: u64,
    /// The job whose movements these were at first.
    #[serde(default)]
    pub job: Option<String>,
    /// The movements.
    pub intervals: Vec<Annotation>,
}

/// What is said of one movement. Frames are counted from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Annotation {
    /// A name of its own within the film, up to 64 letters and digits.
    pub id: String,
    /// Number of the face.
    pub face_id: u32,
    /// Last frame before the movement.
    pub onset: u64,
    /// Frame of the strongest movement.
    pub apex: u64,
    /// First frame after it; null when it stays to the end, or is not known.
    #[serde(default)]
    pub offset: Option<u64>,
    /// What is said of each action unit; those not named are absent.
    #[schema(value_type = BTreeMap<String, UnitState>)]
    pub aus: BTreeMap<Au, UnitState>,
    /// What the person who looked calls it; never used by the program.
    #[serde(default)]
    pub emotion: String,
    /// Anything else.
    #[serde(default)]
    pub note: String,
    /// Whether somebody looked, and what they say.
    pub verdict: Verdict,
    /// Which movement of the job it was at first, by its onset and apex; null for one added by hand.
    #[serde(default)]
    pub origin: Option<Origin>,
}

/// A movement as a job found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Origin {
    /// Its onset.
    pub onset: u64,
    /// Its apex.
    pub apex: u64,
}

/// Whether an action unit is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UnitState {
    /// It is there.
    On,
    /// It is not.
    Off,
    /// It cannot be told.
    Unsure,
}

/// What somebody says of a movement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// Nobody has looked.
    #[default]
    Open,
    /// It is one.
    Confirmed,
    /// It is none.
    Rejected,
}

impl Annotations {
    /// Those that a job found, untouched.
    pub fn of_job(job: &str, found: &InputReport) -> Self {
        let intervals = found.faces.iter().flat_map(|face| face.intervals.iter().map(|it| (face.face_id, it)));
        let intervals = intervals.enumerate().map(|(place, (face_id, it))| Annotation::of(place, face_id, it));
        Self { revision: 0, job: Some(job.to_owned()), intervals: intervals.collect() }
    }

    /// Finds out what cannot be saved.
    ///
    /// # Errors
    /// A [`Fault`] that names the first movement that is wrong. `frames` is the number of frames of the film, 0 where that is not
    /// known.
    pub fn check(&self, frames: u64) -> Result<(), Fault> {
        if self.intervals.len() > MOST_INTERVALS {
            return Err(Fault::wrong(format!("at most {MOST_INTERVALS} movements"), self.intervals.len().to_string()));
        }
        let mut seen = BTreeSet::new();
        for it in &self.intervals {
            it.check(frames)?;
            if !seen.insert(&it.id) {
                return Err(Fault::wrong("a name of its own for every movement", format!("{:?} twice", it.id)));
            }
        }
        Ok(())
    }
}

impl Annotation {
    fn of(place: usize, face_id: u32, it: &AuInterval) -> Self {
        let state = |present| if present { UnitState::On } else { UnitState::Off };
        let (onset, apex) = (it.onset.frame.0, it.apex.frame.0);
        Self {
            id: format!("m{place}"),
            face_id,
            onset,
            apex,
            offset: it.offset.map(|offset| offset.frame.0),
            aus: it.aus.iter().map(|score| (score.au, state(score.present))).collect(),
            emotion: String::new(),
            note: String::new(),
            verdict: Verdict::Open,
            origin: Some(Origin { onset, apex }),
        }
    }

    fn check(&self, frames: u64) -> Result<(), Fault> {
        let Self { id, onset, apex, offset, .. } = self;
        let is_name = (1..=64).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        if !is_name {
            return Err(Fault::wrong("a name of up to 64 letters, digits and -", format!("{id:?}")));
        }
        let event = Event::new(FrameIndex(*onset), FrameIndex(*apex), offset.map(FrameIndex));
        event.map_err(|error| {
            Fault::wrong("onset < apex <= offset", error.to_string().split("got ").last().unwrap_or_default())
                .hint("move the onset before the apex, or the offset behind it")
        })?;
        let last = offset.unwrap_or(*apex).max(*apex);
        if frames > 0 && last >= frames {
            return Err(Fault::wrong(format!("frames from 0 to {}", frames - 1), last.to_string()));
        }
        for (what, text, most) in [("emotion", &self.emotion, MOST_EMOTION), ("note", &self.note, MOST_NOTE)] {
            let letters = text.chars().count();
            if letters > most {
                return Err(Fault::wrong(format!("{what} of at most {most} letters"), letters.to_string()));
            }
        }
        Ok(())
    }

    /// What is said of an action unit.
    pub fn state(&self, au: Au) -> UnitState {
        self.aus.get(&au).copied().unwrap_or(UnitState::Off)
    }

    /// What is there and what is open, as labels for a training; what cannot be told takes no part in it.
    pub fn labels(&self) -> AuLabels {
        let mut labels = AuLabels::NONE;
        for (&au, state) in &self.aus {
            match state {
                UnitState::On => labels.insert(au, None),
                UnitState::Unsure => labels.leave_open(au),
                UnitState::Off => {}
            }
        }
        labels
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::detect::output::tests::{film_report, interval_at};

    pub(crate) fn found() -> Annotations {
        Annotations::of_job("j", &film_report("a.mp4", vec![interval_at(3, 12), interval_at(30, 60)]))
    }

    #[test]
    fn what_a_job_found_is_what_people_begin_with() {
        let found = found();
        assert!(found.check(900).is_ok());
        let first = &found.intervals[0];
        assert_eq!((first.onset, first.apex, first.offset, first.verdict), (3, 7, Some(12), Verdict::Open));
        assert_eq!((first.state(Au::Au12), first.state(Au::Au4)), (UnitState::On, UnitState::Off));
        assert_eq!(first.labels().to_string(), "12");
    }

    #[test]
    fn what_cannot_be_is_not_saved() {
        let spoil = |how: fn(&mut Annotation)| {
            let mut notes = found();
            how(&mut notes.intervals[1]);
            notes.check(900).unwrap_err().message
        };
        assert_eq!(spoil(|it| it.onset = 45), "expected onset < apex <= offset, got onset 45, apex 45, offset 60");
        assert_eq!(spoil(|it| it.offset = Some(900)), "expected frames from 0 to 899, got 900");
        assert!(spoil(|it| it.id = "m0".to_owned()).contains("twice"));
        assert!(spoil(|it| it.id = "../x".to_owned()).contains("letters, digits"));
        assert!(spoil(|it| it.note = "x".repeat(4001)).contains("at most 4000"));
        assert!(spoil(|it| it.offset = Some(40)).contains("onset < apex <= offset"));
    }

    #[test]
    fn unsure_units_are_left_open_in_labels() {
        let mut it = found().intervals.remove(0);
        it.aus.insert(Au::Au4, UnitState::Unsure);
        assert_eq!(it.labels().to_string(), "12+?4");
    }
}
