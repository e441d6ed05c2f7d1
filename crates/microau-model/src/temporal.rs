//! Pooling over time: T motion tokens of a patch → one, for clips whose apex is not known.
//!
//! ```text
//! a_t = softmax_t( w · m_tp ) ,      m_p = Σ_t a_t m_tp                                     // method §1
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | m_tp | `motion` | [B, T, P, D] | motion tokens of frame t against the onset |
//! | w | `score` | D → 1 | how much a frame matters |
//!
//! Each patch is pooled by itself, so that nothing leaves an AU's region. With one frame the pooling does nothing.

use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

use crate::config::MicroAuClipConfig;
use crate::init::Init;

/// Attention over the frames after the onset.
#[derive(Module, Debug)]
pub struct TemporalPool {
    score: Option<Linear>,
}

impl TemporalPool {
    pub(crate) fn new(config: &MicroAuClipConfig, init: &mut Init) -> TemporalPool {
        TemporalPool { score: (config.frames.later() > 1).then(|| init.linear(config.width, 1, false)) }
    }

    /// # Shapes
    /// - motion: `[B, T, P, D]`
    /// - returns: `[B, P, D]`
    pub fn forward(&self, motion: Tensor<4>) -> Tensor<3> {
        match &self.score {
            None => motion.squeeze_dim(1),
            Some(score) => {
                let weights = softmax(score.forward(motion.clone()), 1); // [B, T, P, 1]
                (weights * motion).sum_dim(1).squeeze_dim(1) // method §1
            }
        }
    }
}
