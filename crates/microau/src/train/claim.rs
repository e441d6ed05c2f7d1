//! What makes a folder one run's own: files that say which settings, clips and folds it is of. They are held against what is
//! asked for before any work, and written once everything is known to be possible.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::TrainError;
use super::settings::TrainSettings;
use crate::files;

/// Name of the settings in a run's folder.
pub const SETTINGS_NAME: &str = "settings.toml";

/// Settings that decide where clips are found and how many work at a time, and nothing of the result.
const FREE: [&str; 3] = ["data.index", "data.store", "data.jobs"];

/// The claim of a run on its folder.
pub struct Claim<'a> {
    out: &'a Path,
    files: Vec<(PathBuf, String)>,
}

impl<'a> Claim<'a> {
    /// Holds the settings in a folder, if there are any, against those of this run.
    ///
    /// # Errors
    /// [`TrainError::OtherRun`] with the first key that differs.
    pub fn of(settings: &TrainSettings, out: &'a Path) -> Result<Claim<'a>, TrainError> {
        let (path, text) = (out.join(SETTINGS_NAME), settings.to_toml());
        if let Ok(found) = std::fs::read_to_string(&path)
            && let Some(difference) = difference(&found, &text)
        {
            return Err(other_run(out, format!("{SETTINGS_NAME}: {difference}")));
        }
        Ok(Claim { out, files: vec![(path, text)] })
    }

    /// Adds a file that the folder must hold, and holds it against the one that is there.
    ///
    /// # Errors
    /// [`TrainError::OtherRun`].
    pub fn hold(&mut self, name: &str, text: String) -> Result<(), TrainError> {
        let path = self.out.join(name);
        match std::fs::read_to_string(&path) {
            Ok(found) if found != text => Err(other_run(self.out, name.to_owned())),
            _ => {
                self.files.push((path, text));
                Ok(())
            }
        }
    }

    /// Writes what is not there yet.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(self) -> Result<(), TrainError> {
        for (path, text) in self.files {
            if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
                files::write(&path, text.as_bytes())?;
            }
        }
        Ok(())
    }
}

fn other_run(out: &Path, what: String) -> TrainError {
    TrainError::OtherRun { path: out.to_owned(), what }
}

/// The first setting in which two texts differ, in the order of their names.
fn difference(there: &str, here: &str) -> Option<String> {
    let (there, here) = (leaves(there), leaves(here));
    let mut keys: Vec<&String> = there.keys().chain(here.keys()).collect();
    keys.sort();
    let shown = |value: Option<&String>| value.map_or("nothing".to_owned(), String::clone);
    let differs = |key: &&String| !FREE.contains(&key.as_str()) && there.get(*key) != here.get(*key);
    let key = keys.into_iter().find(differs)?;
    Some(format!("{key} is {} there and {} here", shown(there.get(key)), shown(here.get(key))))
}

/// Values by their dotted keys.
type Leaves = BTreeMap<String, String>;

/// Every value of a TOML text by its dotted key; what is no TOML is a value of its own.
fn leaves(text: &str) -> Leaves {
    fn gather(name: &str, value: &toml::Value, into: &mut Leaves) {
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                gather(&name, value, into);
            }),
            other => drop(into.insert(name.to_owned(), other.to_string())),
        }
    }
    let table = text
        .parse::<toml::Table>()
        .unwrap_or_else(|_| toml::Table::from_iter([("text".to_owned(), toml::Value::String(text.to_owned()))]));
    let mut all = Leaves::new();
    gather("", &toml::Value::Table(table), &mut all);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_that_differs_is_named_with_both_values() {
        let told = difference("a = 1\n[data]\nseeds = [1]", "a = 1\nb = true\n[data]\nseeds = [2]").unwrap();
        assert_eq!(told, "b is nothing there and true here");
        let told = difference("a = 1\n[data]\nseeds = [1]", "a = 1\n[data]\nseeds = [2]").unwrap();
        assert_eq!(told, "data.seeds is [1] there and [2] here");
    }

    #[test]
    fn where_clips_lie_and_how_many_folds_run_at_once_makes_no_other_run() {
        let at = |index: &str, jobs: u8| format!("a = 1\n[data]\nindex = [\"{index}\"]\njobs = {jobs}");
        assert_eq!(difference(&at("here.csv", 1), &at("/there.csv", 2)), None);
        assert!(difference("no toml", "a = 1").is_some());
    }
}
