//! Several runs beside each other, under names that tell them apart.

use std::path::{Path, PathBuf};

use microau_eval::protocol::Protocol;

use super::{Run, RunError};

impl Run {
    /// Reads runs; those in folders of one name are called by as much of their paths as tells them apart.
    ///
    /// # Errors
    /// As [`Run::read`], and [`RunError::SameRun`] for a folder that is named twice.
    pub fn read_all(folders: &[PathBuf], protocol: Option<Protocol>) -> Result<Vec<Run>, RunError> {
        let whole: Vec<PathBuf> =
            folders.iter().map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.clone())).collect();
        if let Some(place) = (1..whole.len()).find(|&place| whole[..place].contains(&whole[place])) {
            return Err(RunError::SameRun { folder: folders[place].clone() });
        }
        let names = names(&whole);
        let run = |(folder, name): (&PathBuf, String)| Ok(Run { name, ..Run::read(folder, protocol)? });
        folders.iter().zip(names).map(run).collect()
    }
}

/// The shortest ends of different paths that differ.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let end = |path: &Path, parts: usize| {
        let all: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        all[all.len().saturating_sub(parts)..].join("/")
    };
    let longest = paths.iter().map(|path| path.components().count()).max().unwrap_or(1);
    let name = |path: &PathBuf| {
        let is_own = |parts: &usize| paths.iter().filter(|other| end(other, *parts) == end(path, *parts)).count() == 1;
        end(path, (1..longest).find(is_own).unwrap_or(longest))
    };
    paths.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_called_by_as_much_of_their_paths_as_tells_them_apart() {
        let paths = ["/x/a/r", "/x/b/r", "/x/s"].map(PathBuf::from);
        assert_eq!(names(&paths), ["a/r", "b/r", "s"]);
        assert_eq!(names(&["/r", "/x/r"].map(PathBuf::from)), ["//r", "x/r"]);
    }
}
