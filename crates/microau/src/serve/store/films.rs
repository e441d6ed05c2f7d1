//! Films: what was uploaded.

use microau_core::time::FrameRate;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Job, Store, forget, json, text};

/// One upload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Film {
    /// Its number, 32 hexadecimal digits.
    pub id: String,
    /// Its name, as the user has it.
    pub name: String,
    /// Whose face it shows, as the user calls them; the unit by which folds of a training are made.
    pub subject: String,
    /// What was uploaded.
    pub kind: FilmKind,
    /// Frames a second of a folder of frames, e.g. `30` or `30000/1001`.
    #[schema(value_type = Option<String>)]
    pub rate: Option<FrameRate>,
    /// Files of the upload.
    pub files: u64,
    /// Bytes of the upload.
    pub bytes: u64,
    /// When it came, seconds since 1970.
    pub added: i64,
}

/// What an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FilmKind {
    /// A video.
    Video,
    /// A folder of frames.
    Frames,
}

impl Store {
    /// Adds a film with its first jobs.
    pub fn add_film(&self, film: &Film, jobs: &[Job]) -> rusqlite::Result<()> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        let row = params![film.id, film.added, text(film)];
        transaction.execute("INSERT INTO films (id, added, body) VALUES (?1, ?2, ?3)", row)?;
        jobs.iter().try_for_each(|job| super::jobs::insert(&transaction, job))?;
        transaction.commit()
    }

    /// All films, the newest first.
    pub fn films(&self) -> rusqlite::Result<Vec<Film>> {
        let connection = self.connection();
        let mut query = connection.prepare_cached("SELECT body FROM films ORDER BY added DESC, rowid DESC")?;
        query.query_map([], read)?.collect()
    }

    /// One film.
    pub fn film(&self, id: &str) -> rusqlite::Result<Option<Film>> {
        self.connection().query_row("SELECT body FROM films WHERE id = ?1", [id], read).optional()
    }

    /// Writes a film that is there; whether it is.
    pub fn update_film(&self, film: &Film) -> rusqlite::Result<bool> {
        let row = params![film.id, text(film)];
        Ok(self.connection().execute("UPDATE films SET body = ?2 WHERE id = ?1", row)? > 0)
    }

    /// Deletes a film with its jobs and corrections, so that no trace of them is left in the files of the database; whether it
    /// was there.
    pub fn delete_film(&self, id: &str) -> rusqlite::Result<bool> {
        let connection = self.connection();
        let count = connection.execute("DELETE FROM films WHERE id = ?1", [id])?;
        forget(&connection)?;
        Ok(count > 0)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Film> {
    json(row, "body")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn film(id: &str) -> Film {
        Film {
            id: id.to_owned(),
            name: "a.mp4".to_owned(),
            subject: "anna".to_owned(),
            kind: FilmKind::Video,
            rate: None,
            files: 1,
            bytes: 7,
            added: 1,
        }
    }

    #[test]
    fn films_are_listed_newest_first_and_change_their_subject() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("a.db")).unwrap();
        ["a", "b"].iter().for_each(|id| store.add_film(&film(id), &[]).unwrap());
        let renamed = Film { subject: "berta".to_owned(), ..film("a") };
        assert!(store.update_film(&renamed).unwrap());
        assert!(!store.update_film(&film("c")).unwrap());
        assert_eq!(store.films().unwrap(), [film("b"), renamed]);
    }
}
