//! What a protocol counts and a run lacks: figures on fewer data sets are none of the published ones.

use std::collections::BTreeSet;

use super::{Protocol, composite, cross_dataset};

impl Protocol {
    /// A sentence on what is missing of the data that the protocol is published on, from the data set and the subject of
    /// every tested sample; `None` where nothing is.
    pub fn shortfall<'a>(self, tested: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
        let (mut datasets, mut subjects, mut samples) = (BTreeSet::new(), BTreeSet::new(), 0);
        for (dataset, subject) in tested {
            samples += 1;
            datasets.insert(dataset);
            subjects.insert(subject);
        }
        let missing =
            |all: &[&'static str]| all.iter().copied().filter(|name| !datasets.contains(name)).collect::<Vec<_>>();
        match self {
            Protocol::Cd6me => {
                let missing = missing(&cross_dataset::DATASETS);
                (!missing.is_empty()).then(|| {
                    format!("{} of the six data sets of CD6ME are not here: {}.", missing.len(), missing.join(", "))
                })
            }
            Protocol::Composite => {
                let (all, of_all) = composite::PUBLISHED_COUNTS;
                let without = match missing(&composite::DATASETS).as_slice() {
                    [] => String::new(),
                    missing => format!(", without {}", missing.join(", ")),
                };
                let subjects = subjects.len();
                ((samples, subjects) != (all, of_all)).then(|| {
                    format!(
                        "MEGC2019 counts {all} samples of {of_all} subjects; here are {samples} of {subjects}{without}."
                    )
                })
            }
            Protocol::Loso | Protocol::Holdout => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sets_that_are_not_there_are_named() {
        let two = [("casme2", "casme2-1"), ("samm", "samm-1"), ("samm", "samm-2")];
        assert_eq!(
            Protocol::Cd6me.shortfall(two.into_iter()).unwrap(),
            "4 of the six data sets of CD6ME are not here: casme, 4dme, mmew, casme3a."
        );
        assert_eq!(
            Protocol::Composite.shortfall(two.into_iter()).unwrap(),
            "MEGC2019 counts 442 samples of 68 subjects; here are 3 of 3, without smic."
        );
        assert_eq!(Protocol::Cd6me.shortfall(cross_dataset::DATASETS.into_iter().map(|it| (it, it))), None);
        assert_eq!(Protocol::Loso.shortfall(two.into_iter()), None);
    }
}
