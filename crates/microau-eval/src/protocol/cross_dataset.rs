//! CD6ME: leave one data set out over six, judged on twelve action units (Varanka et al., "Data leakage and evaluation
//! issues in micro-expression analysis", TAFFC 2023, doi 10.1109/TAFFC.2023.3265063).
//!
//! The units are [`Au::CD6ME`](microau_core::au::Au::CD6ME). The protocol counts 2,031 samples, pools the predictions of
//! the six folds and averages over five seeds.

use super::{Folds, LeftOut, Member, ProtocolError, leave_one_out};

/// The six data sets in the order of the published tables; of CAS(ME)³ it is part A.
pub const DATASETS: [&str; 6] = ["casme", "casme2", "samm", "4dme", "mmew", "casme3a"];

/// One fold a data set: it is tested, the others are trained on. Fewer than six are taken as they are.
///
/// # Errors
/// [`ProtocolError::TooFew`] below two of the six data sets, [`ProtocolError::SharedSubject`] when a subject is in two.
pub fn folds(members: &[Member]) -> Result<Folds, ProtocolError> {
    let (inside, outside): (Vec<usize>, Vec<usize>) =
        (0..members.len()).partition(|&index| DATASETS.contains(&members[index].dataset.as_str()));
    let reason = |dataset: &str| format!("{dataset} is none of the data sets of CD6ME ({})", DATASETS.join(", "));
    let left_out = |member: usize| LeftOut { member, reason: reason(&members[member].dataset) };
    let splits = leave_one_out("cd6me", "data sets", members, &inside, |member| &member.dataset)?;
    Ok(Folds { splits, left_out: outside.into_iter().map(left_out).collect() })
}
