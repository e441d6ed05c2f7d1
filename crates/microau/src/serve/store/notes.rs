//! Corrections, saved whole under a revision: who knows an older one is told and overwrites nothing.

use rusqlite::{OptionalExtension, TransactionBehavior, params};

use super::{Store, json, text};
use crate::serve::annotations::Annotations;

/// What came of saving.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Saved {
    /// It is saved under this revision.
    As(u64),
    /// Somebody else saved this revision meanwhile.
    Elsewhere(u64),
    /// There is no such film.
    NoFilm,
}

impl Store {
    /// The corrections of a film; `None` where nobody has saved any.
    pub fn notes(&self, film: &str) -> rusqlite::Result<Option<Annotations>> {
        let sql = "SELECT body FROM notes WHERE film = ?1";
        self.connection().query_row(sql, [film], |row| json(row, "body")).optional()
    }

    /// Saves the corrections of a film when its last revision is the one that they were made from.
    pub fn save_notes(&self, film: &str, notes: &Annotations) -> rusqlite::Result<Saved> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let count: i64 = transaction.query_row("SELECT count(*) FROM films WHERE id = ?1", [film], |row| row.get(0))?;
        if count == 0 {
            return Ok(Saved::NoFilm);
        }
        let sql = "SELECT revision FROM notes WHERE film = ?1";
        let last: Option<i64> = transaction.query_row(sql, [film], |row| row.get(0)).optional()?;
        let last = last.unwrap_or(0) as u64;
        if last != notes.revision {
            return Ok(Saved::Elsewhere(last));
        }
        let next = Annotations { revision: last + 1, ..notes.clone() };
        let sql = "INSERT INTO notes (film, revision, body) VALUES (?1, ?2, ?3)
                   ON CONFLICT (film) DO UPDATE SET revision = excluded.revision, body = excluded.body";
        transaction.execute(sql, params![film, next.revision as i64, text(&next)])?;
        transaction.commit()?;
        Ok(Saved::As(next.revision))
    }
}

#[cfg(test)]
mod tests {
    use super::super::films::tests::film;
    use super::*;

    #[test]
    fn nobody_overwrites_what_they_have_not_seen() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("a.db")).unwrap();
        store.add_film(&film("f"), &[]).unwrap();
        let at = |revision| Annotations { revision, ..Annotations::default() };
        assert_eq!(store.save_notes("f", &at(0)).unwrap(), Saved::As(1));
        assert_eq!(store.save_notes("f", &at(0)).unwrap(), Saved::Elsewhere(1));
        assert_eq!(store.save_notes("f", &at(1)).unwrap(), Saved::As(2));
        assert_eq!(store.save_notes("g", &at(0)).unwrap(), Saved::NoFilm);
        assert_eq!(store.notes("f").unwrap().unwrap().revision, 2);
    }
}
