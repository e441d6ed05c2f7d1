//! What can be wrong with a film or a folder of images, each kind with its fields and a hint.

use std::path::{Path, PathBuf};

use microau_core::time::FrameIndex;

/// Why frames could not be read. `Display` is one line; [`FrameError::hint`] says what the user can do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// There is nothing at the path.
    #[error("no such file or folder: {}", path.display())]
    Missing {
        /// What was asked for.
        path: PathBuf,
    },
    /// The operating system refused to read.
    #[error("could not read ({source}): {}", path.display())]
    Io {
        /// What the operating system said.
        source: std::io::Error,
        /// File or folder being read.
        path: PathBuf,
    },
    /// A folder without any image that can be read.
    #[error("expected a folder with images, found none in: {}", path.display())]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
        /// A subfolder that does hold images, if there is one.
        images_in: Option<PathBuf>,
    },
    /// The file is no film and no image.
    #[error("expected a video or an image, got {got}: {}", path.display())]
    NotMedia {
        /// What the file looks like, e.g. `text`.
        got: String,
        /// The file.
        path: PathBuf,
    },
    /// The file ends before what it promises.
    #[error("the file is cut short, {missing}: {}", path.display())]
    Truncated {
        /// What is not there, e.g. `frames 40 to 72 are missing`.
        missing: String,
        /// The file.
        path: PathBuf,
    },
    /// The structure of the file contradicts itself.
    #[error("damaged {container} file, {reason}: {}", path.display())]
    Malformed {
        /// Kind of file, e.g. `mp4`.
        container: &'static str,
        /// What is wrong.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// A film without a picture track.
    #[error("the {container} file has no video track: {}", path.display())]
    NoVideoTrack {
        /// Kind of file, e.g. `mp4`.
        container: String,
        /// The file.
        path: PathBuf,
    },
    /// Nothing built in decodes this, and there is no ffmpeg to ask.
    #[error("codec not supported without ffmpeg: {codec} in {container}: {}", path.display())]
    NeedsFfmpeg {
        /// Name of the codec as ffmpeg spells it where known (`hevc`, `av1`, `vp9`), else what the file calls it.
        codec: String,
        /// Kind of file, e.g. `mp4`, `matroska/webm`.
        container: String,
        /// The file.
        path: PathBuf,
    },
    /// ffmpeg was found and failed.
    #[error("ffmpeg could not decode the file ({reason}): {}", path.display())]
    Ffmpeg {
        /// Last thing ffmpeg said.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// An image file that does not decode.
    #[error("could not decode the image ({reason}): {}", path.display())]
    Image {
        /// What the decoder said.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// One frame of a film does not decode. Reading on is allowed and goes to the next frame.
    #[error("could not decode frame {frame} ({reason}): {}", path.display())]
    Damaged {
        /// The frame that is lost.
        frame: FrameIndex,
        /// What the decoder said.
        reason: String,
        /// The film.
        path: PathBuf,
    },
    /// A frame whose size is not that of the first.
    #[error(
        "expected all frames to be {}x{} px, got {}x{} px in frame {frame}: {}",
        expected_px.0, expected_px.1, got_px.0, got_px.1, path.display()
    )]
    SizeChanged {
        /// Width and height of the first frame.
        expected_px: (u32, u32),
        /// Width and height of this frame.
        got_px: (u32, u32),
        /// The frame that differs.
        frame: FrameIndex,
        /// Its file, or the film.
        path: PathBuf,
    },
}

impl FrameError {
    /// What the user can do about it, without the word `hint:`.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Missing { .. } => {
                "check the spelling; relative paths start at the current folder, those in a table at its folder"
                    .to_owned()
            }
            Self::EmptyFolder { images_in: Some(inside), .. } => {
                format!("give the folder of one clip, e.g. {}", inside.display())
            }
            Self::EmptyFolder { .. } => format!("images end in {}", super::folder::EXTENSIONS.join(", ")),
            Self::NotMedia { .. } => {
                "give a video, a folder of images or two images; the ending of the name does not count".to_owned()
            }
            Self::Truncated { .. } => {
                "copy or record it again; `ffmpeg -i IN -c copy OUT.mp4` may rescue the first part".to_owned()
            }
            Self::Malformed { .. } | Self::Damaged { .. } => {
                "copy it again, or re-encode it: ffmpeg -i IN -c:v libx264 -crf 10 OUT.mp4".to_owned()
            }
            Self::NoVideoTrack { .. } => "is it a sound recording?".to_owned(),
            Self::NeedsFfmpeg { .. } => format!("{}, or convert it to H.264 in mp4", INSTALL_FFMPEG),
            Self::Ffmpeg { .. } => "see whether `ffplay` shows it, and whether that ffmpeg is a full build".to_owned(),
            Self::Image { .. } => "take the image out of the folder or copy it again".to_owned(),
            Self::SizeChanged { .. } => "one clip has frames of one size; crop or resize them alike".to_owned(),
            Self::Io { .. } => return None,
        })
    }

    /// The file or folder it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing { path }
            | Self::Io { path, .. }
            | Self::EmptyFolder { path, .. }
            | Self::NotMedia { path, .. }
            | Self::Truncated { path, .. }
            | Self::Malformed { path, .. }
            | Self::NoVideoTrack { path, .. }
            | Self::NeedsFfmpeg { path, .. }
            | Self::Ffmpeg { path, .. }
            | Self::Image { path, .. }
            | Self::Damaged { path, .. }
            | Self::SizeChanged { path, .. } => path,
        }
    }

    /// `Missing` or `Io`, by what the operating system said.
    pub(super) fn from_io(source: std::io::Error, path: &Path) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Io { source, path },
        }
    }
}

/// How ffmpeg is installed here.
const INSTALL_FFMPEG: &str = if cfg!(target_os = "macos") {
    "install ffmpeg (brew install ffmpeg)"
} else if cfg!(windows) {
    "install ffmpeg (winget install ffmpeg)"
} else {
    "install ffmpeg (e.g. apt install ffmpeg)"
};
