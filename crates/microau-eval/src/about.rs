//! What is known of a run beside its scores, and is said with every figure of it.

use std::collections::BTreeMap;

use crate::protocol::Protocol;

/// What is known of a run beside its scores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The protocol by whose samples and units it is judged; `None` for all that was scored.
    pub judged_by: Option<Protocol>,
    /// What that protocol counts and the run lacks, a sentence.
    pub shortfall: Option<String>,
    /// Name of the protocol by which it was trained, where that is known.
    pub trained_by: Option<String>,
    /// How marks in cells of action units were read, by data set; empty where nobody wrote it down.
    pub au_policies: BTreeMap<String, String>,
}

impl About {
    /// A sentence each, for below the figures.
    pub fn notes(&self) -> Vec<String> {
        let judged = self.judged_by.map(|protocol| format!("Judged by the rules of {}.", protocol.name()));
        let mut by_policy: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (dataset, policy) in &self.au_policies {
            by_policy.entry(policy).or_default().push(dataset);
        }
        let read = |(policy, datasets): (&str, Vec<&str>)| {
            format!("Marks in cells of action units of {}: {policy}.", datasets.join(", "))
        };
        judged.into_iter().chain(self.shortfall.clone()).chain(by_policy.into_iter().map(read)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sets_that_were_read_alike_are_named_together() {
        let policy = |dataset: &str, policy: &str| (dataset.to_owned(), policy.to_owned());
        let about = About {
            judged_by: Some(Protocol::Loso),
            au_policies: [policy("casme", "k=open"), policy("mmew", "k=absent"), policy("samm", "k=open")].into(),
            ..About::default()
        };
        let marks = "Marks in cells of action units of";
        let expected = [
            "Judged by the rules of loso.".to_owned(),
            format!("{marks} mmew: k=absent."),
            format!("{marks} casme, samm: k=open."),
        ];
        assert_eq!(about.notes(), expected);
    }
}
