//! What is kept of a film while it is looked at, so that it can be shown frame by frame: pictures, faces, curves.

pub(crate) mod pictures;
pub(crate) mod track;

use std::io::{self, Read};

/// Reads numbers of fixed width, least byte first.
struct Numbers<R>(R);

impl<R: Read> Numbers<R> {
    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn u64(&mut self) -> io::Result<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> io::Result<i64> {
        self.bytes().map(i64::from_le_bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn f32(&mut self) -> io::Result<f32> {
        self.bytes().map(f32::from_le_bytes)
    }
}
