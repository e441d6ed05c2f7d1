//! Folders of images, the form in which most datasets come, and single images or pairs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use microau_core::time::{FrameIndex, FrameRate};

use super::{Frame, FrameError, FrameSource, VideoInfo, names, picture};

/// Endings of the files that are taken from a folder, in any case. All other files are passed over.
pub const EXTENSIONS: [&str; 6] = ["jpg", "jpeg", "png", "bmp", "tif", "tiff"];

/// Images as the frames of a film, read one at a time.
#[derive(Clone, Debug)]
pub struct ImageFolder {
    info: VideoInfo,
    files: Vec<PathBuf>,
    next: usize,
}

impl ImageFolder {
    /// The images of a folder, sorted by the number in the name; subfolders are not entered.
    ///
    /// Folders state no rate: `rate` is taken and [`VideoInfo::rate_known`] is `false`.
    ///
    /// # Errors
    /// When the folder cannot be read, has no images, or its first image is damaged.
    pub fn open(folder: &Path, rate: FrameRate) -> Result<Self, FrameError> {
        let files = image_files(folder)?;
        if files.is_empty() {
            let images_in = first_subfolder_with_images(folder);
            return Err(FrameError::EmptyFolder { path: folder.to_owned(), images_in });
        }
        let stems: Vec<String> = files.iter().map(|file| stem(file)).collect();
        let (positions, numbers) = names::order(&stems);
        let files = positions.into_iter().map(|position| files[position].clone()).collect();
        Self::of_sorted(files, numbers, rate, "folder")
    }

    /// The images given, in the order given.
    ///
    /// # Errors
    /// When the first is missing or no image.
    pub fn of_files(files: &[&Path], rate: FrameRate) -> Result<Self, FrameError> {
        let numbers = names::order(&files.iter().map(|file| stem(file)).collect::<Vec<_>>());
        // Only numbers that agree with the order given are frame numbers.
        let numbers = numbers.1.filter(|_| numbers.0.is_sorted());
        Self::of_sorted(files.iter().map(|file| file.to_path_buf()).collect(), numbers, rate, "images")
    }

    /// The file of each frame.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    fn of_sorted(
        files: Vec<PathBuf>,
        numbers: Option<Vec<u64>>,
        rate: FrameRate,
        container: &str,
    ) -> Result<Self, FrameError> {
        let ((width_px, height_px), codec) = picture::size_and_format(&files[0])?;
        let info = VideoInfo {
            width_px,
            height_px,
            rate,
            rate_known: false,
            rate_constant: true,
            frame_count: Some(files.len() as u64),
            codec,
            container: container.to_owned(),
            numbers,
        };
        Ok(Self { info, files, next: 0 })
    }
}

impl FrameSource for ImageFolder {
    fn info(&self) -> &VideoInfo {
        &self.info
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let position = self.next;
        let Some(file) = self.files.get(position) else { return Ok(None) };
        self.next += 1;
        let index = FrameIndex(position as u64);
        let image = picture::read(file)?;
        let expected_px = (self.info.width_px, self.info.height_px);
        if image.dimensions() != expected_px {
            self.next = self.files.len();
            let got_px = image.dimensions();
            return Err(FrameError::SizeChanged { expected_px, got_px, frame: index, path: file.clone() });
        }
        let number = self.info.numbers.as_ref().map(|numbers| numbers[position]);
        Ok(Some(Frame { index, time: self.info.rate.time_of(index), number, image }))
    }

    fn skip(&mut self, count: u64) -> Result<u64, FrameError> {
        let left = self.files.len() - self.next;
        let passed = usize::try_from(count).unwrap_or(usize::MAX).min(left);
        self.next += passed;
        Ok(passed as u64)
    }
}

/// Image files right inside a folder, in the order of their names as bytes.
fn image_files(folder: &Path) -> Result<Vec<PathBuf>, FrameError> {
    let failed = |source| FrameError::from_io(source, folder);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        // Names that start with a dot are litter of file managers: `._img1.jpg` is no image.
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && has_image_extension(&path) && path.is_file() {
            files.insert(entry.file_name(), path);
        }
    }
    Ok(files.into_values().collect())
}

fn has_image_extension(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

fn first_subfolder_with_images(folder: &Path) -> Option<PathBuf> {
    let mut subfolders: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.is_dir()).collect();
    subfolders.sort();
    subfolders.into_iter().find(|subfolder| image_files(subfolder).is_ok_and(|files| !files.is_empty()))
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
