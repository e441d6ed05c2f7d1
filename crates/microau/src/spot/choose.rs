//! Which proposals to believe: the most likely of those that overlap. A face shows one expression at a time.

use serde::{Deserialize, Serialize};

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
    fn overlap_is_intersection_over_union() {
        assert!((overlap(&A, &B) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(overlap(&A, &Span { onset: 2.0, offset: 3.0 }), 0.0);
        assert_eq!(overlap(&A, &A), 1.0);
    }
}
