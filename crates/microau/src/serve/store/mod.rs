//! The embedded database: which films and jobs there are, how far each is, and what people corrected.
//!
//! One connection behind a lock: every question is short, and what is large lies in files. What is deleted is overwritten with
//! zeros (`secure_delete`), in the log as well.

mod films;
mod jobs;
mod models;
mod notes;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::Connection;

use super::error::ServeError;

pub(crate) use films::{Film, FilmKind};
pub(crate) use jobs::{Job, JobKind, JobState, Problem, Summary};
pub(crate) use notes::Saved;

/// Version of the tables that this program makes and reads.
const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE films (id TEXT PRIMARY KEY, added INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE jobs (
  id TEXT PRIMARY KEY, film TEXT NOT NULL REFERENCES films (id) ON DELETE CASCADE, place INTEGER NOT NULL,
  state TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_film ON jobs (film);
CREATE INDEX jobs_by_state ON jobs (state, place);
CREATE TABLE notes (
  film TEXT PRIMARY KEY REFERENCES films (id) ON DELETE CASCADE, revision INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE models (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
";

/// The database.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the database at a path, or makes it.
    pub fn open(path: &Path) -> Result<Self, ServeError> {
        let failed = |source| ServeError::Database { source, path: path.to_owned() };
        let mut connection = Connection::open(path).map_err(failed)?;
        let version = prepare(&mut connection).map_err(failed)?;
        if version > VERSION {
            return Err(ServeError::NewerDatabase { known: VERSION, got: version, path: path.to_owned() });
        }
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// The connection; nobody who holds it leaves a question half asked.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets the connection up and makes the tables of a new database; the version of what is there.
fn prepare(connection: &mut Connection) -> rusqlite::Result<i64> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version == 0 {
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        return Ok(VERSION);
    }
    Ok(version)
}

/// Empties the log of the database, in which what was deleted still stands.
fn forget(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

/// Seconds since 1970, for lists; no result depends on it.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// A column of JSON.
fn json<T: serde::de::DeserializeOwned>(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    let wrong = |error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error));
    serde_json::from_str(&text).map_err(wrong)
}

/// A value for a column of JSON.
fn text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("names and numbers are JSON")
}

#[cfg(test)]
mod tests {
    use super::films::tests::film;
    use super::*;

    #[test]
    fn a_database_opens_again_with_what_was_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        Store::open(&path).unwrap().add_film(&film("a"), &[]).unwrap();
        assert_eq!(Store::open(&path).unwrap().film("a").unwrap(), Some(film("a")));
    }

    #[test]
    fn a_database_of_a_later_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        Store::open(&path).unwrap().connection().pragma_update(None, "user_version", 99).unwrap();
        let error = Store::open(&path).unwrap_err();
        assert!(matches!(error, ServeError::NewerDatabase { got: 99, .. }), "{error}");
        std::fs::write(&path, "this is no database, but long enough to be looked at as one").unwrap();
        assert!(matches!(Store::open(&path), Err(ServeError::Database { .. })));
    }

    #[test]
    fn a_film_that_is_deleted_is_in_no_file_any_more() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("a.db")).unwrap();
        let secret = Film { name: "very-private-name.mp4".to_owned(), ..film("a") };
        store.add_film(&secret, &[]).unwrap();
        let found = || {
            let files = std::fs::read_dir(folder.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()));
            files.filter(|bytes| String::from_utf8_lossy(bytes.as_ref().unwrap()).contains("very-private")).count()
        };
        assert!(found() > 0);
        assert!(store.delete_film("a").unwrap());
        assert_eq!(found(), 0);
        assert!(!store.delete_film("a").unwrap());
    }
}
