//! A stretch of frames, and how far two of them agree.

/// Frames of one movement, both ends among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    onset: u64,
    offset: u64,
}

impl Span {
    /// The frames from `onset` to `offset`, both among them; `None` when they are not in order.
    pub fn new(onset: u64, offset: u64) -> Option<Span> {
        (onset <= offset).then_some(Span { onset, offset })
    }

    /// The first frame.
    pub fn onset(self) -> u64 {
        self.onset
    }

    /// The last frame.
    pub fn offset(self) -> u64 {
        self.offset
    }

    /// Number of frames, at least 1.
    pub fn frames(self) -> u64 {
        self.offset - self.onset + 1
    }

    /// Frames of both over frames of either, from 0 to 1.
    pub fn iou(self, other: Span) -> f64 {
        let (first, last) = (self.onset.max(other.onset), self.offset.min(other.offset));
        let shared = (last + 1).saturating_sub(first);
        shared as f64 / (self.frames() + other.frames() - shared) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(onset: u64, offset: u64) -> Span {
        Span::new(onset, offset).unwrap()
    }

    #[test]
    fn the_overlap_is_the_fraction_written_out() {
        // 10..=19 and 15..=24 share 5 of 15 frames
        assert_eq!(span(10, 19).iou(span(15, 24)), 5.0 / 15.0);
        assert_eq!(span(10, 19).iou(span(10, 14)), 0.5);
        assert_eq!(span(3, 3).iou(span(3, 3)), 1.0);
        assert_eq!(span(3, 5).iou(span(6, 9)), 0.0);
    }

    #[test]
    fn an_end_before_its_beginning_is_no_span() {
        assert_eq!(Span::new(5, 4), None);
    }

    proptest! {
        #[test]
        fn the_overlap_is_that_of_the_sets_of_frames(a in 0..40u64, b in 0..20u64, c in 0..40u64, d in 0..20u64) {
            let (one, other) = (span(a, a + b), span(c, c + d));
            let shared = (a..=a + b).filter(|frame| (c..=c + d).contains(frame)).count() as f64;
            let either = (0..80).filter(|f| (a..=a + b).contains(f) || (c..=c + d).contains(f)).count() as f64;
            prop_assert_eq!(one.iou(other), shared / either);
            prop_assert_eq!(one.iou(other), other.iou(one));
        }
    }
}
