//! The members of a stored (uncompressed) zip, such as a MediaPipe `.task` file.
//!
//! Reads the central directory at the end of the file, as zip readers must; compressed members are passed over.

use super::NetworkError;

const END_SIGNATURE: u32 = 0x0605_4b50;
const ENTRY_SIGNATURE: u32 = 0x0201_4b50;
const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const END_BYTES: usize = 22;
const ENTRY_BYTES: usize = 46;
const LOCAL_BYTES: usize = 30;
const DAMAGED: NetworkError = NetworkError::Damaged { expected: "zip bundle" };

/// Named byte ranges of a bundle.
#[derive(Debug)]
pub struct Bundle<'a> {
    members: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Bundle<'a> {
    /// Lists the stored members of a zip.
    ///
    /// # Errors
    /// [`NetworkError::Damaged`] when the bytes are no zip or point outside themselves.
    pub fn new(bytes: &'a [u8]) -> Result<Bundle<'a>, NetworkError> {
        let last = bytes.len().checked_sub(END_BYTES).ok_or(DAMAGED)?;
        let end = (0..=last).rev().find(|&at| u32_at(bytes, at) == Some(END_SIGNATURE)).ok_or(DAMAGED)?;
        let count = u16_at(bytes, end + 10).ok_or(DAMAGED)?;
        let mut at = u32_at(bytes, end + 16).ok_or(DAMAGED)? as usize;
        let mut members = Vec::new();
        for _ in 0..count {
            let (member, next) = entry(bytes, at).ok_or(DAMAGED)?;
            members.extend(member);
            at = next;
        }
        Ok(Bundle { members })
    }

    /// Bytes of one member.
    ///
    /// # Errors
    /// [`NetworkError::MissingMember`] when it is not there or is compressed.
    pub fn member(&self, name: &str) -> Result<&'a [u8], NetworkError> {
        let found = self.members.iter().find(|(member, _)| *member == name);
        found.map(|(_, bytes)| *bytes).ok_or_else(|| NetworkError::MissingMember { member: name.to_owned() })
    }
}

/// One entry of the central directory at `at`: the member if it is stored, and where the next entry begins.
#[allow(clippy::type_complexity)]
fn entry(bytes: &[u8], at: usize) -> Option<(Option<(&str, &[u8])>, usize)> {
    if u32_at(bytes, at)? != ENTRY_SIGNATURE {
        return None;
    }
    let stored = u16_at(bytes, at + 10)? == 0;
    let size = u32_at(bytes, at + 24)? as usize;
    let lengths = [28, 30, 32].map(|field| u16_at(bytes, at + field));
    let [name_len, extra_len, comment_len] = [lengths[0]?, lengths[1]?, lengths[2]?].map(usize::from);
    let local = u32_at(bytes, at + 42)? as usize;
    let next = at + ENTRY_BYTES + name_len + extra_len + comment_len;
    if !stored {
        return Some((None, next));
    }
    let name = std::str::from_utf8(bytes.get(at + ENTRY_BYTES..at + ENTRY_BYTES + name_len)?).ok()?;
    if u32_at(bytes, local)? != LOCAL_SIGNATURE {
        return None;
    }
    let skipped = usize::from(u16_at(bytes, local + 26)?) + usize::from(u16_at(bytes, local + 28)?);
    let start = local + LOCAL_BYTES + skipped;
    Some((Some((name, bytes.get(start..start + size)?)), next))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a.txt` holding `hi`, written by `zip -0` of Info-ZIP and cut to what the format needs.
    fn stored_zip() -> Vec<u8> {
        let mut zip = Vec::new();
        zip.extend(LOCAL_SIGNATURE.to_le_bytes());
        zip.extend([10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xd8, 0x93, 0x2a, 0xac, 2, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0]);
        zip.extend(b"a.txthi");
        let directory = zip.len() as u32;
        zip.extend(ENTRY_SIGNATURE.to_le_bytes());
        zip.extend([30, 3, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xd8, 0x93, 0x2a, 0xac, 2, 0, 0, 0, 2, 0, 0, 0, 5, 0]);
        zip.extend([0; 16]);
        zip.extend(b"a.txt");
        let size = zip.len() as u32 - directory;
        zip.extend(END_SIGNATURE.to_le_bytes());
        zip.extend([0, 0, 0, 0, 1, 0, 1, 0]);
        zip.extend(size.to_le_bytes());
        zip.extend(directory.to_le_bytes());
        zip.extend([0, 0]);
        zip
    }

    #[test]
    fn a_stored_member_is_found_by_name() {
        let zip = stored_zip();
        let bundle = Bundle::new(&zip).unwrap();
        assert_eq!(bundle.member("a.txt").unwrap(), b"hi");
        assert!(matches!(bundle.member("b.txt"), Err(NetworkError::MissingMember { .. })));
    }

    #[test]
    fn a_zip_cut_anywhere_is_an_error_and_no_panic() {
        let zip = stored_zip();
        for len in 0..zip.len() {
            assert!(Bundle::new(&zip[..len]).is_err(), "cut at {len}");
        }
    }
}
