//! Which spotted movement is which true one: one to one, the best overlap first.

use super::{Movement, Span};

/// Pairs of true and spotted movements, by their places in the two lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matching {
    /// The spotted movement of each true one.
    pub of_true: Vec<Option<usize>>,
    /// Whether each spotted movement has a true one.
    pub is_hit: Vec<bool>,
}

/// Pairs movements of one face that overlap by at least `least_iou`, the best overlap first; of equal ones the earlier in
/// the lists. Each is in one pair at most.
pub(super) fn matching<T, F>(truth: &[&Movement<T>], found: &[&Movement<F>], least_iou: f64) -> Matching {
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for (t, real) in truth.iter().enumerate() {
        for (f, spotted) in found.iter().enumerate() {
            let iou = overlap((real.face, real.span), (spotted.face, spotted.span));
            if iou > 0.0 && iou >= least_iou {
                pairs.push((iou, t, f));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut matching = Matching { of_true: vec![None; truth.len()], is_hit: vec![false; found.len()] };
    for (_, t, f) in pairs {
        if matching.of_true[t].is_none() && !matching.is_hit[f] {
            matching.of_true[t] = Some(f);
            matching.is_hit[f] = true;
        }
    }
    matching
}

/// The overlap of two movements, 0 when they are of two faces.
pub(super) fn overlap(one: (u32, Span), other: (u32, Span)) -> f64 {
    if one.0 == other.0 { one.1.iou(other.1) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn movements(spans: &[(u64, u64)]) -> Vec<Movement<()>> {
        let movement = |&(onset, offset)| Movement { face: 0, span: Span::new(onset, offset).unwrap(), kind: () };
        spans.iter().map(movement).collect()
    }

    fn matched(truth: &[(u64, u64)], found: &[(u64, u64)]) -> Vec<Option<usize>> {
        let (truth, found) = (movements(truth), movements(found));
        matching(&truth.iter().collect::<Vec<_>>(), &found.iter().collect::<Vec<_>>(), 0.5).of_true
    }

    #[test]
    fn the_best_overlap_wins_and_the_other_is_left_over() {
        // 8 of 10 frames, then 9 of 10
        assert_eq!(matched(&[(0, 9)], &[(0, 7), (0, 8)]), [Some(1)]);
    }

    #[test]
    fn half_is_enough_and_less_is_not() {
        assert_eq!(matched(&[(0, 9)], &[(0, 4)]), [Some(0)]);
        assert_eq!(matched(&[(0, 9)], &[(0, 3)]), [None]);
    }

    #[test]
    fn faces_are_kept_apart() {
        let (mut truth, found) = (movements(&[(0, 9)]), movements(&[(0, 9)]));
        truth[0].face = 1;
        assert_eq!(matching(&[&truth[0]], &[&found[0]], 0.5).of_true, [None]);
    }

    proptest! {
        #[test]
        fn every_movement_is_in_one_pair_at_most(
            truth in prop::collection::vec((0..60u64, 0..20u64), 0..8),
            found in prop::collection::vec((0..60u64, 0..20u64), 0..8),
        ) {
            let ends = |list: &[(u64, u64)]| list.iter().map(|&(from, length)| (from, from + length)).collect::<Vec<_>>();
            let (truth, found) = (movements(&ends(&truth)), movements(&ends(&found)));
            let result = matching(&truth.iter().collect::<Vec<_>>(), &found.iter().collect::<Vec<_>>(), 0.5);
            let mut used: Vec<usize> = result.of_true.iter().copied().flatten().collect();
            prop_assert_eq!(used.len(), result.is_hit.iter().filter(|&&hit| hit).count());
            used.sort_unstable();
            used.dedup();
            prop_assert_eq!(used.len(), result.of_true.iter().flatten().count());
            for (t, f) in result.of_true.iter().enumerate().filter_map(|(t, f)| Some((t, (*f)?))) {
                prop_assert!(truth[t].span.iou(found[f].span) >= 0.5);
            }
        }
    }
}
