//! The three networks of the face landmarker.

use crate::network::{Bundle, LiteNetwork, Network, NetworkError};

/// Google's face landmarker, float16, Apache-2.0; see the README beside it.
static EMBEDDED_TASK: &[u8] = include_bytes!("../../assets/face_landmarker/face_landmarker.task");

/// The networks that find a face, place its landmarks and name its expression.
pub struct FaceNetworks {
    /// 128 x 128 RGB in [-1, 1] → 896 x 16 boxes and key points, 896 logits.
    pub detector: Box<dyn Network>,
    /// 256 x 256 RGB in [0, 1] → 478 x 3 landmarks in crop px, presence logit, an unused scalar.
    pub mesh: Box<dyn Network>,
    /// 146 x 2 landmarks in frame px → 52 blendshapes in [0, 1].
    pub blendshapes: Box<dyn Network>,
}

impl FaceNetworks {
    /// The networks in this binary.
    ///
    /// # Errors
    /// None in a sound binary; see [`FaceNetworks::from_task`].
    pub fn embedded() -> Result<FaceNetworks, NetworkError> {
        FaceNetworks::from_task(EMBEDDED_TASK)
    }

    /// The networks in the bytes of a `face_landmarker.task` file.
    ///
    /// # Errors
    /// When the file is damaged, or its networks are not those of a face landmarker with 478 landmarks.
    pub fn from_task(bytes: &[u8]) -> Result<FaceNetworks, NetworkError> {
        let bundle = Bundle::new(bytes)?;
        let load = |member: &str, role, inputs, outputs: &[usize]| -> Result<Box<dyn Network>, NetworkError> {
            let network = LiteNetwork::from_tflite(bundle.member(member)?)?;
            expect_shape(&network, role, inputs, outputs)?;
            Ok(Box::new(network))
        };
        Ok(FaceNetworks {
            detector: load("face_detector.tflite", "a face detector", 128 * 128 * 3, &[896 * 16, 896])?,
            mesh: load("face_landmarks_detector.tflite", "a face mesh", 256 * 256 * 3, &[478 * 3, 1, 1])?,
            blendshapes: load("face_blendshapes.tflite", "blendshapes", 146 * 2, &[52])?,
        })
    }
}

fn expect_shape(
    network: &dyn Network,
    role: &'static str,
    inputs: usize,
    outputs: &[usize],
) -> Result<(), NetworkError> {
    let got: Vec<usize> = (0..network.output_count()).map(|index| network.output(index).len()).collect();
    if network.input_len() != inputs {
        return Err(NetworkError::InputLength { expected: inputs, got: network.input_len() });
    }
    if got != outputs {
        return Err(NetworkError::Shape { role, expected: outputs.to_vec(), got });
    }
    Ok(())
}
