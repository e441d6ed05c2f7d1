//! Stand-ins of the field's licensed data sets: the same workbooks, folders, names, counts and AU statistics, filled with
//! generated faces.
//!
//! * [`StandInPlan`]: what a stand-in holds, drawn from a seed; pure.
//! * [`write_stand_in`]: the plan filmed and written below a folder.
//!
//! What is published of a data set and what is our guess stands at the head of its file in `corpus`.

mod codes;
mod company;
mod corpus;
mod deal;
mod draw;
mod facts;
mod feeling;
mod film;
mod folder;
mod plan;
mod sheet;

use microau_core::au::Side;
use serde::{Deserialize, Serialize};

use crate::dice::Dice;
use crate::error::SynthError;

use draw::Draft;
use facts::Facts;
use film::Look;

pub use folder::{MARKER_NAME, README_NAME, write_stand_in};
pub use plan::{Code, PlannedClip, StandInPlan};
pub use sheet::{Cell, Sheet, Workbook};

/// A data set whose folders and workbooks are imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// CASME: 189 clips of 19 people.
    Casme,
    /// CASME II: 255 clips of 26 people.
    Casme2,
    /// SAMM: 159 clips of 29 people.
    Samm,
    /// SMIC-HS and SMIC-HS-E: 164 clips of 16 people, no AUs.
    Smic,
    /// MMEW: 300 clips of 30 people.
    Mmew,
    /// 4DME: 267 clips of 56 people.
    #[serde(rename = "4dme")]
    FourDme,
    /// CAS(ME)²: 57 micro- and 300 macro-expressions of 22 people in long films.
    CasmeSquared,
    /// CAS(ME)³ part A: 860 events of 94 people in 463 films.
    Casme3a,
    /// CAS(ME)³ part C: 165 events of 30 people.
    Casme3c,
    /// SAMM long videos: 159 micro- and 343 macro-expressions of 32 people.
    SammLv,
    /// DFME, training sheet: 1,856 clips of 176 people.
    Dfme,
}

impl Layout {
    /// All layouts.
    #[rustfmt::skip]
    pub const ALL: [Layout; 11] = [
        Layout::Casme, Layout::Casme2, Layout::Samm, Layout::Smic, Layout::Mmew, Layout::FourDme, Layout::CasmeSquared,
        Layout::Casme3a, Layout::Casme3c, Layout::SammLv, Layout::Dfme,
    ];

    /// Name on the command line and in the folder's marker, e.g. `casme2`.
    pub const fn name(self) -> &'static str {
        match self {
            Layout::Casme => "casme",
            Layout::Casme2 => "casme2",
            Layout::Samm => "samm",
            Layout::Smic => "smic",
            Layout::Mmew => "mmew",
            Layout::FourDme => "4dme",
            Layout::CasmeSquared => "casme_squared",
            Layout::Casme3a => "casme3a",
            Layout::Casme3c => "casme3c",
            Layout::SammLv => "samm_lv",
            Layout::Dfme => "dfme",
        }
    }

    /// The name that people give it, e.g. `CASME II`.
    pub const fn title(self) -> &'static str {
        match self {
            Layout::Casme => "CASME",
            Layout::Casme2 => "CASME II",
            Layout::Samm => "SAMM",
            Layout::Smic => "SMIC-HS",
            Layout::Mmew => "MMEW",
            Layout::FourDme => "4DME",
            Layout::CasmeSquared => "CAS(ME)²",
            Layout::Casme3a => "CAS(ME)³ part A",
            Layout::Casme3c => "CAS(ME)³ part C",
            Layout::SammLv => "SAMM long videos",
            Layout::Dfme => "DFME",
        }
    }

    fn corpus(self) -> &'static dyn Corpus {
        match self {
            Layout::Casme => &corpus::casme::Casme,
            Layout::Casme2 => &corpus::casme2::Casme2,
            Layout::Samm => &corpus::samm::Samm,
            Layout::Smic => &corpus::smic::Smic,
            Layout::Mmew => &corpus::mmew::Mmew,
            Layout::FourDme => &corpus::four_dme::FourDme,
            Layout::CasmeSquared => &corpus::casme_squared::CasmeSquared,
            Layout::Casme3a => &corpus::casme3a::Casme3a,
            Layout::Casme3c => &corpus::casme3c::Casme3c,
            Layout::SammLv => &corpus::samm_lv::SammLv,
            Layout::Dfme => &corpus::dfme::Dfme,
        }
    }
}

/// Whole frames, or the faces cut out of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrameKind {
    /// As the camera took them.
    #[default]
    Raw,
    /// The face alone, in the folders and under the names of the set's own crops.
    Cropped,
}

/// Which stand-in, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandInSettings {
    /// The data set imitated.
    pub layout: Layout,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Events, at most as many as the data set has; all when missing, or in proportion to `subjects`.
    #[serde(default)]
    pub clips: Option<usize>,
    /// People, at most as many as the data set has; all when missing, or in proportion to `clips`.
    #[serde(default)]
    pub subjects: Option<usize>,
    /// Frames written before each onset and after each offset, 0..=500.
    #[serde(default = "default_margin")]
    pub margin: u32,
    /// Width and height of the frames, px, 64..=1024 each; by the layout when missing.
    #[serde(default)]
    pub frame_size: Option<[u32; 2]>,
    /// Whole frames or faces.
    #[serde(default)]
    pub kind: FrameKind,
    /// Quality of frames that are stored as JPEG, 20..=100.
    #[serde(default = "default_quality")]
    pub jpeg_quality: u8,
    /// AUs meet by chance alone: each is shown as often as in the data set, whatever else a clip shows. Some clips show none, and
    /// objective classes are not those published.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub independent: bool,
}

const fn default_margin() -> u32 {
    2
}

const fn default_quality() -> u8 {
    90
}

impl StandInSettings {
    /// A stand-in at full size.
    pub const fn new(layout: Layout, seed: u64) -> StandInSettings {
        StandInSettings {
            layout,
            seed,
            clips: None,
            subjects: None,
            margin: default_margin(),
            frame_size: None,
            kind: FrameKind::Raw,
            jpeg_quality: default_quality(),
            independent: false,
        }
    }

    /// Draws what the stand-in holds.
    ///
    /// # Errors
    /// [`SynthError::BadSetting`] for a value outside its range.
    pub fn plan(&self) -> Result<StandInPlan, SynthError> {
        draw::plan(self)
    }

    fn check(&self) -> Result<(), SynthError> {
        let bad = |name, expected, got: String| Err(SynthError::BadSetting { name, expected, got });
        match self.frame_size {
            Some([w, h]) if ![w, h].iter().all(|side| (64..=1024).contains(side)) => {
                return bad("frame_size", "64..=1024 px each way", format!("{w}x{h}"));
            }
            _ => {}
        }
        if self.margin > 500 {
            return bad("margin", "0..=500", self.margin.to_string());
        }
        if !(20..=100).contains(&self.jpeg_quality) {
            return bad("jpeg_quality", "20..=100", self.jpeg_quality.to_string());
        }
        Ok(())
    }
}

/// What a data set is known for, and how it writes things down.
trait Corpus: Sync {
    /// Its figures.
    fn facts(&self) -> Facts;

    /// The token of an AU in the cell.
    fn spell(&self, au: u8, side: Option<Side>, doubtful: bool, _: &mut Dice) -> String {
        plain_token(au, side, doubtful)
    }

    /// Names of subjects and clips, and what is odd about the set.
    fn finish(&self, plan: &mut StandInPlan, draft: &mut Draft);

    /// Its workbooks.
    fn workbooks(&self, plan: &StandInPlan) -> Vec<Workbook>;

    /// Folder of an event's frames.
    fn folder(&self, clip: &PlannedClip, kind: FrameKind) -> String;

    /// Name of a frame.
    fn frame(&self, clip: &PlannedClip, number: u32, kind: FrameKind) -> String;

    /// Its studio.
    fn look(&self, kind: FrameKind) -> Look;
}

/// `L12`, `4?`, `9`.
fn plain_token(au: u8, side: Option<Side>, doubtful: bool) -> String {
    let side = side.map(|side| side.letter().to_string()).unwrap_or_default();
    format!("{side}{au}{}", if doubtful { "?" } else { "" })
}
