//! Names of uploaded checkpoints, whose files are called by numbers.

use rusqlite::params;
use std::collections::BTreeMap;

use super::{Store, forget};

impl Store {
    /// Names by number.
    pub fn model_names(&self) -> rusqlite::Result<BTreeMap<String, String>> {
        let connection = self.connection();
        let mut query = connection.prepare_cached("SELECT id, name FROM models")?;
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    /// Names a checkpoint.
    pub fn add_model(&self, id: &str, name: &str) -> rusqlite::Result<()> {
        let sql = "INSERT INTO models (id, name) VALUES (?1, ?2)";
        self.connection().execute(sql, params![id, name]).map(|_| ())
    }

    /// Forgets the name of a checkpoint.
    pub fn delete_model(&self, id: &str) -> rusqlite::Result<()> {
        let connection = self.connection();
        connection.execute("DELETE FROM models WHERE id = ?1", [id])?;
        forget(&connection)
    }
}
