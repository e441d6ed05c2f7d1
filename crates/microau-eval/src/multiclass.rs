//! Figures of one class out of several, from counts.
//!
//! ```text
//! F1 of class c = 2 TP_c / (2 TP_c + FP_c + FN_c)        recall of c = TP_c / (TP_c + FN_c)
//! UF1 = mean F1 over classes      UAR = mean recall over classes      accuracy = right / all
//! ```
//!
//! As MEGC2019 defines them: counted once over the pool of all folds. Means go over the classes that have a sample. A
//! sample to which no class was given is a miss of its class and a false alarm of none.

/// How often each class was taken for which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassCounts {
    classes: usize,
    /// Row by true class, column by predicted class, the last column for none.
    counts: Vec<u64>,
}

impl ClassCounts {
    /// Counts over so many classes, all 0.
    pub fn new(classes: usize) -> ClassCounts {
        ClassCounts { classes, counts: vec![0; classes * (classes + 1)] }
    }

    /// Counts samples given by true class, predicted class and weight.
    ///
    /// # Panics
    /// When a class is not below `classes`.
    pub fn count(classes: usize, samples: impl IntoIterator<Item = (usize, Option<usize>, u64)>) -> ClassCounts {
        let mut counts = ClassCounts::new(classes);
        for (truth, predicted, weight) in samples {
            assert!(truth < classes && predicted.is_none_or(|class| class < classes), "a class beyond {classes}");
            counts.counts[truth * (classes + 1) + predicted.unwrap_or(classes)] += weight;
        }
        counts
    }

    /// Samples of one class that were taken for another; `None` for those that were given no class.
    pub fn at(&self, truth: usize, predicted: Option<usize>) -> u64 {
        self.counts[truth * (self.classes + 1) + predicted.unwrap_or(self.classes)]
    }

    /// Samples of one class.
    pub fn samples_of(&self, truth: usize) -> u64 {
        self.counts[truth * (self.classes + 1)..][..=self.classes].iter().sum()
    }

    /// F1 of one class; `None` when it has no sample.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let hits = self.at(class, Some(class));
        let (samples, predicted) = (self.samples_of(class), (0..self.classes).map(|truth| self.at(truth, Some(class))));
        (samples > 0).then(|| 2.0 * hits as f64 / (samples + predicted.sum::<u64>()) as f64)
    }

    /// Share of one class that was found; `None` when it has no sample.
    pub fn recall(&self, class: usize) -> Option<f64> {
        let samples = self.samples_of(class);
        (samples > 0).then(|| self.at(class, Some(class)) as f64 / samples as f64)
    }

    /// Unweighted F1: the mean over classes; `None` without samples.
    pub fn uf1(&self) -> Option<f64> {
        crate::figure::mean((0..self.classes).filter_map(|class| self.f1(class)))
    }

    /// Unweighted average recall: the mean over classes; `None` without samples.
    pub fn uar(&self) -> Option<f64> {
        crate::figure::mean((0..self.classes).filter_map(|class| self.recall(class)))
    }

    /// Share of all samples that were given their class; `None` without samples.
    pub fn accuracy(&self) -> Option<f64> {
        let (right, all) = ((0..self.classes).map(|class| self.at(class, Some(class))), self.counts.iter());
        let all: u64 = all.sum();
        (all > 0).then(|| right.sum::<u64>() as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_the_fractions_written_out() {
        // truth 0: two right, one taken for 1; truth 1: one right, one without a class; class 2 has no sample
        let samples = [(0, Some(0), 2), (0, Some(1), 1), (1, Some(1), 1), (1, None, 1)];
        let counts = ClassCounts::count(3, samples);
        assert_eq!(counts.f1(0), Some(4.0 / 5.0));
        assert_eq!(counts.f1(1), Some(2.0 / 4.0));
        assert_eq!(counts.f1(2), None);
        assert_eq!(counts.uf1(), Some((4.0 / 5.0 + 2.0 / 4.0) / 2.0));
        assert_eq!(counts.uar(), Some((2.0 / 3.0 + 1.0 / 2.0) / 2.0));
        assert_eq!(counts.accuracy(), Some(3.0 / 5.0));
    }

    #[test]
    fn no_samples_have_no_figures() {
        let counts = ClassCounts::new(3);
        assert_eq!((counts.uf1(), counts.uar(), counts.accuracy()), (None, None, None));
    }
}
