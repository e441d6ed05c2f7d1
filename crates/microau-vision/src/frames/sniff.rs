//! What a file is, by its first bytes.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::FrameError;

/// Bytes looked at.
const HEAD_BYTES: u64 = 4096;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An image that is read without ffmpeg.
    Image,
    /// ISO media file: mp4, mov, m4v, 3gp.
    Mp4,
    /// RIFF AVI.
    Avi,
    /// A container that only ffmpeg reads; its name.
    Other(&'static str),
    /// Nothing known, and no text.
    Unknown,
    /// Certainly no film; what it looks like.
    NotMedia(&'static str),
}

/// Reads the first bytes of a file and names it.
///
/// # Errors
/// When the file cannot be read.
pub(super) fn kind_of_file(path: &Path) -> Result<Kind, FrameError> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head))
        .map_err(|source| FrameError::from_io(source, path))?;
    Ok(kind_of(&head))
}

fn kind_of(head: &[u8]) -> Kind {
    let at = |start: usize, magic: &[u8]| head.get(start..).is_some_and(|rest| rest.starts_with(magic));
    if head.is_empty() {
        return Kind::NotMedia("an empty file");
    }
    if MP4_BOXES.iter().any(|name| at(4, *name)) {
        return Kind::Mp4;
    }
    if at(0, b"RIFF") && at(8, b"AVI ") {
        return Kind::Avi;
    }
    if IMAGES.iter().any(|magic| at(0, magic)) {
        return Kind::Image;
    }
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| at(0, magic)) {
        return Kind::Other(name);
    }
    if at(0, b"\x47") && at(188, b"\x47") {
        return Kind::Other("mpegts");
    }
    match looks_like_text(head) {
        true => Kind::NotMedia("text"),
        false => Kind::Unknown,
    }
}

/// Boxes that a film of the ISO family may start with; before `ftyp` existed it was any of them.
const MP4_BOXES: [&[u8; 4]; 7] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];

const IMAGES: [&[u8]; 5] = [b"\xff\xd8\xff", b"\x89PNG", b"BM", b"II*\0", b"MM\0*"];

const OTHERS: [(&[u8], &str); 11] = [
    (b"\x1a\x45\xdf\xa3", "matroska/webm"),
    (b"\x30\x26\xb2\x75", "asf/wmv"),
    (b"FLV\x01", "flv"),
    (b"OggS", "ogg"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpegvideo"),
    (b"\x00\x00\x00\x01", "an elementary stream"),
    (b"YUV4MPEG2", "yuv4mpegpipe"),
    (b"GIF8", "gif"),
    (b"RIFF", "riff"),
    (b"DKIF", "ivf"),
];

/// No control characters but white space, in UTF-8 or a legacy single-byte code.
fn looks_like_text(head: &[u8]) -> bool {
    head.iter().all(|&byte| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        assert_eq!(kind_of(b"\0\0\0\x20ftypisom"), Kind::Mp4);
        assert_eq!(kind_of(b"\0\0\0\x08wide\0\0\0\0mdat"), Kind::Mp4);
        assert_eq!(kind_of(b"RIFF\x10\0\0\0AVI LIST"), Kind::Avi);
        assert_eq!(kind_of(b"\xff\xd8\xff\xe0"), Kind::Image);
        assert_eq!(kind_of(b"\x1a\x45\xdf\xa3\x01"), Kind::Other("matroska/webm"));
        assert_eq!(kind_of("Grüße, this is no film\n".as_bytes()), Kind::NotMedia("text"));
        assert_eq!(kind_of(b""), Kind::NotMedia("an empty file"));
        assert_eq!(kind_of(&[0, 1, 2, 3, 4, 5]), Kind::Unknown);
    }
}
