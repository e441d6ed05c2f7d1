//! Which proposals to believe: the most likely of those that overlap. A face shows one expression at a time.

use serde::{Deserialize, Serialize};

/// Least overlap of spans that are taken for the same movement.
const FUSED: f64 = 0.4;

/// A movement on the clock of its film.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Last moment at rest, seconds.
    pub onset: f64,
    /// First moment at rest again, seconds.
    pub offset: f64,
}

/// Places of the spans to believe, the most likely first: none below the threshold, and no two that overlap.
///
/// # Panics
/// When spans and probabilities differ in number.
pub fn chosen(spans: &[Span], probabilities: &[f32], threshold: f32) -> Vec<usize> {
    assert_eq!(spans.len(), probabilities.len());
    let mut order: Vec<usize> = (0..spans.len()).filter(|&place| probabilities[place] >= threshold).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
    let mut chosen: Vec<usize> = Vec::new();
    for place in order {
        if chosen.iter().all(|&other| both(&spans[other], &spans[place]) == 0.0) {
            chosen.push(place);
        }
    }
    chosen
}

/// Onset and offset of a chosen span: the mean of all that cover it fairly well, by the eighth power of their probabilities, so
/// that a few likely ones decide. `settled` are the spans where they are thought to be, `of` is the chosen one.
///
/// # Panics
/// When spans and probabilities differ in number, or there is no span `of`.
pub fn fused(settled: &[Span], probabilities: &[f32], of: usize) -> Span {
    assert_eq!(settled.len(), probabilities.len());
    let near = settled.iter().zip(probabilities).filter(|(span, _)| overlap(span, &settled[of]) >= FUSED);
    let (mut onset, mut offset, mut all) = (0.0, 0.0, 0.0);
    for (span, probability) in near {
        let weight = f64::from(probability / probabilities[of]).powi(8);
        onset += weight * span.onset;
        offset += weight * span.offset;
        all += weight;
    }
    if all > 0.0 { Span { onset: onset / all, offset: offset / all } } else { settled[of] }
}

/// Intersection over union.
pub fn overlap(a: &Span, b: &Span) -> f64 {
    let whole = a.offset.max(b.offset) - a.onset.min(b.onset);
    if whole > 0.0 { both(a, b) / whole } else { 0.0 }
}

/// Time that two spans share, seconds.
fn both(a: &Span, b: &Span) -> f64 {
    (a.offset.min(b.offset) - a.onset.max(b.onset)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Span = Span { onset: 1.0, offset: 2.0 };
    const B: Span = Span { onset: 1.5, offset: 2.5 };
    const C: Span = Span { onset: 1.9, offset: 3.9 };
    const D: Span = Span { onset: 2.0, offset: 2.2 };

    #[test]
    fn the_most_likely_of_one_movement_is_believed() {
        assert_eq!(chosen(&[A, B, C], &[0.7, 0.9, 0.6], 0.5), [1]);
        assert_eq!(chosen(&[A, D], &[0.7, 0.6], 0.5), [0, 1], "one ends as the other begins");
        assert_eq!(chosen(&[A, C], &[0.4, 0.6], 0.5), [1]);
        assert_eq!(chosen(&[], &[], 0.5), [0; 0]);
    }

    #[test]
    fn likely_spans_of_one_movement_decide_on_it_together() {
        let near = Span { onset: 1.2, offset: 2.2 };
        let Span { onset, offset } = fused(&[A, near, C], &[0.8, 0.8, 0.8], 0);
        assert!(
            (onset - 1.1).abs() < 1e-9 && (offset - 2.1).abs() < 1e-9,
            "the third is too far away: {onset} {offset}"
        );
        let Span { onset, .. } = fused(&[A, near], &[0.8, 0.4], 0);
        assert!((onset - (1.0 + 0.2 / 257.0)).abs() < 1e-6, "half as likely counts 1/256: {onset}");
        assert_eq!(fused(&[A], &[0.0], 0), A);
    }

    #[test]
    fn overlap_is_intersection_over_union() {
        assert!((overlap(&A, &B) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(overlap(&A, &Span { onset: 2.0, offset: 3.0 }), 0.0);
        assert_eq!(overlap(&A, &A), 1.0);
    }
}
