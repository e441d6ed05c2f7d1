//! Jobs: a model looks at a film. One queue, oldest first.

use microau_core::report::{ErrorReport, InputReport};
use microau_core::score::{AuInterval, ExpressionKind};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::fault::Fault;
use super::{Store, json, now, text};

/// A model that looks at a film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Job {
    /// Its number, 32 hexadecimal digits.
    pub id: String,
    /// The film it looks at.
    pub film: String,
    /// `nano`, or the number of a checkpoint among the models.
    pub model: String,
    /// Name of the model, for reading.
    pub model_name: String,
    /// What the film is taken for.
    pub kind: JobKind,
    /// Least confidence of a spotted expression.
    pub confidence: f32,
    /// How far it is.
    pub state: JobState,
    /// Why it failed.
    #[serde(default)]
    pub fault: Option<Fault>,
    /// What could not be done though it did not fail, as that no face was found.
    #[serde(default)]
    pub problems: Vec<Problem>,
    /// What was found.
    #[serde(default)]
    pub summary: Option<Summary>,
    /// When it was asked for, seconds since 1970.
    pub added: i64,
    /// When it began last, seconds since 1970.
    #[serde(default)]
    pub begun: Option<i64>,
    /// When it ended, seconds since 1970.
    #[serde(default)]
    pub ended: Option<i64>,
}

/// What could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Problem {
    /// One line: what was expected and what was got.
    pub message: String,
    /// What the user can do about it.
    pub hint: Option<String>,
}

impl From<&ErrorReport> for Problem {
    fn from(error: &ErrorReport) -> Self {
        Self { message: error.message.clone(), hint: error.hint.clone() }
    }
}

/// What a film is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobKind {
    /// Either, by its length.
    #[default]
    Auto,
    /// A clip of one movement, which is searched.
    Clip,
    /// A film of any length, in which expressions are spotted.
    Film,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JobState {
    /// It waits for its turn.
    Queued,
    /// It is being done.
    Running,
    /// Its result is there.
    Done,
    /// It ended with an error.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl JobState {
    /// Whether nothing more will come of it by itself.
    pub fn has_ended(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What was found, counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Summary {
    /// Width of the film, px.
    pub width_px: u32,
    /// Height of the film, px.
    pub height_px: u32,
    /// Frames a second as text.
    pub rate: String,
    /// Frames of the film.
    pub frames: u64,
    /// Length of the film in seconds.
    pub secs: f64,
    /// Faces that moved.
    pub faces: usize,
    /// Micro-expressions.
    pub micro: usize,
    /// Longer expressions.
    pub longer: usize,
    /// All movements.
    pub movements: usize,
}

impl Summary {
    /// That of a report; nothing where there is no film.
    pub fn of(report: &InputReport) -> Option<Self> {
        let video = report.video.as_ref()?;
        let intervals = || report.faces.iter().flat_map(|face| &face.intervals);
        let of = |kind| intervals().filter(|it: &&AuInterval| it.spotted.is_some_and(|it| it.kind == kind)).count();
        let frames = video.frame_count.unwrap_or(0);
        Some(Self {
            width_px: video.width_px,
            height_px: video.height_px,
            rate: video.frame_rate.to_string(),
            frames,
            secs: frames as f64 / video.frame_rate.as_f64(),
            faces: report.faces.iter().filter(|face| !face.intervals.is_empty()).count(),
            micro: of(ExpressionKind::Micro),
            longer: of(ExpressionKind::Macro),
            movements: intervals().count(),
        })
    }
}

pub(super) fn insert(connection: &Connection, job: &Job) -> rusqlite::Result<()> {
    let sql = "INSERT INTO jobs (id, film, place, state, body)
               VALUES (?1, ?2, (SELECT coalesce(max(place), 0) + 1 FROM jobs), ?3, ?4)";
    connection.execute(sql, params![job.id, job.film, job.state.name(), text(job)]).map(|_| ())
}

fn update(connection: &Connection, job: &Job) -> rusqlite::Result<bool> {
    let row = params![job.id, job.state.name(), text(job)];
    Ok(connection.execute("UPDATE jobs SET state = ?2, body = ?3 WHERE id = ?1", row)? > 0)
}

impl Store {
    /// Adds a job to a film that is there.
    pub fn add_job(&self, job: &Job) -> rusqlite::Result<()> {
        insert(&self.connection(), job)
    }

    /// One job.
    pub fn job(&self, id: &str) -> rusqlite::Result<Option<Job>> {
        self.connection().query_row("SELECT body FROM jobs WHERE id = ?1", [id], read).optional()
    }

    /// The jobs of a film, oldest first.
    pub fn jobs_of(&self, film: &str) -> rusqlite::Result<Vec<Job>> {
        let connection = self.connection();
        let mut query = connection.prepare_cached("SELECT body FROM jobs WHERE film = ?1 ORDER BY place")?;
        query.query_map([film], read)?.collect()
    }

    /// Writes a job that is there; whether it is.
    pub fn update_job(&self, job: &Job) -> rusqlite::Result<bool> {
        update(&self.connection(), job)
    }

    /// Takes the next job of the queue and marks it as running.
    pub fn next_job(&self) -> rusqlite::Result<Option<Job>> {
        let connection = self.connection();
        // two jobs of one film would write the same pictures
        let sql = "SELECT body FROM jobs WHERE state = 'queued'
                   AND film NOT IN (SELECT film FROM jobs WHERE state = 'running') ORDER BY place LIMIT 1";
        let Some(mut job) = connection.query_row(sql, [], read).optional()? else { return Ok(None) };
        job.state = JobState::Running;
        job.begun = Some(now());
        update(&connection, &job)?;
        Ok(Some(job))
    }

    /// Puts jobs that were running when the program ended back into the queue, at their old places; how many.
    pub fn requeue(&self) -> rusqlite::Result<usize> {
        let connection = self.connection();
        let mut query = connection.prepare("SELECT body FROM jobs WHERE state = 'running'")?;
        let running: Vec<Job> = query.query_map([], read)?.collect::<Result<_, _>>()?;
        for job in &running {
            update(&connection, &Job { state: JobState::Queued, begun: None, ..job.clone() })?;
        }
        Ok(running.len())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Job> {
    json(row, "body")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::films::tests::film;
    use super::*;

    pub(crate) fn job(id: &str, film: &str) -> Job {
        Job {
            id: id.to_owned(),
            film: film.to_owned(),
            model: "nano".to_owned(),
            model_name: "nano".to_owned(),
            kind: JobKind::Auto,
            confidence: 0.4,
            state: JobState::Queued,
            fault: None,
            problems: Vec::new(),
            summary: None,
            added: 1,
            begun: None,
            ended: None,
        }
    }

    #[test]
    fn jobs_leave_the_queue_in_their_order_and_a_broken_one_goes_back_to_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("a.db")).unwrap();
        store.add_film(&film("f"), &[job("first", "f"), job("second", "f")]).unwrap();
        let next = || store.next_job().unwrap().map(|job| job.id);
        assert_eq!(next().as_deref(), Some("first"));
        assert_eq!(store.requeue().unwrap(), 1);
        assert_eq!([next(), next()], [Some("first".to_owned()), None], "one job of a film at a time");
        store.update_job(&Job { state: JobState::Done, ..job("first", "f") }).unwrap();
        assert_eq!([next(), next()], [Some("second".to_owned()), None]);
        assert_eq!(store.jobs_of("f").unwrap()[1].state, JobState::Running);
    }

    #[test]
    fn a_job_of_no_film_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("a.db")).unwrap();
        assert!(store.add_job(&job("j", "nowhere")).is_err());
    }
}
