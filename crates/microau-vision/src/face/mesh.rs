//! 478 landmarks of the face in a square of the frame.

use image::RgbImage;
use microau_core::geom::{Point2, Point3};
use microau_core::landmarks::Landmarks;
use tracing::trace_span;

use super::roi::{Outside, Roi};
use crate::network::Network;

/// Side of the picture that the network sees, px.
const INPUT_PX: usize = 256;

/// What the mesh network says of a square.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// Landmarks in frame px, depth in the same scale.
    pub landmarks: Landmarks,
    /// Logit that a face is there: positive for a face.
    pub presence_logit: f32,
}

/// Places landmarks.
pub struct FaceMesh {
    network: Box<dyn Network>,
    input: Vec<f32>,
}

impl FaceMesh {
    /// A mesh over a network with input `[256, 256, 3]` in [0, 1] and outputs `[478, 3]` in crop px, presence logit, and one
    /// more that is not read.
    pub fn new(network: Box<dyn Network>) -> FaceMesh {
        FaceMesh { network, input: vec![0.0; INPUT_PX * INPUT_PX * 3] }
    }

    /// Landmarks of the face in a square; `None` when the square cannot be looked at.
    pub fn place(&mut self, frame: &RgbImage, roi: Roi) -> Option<Mesh> {
        let _stage = trace_span!("landmarks").entered();
        if !roi.is_usable() {
            return None;
        }
        roi.read(frame, Outside::Edge, INPUT_PX, (1.0 / 255.0, 0.0), &mut self.input);
        self.network.run(&self.input).expect("the input has the length that the network was checked for");
        let unit = 1.0 / INPUT_PX as f32;
        let points = self.network.output(0).chunks_exact(3).map(|p| {
            let at = roi.frame_from_unit(Point2::new(p[0] * unit, p[1] * unit));
            Point3::new(at.x, at.y, p[2] * unit * roi.side)
        });
        let landmarks = Landmarks::new(points.collect())?;
        let presence_logit = self.network.output(1)[0];
        presence_logit.is_finite().then_some(Mesh { landmarks, presence_logit })
    }
}
