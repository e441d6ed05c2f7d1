//! `au_policy.json` of a run: by which policy the marks in cells of action units were read, by data set.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use microau_data::Index;

/// Name of the file in a run's folder.
pub const POLICIES_NAME: &str = "au_policy.json";

/// What stands for a data set whose index does not say.
pub const UNKNOWN: &str = "not recorded";

/// The policy of each data set in one line; several, where rows differ, are joined by ` / `.
pub type Policies = BTreeMap<String, String>;

/// The policies that an index names, of the data sets that are annotated with action units.
pub fn of(index: &Index) -> Policies {
    let mut said: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for clip in index.clips.iter().filter(|clip| !clip.aus.is_unannotated()) {
        said.entry(&clip.dataset).or_default().insert(clip.au_policy.as_deref().unwrap_or(UNKNOWN));
    }
    let joined = |policies: BTreeSet<&str>| policies.into_iter().collect::<Vec<_>>().join(" / ");
    said.into_iter().map(|(dataset, policies)| (dataset.to_owned(), joined(policies))).collect()
}

/// The text of the file.
pub fn to_json(policies: &Policies) -> String {
    serde_json::to_string_pretty(policies).expect("policies are plain data") + "\n"
}

/// The policies of a run's folder; none where it does not say.
pub fn read(run: &Path) -> Policies {
    let text = std::fs::read_to_string(run.join(POLICIES_NAME)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}
