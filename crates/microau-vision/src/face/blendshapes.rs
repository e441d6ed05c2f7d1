//! 52 coefficients of expression, named as in ARKit, from landmarks alone.

use microau_core::landmarks::Landmarks;
use tracing::trace_span;

use crate::network::Network;

/// Coefficients in [0, 1], in the order of [`NAMES`]. Left and right are the subject's own.
pub type Blendshapes = [f32; 52];

/// Names of the coefficients; the first has no use.
#[rustfmt::skip]
pub const NAMES: [&str; 52] = [
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight",
    "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight",
];

/// The coefficient of this name; 0 when there is none.
pub fn named(shapes: &Blendshapes, name: &str) -> f32 {
    NAMES.iter().position(|&it| it == name).map_or(0.0, |place| shapes[place])
}

/// Landmarks that the network reads, in its order.
#[rustfmt::skip]
const READ: [usize; 146] = [
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80, 81,
    82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153, 154, 155,
    157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269,
    270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318, 321, 323, 324, 332,
    334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386, 387, 388, 389, 390, 397,
    398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
];

/// Names expressions.
pub struct BlendshapeReader {
    network: Box<dyn Network>,
    input: Vec<f32>,
}

impl BlendshapeReader {
    /// A reader over a network with input `[146, 2]` in frame px and output `[52]`.
    pub fn new(network: Box<dyn Network>) -> BlendshapeReader {
        BlendshapeReader { network, input: vec![0.0; READ.len() * 2] }
    }

    /// The coefficients of a face.
    pub fn read(&mut self, landmarks: &Landmarks) -> Blendshapes {
        let _stage = trace_span!("blendshapes").entered();
        for (pair, &index) in self.input.chunks_exact_mut(2).zip(&READ) {
            let point = landmarks.xy(index);
            pair.copy_from_slice(&[point.x, point.y]);
        }
        self.network.run(&self.input).expect("the input has the length that the network was checked for");
        let mut out = [0.0; 52];
        out.copy_from_slice(self.network.output(0));
        out
    }
}
