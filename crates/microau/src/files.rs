//! Files that are either there whole or not at all: written beside their place, then renamed.

use std::io::{BufWriter, Cursor, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};
use tempfile::NamedTempFile;

use crate::detect::DetectError;

/// Writes a file; makes its folder.
///
/// # Errors
/// [`DetectError::Write`]; what was at the path before is still there then.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DetectError> {
    let mut file = WholeFile::create(path)?;
    file.write_all(bytes).map_err(|source| DetectError::Write { source, path: path.to_owned() })?;
    file.finish()
}

/// Whether [`write()`] could write to a path, before there is anything to write; makes its folder.
///
/// # Errors
/// [`DetectError::Write`].
pub fn check(path: &Path) -> Result<(), DetectError> {
    WholeFile::create(path).map(|_| ())
}

/// Makes a folder where there is none.
///
/// # Errors
/// [`DetectError::Write`].
pub fn make_folder(path: &Path) -> Result<(), DetectError> {
    std::fs::create_dir_all(path).map_err(|source| DetectError::Write { source, path: path.to_owned() })
}

/// A temporary file in the folder of a path, which is made.
fn beside(path: &Path) -> std::io::Result<NamedTempFile> {
    if path.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    tempfile::Builder::new().prefix(".microau-").tempfile_in(folder)
}

/// A file that is written piece by piece and is at its place once it is whole; dropped before, it leaves nothing behind.
#[derive(Debug)]
pub struct WholeFile {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl WholeFile {
    /// An empty file to come; makes its folder.
    ///
    /// # Errors
    /// [`DetectError::Write`].
    pub fn create(path: &Path) -> Result<Self, DetectError> {
        let file = beside(path).map_err(|source| DetectError::Write { source, path: path.to_owned() })?;
        Ok(Self { file: BufWriter::new(file), path: path.to_owned() })
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it at its place.
    ///
    /// # Errors
    /// [`DetectError::Write`]; what was at the path before is still there then.
    pub fn finish(self) -> Result<(), DetectError> {
        let Self { file, path } = self;
        let placed = || {
            let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
            make_readable(file.as_file())?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        placed().map_err(|source| DetectError::Write { source, path: path.clone() })
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Seek for WholeFile {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

/// Writes a picture as PNG; makes its folder.
///
/// # Errors
/// As [`write()`].
pub fn write_png(path: &Path, picture: &RgbImage) -> Result<(), DetectError> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("a picture in memory can be encoded");
    write(path, bytes.get_ref())
}

/// Temporary files are private to their owner; results are not.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/out.csv");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        write(&file, b"").unwrap();
        for error in [write(&file.join("below"), b"").unwrap_err(), check(&file.join("below")).unwrap_err()] {
            assert!(error.to_string().contains("below"), "{error}");
        }
        assert!(check(folder.path()).is_err() && make_folder(&file).is_err());
    }

    #[test]
    fn a_check_leaves_nothing_behind_but_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        check(&folder.path().join("new/out.csv")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
    }
}
