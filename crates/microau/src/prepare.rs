//! From two frames and a face to the [`Sample`] that a model sees: the one way in, for detection and for training.
//!
//! method §1: one similarity places the crop for the whole clip; a robust similarity fitted to the flow over the parts
//! that no AU moves is the motion of the head, and is taken out of the flow and of the apex crop.

use image::RgbImage;
use microau_core::geom::Similarity;
use microau_core::landmarks::Landmarks;
use microau_core::plane::{FlowField, Plane};
use microau_core::sample::Sample;
use microau_vision::face::align;
use microau_vision::flow::{DenseFlow, head_motion};

/// Landmarks from which no crop can be placed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected landmarks of a face, found none with two distinct eyes")]
pub struct NoFace;

/// What became of the two frames of one clip.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What the model sees.
    pub sample: Sample,
    /// Crop px from frame px, for the whole clip.
    pub crop_from_frame: Similarity,
    /// Motion of the head from onset to apex, crop px to crop px; already taken out of the sample.
    pub head_motion: Similarity,
}

/// Makes samples of one size; keeps its buffers between calls.
pub struct Preparer {
    crop_px: usize,
    keep_pixels: bool,
    flow: DenseFlow,
}

impl Preparer {
    /// A preparer for crops of `crop_px` pixels square; without `keep_pixels` the samples carry flow and landmarks only.
    pub fn new(crop_px: usize, keep_pixels: bool) -> Preparer {
        Preparer { crop_px, keep_pixels, flow: DenseFlow::medium() }
    }

    /// The sample of a clip from its onset and apex frames.
    ///
    /// `landmarks` are those of the clip's first frames, in px of the frame: their mean places the crop.
    ///
    /// # Errors
    /// [`NoFace`] when there are no landmarks or both eyes lie in one point.
    pub fn sample(&mut self, onset: &RgbImage, apex: &RgbImage, landmarks: &[Landmarks]) -> Result<Prepared, NoFace> {
        let size = self.crop_px as u32;
        let crop_from_frame = align::crop_from_frame(landmarks, size).ok_or(NoFace)?;
        let marks = Landmarks::mean(landmarks).ok_or(NoFace)?.transformed(&crop_from_frame);

        let [first, second] = [onset, apex].map(|frame| align::warp_gray(frame, &crop_from_frame, size));
        let (muscle, head) = head_motion::stabilised_flow(&mut self.flow, &first, &second, &marks)
            .expect("both crops have the size of the crop");

        let (mut onset_rgb, mut apex_rgb) = (Vec::new(), Vec::new());
        if self.keep_pixels {
            // the apex crop as if the head had stayed where it was
            let steady = head.similarity.inverse().map_or(crop_from_frame, |back| crop_from_frame.then(&back));
            onset_rgb = align::warp(onset, &crop_from_frame, size).into_raw();
            apex_rgb = align::warp(apex, &steady, size).into_raw();
        }
        let sample =
            Sample { crop_px: self.crop_px, onset_rgb, apex_rgb, flow: in_face_units(&muscle), landmarks: marks };
        Ok(Prepared { sample, crop_from_frame, head_motion: head.similarity })
    }
}

/// Flow of a crop averaged over cells of [`Sample::FLOW_STRIDE`] px, in hundredths of the distance between the eyes.
fn in_face_units(flow: &FlowField) -> FlowField {
    let factor = Sample::flow_units_per_px(flow.width());
    FlowField { u: cell_means(&flow.u, factor), v: cell_means(&flow.v, factor) }
}

fn cell_means(plane: &Plane, factor: f32) -> Plane {
    const STRIDE: usize = Sample::FLOW_STRIDE;
    let mut means = Plane::new(plane.width / STRIDE, plane.height / STRIDE);
    for y in 0..means.height {
        for x in 0..means.width {
            let rows = (y * STRIDE..(y + 1) * STRIDE).map(|row| &plane.row(row)[x * STRIDE..(x + 1) * STRIDE]);
            let sum: f32 = rows.flatten().sum();
            means.set(x, y, sum * factor / (STRIDE * STRIDE) as f32);
        }
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_of_the_eye_distance_measures_a_hundred() {
        let mut flow = FlowField::new(224, 224);
        flow.u.data.fill(0.36 * 224.0);
        let units = in_face_units(&flow);
        assert_eq!((units.width(), units.height()), (112, 112));
        assert!(units.u.data.iter().all(|u| (u - 100.0).abs() < 1e-3));
        assert!(units.v.data.iter().all(|&v| v == 0.0));
    }
}
