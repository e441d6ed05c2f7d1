//! Where things lie in the folder of data. Names that users give are never part of a path: everything is called by random
//! numbers of this program's own.
//!
//! ```text
//! microau.db                     films, jobs, corrections
//! films/ID/film                  an upload; or films/ID/frames/000000.jpg …
//! films/ID/pictures.pack, .idx   small pictures of every frame
//! films/ID/jobs/ID/              report.json, heads.bin, landmarks.bin of one job
//! models/NAME.safetensors        checkpoints, put there by hand or uploaded
//! incoming/                      what is on its way; emptied at every start
//! labels.csv                     confirmed corrections as a table for training
//! ```

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::error::ServeError;

/// The folder of data, kept from other servers as long as this lives.
#[derive(Debug)]
pub(crate) struct Folders {
    root: PathBuf,
    _lock: File,
}

impl Folders {
    /// Makes what is missing, takes the folder for this server, and empties what is on its way.
    pub fn open(root: &Path) -> Result<Self, ServeError> {
        let failed = |source| ServeError::Folder { source, path: root.to_owned() };
        let in_use = || ServeError::InUse { path: root.to_owned() };
        private_folder(root).map_err(failed)?;
        let root = root.canonicalize().map_err(failed)?;
        let lock = File::create(root.join("lock")).map_err(failed)?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::WouldBlock => in_use(),
            fs::TryLockError::Error(source) => failed(source),
        })?;
        let folders = Self { root, _lock: lock };
        remove(&folders.incoming()).map_err(failed)?;
        for folder in [folders.films(), folders.models(), folders.incoming()] {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        Ok(folders)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("microau.db")
    }

    pub fn films(&self) -> PathBuf {
        self.root.join("films")
    }

    pub fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    pub fn incoming(&self) -> PathBuf {
        self.root.join("incoming")
    }

    /// The table of confirmed corrections.
    pub fn labels(&self) -> PathBuf {
        self.root.join("labels.csv")
    }

    /// All of one film.
    pub fn film(&self, id: &str) -> PathBuf {
        self.films().join(id)
    }

    /// The results of one job.
    pub fn job(&self, film: &str, job: &str) -> PathBuf {
        self.film(film).join("jobs").join(job)
    }

    /// Removes the folders of films that are in no list: deleted ones of which something was left when the program ended.
    pub fn sweep(&self, known: &[String]) -> io::Result<()> {
        for entry in fs::read_dir(self.films())? {
            let entry = entry?;
            if !known.iter().any(|id| *id == entry.file_name().to_string_lossy()) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// A new number for a film, a job, an upload.
pub(crate) fn new_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Removes a folder with all in it; one that is not there is gone already.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Films of faces are nobody else's business.
#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_serves_one_server_and_loses_what_was_on_its_way() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folders::open(folder.path()).unwrap();
        fs::create_dir_all(first.incoming().join("half")).unwrap();
        assert!(matches!(Folders::open(folder.path()), Err(ServeError::InUse { .. })));
        drop(first);
        let second = Folders::open(folder.path()).unwrap();
        assert_eq!(fs::read_dir(second.incoming()).unwrap().count(), 0);
    }

    #[test]
    fn films_in_no_list_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let folders = Folders::open(folder.path()).unwrap();
        let (kept, gone) = (new_id(), new_id());
        [&kept, &gone].iter().for_each(|id| fs::create_dir_all(folders.job(id, "a")).unwrap());
        folders.sweep(std::slice::from_ref(&kept)).unwrap();
        assert!(folders.film(&kept).exists() && !folders.film(&gone).exists());
    }
}
