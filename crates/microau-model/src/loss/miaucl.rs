//! MiAUCL, the micro-AU contrastive loss: AU features find their own text, texts find their own features.
//!
//! ```text
//! L_state = mean over known (i,k) of w_ik · softplus(−y'_ik z_ik)
//! L_v2t   = mean over active (i,k) of −log e^{a_ikk} / ( Σ_l e^{a_ikl} + e^{n_ik} )
//! L_t2v   = mean over k with positives of mean over its positives i of
//!           −log e^{a_ikk} / ( e^{a_ikk} + Σ_{j: y_jk = 0} e^{a_jkk} )
//! MiAUCL  = L_state + λ₁ L_v2t + λ₂ L_t2v                                                  // method §6
//! ```
//!
//! | symbol | variable | shape | meaning |
//! |---|---|---|---|
//! | z | `logits` | [B, K] | scores |
//! | y' | | [B, K] | +1 active, −1 inactive |
//! | w | `weights` | `[K]` | weight of an active label; an inactive one weighs 1 |
//! | a_ikl | `alignment.to_active` | [B, K, K] | v_ik·t_l^act / τ |
//! | n_ik | `alignment.to_inactive` | [B, K] | v_ik·t_k^inact / τ |
//!
//! Everything is computed on logits with log-sum-exp and log-sigmoid, so it is finite and right at logits of ±100.
//! Unknown labels take no part. A term without a single active label is 0.
//!
//! Paper silent: the abstract says that visual and text features are aligned in fine grain, and no formula.

use burn::tensor::Tensor;
use burn::tensor::activation::log_sigmoid;

use crate::head::Alignment;
use crate::labels::Labels;

/// Stands for −∞ in a sum of exponentials.
const MINUS_INFINITY: f32 = -1e9;

/// `L_state`: scalar `[1]`.
///
/// # Shapes
/// - logits: `[B, K]`
/// - weights: `[K]`
pub fn state_loss(logits: Tensor<2>, labels: &Labels, weights: Tensor<1>) -> Tensor<1> {
    let inactive = labels.inactive();
    let weighted = labels.active.clone() * weights.unsqueeze() + inactive.clone(); // w_ik, 0 where unknown
    let towards_label = logits * (labels.active.clone() - inactive); // y' z
    let surprise = log_sigmoid(towards_label).neg(); // softplus(−y' z)
    mean_of((weighted * surprise).sum(), labels.known.clone().sum()) // method §6
}

/// `L_v2t`: scalar `[1]`.
pub fn visual_to_text_loss(alignment: &Alignment, labels: &Labels) -> Tensor<1> {
    let candidates = Tensor::cat(vec![alignment.to_active.clone(), alignment.to_inactive.clone().unsqueeze_dim(2)], 2);
    let surprise = log_sum_exp(candidates, 2).squeeze_dim::<2>(2) - alignment.to_own(); // [B, K]
    mean_of((surprise * labels.active.clone()).sum(), labels.active.clone().sum()) // method §6
}

/// `L_t2v`: scalar `[1]`.
pub fn text_to_visual_loss(alignment: &Alignment, labels: &Labels) -> Tensor<1> {
    let own = alignment.to_own(); // [B, K]
    let not_negative = labels.inactive().lower_equal_elem(0.0);
    let negatives = log_sum_exp(own.clone().mask_fill(not_negative, MINUS_INFINITY), 0); // [1, K]
    let surprise = log_sigmoid(own - negatives).neg() * labels.active.clone(); // softplus(negatives − own)
    let positives = labels.active.clone().sum_dim(0); // [1, K]
    let by_au = surprise.sum_dim(0) / positives.clone().clamp_min(1.0);
    mean_of(by_au.sum(), positives.clamp_max(1.0).sum()) // method §6
}

/// `ln Σ exp x` along an axis, which stays with size 1.
fn log_sum_exp<const N: usize>(x: Tensor<N>, axis: usize) -> Tensor<N> {
    let largest = x.clone().detach().max_dim(axis);
    (x - largest.clone()).exp().sum_dim(axis).log() + largest
}

/// A sum over a count; 0 when nothing was counted.
fn mean_of(sum: Tensor<1>, count: Tensor<1>) -> Tensor<1> {
    sum / count.clamp_min(1.0)
}
