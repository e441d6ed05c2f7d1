//! The only place where pixels and flow become tensors: what is trained with is by type what is detected with.
//!
//! * Crops: 8-bit RGB of `crop_px` squared, scaled to 0-1, then CLIP's mean and standard deviation taken out.
//! * Flow: displacement in **percent of the distance between the eyes** (a micro-expression moves a point by about 1-4)
//!   and strain in percent, averaged over squares of `flow_stride_px`. No further normalisation: zero must stay zero.
//! * Regions: for each AU the share of each patch it covers, in [0, 1].

use burn::tensor::{Device, Tensor, TensorData};
use half::f16;
use half::slice::HalfFloatSliceExt;
use microau_core::au::Side;
use microau_core::plane::{FlowField, Plane};

use crate::clip::preprocess::{CLIP_MEAN, CLIP_STD};
use crate::config::MicroAuClipConfig;
use crate::error::ModelError;
use crate::labels::Labels;
use crate::motion::VisualTokens;

/// Planes of a flow: u, v, strain.
pub const FLOW_CHANNELS: usize = 3;

/// Patch tokens of one clip's crops, as a frozen pixel tower gave them.
#[derive(Clone, Debug, Default)]
pub struct ClipTokens<'a> {
    /// Of the onset crop `[P, V]`; needed by `pair` and `pair+flow`.
    pub onset: Option<&'a [f16]>,
    /// Of the crops after the onset, T of them.
    pub later: Vec<&'a [f16]>,
}

/// One clip as plain numbers, borrowed: what a store holds or a detector has just computed.
#[derive(Clone, Debug, Default)]
pub struct ClipInput<'a> {
    /// Onset crop, `crop_px²` interleaved RGB bytes; needed by `pair` and `pair+flow`.
    pub onset: Option<&'a [u8]>,
    /// Crops after the onset, T of them (the apex alone for `frames = pair`); needed by all modes but `flow`.
    pub later: Vec<&'a [u8]>,
    /// Patch tokens of these crops, in their place: no crop is needed then.
    pub tokens: Option<ClipTokens<'a>>,
    /// Flow from the onset to each of these frames, as [`flow_planes`] makes it; needed by `flow` and `pair+flow`.
    pub flow: Vec<&'a [f32]>,
    /// Region weights `[K, P]`, both sides.
    pub region: &'a [f32],
    /// Region weights `[K, P]` of the subject's left and right half, for one-sided scores.
    pub region_of_side: Option<[&'a [f32]; 2]>,
    /// Labels, one an AU; `None` inside is unknown.
    pub labels: Option<&'a [Option<bool>]>,
}

/// Clips as tensors, ready for the model.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Onset crops `[B, 3, S, S]`, normalised.
    pub onset: Option<Tensor<4>>,
    /// Crops after the onset `[B, T, 3, S, S]`, normalised.
    pub later: Option<Tensor<5>>,
    /// Patch tokens of those crops, where they are known already: the pixel tower then does not run.
    pub tokens: Option<VisualTokens>,
    /// Flow `[B, T, 3, h, w]`: u, v in percent of the distance between the eyes, strain in percent.
    pub flow: Option<Tensor<5>>,
    /// Region weights `[B, K, P]`.
    pub region: Tensor<3>,
    /// Region weights `[B, K, P]` of the subject's left and right half. An AU with nothing on a side has its whole region.
    pub region_of_side: Option<[Tensor<3>; 2]>,
    /// Patches in which a region of some clip has a share, rising: the others are never looked at by an AU that keeps to its
    /// region, and need not be computed.
    pub covered: Vec<usize>,
    /// Labels, when every clip has some.
    pub labels: Option<Labels>,
}

impl Batch {
    /// Clips as tensors, with everything that the input mode needs.
    ///
    /// # Errors
    /// [`ModelError::MissingInput`] for a clip without what the mode needs, [`ModelError::Shape`] for one of another size,
    /// [`ModelError::AuWithoutPatch`] for a region outside the crop.
    pub fn new(clips: &[ClipInput], config: &MicroAuClipConfig, device: &Device) -> Result<Batch, ModelError> {
        for (place, clip) in clips.iter().enumerate() {
            check_clip(place, clip, config)?;
        }
        let (side, frames) = (config.crop_px, config.frames.later());
        let tokens: Option<Vec<&ClipTokens>> = clips.iter().map(|clip| clip.tokens.as_ref()).collect();
        let tokens = tokens.filter(|_| config.input.sees_pixels()).map(|tokens| visual_tokens(&tokens, config, device));
        let sees_crops = tokens.is_none();
        let onset = (sees_crops && config.input.sees_onset()).then(|| {
            let crops = clips.iter().filter_map(|clip| clip.onset);
            Tensor::from_data(TensorData::new(pixels(crops), [clips.len(), 3, side, side]), device)
        });
        let later = (sees_crops && config.input.sees_pixels()).then(|| {
            let crops = clips.iter().flat_map(|clip| clip.later.iter().copied());
            Tensor::from_data(TensorData::new(pixels(crops), [clips.len(), frames, 3, side, side]), device)
        });
        let flow = config.input.sees_flow().then(|| {
            let planes = clips.iter().flat_map(|clip| &clip.flow).flat_map(|planes| planes.iter().copied()).collect();
            let side = config.flow_side();
            Tensor::from_data(
                TensorData::new::<f32, _>(planes, [clips.len(), frames, FLOW_CHANNELS, side, side]),
                device,
            )
        });
        let rows: Option<Vec<_>> = clips.iter().map(|clip| clip.labels).collect();
        Ok(Batch {
            onset,
            later,
            tokens,
            flow,
            covered: covered(clips, config.patch_count()),
            region: regions(clips.iter().map(|clip| clip.region.to_vec()), config, device),
            region_of_side: regions_of_sides(clips, config, device),
            labels: rows.map(|rows| Labels::from_rows(&rows, device)).transpose()?,
        })
    }

    /// B: number of clips.
    pub fn len(&self) -> usize {
        self.region.dims()[0]
    }

    /// Whether there is no clip.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same clips seen on one side of the face only; `None` without region weights of the sides.
    pub fn on_side(&self, side: Side) -> Option<Batch> {
        let [left, right] = self.region_of_side.clone()?;
        let region = if side == Side::Left { left } else { right };
        Some(Batch { region, region_of_side: None, ..self.clone() })
    }
}

/// Planes (u, v, strain) as the model takes them: `[3, h, w]` row-major, h = w = crop side / `stride_px`.
///
/// `flow` and `strain` are in px and px per px of the crop; out come percent of the distance between the eyes and percent,
/// each sample the mean over a square of `stride_px`.
///
/// # Panics
/// When flow and strain differ in size, or `stride_px` does not divide it.
pub fn flow_planes(flow: &FlowField, strain: &Plane, inter_ocular_px: f32, stride_px: usize) -> Vec<f32> {
    let to_percent = 100.0 / inter_ocular_px;
    let planes = [(&flow.u, to_percent), (&flow.v, to_percent), (strain, 100.0)];
    planes.iter().flat_map(|(plane, factor)| cell_means(plane, stride_px, *factor)).collect()
}

fn cell_means(plane: &Plane, stride: usize, factor: f32) -> Vec<f32> {
    let (cols, rows) = (plane.width / stride, plane.height / stride);
    assert!(
        (cols * stride, rows * stride) == (plane.width, plane.height),
        "expected a stride that divides {}x{}, got {stride}",
        plane.width,
        plane.height
    );
    let mut sums = vec![0.0; cols * rows];
    for y in 0..plane.height {
        let sums = &mut sums[y / stride * cols..][..cols];
        for (sum, cell) in sums.iter_mut().zip(plane.row(y).chunks_exact(stride)) {
            *sum += cell.iter().sum::<f32>();
        }
    }
    let scale = factor / (stride * stride) as f32;
    sums.into_iter().map(|sum| sum * scale).collect()
}

/// Interleaved bytes → normalised planes, one crop after the other.
fn pixels<'a>(crops: impl Iterator<Item = &'a [u8]>) -> Vec<f32> {
    let table: [[f32; 256]; 3] = std::array::from_fn(|channel| {
        std::array::from_fn(|byte| (byte as f32 / 255.0 - CLIP_MEAN[channel]) / CLIP_STD[channel])
    });
    let mut values = Vec::new();
    for crop in crops {
        for (channel, table) in table.iter().enumerate() {
            values.extend(crop.iter().skip(channel).step_by(3).map(|&byte| table[usize::from(byte)]));
        }
    }
    values
}

/// Tokens of many clips, `[B, P, V]` and `[B, T, P, V]`.
fn visual_tokens(clips: &[&ClipTokens], config: &MicroAuClipConfig, device: &Device) -> VisualTokens {
    let (patches, width) = (config.patch_count(), config.visual.width);
    let floats =
        |rows: &mut dyn Iterator<Item = &[f16]>| -> Vec<f32> { rows.flat_map(HalfFloatSliceExt::to_f32_vec).collect() };
    let onset = config.input.sees_onset().then(|| {
        let values = floats(&mut clips.iter().filter_map(|clip| clip.onset));
        Tensor::from_data(TensorData::new(values, [clips.len(), patches, width]), device)
    });
    let values = floats(&mut clips.iter().flat_map(|clip| clip.later.iter().copied()));
    let shape = [clips.len(), config.frames.later(), patches, width];
    VisualTokens { onset, later: Tensor::from_data(TensorData::new(values, shape), device) }
}

fn regions(rows: impl Iterator<Item = Vec<f32>>, config: &MicroAuClipConfig, device: &Device) -> Tensor<3> {
    let values: Vec<f32> = rows.flatten().collect();
    let row = config.au_count() * config.patch_count();
    Tensor::from_data(
        TensorData::new(values.clone(), [values.len() / row, config.au_count(), config.patch_count()]),
        device,
    )
}

fn regions_of_sides(clips: &[ClipInput], config: &MicroAuClipConfig, device: &Device) -> Option<[Tensor<3>; 2]> {
    let sides: Vec<[&[f32]; 2]> = clips.iter().map(|clip| clip.region_of_side).collect::<Option<_>>()?;
    let side_of = |side: usize| {
        let rows =
            clips.iter().zip(&sides).map(|(clip, sides)| one_side(sides[side], clip.region, config.patch_count()));
        regions(rows, config, device)
    };
    Some([side_of(0), side_of(1)])
}

/// Patches with a share of any region. Those of the sides lie within.
fn covered(clips: &[ClipInput], patches: usize) -> Vec<usize> {
    let mut seen = vec![false; patches];
    for row in clips.iter().flat_map(|clip| clip.region.chunks_exact(patches)) {
        seen.iter_mut().zip(row).for_each(|(seen, &share)| *seen |= share > 0.0);
    }
    (0..patches).filter(|&patch| seen[patch]).collect()
}

/// The weights of one side; where an AU has nothing there, those of both.
fn one_side(side: &[f32], both: &[f32], patches: usize) -> Vec<f32> {
    let rows = side.chunks_exact(patches).zip(both.chunks_exact(patches));
    rows.flat_map(|(side, both)| if side.iter().any(|&share| share > 0.0) { side } else { both }).copied().collect()
}

fn check_clip(place: usize, clip: &ClipInput, config: &MicroAuClipConfig) -> Result<(), ModelError> {
    let frames = config.frames.later();
    let missing = |needed| ModelError::MissingInput { clip: place, needed, input: config.input.to_string() };
    let shape = |what: &str, expected: usize, got: usize| {
        let what = format!("{what} of clip {place}");
        if expected == got { Ok(()) } else { Err(ModelError::Shape { what, expected: vec![expected], got: vec![got] }) }
    };
    let crop_len = 3 * config.crop_px * config.crop_px;
    if let Some(tokens) = clip.tokens.as_ref().filter(|_| config.input.sees_pixels()) {
        let tokens_len = config.patch_count() * config.visual.width;
        if config.input.sees_onset() {
            shape("tokens of the onset", tokens_len, tokens.onset.ok_or(missing("tokens of the onset"))?.len())?;
        }
        shape("number of later tokens", frames, tokens.later.len())?;
        tokens.later.iter().try_for_each(|later| shape("later tokens", tokens_len, later.len()))?;
    }
    if clip.tokens.is_none() && config.input.sees_onset() {
        shape("onset crop, bytes", crop_len, clip.onset.ok_or(missing("onset crop"))?.len())?;
    }
    if clip.tokens.is_none() && config.input.sees_pixels() {
        shape(
            "number of later crops",
            frames,
            Some(clip.later.len()).filter(|&n| n > 0).ok_or(missing("later crops"))?,
        )?;
        clip.later.iter().try_for_each(|crop| shape("later crop, bytes", crop_len, crop.len()))?;
    }
    if config.input.sees_flow() {
        let planes_len = FLOW_CHANNELS * config.flow_side() * config.flow_side();
        shape("number of flows", frames, Some(clip.flow.len()).filter(|&n| n > 0).ok_or(missing("flow"))?)?;
        clip.flow.iter().try_for_each(|planes| shape("flow planes", planes_len, planes.len()))?;
    }
    if let Some(labels) = clip.labels {
        shape("labels", config.au_count(), labels.len())?;
    }
    let region_len = config.au_count() * config.patch_count();
    for region in clip.region_of_side.iter().flatten().chain([&clip.region]) {
        shape("region weights", region_len, region.len())?;
    }
    let mut rows = config.aus.iter().zip(clip.region.chunks_exact(config.patch_count()));
    match rows.find(|(_, row)| !row.iter().any(|&share| share > 0.0)) {
        Some((&au, _)) => Err(ModelError::AuWithoutPatch { au, clip: place }),
        None => Ok(()),
    }
}
