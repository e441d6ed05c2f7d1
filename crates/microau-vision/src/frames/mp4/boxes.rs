//! The tree of boxes that an mp4 file is, in memory.

use std::io::Cursor;

use re_mp4::ReadBox;

use crate::frames::contain::contain;

/// Where a box lies in the bytes that were searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) kind: [u8; 4],
    /// First byte behind the header.
    pub(super) body: usize,
    /// First byte behind the box.
    pub(super) end: usize,
}

/// The boxes that lie one behind the other in `bytes[body..end]`. Stops where they no longer fit.
pub(super) fn boxes(bytes: &[u8], body: usize, end: usize) -> impl Iterator<Item = Span> + '_ {
    let mut at = body;
    std::iter::from_fn(move || {
        let span = header(bytes, at, end)?;
        at = span.end;
        Some(span)
    })
}

/// The first box at the end of a path of kinds, below `bytes[body..end]`.
pub(super) fn find(bytes: &[u8], body: usize, end: usize, path: &[&[u8; 4]]) -> Option<Span> {
    let (first, rest) = path.split_first()?;
    let span = boxes(bytes, body, end).find(|span| span.kind == **first)?;
    if rest.is_empty() { Some(span) } else { find(bytes, span.body, span.end, rest) }
}

/// Reads the inside of a box with the parser of `re_mp4`.
///
/// # Errors
/// What the parser said.
pub(super) fn read<'b, T>(bytes: &'b [u8], span: Span) -> Result<T, String>
where
    T: for<'c> ReadBox<&'c mut Cursor<&'b [u8]>>,
{
    // The parser takes the header for 8 bytes right before the body, and the size as counted from there.
    let mut cursor = Cursor::new(&bytes[..span.end]);
    cursor.set_position(span.body as u64);
    let size = (span.end - span.body + 8) as u64;
    contain(|| T::read_box(&mut cursor, size)).and_then(|result| result.map_err(|error| error.to_string()))
}

fn header(bytes: &[u8], at: usize, end: usize) -> Option<Span> {
    let head = bytes.get(at..at.checked_add(8)?)?;
    let kind = [head[4], head[5], head[6], head[7]];
    let (header_bytes, size) = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
        0 => (8, end.checked_sub(at)?),
        1 => {
            let size: [u8; 8] = bytes.get(at + 8..at + 16)?.try_into().ok()?;
            (16, usize::try_from(u64::from_be_bytes(size)).ok()?)
        }
        size => (8, size as usize),
    };
    let box_end = at.checked_add(size)?;
    (size >= header_bytes && box_end <= end).then_some(Span { kind, body: at + header_bytes, end: box_end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_found_by_their_path_and_never_outside_their_parent() {
        let bytes = b"\0\0\0\x08free\0\0\0\x18moov\0\0\0\x10trak\0\0\0\x09tkhd\0\0\0\0\0\0\0\x63mdat";
        let trak = find(bytes, 0, bytes.len(), &[b"moov", b"trak"]).unwrap();
        assert_eq!((trak.body, trak.end), (24, 32));
        assert_eq!(find(bytes, 0, bytes.len(), &[b"moov", b"trak", b"tkhd"]), None, "it is one byte too long");
        assert_eq!(find(bytes, 0, bytes.len(), &[b"mdat"]), None);
    }

    #[test]
    fn long_and_open_sizes_are_read() {
        let long = b"\0\0\0\x01wide\0\0\0\0\0\0\0\x11x\0\0\0\0mdatyz";
        let spans: Vec<_> = boxes(long, 0, long.len()).map(|span| (span.kind, span.body, span.end)).collect();
        assert_eq!(spans, [(*b"wide", 16, 17), (*b"mdat", 25, 27)]);
    }
}
