//! Prepared clips on disk: shards of samples in safetensors files.
//!
//! A shard holds N samples of one crop size under these tensors: `onset` and `apex` u8 `[N, S, S, 3]` (`[N, 0, 0, 3]`
//! where pixels are not kept), `flow` f16
//! `[N, 2, S/2, S/2]` (u, v), `landmarks` f32 `[N, 478, 3]`, and in its metadata the clips' names, subjects, datasets, labels,
//! annotated emotions, how their apexes came to be known, and the fingerprint of the settings they were made with. Written to
//! a temporary file, then renamed; the same samples give the same bytes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use half::f16;
use microau_core::emotion::ObjectiveClass;
use microau_core::geom::Point3;
use microau_core::landmarks::Landmarks;
use microau_core::plane::{FlowField, Plane};
use microau_core::sample::{AuLabels, Sample};
use microau_core::score::FoundBy;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use crate::files::write_whole;

/// Format of the shards; another version is not read.
const FORMAT: &str = "microau-shard-3";

/// A prepared clip with what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledSample {
    /// Name of the clip, unique within its dataset.
    pub clip: String,
    /// Whose face it shows, unique across datasets.
    pub subject: String,
    /// Key of the dataset, e.g. `casme2`, or name of the generated set.
    pub dataset: String,
    /// Which AUs are in it.
    pub labels: AuLabels,
    /// The emotion as annotated; nothing is fitted to it.
    pub emotion: Option<String>,
    /// The objective class as annotated; nothing is fitted to it.
    pub objective_class: Option<ObjectiveClass>,
    /// Whether the apex was annotated or searched.
    pub apex: FoundBy,
    /// The clip itself.
    pub sample: Sample,
}

/// Samples of one crop size, kept in one file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shard {
    /// Fingerprint of all settings that the samples depend on; a shard with another one is stale.
    pub fingerprint: String,
    /// The samples.
    pub samples: Vec<LabelledSample>,
}

/// What can go wrong with a shard.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be read or written.
    #[error("cannot read or write the prepared clips: {source}: {}\n  hint: see that the disk has room and that you may write there", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is no shard of this version.
    #[error("expected prepared clips ({FORMAT}), found {found}: {}\n  hint: delete the file; it will be made again", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Row {
    clip: String,
    subject: String,
    dataset: String,
    labels: String,
    emotion: Option<String>,
    objective_class: Option<ObjectiveClass>,
    apex: FoundBy,
}

/// What stands in a shard's metadata, under one key: several would come in another order in every run.
#[derive(Serialize, Deserialize)]
struct Table {
    format: String,
    fingerprint: String,
    rows: Vec<Row>,
}

/// The version of a table whose other fields may be others.
#[derive(Deserialize)]
struct Format {
    format: String,
}

/// The key in the metadata.
const TABLE: &str = "microau";

impl Shard {
    /// Writes the shard; the file is whole or not there.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    ///
    /// # Panics
    /// When the samples differ in the size of their crop.
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        let size = self.samples.first().map_or(0, |first| first.sample.crop_px);
        assert!(self.samples.iter().all(|s| s.sample.crop_px == size), "one crop size a shard");
        let (n, half_size) = (self.samples.len(), size / Sample::FLOW_STRIDE);
        let all = |part: fn(&Sample) -> &[u8]| -> Vec<u8> {
            self.samples.iter().flat_map(|s| part(&s.sample).iter().copied()).collect()
        };
        let (onset, apex) = (all(|s| &s.onset_rgb), all(|s| &s.apex_rgb));
        let mut flow: Vec<f16> = Vec::with_capacity(n * 2 * half_size * half_size);
        let mut landmarks: Vec<f32> = Vec::with_capacity(n * Landmarks::COUNT * 3);
        for LabelledSample { sample, .. } in &self.samples {
            flow.extend(sample.flow.u.data.iter().chain(&sample.flow.v.data).map(|&v| f16::from_f32(v)));
            landmarks.extend(sample.landmarks.points().iter().flat_map(|p| [p.x, p.y, p.z]));
        }
        let rgb_size = if onset.is_empty() { 0 } else { size };
        let view = |dtype, shape: &[usize], bytes| TensorView::new(dtype, shape.to_vec(), bytes).expect("sizes agree");
        let tensors = [
            ("onset", view(Dtype::U8, &[n, rgb_size, rgb_size, 3], &onset)),
            ("apex", view(Dtype::U8, &[n, rgb_size, rgb_size, 3], &apex)),
            ("flow", view(Dtype::F16, &[n, 2, half_size, half_size], bytemuck::cast_slice(&flow))),
            ("landmarks", view(Dtype::F32, &[n, Landmarks::COUNT, 3], bytemuck::cast_slice(&landmarks))),
        ];
        let bytes = safetensors::serialize(tensors, Some(self.metadata())).expect("the tensors are well formed");
        write_whole(path, &bytes).map_err(|source| StoreError::Io { path: path.to_owned(), source })
    }

    /// Reads a shard.
    ///
    /// # Errors
    /// [`StoreError::Io`]; [`StoreError::Foreign`] for a file of another kind, version or size.
    pub fn read(path: &Path) -> Result<Shard, StoreError> {
        let bytes = std::fs::read(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        Shard::parse(&bytes).map_err(|found| StoreError::Foreign { path: path.to_owned(), found })
    }

    fn metadata(&self) -> HashMap<String, String> {
        let row = |s: &LabelledSample| Row {
            clip: s.clip.clone(),
            subject: s.subject.clone(),
            dataset: s.dataset.clone(),
            labels: s.labels.to_string(),
            emotion: s.emotion.clone(),
            objective_class: s.objective_class,
            apex: s.apex,
        };
        let rows = self.samples.iter().map(row).collect();
        let table = Table { format: FORMAT.to_owned(), fingerprint: self.fingerprint.clone(), rows };
        HashMap::from([(TABLE.to_owned(), serde_json::to_string(&table).expect("the table is plain text"))])
    }

    fn parse(bytes: &[u8]) -> Result<Shard, String> {
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
        let meta = header.metadata().as_ref().and_then(|meta| meta.get(TABLE)).ok_or("no table of clips")?;
        let format: Format = serde_json::from_str(meta).map_err(|error| error.to_string())?;
        if format.format != FORMAT {
            return Err(format!("format {:?}", format.format));
        }
        let Table { fingerprint, rows, .. } = serde_json::from_str(meta).map_err(|error| error.to_string())?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
        let tensor = |name: &str| file.tensor(name).map_err(|error| format!("{name}: {error}"));
        let (onset, apex, flow, marks) = (tensor("onset")?, tensor("apex")?, tensor("flow")?, tensor("landmarks")?);
        let edge = |tensor: &TensorView<'_>, axis| tensor.shape().get(axis).copied().ok_or("a tensor of too few axes");
        let (rgb_size, half_size) = (edge(&onset, 1)?, edge(&flow, 2)?);
        let size = half_size * Sample::FLOW_STRIDE;
        let (rgb_len, flow_len) = (rgb_size * rgb_size * 3, half_size * half_size);
        let sizes = [(&onset, rgb_len), (&apex, rgb_len), (&flow, 4 * flow_len), (&marks, 12 * Landmarks::COUNT)];
        if sizes.iter().any(|(tensor, each)| tensor.data().len() != each * rows.len()) {
            return Err(format!("tensors that do not fit {} clips of {size} px", rows.len()));
        }
        let sample = |i: usize| {
            let part = |bytes: &'_ [u8], each: usize| bytes[i * each..(i + 1) * each].to_vec();
            let flow: Vec<f32> = part(flow.data(), 4 * flow_len)
                .chunks_exact(2)
                .map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32())
                .collect();
            let coordinates: Vec<f32> = part(marks.data(), 12 * Landmarks::COUNT)
                .chunks_exact(4)
                .map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]]))
                .collect();
            let points = coordinates.chunks_exact(3).map(|p| Point3::new(p[0], p[1], p[2])).collect();
            Sample {
                crop_px: size,
                onset_rgb: part(onset.data(), rgb_len),
                apex_rgb: part(apex.data(), rgb_len),
                flow: FlowField {
                    u: Plane::from_vec(half_size, half_size, flow[..flow_len].to_vec()),
                    v: Plane::from_vec(half_size, half_size, flow[flow_len..].to_vec()),
                },
                landmarks: Landmarks::new(points).expect("the size was checked"),
            }
        };
        let samples = rows.into_iter().enumerate().map(|(i, row)| {
            let labels = row.labels.parse().map_err(|error| format!("{error}"))?;
            let Row { clip, subject, dataset, emotion, objective_class, apex, .. } = row;
            Ok(LabelledSample { clip, subject, dataset, labels, emotion, objective_class, apex, sample: sample(i) })
        });
        Ok(Shard { fingerprint, samples: samples.collect::<Result<_, String>>()? })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn sample(seed: usize) -> LabelledSample {
        let size = 8;
        let wave = |i: usize| ((i * 31 + seed * 17) % 64) as f32 / 16.0 - 2.0;
        let plane = |shift: usize| Plane::from_vec(4, 4, (0..16).map(|i| wave(i + shift)).collect());
        let point = |i: usize| Point3::new(wave(i) + 4.0, wave(i + 1) + 4.0, wave(i + 2));
        LabelledSample {
            clip: format!("clip{seed}"),
            subject: format!("s{}", seed / 2),
            dataset: "own".to_owned(),
            emotion: (!seed.is_multiple_of(2)).then(|| "joy".to_owned()),
            objective_class: (seed.is_multiple_of(2)).then_some(ObjectiveClass::IV),
            apex: if seed.is_multiple_of(2) { FoundBy::Given } else { FoundBy::Search },
            labels: "1+L2".parse().unwrap(),
            sample: Sample {
                crop_px: size,
                onset_rgb: (0..192).map(|i| (i + seed) as u8).collect(),
                apex_rgb: (0..192).map(|i| (i * 3 + seed) as u8).collect(),
                flow: FlowField { u: plane(0), v: plane(5) },
                landmarks: Landmarks::new((0..Landmarks::COUNT).map(point).collect()).unwrap(),
            },
        }
    }

    #[test]
    fn a_shard_reads_back_as_it_was_written() {
        // the wave takes values with few bits, which f16 holds exactly
        let shard = Shard { fingerprint: "abc".to_owned(), samples: (0..3).map(sample).collect() };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/shard.safetensors");
        shard.write(&path).unwrap();
        assert_eq!(Shard::read(&path).unwrap(), shard);
    }

    #[test]
    fn the_same_samples_give_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = |name: &str| {
            let shard = Shard { fingerprint: "abc".to_owned(), samples: (0..3).map(sample).collect() };
            shard.write(&folder.path().join(name)).unwrap();
            std::fs::read(folder.path().join(name)).unwrap()
        };
        assert_eq!(bytes("a"), bytes("b"));
    }

    #[test]
    fn a_shard_may_be_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shard.safetensors");
        let shard = Shard { fingerprint: "abc".to_owned(), samples: Vec::new() };
        shard.write(&path).unwrap();
        assert_eq!(Shard::read(&path).unwrap(), shard);
    }

    #[test]
    fn a_shard_without_pixels_reads_back_as_it_was_written() {
        let mut only_flow = sample(4);
        only_flow.sample.onset_rgb.clear();
        only_flow.sample.apex_rgb.clear();
        let shard = Shard { fingerprint: String::new(), samples: vec![only_flow] };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shard.safetensors");
        shard.write(&path).unwrap();
        assert_eq!(Shard::read(&path).unwrap(), shard);
    }

    #[test]
    fn a_foreign_or_cut_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shard.safetensors");
        std::fs::write(&path, b"not a shard").unwrap();
        assert!(matches!(Shard::read(&path), Err(StoreError::Foreign { .. })));
        Shard { fingerprint: String::new(), samples: vec![sample(1)] }.write(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(Shard::read(&path), Err(StoreError::Foreign { .. })));
        assert!(matches!(Shard::read(&folder.path().join("none")), Err(StoreError::Io { .. })));
    }
}
