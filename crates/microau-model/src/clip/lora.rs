//! Low-rank adapters on the query and value projections.
//!
//! ```text
//! q ← q + s · x A_q B_q      v ← v + s · x A_v B_v
//! ```
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | A | [D, r] | down, uniform in ±1/√D |
//! | B | [r, D] | up, zero at the start, so that tuning starts from the pretrained tower |
//! | s | | [`LORA_SCALE`] |

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};

use super::parts::{matrix, zeros};
use crate::draw::Draw;

/// The factor s on the adapters' product, α/r with α = 2r.
///
/// Paper silent: the usual choice; only its product with the learning rate matters.
pub const LORA_SCALE: f32 = 2.0;

/// One low-rank product A·B.
#[derive(Module, Debug)]
pub struct LowRank {
    down: Param<Tensor<2>>,
    up: Param<Tensor<2>>,
}

impl LowRank {
    fn init(width: usize, rank: usize, draw: &mut Draw, device: &Device) -> Self {
        let limit = 1.0 / (width as f32).sqrt();
        Self {
            down: matrix(draw.uniform(width * rank, limit), [width, rank], device),
            up: Param::from_tensor(Tensor::zeros([rank, width], device)),
        }
    }

    /// [B, T, D] → [B, T, D]
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let low = x.matmul(self.down.val().unsqueeze()); // [B, T, r]
        low.matmul(self.up.val().unsqueeze()).mul_scalar(LORA_SCALE)
    }

    /// What the adapter adds to the full matrix: [D, D].
    fn delta(&self) -> Tensor<2> {
        self.down.val().matmul(self.up.val()).mul_scalar(LORA_SCALE)
    }
}

/// The adapters of one attention.
#[derive(Module, Debug)]
pub struct QueryValueLora {
    query: LowRank,
    value: LowRank,
}

impl QueryValueLora {
    /// Adapters that change nothing yet.
    pub(super) fn init(width: usize, rank: usize, draw: &mut Draw, device: &Device) -> Self {
        Self { query: LowRank::init(width, rank, draw, device), value: LowRank::init(width, rank, draw, device) }
    }

    /// What is added to the query: [B, T, D] → [B, T, D].
    pub(super) fn query_delta(&self, x: Tensor<3>) -> Tensor<3> {
        self.query.forward(x)
    }

    /// What is added to the value: [B, T, D] → [B, T, D].
    pub(super) fn value_delta(&self, x: Tensor<3>) -> Tensor<3> {
        self.value.forward(x)
    }

    /// The projection [D, 3D] with the adapters folded into it.
    pub(super) fn merged_into(self, qkv: Linear) -> Linear {
        let query = self.query.delta(); // [D, D]
        let device = query.device();
        let [width, _] = query.dims();
        let delta = Tensor::cat(vec![query, zeros([width, width], &device), self.value.delta()], 1);
        let weight = qkv.weight.map(|weight| (weight + delta).detach());
        Linear { weight, ..qkv }
    }
}
