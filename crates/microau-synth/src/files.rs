//! Folders and files that are either there whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::SynthError;

/// Makes a folder where there is none.
pub(crate) fn make_folder(path: &Path) -> Result<(), SynthError> {
    fs::create_dir_all(path).map_err(|source| SynthError::Write { path: path.to_owned(), source })
}

/// Removes a folder where there is one.
pub(crate) fn remove_folder(path: &Path) -> Result<(), SynthError> {
    match fs::remove_dir_all(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(SynthError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// Writes a file beside its place, then renames it.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), SynthError> {
    let mut partial = PathBuf::from(path);
    partial.set_extension("partial");
    let failed = |source| SynthError::Write { path: path.to_owned(), source };
    fs::write(&partial, bytes).map_err(failed)?;
    fs::rename(&partial, path).map_err(failed)
}

/// Makes a folder the one of these settings, or finds that it is: a marker of this name holds `settings`.
pub(crate) fn claim_folder(folder: &Path, marker_name: &str, settings: &str) -> Result<(), SynthError> {
    let path = folder.join(marker_name);
    make_folder(folder)?;
    let occupied = |found: &str| Err(SynthError::Occupied { path: folder.to_owned(), found: found.to_owned() });
    match fs::read_to_string(&path) {
        Ok(found) if found == settings => Ok(()),
        Ok(_) => occupied("one of other settings"),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            let mut entries =
                fs::read_dir(folder).map_err(|source| SynthError::Write { path: folder.to_owned(), source })?;
            if entries.next().is_some() {
                return occupied("files of something else");
            }
            replace_file(&path, settings.as_bytes())
        }
        Err(source) => Err(SynthError::Write { path, source }),
    }
}
