//! Files that are either there whole or not at all ([`microau_data::files`]), with errors that say what to do.

use std::io::{BufWriter, Cursor, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};
use microau_data::files::{beside, write_whole};
use tempfile::NamedTempFile;

use crate::detect::DetectError;

/// Writes a file; makes its folder.
///
/// # Errors
/// [`DetectError::Write`]; what was at the path before is still there then.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), DetectError> {
    write_whole(path, bytes).map_err(|source| DetectError::Write { source, path: path.to_owned() })
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
        let file = if path.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { beside(path) };
        let file = file.map_err(|source| DetectError::Write { source, path: path.to_owned() })?;
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
