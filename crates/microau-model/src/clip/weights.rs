//! A safetensors file, read one tensor at a time, so that loading needs memory for one copy of the model.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::error::ClipError;

/// Bytes of the header's length at the head of the file.
const LENGTH_BYTES: u64 = 8;
/// No real header comes near this; a larger one is another kind of file.
const LONGEST_HEADER: u64 = 100_000_000;
/// Rows and columns transposed at once, so that both sides stay in cache.
const TILE: usize = 32;

/// An open weight file.
pub(super) struct WeightFile {
    path: PathBuf,
    file: File,
    tensors: Metadata,
    data_start: u64,
}

impl WeightFile {
    /// Opens a file and reads its header.
    pub(super) fn open(path: &Path) -> Result<Self, ClipError> {
        let read_error = |source| read_error(path, source);
        let mut file = File::open(path).map_err(read_error)?;
        let got = file.metadata().map_err(read_error)?.len();
        let header = read_header(&mut file, got, path)?;
        let tensors: Metadata = serde_json::from_slice(&header)
            .map_err(|problem| ClipError::Header { problem: problem.to_string(), path: path.into() })?;
        let data_start = LENGTH_BYTES + header.len() as u64;
        let expected = data_start + tensors.data_len() as u64;
        if expected != got {
            let path = path.into();
            return Err(ClipError::FileLength { expected, got, path });
        }
        Ok(Self { path: path.into(), file, tensors, data_start })
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The names in the file, in the order of their data.
    pub(super) fn names(&self) -> Vec<String> {
        self.tensors.offset_keys()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.tensors.info(name).is_some()
    }

    /// The shape of a tensor that must have `N` axes.
    pub(super) fn shape<const N: usize>(&self, name: &str) -> Result<[usize; N], ClipError> {
        let shape = &self.info(name)?.shape;
        shape[..].try_into().map_err(|_| self.shape_error(name, &[0; N], shape))
    }

    /// The values of a tensor, row by row, as f32.
    pub(super) fn read(&mut self, name: &str, expected: &[usize]) -> Result<Vec<f32>, ClipError> {
        let info = self.info(name)?;
        if info.shape != expected {
            return Err(self.shape_error(name, expected, &info.shape));
        }
        let (dtype, (start, end)) = (info.dtype, info.data_offsets);
        let mut bytes = vec![0; end - start];
        self.file
            .seek(SeekFrom::Start(self.data_start + start as u64))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(|source| read_error(&self.path, source))?;
        f32_from_bytes(dtype, &bytes).ok_or_else(|| ClipError::TensorType {
            name: name.into(),
            got: format!("{dtype:?}"),
            path: self.path.clone(),
        })
    }

    /// A matrix [out, in], as torch's linear layers have it, turned into [in, out].
    pub(super) fn read_transposed(&mut self, name: &str, [d_out, d_in]: [usize; 2]) -> Result<Vec<f32>, ClipError> {
        let values = self.read(name, &[d_out, d_in])?;
        let mut turned = vec![0.0; values.len()];
        transpose_into(&values, [d_out, d_in], &mut turned, d_out, 0);
        Ok(turned)
    }

    fn info(&self, name: &str) -> Result<&TensorInfo, ClipError> {
        self.tensors.info(name).ok_or_else(|| ClipError::MissingTensor { name: name.into(), path: self.path.clone() })
    }

    pub(super) fn shape_error(&self, name: &str, expected: &[usize], got: &[usize]) -> ClipError {
        ClipError::TensorShape {
            name: name.into(),
            expected: expected.into(),
            got: got.into(),
            path: self.path.clone(),
        }
    }
}

/// Writes the transpose of `values` [rows, columns] into columns `offset..offset + rows` of a matrix with
/// `width` columns.
pub(super) fn transpose_into(
    values: &[f32],
    [rows, columns]: [usize; 2],
    into: &mut [f32],
    width: usize,
    offset: usize,
) {
    for top in (0..rows).step_by(TILE) {
        for left in (0..columns).step_by(TILE) {
            for row in top..rows.min(top + TILE) {
                for column in left..columns.min(left + TILE) {
                    into[column * width + offset + row] = values[row * columns + column];
                }
            }
        }
    }
}

fn read_header(file: &mut File, file_bytes: u64, path: &Path) -> Result<Vec<u8>, ClipError> {
    let header_error = |problem: String| ClipError::Header { problem, path: path.into() };
    if file_bytes < LENGTH_BYTES {
        return Err(header_error(format!("a file of {file_bytes} bytes")));
    }
    let mut length = [0; LENGTH_BYTES as usize];
    file.read_exact(&mut length).map_err(|source| read_error(path, source))?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER || length > file_bytes - LENGTH_BYTES {
        return Err(header_error(format!("a length of {length} bytes")));
    }
    let mut header = vec![0; length as usize];
    file.read_exact(&mut header).map_err(|source| read_error(path, source))?;
    Ok(header)
}

fn f32_from_bytes(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    let pairs = || bytes.as_chunks::<2>().0.iter();
    Some(match dtype {
        Dtype::F32 => {
            let words = bytes.as_chunks::<4>().0.iter();
            words.map(|word| f32::from_le_bytes(*word)).collect()
        }
        Dtype::F16 => pairs().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect(),
        Dtype::BF16 => pairs().map(|pair| bf16::from_le_bytes(*pair).to_f32()).collect(),
        _ => return None,
    })
}

fn read_error(path: &Path, source: std::io::Error) -> ClipError {
    ClipError::Read { path: path.into(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_larger_than_a_tile_is_transposed_into_its_columns() {
        let [rows, columns] = [33, 70];
        let values: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
        let mut into = vec![-1.0; columns * (rows + 2)];
        transpose_into(&values, [rows, columns], &mut into, rows + 2, 1);
        for column in 0..columns {
            let line = &into[column * (rows + 2)..][..rows + 2];
            assert_eq!([line[0], line[rows + 1]], [-1.0, -1.0]);
            for row in 0..rows {
                assert_eq!(line[1 + row], (row * columns + column) as f32);
            }
        }
    }

    #[test]
    fn half_precision_is_widened_without_loss() {
        let f16_bytes = [0x00, 0x3c, 0x01, 0x00]; // 1, the smallest f16 above 0 = 2⁻²⁴
        assert_eq!(f32_from_bytes(Dtype::F16, &f16_bytes).unwrap(), [1.0, 2f32.powi(-24)]);
        let bf16_bytes = [0x80, 0x3f, 0x40, 0xc0]; // 1, −3
        assert_eq!(f32_from_bytes(Dtype::BF16, &bf16_bytes).unwrap(), [1.0, -3.0]);
        assert!(f32_from_bytes(Dtype::I64, &[0; 8]).is_none());
    }
}
