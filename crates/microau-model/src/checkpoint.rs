//! Checkpoints: a trained model in one safetensors file that says itself what it is.
//!
//! Weights stand under their names as float32 or float16 tensors; everything else is JSON in the file's metadata under the
//! key `microau`, described by [`Header`]. A checkpoint needs nothing beside it: settings, AUs, text vectors, dependency
//! prior, calibration and the story of its training are inside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use half::f16;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
use crate::clip::preprocess::{CLIP_MEAN, CLIP_STD};
use crate::config::MicroAuClipConfig;
use crate::error::ModelError;
use crate::micro_au_clip::MicroAuClip;
use crate::params::{Weight, assign, collect};
use crate::prior::Prior;
use crate::prompt::TextFeatures;

/// Name of the format in the header.
pub const FORMAT: &str = "microau-checkpoint";
/// Version of the format that this program writes; it reads no other.
pub const VERSION: u32 = 1;
/// Key of the header in the metadata of the safetensors file.
const KEY: &str = "microau";

/// What stands in a checkpoint beside its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Always [`FORMAT`].
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// Settings of the model, its AUs among them.
    pub config: MicroAuClipConfig,
    /// How pixels and flow were turned into numbers.
    pub normalisation: Normalisation,
    /// Text vectors.
    pub text: TextFeatures,
    /// Dependency prior of the training fold.
    pub prior: Prior,
    /// Calibration of the logits.
    pub calibration: Calibration,
    /// Where the weights come from.
    pub provenance: Provenance,
}

/// The constants between pixels, flow and the model; a checkpoint made with others is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalisation {
    /// Mean of red, green, blue, 0-1.
    pub pixel_mean: [f32; 3],
    /// Standard deviation of red, green, blue, 0-1.
    pub pixel_std: [f32; 3],
    /// Unit of u and v.
    pub flow_unit: String,
    /// Unit of strain.
    pub strain_unit: String,
}

impl Normalisation {
    /// The constants of this program, see [`batch`](crate::batch).
    pub fn current() -> Normalisation {
        Normalisation {
            pixel_mean: CLIP_MEAN,
            pixel_std: CLIP_STD,
            flow_unit: "percent of the distance between the eyes".to_owned(),
            strain_unit: "percent".to_owned(),
        }
    }
}

/// The story of a model's training, for people: free text by key, e.g. `data`, `seed`, `epochs`, `program`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Provenance(pub BTreeMap<String, String>);

/// How weights are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Four bytes a weight, exact.
    #[default]
    F32,
    /// Two bytes a weight, about three digits; computation stays in f32.
    F16,
}

/// A model read from a file, and where it came from.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The model.
    pub model: MicroAuClip,
    /// The story of its training.
    pub provenance: Provenance,
}

impl Checkpoint {
    /// Reads a checkpoint file. On an autodiff device the model goes on learning.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, of another program or of another version of the format.
    pub fn load(path: &Path, device: &Device) -> Result<Checkpoint, ModelError> {
        let bytes = std::fs::read(path).map_err(|source| io("reading", path, source))?;
        Checkpoint::load_from_bytes(&bytes, device).map_err(|error| with_path(error, path))
    }

    /// Reads a checkpoint that is in memory already, such as one embedded in the program.
    ///
    /// # Errors
    /// As [`load`](Checkpoint::load).
    pub fn load_from_bytes(bytes: &[u8], device: &Device) -> Result<Checkpoint, ModelError> {
        let header = read_header(bytes)?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| foreign("a whole safetensors file", error))?;
        let weights = file.iter().map(|(name, view)| Ok((name.to_owned(), read_weight(name, &view)?)));
        let weights = weights.collect::<Result<BTreeMap<_, _>, ModelError>>()?;
        let empty = MicroAuClip::stored(&header.config, header.text, 0, device)?;
        let model = assign(empty, &weights)?.with_prior(header.prior)?.with_calibration(header.calibration)?;
        Ok(Checkpoint { model, provenance: header.provenance })
    }

    /// Writes the checkpoint under a temporary name and then renames it: the file is whole or not there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path, precision: Precision) -> Result<(), ModelError> {
        let bytes = self.to_bytes(precision)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.partial", std::process::id()));
        let partial = path.with_file_name(name);
        let written = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, path));
        written.map_err(|source| {
            let _ = std::fs::remove_file(&partial);
            io("writing", path, source)
        })
    }

    /// The bytes of the file; the same model gives the same bytes. Low-rank adapters are written as part of their weights, a
    /// learned context as the text vectors that it gives: reading and scoring need no text tower.
    ///
    /// # Errors
    /// When the header cannot be written as JSON, for a number in it that is not finite.
    pub fn to_bytes(&self, precision: Precision) -> Result<Vec<u8>, ModelError> {
        let model = self.model.clone().merged();
        let header =
            serde_json::to_string(&self.header(&model)).map_err(|error| foreign("a header that fits JSON", error))?;
        let weights: Vec<_> =
            collect(&model).into_iter().map(|(name, w)| (name, encode(&w, precision), w.shape)).collect();
        let dtype = if precision == Precision::F16 { Dtype::F16 } else { Dtype::F32 };
        let views = weights.iter().map(|(name, bytes, shape)| {
            let view = TensorView::new(dtype, shape.clone(), bytes)
                .map_err(|error| foreign("weights that fit their shape", error))?;
            Ok((name.as_str(), view))
        });
        let views = views.collect::<Result<Vec<_>, ModelError>>()?;
        let metadata = [(KEY.to_owned(), header)].into();
        safetensors::serialize(views, Some(metadata)).map_err(|error| foreign("weights that fit safetensors", error))
    }

    fn header(&self, model: &MicroAuClip) -> Header {
        Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            config: model.config().clone(),
            normalisation: Normalisation::current(),
            text: model.text().clone(),
            prior: model.prior().clone(),
            calibration: model.calibration().clone(),
            provenance: self.provenance.clone(),
        }
    }
}

/// Reads what stands beside the weights, without building the model.
///
/// # Errors
/// When this is no checkpoint that the program can use.
pub fn read_header(bytes: &[u8]) -> Result<Header, ModelError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| foreign("a safetensors file", error))?;
    let text = metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
    let text = text.ok_or_else(|| foreign(&format!("metadata {KEY:?}"), "safetensors of another program"))?;
    let peek: Peek = serde_json::from_str(text).map_err(|error| foreign("a header with format and version", error))?;
    if (peek.format.as_str(), peek.version) != (FORMAT, VERSION) {
        return Err(foreign(
            &format!("{FORMAT} version {VERSION}"),
            format!("{} version {}", peek.format, peek.version),
        ));
    }
    let header: Header = serde_json::from_str(text).map_err(|error| foreign("a readable header", error))?;
    if header.normalisation != Normalisation::current() {
        return Err(foreign(&format!("{:?}", Normalisation::current()), format!("{:?}", header.normalisation)));
    }
    Ok(header)
}

/// The part of the header that every version has.
#[derive(Deserialize)]
struct Peek {
    format: String,
    version: u32,
}

fn read_weight(name: &str, view: &TensorView) -> Result<Weight, ModelError> {
    let data = view.data();
    let values: Vec<f32> = match view.dtype() {
        Dtype::F32 => data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        Dtype::F16 => data.as_chunks().0.iter().map(|&bytes| f16::from_le_bytes(bytes).to_f32()).collect(),
        other => return Err(foreign(&format!("weight {name} as F32 or F16"), format!("{other:?}"))),
    };
    if values.iter().all(|value| value.is_finite()) {
        return Ok(Weight { shape: view.shape().to_vec(), values });
    }
    Err(foreign(&format!("finite numbers in weight {name}"), "NaN or infinity"))
}

fn encode(weight: &Weight, precision: Precision) -> Vec<u8> {
    match precision {
        Precision::F32 => weight.values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Precision::F16 => weight.values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect(),
    }
}

fn foreign(expected: &str, got: impl ToString) -> ModelError {
    ModelError::Checkpoint { expected: expected.to_owned(), got: got.to_string(), path: None }
}

fn with_path(error: ModelError, path: &Path) -> ModelError {
    match error {
        ModelError::Checkpoint { expected, got, .. } => {
            ModelError::Checkpoint { expected, got, path: Some(PathBuf::from(path)) }
        }
        other => other,
    }
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> ModelError {
    ModelError::Io { action, path: path.to_owned(), source }
}
