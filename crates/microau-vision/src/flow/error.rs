//! What can be wrong with the input of the flow.

use super::pyramid::Size;

/// Why no flow could be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// The two images must have one size.
    #[error(
        "flow needs two images of one size, expected {expected_width}x{expected_height} as the first, \
         got {width}x{height}"
    )]
    SizeMismatch {
        /// Width of the first image, px.
        expected_width: usize,
        /// Height of the first image, px.
        expected_height: usize,
        /// Width of the second image, px.
        width: usize,
        /// Height of the second image, px.
        height: usize,
    },
}

impl FlowError {
    pub(super) fn sizes(expected: Size, got: Size) -> FlowError {
        FlowError::SizeMismatch {
            expected_width: expected.width,
            expected_height: expected.height,
            width: got.width,
            height: got.height,
        }
    }
}
