//! The packed CC0 head: reads `assets/head.bin`, written by `reference/pack_head.py` (the layout is described there).

use std::collections::HashMap;
use std::ops::Range;

use serde::Deserialize;

use crate::error::SynthError;
use crate::vec3::{V3, v3};

const MAGIC: &[u8; 8] = b"MAUHEAD1";

#[derive(Deserialize)]
struct Header {
    vertices: usize,
    triangles: usize,
    groups: Vec<GroupHeader>,
    masks: Vec<String>,
    targets: Vec<TargetHeader>,
}

#[derive(Deserialize)]
struct GroupHeader {
    name: String,
    start: usize,
    count: usize,
}

#[derive(Deserialize)]
struct TargetHeader {
    family: String,
    name: String,
    count: usize,
    step: f32,
    wide: bool,
}

/// A named sparse displacement of the mesh, decimetres.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// `macro`, `part`, `face_unit` or `unit_<people>`.
    pub family: String,
    pub name: String,
    /// (vertex, displacement), by rising vertex.
    pub deltas: Vec<(u16, V3)>,
}

/// The mesh and its targets as stored.
#[derive(Debug)]
pub(crate) struct HeadAsset {
    pub positions_dm: Vec<V3>,
    pub triangles: Vec<[u16; 3]>,
    /// Range of triangles per part: skin, eye_left, teeth_upper, ...
    pub groups: HashMap<String, Range<usize>>,
    /// Per vertex 0..1: lips, lids, mouth_inside, ears.
    pub masks: HashMap<String, Vec<f32>>,
    /// The vertex at the mirrored place.
    pub mirror: Vec<u16>,
    pub targets: Vec<Target>,
}

/// Bytes read one after the other; running out is an error, never a panic.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], SynthError> {
        let end = self.at.checked_add(count).filter(|&end| end <= self.bytes.len());
        let end = end.ok_or_else(|| SynthError::BadAsset {
            expected: format!("{count} bytes at {}", self.at),
            got: format!("{} bytes in all", self.bytes.len()),
        })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn u16s(&mut self, count: usize) -> Result<Vec<u16>, SynthError> {
        Ok(self.take(2 * count)?.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect())
    }

    fn f32s(&mut self, count: usize) -> Result<Vec<f32>, SynthError> {
        Ok(self.take(4 * count)?.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
    }

    fn target(&mut self, header: &TargetHeader, vertices: usize) -> Result<Target, SynthError> {
        let mut vertex = 0usize;
        let mut deltas = Vec::with_capacity(header.count);
        for _ in 0..header.count {
            let mut gap = self.take(1)?[0];
            while gap == 255 {
                vertex += 254;
                gap = self.take(1)?[0];
            }
            vertex += usize::from(gap);
            let d = if header.wide {
                let b = self.take(6)?;
                [0, 2, 4].map(|i| f32::from(i16::from_le_bytes([b[i], b[i + 1]])))
            } else {
                let b = self.take(3)?;
                [0, 1, 2].map(|i| f32::from(b[i] as i8))
            };
            if vertex >= vertices {
                let expected = format!("vertex below {vertices} in target {}", header.name);
                return Err(SynthError::BadAsset { expected, got: vertex.to_string() });
            }
            deltas.push((vertex as u16, v3(d[0], d[1], d[2]) * header.step));
        }
        Ok(Target { family: header.family.clone(), name: header.name.clone(), deltas })
    }
}

impl HeadAsset {
    /// Reads the packed head.
    ///
    /// # Errors
    /// [`SynthError::BadAsset`] when the bytes are cut short or are of another format.
    pub fn read(bytes: &[u8]) -> Result<HeadAsset, SynthError> {
        let mut reader = Reader { bytes, at: 0 };
        let magic = reader.take(8)?;
        if magic != MAGIC {
            return Err(SynthError::BadAsset {
                expected: "MAUHEAD1".into(),
                got: String::from_utf8_lossy(magic).into(),
            });
        }
        let length = u32::from_le_bytes(reader.take(4)?.try_into().expect("four bytes were taken"));
        let header: Header = serde_json::from_slice(reader.take(length as usize)?)
            .map_err(|error| SynthError::BadAsset { expected: "a JSON header".into(), got: error.to_string() })?;
        let positions_dm = reader.f32s(3 * header.vertices)?.chunks_exact(3).map(|p| v3(p[0], p[1], p[2])).collect();
        let triangles = reader.u16s(3 * header.triangles)?.chunks_exact(3).map(|t| [t[0], t[1], t[2]]).collect();
        let mirror = reader.u16s(header.vertices)?;
        let mut masks = HashMap::new();
        for name in &header.masks {
            let values = reader.take(header.vertices)?.iter().map(|&b| f32::from(b) / 255.0).collect();
            masks.insert(name.clone(), values);
        }
        let targets =
            header.targets.iter().map(|t| reader.target(t, header.vertices)).collect::<Result<Vec<_>, SynthError>>()?;
        let groups = header.groups.iter().map(|g| (g.name.clone(), g.start..g.start + g.count)).collect();
        let asset = HeadAsset { positions_dm, triangles, groups, masks, mirror, targets };
        asset.check_indices()?;
        Ok(asset)
    }

    fn check_indices(&self) -> Result<(), SynthError> {
        let vertices = self.positions_dm.len();
        let bad_triangle = self.triangles.iter().flatten().any(|&v| usize::from(v) >= vertices);
        let bad_vertex = self.mirror.iter().any(|&v| usize::from(v) >= vertices);
        if bad_triangle || bad_vertex {
            return Err(SynthError::BadAsset { expected: "indices inside the mesh".into(), got: "one outside".into() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_file_is_an_error_at_every_length() {
        let bytes = super::super::HEAD_BYTES;
        for length in [0, 7, 8, 11, 12, 500, 60_000, bytes.len() / 2, bytes.len() - 1] {
            assert!(HeadAsset::read(&bytes[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn the_file_holds_what_the_packer_said() {
        let asset = HeadAsset::read(super::super::HEAD_BYTES).unwrap();
        // pack_head.py printed: 5291 vertices, 10300 triangles, 496 targets.
        assert_eq!((asset.positions_dm.len(), asset.triangles.len(), asset.targets.len()), (5291, 10300, 496));
        // base.obj: the left eye spans x 0.1696..0.4459.
        let smile = asset.targets.iter().find(|t| t.name == "mouthSmileLeft").unwrap();
        assert!(smile.deltas.iter().map(|(_, d)| d.y).fold(0.0, f32::max) > 0.05);
    }
}
