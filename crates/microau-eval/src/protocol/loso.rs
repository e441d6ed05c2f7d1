//! Leave one subject out, and the action units that the field judges on each data set.

use microau_core::au::Au;

use super::{Folds, Member, ProtocolError, leave_one_out};

/// The action units that are judged on one data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuColumns {
    /// Key of the data set.
    pub dataset: &'static str,
    /// Units that are judged, by number.
    pub aus: &'static [Au],
    /// FACS numbers that belong to the set but have no column in this project.
    pub unscored: &'static [u8],
}

/// Units by data set as the MEB library lists them (Varanka et al., TAFFC 2023; `dataset_aus` of github.com/tvaranka/meb).
#[rustfmt::skip]
pub const AU_COLUMNS: [AuColumns; 5] = [
    AuColumns { dataset: "casme",  aus: &[Au::Au1, Au::Au4, Au::Au9, Au::Au14], unscored: &[] },
    AuColumns { dataset: "casme2", aus: &[Au::Au1, Au::Au2, Au::Au4, Au::Au7, Au::Au12, Au::Au14, Au::Au15, Au::Au17], unscored: &[] },
    AuColumns { dataset: "samm",   aus: &[Au::Au2, Au::Au4, Au::Au7, Au::Au12], unscored: &[] },
    AuColumns { dataset: "mmew",   aus: &[Au::Au1, Au::Au2, Au::Au4, Au::Au5, Au::Au7, Au::Au10, Au::Au12, Au::Au14], unscored: &[] },
    // AU45, a blink, is no unit of this project: its column is left out and every table says so
    AuColumns { dataset: "4dme",   aus: &[Au::Au1, Au::Au2, Au::Au4, Au::Au6, Au::Au7, Au::Au12, Au::Au17], unscored: &[45] },
];

/// The units that are judged on a data set; `None` for one of which the field has not said.
pub fn au_columns(dataset: &str) -> Option<AuColumns> {
    AU_COLUMNS.into_iter().find(|columns| columns.dataset == dataset)
}

/// One fold a subject: it is tested, all others are trained on.
///
/// # Errors
/// [`ProtocolError::TooFew`] below two subjects.
pub fn folds(members: &[Member]) -> Result<Folds, ProtocolError> {
    let all: Vec<usize> = (0..members.len()).collect();
    let splits = leave_one_out("loso", "subjects", members, &all, |member| &member.subject)?;
    Ok(Folds { splits, left_out: Vec::new() })
}
