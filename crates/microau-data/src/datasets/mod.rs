//! The field's datasets, one file each: from a folder as it is handed out to an [`Index`], with everything wrong told.
//!
//! Each dataset states where its table and frames lie and how its columns are named (a `Recipe`); the way from rows to
//! clips is the same for all: rows → corrections → frames checked on disk → action units under a policy → clips.
//! A row that cannot be used is left out of the index and stands as an error among the [`Problems`].

mod casme;
mod casme2;
mod casme3a;
mod casme3c;
mod casme_squared;
mod clips;
mod corrections;
mod dfme;
mod find;
mod fourdme;
mod generic;
mod mmew;
mod recipe;
mod samm;
mod samm_lv;
mod smic_hs;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::annotation::AuPolicy;
use crate::index::Index;
use crate::problems::{Problems, Severity};
use recipe::{Recipe, Source};

pub use corrections::Corrections;

/// Which dataset a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Layout {
    /// CASME.
    Casme,
    /// CASME II.
    Casme2,
    /// SAMM.
    Samm,
    /// SMIC, its high-speed part, whole films (HS-E) or cut clips.
    Smic,
    /// MMEW.
    Mmew,
    /// 4DME, its grey films.
    FourDme,
    /// CAS(ME)².
    CasmeSquared,
    /// CAS(ME)³, part A.
    Casme3a,
    /// CAS(ME)³, part C.
    Casme3c,
    /// SAMM Long Videos: annotations.
    SammLv,
    /// DFME: annotations.
    Dfme,
    /// Anyone's own clips in a CSV table.
    Generic,
}

impl Layout {
    /// All layouts with their names.
    pub const ALL: [(Layout, &'static str); 12] = [
        (Layout::Casme, "casme"),
        (Layout::Casme2, "casme2"),
        (Layout::Samm, "samm"),
        (Layout::Smic, "smic"),
        (Layout::Mmew, "mmew"),
        (Layout::FourDme, "4dme"),
        (Layout::CasmeSquared, "casme_squared"),
        (Layout::Casme3a, "casme3a"),
        (Layout::Casme3c, "casme3c"),
        (Layout::SammLv, "samm_lv"),
        (Layout::Dfme, "dfme"),
        (Layout::Generic, "generic"),
    ];

    /// Its name, with which subjects begin.
    pub fn name(self) -> &'static str {
        Layout::ALL.iter().find(|(layout, _)| *layout == self).expect("every layout has a name").1
    }

    fn recipe(self) -> Option<&'static Recipe> {
        Some(match self {
            Layout::Casme => &casme::RECIPE,
            Layout::Casme2 => &casme2::RECIPE,
            Layout::Samm => &samm::RECIPE,
            Layout::Smic => &smic_hs::RECIPE,
            Layout::Mmew => &mmew::RECIPE,
            Layout::FourDme => &fourdme::RECIPE,
            Layout::CasmeSquared => &casme_squared::RECIPE,
            Layout::Casme3a => &casme3a::RECIPE,
            Layout::Casme3c => &casme3c::RECIPE,
            Layout::SammLv => &samm_lv::RECIPE,
            Layout::Dfme => &dfme::RECIPE,
            Layout::Generic => return None,
        })
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no layout's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a layout such as {}, got {got:?}", nearest.join(" or "))]
pub struct UnknownLayout {
    /// What was given.
    pub got: String,
    /// The names that are most like it.
    pub nearest: Vec<&'static str>,
}

impl FromStr for Layout {
    type Err = UnknownLayout;

    fn from_str(text: &str) -> Result<Layout, UnknownLayout> {
        let known = Layout::ALL.iter().find(|(_, name)| *name == text);
        known.map(|(layout, _)| *layout).ok_or_else(|| {
            let likeness = |name: &str| strsim::jaro_winkler(&text.to_lowercase(), name);
            let mut names = Layout::ALL.map(|(_, name)| name);
            names.sort_by(|left, right| likeness(right).total_cmp(&likeness(left)));
            UnknownLayout { got: text.to_owned(), nearest: names[..3].to_vec() }
        })
    }
}

impl TryFrom<String> for Layout {
    type Error = UnknownLayout;

    fn try_from(text: String) -> Result<Layout, UnknownLayout> {
        text.parse()
    }
}

impl From<Layout> for String {
    fn from(layout: Layout) -> String {
        layout.name().to_owned()
    }
}

/// How a dataset is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadSettings {
    /// What the marks in cells of action units mean.
    pub policy: AuPolicy,
    /// Which of the published corrections are applied.
    pub corrections: Corrections,
    /// The table of annotations, where it is not found by its name.
    pub annotations: Option<PathBuf>,
    /// The folder below which the frames lie, where they are not found or lie in several forms.
    pub frames: Option<PathBuf>,
}

/// Reads the dataset in a folder.
///
/// The table is looked for under its known names in `dir` and two folders deep, the frames in every folder as deep that
/// holds some of the table's clips. What is wrong stands in the [`Problems`], and what can be used in the [`Index`].
pub fn read(layout: Layout, dir: &Path, settings: &ReadSettings) -> (Index, Problems) {
    let mut problems = Problems::default();
    let read = match layout.recipe() {
        Some(recipe) => read_by(recipe, dir, settings, &mut problems),
        None => generic::read(dir, settings, &mut problems),
    };
    let index = read.unwrap_or_else(|failed| {
        problems.list.extend(failed.list);
        Index::default()
    });
    (index, problems)
}

fn read_by(
    recipe: &'static Recipe,
    dir: &Path,
    settings: &ReadSettings,
    problems: &mut Problems,
) -> Result<Index, Problems> {
    let source = Source::open(recipe, dir, settings)?;
    let mut rows = (recipe.rows)(&source, problems)?;
    corrections::swap(recipe, settings.corrections, &mut rows, problems);
    let root = find::frame_root(recipe, dir, settings.frames.as_deref(), &rows, problems);
    let clips = clips::assemble(&source, &rows, root.as_ref(), settings, problems);
    if clips.is_empty() && !problems.has_errors() {
        let place = crate::problems::Place::whole(&source.workbook.path);
        problems.add(
            Severity::Error,
            &place,
            "rows",
            crate::problems::counted_rows(rows.len()),
            "expected at least one clip",
        );
    }
    Ok(Index { clips })
}
