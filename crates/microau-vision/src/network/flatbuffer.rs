//! Just enough of the FlatBuffers wire format to read a TensorFlow Lite model: tables, vectors and scalars.
//!
//! Every read is checked against the end of the buffer; a bad offset gives `None`, never a panic.
//! Format: <https://flatbuffers.dev/internals/>

/// A table inside a buffer.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    vtable: usize,
}

/// A vector inside a buffer, by the offset of its first element.
#[derive(Clone, Copy)]
pub(super) struct Vector<'a> {
    bytes: &'a [u8],
    start: usize,
    /// Number of elements.
    pub len: usize,
}

impl<'a> Table<'a> {
    /// The root table of a buffer with the given file identifier.
    pub fn root(bytes: &'a [u8], identifier: &[u8; 4]) -> Option<Table<'a>> {
        if bytes.get(4..8)? != identifier {
            return None;
        }
        Table::at(bytes, u32_at(bytes, 0)? as usize)
    }

    fn at(bytes: &'a [u8], at: usize) -> Option<Table<'a>> {
        let back = i32_at(bytes, at)?;
        let vtable = usize::try_from(i64::try_from(at).ok()? - i64::from(back)).ok()?;
        u16_at(bytes, vtable)?;
        Some(Table { bytes, at, vtable })
    }

    /// Where field `id` is stored; `None` when it is absent.
    fn field(&self, id: usize) -> Option<usize> {
        let size = usize::from(u16_at(self.bytes, self.vtable)?);
        let slot = 4 + 2 * id;
        if slot + 2 > size {
            return None;
        }
        match usize::from(u16_at(self.bytes, self.vtable + slot)?) {
            0 => None,
            offset => Some(self.at + offset),
        }
    }

    /// Field `id` as a byte, or the default of the schema.
    pub fn i8(&self, id: usize, default: i8) -> i8 {
        self.field(id).and_then(|at| self.bytes.get(at)).map_or(default, |&byte| byte.cast_signed())
    }

    /// Field `id` as a signed integer, or the default of the schema.
    pub fn i32(&self, id: usize, default: i32) -> i32 {
        self.field(id).and_then(|at| i32_at(self.bytes, at)).unwrap_or(default)
    }

    /// Field `id` as a table.
    pub fn table(&self, id: usize) -> Option<Table<'a>> {
        let at = self.field(id)?;
        Table::at(self.bytes, at.checked_add(u32_at(self.bytes, at)? as usize)?)
    }

    /// Field `id` as a vector.
    pub fn vector(&self, id: usize) -> Option<Vector<'a>> {
        let at = self.field(id)?;
        let start = at.checked_add(u32_at(self.bytes, at)? as usize)?;
        Some(Vector { bytes: self.bytes, start: start + 4, len: u32_at(self.bytes, start)? as usize })
    }
}

impl<'a> Vector<'a> {
    /// Element `index` of a vector of tables.
    pub fn table(&self, index: usize) -> Option<Table<'a>> {
        if index >= self.len {
            return None;
        }
        let at = self.start + 4 * index;
        Table::at(self.bytes, at.checked_add(u32_at(self.bytes, at)? as usize)?)
    }

    /// All elements of a vector of 32-bit integers.
    pub fn i32s(&self) -> Option<Vec<i32>> {
        let bytes = self.bytes.get(self.start..self.start.checked_add(self.len.checked_mul(4)?)?)?;
        Some(bytes.chunks_exact(4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    /// All elements of a vector of bytes.
    pub fn bytes(&self) -> Option<&'a [u8]> {
        self.bytes.get(self.start..self.start.checked_add(self.len)?)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    u32_at(bytes, at).map(u32::cast_signed)
}
