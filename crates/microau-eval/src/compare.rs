//! Two runs on the same samples: the difference of each figure with a paired bootstrap.

use crate::bootstrap::{Bootstrap, Interval};
use crate::measure::{AuChoice, Key, Measure};
use crate::run_figures::{Part, parts};
use crate::run_scores::{RunScores, Sample};
use crate::scores::ScoresError;

/// One figure of two runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Which figure.
    pub key: Key,
    /// Value of the first run, averaged over its seeds.
    pub first: Option<f64>,
    /// Value of the second.
    pub second: Option<f64>,
    /// Interval of first minus second over replicates in which the same subjects were drawn for both.
    pub interval: Option<Interval>,
    /// Two-sided p-value of "no difference" ([`crate::bootstrap`]); like the interval `None` unless asked for.
    pub p_value: Option<f64>,
}

impl Difference {
    /// First minus second.
    pub fn value(&self) -> Option<f64> {
        Some(self.first? - self.second?)
    }
}

/// Two runs on the same samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The samples: the pool, then each data set when there are several.
    pub parts: Vec<Part>,
    /// How many seeds each run is averaged over.
    pub seeds: [usize; 2],
    /// How intervals were drawn; `None` without them.
    pub bootstrap: Option<Bootstrap>,
    /// Every figure.
    pub differences: Vec<Difference>,
}

/// Compares two runs that were tested on the same samples. The runs may have other seeds and numbers of them.
///
/// # Errors
/// [`ScoresError::OtherSamples`], [`ScoresError::RunsDiffer`], and as [`Measure::new`].
pub fn compare(
    first: &RunScores,
    second: &RunScores,
    choice: &AuChoice,
    bootstrap: Option<Bootstrap>,
) -> Result<Comparison, ScoresError> {
    same_samples(first, second)?;
    // of units that one run alone has scored there is no difference
    let shared = first.aus().iter().copied().filter(|au| second.aus().contains(au)).collect();
    let choice = if *choice == AuChoice::All { AuChoice::Given(shared) } else { choice.clone() };
    let (ours, theirs) = (Measure::new(first, &choice)?, Measure::new(second, &choice)?);
    let pairs = ours.averaged(|_| 1).into_iter().zip(theirs.averaged(|_| 1));
    let plain = |((key, first), (_, second))| Difference { key, first, second, interval: None, p_value: None };
    let mut differences: Vec<Difference> = pairs.map(plain).collect();
    if let Some(bootstrap) = bootstrap {
        let drawn = bootstrap.run(ours.subjects(), |weights| {
            let weight = |sample: usize| weights[sample];
            let pairs = ours.averaged(weight).into_iter().zip(theirs.averaged(weight));
            pairs.map(|((_, first), (_, second))| Some(first? - second?)).collect()
        });
        for (difference, replicates) in differences.iter_mut().zip(drawn) {
            let is_defined = difference.value().is_some();
            difference.interval = replicates.interval(bootstrap.level).filter(|_| is_defined);
            difference.p_value = replicates.p_value().filter(|_| is_defined);
        }
    }
    Ok(Comparison { parts: parts(first, &ours), seeds: [ours.seeds(), theirs.seeds()], bootstrap, differences })
}

fn same_samples(first: &RunScores, second: &RunScores) -> Result<(), ScoresError> {
    let name = |run: &RunScores, sample: &Sample| format!("{} of {}", sample.name, run.datasets()[sample.dataset]);
    let names = |run: &RunScores| run.samples().iter().map(|sample| name(run, sample)).collect::<Vec<_>>();
    let (ours, theirs) = (names(first), names(second));
    let only_first: Vec<&String> = ours.iter().filter(|name| !theirs.contains(name)).collect();
    let only_second: Vec<&String> = theirs.iter().filter(|name| !ours.contains(name)).collect();
    if let Some(example) = only_first.first().or(only_second.first()) {
        let (only_first, only_second, example) = (only_first.len(), only_second.len(), example.to_string());
        return Err(ScoresError::OtherSamples { only_first, only_second, example });
    }
    for (ours, theirs) in first.samples().iter().zip(second.samples()) {
        let labels_agree =
            ours.labels.iter().all(|(au, label)| theirs.labels.get(au).is_none_or(|other| other == label));
        let what = match () {
            () if ours.subject != theirs.subject => "subject",
            () if !labels_agree => "labels",
            () => continue,
        };
        return Err(ScoresError::RunsDiffer { what, sample: name(first, ours) });
    }
    Ok(())
}
