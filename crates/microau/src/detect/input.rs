//! What the user hands over: a film, a folder of images, or two images.

use std::fmt;
use std::path::{Path, PathBuf};

use microau_core::time::FrameRate;
use microau_vision::frames::{self, FrameError, FrameSource, OpenSettings};

/// Endings of videos in a folder of videos.
const VIDEO_ENDINGS: [&str; 9] = ["mp4", "m4v", "mov", "avi", "mkv", "webm", "mpg", "mpeg", "wmv"];

/// One input of a detection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A video or a folder of images.
    Film {
        /// The input as the user wrote it.
        name: String,
        /// Where it is.
        path: PathBuf,
    },
    /// Two images: the onset and the apex.
    Pair {
        /// Image of the onset.
        onset: PathBuf,
        /// Image of the apex.
        apex: PathBuf,
    },
}

impl Input {
    /// The film or folder at a path.
    pub fn film(path: &Path) -> Self {
        Self::Film { name: path.display().to_string(), path: path.to_owned() }
    }

    /// The inputs that paths on the command line mean: exactly two image files are one pair, a folder of videos is each video
    /// in it by name, anything else is a film each.
    pub fn from_paths(paths: &[PathBuf]) -> Vec<Self> {
        match paths {
            [onset, apex] if is_image_name(onset) && is_image_name(apex) => {
                vec![Self::Pair { onset: onset.clone(), apex: apex.clone() }]
            }
            _ => paths.iter().flat_map(|path| films_at(path)).collect(),
        }
    }

    /// Opens it from its first frame.
    ///
    /// # Errors
    /// Those of [`frames::open`].
    pub fn open(&self, folder_rate: FrameRate) -> Result<Box<dyn FrameSource>, FrameError> {
        match self {
            Self::Film { path, .. } => {
                frames::open_with(path, &OpenSettings { folder_rate, ..OpenSettings::default() })
            }
            Self::Pair { onset, apex } => frames::open_pair(onset, apex),
        }
    }

    /// Where it is: one path, or two for a pair of images.
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Film { path, .. } => vec![path],
            Self::Pair { onset, apex } => vec![onset, apex],
        }
    }

    /// Whether it is a folder of images.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::Film { path, .. } if path.is_dir())
    }

    /// A name for files about this input: the last part of its path without the ending.
    pub fn stem(&self) -> String {
        let path = match self {
            Self::Film { path, .. } => path,
            Self::Pair { apex, .. } => apex,
        };
        let canonical = path.canonicalize().unwrap_or_else(|_| path.clone());
        let stem = if canonical.is_dir() { canonical.file_name() } else { canonical.file_stem() };
        stem.map_or_else(|| "input".to_owned(), |stem| stem.to_string_lossy().into_owned())
    }
}

/// The input as the user wrote it; two images are joined by ` -> `.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Film { name, .. } => f.write_str(name),
            Self::Pair { onset, apex } => write!(f, "{} -> {}", onset.display(), apex.display()),
        }
    }
}

/// The videos in a folder that has no image, by name; else the film at the path.
fn films_at(path: &Path) -> Vec<Input> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut inside: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|it| it.is_file()).collect();
    inside.sort();
    let videos: Vec<Input> = inside.iter().filter(|it| ends_as(it, &VIDEO_ENDINGS)).map(|it| Input::film(it)).collect();
    if videos.is_empty() || inside.iter().any(|it| is_image_name(it)) { vec![Input::film(path)] } else { videos }
}

/// Whether a path ends like one of these kinds of file.
fn ends_as(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|it| endings.contains(&it.to_string_lossy().to_lowercase().as_str()))
}

/// Whether a path ends like an image file and is no folder; the file need not exist.
pub fn is_image_name(path: &Path) -> bool {
    !path.is_dir() && ends_as(path, &frames::folder::EXTENSIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn exactly_two_images_are_a_pair() {
        let inputs = Input::from_paths(&paths(&["a.png", "b.JPG"]));
        assert_eq!(inputs, [Input::Pair { onset: "a.png".into(), apex: "b.JPG".into() }]);
        assert_eq!(inputs[0].to_string(), "a.png -> b.JPG");
    }

    #[test]
    fn one_or_three_images_are_films_each() {
        assert_eq!(Input::from_paths(&paths(&["a.png"])).len(), 1);
        assert_eq!(Input::from_paths(&paths(&["a.png", "b.png", "c.png"])).len(), 3);
    }

    #[test]
    fn a_folder_of_videos_is_each_of_them_and_one_with_an_image_is_a_film() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| std::fs::write(folder.path().join(name), "").unwrap();
        ["b.MP4", "a.avi", "notes.txt"].into_iter().for_each(file);
        let inputs = Input::from_paths(&[folder.path().to_owned()]);
        assert_eq!(inputs, [Input::film(&folder.path().join("a.avi")), Input::film(&folder.path().join("b.MP4"))]);
        file("1.png");
        assert_eq!(Input::from_paths(&[folder.path().to_owned()]), [Input::film(folder.path())]);
        let nowhere = folder.path().join("nowhere");
        assert_eq!(Input::from_paths(std::slice::from_ref(&nowhere)), [Input::film(&nowhere)]);
    }

    #[test]
    fn an_image_beside_a_video_is_no_pair() {
        assert_eq!(Input::from_paths(&paths(&["a.png", "b.mp4"])).len(), 2);
    }
}
