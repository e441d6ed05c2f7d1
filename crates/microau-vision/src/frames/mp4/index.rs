//! The index of an mp4 file: its first video track, where the frames lie, when they are shown, which way is up.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use image::metadata::Orientation;
use re_mp4::{ElstBox, MdhdBox, MvhdBox, TkhdBox, TrexBox};

use super::boxes::{Span, boxes, find, read as read_box};
use super::samples::{self, Fragment, Sample, Tables};
use super::timeline::{Timeline, spans, timeline};
use crate::frames::FrameError;

/// What [`super::Mp4`] needs to know of a track.
pub(super) struct Track {
    pub(super) samples: Vec<Sample>,
    pub(super) timeline: Timeline,
    pub(super) ticks_per_sec: u32,
    /// Ticks from the first sample to the second, as the index says; 0 when it does not.
    pub(super) first_step: u32,
    pub(super) orientation: Orientation,
    /// Payload of the `avcC` box.
    pub(super) avcc: Vec<u8>,
}

/// Reads the index of the first video track.
///
/// # Errors
/// As [`super::Mp4::open`].
pub(super) fn read(file: &mut File, path: &Path) -> Result<Track, FrameError> {
    let malformed = |reason: String| FrameError::Malformed { container: "mp4", reason, path: path.to_owned() };
    let layout = Layout::read(file, path)?;
    let moov = layout.moov.as_slice();
    let trak = video_track(moov)
        .ok_or_else(|| FrameError::NoVideoTrack { container: "mp4".to_owned(), path: path.to_owned() })?;
    let within = |route: &[&[u8; 4]]| find(moov, trak.body, trak.end, route);
    let need = |route: &[&[u8; 4]], name: &str| within(route).ok_or_else(|| malformed(format!("it has no {name}")));

    let entry = sample_entry(moov, trak).ok_or_else(|| malformed("it does not name its codec".to_owned()))?;
    if entry.kind != *b"avc1" {
        let (codec, container) = (codec_name(entry.kind), "mp4".to_owned());
        return Err(FrameError::NeedsFfmpeg { codec, container, path: path.to_owned() });
    }
    let header: TkhdBox = read_box(moov, need(&[b"tkhd"], "track header")?).map_err(malformed)?;
    let media: MdhdBox = read_box(moov, need(&[b"mdia", b"mdhd"], "clock")?).map_err(malformed)?;
    let tables = Tables::read(moov, need(&[b"mdia", b"minf", b"stbl"], "sample table")?).map_err(malformed)?;
    let movie = find(moov, 0, moov.len(), &[b"mvhd"]).and_then(|span| read_box::<MvhdBox>(moov, span).ok());
    let edits = within(&[b"edts", b"elst"]).and_then(|span| read_box::<ElstBox>(moov, span).ok());
    let avcc = decoder_settings(moov, trak).ok_or_else(|| malformed("it has no decoder settings".to_owned()))?;
    if media.timescale == 0 {
        return Err(malformed("its clock stands still".to_owned()));
    }

    let mut samples = samples::from_tables(&tables, layout.file_bytes).map_err(malformed)?;
    layout.append_fragments(&mut samples, header.track_id).map_err(malformed)?;
    check_complete(&samples, &layout, path)?;
    let movie_ticks_per_sec = movie.map_or(media.timescale, |movie| movie.timescale);
    let spans = edits.map(|edits| spans(&edits, media.timescale, movie_ticks_per_sec)).unwrap_or_default();
    Ok(Track {
        timeline: timeline(&samples, &spans),
        first_step: tables.first_step(),
        samples,
        ticks_per_sec: media.timescale,
        orientation: orientation(&header),
        avcc,
    })
}

/// The outermost boxes of a file, those with the index in memory.
struct Layout {
    file_bytes: u64,
    /// Payload of `moov`.
    moov: Vec<u8>,
    /// Payloads of the fragments, `moof`, and where each box starts in the file.
    fragments: Vec<(u64, Vec<u8>)>,
    /// A box that promises more bytes than the file has.
    overlong: bool,
}

impl Layout {
    fn read(file: &mut File, path: &Path) -> Result<Self, FrameError> {
        let failed = |source| FrameError::from_io(source, path);
        let file_bytes = file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut layout = Self { file_bytes, moov: Vec::new(), fragments: Vec::new(), overlong: false };
        let mut at = 0;
        while let Some(found) = outer_box(file, at, file_bytes).map_err(failed)? {
            if found.end > file_bytes {
                layout.overlong = true;
                break;
            }
            if matches!(&found.kind, b"moov" | b"moof") {
                let mut payload = vec![0; (found.end - found.body) as usize];
                file.seek(SeekFrom::Start(found.body)).and_then(|_| file.read_exact(&mut payload)).map_err(failed)?;
                match &found.kind {
                    b"moov" => layout.moov = payload,
                    _ => layout.fragments.push((at, payload)),
                }
            }
            at = found.end;
        }
        if layout.moov.is_empty() {
            let missing = "its index (moov) is missing, which cameras write last".to_owned();
            return Err(FrameError::Truncated { missing, path: path.to_owned() });
        }
        Ok(layout)
    }

    /// Samples that lie in fragments, as in films for streaming.
    fn append_fragments(&self, samples: &mut Vec<Sample>, track_id: u32) -> Result<(), String> {
        let defaults = boxes(&self.moov, 0, self.moov.len())
            .filter(|span| span.kind == *b"mvex")
            .flat_map(|span| boxes(&self.moov, span.body, span.end))
            .filter(|span| span.kind == *b"trex")
            .filter_map(|span| read_box::<TrexBox>(&self.moov, span).ok())
            .find(|defaults| defaults.track_id == track_id)
            .unwrap_or(TrexBox { track_id, ..TrexBox::default() });
        let mut next_tick = 0;
        for (offset, payload) in &self.fragments {
            let fragment = Fragment { payload, offset: *offset, file_bytes: self.file_bytes };
            fragment.append_to(samples, &defaults, &mut next_tick)?;
        }
        Ok(())
    }
}

/// A box at the outermost level.
struct OuterBox {
    kind: [u8; 4],
    body: u64,
    end: u64,
}

/// The box at a place in the file; `None` at its end and where no box can be.
fn outer_box(file: &mut File, at: u64, file_bytes: u64) -> std::io::Result<Option<OuterBox>> {
    if file_bytes.saturating_sub(at) < 8 {
        return Ok(None);
    }
    let mut head = [0; 8];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut head)?;
    let kind = [head[4], head[5], head[6], head[7]];
    let (header_bytes, size) = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
        0 => (8, file_bytes - at),
        1 if file_bytes - at < 16 => return Ok(None),
        1 => {
            file.read_exact(&mut head)?;
            (16, u64::from_be_bytes(head))
        }
        size => (8, u64::from(size)),
    };
    if size < header_bytes {
        return Ok(None);
    }
    Ok(Some(OuterBox { kind, body: at + header_bytes, end: at.saturating_add(size) }))
}

/// The first track of pictures.
fn video_track(moov: &[u8]) -> Option<Span> {
    boxes(moov, 0, moov.len()).filter(|span| span.kind == *b"trak").find(|trak| {
        // Version, flags and a reserved word stand before the kind of track.
        let handler = find(moov, trak.body, trak.end, &[b"mdia", b"hdlr"]);
        handler.is_some_and(|span| moov[span.body..span.end].get(8..12) == Some(b"vide"))
    })
}

/// The first sample entry of a track, which names and describes its codec.
fn sample_entry(moov: &[u8], trak: Span) -> Option<Span> {
    let table = find(moov, trak.body, trak.end, &[b"mdia", b"minf", b"stbl", b"stsd"])?;
    // Version, flags and the number of entries stand before the first.
    boxes(moov, table.body + 8, table.end).next()
}

/// Payload of the `avcC` box of a track.
fn decoder_settings(moov: &[u8], trak: Span) -> Option<Vec<u8>> {
    let entry = sample_entry(moov, trak)?;
    // Size, resolution and name of the codec stand before the boxes.
    let settings = find(moov, entry.body + 78, entry.end, &[b"avcC"])?;
    Some(moov[settings.body..settings.end].to_vec())
}

/// The name of a codec as ffmpeg spells it, from its four letters in mp4 and mov.
fn codec_name(entry: [u8; 4]) -> String {
    match &entry {
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => "hevc".to_owned(),
        b"av01" => "av1".to_owned(),
        b"vp08" => "vp8".to_owned(),
        b"vp09" => "vp9".to_owned(),
        b"mp4v" => "mpeg4".to_owned(),
        b"jpeg" | b"mjpa" | b"mjpb" => "mjpeg".to_owned(),
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" => "prores".to_owned(),
        b"avc2" | b"avc3" | b"avc4" => "h264 (parameters in the stream)".to_owned(),
        b"encv" => "an encrypted codec".to_owned(),
        other => format!("'{}'", other.escape_ascii()),
    }
}

/// Every frame must lie within the file.
fn check_complete(samples: &[Sample], layout: &Layout, path: &Path) -> Result<(), FrameError> {
    let total = samples.len();
    let present = samples
        .iter()
        .filter(|sample| sample.offset.saturating_add(u64::from(sample.bytes)) <= layout.file_bytes)
        .count();
    let missing = match total - present {
        0 if layout.overlong && !layout.fragments.is_empty() => "its last fragment is missing".to_owned(),
        0 => return Ok(()),
        _ => format!("{} of {total} frames are missing", total - present),
    };
    Err(FrameError::Truncated { missing, path: path.to_owned() })
}

/// How the picture is to be turned, from the matrix of the track header: (x, y) goes to (a x + c y, b x + d y).
/// Phones store films as the sensor lies. A matrix that is no quarter turn is ignored.
fn orientation(header: &TkhdBox) -> Orientation {
    let matrix = &header.matrix;
    match (matrix.a.signum(), matrix.b.signum(), matrix.c.signum(), matrix.d.signum()) {
        (0, 1, -1, 0) => Orientation::Rotate90,
        (-1, 0, 0, -1) => Orientation::Rotate180,
        (0, -1, 1, 0) => Orientation::Rotate270,
        (-1, 0, 0, 1) => Orientation::FlipHorizontal,
        (1, 0, 0, -1) => Orientation::FlipVertical,
        (0, 1, 1, 0) => Orientation::Rotate90FlipH,
        (0, -1, -1, 0) => Orientation::Rotate270FlipH,
        _ => Orientation::NoTransforms,
    }
}
